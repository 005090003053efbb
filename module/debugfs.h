/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/listenq: the same structs as text, for hosts without the
 * tool. Root's, all namespaces.
 */
#ifndef _LQ_DEBUGFS_H
#define _LQ_DEBUGFS_H

void lq_debugfs_init(void);
void lq_debugfs_exit(void);

#endif /* _LQ_DEBUGFS_H */
