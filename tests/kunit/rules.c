// SPDX-License-Identifier: GPL-2.0
/*
 * rules.h against the kernel's own inlines, pick.h against a plain sort.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/sort.h>
#include <net/inet_connection_sock.h>

#include <listenq/rules.h>

#include "pick.h"

static const u32 numbers[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 95, 96, 97, 127, 128, 129,
	4095, 4096, 4097, 65535, 65536, INT_MAX - 1, INT_MAX, INT_MAX + 1U,
	U32_MAX / 4 * 3, U32_MAX / 4 * 3 + 1, U32_MAX - 1, U32_MAX,
};

static void full_is_what_the_kernel_says(struct kunit *test)
{
	struct inet_connection_sock *icsk;
	unsigned int i, j;
	struct sock *sk;

	icsk = kunit_kzalloc(test, sizeof(*icsk), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, icsk);
	sk = &icsk->icsk_inet.sk;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			u32 len = numbers[i], limit = numbers[j];
			bool full = lq_queue_is_full(len, limit);

			atomic_set(&icsk->icsk_accept_queue.qlen, len);
			sk->sk_ack_backlog = len;
			sk->sk_max_ack_backlog = limit;
			KUNIT_EXPECT_EQ_MSG(test, full, !!sk_acceptq_is_full(sk),
					    "accept queue, %u of %u", len, limit);
			KUNIT_EXPECT_EQ_MSG(test, full,
					    !!inet_csk_reqsk_queue_is_full(sk),
					    "SYN queue, %u of %u", len, limit);
		}
	}
}

/* the least whole number that is three quarters of a limit, but not 0 */
static u32 busy_from(u32 limit)
{
	return limit ? limit - limit / 4 : 1;
}

static void busy_is_three_quarters(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++)
			KUNIT_EXPECT_EQ_MSG(test, !!lq_queue_is_busy(numbers[i], numbers[j]),
					    numbers[i] >= busy_from(numbers[j]),
					    "%u of %u", numbers[i], numbers[j]);
	KUNIT_EXPECT_FALSE(test, lq_queue_is_busy(95, 128));
	KUNIT_EXPECT_TRUE(test, lq_queue_is_busy(96, 128));
}

static void state_of_every_combination(struct kunit *test)
{
	static const u64 waits[] = { 0, 999999, 1000000, U64_MAX };
	static const u32 lens[] = { 0, 1, 2, 3, 4, 95, 96, 128, 129, U32_MAX };
	static const u32 limits[] = { 0, 1, 4, 128, U32_MAX };
	unsigned int flags, has, s, a, w, b;

	for (flags = 0; flags < 128; flags++)
	for (has = 0; has < 4; has++)
	for (b = 0; b < ARRAY_SIZE(limits); b++)
	for (s = 0; s < ARRAY_SIZE(lens); s++)
	for (a = 0; a < ARRAY_SIZE(lens); a++)
	for (w = 0; w < ARRAY_SIZE(waits); w++) {
		struct listenq_listener l = {
			.flags = flags,
			.has = (has & 1 ? LISTENQ_HAS_SYN_LEN : 0) |
			       (has & 2 ? LISTENQ_HAS_WAIT : 0),
			.backlog = limits[b],
			.syn_len = lens[s],
			.accept_len = lens[a],
			.oldest_wait_us = waits[w],
		};
		bool syn = (has & 1) && lens[s] >= busy_from(limits[b]);
		bool accept = lens[a] >= busy_from(limits[b]);
		bool wait = (has & 2) && waits[w] >= 1000000;
		enum lq_state want = LQ_STATE_OK;

		if (syn || accept || wait)
			want = LQ_STATE_BUSY;
		if (flags & 3)
			want = LQ_STATE_FULL;
		if (lq_listener_state(&l) == want)
			continue;
		KUNIT_FAIL(test, "flags %x has %x syn %u accept %u of %u wait %llu: %d, not %d",
			   l.flags, l.has, l.syn_len, l.accept_len, l.backlog,
			   l.oldest_wait_us, lq_listener_state(&l), want);
		return;
	}
	BUILD_BUG_ON((LISTENQ_L_SYN_FULL | LISTENQ_L_ACCEPT_FULL) != 3);
}

static void state_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, lq_state_name(LQ_STATE_OK), "ok");
	KUNIT_EXPECT_STREQ(test, lq_state_name(LQ_STATE_BUSY), "busy");
	KUNIT_EXPECT_STREQ(test, lq_state_name(LQ_STATE_FULL), "FULL");
}

static int falling(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

#define MOST_KEYS	(2 * LQ_BATCH)

/* fixed seed: a failure comes again */
static u32 dice(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void picks_are_the_highest_below(struct kunit *test)
{
	static u64 keys[MOST_KEYS];
	static struct lq_picks picks;
	u32 seed = 20261122;
	unsigned int round, i, n, want;
	u64 below, last;

	for (round = 0; round < 8000; round++) {
		/* few values: duplicates; many: none */
		u32 range = round & 1 ? LQ_BATCH : 1 << 20;

		n = dice(&seed) % (MOST_KEYS + 1);
		below = round % 3 ? dice(&seed) % range : 0;
		picks.n = 0;
		for (i = 0; i < n; i++) {
			keys[i] = 1 + dice(&seed) % range;
			lq_pick_add(&picks, below, keys[i],
				    (void *)(unsigned long)keys[i]);
		}
		sort(keys, n, sizeof(keys[0]), falling, NULL);
		last = 0;
		want = 0;
		for (i = 0; i < n && want < LQ_BATCH; i++) {
			if ((below && keys[i] >= below) || keys[i] == last)
				continue;
			last = keys[i];
			if (want < picks.n && picks.p[want].key == last &&
			    picks.p[want].obj == (void *)(unsigned long)last) {
				want++;
				continue;
			}
			KUNIT_FAIL(test, "round %u: pick %u of %u is not %llu",
				   round, want, picks.n, last);
			return;
		}
		KUNIT_ASSERT_EQ_MSG(test, picks.n, want, "round %u", round);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(full_is_what_the_kernel_says),
	KUNIT_CASE(busy_is_three_quarters),
	KUNIT_CASE(state_of_every_combination),
	KUNIT_CASE(state_names),
	KUNIT_CASE(picks_are_the_highest_below),
	{}
};

static struct kunit_suite suite = {
	.name = "listenq_rules",
	.test_cases = cases,
};
kunit_test_suite(suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of listenq");
