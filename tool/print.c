// SPDX-License-Identifier: GPL-2.0
/* Rows of listeners: the column table, the text renderer, the JSON renderer. */
#include <netinet/in.h>
#include <stdlib.h>

#include <listenq/rules.h>

#include "format.h"
#include "names.h"
#include "print.h"

#define FLUSH_AT	(64 * 1024)

/* What the members of one JSON object take at most, less its processes. */
#define OBJECT_ROOM	2048

typedef void (*lq_cell)(struct lq_buf *b, const struct listenq_listener *l,
			const struct lq_view *v);

/* When a column of the table is shown. */
enum column_when {
	ALWAYS,
	WITH_NETNS,
	WITH_EXTENDED,
};

/*
 * A column of the table, a member of the JSON objects, or both. A number is
 * found by its offset; what is more than a number has a function.
 */
struct column {
	const char *head;	/* heading of the table, NULL: only in JSON */
	lq_cell text;
	enum column_when when;
	bool right;

	char key[24];		/* ,"name": of JSON; empty: only in the table */
	uint8_t key_len;
	uint8_t bytes;		/* 2, 4 or 8 for a number; 0 */
	uint16_t offset;
	uint32_t flag;		/* a bit of listenq_listener.flags; 0 */
	uint32_t has;		/* known only if this bit is set; 0: always */
	lq_cell json;
};

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

static void text_drops(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	(void)v;
	put_known(b, l, LISTENQ_HAS_DROPS, l->drops);
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

/* As ss: * is the IPv6 wildcard that takes IPv4 connections, too. */
static void text_local(struct lq_buf *b, const struct listenq_listener *l,
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

static void text_netns(struct lq_buf *b, const struct listenq_listener *l,
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

static void text_process(struct lq_buf *b, const struct listenq_listener *l,
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

static void put_hex(struct lq_buf *b, uint64_t v)
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
		put_hex(b, id);
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
	put_hex(b, l->cookie);
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
	put_hex(b, l->cookie);
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
	lq_buf_room(b, OBJECT_ROOM);
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

static const struct column columns[] = {
	{ .head = "State", .text = text_state, KEY("state"), .json = json_state },
	TEXT("SYN(young)", text_syn, .right = true),
	TEXT("Accept/Limit", text_accept, .right = true),
	TEXT("Oldest", text_wait, .right = true),
	TEXT("Drops", text_drops, .right = true),
	TEXT("Netns", text_netns, .when = WITH_NETNS),
	TEXT("Local Address:Port", text_local),
	TEXT("Process", text_process),
	TEXT("Extended", text_extended, .when = WITH_EXTENDED),

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

#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static bool is_shown(const struct column *c, const struct lq_view *v)
{
	if (!c->head)
		return false;
	return c->when == ALWAYS || (c->when == WITH_NETNS && v->all_netns) ||
	       (c->when == WITH_EXTENDED && v->extended);
}

/* A cell of the table, formatted but not yet in its place. */
struct cell {
	uint32_t len;
	uint32_t width;
};

static inline void put_spaces(struct lq_buf *b, size_t n)
{
	static const char spaces[16] = "                ";

	for (; n > 16; n -= 16) {
		lq_put_short(b, spaces, 16);
		lq_buf_room(b, LQ_ROOM);
	}
	lq_put_short(b, spaces, n);
}

/* Puts a cell into its place: padded to the column's width unless it is the last of its row. */
static inline void put_cell(struct lq_buf *out, const char *s, struct cell cell,
			    size_t width, bool right, bool last, const char *color)
{
	lq_buf_room(out, cell.len + LQ_ROOM);
	if (right)
		put_spaces(out, width - cell.width);
	if (color)
		lq_put_str(out, color);
	lq_put_short(out, s, cell.len);
	if (color)
		lq_put_str(out, "\033[0m");
	if (last)
		lq_put_char(out, '\n');
	else
		put_spaces(out, (right ? 0 : width - cell.width) + 1);
}

static const char *state_color(const struct listenq_listener *l)
{
	switch (lq_listener_state(l)) {
	case LQ_STATE_FULL:
		return "\033[31m";
	case LQ_STATE_BUSY:
		return "\033[33m";
	default:
		return NULL;
	}
}

static void put_headings(struct lq_buf *out, const struct column *const *shown,
			 size_t ncol, const size_t *width)
{
	for (size_t c = 0; c < ncol; c++) {
		char head[32] = "";
		struct cell cell;

		strncpy(head, shown[c]->head, sizeof(head) - 1);
		cell.len = cell.width = strlen(head);
		put_cell(out, head, cell, width[c], shown[c]->right, c == ncol - 1, NULL);
	}
}

/**
 * lq_print_text - listeners as a table
 * @fd: where to
 * @rows: the listeners, in order
 * @n: how many
 * @v: how
 *
 * Two passes, since widths fit the data: cells first, then rows.
 *
 * Return: 0, or -errno of the write that failed.
 */
int lq_print_text(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v)
{
	struct lq_buf text = { 0 }, out = { 0 };
	const struct column *shown[NCOLUMNS];
	size_t width[NCOLUMNS] = { 0 };
	struct cell *cells, *cell;
	const char *s;
	size_t ncol = 0;
	int ret = 0;

	for (size_t c = 0; c < NCOLUMNS; c++)
		if (is_shown(&columns[c], v))
			shown[ncol++] = &columns[c];
	cells = lq_alloc(NULL, n * ncol + 1, sizeof(*cells));
	for (size_t c = 0; c < ncol && !v->no_header; c++)
		width[c] = strlen(shown[c]->head);
	cell = cells;
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < ncol; c++, cell++) {
			size_t start = text.len;

			text.unseen = 0;
			lq_buf_room(&text, LQ_ROOM);
			shown[c]->text(&text, rows[i].l, v);
			cell->len = text.len - start;
			cell->width = cell->len - text.unseen;
			if (cell->width > width[c])
				width[c] = cell->width;
		}
	}
	lq_buf_room(&text, LQ_ROOM); /* lq_put_short() reads past the end */
	if (!v->no_header)
		put_headings(&out, shown, ncol, width);
	cell = cells;
	s = text.data;
	for (size_t i = 0; i < n && !ret; i++) {
		for (size_t c = 0; c < ncol; c++, cell++) {
			put_cell(&out, s, *cell, width[c], shown[c]->right, c == ncol - 1,
				 !c && v->color ? state_color(rows[i].l) : NULL);
			s += cell->len;
		}
		if (out.len >= FLUSH_AT)
			ret = lq_buf_flush(&out, fd);
	}
	if (!ret)
		ret = lq_buf_flush(&out, fd);
	free(cells);
	lq_buf_free(&text);
	lq_buf_free(&out);
	return ret;
}

static void put_number(struct lq_buf *b, const struct listenq_listener *l,
		       const struct column *c)
{
	const char *p = (const char *)l + c->offset;

	if (c->bytes == 4)
		lq_put_u64(b, *(const uint32_t *)p);
	else if (c->bytes == 8)
		lq_put_u64(b, *(const uint64_t *)p);
	else
		lq_put_u64(b, *(const uint16_t *)p);
}

static void put_object(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_view *v)
{
	size_t start = b->len;

	lq_buf_room(b, OBJECT_ROOM);
	for (size_t i = 0; i < NCOLUMNS; i++) {
		const struct column *c = &columns[i];

		if (!c->key_len)
			continue;
		memcpy(b->data + b->len, c->key, sizeof(c->key));
		b->len += c->key_len;
		if (c->has && !(l->has & c->has))
			lq_put_mem(b, "null", 4);
		else if (c->bytes)
			put_number(b, l, c);
		else if (c->json)
			c->json(b, l, v);
		else if (l->flags & c->flag)
			lq_put_mem(b, "true", 4);
		else
			lq_put_mem(b, "false", 5);
	}
	b->data[start] = '{'; /* in place of the first key's comma */
	lq_put_char(b, '}');
}

/**
 * lq_print_json - listeners as one JSON array, an object to a line
 * @fd: where to
 * @rows: the listeners, in order
 * @n: how many
 * @v: how
 *
 * Return: 0, or -errno of the write that failed.
 */
int lq_print_json(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v)
{
	struct lq_buf out = { 0 };
	int ret = 0;

	lq_buf_room(&out, LQ_ROOM);
	lq_put_char(&out, '[');
	for (size_t i = 0; i < n && !ret; i++) {
		lq_buf_room(&out, LQ_ROOM);
		lq_put_str(&out, i ? ",\n" : "\n");
		put_object(&out, rows[i].l, v);
		if (out.len >= FLUSH_AT)
			ret = lq_buf_flush(&out, fd);
	}
	lq_buf_room(&out, LQ_ROOM);
	lq_put_str(&out, n ? "\n]\n" : "]\n");
	if (!ret)
		ret = lq_buf_flush(&out, fd);
	lq_buf_free(&out);
	return ret;
}
