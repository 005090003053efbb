/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Telling subscribers of a network namespace what happens in it, at a bounded
 * rate.
 */
#ifndef _LQ_EVENTS_H
#define _LQ_EVENTS_H

#include <linux/listenq.h>

struct lq_net;
struct net;
struct sock;

void lq_event_send(struct net *net, u32 type, const struct listenq_listener *l,
		   const struct listenq_episode *e);
void lq_event_queue(struct sock *sk, u32 type);
void lq_event_net_init(struct lq_net *lqn);
void lq_events_forget_net(const struct net *net);
void lq_events_quiesce(void);

#endif /* _LQ_EVENTS_H */
