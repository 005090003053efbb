// SPDX-License-Identifier: GPL-2.0
/*
 * Listening table -> struct listenq_listener. The table is one for all network
 * namespaces and its sockets have SOCK_RCU_FREE, so a walk takes none of its
 * locks: see __inet_lookup_listener() for the kernel's own reader.
 */
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "compat.h"
#include "entries.h"
#include "pick.h"
#include "walk.h"

static struct request_sock_queue *lq_sk_queue(const struct sock *sk)
{
	return &((struct inet_connection_sock *)inet_csk(sk))->icsk_accept_queue;
}

static noinline u64 lq_sk_cookie_make(struct sock *sk)
{
	u32 halves[2];

	/* the only exported way to do so */
	sock_diag_save_cookie(sk, halves);
	return (u64)halves[1] << 32 | halves[0];
}

/**
 * lq_sk_cookie - the socket cookie, made if nobody asked for it before
 * @sk: any socket
 *
 * Context: any. The number that ss prints as sk:.
 */
u64 lq_sk_cookie(struct sock *sk)
{
	u64 cookie = atomic64_read(&sk->sk_cookie);

	return cookie ? cookie : lq_sk_cookie_make(sk);
}

/* Whether it asks for more than a namespace; most do not. */
static bool lq_filter_is_narrow(const struct lq_filter *f)
{
	return f->cookie || f->ifindex || f->family || f->port || f->addr_len ||
	       f->flags;
}

static noinline bool lq_filter_passes(const struct lq_filter *f, struct sock *sk)
{
	if (f->cookie && f->cookie != lq_sk_cookie(sk))
		return false;
	if (f->family && f->family != sk->sk_family)
		return false;
	if (f->port && f->port != sk->sk_num)
		return false;
	if (f->ifindex && f->ifindex != READ_ONCE(sk->sk_bound_dev_if))
		return false;
	if (f->addr_len && memcmp(lq_compat_sk_addr(sk), f->addr, f->addr_len))
		return false;
	if ((f->flags & LISTENQ_FLAG_DROPPED) &&
	    !lq_entry_dropped(lq_sk_cookie(sk)))
		return false;
	if ((f->flags & LISTENQ_FLAG_NOT_EMPTY) &&
	    !reqsk_queue_len(lq_sk_queue(sk)) && !READ_ONCE(sk->sk_ack_backlog))
		return false;
	if ((f->flags & LISTENQ_FLAG_FULL) &&
	    !inet_csk_reqsk_queue_is_full(sk) && !sk_acceptq_is_full(sk))
		return false;
	return true;
}

/*
 * Under RCU. A listener that closes and listens elsewhere while we stand on it
 * leads us into another bucket; the end marker tells, and we scan again.
 */
static void lq_bucket_pick(struct inet_hashinfo *hashinfo, u32 bucket,
			   const struct lq_filter *f, u64 below,
			   struct lq_picks *picks)
{
	bool narrow = lq_filter_is_narrow(f);
	struct hlist_nulls_node *node;
	struct sock *sk;
	u64 cookie;

	do {
		picks->n = 0;
		sk_nulls_for_each_rcu(sk, node,
				      lq_compat_bucket(hashinfo, bucket)) {
			/* of a long list, most were met before or are not due yet */
			cookie = atomic64_read(&sk->sk_cookie);
			if (cookie && !lq_pick_wants(picks, below, cookie))
				continue;
			if (inet_sk_state_load(sk) != TCP_LISTEN ||
			    (f->net && !net_eq(sock_net(sk), f->net)) ||
			    (narrow && !lq_filter_passes(f, sk)))
				continue;
			lq_pick_add(picks, below, lq_sk_cookie(sk), sk);
		}
	} while (get_nulls_value(node) != bucket + LISTENING_NULLS_BASE);
}

/**
 * lq_walk - hand the listeners that pass a filter to a function, one by one
 * @cur: where to start; left where the walk stopped
 * @f: which listeners
 * @fn: what to do with each
 * @arg: passed to @fn
 *
 * A listener that is there throughout is met exactly once, over however many
 * calls the walk is spread; one that comes or goes meanwhile, at most once.
 *
 * Context: process context, may sleep between listeners; @fn may not. Takes no
 * lock. Return: 0 at the end of the table, else what @fn returned.
 */
int lq_walk(struct lq_cursor *cur, const struct lq_filter *f, lq_walk_fn fn,
	    void *arg)
{
	/* other namespaces may have an ehash of their own, but share this table */
	struct inet_hashinfo *hashinfo = init_net.ipv4.tcp_death_row.hashinfo;
	u32 buckets = lq_compat_buckets(hashinfo);
	struct lq_picks picks;
	unsigned int i;
	int ret = 0;

	for (; cur->bucket < buckets; cur->bucket++, cur->below = 0) {
		if (!(cur->bucket % 256))
			cond_resched();
		if (hlist_nulls_empty(lq_compat_bucket(hashinfo, cur->bucket)))
			continue;
		do {
			rcu_read_lock();
			lq_bucket_pick(hashinfo, cur->bucket, f, cur->below,
				       &picks);
			for (i = 0; i < picks.n && !ret; i++) {
				ret = fn(picks.p[i].obj, arg);
				if (ret >= 0)
					cur->below = picks.p[i].key;
			}
			rcu_read_unlock();
			if (ret)
				return ret;
			cond_resched();
		} while (picks.n == LQ_BATCH);
	}
	return 0;
}

/* Mirrors retrans_to_secs() of net/ipv4/tcp.c, as getsockopt() calls it. */
static u32 lq_defer_secs(u8 retrans)
{
	u32 timeout = TCP_TIMEOUT_INIT / HZ;
	u32 secs = 0;

	while (retrans--) {
		secs += timeout;
		timeout = min_t(u32, timeout * 2, TCP_RTO_MAX / HZ);
	}
	return secs;
}

/**
 * lq_sk_wait - how long the head of a listener's accept queue has waited
 * @sk: a TCP socket in LISTEN
 * @wait_us: set, µs
 * @dead: set to whether the head is closed already
 *
 * A connection that nobody accepted yet has had no reader, so the start of its
 * receiver's space measurement still is the moment its handshake finished.
 *
 * Context: BH off. The queue's lock keeps the head and its child from being
 * freed; acceptors and arrivals of this one listener wait for three loads. It is
 * taken only when there is a head.
 *
 * Return: false if the queue is empty.
 */
bool lq_sk_wait(struct sock *sk, u64 *wait_us, bool *dead)
{
	struct request_sock_queue *queue = lq_sk_queue(sk);
	struct request_sock *req;
	u64 since = 0, now;

	if (reqsk_queue_empty(queue))
		return false;
	spin_lock(&queue->rskq_lock);
	req = queue->rskq_accept_head;
	if (req && req->sk) {
		since = READ_ONCE(tcp_sk(req->sk)->rcvq_space.time);
		*dead = inet_sk_state_load(req->sk) == TCP_CLOSE;
	}
	spin_unlock(&queue->rskq_lock);
	if (!since)
		return false;
	now = tcp_clock_us();
	*wait_us = now > since ? now - since : 0;
	return true;
}

static noinline void lq_listener_fill_wait(struct listenq_listener *l, struct sock *sk)
{
	/* hooks come with BH off, and may not turn it on */
	bool task = !in_softirq();
	bool dead, waits;

	if (task)
		local_bh_disable();
	waits = lq_sk_wait(sk, &l->oldest_wait_us, &dead);
	if (task)
		local_bh_enable();
	if (!waits)
		return;
	l->has |= LISTENQ_HAS_WAIT;
	if (dead)
		l->flags |= LISTENQ_L_HEAD_DEAD;
}

static u32 lq_sk_flags(const struct sock *sk)
{
	u32 flags = 0;

	if (inet_csk_reqsk_queue_is_full(sk))
		flags |= LISTENQ_L_SYN_FULL;
	if (sk_acceptq_is_full(sk))
		flags |= LISTENQ_L_ACCEPT_FULL;
	if (ipv6_only_sock(sk))
		flags |= LISTENQ_L_V6ONLY;
	if (sk->sk_reuseport)
		flags |= LISTENQ_L_REUSEPORT;
	if (lq_compat_sk_transparent(sk))
		flags |= LISTENQ_L_TRANSPARENT;
	if (READ_ONCE(lq_sk_queue(sk)->synflood_warned))
		flags |= LISTENQ_L_SYN_FLOOD;
	return flags;
}

static u32 lq_uid_of(struct user_namespace *user_ns, kuid_t uid)
{
	/* maps all to themselves, at some cost */
	return user_ns == &init_user_ns ? __kuid_val(uid) :
					  from_kuid_munged(user_ns, uid);
}

/**
 * lq_listener_fill - what a reader may know of a listener
 * @l: filled whole, every byte of it
 * @sk: a TCP socket in LISTEN
 * @user_ns: the reader's, in which its owner is named
 *
 * The fields are read one after the other while connections come and go: each
 * is true for its moment.
 *
 * Context: RCU. Return: false when @sk was closed
 * meanwhile, and may have lost its port and its inode.
 */
bool lq_listener_fill(struct listenq_listener *l, struct sock *sk,
		      struct user_namespace *user_ns)
{
	struct request_sock_queue *queue = lq_sk_queue(sk);

	/* no memset(): most of a dump's time is spent in here */
	l->has = LISTENQ_HAS_SYN_LEN | LISTENQ_HAS_SYN_YOUNG | LISTENQ_HAS_TFO |
		 LISTENQ_HAS_DEFER | LISTENQ_HAS_DROPS | LISTENQ_HAS_SOCKOPTS |
		 LISTENQ_HAS_FLOOD;
	l->cookie = lq_sk_cookie(sk);
	l->ino = lq_compat_sk_ino(sk);
	l->netns_ino = sock_net(sk)->ns.inum;
	l->oldest_wait_us = 0;
	l->cgroup_id = lq_compat_sk_cgroup_id(sk);
	if (l->cgroup_id)
		l->has |= LISTENQ_HAS_CGROUP;
	l->flags = lq_sk_flags(sk);
	l->uid = lq_uid_of(user_ns, READ_ONCE(sk->sk_uid));
	l->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	l->syn_len = reqsk_queue_len(queue);
	l->syn_young = reqsk_queue_len_young(queue);
	l->accept_len = READ_ONCE(sk->sk_ack_backlog);
	l->backlog = READ_ONCE(sk->sk_max_ack_backlog);
	l->tfo_len = READ_ONCE(queue->fastopenq.qlen);
	l->tfo_limit = READ_ONCE(queue->fastopenq.max_qlen);
	l->defer_accept_s = lq_defer_secs(READ_ONCE(queue->rskq_defer_accept));
	l->drops = lq_compat_sk_drops(sk);
	l->family = sk->sk_family;
	l->protocol = sk_is_mptcp(sk) ? IPPROTO_MPTCP : IPPROTO_TCP;
	l->port = sk->sk_num;
	l->reserved = 0;
	if (l->family == AF_INET6) {
		memcpy(l->addr, lq_compat_sk_addr(sk), sizeof(l->addr));
	} else {
		memset(l->addr, 0, sizeof(l->addr));
		memcpy(l->addr, lq_compat_sk_addr(sk), 4);
	}
	if (!reqsk_queue_empty(queue))
		lq_listener_fill_wait(l, sk);
	/*
	 * A listener that closes changes its state before it loses anything, but
	 * for a port that bind() did not choose.
	 */
	smp_rmb();
	return l->port && inet_sk_state_load(sk) == TCP_LISTEN;
}
