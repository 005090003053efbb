/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Overflow episodes: a bounded log of who dropped when, and the events that
 * tell of it.
 */
#ifndef _LQ_EPISODES_H
#define _LQ_EPISODES_H

#include <linux/listenq.h>

#include "entries.h"

/* episodes that the log holds, open and closed */
#define LQ_EPISODES	1024

/**
 * typedef lq_episode_fn - what a walk over the log does with an episode
 *
 * @l is the listener as it was when the episode opened, its uid in the initial
 * user namespace. Returns as an lq_walk_fn does.
 */
typedef int (*lq_episode_fn)(const struct listenq_episode *e,
			     const struct listenq_listener *l, void *arg);

void lq_episode_note(struct lq_entry *entry, struct sock *sk,
		     enum lq_counter what, u64 now);
int lq_episodes_walk(u64 *below, const struct net *net, lq_episode_fn fn,
		     void *arg);
void lq_episodes_fill_track(struct listenq_track *t);
void lq_episodes_forget_net(const struct net *net);

int lq_episodes_init(void);
void lq_episodes_quiesce(void);
void lq_episodes_exit(void);

#endif /* _LQ_EPISODES_H */
