// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "entries.h"
#include "events.h"
#include "netlink.h"
#include "walk.h"

/* token bucket of a namespace: so many events at once, so many a second after */
#define LQ_EVENT_BURST		256
#define LQ_EVENT_RATE		128

/* listeners opened or closed that wait to be told of; beyond is suppressed */
#define LQ_PENDING		256

/**
 * struct lq_pending - an event that was seen where it could not be sent
 * @net: its namespace, NULL once that is gone
 * @type: &enum listenq_event_type
 * @l: the listener then
 */
struct lq_pending {
	struct net *net;
	u32 type;
	struct listenq_listener l;
};

static struct lq_pending lq_pending[LQ_PENDING];
static unsigned int lq_pending_n;
static DEFINE_SPINLOCK(lq_pending_lock);

static void lq_events_flush(struct work_struct *work);
static DECLARE_WORK(lq_events_work, lq_events_flush);
/* of the token buckets; held while telling, so that a namespace outlives it */
static DEFINE_MUTEX(lq_events_mutex);

static bool lq_event_may(struct lq_net *lqn)
{
	unsigned long refill = (jiffies - lqn->event_refilled) * LQ_EVENT_RATE / HZ;

	if (refill) {
		lqn->event_refilled = jiffies;
		lqn->event_tokens = min_t(unsigned long, LQ_EVENT_BURST,
					  lqn->event_tokens + refill);
	}
	if (!lqn->event_tokens)
		return false;
	lqn->event_tokens--;
	return true;
}

/**
 * lq_event_net_init - fill a new namespace's token bucket
 * @lqn: its state
 */
void lq_event_net_init(struct lq_net *lqn)
{
	lqn->event_tokens = LQ_EVENT_BURST;
	lqn->event_refilled = jiffies;
}

/* under lq_events_mutex */
static void lq_event_send_locked(struct net *net, u32 type,
				 const struct listenq_listener *l,
				 const struct listenq_episode *e)
{
	struct lq_net *lqn = lq_net_of(net);
	struct listenq_event event = {
		.type = type,
		.time_us = lq_now_us(),
	};

	if (!lq_netlink_has_listeners(net))
		return;
	if (!lq_event_may(lqn)) {
		atomic64_inc(&lqn->event_suppressed);
		return;
	}
	event.seq = atomic64_inc_return(&lqn->event_seq);
	event.suppressed = atomic64_read(&lqn->event_suppressed);
	lq_netlink_event(net, &event, l, e);
}

/**
 * lq_event_send - tell a namespace's subscribers
 * @net: the namespace, kept alive by the caller
 * @type: &enum listenq_event_type
 * @l: which listener
 * @e: which episode, or NULL
 *
 * Context: process context, may sleep.
 */
void lq_event_send(struct net *net, u32 type, const struct listenq_listener *l,
		   const struct listenq_episode *e)
{
	mutex_lock(&lq_events_mutex);
	lq_event_send_locked(net, type, l, e);
	mutex_unlock(&lq_events_mutex);
}

/**
 * lq_event_queue - tell subscribers later what is seen of a listener now
 * @sk: the listener
 * @type: &enum listenq_event_type
 *
 * Context: RCU, BH off.
 */
void lq_event_queue(struct sock *sk, u32 type)
{
	struct net *net = sock_net(sk);
	struct lq_pending *p;

	spin_lock(&lq_pending_lock);
	if (lq_pending_n == LQ_PENDING) {
		atomic64_inc(&lq_net_of(net)->event_suppressed);
	} else {
		p = &lq_pending[lq_pending_n++];
		p->net = net;
		p->type = type;
		lq_listener_fill(&p->l, sk, &init_user_ns);
	}
	spin_unlock(&lq_pending_lock);
	queue_work(system_wq, &lq_events_work);
}

static void lq_events_flush(struct work_struct *work)
{
	struct lq_pending p;
	unsigned int i;

	mutex_lock(&lq_events_mutex);
	for (i = 0;; i++) {
		spin_lock_bh(&lq_pending_lock);
		if (i == lq_pending_n) {
			lq_pending_n = 0;
			spin_unlock_bh(&lq_pending_lock);
			break;
		}
		p = lq_pending[i];
		spin_unlock_bh(&lq_pending_lock);
		/* lq_events_forget_net() clears it under our mutex */
		if (p.net)
			lq_event_send_locked(p.net, p.type, &p.l, NULL);
	}
	mutex_unlock(&lq_events_mutex);
}

/**
 * lq_events_forget_net - a network namespace goes, and what was to be told in it
 * @net: the namespace
 *
 * Context: process context, may sleep.
 */
void lq_events_forget_net(const struct net *net)
{
	unsigned int i;

	mutex_lock(&lq_events_mutex);
	spin_lock_bh(&lq_pending_lock);
	for (i = 0; i < lq_pending_n; i++)
		if (lq_pending[i].net == net)
			lq_pending[i].net = NULL;
	spin_unlock_bh(&lq_pending_lock);
	mutex_unlock(&lq_events_mutex);
}

/**
 * lq_events_quiesce - nothing is told any more when it returns
 *
 * The hooks are off.
 */
void lq_events_quiesce(void)
{
	cancel_work_sync(&lq_events_work);
}
