// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "entries.h"
#include "episodes.h"
#include "events.h"
#include "walk.h"

#define LQ_HASH_BITS	12

/* How long a closed listener's entry stays, so that a SYN that was under way when
 * it closed finds it rather than makes a new one that nobody would free.
 */
#define LQ_CLOSED_LINGER	HZ

/* How often entries whose close was missed are looked for. */
#define LQ_SWEEP_EVERY		(60 * HZ)

static unsigned int max_entries = 16384;
module_param(max_entries, uint, 0444);
MODULE_PARM_DESC(max_entries, "most listeners that have counters (default 16384)");

static unsigned int max_entries_net = 4096;
module_param(max_entries_net, uint, 0444);
MODULE_PARM_DESC(max_entries_net, "most of them in one network namespace (default 4096)");

static struct hlist_head lq_table[1 << LQ_HASH_BITS];
/* of inserting into and removing from lq_table; not of reading */
static DEFINE_SPINLOCK(lq_table_lock);
static atomic_t lq_entries_n;
static u32 lq_sweep;
static struct kmem_cache *lq_entry_cache;
static unsigned int lq_net_id;

static void lq_reap(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(lq_reap_work, lq_reap);

/**
 * lq_net_of - our state of a network namespace
 * @net: the namespace, alive
 */
struct lq_net *lq_net_of(const struct net *net)
{
	return net_generic(net, lq_net_id);
}

/**
 * lq_net_live - our state of a network namespace, for a hook
 * @net: the namespace
 *
 * Context: RCU. Return: NULL when the namespace is being torn down: kernel sockets
 * (MPTCP's listeners) may live on in it after our state is gone.
 */
struct lq_net *lq_net_live(const struct net *net)
{
	struct lq_net *lqn = lq_net_of(net);

	return READ_ONCE(lqn->gone) ? NULL : lqn;
}

/**
 * lq_net_sum - one counter of a namespace over all CPUs
 * @lqn: the namespace's state
 * @counter: which
 */
u64 lq_net_sum(const struct lq_net *lqn, enum lq_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(lqn->sums, cpu)->counters[counter]);
	return sum;
}

static struct hlist_head *lq_bucket(u64 cookie)
{
	return &lq_table[hash_64(cookie, LQ_HASH_BITS)];
}

/**
 * lq_entry_find - the entry of a listener
 * @cookie: its socket cookie
 *
 * Context: RCU. Return: the entry or NULL.
 */
struct lq_entry *lq_entry_find(u64 cookie)
{
	struct lq_entry *e;

	hlist_for_each_entry_rcu(e, lq_bucket(cookie), node)
		if (e->cookie == cookie)
			return e;
	return NULL;
}

static bool lq_quota_left(const struct lq_net *lqn)
{
	return atomic_read(&lq_entries_n) < max_entries &&
	       atomic_read(&lqn->entries) < max_entries_net;
}

/**
 * lq_entry_get - the entry of a listener, made if there is none
 * @sk: the listener
 * @cookie: its socket cookie
 * @lqn: its namespace's state
 *
 * Context: RCU, BH off. Return: the entry; NULL when a quota is used up or memory
 * is short, which is counted.
 */
struct lq_entry *lq_entry_get(struct sock *sk, u64 cookie, struct lq_net *lqn)
{
	struct lq_entry *e = lq_entry_find(cookie), *fresh = NULL;

	if (likely(e))
		return e;
	if (lq_quota_left(lqn))
		fresh = kmem_cache_zalloc(lq_entry_cache,
					  GFP_ATOMIC | __GFP_NOWARN);
	if (!fresh) {
		atomic64_inc(&lqn->untracked);
		return NULL;
	}
	fresh->cookie = cookie;
	fresh->lqn = lqn;
	fresh->since_us = lq_now_us();

	spin_lock(&lq_table_lock);
	e = lq_entry_find(cookie);
	if (!e && lq_quota_left(lqn)) {
		fresh->sweep = lq_sweep;
		hlist_add_head_rcu(&fresh->node, lq_bucket(cookie));
		atomic_inc(&lq_entries_n);
		atomic_inc(&lqn->entries);
		e = fresh;
		fresh = NULL;
	}
	spin_unlock(&lq_table_lock);
	if (fresh)
		kmem_cache_free(lq_entry_cache, fresh);
	else
		queue_delayed_work(system_wq, &lq_reap_work, LQ_CLOSED_LINGER);
	if (!e)
		atomic64_inc(&lqn->untracked);
	return e;
}

static void lq_entry_free(struct rcu_head *rcu)
{
	kmem_cache_free(lq_entry_cache, container_of(rcu, struct lq_entry, rcu));
}

/* under lq_table_lock */
static void lq_entry_remove(struct lq_entry *e)
{
	hlist_del_rcu(&e->node);
	atomic_dec(&lq_entries_n);
	atomic_dec(&e->lqn->entries);
	call_rcu(&e->rcu, lq_entry_free);
}

/* Removes what @fn says, with @arg. */
static void lq_entries_remove(bool (*fn)(const struct lq_entry *e, const void *arg),
			      const void *arg)
{
	struct hlist_node *next;
	struct lq_entry *e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lq_table); i++) {
		if (hlist_empty(&lq_table[i]))
			continue;
		spin_lock_bh(&lq_table_lock);
		hlist_for_each_entry_safe(e, next, &lq_table[i], node)
			if (fn(e, arg))
				lq_entry_remove(e);
		spin_unlock_bh(&lq_table_lock);
		cond_resched();
	}
}

/**
 * lq_entry_close - a listener closed: forget it soon
 * @cookie: its socket cookie
 *
 * Its state is not stored yet, and SYNs may be under way to it on other CPUs.
 *
 * Context: RCU.
 */
void lq_entry_close(u64 cookie)
{
	struct lq_entry *e = lq_entry_find(cookie);

	if (!e)
		return;
	e->closed_at = jiffies;
	WRITE_ONCE(e->closed, true);
}

/**
 * lq_entry_forget - a socket listens anew: what it was before does not count
 * @cookie: its socket cookie
 *
 * Context: any but hard irq.
 */
void lq_entry_forget(u64 cookie)
{
	struct lq_entry *e;

	spin_lock_bh(&lq_table_lock);
	e = lq_entry_find(cookie);
	if (e)
		lq_entry_remove(e);
	spin_unlock_bh(&lq_table_lock);
}

/**
 * lq_entry_dropped - whether a listener is known to have dropped
 * @cookie: its socket cookie
 *
 * Context: RCU.
 */
bool lq_entry_dropped(u64 cookie)
{
	const struct lq_entry *e = lq_entry_find(cookie);

	return e && READ_ONCE(e->first_drop_us);
}

/**
 * lq_peak_raise - remember a value that was higher than the peak
 * @peak: the peak
 * @value: what was seen now
 *
 * Context: any. Two CPUs at once: the higher value stays.
 */
void lq_peak_raise(struct lq_peak *peak, u64 value)
{
	s64 old = atomic64_read(&peak->value);

	while ((u64)old < value) {
		if (atomic64_try_cmpxchg(&peak->value, &old, value)) {
			WRITE_ONCE(peak->at_us, lq_now_us());
			return;
		}
	}
}

/**
 * lq_entries_count - how many listeners have an entry
 */
unsigned int lq_entries_count(void)
{
	return atomic_read(&lq_entries_n);
}

/**
 * lq_entries_quotas - how many may have
 * @all: on the host
 * @net: in one namespace
 */
void lq_entries_quotas(u32 *all, u32 *net)
{
	*all = max_entries;
	*net = max_entries_net;
}

static bool lq_is_long_closed(const struct lq_entry *e, const void *arg)
{
	return READ_ONCE(e->closed) &&
	       time_after_eq(jiffies, e->closed_at + LQ_CLOSED_LINGER);
}

static bool lq_is_unswept(const struct lq_entry *e, const void *arg)
{
	return e->sweep != lq_sweep;
}

static bool lq_is_of_net(const struct lq_entry *e, const void *lqn)
{
	return e->lqn == lqn;
}

static int lq_sweep_one(struct sock *sk, void *arg)
{
	struct lq_entry *e = lq_entry_find(lq_sk_cookie(sk));

	if (e)
		e->sweep = lq_sweep;
	return 0;
}

/*
 * Runs while there are entries and frees those of closed listeners. Those whose
 * close went unnoticed (the tracepoint missing, tracking off) are the ones that a
 * walk does not meet.
 */
static void lq_reap(struct work_struct *work)
{
	static const struct lq_filter everyone;
	static unsigned long swept_at = INITIAL_JIFFIES;
	struct lq_cursor cur = {};

	lq_entries_remove(lq_is_long_closed, NULL);
	if (time_after_eq(jiffies, swept_at + LQ_SWEEP_EVERY)) {
		swept_at = jiffies;
		/* entries made from now on carry the new number */
		spin_lock_bh(&lq_table_lock);
		lq_sweep++;
		spin_unlock_bh(&lq_table_lock);
		lq_walk(&cur, &everyone, lq_sweep_one, NULL);
		lq_entries_remove(lq_is_unswept, NULL);
	}
	if (lq_entries_count())
		queue_delayed_work(system_wq, &lq_reap_work, LQ_CLOSED_LINGER);
}

static int __net_init lq_net_enter(struct net *net)
{
	struct lq_net *lqn = lq_net_of(net);

	lqn->sums = alloc_percpu(struct lq_sums);
	if (!lqn->sums)
		return -ENOMEM;
	lq_event_net_init(lqn);
	return 0;
}

/* A grace period follows: no hook is at work for this namespace after that. */
static void __net_exit lq_net_prepare(struct net *net)
{
	WRITE_ONCE(lq_net_of(net)->gone, true);
}

static void __net_exit lq_net_leave(struct net *net)
{
	struct lq_net *lqn = lq_net_of(net);

	lq_entries_remove(lq_is_of_net, lqn);
	lq_episodes_forget_net(net);
	free_percpu(lqn->sums);
}

static struct pernet_operations lq_net_ops = {
	.init = lq_net_enter,
	.pre_exit = lq_net_prepare,
	.exit = lq_net_leave,
	.id = &lq_net_id,
	.size = sizeof(struct lq_net),
};

/**
 * lq_entries_init - make the table and every namespace's state
 *
 * Return: 0 or a negative errno.
 */
int __init lq_entries_init(void)
{
	int ret;

	BUILD_BUG_ON(sizeof(struct lq_entry) > 512);
	lq_entry_cache = KMEM_CACHE(lq_entry, 0);
	if (!lq_entry_cache)
		return -ENOMEM;
	ret = register_pernet_subsys(&lq_net_ops);
	if (ret) {
		kmem_cache_destroy(lq_entry_cache);
		return ret;
	}
	return 0;
}

/**
 * lq_entries_exit - free them all
 *
 * The hooks are off and nobody is inside them any more.
 */
void lq_entries_exit(void)
{
	cancel_delayed_work_sync(&lq_reap_work);
	unregister_pernet_subsys(&lq_net_ops);
	rcu_barrier();
	kmem_cache_destroy(lq_entry_cache);
}
