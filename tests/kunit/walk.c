// SPDX-License-Identifier: GPL-2.0
/*
 * The walk over real listeners: stopped, resumed and robbed at every place.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/net.h>
#include <linux/workqueue.h>

#include "../../module/walk.c"
#include "listeners.h"

static const struct lq_filter everyone;

/**
 * struct lq_visit - one walk that counts whom it meets
 * @c: counts go to its met
 * @stop: what to return at the end of @room, 0 to go on
 * @room: how many are met; a negative @stop refuses the next one
 * @n: how many were
 * @order: which ones, in order, with the refused one at its end
 */
struct lq_visit {
	struct lq_crowd *c;
	int stop;
	unsigned int room;
	unsigned int n;
	int order[2 * LQ_CROWD_ALL];
};

static int lq_visit_one(struct sock *sk, void *arg)
{
	struct lq_visit *v = arg;
	int i = lq_crowd_index(v->c, sk);

	if (i < 0)
		return 0;
	if (v->n == ARRAY_SIZE(v->order) - 1)
		return -ELOOP;
	v->order[v->n] = i;
	if (v->stop < 0 && v->n == v->room)
		return v->stop;
	v->c->met[i]++;
	v->n++;
	return v->stop > 0 && v->n == v->room ? v->stop : 0;
}

/* meet room of them, or all of them when stop is 0 */
static int lq_visit_some(struct lq_visit *v, struct lq_cursor *cur, int stop,
			 unsigned int room)
{
	v->stop = stop;
	v->room = room;
	v->n = 0;
	return lq_walk(cur, &everyone, lq_visit_one, v);
}

static struct lq_visit *lq_visit_new(struct kunit *test)
{
	struct lq_visit *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, v);
	v->c = test->priv;
	return v;
}

static void one_walk_meets_all(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	struct lq_cursor cur = {};

	KUNIT_EXPECT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, v->n, LQ_CROWD_ALL);
	KUNIT_EXPECT_EQ(test, lq_crowd_wrong(v->c, -1), 0);
	/* and at the end is the end */
	KUNIT_EXPECT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, v->n, 0);
}

static void one_at_a_time(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	struct lq_cursor cur = {};
	unsigned int n = 0;

	while (lq_visit_some(v, &cur, 1, 1))
		KUNIT_ASSERT_LE(test, ++n, LQ_CROWD_ALL);
	KUNIT_EXPECT_EQ(test, n, LQ_CROWD_ALL);
	KUNIT_EXPECT_EQ(test, lq_crowd_wrong(v->c, -1), 0);
}

static void stopped_before(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;
	int refused;

	for (room = 0; room < LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, -EMSGSIZE, room),
				-EMSGSIZE);
		KUNIT_ASSERT_EQ(test, v->n, room);
		refused = v->order[v->n];
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, v->order[0], refused, "room %u", room);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, -1), 0,
				    "room %u", room);
	}
}

static void stopped_behind(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;

	for (room = 1; room <= LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 1, room), 1);
		KUNIT_ASSERT_EQ(test, v->n, room);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, -1), 0,
				    "room %u", room);
	}
}

static void the_last_met_closes(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;
	int gone;

	for (room = 1; room <= LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 1, room), 1);
		gone = v->order[room - 1];
		lq_crowd_close(v->c, gone);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, -1), 0,
				    "room %u", room);
		lq_crowd_open(test, gone);
	}
}

static void the_refused_closes(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;
	int gone;

	for (room = 0; room < LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, -EMSGSIZE, room),
				-EMSGSIZE);
		gone = v->order[room];
		lq_crowd_close(v->c, gone);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, gone), 0,
				    "room %u", room);
		KUNIT_ASSERT_EQ(test, v->c->met[gone], 0);
		lq_crowd_open(test, gone);
	}
}

static void the_next_closes(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;
	int gone;

	for (room = 1; room < LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {}, again = {};

		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		gone = v->order[room];
		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &again, 1, room), 1);
		lq_crowd_close(v->c, gone);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &again, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, gone), 0,
				    "room %u", room);
		KUNIT_ASSERT_EQ(test, v->c->met[gone], 0);
		lq_crowd_open(test, gone);
	}
}

static void another_comes(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int room;

	for (room = 1; room < LQ_CROWD_ALL; room++) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 1, room), 1);
		lq_crowd_open(test, LQ_CROWD_SPARE);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(v->c, -1), 0,
				    "room %u", room);
		lq_crowd_close(v->c, LQ_CROWD_SPARE);
	}
}

/* bucket lengths around the batch and its multiples */
static void groups_of_every_size(struct kunit *test)
{
	struct lq_visit *v = lq_visit_new(test);
	unsigned int left, i;

	for (left = LQ_CROWD_GROUP; left > 0; left--) {
		struct lq_cursor cur = {};

		lq_crowd_forget(v->c);
		KUNIT_ASSERT_EQ(test, lq_visit_some(v, &cur, 0, 0), 0);
		for (i = 0; i < LQ_CROWD_GROUP; i++)
			KUNIT_ASSERT_EQ_MSG(test, v->c->met[i], i < left,
					    "%u of group of %u", i, left);
		lq_crowd_close(v->c, left - 1);
	}
}

static unsigned int lq_filter_count(struct kunit *test, const struct lq_filter *f)
{
	struct lq_visit *v = lq_visit_new(test);
	struct lq_cursor cur = {};

	KUNIT_EXPECT_EQ(test, lq_walk(&cur, f, lq_visit_one, v), 0);
	return v->n;
}

static void filters(struct kunit *test)
{
	static const struct in6_addr loopback6 = IN6ADDR_LOOPBACK_INIT;
	struct lq_crowd *c = test->priv;
	struct lq_filter f;
	unsigned int i;

	for (i = 0; i < LQ_CROWD_ALL; i++) {
		struct sock *sk = c->sock[i]->sk;

		f = (struct lq_filter){ .cookie = lq_sk_cookie(sk) };
		lq_crowd_forget(c);
		KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 1);
		KUNIT_EXPECT_EQ(test, c->met[i], 1);

		f = (struct lq_filter){ .port = sk->sk_num };
		KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f),
				i < LQ_CROWD_GROUP ? LQ_CROWD_GROUP : 1);
		f.family = sk->sk_family;
		KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f),
				i < LQ_CROWD_GROUP ? LQ_CROWD_GROUP : 1);
		f.family = sk->sk_family == AF_INET ? AF_INET6 : AF_INET;
		KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 0);
	}

	f = (struct lq_filter){ .net = &init_net };
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), LQ_CROWD_ALL);
	/* compared, never looked into */
	f.net = kunit_kzalloc(test, sizeof(struct net), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f.net);
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 0);

	f = (struct lq_filter){ .family = AF_INET };
	i = lq_filter_count(test, &f);
	KUNIT_EXPECT_EQ(test, i, LQ_CROWD_GROUP + (LQ_CROWD_ALL - LQ_CROWD_GROUP) * 2 / 3 + 1);
	f.addr_len = 4;
	memcpy(f.addr, &(__be32){ htonl(INADDR_LOOPBACK) }, 4);
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), i);
	f.addr[3]++;
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 0);

	f = (struct lq_filter){ .family = AF_INET6, .addr_len = 16 };
	memcpy(f.addr, &loopback6, 16);
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), LQ_CROWD_ALL - i);
	f.addr[15]++;
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 0);

	f = (struct lq_filter){ .ifindex = 7 };
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 0);
	/* nobody connects to it */
	c->sock[50]->sk->sk_bound_dev_if = 7;
	KUNIT_EXPECT_EQ(test, lq_filter_count(test, &f), 1);
	c->sock[50]->sk->sk_bound_dev_if = 0;
}

static void filters_by_length(struct kunit *test)
{
	const struct lq_filter not_empty = { .flags = LISTENQ_FLAG_NOT_EMPTY };
	const struct lq_filter full = { .flags = LISTENQ_FLAG_FULL };
	struct lq_crowd *c = test->priv;
	struct sock *sk = c->sock[3]->sk;
	u32 syn, accept;

	sk->sk_max_ack_backlog = 2;
	for (syn = 0; syn < 5; syn++) {
		for (accept = 0; accept < 5; accept++) {
			atomic_set(&lq_sk_queue(sk)->qlen, syn);
			sk->sk_ack_backlog = accept;
			KUNIT_EXPECT_EQ(test, lq_filter_count(test, &not_empty),
					syn || accept);
			KUNIT_EXPECT_EQ(test, lq_filter_count(test, &full),
					syn > 2 || accept > 2);
		}
	}
	atomic_set(&lq_sk_queue(sk)->qlen, 0);
	sk->sk_ack_backlog = 0;
}

/**
 * struct lq_fake - a table of two buckets, in no kernel's hands
 * @table: what a bucket pick reads
 * @lhash2: its buckets
 * @icsk: listeners with the cookies 1, 2, ...
 * @mend: puts the chain of bucket 0 right
 * @mended: it did
 */
struct lq_fake {
	struct inet_hashinfo table;
	struct inet_listen_hashbucket lhash2[2];
	struct inet_connection_sock icsk[3];
	struct delayed_work mend;
	bool mended;
};

static struct sock *lq_fake_sk(struct lq_fake *fake, int i)
{
	return &fake->icsk[i].icsk_inet.sk;
}

static void lq_fake_chain(struct hlist_nulls_node *node, struct sock *next)
{
	WRITE_ONCE(node->next, &next->sk_nulls_node);
}

static void lq_fake_end(struct sock *sk, u32 bucket)
{
	WRITE_ONCE(sk->sk_nulls_node.next, (struct hlist_nulls_node *)
		   NULLS_MARKER(bucket + LISTENING_NULLS_BASE));
}

static void lq_fake_mend(struct work_struct *work)
{
	struct lq_fake *fake = container_of(work, struct lq_fake, mend.work);

	WRITE_ONCE(fake->mended, true);
	/* bucket 0: 0, 2. The other moved to bucket 1. */
	lq_fake_end(lq_fake_sk(fake, 2), 0);
	smp_wmb();
	lq_fake_chain(&lq_fake_sk(fake, 0)->sk_nulls_node, lq_fake_sk(fake, 2));
}

/*
 * Standing on listener 1 we were led into bucket 1 when it moved there, so
 * missed 2: the end marker is bucket 1's until the work puts the chain right.
 */
static void a_bucket_that_leads_elsewhere(struct kunit *test)
{
	struct lq_fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	static struct lq_picks picks;
	bool early;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->table.lhash2 = fake->lhash2;
	fake->table.lhash2_mask = 1;
	for (i = 0; i < ARRAY_SIZE(fake->icsk); i++) {
		lq_fake_sk(fake, i)->sk_state = TCP_LISTEN;
		atomic64_set(&lq_fake_sk(fake, i)->sk_cookie, i + 1);
	}
	fake->lhash2[0].nulls_head.first = &lq_fake_sk(fake, 0)->sk_nulls_node;
	lq_fake_chain(&lq_fake_sk(fake, 0)->sk_nulls_node, lq_fake_sk(fake, 1));
	lq_fake_end(lq_fake_sk(fake, 1), 1);

	INIT_DELAYED_WORK(&fake->mend, lq_fake_mend);
	schedule_delayed_work(&fake->mend, msecs_to_jiffies(50));
	rcu_read_lock();
	early = READ_ONCE(fake->mended);
	lq_bucket_pick(&fake->table, 0, &everyone, 0, &picks);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(fake->mended));
	cancel_delayed_work_sync(&fake->mend);

	KUNIT_EXPECT_FALSE(test, early);
	KUNIT_ASSERT_EQ(test, picks.n, 2);
	KUNIT_EXPECT_PTR_EQ(test, picks.p[0].obj, (void *)lq_fake_sk(fake, 2));
	KUNIT_EXPECT_EQ(test, picks.p[0].key, 3);
	KUNIT_EXPECT_PTR_EQ(test, picks.p[1].obj, (void *)lq_fake_sk(fake, 0));
	KUNIT_EXPECT_EQ(test, picks.p[1].key, 1);
}

/* twice over different bytes, and the same: nothing is left of what was there */
static void fills_are_whole(struct kunit *test)
{
	struct listenq_listener zeroes, poison;
	struct lq_crowd *c = test->priv;
	unsigned int i;

	for (i = 0; i < LQ_CROWD_ALL; i++) {
		memset(&zeroes, 0, sizeof(zeroes));
		memset(&poison, 0xa5, sizeof(poison));
		rcu_read_lock();
		lq_listener_fill(&zeroes, c->sock[i]->sk, &init_user_ns);
		lq_listener_fill(&poison, c->sock[i]->sk, &init_user_ns);
		rcu_read_unlock();
		KUNIT_EXPECT_MEMEQ(test, &zeroes, &poison, sizeof(zeroes));
		KUNIT_EXPECT_EQ(test, poison.reserved, 0);
		if (poison.family == AF_INET)
			KUNIT_EXPECT_PTR_EQ(test, memchr_inv(poison.addr + 4, 0, 12),
					    NULL);
	}
}

static void a_fill_tells_the_socket(struct kunit *test)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(LQ_CROWD_PORT + 41),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct lq_crowd *c = test->priv;
	struct socket *client, *accepted;
	struct sock *sk = c->sock[41]->sk;
	struct listenq_listener l;
	s64 since, now;

	lq_listener_fill(&l, sk, &init_user_ns);
	KUNIT_EXPECT_EQ(test, l.cookie, (u64)atomic64_read(&sk->sk_cookie));
	KUNIT_EXPECT_NE(test, l.cookie, 0);
	KUNIT_EXPECT_EQ(test, l.family, AF_INET);
	KUNIT_EXPECT_EQ(test, l.protocol, IPPROTO_TCP);
	KUNIT_EXPECT_EQ(test, l.port, LQ_CROWD_PORT + 41);
	KUNIT_EXPECT_EQ(test, l.backlog, 5);
	KUNIT_EXPECT_EQ(test, l.accept_len, 0);
	KUNIT_EXPECT_EQ(test, l.netns_ino, init_net.ns.inum);
	KUNIT_EXPECT_FALSE(test, l.has & LISTENQ_HAS_WAIT);
	KUNIT_EXPECT_FALSE(test, l.flags & LISTENQ_L_REUSEPORT);

	since = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
					       IPPROTO_TCP, &client), 0);
	KUNIT_EXPECT_EQ(test, kernel_connect(client, (void *)&to, sizeof(to), 0), 0);
	fsleep(20000);
	rcu_read_lock();
	lq_listener_fill(&l, sk, &init_user_ns);
	rcu_read_unlock();
	now = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, l.accept_len, 1);
	KUNIT_EXPECT_EQ(test, l.syn_len, 0);
	KUNIT_EXPECT_TRUE(test, l.has & LISTENQ_HAS_WAIT);
	KUNIT_EXPECT_FALSE(test, l.flags & LISTENQ_L_HEAD_DEAD);
	KUNIT_EXPECT_GE(test, l.oldest_wait_us, 20000);
	KUNIT_EXPECT_LE(test, l.oldest_wait_us, (now - since) / 1000);

	KUNIT_EXPECT_EQ(test, kernel_accept(c->sock[41], &accepted, O_NONBLOCK), 0);
	lq_listener_fill(&l, sk, &init_user_ns);
	KUNIT_EXPECT_EQ(test, l.accept_len, 0);
	KUNIT_EXPECT_FALSE(test, l.has & LISTENQ_HAS_WAIT);
	KUNIT_EXPECT_EQ(test, l.oldest_wait_us, 0);
	sock_release(accepted);
	sock_release(client);

	lq_listener_fill(&l, c->sock[0]->sk, &init_user_ns);
	KUNIT_EXPECT_TRUE(test, l.flags & LISTENQ_L_REUSEPORT);
}

/* for the n-th retransmit the sum 1 + 2 + 4 ..., each at most TCP_RTO_MAX */
static void defer_accept_in_seconds(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, lq_defer_secs(0), 0);
	KUNIT_EXPECT_EQ(test, lq_defer_secs(1), 1);
	KUNIT_EXPECT_EQ(test, lq_defer_secs(2), 3);
	KUNIT_EXPECT_EQ(test, lq_defer_secs(7), 127);
	KUNIT_EXPECT_EQ(test, lq_defer_secs(9), 127 + 120 + 120);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_walk_meets_all),
	KUNIT_CASE(one_at_a_time),
	KUNIT_CASE(stopped_before),
	KUNIT_CASE(stopped_behind),
	KUNIT_CASE(the_last_met_closes),
	KUNIT_CASE(the_refused_closes),
	KUNIT_CASE(the_next_closes),
	KUNIT_CASE(another_comes),
	KUNIT_CASE(groups_of_every_size),
	KUNIT_CASE(filters),
	KUNIT_CASE(filters_by_length),
	KUNIT_CASE(a_bucket_that_leads_elsewhere),
	KUNIT_CASE(fills_are_whole),
	KUNIT_CASE(a_fill_tells_the_socket),
	KUNIT_CASE(defer_accept_in_seconds),
	{}
};

static struct kunit_suite suite = {
	.name = "listenq_walk",
	.init = lq_crowd_init,
	.exit = lq_crowd_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
