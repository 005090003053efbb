// SPDX-License-Identifier: GPL-2.0
/*
 * What goes on the wire: structs without padding, messages that are there whole
 * or not at all, dumps over buffers of every size.
 */
#include <kunit/test.h>

#include "../../module/netlink.c"
#include "../../module/netlink_get.c"
#include "../../module/net.c"
#include "listeners.h"

#define PORTID	0x11223344
#define SEQ	0x55667788

/* where a member is, and how many bytes it has */
#define MEMBER(type, member) \
	{ #member, offsetof(struct type, member), sizeof_field(struct type, member) }

struct lq_member {
	const char *name;
	size_t offset;
	size_t size;
};

static const struct lq_member listener_members[] = {
#define M(member)	MEMBER(listenq_listener, member)
	M(cookie), M(ino), M(netns_ino), M(cgroup_id), M(oldest_wait_us),
	M(has), M(flags), M(uid), M(ifindex), M(syn_len), M(syn_young),
	M(accept_len), M(backlog), M(tfo_len), M(tfo_limit), M(defer_accept_s),
	M(drops), M(family), M(protocol), M(port), M(reserved), M(addr),
#undef M
};

static const struct lq_member net_members[] = {
#define M(member)	MEMBER(listenq_net, member)
	M(netns_ino), M(has), M(somaxconn), M(tcp_max_syn_backlog),
	M(tcp_syncookies), M(tcp_abort_on_overflow), M(tcp_synack_retries),
	M(tcp_fastopen), M(tcp_migrate_req), M(listen_overflows),
	M(listen_drops), M(req_q_full_drop), M(req_q_full_do_cookies),
	M(syncookies_sent), M(syncookies_recv), M(syncookies_failed),
	M(fast_open_listen_overflow), M(defer_accept_drop),
	M(migrate_req_success), M(migrate_req_failure), M(abort_failed),
#undef M
};

static const struct lq_member counters_members[] = {
#define M(member)	MEMBER(listenq_counters, member)
	M(has), M(since_us), M(syns), M(established), M(drop_accept_full_syn),
	M(drop_accept_full_ack), M(drop_syn_full), M(drop_syn_unproven),
	M(drop_other), M(cookies_sent), M(cookies_validated),
	M(synack_retransmits), M(first_drop_us), M(last_drop_us), M(peak_syn_us),
	M(peak_accept_us), M(peak_wait_at_us), M(peak_wait_us), M(peak_syn_len),
	M(peak_accept_len),
#undef M
};

static const struct lq_member histograms_members[] = {
#define M(member)	MEMBER(listenq_histograms, member)
	M(len_0), M(len_1), M(len_2), M(len_4), M(len_8), M(len_16), M(len_32),
	M(len_64), M(len_128), M(len_256), M(len_512), M(len_1024), M(len_2048),
	M(len_4096), M(len_8192), M(age_none), M(age_0ms), M(age_1ms), M(age_2ms),
	M(age_4ms), M(age_8ms), M(age_16ms), M(age_32ms), M(age_64ms),
	M(age_128ms), M(age_256ms), M(age_512ms), M(age_1024ms), M(age_2048ms),
	M(age_4096ms),
#undef M
};

static const struct lq_member net_counters_members[] = {
#define M(member)	MEMBER(listenq_net_counters, member)
	M(has), M(syns), M(established), M(drop_accept_full_syn),
	M(drop_accept_full_ack), M(drop_syn_full), M(drop_syn_unproven),
	M(drop_other), M(cookies_sent), M(cookies_validated),
	M(synack_retransmits), M(unattributed), M(missed), M(untracked),
	M(closed_waiting), M(events_sent), M(events_suppressed),
#undef M
};

static const struct lq_member track_members[] = {
#define M(member)	MEMBER(listenq_track, member)
	M(enabled), M(entries), M(max_entries), M(max_entries_net), M(episodes),
	M(max_episodes), M(quiet_ms), M(reserved), M(since_us),
	M(episodes_forgotten),
#undef M
};

static const struct lq_member hook_members[] = {
#define M(member)	MEMBER(listenq_hook, member)
	M(name), M(missed), M(error), M(placed),
#undef M
};

static const struct lq_member episode_members[] = {
#define M(member)	MEMBER(listenq_episode, member)
	M(id), M(start_us), M(last_us), M(drop_accept_full_syn),
	M(drop_accept_full_ack), M(drop_syn_full), M(drop_syn_unproven),
	M(drop_other), M(cookies_sent), M(peak_syn_len), M(peak_accept_len),
	M(backlog), M(open),
#undef M
};

static const struct lq_member event_members[] = {
#define M(member)	MEMBER(listenq_event, member)
	M(seq), M(suppressed), M(time_us), M(type), M(reserved),
#undef M
};

static void lq_members_fill(struct kunit *test, const struct lq_member *m,
			    unsigned int n, size_t size)
{
	size_t end = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_EQ_MSG(test, m[i].offset, end, "%s", m[i].name);
		KUNIT_EXPECT_EQ_MSG(test, m[i].offset % min_t(size_t, m[i].size, 8),
				    0, "%s", m[i].name);
		end = m[i].offset + m[i].size;
	}
	KUNIT_EXPECT_EQ(test, end, size);
}

static void structs_have_no_padding(struct kunit *test)
{
/* the wire: these sizes stay */
#define CHECK(what, bytes)							\
	do {									\
		lq_members_fill(test, what##_members, ARRAY_SIZE(what##_members),	\
				sizeof(struct listenq_##what));			\
		KUNIT_EXPECT_EQ(test, sizeof(struct listenq_##what), bytes);		\
	} while (0)
	CHECK(listener, 112);
	CHECK(net, 168);
	CHECK(counters, 152);
	CHECK(histograms, 240);
	CHECK(net_counters, 136);
	CHECK(track, 48);
	CHECK(hook, 48);
	CHECK(episode, 88);
	CHECK(event, 32);
#undef CHECK
}

static void a_net_is_filled_whole(struct kunit *test)
{
	struct listenq_net zeroes, poison;

	memset(&zeroes, 0, sizeof(zeroes));
	memset(&poison, 0xa5, sizeof(poison));
	lq_net_fill(&zeroes, &init_net);
	lq_net_fill(&poison, &init_net);
	KUNIT_EXPECT_MEMEQ(test, &zeroes, &poison, sizeof(zeroes));
	KUNIT_EXPECT_EQ(test, poison.netns_ino, init_net.ns.inum);
	KUNIT_EXPECT_EQ(test, poison.somaxconn, init_net.core.sysctl_somaxconn);
}

/* an empty skb with this much room and poison in it */
static struct sk_buff *lq_skb_new(struct kunit *test, unsigned int room)
{
	struct sk_buff *skb = alloc_skb(4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	memset(skb->data, 0xa5, skb_tailroom(skb));
	skb_reserve(skb, skb_tailroom(skb) - room);
	KUNIT_ASSERT_EQ(test, skb_tailroom(skb), (int)room);
	return skb;
}

/* a whole message, byte by byte as it must be; returns its length */
static int lq_message(u8 *to, int attr, const void *data, int len)
{
	const struct genlmsghdr genl = {
		.cmd = 9,
		.version = LISTENQ_FAMILY_VERSION,
	};
	const struct nlattr nla = { .nla_len = 4 + len, .nla_type = attr };
	const struct nlmsghdr nlh = {
		.nlmsg_len = 16 + 4 + 4 + ALIGN(len, 4),
		.nlmsg_type = lq_family.id,
		.nlmsg_flags = NLM_F_MULTI,
		.nlmsg_seq = SEQ,
		.nlmsg_pid = PORTID,
	};

	memset(to, 0, nlh.nlmsg_len);
	memcpy(to, &nlh, 16);
	memcpy(to + 16, &genl, 4);
	memcpy(to + 20, &nla, 4);
	memcpy(to + 24, data, len);
	return nlh.nlmsg_len;
}

static void lq_reply_try(struct kunit *test, int len)
{
	u8 data[200], want[256];
	const struct lq_attr attr = { 3, len, data };
	const u8 before[32] = { [0 ... 31] = 0xee };
	unsigned int room;
	int need, ret;

	for (ret = 0; ret < len; ret++)
		data[ret] = ret + 1;
	need = lq_message(want, 3, data, len);
	for (room = 0; room < need + 300; room++) {
		struct sk_buff *skb = lq_skb_new(test, sizeof(before) + room);

		skb_put_data(skb, before, sizeof(before));
		ret = lq_message_put(skb, PORTID, SEQ, NLM_F_MULTI, 9, &attr, 1);
		KUNIT_EXPECT_EQ_MSG(test, ret, room < need ? -EMSGSIZE : 0,
				    "%d bytes, room %u", len, room);
		KUNIT_EXPECT_EQ_MSG(test, skb->len,
				    sizeof(before) + (ret ? 0 : need),
				    "%d bytes, room %u", len, room);
		KUNIT_EXPECT_EQ(test, skb_tail_pointer(skb) - skb->data, skb->len);
		KUNIT_EXPECT_MEMEQ(test, skb->data, before, sizeof(before));
		if (!ret)
			KUNIT_EXPECT_MEMEQ(test, skb->data + sizeof(before), want,
					   need);
		kfree_skb(skb);
	}
}

static void replies_are_whole_or_not_there(struct kunit *test)
{
	lq_reply_try(test, 1);
	lq_reply_try(test, 7);
	lq_reply_try(test, sizeof(struct listenq_listener));
	lq_reply_try(test, sizeof(struct listenq_net));
}

static void a_full_buffer_is_not_an_error(struct kunit *test)
{
	struct sk_buff *skb = lq_skb_new(test, 100);

	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, 0), 0);
	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, -ENOMEM), -ENOMEM);
	/* nothing in it: this object fits none */
	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, -EMSGSIZE), -EMSGSIZE);
	skb_put(skb, 40);
	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, -EMSGSIZE), 40);
	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, 0), 0);
	KUNIT_EXPECT_EQ(test, lq_dump_end(skb, -ENOMEM), -ENOMEM);
	kfree_skb(skb);
}

/* a dump as the core runs one, but for who asked for it */
static struct lq_dump *lq_dump_new(struct kunit *test)
{
	struct lq_dump *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct netlink_callback *cb = kunit_kzalloc(test, sizeof(*cb), GFP_KERNEL);
	struct nlmsghdr *nlh = kunit_kzalloc(test, NLMSG_HDRLEN + GENL_HDRLEN,
					     GFP_KERNEL);
	struct sk_buff *request = kunit_kzalloc(test, sizeof(*request), GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, d && cb && nlh && request);
	nlh->nlmsg_seq = SEQ;
	NETLINK_CB(request).portid = PORTID;
	cb->skb = request;
	cb->nlh = nlh;
	lq_dump_start(d, NULL, cb);
	d->user_ns = &init_user_ns;
	return d;
}

/* count in the crowd whom the messages of a buffer speak of */
static unsigned int lq_messages_count(struct kunit *test, struct sk_buff *skb)
{
	struct lq_crowd *c = test->priv;
	const struct listenq_listener *l;
	int left = skb->len;
	struct nlmsghdr *nlh;
	unsigned int i, n = 0;

	nlmsg_for_each_msg(nlh, (struct nlmsghdr *)skb->data, skb->len, left) {
		const struct nlattr *nla = nlmsg_data(nlh) + GENL_HDRLEN;

		KUNIT_ASSERT_EQ(test, nlh->nlmsg_len, 24 + sizeof(*l));
		KUNIT_ASSERT_EQ(test, nlh->nlmsg_seq, SEQ);
		KUNIT_ASSERT_EQ(test, nlh->nlmsg_pid, PORTID);
		KUNIT_ASSERT_EQ(test, nlh->nlmsg_flags, NLM_F_MULTI);
		KUNIT_ASSERT_EQ(test, nla_type(nla), LISTENQ_A_LISTENER);
		KUNIT_ASSERT_EQ(test, nla_len(nla), sizeof(*l));
		l = nla_data(nla);
		for (i = 0; i < LQ_CROWD_ALL; i++)
			if (c->sock[i] && l->cookie ==
			    (u64)atomic64_read(&c->sock[i]->sk->sk_cookie))
				c->met[i]++;
		n++;
	}
	KUNIT_ASSERT_EQ(test, left, 0);
	return n;
}

static void dumps_over_buffers_of_every_size(struct kunit *test)
{
	static const struct lq_filter everyone;
	const unsigned int one = 24 + sizeof(struct listenq_listener);
	struct lq_dump *d = lq_dump_new(test);
	struct lq_crowd *c = test->priv;
	unsigned int room;
	int ret;

	for (room = one; room < 20 * one; room += one / 3) {
		struct lq_cursor cur = {};

		lq_crowd_forget(c);
		do {
			d->skb = lq_skb_new(test, room);
			ret = lq_dump_end(d->skb, lq_walk(&cur, &everyone,
							  lq_listener_dump_one, d));
			KUNIT_ASSERT_EQ(test, ret, ret ? d->skb->len : 0);
			if (ret)
				KUNIT_ASSERT_EQ(test, lq_messages_count(test, d->skb),
						room / one);
			else
				lq_messages_count(test, d->skb);
			kfree_skb(d->skb);
		} while (ret);
		KUNIT_ASSERT_EQ_MSG(test, lq_crowd_wrong(c, -1), 0, "room %u", room);
	}
}

static void a_dump_that_never_fits_is_an_error(struct kunit *test)
{
	static const struct lq_filter everyone;
	const unsigned int one = 24 + sizeof(struct listenq_listener);
	struct lq_dump *d = lq_dump_new(test);
	unsigned int room;

	for (room = 0; room < one; room++) {
		struct lq_cursor cur = {};

		d->skb = lq_skb_new(test, room);
		KUNIT_EXPECT_EQ(test, lq_dump_end(d->skb, lq_walk(&cur, &everyone,
								  lq_listener_dump_one, d)),
				-EMSGSIZE);
		KUNIT_EXPECT_EQ(test, d->skb->len, 0);
		kfree_skb(d->skb);
	}
}

static void net_dumps_resume(struct kunit *test)
{
	const unsigned int one = 24 + sizeof(struct listenq_net);
	struct lq_dump *d = lq_dump_new(test);
	u64 below = 0;

	d->skb = lq_skb_new(test, one - 1);
	KUNIT_EXPECT_EQ(test, lq_net_walk(&below, &init_net, lq_net_dump_one, d),
			-EMSGSIZE);
	KUNIT_EXPECT_EQ(test, d->skb->len, 0);
	kfree_skb(d->skb);
	d->skb = lq_skb_new(test, one);
	KUNIT_EXPECT_EQ(test, lq_net_walk(&below, &init_net, lq_net_dump_one, d), 0);
	KUNIT_EXPECT_EQ(test, d->skb->len, one);
	KUNIT_EXPECT_EQ(test, lq_net_walk(&below, &init_net, lq_net_dump_one, d), 0);
	KUNIT_EXPECT_EQ(test, d->skb->len, one);
	kfree_skb(d->skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(structs_have_no_padding),
	KUNIT_CASE(a_net_is_filled_whole),
	KUNIT_CASE(replies_are_whole_or_not_there),
	KUNIT_CASE(a_full_buffer_is_not_an_error),
	KUNIT_CASE(dumps_over_buffers_of_every_size),
	KUNIT_CASE(a_dump_that_never_fits_is_an_error),
	KUNIT_CASE(net_dumps_resume),
	{}
};

static struct kunit_suite suite = {
	.name = "listenq_netlink",
	.init = lq_crowd_init,
	.exit = lq_crowd_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
