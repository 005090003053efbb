// SPDX-License-Identifier: GPL-2.0
/* listenq show: the listeners and their queues. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <listenq/rules.h>

#include "names.h"
#include "print.h"

/* More rows than anybody reads: looking for their processes takes longer than all the rest. */
#define NAMED_MAX	1000

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
static struct lq_row *sort(struct lq_row *rows, struct lq_row *spare, size_t n)
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

/* FULL, then busy, then ok; in each by port, IPv4 first, address. */
static struct lq_row *make_rows(const struct lq_listeners *t, void **mem)
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
	}
	return sort(rows, rows + t->n, t->n);
}

/* FILTER and the options that filter; -1 after an error message. */
static int parse_filter(struct lq_filter *f, const struct lq_options *o)
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

static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
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
		.color = wants_color(),
	};
	struct lq_row *rows;
	struct stat st;
	void *mem;
	int ret;

	if (!stat("/proc/self/ns/net", &st))
		view.netns_ino = st.st_ino;
	if (o->processes || t->n <= NAMED_MAX) {
		lq_owners_scan(&owners, t, "/proc");
		view.owners = &owners;
	} else {
		fprintf(stderr, "listenq: processes of more than %d listeners are looked up with -p only\n",
			NAMED_MAX);
	}
	rows = make_rows(t, &mem);
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
	struct lq_query query = { .all_netns = o->all_netns, .filter = &filter };
	struct lq_listeners t = { 0 };
	const struct lq_source *s;
	int ret;

	if (o->netns && lq_netns_enter(o->netns))
		return LQ_EXIT_SYSTEM;
	if (parse_filter(&filter, o))
		return LQ_EXIT_USAGE;
	s = lq_source_open(o);
	if (!s)
		return LQ_EXIT_SYSTEM;
	if (s->missing)
		fprintf(stderr, "listenq: source is sock_diag, not the listenq module; unknown: %s\n",
			s->missing);
	if (lq_source_read(s, &query, &t)) {
		free(t.v);
		return LQ_EXIT_SYSTEM;
	}
	ret = print_rows(&t, o);
	free(t.v);
	return lq_write_status(ret);
}
