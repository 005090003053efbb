/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which listener dropped what: the hooks, and what readers may know of what they
 * counted.
 */
#ifndef _LQ_TRACK_H
#define _LQ_TRACK_H

#include <linux/listenq.h>

struct net;

/**
 * typedef lq_hook_fn - what a walk over the hooks does with one; non-zero stops
 */
typedef int (*lq_hook_fn)(const struct listenq_hook *hook, void *arg);

int lq_track_set(bool on);
void lq_track_fill(struct listenq_track *t);
int lq_hooks_walk(lq_hook_fn fn, void *arg);

bool lq_counters_fill(struct listenq_counters *c, u64 cookie,
		      const struct net *net);
bool lq_histograms_fill(struct listenq_histograms *h, u64 cookie,
			const struct net *net);
void lq_net_counters_fill(struct listenq_net_counters *c, struct net *net);

void lq_track_init(void);
void lq_track_exit(void);

#endif /* _LQ_TRACK_H */
