// SPDX-License-Identifier: GPL-2.0
/*
 * The files about tracking and about episodes.
 */
#include <linux/user_namespace.h>
#include <net/sock.h>

#include "debugfs.h"
#include "entries.h"
#include "episodes.h"
#include "track.h"

/* Only listeners of which something is known: the others have no line. */
static int lq_counters_take(struct sock *sk, void *arg)
{
	struct lq_iter *it = arg;

	return lq_listener_fill(&it->l, sk, &init_user_ns) &&
	       lq_counters_fill(&it->counters, it->l.cookie, sock_net(sk));
}

/**
 * lq_counters_step - the next tracked listener
 * @it: the reader
 */
bool lq_counters_step(struct lq_iter *it)
{
	static const struct lq_filter everyone;

	return lq_walk(&it->cursor, &everyone, lq_counters_take, it);
}

static const char * const lq_counter_names[LQ_COUNTERS] = {
	"syns", "established", "accept_full_syn", "accept_full_ack", "syn_full",
	"syn_unproven", "other", "cookies_sent", "cookies_validated",
	"synack_retrans",
};

/* which hooks feed them */
static const u64 lq_counter_has[LQ_COUNTERS] = {
	[LQ_SYNS] = LISTENQ_COUNTERS_HAS_SYN,
	[LQ_ESTABLISHED] = LISTENQ_COUNTERS_HAS_ACK,
	[LQ_ACCEPT_FULL_SYN] = LISTENQ_COUNTERS_HAS_SYN,
	[LQ_ACCEPT_FULL_ACK] = LISTENQ_COUNTERS_HAS_ACK,
	[LQ_SYN_FULL] = LISTENQ_COUNTERS_HAS_SYN,
	[LQ_SYN_UNPROVEN] = LISTENQ_COUNTERS_HAS_SYN,
	[LQ_OTHER] = LISTENQ_COUNTERS_HAS_OTHER,
	[LQ_COOKIES_SENT] = LISTENQ_COUNTERS_HAS_SYN,
	[LQ_COOKIES_VALIDATED] = LISTENQ_COUNTERS_HAS_ACK,
	[LQ_SYNACK_RETRANSMITS] = LISTENQ_COUNTERS_HAS_RETRANSMITS,
};

/* a column's width is that of its name, but wide enough for a count */
static int lq_width(const char *name)
{
	return max_t(int, 10, strlen(name));
}

/**
 * lq_counters_show - a listener's counters
 * @m: the file
 * @v: the header or the iterator
 */
int lq_counters_show(struct seq_file *m, void *v)
{
	const struct lq_iter *it = m->private;
	const struct listenq_counters *c = &it->counters;
	unsigned int i;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%10s %8s ", "netns", "cookie");
		for (i = 0; i < LQ_COUNTERS; i++)
			seq_printf(m, "%10s ", lq_counter_names[i]);
		seq_printf(m, "%8s %11s %12s %16s %16s %16s %s\n", "peak_syn",
			   "peak_accept", "peak_wait_us", "first_drop_us",
			   "last_drop_us", "since_us", "local");
		return 0;
	}
	seq_printf(m, "%10llu %8llu ", it->l.netns_ino, it->l.cookie);
	for (i = 0; i < LQ_COUNTERS; i++)
		lq_show_known(m, lq_width(lq_counter_names[i]),
			      c->has & lq_counter_has[i], (&c->syns)[i]);
	lq_show_known(m, 8, c->has & LISTENQ_COUNTERS_HAS_SYN, c->peak_syn_len);
	lq_show_known(m, 11, c->has & LISTENQ_COUNTERS_HAS_SYN, c->peak_accept_len);
	lq_show_known(m, 12, c->has & LISTENQ_COUNTERS_HAS_SYN, c->peak_wait_us);
	lq_show_known(m, 16, c->first_drop_us, c->first_drop_us);
	lq_show_known(m, 16, c->last_drop_us, c->last_drop_us);
	seq_printf(m, "%16llu ", c->since_us);
	lq_show_local(m, &it->l);
	seq_putc(m, '\n');
	return 0;
}

static int lq_histograms_take(struct sock *sk, void *arg)
{
	struct lq_iter *it = arg;

	return lq_listener_fill(&it->l, sk, &init_user_ns) &&
	       lq_histograms_fill(&it->histograms, it->l.cookie, sock_net(sk));
}

/**
 * lq_histograms_step - the next tracked listener
 * @it: the reader
 */
bool lq_histograms_step(struct lq_iter *it)
{
	static const struct lq_filter everyone;

	return lq_walk(&it->cursor, &everyone, lq_histograms_take, it);
}

static void lq_show_half(struct seq_file *m, const struct lq_iter *it,
			 const char *what, const u64 *buckets)
{
	unsigned int i;

	seq_printf(m, "%10llu %8llu %4s ", it->l.netns_ino, it->l.cookie, what);
	for (i = 0; i < LQ_BUCKETS; i++)
		seq_printf(m, "%8llu ", buckets[i]);
	lq_show_local(m, &it->l);
	seq_putc(m, '\n');
}

/**
 * lq_histograms_show - a listener's two histograms, a line each
 * @m: the file
 * @v: the header or the iterator
 *
 * The columns are named for lengths: from 0, 1, 2, 4, ... connections on. Those
 * of the line "age" are: no head, from 0, 1, 2, 4, ... ms on.
 */
int lq_histograms_show(struct seq_file *m, void *v)
{
	const struct lq_iter *it = m->private;
	unsigned int i;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%10s %8s %4s ", "netns", "cookie", "of");
		for (i = 0; i < LQ_BUCKETS; i++)
			seq_printf(m, "%8u ", i ? 1 << (i - 1) : 0);
		seq_puts(m, "local\n");
		return 0;
	}
	lq_show_half(m, it, "len", &it->histograms.len_0);
	lq_show_half(m, it, "age", &it->histograms.age_none);
	return 0;
}

static int lq_episode_take(const struct listenq_episode *e,
			   const struct listenq_listener *l, void *arg)
{
	struct lq_iter *it = arg;

	it->episode = *e;
	it->l = *l;
	return 1;
}

/**
 * lq_episodes_step - the next episode, oldest first
 * @it: the reader
 */
bool lq_episodes_step(struct lq_iter *it)
{
	return lq_episodes_walk(&it->cursor.below, NULL, lq_episode_take, it);
}

/**
 * lq_episodes_show - an episode
 * @m: the file
 * @v: the header or the iterator
 */
int lq_episodes_show(struct seq_file *m, void *v)
{
	const struct lq_iter *it = m->private;
	const struct listenq_episode *e = &it->episode;
	unsigned int i;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%8s %6s %16s %16s %10s %8s ", "id", "state",
			   "start_us", "last_us", "netns", "cookie");
		for (i = LQ_ACCEPT_FULL_SYN; i <= LQ_COOKIES_SENT; i++)
			seq_printf(m, "%10s ", lq_counter_names[i]);
		seq_printf(m, "%8s %11s %8s %s\n", "peak_syn", "peak_accept",
			   "limit", "local");
		return 0;
	}
	seq_printf(m, "%8llu %6s %16llu %16llu %10llu %8llu ", e->id,
		   e->open ? "open" : "closed", e->start_us, e->last_us,
		   it->l.netns_ino, it->l.cookie);
	for (i = LQ_ACCEPT_FULL_SYN; i <= LQ_COOKIES_SENT; i++)
		seq_printf(m, "%*llu ", lq_width(lq_counter_names[i]),
			   (&e->drop_accept_full_syn)[i - LQ_ACCEPT_FULL_SYN]);
	seq_printf(m, "%8u %11u %8u ", e->peak_syn_len, e->peak_accept_len,
		   e->backlog);
	lq_show_local(m, &it->l);
	seq_putc(m, '\n');
	return 0;
}

/**
 * lq_track_step - there is but one state of tracking, and the header shows it
 * @it: the reader
 */
bool lq_track_step(struct lq_iter *it)
{
	return false;
}

static int lq_hook_show_one(const struct listenq_hook *hook, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "hook %s %s missed %llu error %d\n", hook->name,
		   hook->placed ? "placed" : "absent", hook->missed, hook->error);
	return 0;
}

/**
 * lq_track_show - the state of tracking and of its hooks
 * @m: the file
 * @v: unused
 */
int lq_track_show(struct seq_file *m, void *v)
{
	struct listenq_track t;

	lq_track_fill(&t);
	seq_printf(m, "enabled %u\nsince_us %llu\nentries %u\nmax_entries %u\nmax_entries_net %u\n",
		   t.enabled, t.since_us, t.entries, t.max_entries,
		   t.max_entries_net);
	seq_printf(m, "episodes %u\nmax_episodes %u\nepisodes_forgotten %llu\nquiet_ms %u\n",
		   t.episodes, t.max_episodes, t.episodes_forgotten, t.quiet_ms);
	return lq_hooks_walk(lq_hook_show_one, m);
}
