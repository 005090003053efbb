// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/mutex.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "entries.h"
#include "episodes.h"
#include "events.h"
#include "hooks.h"
#include "net.h"
#include "track.h"

static bool track = true;
module_param(track, bool, 0444);
MODULE_PARM_DESC(track, "track drops from the load on (default 1)");

/* of placing and removing hooks, and of who reads which are placed */
static DEFINE_MUTEX(lq_track_mutex);
static bool lq_track_on;
/* the module is leaving: nobody may turn tracking on again */
static bool lq_track_gone;
static u64 lq_track_since_us;

/* The counters that the hooks in place feed; both hooks of a pair have to be. */
static u64 lq_track_has(void)
{
	u64 has = LISTENQ_COUNTERS_HAS_SYN | LISTENQ_COUNTERS_HAS_ACK |
		  LISTENQ_COUNTERS_HAS_RETRANSMITS | LISTENQ_COUNTERS_HAS_OTHER;
	unsigned int i;

	for (i = 0; i < LQ_HOOKS; i++)
		if (READ_ONCE(lq_hooks[i].error))
			has &= ~lq_hooks[i].feeds;
	return has;
}

static u64 lq_net_attributed(const struct lq_net *lqn)
{
	u64 sum = 0;
	int c;

	for (c = LQ_ACCEPT_FULL_SYN; c <= LQ_OTHER; c++)
		sum += lq_net_sum(lqn, c);
	return sum;
}

/*
 * ListenDrops that were counted under our eyes, less those with a cause. Calls
 * under way on other CPUs may have counted one and not the other.
 */
static u64 lq_net_unattributed(struct net *net)
{
	const struct lq_net *lqn = lq_net_of(net);
	s64 left;

	if (!READ_ONCE(lq_track_on))
		return lqn->frozen;
	left = lq_net_mib(net, LINUX_MIB_LISTENDROPS) - lqn->outside -
	       lq_net_attributed(lqn);
	return max_t(s64, left, 0);
}

/* Runs when the hooks are in place and before they go. */
static void lq_nets_mark(bool on)
{
	struct lq_net *lqn;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		lqn = lq_net_of(net);
		if (on)
			lqn->outside = lq_net_mib(net, LINUX_MIB_LISTENDROPS) -
				       lq_net_attributed(lqn) - lqn->frozen;
		else
			lqn->frozen = lq_net_unattributed(net);
	}
	up_read(&net_rwsem);
}

/**
 * lq_track_set - turn tracking on or off for the host
 * @on: which
 *
 * Counters are kept. A hook that cannot be placed is no error: it says so itself,
 * and what it feeds is unknown.
 *
 * Context: process context, may sleep. Return: 0, or -ENODEV
 * when the module is leaving.
 */
int lq_track_set(bool on)
{
	int ret = 0;

	mutex_lock(&lq_track_mutex);
	if (lq_track_gone) {
		ret = -ENODEV;
	} else if (on && !lq_track_on) {
		lq_hooks_place();
		lq_nets_mark(true);
		lq_track_since_us = lq_now_us();
		WRITE_ONCE(lq_track_on, true);
	} else if (!on && lq_track_on) {
		lq_nets_mark(false);
		WRITE_ONCE(lq_track_on, false);
		lq_hooks_remove();
	}
	mutex_unlock(&lq_track_mutex);
	return ret;
}

/**
 * lq_track_fill - the state of tracking
 * @t: filled whole
 *
 * Context: process context, may sleep.
 */
void lq_track_fill(struct listenq_track *t)
{
	memset(t, 0, sizeof(*t));
	mutex_lock(&lq_track_mutex);
	t->enabled = lq_track_on;
	t->since_us = lq_track_on ? lq_track_since_us : 0;
	mutex_unlock(&lq_track_mutex);
	t->entries = lq_entries_count();
	lq_entries_quotas(&t->max_entries, &t->max_entries_net);
	lq_episodes_fill_track(t);
}

/**
 * lq_hooks_walk - hand the state of each hook to a function
 * @fn: what to do with it
 * @arg: passed to @fn
 *
 * Context: process context, may sleep. Return: 0, or what @fn returned.
 */
int lq_hooks_walk(lq_hook_fn fn, void *arg)
{
	struct listenq_hook h;
	unsigned int i;
	int ret = 0;

	mutex_lock(&lq_track_mutex);
	for (i = 0; i < LQ_HOOKS && !ret; i++) {
		memset(&h, 0, sizeof(h));
		strscpy((char *)h.name, lq_hooks[i].name, sizeof(h.name));
		h.missed = lq_hook_missed(&lq_hooks[i]);
		h.error = lq_hooks[i].error;
		h.placed = lq_hooks[i].placed;
		ret = fn(&h, arg);
	}
	mutex_unlock(&lq_track_mutex);
	return ret;
}

/*
 * A listener without an entry never saw a SYN since tracking is on: all zero. But
 * if some had to go without for want of room, or tracking is off, nobody knows.
 */
static bool lq_is_untouched(const struct net *net)
{
	return READ_ONCE(lq_track_on) &&
	       !atomic64_read(&lq_net_of(net)->untracked);
}

/**
 * lq_counters_fill - what happened at a listener
 * @c: filled whole
 * @cookie: its socket cookie
 * @net: its namespace
 *
 * Context: RCU. Return: false if it is not known.
 */
bool lq_counters_fill(struct listenq_counters *c, u64 cookie,
		      const struct net *net)
{
	const struct lq_entry *e = lq_entry_find(cookie);
	int i;

	memset(c, 0, sizeof(*c));
	c->has = lq_track_has();
	if (!e) {
		c->since_us = READ_ONCE(lq_track_since_us);
		return lq_is_untouched(net);
	}
	c->since_us = e->since_us;
	for (i = 0; i < LQ_COUNTERS; i++)
		(&c->syns)[i] = atomic64_read(&e->counters[i]);
	c->first_drop_us = READ_ONCE(e->first_drop_us);
	c->last_drop_us = READ_ONCE(e->last_drop_us);
	c->peak_syn_us = READ_ONCE(e->syn_len.at_us);
	c->peak_accept_us = READ_ONCE(e->accept_len.at_us);
	c->peak_wait_at_us = READ_ONCE(e->wait_us.at_us);
	c->peak_wait_us = atomic64_read(&e->wait_us.value);
	c->peak_syn_len = atomic64_read(&e->syn_len.value);
	c->peak_accept_len = atomic64_read(&e->accept_len.value);
	return true;
}

/**
 * lq_histograms_fill - the accept queue as arriving SYNs found it
 * @h: filled whole
 * @cookie: the listener's socket cookie
 * @net: its namespace
 *
 * Context: RCU. Return: false if it is not known.
 */
bool lq_histograms_fill(struct listenq_histograms *h, u64 cookie,
			const struct net *net)
{
	const struct lq_entry *e = lq_entry_find(cookie);
	int i;

	BUILD_BUG_ON(sizeof(*h) != 2 * LQ_BUCKETS * sizeof(u64));
	memset(h, 0, sizeof(*h));
	if (!e)
		return lq_is_untouched(net);
	for (i = 0; i < LQ_BUCKETS; i++) {
		(&h->len_0)[i] = atomic64_read(&e->found_len[i]);
		(&h->age_none)[i] = atomic64_read(&e->found_age[i]);
	}
	return true;
}

/**
 * lq_net_counters_fill - what happened in a namespace
 * @c: filled whole
 * @net: the namespace
 *
 * Context: any in which @net stays.
 */
void lq_net_counters_fill(struct listenq_net_counters *c, struct net *net)
{
	const struct lq_net *lqn = lq_net_of(net);
	int i;

	memset(c, 0, sizeof(*c));
	c->has = lq_track_has();
	/* before the sums: what is under way counts as unattributed, not as less */
	c->unattributed = lq_net_unattributed(net);
	for (i = 0; i < LQ_COUNTERS; i++)
		(&c->syns)[i] = lq_net_sum(lqn, i);
	for (i = 0; i < LQ_HOOKS; i++)
		c->missed += lq_hook_missed(&lq_hooks[i]);
	c->untracked = atomic64_read(&lqn->untracked);
	c->closed_waiting = atomic64_read(&lqn->closed_waiting);
	c->events_sent = atomic64_read(&lqn->event_seq);
	c->events_suppressed = atomic64_read(&lqn->event_suppressed);
}

/**
 * lq_track_init - begin to track, unless the parameter says no
 *
 * Everything that hooks touch is ready.
 */
void __init lq_track_init(void)
{
	if (track)
		lq_track_set(true);
}

/**
 * lq_track_exit - end tracking for good
 *
 * Nobody is inside a hook, and no event is under way, when it returns.
 */
void lq_track_exit(void)
{
	mutex_lock(&lq_track_mutex);
	lq_track_gone = true;
	if (lq_track_on)
		lq_hooks_remove();
	mutex_unlock(&lq_track_mutex);
	lq_episodes_quiesce();
	lq_events_quiesce();
}
