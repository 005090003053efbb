// SPDX-License-Identifier: GPL-2.0
/* listenq show: the listeners and their queues. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <listenq/rules.h>

#include "counters.h"
#include "names.h"
#include "print.h"
#include "show.h"
#include "track.h"

/* More rows than anybody reads: looking for their processes takes longer than all the rest. */
#define NAMED_MAX	1000

/* A listener is opened before its connections are: of a busy server's descriptors the lowest do. */
#define DESCRIPTORS_MAX	1024

static bool goes_after(const struct lq_row *x, const struct lq_row *y)
{
	int diff;

	if (x->key != y->key)
		return x->key > y->key;
	diff = memcmp(x->l->addr, y->l->addr, sizeof(x->l->addr));
	if (diff)
		return diff > 0;
	if (x->l->ifindex != y->l->ifindex)
		return x->l->ifindex > y->l->ifindex;
	return x->l->cookie > y->l->cookie;
}

/* A merge sort, bottom up: qsort() spends three times this on calls. */
static struct lq_row *sort_all(struct lq_row *rows, struct lq_row *spare, size_t n)
{
	for (size_t run = 1; run < n; run *= 2) {
		struct lq_row *to = spare;

		for (size_t start = 0; start < n; start += 2 * run) {
			const struct lq_row *a = rows + start;
			const struct lq_row *b = start + run < n ? a + run : rows + n;
			const struct lq_row *a_end = b;
			const struct lq_row *b_end = start + 2 * run < n ? b + run : rows + n;

			while (a < a_end && b < b_end)
				*to++ = goes_after(a, b) ? *b++ : *a++;
			while (a < a_end)
				*to++ = *a++;
			while (b < b_end)
				*to++ = *b++;
		}
		spare = rows;
		rows = to - n;
	}
	return rows;
}

/* By the 8 bits of the key from @shift on, and else as they were. */
static void sort_by_byte(const struct lq_row *rows, struct lq_row *to, size_t n, int shift)
{
	size_t at[257] = { 0 };

	for (size_t i = 0; i < n; i++)
		at[(rows[i].key >> shift & 255) + 1]++;
	for (int v = 1; v < 256; v++)
		at[v] += at[v - 1];
	for (size_t i = 0; i < n; i++)
		to[at[rows[i].key >> shift & 255]++] = rows[i];
}

/*
 * By key, byte by byte of those that differ anywhere, which takes a fifth of what
 * comparing does; then what has the same key among itself.
 */
static struct lq_row *sort(struct lq_row *rows, struct lq_row *spare, size_t n)
{
	uint64_t differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= rows[i].key ^ rows[0].key;
	for (int shift = 0; shift < 64; shift += 8) {
		struct lq_row *to = spare;

		if (!(differ >> shift & 255))
			continue;
		sort_by_byte(rows, to, n, shift);
		spare = rows;
		rows = to;
	}
	for (size_t i = 0, end; i < n; i = end) {
		struct lq_row *sorted;

		for (end = i + 1; end < n && rows[end].key == rows[i].key; end++)
			;
		if (end - i < 2)
			continue;
		sorted = sort_all(rows + i, spare, end - i);
		if (sorted != rows + i)
			memcpy(rows + i, sorted, (end - i) * sizeof(*rows));
	}
	return rows;
}

/* What it is known to have dropped. */
static uint64_t drops_of(const struct lq_listeners *t, const struct listenq_listener *l)
{
	const struct listenq_counters *c = lq_counters_of(t, l);
	struct lq_causes causes;
	uint64_t drops = c ? lq_causes_get(&causes, c) : 0;

	return drops || !(l->has & LISTENQ_HAS_DROPS) ? drops : l->drops;
}

/*
 * Not left to LISTENQ_FLAG_DROPPED: that knows only of drops since tracking
 * began, and sockets remember older ones.
 */
static void keep_dropped(struct lq_listeners *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++)
		if (drops_of(t, &t->v[i]))
			lq_listeners_keep(t, kept++, i);
	t->n = kept;
}

/* FULL, then busy, then ok; in each by port, IPv4 first, address. Or worst first. */
static struct lq_row *make_rows(const struct lq_listeners *t, bool by_drops, void **mem)
{
	struct lq_row *rows = lq_alloc(NULL, 2 * t->n + 1, sizeof(*rows));

	*mem = rows;
	for (size_t i = 0; i < t->n; i++) {
		const struct listenq_listener *l = &t->v[i];
		uint64_t state = LQ_STATE_FULL - lq_listener_state(l);

		rows[i].l = l;
		rows[i].key = state << 62 | (uint64_t)l->port << 46 |
			      (uint64_t)(l->family != AF_INET) << 45 |
			      (uint64_t)l->addr[0] << 24 | l->addr[1] << 16 |
			      l->addr[2] << 8 | l->addr[3];
		if (by_drops)
			rows[i].key = -drops_of(t, l);
	}
	return sort(rows, rows + t->n, t->n);
}

/**
 * lq_filter_options - FILTER and the options that filter
 * @f: gets them
 * @o: the options
 *
 * Return: 0, or -1 after an error message.
 */
int lq_filter_options(struct lq_filter *f, const struct lq_options *o)
{
	size_t len = 0, size = 1;
	char why[512];
	char *text;
	int ret;

	f->family = o->family;
	f->full = o->full;
	for (int i = 0; i < o->nargs; i++)
		size += strlen(o->args[i]) + 1;
	text = lq_alloc(NULL, size, 1);
	for (int i = 0; i < o->nargs; i++) {
		size_t n = strlen(o->args[i]);

		memcpy(text + len, o->args[i], n);
		len += n;
		text[len++] = ' ';
	}
	ret = lq_filter_parse(f, text, len, why, sizeof(why));
	free(text);
	if (ret)
		lq_error("filter: %s", why);
	for (int i = 0; !ret && o->all_netns && i < f->n; i++)
		if (f->term[i].ifindex) {
			lq_error("filter: a device is one of a single network namespace: not with --all-netns");
			ret = -1;
		}
	return ret;
}

static int print_rows(const struct lq_listeners *t, const struct lq_options *o)
{
	struct lq_owners owners = { 0 };
	struct lq_view view = {
		.all_netns = o->all_netns,
		.processes = o->processes,
		.extended = o->extended,
		.no_header = o->no_header,
		.numeric = o->numeric,
		.listeners = t,
		.causes = t->counters || t->tracked,
		.statistics = o->statistics || (o->json && o->drops),
		.color = lq_wants_color(),
	};
	struct lq_row *rows;
	struct stat st;
	void *mem;
	int ret;

	if (!stat("/proc/self/ns/net", &st))
		view.netns_ino = st.st_ino;
	if (o->processes || t->n <= NAMED_MAX) {
		lq_owners_scan(&owners, t, "/proc", o->processes ? 0 : DESCRIPTORS_MAX);
		view.owners = &owners;
		if (owners.cut)
			fprintf(stderr, "listenq: a process may not be found among the first %d descriptors; -p looks at all\n",
				DESCRIPTORS_MAX);
	} else {
		fprintf(stderr, "listenq: processes of more than %d listeners are looked up with -p only\n",
			NAMED_MAX);
	}
	rows = make_rows(t, o->drops, &mem);
	ret = o->json ? lq_print_json(STDOUT_FILENO, rows, t->n, &view) :
			lq_print_text(STDOUT_FILENO, rows, t->n, &view);
	free(mem);
	lq_owners_free(&owners);
	return ret;
}

/**
 * lq_show - listenq show
 * @o: the options; what is left of the words is FILTER
 *
 * Everything is read before anything is printed: a failure prints no half table.
 *
 * Return: exit status.
 */
int lq_show(const struct lq_options *o)
{
	struct lq_filter filter = { 0 };
	struct lq_query query = {
		.all_netns = o->all_netns,
		.filter = &filter,
		.counters = o->statistics || o->drops,
		.dropped = !o->json && !o->statistics && !o->drops,
	};
	struct lq_listeners t = { 0 };
	const struct lq_source *s;
	int ret;

	if (o->netns && lq_netns_enter(o->netns))
		return LQ_EXIT_SYSTEM;
	if (lq_filter_options(&filter, o))
		return LQ_EXIT_USAGE;
	s = lq_source_open(o);
	if (!s)
		return LQ_EXIT_SYSTEM;
	if (s->missing)
		fprintf(stderr, "listenq: source is sock_diag, not the listenq module; unknown: %s%s\n",
			s->missing, o->statistics ? ", counters" : "");
	else if (o->statistics || o->drops)
		lq_track_warn();
	if (lq_source_read(s, &query, &t)) {
		lq_listeners_free(&t);
		return LQ_EXIT_SYSTEM;
	}
	if (o->drops)
		keep_dropped(&t);
	ret = print_rows(&t, o);
	lq_listeners_free(&t);
	return lq_write_status(ret);
}
