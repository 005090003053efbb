// SPDX-License-Identifier: GPL-2.0
/*
 * The log is an array of slots, allocated once. A drop only counts into its
 * listener's slot; a work, running while episodes are open, tells subscribers
 * and closes what has been quiet. Nothing here is printed or allocated for a
 * packet.
 */
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <net/inet_connection_sock.h>

#include "episodes.h"
#include "events.h"
#include "pick.h"
#include "walk.h"

/* how often open episodes are looked at, and how often one may say it changed */
#define LQ_TICK			(HZ / 10)
#define LQ_CHANGED_EVERY	HZ

static unsigned int quiet_ms = 1000;
module_param(quiet_ms, uint, 0444);
MODULE_PARM_DESC(quiet_ms, "quiet time that ends an overflow episode, ms (default 1000)");

/**
 * struct lq_slot - one episode of the log
 * @lock: of all below, but for @idle
 * @idle: in lq_idle while not open, oldest first
 * @e: the episode; its id is 0 while the slot was never used
 * @l: the listener when it opened
 * @net: its namespace, NULL once that is gone
 * @quiet_since: jiffies of the last drop or cookie
 * @told_at: jiffies when subscribers were told last
 * @told: last_us that they were told, 0 for nothing yet
 */
struct lq_slot {
	spinlock_t lock;
	struct list_head idle;
	struct listenq_episode e;
	struct listenq_listener l;
	struct net *net;
	unsigned long quiet_since;
	unsigned long told_at;
	u64 told;
};

static struct lq_slot *lq_slots;
static LIST_HEAD(lq_idle);
/* of lq_idle and the three below; inside it a slot's lock may be taken */
static DEFINE_SPINLOCK(lq_log_lock);
static u64 lq_last_id;
static u64 lq_forgotten;
static unsigned int lq_open;

static void lq_tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(lq_tick_work, lq_tick);
/* held by the work while it tells, so that a namespace outlives the telling */
static DEFINE_MUTEX(lq_tick_mutex);

/* Takes the oldest slot that is not open; its listener's next drops find it. */
static void lq_episode_open(struct lq_entry *entry, struct sock *sk,
			    enum lq_counter what, u64 now)
{
	struct listenq_listener l;
	struct lq_slot *slot;

	lq_listener_fill(&l, sk, &init_user_ns);
	spin_lock(&lq_log_lock);
	slot = READ_ONCE(entry->slot);
	if (slot && slot->e.open && slot->l.cookie == entry->cookie) {
		/* another CPU was faster; one more drop in its episode is due */
		spin_unlock(&lq_log_lock);
		lq_episode_note(entry, sk, what, now);
		return;
	}
	slot = list_first_entry_or_null(&lq_idle, struct lq_slot, idle);
	if (!slot) {
		lq_forgotten++;
		spin_unlock(&lq_log_lock);
		return;
	}
	list_del(&slot->idle);
	spin_lock(&slot->lock);
	if (slot->e.id)
		lq_forgotten++;
	memset(&slot->e, 0, sizeof(slot->e));
	slot->e.id = ++lq_last_id;
	slot->e.start_us = now;
	slot->e.last_us = now;
	slot->e.open = 1;
	slot->e.backlog = l.backlog;
	slot->e.peak_syn_len = l.syn_len;
	slot->e.peak_accept_len = l.accept_len;
	(&slot->e.drop_accept_full_syn)[what - LQ_ACCEPT_FULL_SYN] = 1;
	slot->l = l;
	slot->net = sock_net(sk);
	slot->quiet_since = jiffies;
	slot->told = 0;
	spin_unlock(&slot->lock);
	WRITE_ONCE(entry->slot, slot);
	lq_open++;
	spin_unlock(&lq_log_lock);
	queue_delayed_work(system_wq, &lq_tick_work, LQ_TICK);
}

/**
 * lq_episode_note - a listener dropped, or sent a SYN cookie
 * @entry: its entry
 * @sk: the listener
 * @what: a drop or %LQ_COOKIES_SENT
 * @now: when, µs since the epoch
 *
 * Context: RCU, BH off. Waits only for others that drop at the same listener,
 * and when an episode opens for others that open.
 */
void lq_episode_note(struct lq_entry *entry, struct sock *sk,
		     enum lq_counter what, u64 now)
{
	struct lq_slot *slot = READ_ONCE(entry->slot);
	bool ours = false;

	if (slot) {
		spin_lock(&slot->lock);
		ours = slot->e.open && slot->l.cookie == entry->cookie;
		if (ours) {
			(&slot->e.drop_accept_full_syn)[what - LQ_ACCEPT_FULL_SYN]++;
			slot->e.last_us = now;
			slot->e.peak_syn_len = max_t(u32, slot->e.peak_syn_len,
						     inet_csk_reqsk_queue_len(sk));
			slot->e.peak_accept_len = max_t(u32, slot->e.peak_accept_len,
							READ_ONCE(sk->sk_ack_backlog));
			slot->quiet_since = jiffies;
		}
		spin_unlock(&slot->lock);
	}
	if (!ours)
		lq_episode_open(entry, sk, what, now);
}

/* under lq_log_lock and the slot's lock */
static void lq_slot_close(struct lq_slot *slot)
{
	slot->e.open = 0;
	list_add_tail(&slot->idle, &lq_idle);
	lq_open--;
}

/*
 * What subscribers are to be told of a slot now, 0 for nothing; closes it. Once
 * closed, the slot may be another listener's, in another namespace.
 */
static u32 lq_slot_tick(struct lq_slot *slot, struct listenq_episode *e,
			struct listenq_listener *l, struct net **net)
{
	u32 type = 0;

	spin_lock_bh(&lq_log_lock);
	spin_lock(&slot->lock);
	if (!slot->e.open)
		goto unlock;
	if (!slot->told)
		type = LISTENQ_EVENT_EPISODE_OPENED;
	else if (time_after_eq(jiffies, slot->quiet_since +
			       msecs_to_jiffies(quiet_ms)))
		type = LISTENQ_EVENT_EPISODE_CLOSED;
	else if (slot->told != slot->e.last_us &&
		 time_after_eq(jiffies, slot->told_at + LQ_CHANGED_EVERY))
		type = LISTENQ_EVENT_EPISODE_CHANGED;
	if (!type)
		goto unlock;
	if (type == LISTENQ_EVENT_EPISODE_CLOSED)
		lq_slot_close(slot);
	slot->told = slot->e.last_us;
	slot->told_at = jiffies;
	*e = slot->e;
	*l = slot->l;
	*net = slot->net;
unlock:
	spin_unlock(&slot->lock);
	spin_unlock_bh(&lq_log_lock);
	return type;
}

static void lq_tick(struct work_struct *work)
{
	struct listenq_listener l;
	struct listenq_episode e;
	struct net *net;
	unsigned int i;
	u32 type;

	mutex_lock(&lq_tick_mutex);
	for (i = 0; i < LQ_EPISODES; i++) {
		if (!READ_ONCE(lq_slots[i].e.open))
			continue;
		type = lq_slot_tick(&lq_slots[i], &e, &l, &net);
		/* it stays: lq_episodes_forget_net() waits for our mutex */
		if (type)
			lq_event_send(net, type, &l, &e);
		cond_resched();
	}
	mutex_unlock(&lq_tick_mutex);
	if (READ_ONCE(lq_open))
		queue_delayed_work(system_wq, &lq_tick_work, LQ_TICK);
}

/**
 * lq_episodes_walk - hand the episodes of the log to a function, oldest first
 * @below: 0 at the start of a walk; left where the walk stopped
 * @net: only of this network namespace; NULL for all, gone ones included
 * @fn: what to do with each
 * @arg: passed to @fn
 *
 * Context: process context. Return: 0 when all were met, else what @fn returned.
 */
int lq_episodes_walk(u64 *below, const struct net *net, lq_episode_fn fn,
		     void *arg)
{
	struct listenq_listener l;
	struct listenq_episode e;
	const struct net *whose;
	struct lq_picks picks;
	struct lq_slot *slot;
	unsigned int i;
	int ret;

	do {
		picks.n = 0;
		for (i = 0; i < LQ_EPISODES; i++) {
			slot = &lq_slots[i];
			/* falling order of ~id is rising order of id */
			if (READ_ONCE(slot->e.id) &&
			    (!net || READ_ONCE(slot->net) == net))
				lq_pick_add(&picks, *below, ~slot->e.id, slot);
		}
		for (i = 0; i < picks.n; i++) {
			slot = picks.p[i].obj;
			spin_lock_bh(&slot->lock);
			e = slot->e;
			l = slot->l;
			whose = slot->net;
			spin_unlock_bh(&slot->lock);
			/* pushed out of the log since, or while, it was picked */
			if (~e.id != picks.p[i].key || (net && whose != net))
				continue;
			ret = fn(&e, &l, arg);
			if (ret >= 0)
				*below = picks.p[i].key;
			if (ret)
				return ret;
		}
		cond_resched();
	} while (picks.n == LQ_BATCH);
	return 0;
}

/**
 * lq_episodes_fill_track - say how full the log is
 * @t: its episode fields are set
 */
void lq_episodes_fill_track(struct listenq_track *t)
{
	spin_lock_bh(&lq_log_lock);
	t->episodes = min_t(u64, lq_last_id, LQ_EPISODES);
	t->max_episodes = LQ_EPISODES;
	t->quiet_ms = quiet_ms;
	t->episodes_forgotten = lq_forgotten;
	spin_unlock_bh(&lq_log_lock);
}

/**
 * lq_episodes_forget_net - a network namespace goes; its episodes stay, closed
 * @net: the namespace
 *
 * Context: process context, may sleep.
 */
void lq_episodes_forget_net(const struct net *net)
{
	unsigned int i;

	mutex_lock(&lq_tick_mutex);
	for (i = 0; i < LQ_EPISODES; i++) {
		struct lq_slot *slot = &lq_slots[i];

		spin_lock_bh(&lq_log_lock);
		spin_lock(&slot->lock);
		if (slot->net == net) {
			slot->net = NULL;
			if (slot->e.open)
				lq_slot_close(slot);
		}
		spin_unlock(&slot->lock);
		spin_unlock_bh(&lq_log_lock);
	}
	lq_events_forget_net(net);
	mutex_unlock(&lq_tick_mutex);
}

/**
 * lq_episodes_init - allocate the log
 *
 * Return: 0 or -ENOMEM.
 */
int __init lq_episodes_init(void)
{
	unsigned int i;

	lq_slots = vzalloc(array_size(LQ_EPISODES, sizeof(*lq_slots)));
	if (!lq_slots)
		return -ENOMEM;
	for (i = 0; i < LQ_EPISODES; i++) {
		spin_lock_init(&lq_slots[i].lock);
		list_add_tail(&lq_slots[i].idle, &lq_idle);
	}
	return 0;
}

/**
 * lq_episodes_quiesce - no episode is looked at any more when it returns
 *
 * The hooks are off.
 */
void lq_episodes_quiesce(void)
{
	cancel_delayed_work_sync(&lq_tick_work);
}

/**
 * lq_episodes_exit - free the log
 *
 * It is quiet, and every namespace has been forgotten.
 */
void lq_episodes_exit(void)
{
	vfree(lq_slots);
}
