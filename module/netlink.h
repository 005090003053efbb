/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink: the family, what it accepts and what it answers.
 */
#ifndef _LQ_NETLINK_H
#define _LQ_NETLINK_H

int lq_netlink_init(void);
void lq_netlink_exit(void);

#endif /* _LQ_NETLINK_H */
