// SPDX-License-Identifier: GPL-2.0
/* What sock_diag and the files of /proc tell. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "unit_wire.h"

#include "diag.h"
#include "netfields.h"
#include "owner.h"

static struct inet_diag_msg *begin_socket(struct wire *w, int state,
					  const char *addr, uint16_t port)
{
	struct inet_diag_msg *m;

	begin(w, TCPDIAG_GETSOCK, NLM_F_MULTI);
	m = mnl_nlmsg_put_extra_header(w->nlh, sizeof(*m));
	m->idiag_state = state;
	m->idiag_family = AF_INET;
	if (inet_pton(AF_INET, addr, m->id.idiag_src) != 1) {
		m->idiag_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, addr, m->id.idiag_src), 1);
	}
	m->id.idiag_sport = htons(port);
	return m;
}

static int parse_diag(const struct wire *w, struct lq_diag_reply *r,
		      struct lq_nl_error *e)
{
	char *exact = malloc(w->len);
	int ret;

	memcpy(exact, w->data, w->len);
	memset(r, 0, sizeof(*r));
	ret = lq_diag_parse(exact, w->len, SEQ, r, e);
	free(exact);
	return ret;
}

static void sockets(void **state)
{
	uint32_t mem[SK_MEMINFO_VARS] = { [SK_MEMINFO_DROPS] = 42 };
	const struct listenq_listener *l;
	struct wire w = { .len = 0 };
	struct inet_diag_msg *m;
	struct lq_diag_reply r;
	struct lq_nl_error e;
	uint64_t cgroup = 77;

	(void)state;
	m = begin_socket(&w, TCP_LISTEN, "::1", 443);
	m->id.idiag_cookie[0] = 0x89abcdef;
	m->id.idiag_cookie[1] = 0x1234567;
	m->id.idiag_if = 3;
	m->idiag_rqueue = 5;
	m->idiag_wqueue = 4;
	m->idiag_uid = 33;
	m->idiag_inode = 4711;
	mnl_attr_put_u8(w.nlh, INET_DIAG_SHUTDOWN, 0);
	mnl_attr_put(w.nlh, INET_DIAG_SKMEMINFO, sizeof(mem), mem);
	mnl_attr_put_u8(w.nlh, INET_DIAG_SKV6ONLY, 1);
	mnl_attr_put(w.nlh, INET_DIAG_CGROUP_ID, sizeof(cgroup), &cgroup);
	end(&w);
	begin_socket(&w, TCP_SYN_RECV, "10.0.0.1", 80);
	end(&w);
	begin_socket(&w, TCP_SYN_RECV, "10.0.0.2", 80); /* Fast Open: a full socket */
	mnl_attr_put_u8(w.nlh, INET_DIAG_SHUTDOWN, 0);
	end(&w);
	begin_socket(&w, TCP_ESTABLISHED, "10.0.0.2", 80);
	end(&w);
	begin_socket(&w, TCP_LISTEN, "10.0.0.1", 80);
	end(&w);
	put_done(&w, 0);

	assert_int_equal(parse_diag(&w, &r, &e), 1);
	assert_int_equal(r.listeners.n, 2);
	l = &r.listeners.v[0];
	assert_int_equal(l->cookie, 0x123456789abcdef);
	assert_int_equal(l->family, AF_INET6);
	assert_int_equal(l->addr[15], 1);
	assert_int_equal(l->port, 443);
	assert_int_equal(l->ifindex, 3);
	assert_int_equal(l->accept_len, 5);
	assert_int_equal(l->backlog, 4);
	assert_int_equal(l->uid, 33);
	assert_int_equal(l->ino, 4711);
	assert_int_equal(l->drops, 42);
	assert_int_equal(l->cgroup_id, 77);
	assert_int_equal(l->flags, LISTENQ_L_ACCEPT_FULL | LISTENQ_L_V6ONLY);
	assert_int_equal(l->has, LISTENQ_HAS_DROPS | LISTENQ_HAS_CGROUP);
	assert_int_equal(r.listeners.v[1].has, 0);
	assert_int_equal(r.n_requests, 1);
	assert_int_equal(r.requests[0].addr[3], 1);
	free(r.listeners.v);
	free(r.requests);

	w.len = 0;
	begin(&w, TCPDIAG_GETSOCK, 0);
	mnl_nlmsg_put_extra_header(w.nlh, sizeof(*m) - 4);
	end(&w);
	assert_int_equal(parse_diag(&w, &r, &e), -1);
	assert_string_equal(e.msg, "a socket that is cut short");
	w.len = 0;
	begin_socket(&w, TCP_LISTEN, "10.0.0.1", 80)->idiag_family = 99;
	end(&w);
	assert_int_equal(parse_diag(&w, &r, &e), -1);
	assert_string_equal(e.msg, "a socket of an unknown address family");
}

static void put_at(uint16_t *family, uint8_t addr[16], const char *text)
{
	memset(addr, 0, 16);
	*family = AF_INET;
	if (inet_pton(AF_INET, text, addr) == 1)
		return;
	*family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text, addr), 1);
}

/* Each request goes to the listener that the kernel's lookup would find. */
static void counts(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
		uint32_t ifindex;
		int want;	/* -1: unknown */
	} listeners[] = {
		{ "10.0.0.1", 80, 0, 2 },
		{ "0.0.0.0", 80, 0, 1 },
		{ "0.0.0.0", 80, 4, 1 },
		{ "::", 80, 0, 2 },
		{ "::1", 80, 0, 1 },
		{ "127.0.0.1", 90, 0, -1 },	/* a reuseport group */
		{ "127.0.0.1", 90, 0, -1 },
		{ "127.0.0.1", 91, 0, 0 },	/* and one without requests */
		{ "127.0.0.1", 91, 0, 0 },
	};
	static const struct {
		const char *addr;
		uint16_t port;
		uint32_t ifindex;
	} requests[] = {
		{ "10.0.0.1", 80, 0 },
		{ "10.0.0.1", 80, 4 },	/* the address counts more than the device */
		{ "10.0.0.2", 80, 0 },
		{ "10.0.0.2", 80, 4 },
		{ "::ffff:10.0.0.1", 80, 0 },
		{ "::2", 80, 0 },
		{ "::1", 80, 7 },	/* a link-local peer names its device */
		{ "127.0.0.1", 90, 0 },
		{ "10.0.0.1", 81, 0 },	/* of a listener that is gone */
	};
	enum {
		N = sizeof(listeners) / sizeof(listeners[0]),
		M = sizeof(requests) / sizeof(requests[0]),
	};
	struct listenq_listener v[N] = { 0 };
	struct lq_listeners t = { .v = v, .n = N };
	struct lq_diag_request r[M] = { 0 };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		put_at(&v[i].family, v[i].addr, listeners[i].addr);
		v[i].port = listeners[i].port;
		v[i].ifindex = listeners[i].ifindex;
		v[i].backlog = 1;
	}
	for (size_t i = 0; i < M; i++) {
		put_at(&r[i].family, r[i].addr, requests[i].addr);
		r[i].port = requests[i].port;
		r[i].ifindex = requests[i].ifindex;
	}
	lq_diag_count_requests(&t, r, M);
	for (int i = 0; i < N; i++) {
		bool known = v[i].has & LISTENQ_HAS_SYN_LEN;

		if ((known ? (int)v[i].syn_len : -1) != listeners[i].want)
			fail_msg("listener %d: %d", i, known ? (int)v[i].syn_len : -1);
		assert_int_equal(!!(v[i].flags & LISTENQ_L_SYN_FULL), listeners[i].want > 1);
	}
	t.n = 0;
	lq_diag_count_requests(&t, r, M);
}

static uint64_t counter(const struct listenq_net *net, const char *name)
{
	const struct lq_net_field *f = lq_net_field_by_mib(name, strlen(name));
	uint64_t v;

	assert_non_null(f);
	return lq_net_field_get(net, f, &v) ? v : 0xdead;
}

static void netstat(const char *text, struct listenq_net *net)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);

	memcpy(exact, text, len);
	memset(net, 0, sizeof(*net));
	lq_netstat_parse(net, exact, len);
	free(exact);
}

static void proc_netstat(void **state)
{
	struct listenq_net net;

	(void)state;
	netstat("TcpExt: SyncookiesSent ListenDrops Foo ListenOverflows TCPAbortFailed\n"
		"TcpExt: 1 22 333 18446744073709551615 99999999999999999999\n"
		"IpExt: ListenDrops\nIpExt: 5\n", &net);
	assert_int_equal(counter(&net, "SyncookiesSent"), 1);
	assert_int_equal(counter(&net, "ListenDrops"), 22);
	assert_int_equal(counter(&net, "ListenOverflows"), UINT64_MAX);
	assert_int_equal(counter(&net, "TCPAbortFailed"), 0xdead);
	assert_int_equal(counter(&net, "TCPReqQFullDrop"), 0xdead);
	assert_int_equal(net.syncookies_sent, 1);
	assert_int_equal(net.listen_drops, 22);
	assert_true(net.has == (LISTENQ_NET_HAS_SYNCOOKIES_SENT |
				LISTENQ_NET_HAS_LISTEN_DROPS |
				LISTENQ_NET_HAS_LISTEN_OVERFLOWS));

	/* Fewer values than names, no values, no newline, nothing. */
	netstat("TcpExt: SyncookiesSent ListenDrops\nTcpExt: 1", &net);
	assert_int_equal(counter(&net, "SyncookiesSent"), 1);
	assert_int_equal(counter(&net, "ListenDrops"), 0xdead);
	netstat("TcpExt: SyncookiesSent ListenDrops\n", &net);
	assert_int_equal(net.has, 0);
	netstat("TcpExt: ListenDrops\nTcpExt: x1\n", &net);
	assert_int_equal(net.has, 0);
	netstat("", &net);
	assert_int_equal(net.has, 0);
}

/* Bit n is the n-th value, and is called as in the struct and the kernel. */
static void net_fields(void **state)
{
	struct listenq_net net = { .has = LISTENQ_NET_HAS_ABORT_FAILED |
		LISTENQ_NET_HAS_TCP_MIGRATE_REQ, .abort_failed = 3,
		.tcp_migrate_req = 1, .somaxconn = 8 };
	uint64_t v;

	(void)state;
	assert_int_equal(lq_net_nfields, 19);
	assert_int_equal(counter(&net, "TCPAbortFailed"), 3);
	assert_string_equal(lq_net_fields[6].source, "net.ipv4.tcp_migrate_req");
	assert_true(lq_net_field_get(&net, &lq_net_fields[6], &v));
	assert_int_equal(v, 1);
	assert_string_equal(lq_net_fields[0].source, "net.core.somaxconn");
	assert_false(lq_net_field_get(&net, &lq_net_fields[0], &v));
}

static void links(void **state)
{
	static const struct {
		const char *link;
		uint64_t ino;	/* 0: no socket */
	} cases[] = {
		{ "socket:[1]", 1 },
		{ "socket:[4711]", 4711 },
		{ "socket:[4294967296]", 4294967296 },
		{ "socket:[]", 0 },
		{ "socket:[12", 0 },
		{ "socket:[1x]", 0 },
		{ "socket:", 0 },
		{ "", 0 },
		{ "pipe:[12]", 0 },
		{ "/tmp/socket:[12]", 0 },
		{ "socket:[99999999999999999999999999]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].link);
		char *exact = malloc(len ? len : 1);
		uint64_t ino = 0;
		bool found;

		memcpy(exact, cases[i].link, len);
		found = lq_owner_parse_link(exact, len, &ino);
		free(exact);
		if (found != !!cases[i].ino || ino != cases[i].ino)
			fail_msg("\"%s\"", cases[i].link);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets),
		cmocka_unit_test(counts),
		cmocka_unit_test(proc_netstat),
		cmocka_unit_test(net_fields),
		cmocka_unit_test(links),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
