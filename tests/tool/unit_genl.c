// SPDX-License-Identifier: GPL-2.0
/* The module's answers, whole, cut short, garbled and refused. */
#include <stdlib.h>

#include <linux/genetlink.h>

#include "unit_wire.h"

#include "genl.h"

static void put_listener(struct wire *w, const void *l, size_t size)
{
	begin(w, 30, NLM_F_MULTI);
	mnl_nlmsg_put_extra_header(w->nlh, GENL_HDRLEN);
	mnl_attr_put(w->nlh, LISTENQ_A_LISTENER, size, l);
	end(w);
}

/* Parses exactly the bytes given, so that ASan sees a step beyond them. */
static int parse(const struct wire *w, size_t len, struct lq_genl_reply *r,
		 struct lq_nl_error *e)
{
	char *exact = malloc(len ? len : 1);
	int ret;

	memcpy(exact, w->data, len);
	memset(r, 0, sizeof(*r));
	memset(e, 0, sizeof(*e));
	ret = lq_genl_parse(exact, len, SEQ, r, e);
	free(exact);
	return ret;
}

static void drop(struct lq_genl_reply *r)
{
	lq_genl_free(r);
}

static void good(void **state)
{
	struct listenq_listener l = { .cookie = 5, .port = 80 };
	struct listenq_net net = { .netns_ino = 9, .somaxconn = 4096 };
	struct wire w = { .len = 0 };
	struct lq_genl_reply r;
	struct lq_nl_error e;

	(void)state;
	put_listener(&w, &l, sizeof(l));
	begin(&w, NLMSG_NOOP, 0);
	end(&w);
	l.cookie = 6;
	put_listener(&w, &l, sizeof(l));
	w.nlh->nlmsg_seq = SEQ + 1; /* somebody else's */
	l.cookie = 7;
	put_listener(&w, &l, sizeof(l));
	assert_int_equal(parse(&w, w.len, &r, &e), 0);
	assert_int_equal(r.listeners.n, 2);
	assert_int_equal(r.listeners.v[0].cookie, 5);
	assert_int_equal(r.listeners.v[1].cookie, 7);
	drop(&r);

	begin(&w, 30, NLM_F_MULTI | NLM_F_DUMP_INTR);
	mnl_nlmsg_put_extra_header(w.nlh, GENL_HDRLEN);
	mnl_attr_put(w.nlh, LISTENQ_A_NET, sizeof(net), &net);
	end(&w);
	put_done(&w, 0);
	put_listener(&w, &l, sizeof(l)); /* after the end */
	assert_int_equal(parse(&w, w.len, &r, &e), 1);
	assert_int_equal(r.listeners.n, 2);
	assert_int_equal(r.nets.n, 1);
	assert_int_equal(r.nets.v[0].somaxconn, 4096);
	drop(&r);
}

/* A module newer than the tool sends more, and attributes nobody here knows. */
static void newer(void **state)
{
	struct {
		struct listenq_listener l;
		char more[40];
	} newer = { .l = { .cookie = 5, .port = 80, .addr = { [15] = 9 } } };
	struct wire w = { .len = 0 };
	struct lq_genl_reply r;
	struct lq_nl_error e;

	(void)state;
	memset(newer.more, 0xff, sizeof(newer.more));
	begin(&w, 30, NLM_F_MULTI);
	mnl_nlmsg_put_extra_header(w.nlh, GENL_HDRLEN);
	mnl_attr_put_u32(w.nlh, 200, 1);
	mnl_attr_put(w.nlh, LISTENQ_A_LISTENER, sizeof(newer), &newer);
	end(&w);
	assert_int_equal(parse(&w, w.len, &r, &e), 0);
	assert_memory_equal(&r.listeners.v[0], &newer.l, sizeof(newer.l));
	drop(&r);
}

static void expect_bad(const struct wire *w, const char *msg)
{
	struct lq_genl_reply r;
	struct lq_nl_error e;

	assert_int_equal(parse(w, w->len, &r, &e), -1);
	assert_int_equal(e.err, EBADMSG);
	assert_false(e.refused);
	assert_string_equal(e.msg, msg);
	drop(&r);
}

static void garbled(void **state)
{
	struct listenq_listener l = { .cookie = 5 };
	struct wire w = { .len = 0 };
	struct nlattr *a;

	(void)state;
	put_listener(&w, &l, sizeof(l) - 4);
	expect_bad(&w, "a listener that is cut short");

	w.len = 0;
	begin(&w, 30, NLM_F_MULTI);
	mnl_nlmsg_put_extra_header(w.nlh, GENL_HDRLEN);
	mnl_attr_put(w.nlh, LISTENQ_A_NET, 8, &l);
	end(&w);
	expect_bad(&w, "a network namespace that is cut short");

	w.len = 0;
	begin(&w, 30, NLM_F_MULTI);
	mnl_nlmsg_put_extra_header(w.nlh, GENL_HDRLEN);
	mnl_attr_put_u32(w.nlh, LISTENQ_A_PORT, 1);
	end(&w);
	expect_bad(&w, "a message without a listener or a namespace");

	w.len = 0;
	begin(&w, 30, NLM_F_MULTI);
	end(&w);
	expect_bad(&w, "a message shorter than its header");

	w.len = 0;
	put_listener(&w, &l, sizeof(l));
	a = mnl_nlmsg_get_payload_offset(w.nlh, GENL_HDRLEN);
	a->nla_len += 64;
	expect_bad(&w, "an attribute longer than its message");
	a->nla_len = 2;
	expect_bad(&w, "an attribute longer than its message");

	w.len = 0;
	begin(&w, NLMSG_ERROR, 0);
	end(&w);
	expect_bad(&w, "a truncated error message");
}

/* Every way to cut a reply short: never the whole, never a crash. */
static void truncated(void **state)
{
	struct listenq_listener l = { .cookie = 5 };
	struct wire w = { .len = 0 };
	size_t ends[3];

	(void)state;
	put_listener(&w, &l, sizeof(l));
	ends[0] = w.len;
	put_listener(&w, &l, sizeof(l));
	ends[1] = w.len;
	put_done(&w, 0);
	ends[2] = w.len;
	for (size_t len = 0; len <= w.len; len++) {
		bool whole = !len || len == ends[0] || len == ends[1];
		struct lq_genl_reply r;
		struct lq_nl_error e;
		int ret = parse(&w, len, &r, &e);

		assert_int_equal(ret, len == ends[2] ? 1 : whole ? 0 : -1);
		if (ret < 0)
			assert_string_equal(e.msg, "a truncated message");
		drop(&r);
	}
}

static void put_error(struct wire *w, int err, bool capped, const char *msg,
		      uint32_t offset)
{
	struct nlmsgerr *m;

	begin(w, NLMSG_ERROR, NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0));
	m = mnl_nlmsg_put_extra_header(w->nlh, sizeof(*m) + (capped ? 0 : 24));
	m->error = err;
	m->msg.nlmsg_len = sizeof(m->msg) + 24;
	mnl_attr_put_strz(w->nlh, NLMSGERR_ATTR_MSG, msg);
	mnl_attr_put_u32(w->nlh, NLMSGERR_ATTR_OFFS, offset);
	end(w);
}

static void errors(void **state)
{
	struct listenq_listener l = { .cookie = 5 };
	struct lq_genl_reply r;
	struct lq_nl_error e;

	(void)state;
	for (int capped = 0; capped < 2; capped++) {
		struct wire w = { .len = 0 };
		struct nlattr *quoted;
		struct nlmsgerr *m;

		put_listener(&w, &l, sizeof(l));
		put_error(&w, -EPERM, capped, "not for you", 20);
		assert_int_equal(parse(&w, w.len, &r, &e), -1);
		assert_true(e.refused);
		assert_int_equal(e.err, EPERM);
		assert_string_equal(e.msg, "not for you");
		assert_int_equal(e.attr_offset, 20);
		drop(&r);

		/* A header that lies about the request it quotes. */
		w.len = 0;
		put_error(&w, -EPERM, false, "not for you", 20);
		m = mnl_nlmsg_get_payload(w.nlh);
		m->msg.nlmsg_len = capped ? 3 : 9999;
		quoted = (struct nlattr *)(m + 1);
		quoted->nla_type = NLMSGERR_ATTR_MSG;
		quoted->nla_len = 12;
		memcpy(quoted + 1, "no word", 8);
		assert_int_equal(parse(&w, w.len, &r, &e), -1);
		assert_int_equal(e.err, EPERM);
		assert_string_equal(e.msg, "");
		drop(&r);
	}

	{
		struct wire w = { .len = 0 };

		put_error(&w, 0, true, "", 0);
		assert_int_equal(parse(&w, w.len, &r, &e), 1);
		drop(&r);
		w.len = 0;
		put_done(&w, -ENOMEM);
		assert_int_equal(parse(&w, w.len, &r, &e), -1);
		assert_true(e.refused);
		assert_int_equal(e.err, ENOMEM);
		drop(&r);
		/* A refused dump says why behind its DONE. */
		w.len = 0;
		put_done(&w, -EINVAL);
		w.len = 0;
		w.nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(w.nlh, NLMSGERR_ATTR_MSG, "no such thing");
		end(&w);
		assert_int_equal(parse(&w, w.len, &r, &e), -1);
		assert_string_equal(e.msg, "no such thing");
		drop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(newer),
		cmocka_unit_test(garbled),
		cmocka_unit_test(truncated),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests_name("genl", tests, NULL, NULL);
}
