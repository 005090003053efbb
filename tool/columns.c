// SPDX-License-Identifier: GPL-2.0
/* What a listener has in each column. */
#include <netinet/in.h>

#include <listenq/rules.h>

#include "columns.h"
#include "counters.h"
#include "names.h"

static void put_dash(struct lq_buf *b)
{
	lq_put_char(b, '-');
}

static void put_known(struct lq_buf *b, const struct listenq_listener *l,
		      uint32_t has, uint64_t v)
{
	if (l->has & has)
		lq_put_u64(b, v);
	else
		put_dash(b);
}

static void text_state(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	(void)v;
	lq_put_str(b, lq_state_name(lq_listener_state(l)));
}

static void text_syn(struct lq_buf *b, const struct listenq_listener *l,
		     const struct lq_view *v)
{
	(void)v;
	put_known(b, l, LISTENQ_HAS_SYN_LEN, l->syn_len);
	lq_put_char(b, '(');
	put_known(b, l, LISTENQ_HAS_SYN_YOUNG, l->syn_young);
	lq_put_char(b, ')');
}

static void text_accept(struct lq_buf *b, const struct listenq_listener *l,
			const struct lq_view *v)
{
	(void)v;
	lq_put_u64(b, l->accept_len);
	lq_put_char(b, '/');
	lq_put_u64(b, l->backlog);
}

static void text_wait(struct lq_buf *b, const struct listenq_listener *l,
		      const struct lq_view *v)
{
	(void)v;
	if (l->has & LISTENQ_HAS_WAIT)
		lq_put_wait(b, l->oldest_wait_us);
	else
		put_dash(b);
}

/* Exact, with their cause, if there are any; else what the socket itself counted. */
static void text_drops(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	const struct listenq_counters *c = lq_counters_of(v->listeners, l);
	struct lq_causes causes;
	uint64_t drops = c ? lq_causes_get(&causes, c) : 0;

	if (drops)
		lq_put_u64(b, drops);
	else
		put_known(b, l, LISTENQ_HAS_DROPS, l->drops);
}

static void text_cause(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	const struct listenq_counters *c = lq_counters_of(v->listeners, l);
	struct lq_causes causes;

	if (c && lq_causes_get(&causes, c))
		lq_put_cause(b, &causes);
	else
		put_dash(b);
}

static void put_addr(struct lq_buf *b, const struct listenq_listener *l)
{
	if (l->family == AF_INET)
		lq_put_ipv4(b, l->addr);
	else
		lq_put_ipv6(b, l->addr);
}

static void put_device(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	const char *name = NULL;

	if (l->netns_ino == v->netns_ino)
		name = lq_device_name(l->ifindex);
	lq_put_char(b, '%');
	if (name) {
		lq_put_escaped(b, name, strlen(name), LQ_ESCAPE_TEXT);
		lq_buf_room(b, LQ_ROOM);
	} else {
		lq_put_mem(b, "if", 2);
		lq_put_u64(b, l->ifindex);
	}
}

/**
 * lq_put_local - append a listener's address and port
 * @b: the buffer
 * @l: the listener
 * @v: how
 *
 * As ss: * is the IPv6 wildcard that takes IPv4 connections, too.
 */
void lq_put_local(struct lq_buf *b, const struct listenq_listener *l,
		  const struct lq_view *v)
{
	static const uint8_t any[16];
	const char *service = v->numeric ? NULL : lq_service_name(l->port);
	bool v6 = l->family != AF_INET;

	if (v6 && !(l->flags & LISTENQ_L_V6ONLY) && !memcmp(l->addr, any, 16)) {
		lq_put_char(b, '*');
	} else {
		if (v6)
			lq_put_char(b, '[');
		put_addr(b, l);
		if (v6)
			lq_put_char(b, ']');
	}
	if (l->ifindex)
		put_device(b, l, v);
	lq_put_char(b, ':');
	if (service)
		lq_put_str(b, service);
	else
		lq_put_u64(b, l->port);
}

/**
 * lq_put_netns - append the namespace of a listener
 * @b: the buffer; room is made here
 * @l: the listener
 * @v: not used
 */
void lq_put_netns(struct lq_buf *b, const struct listenq_listener *l,
		  const struct lq_view *v)
{
	const char *name = lq_netns_name(l->netns_ino);

	(void)v;
	if (name)
		lq_put_escaped(b, name, strlen(name), LQ_ESCAPE_TEXT);
	else
		lq_put_u64(b, l->netns_ino);
}

static void put_comm(struct lq_buf *b, const struct lq_view *v,
		     const struct lq_owner *w, enum lq_escape how)
{
	lq_put_escaped(b, v->owners->names.data + w->comm, w->comm_len, how);
	lq_buf_room(b, LQ_ROOM);
}

static bool same_comm(const struct lq_view *v, const struct lq_owner *a,
		      const struct lq_owner *b)
{
	const char *names = v->owners->names.data;

	return a->comm_len == b->comm_len &&
	       !memcmp(names + a->comm, names + b->comm, a->comm_len);
}

/* users:(("nginx",pid=1,fd=6),("nginx",pid=2,fd=6)), as ss -p */
static void put_users(struct lq_buf *b, const struct lq_view *v,
		      const struct lq_owner *w, size_t n)
{
	lq_put_str(b, "users:(");
	for (size_t i = 0; i < n; i++) {
		lq_put_str(b, i ? ",(\"" : "(\"");
		put_comm(b, v, &w[i], LQ_ESCAPE_TEXT);
		lq_put_str(b, "\",pid=");
		lq_put_u64(b, w[i].pid);
		lq_put_str(b, ",fd=");
		lq_put_u64(b, w[i].fd);
		lq_put_char(b, ')');
	}
	lq_put_char(b, ')');
}

/* nginx/1+4: nginx with pid 1 and four more of that name; other names follow. */
static void put_short_users(struct lq_buf *b, const struct lq_view *v,
			    const struct lq_owner *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t last = w[i].pid;
		size_t more = 0, seen = 0;

		while (seen < i && !same_comm(v, &w[seen], &w[i]))
			seen++;
		if (seen < i)
			continue;
		if (i)
			lq_put_char(b, ',');
		put_comm(b, v, &w[i], LQ_ESCAPE_TEXT);
		lq_put_char(b, '/');
		lq_put_u64(b, w[i].pid);
		for (size_t j = i + 1; j < n; j++) {
			if (w[j].pid != last && same_comm(v, &w[j], &w[i]))
				more++;
			last = w[j].pid;
		}
		if (more) {
			lq_put_char(b, '+');
			lq_put_u64(b, more);
		}
	}
}

/**
 * lq_put_processes - append who holds a listener
 * @b: the buffer; room is made here
 * @l: the listener
 * @v: how, and with which processes
 */
void lq_put_processes(struct lq_buf *b, const struct listenq_listener *l,
		      const struct lq_view *v)
{
	const struct lq_owner *w;
	size_t n = v->owners ? lq_owners_find(v->owners, l->ino, &w) : 0;

	if (!n)
		put_dash(b);
	else if (v->processes)
		put_users(b, v, w, n);
	else
		put_short_users(b, v, w, n);
}

/**
 * lq_put_hex - append a number as ss prints sk:
 * @b: the buffer
 * @v: the number
 */
void lq_put_hex(struct lq_buf *b, uint64_t v)
{
	int shift = 60;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		lq_put_char(b, "0123456789abcdef"[v >> shift & 15]);
}

static void put_cgroup(struct lq_buf *b, uint64_t id)
{
	const char *path = lq_cgroup_path(id);

	lq_put_str(b, " cgroup:");
	if (path) {
		lq_put_escaped(b, path, strlen(path), LQ_ESCAPE_TEXT);
		lq_buf_room(b, LQ_ROOM);
	} else {
		lq_put_str(b, "unreachable:");
		lq_put_hex(b, id);
	}
}

/* What ss -e shows, in its words, and what only we know. */
static void text_extended(struct lq_buf *b, const struct listenq_listener *l,
			  const struct lq_view *v)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = {
		{ LISTENQ_L_V6ONLY, " v6only" },
		{ LISTENQ_L_REUSEPORT, " reuseport" },
		{ LISTENQ_L_TRANSPARENT, " transparent" },
		{ LISTENQ_L_SYN_FLOOD, " syn-flood" },
		{ LISTENQ_L_HEAD_DEAD, " head-dead" },
	};

	(void)v;
	lq_put_str(b, "uid:");
	lq_put_u64(b, l->uid);
	lq_put_str(b, " ino:");
	lq_put_u64(b, l->ino);
	lq_put_str(b, " sk:");
	lq_put_hex(b, l->cookie);
	if (l->has & LISTENQ_HAS_CGROUP)
		put_cgroup(b, l->cgroup_id);
	if (l->protocol == IPPROTO_MPTCP)
		lq_put_str(b, " mptcp");
	if ((l->has & LISTENQ_HAS_TFO) && l->tfo_limit) {
		lq_put_str(b, " fastopen:");
		lq_put_u64(b, l->tfo_len);
		lq_put_char(b, '/');
		lq_put_u64(b, l->tfo_limit);
	}
	if ((l->has & LISTENQ_HAS_DEFER) && l->defer_accept_s) {
		lq_put_str(b, " defer:");
		lq_put_u64(b, l->defer_accept_s);
		lq_put_char(b, 's');
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (l->flags & words[i].flag)
			lq_put_str(b, words[i].word);
}

static void put_quoted(struct lq_buf *b, const char *s)
{
	lq_put_char(b, '"');
	lq_put_str(b, s);
	lq_put_char(b, '"');
}

static void json_state(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	(void)v;
	put_quoted(b, lq_state_name(lq_listener_state(l)));
}

static void json_cookie(struct lq_buf *b, const struct listenq_listener *l,
			const struct lq_view *v)
{
	(void)v;
	lq_put_char(b, '"');
	lq_put_hex(b, l->cookie);
	lq_put_char(b, '"');
}

static void json_family(struct lq_buf *b, const struct listenq_listener *l,
			const struct lq_view *v)
{
	(void)v;
	put_quoted(b, l->family == AF_INET ? "inet" : "inet6");
}

static void json_protocol(struct lq_buf *b, const struct listenq_listener *l,
			  const struct lq_view *v)
{
	(void)v;
	put_quoted(b, l->protocol == IPPROTO_MPTCP ? "mptcp" : "tcp");
}

static void json_addr(struct lq_buf *b, const struct listenq_listener *l,
		      const struct lq_view *v)
{
	(void)v;
	lq_put_char(b, '"');
	put_addr(b, l);
	lq_put_char(b, '"');
}

static void json_processes(struct lq_buf *b, const struct listenq_listener *l,
			   const struct lq_view *v)
{
	const struct lq_owner *w;
	size_t n = v->owners ? lq_owners_find(v->owners, l->ino, &w) : 0;

	if (!n) {
		lq_put_str(b, "null");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		lq_put_str(b, i ? ",{\"name\":\"" : "[{\"name\":\"");
		put_comm(b, v, &w[i], LQ_ESCAPE_JSON);
		lq_put_str(b, "\",\"pid\":");
		lq_put_u64(b, w[i].pid);
		lq_put_str(b, ",\"fd\":");
		lq_put_u64(b, w[i].fd);
		lq_put_char(b, '}');
	}
	lq_put_char(b, ']');
	lq_buf_room(b, LQ_OBJECT_ROOM);
}

#define KEY(_key)	.key = ",\"" _key "\":", .key_len = sizeof(_key) + 3
#define NUMBER(_field, _has) \
	{ KEY(#_field), .has = (_has), \
	  .bytes = sizeof(((struct listenq_listener *)0)->_field), \
	  .offset = offsetof(struct listenq_listener, _field) }
#define FLAG(_key, _flag, _has) \
	{ KEY(_key), .flag = (_flag), .has = (_has) }
#define JSON(_key, _json) \
	{ KEY(_key), .json = (_json) }
#define TEXT(_head, _text, ...) \
	{ .head = (_head), .text = (_text), __VA_ARGS__ }

const struct lq_column lq_columns[] = {
	{ .head = "State", .text = text_state, KEY("state"), .json = json_state },
	TEXT("SYN(young)", text_syn, .right = true),
	TEXT("Accept/Limit", text_accept, .right = true),
	TEXT("Oldest", text_wait, .right = true),
	TEXT("Drops", text_drops, .right = true),
	TEXT("Cause", text_cause, .when = LQ_WITH_CAUSES),
	TEXT("Netns", lq_put_netns, .when = LQ_WITH_NETNS),
	TEXT("Local Address:Port", lq_put_local),
	TEXT("Process", lq_put_processes),
	TEXT("Extended", text_extended, .when = LQ_WITH_EXTENDED),

	JSON("cookie", json_cookie),
	NUMBER(ino, 0),
	NUMBER(netns_ino, 0),
	NUMBER(cgroup_id, LISTENQ_HAS_CGROUP),
	NUMBER(uid, 0),
	JSON("family", json_family),
	JSON("protocol", json_protocol),
	JSON("addr", json_addr),
	NUMBER(port, 0),
	NUMBER(ifindex, 0),
	NUMBER(syn_len, LISTENQ_HAS_SYN_LEN),
	NUMBER(syn_young, LISTENQ_HAS_SYN_YOUNG),
	FLAG("syn_full", LISTENQ_L_SYN_FULL, LISTENQ_HAS_SYN_LEN),
	NUMBER(accept_len, 0),
	NUMBER(backlog, 0),
	FLAG("accept_full", LISTENQ_L_ACCEPT_FULL, 0),
	NUMBER(oldest_wait_us, LISTENQ_HAS_WAIT),
	FLAG("head_dead", LISTENQ_L_HEAD_DEAD, LISTENQ_HAS_WAIT),
	NUMBER(drops, LISTENQ_HAS_DROPS),
	NUMBER(tfo_len, LISTENQ_HAS_TFO),
	NUMBER(tfo_limit, LISTENQ_HAS_TFO),
	NUMBER(defer_accept_s, LISTENQ_HAS_DEFER),
	FLAG("v6only", LISTENQ_L_V6ONLY, 0),
	FLAG("reuseport", LISTENQ_L_REUSEPORT, LISTENQ_HAS_SOCKOPTS),
	FLAG("transparent", LISTENQ_L_TRANSPARENT, LISTENQ_HAS_SOCKOPTS),
	FLAG("syn_flood", LISTENQ_L_SYN_FLOOD, LISTENQ_HAS_FLOOD),
	JSON("processes", json_processes),
};

const size_t lq_ncolumns = sizeof(lq_columns) / sizeof(lq_columns[0]);
