/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is remembered: one entry for each listener that ever saw a SYN, and the
 * sums of each network namespace. Bounded by quotas, read under RCU.
 */
#ifndef _LQ_ENTRIES_H
#define _LQ_ENTRIES_H

#include <linux/atomic.h>
#include <linux/listenq.h>
#include <linux/rculist.h>
#include <net/net_namespace.h>

struct lq_slot;
struct sock;

/**
 * enum lq_counter - the counters, in the order of the wire's structs
 *
 * struct listenq_counters and struct listenq_net_counters hold them side by side
 * from @syns on; the drops are those of struct listenq_episode from
 * @drop_accept_full_syn on.
 */
enum lq_counter {
	LQ_SYNS,
	LQ_ESTABLISHED,
	LQ_ACCEPT_FULL_SYN,
	LQ_ACCEPT_FULL_ACK,
	LQ_SYN_FULL,
	LQ_SYN_UNPROVEN,
	LQ_OTHER,
	LQ_COOKIES_SENT,
	LQ_COOKIES_VALIDATED,
	LQ_SYNACK_RETRANSMITS,
	LQ_COUNTERS,
};

static inline bool lq_counter_is_drop(enum lq_counter c)
{
	return c >= LQ_ACCEPT_FULL_SYN && c <= LQ_OTHER;
}

/* buckets of each half of struct listenq_histograms */
#define LQ_BUCKETS	15

/**
 * struct lq_peak - a highest value and when it was seen
 * @value: the value
 * @at_us: when, µs since the epoch
 */
struct lq_peak {
	atomic64_t value;
	u64 at_us;
};

/**
 * struct lq_entry - what is remembered of one listener
 * @node: in its hash bucket
 * @rcu: frees it
 * @cookie: the socket's, never used again for another
 * @lqn: its namespace's state; only under the table's lock
 * @since_us: made at, µs since the epoch
 * @counters: see &enum lq_counter
 * @found_len: SYNs by the accept queue's length they found, log2
 * @found_age: SYNs by the age of the accept queue's head they found, log2
 * @syn_len: peak of the SYN queue
 * @accept_len: peak of the accept queue
 * @wait_us: peak of the oldest wait
 * @first_drop_us: of any cause, µs since the epoch
 * @last_drop_us: likewise
 * @slot: where its last episode is; a hint
 * @closed_at: jiffies when it closed
 * @sweep: number of the sweep that met its listener last
 * @closed: its listener closed; SYNs under way may still come here
 */
struct lq_entry {
	struct hlist_node node;
	struct rcu_head rcu;
	u64 cookie;
	struct lq_net *lqn;
	u64 since_us;
	atomic64_t counters[LQ_COUNTERS];
	atomic64_t found_len[LQ_BUCKETS];
	atomic64_t found_age[LQ_BUCKETS];
	struct lq_peak syn_len;
	struct lq_peak accept_len;
	struct lq_peak wait_us;
	u64 first_drop_us;
	u64 last_drop_us;
	struct lq_slot *slot;
	unsigned long closed_at;
	u32 sweep;
	bool closed;
};

/**
 * struct lq_sums - one CPU's share of a namespace's sums
 * @counters: see &enum lq_counter
 */
struct lq_sums {
	u64 counters[LQ_COUNTERS];
};

/**
 * struct lq_net - the state of one network namespace
 * @sums: of all its listeners
 * @entries: listeners that have an entry
 * @untracked: SYNs and ACKs at listeners that could have none
 * @closed_waiting: connections waiting when their listener closed
 * @outside: ListenDrops counted while tracking was off, and before
 * @frozen: what was unattributed when tracking was turned off
 * @event_seq: events sent
 * @event_suppressed: events held back
 * @event_tokens: how many more may be sent now
 * @event_refilled: jiffies of the last refill
 * @gone: the namespace is being torn down
 */
struct lq_net {
	struct lq_sums __percpu *sums;
	atomic_t entries;
	atomic64_t untracked;
	atomic64_t closed_waiting;
	u64 outside;
	u64 frozen;
	atomic64_t event_seq;
	atomic64_t event_suppressed;
	unsigned int event_tokens;
	unsigned long event_refilled;
	bool gone;
};

struct lq_net *lq_net_of(const struct net *net);
struct lq_net *lq_net_live(const struct net *net);
u64 lq_net_sum(const struct lq_net *lqn, enum lq_counter counter);

struct lq_entry *lq_entry_find(u64 cookie);
struct lq_entry *lq_entry_get(struct sock *sk, u64 cookie, struct lq_net *lqn);
void lq_entry_close(u64 cookie);
void lq_entry_forget(u64 cookie);
bool lq_entry_dropped(u64 cookie);
void lq_peak_raise(struct lq_peak *peak, u64 value);
unsigned int lq_entries_count(void);
void lq_entries_quotas(u32 *all, u32 *net);

int lq_entries_init(void);
void lq_entries_exit(void);

/* µs since the epoch, what every time on the wire is in */
static inline u64 lq_now_us(void)
{
	return ktime_to_us(ktime_get_real());
}

/* remember a value if none was higher, which is rare */
static inline void lq_peak_note(struct lq_peak *peak, u64 value)
{
	if (unlikely((u64)atomic64_read(&peak->value) < value))
		lq_peak_raise(peak, value);
}

#endif /* _LQ_ENTRIES_H */
