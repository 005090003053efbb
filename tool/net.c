// SPDX-License-Identifier: GPL-2.0
/* listenq net: the limits and counters of network namespaces. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "format.h"
#include "names.h"
#include "netfields.h"
#include "source.h"
#include "track.h"

static void put_padded(struct lq_buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	lq_put_mem(b, s, len);
	do
		lq_put_char(b, ' ');
	while (len++ < width);
}

static void put_value(struct lq_buf *b, const struct listenq_net *net,
		      const struct lq_net_field *f, const char *unknown)
{
	uint64_t v;

	if (lq_net_field_get(net, f, &v))
		lq_put_u64(b, v);
	else
		lq_put_str(b, unknown);
}

/* What tracking counted; @c is NULL if that is not known. */
static void put_counters_text(struct lq_buf *b, const struct listenq_net_counters *c,
			      const size_t width[2])
{
	static const struct listenq_net_counters none;
	const char *key;
	uint64_t v;

	for (size_t i = 0;; i++) {
		bool known = lq_net_counter_get(c ? c : &none, i, &key, &v) && c;

		if (!key)
			break;
		lq_buf_room(b, LQ_ROOM);
		put_padded(b, key, width[0]);
		put_padded(b, "listenq", width[1]);
		if (known)
			lq_put_u64(b, v);
		else
			lq_put_char(b, '-');
		lq_put_char(b, '\n');
	}
}

static void put_counters_json(struct lq_buf *b, const struct listenq_net_counters *c)
{
	const char *key;
	uint64_t v;

	lq_buf_room(b, LQ_COUNTERS_ROOM);
	lq_put_str(b, ",\"counters\":");
	for (size_t i = 0; c; i++) {
		bool known = lq_net_counter_get(c, i, &key, &v);

		if (!key)
			break;
		lq_put_str(b, i ? ",\"" : "{\"");
		lq_put_str(b, key);
		lq_put_str(b, "\":");
		if (known)
			lq_put_u64(b, v);
		else
			lq_put_str(b, "null");
	}
	lq_put_str(b, c ? "}" : "null");
}

static void put_text(struct lq_buf *b, const struct listenq_net *net,
		     const struct lq_options *o, const size_t width[2])
{
	if (!o->no_header) {
		put_padded(b, "Name", width[0]);
		put_padded(b, "Kernel name", width[1]);
		lq_put_str(b, "Value\n");
	}
	for (size_t i = 0; i < lq_net_nfields; i++) {
		lq_buf_room(b, LQ_ROOM);
		put_padded(b, lq_net_fields[i].key, width[0]);
		put_padded(b, lq_net_fields[i].source, width[1]);
		put_value(b, net, &lq_net_fields[i], "-");
		lq_put_char(b, '\n');
	}
}

/* With all namespaces each has a line of its own before its values. */
static void put_title(struct lq_buf *b, const struct listenq_net *net, bool first)
{
	const char *name = lq_netns_name(net->netns_ino);

	lq_put_str(b, first ? "Netns " : "\nNetns ");
	lq_put_u64(b, net->netns_ino);
	if (name) {
		lq_put_char(b, ' ');
		lq_put_escaped(b, name, strlen(name), LQ_ESCAPE_TEXT);
		lq_buf_room(b, LQ_ROOM);
	}
	lq_put_char(b, '\n');
}

static void put_json(struct lq_buf *b, const struct listenq_net *net)
{
	lq_put_str(b, "{\"netns_ino\":");
	lq_put_u64(b, net->netns_ino);
	for (size_t i = 0; i < lq_net_nfields; i++) {
		lq_buf_room(b, LQ_ROOM);
		lq_put_str(b, ",\"");
		lq_put_str(b, lq_net_fields[i].key);
		lq_put_str(b, "\":");
		put_value(b, net, &lq_net_fields[i], "null");
	}
	lq_buf_room(b, LQ_ROOM);
}

static void put_nets(struct lq_buf *b, const struct lq_nets *t,
		     const struct lq_options *o)
{
	size_t width[2] = { 0 };

	for (size_t i = 0; i < lq_net_nfields; i++) {
		size_t len[] = { strlen(lq_net_fields[i].key),
				 strlen(lq_net_fields[i].source) };

		for (int c = 0; c < 2; c++)
			if (len[c] > width[c])
				width[c] = len[c];
	}
	lq_buf_room(b, LQ_ROOM);
	if (o->json)
		lq_put_char(b, '[');
	for (size_t i = 0; i < t->n; i++) {
		const struct listenq_net_counters *c = t->counters ? &t->counters[i] : NULL;

		lq_buf_room(b, LQ_ROOM);
		if (o->json) {
			lq_put_str(b, i ? ",\n" : "\n");
			put_json(b, &t->v[i]);
			if (o->statistics)
				put_counters_json(b, c);
			lq_put_char(b, '}');
			continue;
		}
		if (o->all_netns)
			put_title(b, &t->v[i], !i);
		put_text(b, &t->v[i], o, width);
		if (o->statistics)
			put_counters_text(b, c, width);
	}
	lq_buf_room(b, LQ_ROOM);
	if (o->json)
		lq_put_str(b, t->n ? "\n]\n" : "]\n");
}

/**
 * lq_net - listenq net
 * @o: the options
 *
 * Return: exit status.
 */
int lq_net(const struct lq_options *o)
{
	struct lq_query query = { .all_netns = o->all_netns, .counters = o->statistics };
	const struct lq_source *s;
	struct lq_nets t = { 0 };
	struct lq_buf b = { 0 };
	int ret;

	if (o->nargs) {
		lq_error("net takes no words, only options: \"%s\"; see listenq --help",
			 o->args[0]);
		return LQ_EXIT_USAGE;
	}
	if (o->netns && lq_netns_enter(o->netns))
		return LQ_EXIT_SYSTEM;
	s = lq_source_open(o);
	if (!s)
		return LQ_EXIT_SYSTEM;
	if (o->statistics && s->missing)
		fputs("listenq: source is sock_diag, not the listenq module; unknown: counters\n",
		      stderr);
	else if (o->statistics)
		lq_track_warn();
	if (s->nets(&query, &t)) {
		lq_nets_free(&t);
		return LQ_EXIT_SYSTEM;
	}
	put_nets(&b, &t, o);
	ret = lq_buf_flush(&b, STDOUT_FILENO);
	lq_buf_free(&b);
	lq_nets_free(&t);
	return lq_write_status(ret);
}
