/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second noun: the limits and counters of a network namespace.
 */
#ifndef _LQ_NET_H
#define _LQ_NET_H

#include <linux/listenq.h>

struct net;

/**
 * typedef lq_net_fn - what a walk over the namespaces does with one
 *
 * Called under rcu_read_lock(). Returns as an lq_walk_fn does.
 */
typedef int (*lq_net_fn)(struct net *net, void *arg);

int lq_net_walk(u64 *below, const struct net *only, lq_net_fn fn, void *arg);
u64 lq_net_mib(const struct net *net, int mib);
void lq_net_fill(struct listenq_net *n, struct net *net);

#endif /* _LQ_NET_H */
