// SPDX-License-Identifier: GPL-2.0
/* listenq stats: everything about one listener. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <listenq/rules.h>

#include "counters.h"
#include "genl.h"
#include "names.h"
#include "show.h"
#include "stats.h"
#include "table.h"
#include "times.h"
#include "track.h"

#define BUCKETS		15
#define BAR_MIN		10
#define NAMED_MAX	8

/* In columns, without asking a terminal that there is not. */
static unsigned int terminal_width(void)
{
	struct winsize w;

	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col ? w.ws_col : 80;
}

static bool terminal_draws(void)
{
	return isatty(STDOUT_FILENO) && setlocale(LC_CTYPE, "") &&
	       !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* @n of @max in @width columns; something is more than nothing. */
static void put_bar(struct lq_buf *b, uint64_t n, uint64_t max, unsigned int width, bool blocks)
{
	unsigned int eighths = (double)n / max * width * 8;

	if (n && eighths < 8)
		eighths = blocks && eighths ? eighths : blocks ? 1 : 8;
	lq_buf_room(b, 3 * width + LQ_ROOM);
	for (; eighths >= 8; eighths -= 8) {
		lq_put_str(b, blocks ? "\u2588" : "#");
		b->unseen += blocks ? 2 : 0;
	}
	if (blocks && eighths) {
		const char block[] = { '\xe2', '\x96', '\x90' - (char)eighths, '\0' };

		lq_put_str(b, block);
		b->unseen += 2;
	}
}

/* One half of the histograms, from the first bucket that is not empty to the last. */
static void put_histogram(struct lq_buf *b, const uint64_t v[BUCKETS],
			  const char *const labels[BUCKETS], const struct lq_drawing *d)
{
	struct lq_table t = { .ncol = 3, .right = 3, .indent = 2 };
	int first = 0, last = BUCKETS - 1;
	uint64_t max = 0;

	for (int i = 0; i < BUCKETS; i++)
		if (v[i] > max)
			max = v[i];
	while (first < last && !v[first])
		first++;
	while (last > first && !v[last])
		last--;
	for (int i = first; max && i <= last; i++) {
		lq_table_put(&t, labels[i]);
		lq_put_u64(lq_table_cell(&t), v[i]);
		put_bar(lq_table_cell(&t), v[i], max, d->bar, d->blocks);
	}
	lq_table_end(&t, b);
}

static uint64_t sum(const uint64_t v[BUCKETS])
{
	uint64_t n = 0;

	for (int i = 0; i < BUCKETS; i++)
		n += v[i];
	return n;
}

static void put_histograms(struct lq_buf *b, const struct listenq_histograms *h,
			   const struct lq_drawing *d)
{
	static const char *const lens[BUCKETS] = {
		"0", "1", "2-3", "4-7", "8-15", "16-31", "32-63", "64-127", "128-255",
		"256-511", "512-1023", "1024-2047", "2048-4095", "4096-8191", "8192+",
	};
	static const char *const ages[BUCKETS] = {
		"empty", "< 1ms", "1ms", "2ms", "4ms", "8ms", "16ms", "32ms", "64ms",
		"128ms", "256ms", "512ms", "1.0s", "2.0s", "4.0s+",
	};
	uint64_t v[2][BUCKETS];

	_Static_assert(sizeof(v) == sizeof(*h), "both halves");
	memcpy(v, h, sizeof(v));
	lq_buf_room(b, LQ_ROOM);
	lq_put_str(b, "\nAccept queue as ");
	lq_put_u64(b, sum(v[0]));
	lq_put_str(b, " SYNs found it: connections in it\n");
	put_histogram(b, v[0], lens, d);
	lq_buf_room(b, LQ_ROOM);
	lq_put_str(b, "\nAge of the oldest of them, from\n");
	put_histogram(b, v[1], ages, d);
}

static void put_known(struct lq_table *t, bool known, uint64_t v)
{
	if (known)
		lq_put_u64(lq_table_cell(t), v);
	else
		lq_table_put(t, "-");
}

/* A peak or a moment: the names differ from the fields' by what they are. */
static void put_moment(struct lq_table *t, const char *name, bool known, bool is_wait,
		       uint64_t v, uint64_t at)
{
	struct lq_buf *b;

	lq_table_put(t, name);
	if (is_wait && known) {
		b = lq_table_cell(t);
		lq_put_wait(b, v);
	} else {
		put_known(t, known, v);
	}
	b = lq_table_cell(t);
	if (known && at && v)
		lq_put_date(b, at);
}

static void put_counters(struct lq_buf *b, const struct listenq_counters *c)
{
	struct lq_table t = { .ncol = 3, .right = 1 << 1 };
	bool syn = c->has & LISTENQ_COUNTERS_HAS_SYN;

	for (size_t i = 0; i < LQ_NET_COUNTED; i++) {
		uint64_t v;
		bool known = lq_counter_get(c, &lq_counter_fields[i], &v);

		lq_table_put(&t, lq_counter_fields[i].key);
		put_known(&t, known, v);
		lq_table_put(&t, "");
	}
	put_moment(&t, "peak_syn_len", syn, false, c->peak_syn_len, c->peak_syn_us);
	put_moment(&t, "peak_accept_len", syn, false, c->peak_accept_len, c->peak_accept_us);
	put_moment(&t, "peak_wait", syn, true, c->peak_wait_us, c->peak_wait_at_us);
	lq_table_end(&t, b);
}

static void put_line(struct lq_table *t, const char *name, uint64_t us)
{
	lq_table_put(t, name);
	lq_put_date(lq_table_cell(t), us);
}

static void put_queues(struct lq_table *t, const struct listenq_listener *l)
{
	struct lq_buf *b;

	lq_table_put(t, "SYN queue");
	b = lq_table_cell(t);
	if (l->has & LISTENQ_HAS_SYN_LEN)
		lq_put_u64(b, l->syn_len);
	else
		lq_put_char(b, '-');
	lq_put_str(b, " of ");
	lq_put_u64(b, l->backlog);
	if (l->has & LISTENQ_HAS_SYN_YOUNG) {
		lq_put_str(b, ", ");
		lq_put_u64(b, l->syn_young);
		lq_put_str(b, " not retransmitted yet");
	}
	lq_table_put(t, "Accept queue");
	b = lq_table_cell(t);
	lq_put_u64(b, l->accept_len);
	lq_put_str(b, " of ");
	lq_put_u64(b, l->backlog);
	if (l->has & LISTENQ_HAS_WAIT) {
		lq_put_str(b, ", the oldest for ");
		lq_put_wait(b, l->oldest_wait_us);
	}
}

static void put_head(struct lq_buf *b, const struct listenq_listener *l,
		     const struct listenq_counters *c, const struct lq_view *v)
{
	struct lq_table t = { .ncol = 2 };
	const char *state = lq_state_name(lq_listener_state(l));

	lq_table_put(&t, "Listener");
	lq_put_local(lq_table_cell(&t), l, v);
	lq_put_str(&t.text, " sk:");
	lq_put_hex(&t.text, l->cookie);
	lq_table_put(&t, "Process");
	lq_put_processes(lq_table_cell(&t), l, v);
	if (v->all_netns) {
		lq_table_put(&t, "Netns");
		lq_put_netns(lq_table_cell(&t), l, v);
	}
	lq_table_put(&t, "State");
	lq_table_put(&t, state);
	put_queues(&t, l);
	if (c) {
		put_line(&t, "Tracked since", c->since_us);
		put_line(&t, "First drop", c->first_drop_us);
		put_line(&t, "Last drop", c->last_drop_us);
	}
	lq_table_end(&t, b);
	lq_buf_room(b, LQ_ROOM);
	lq_put_str(b, c ? "\n" : "\nIt is not tracked: no counters.\n");
}

/**
 * lq_stats_put - append everything about the first of some listeners
 * @b: the buffer
 * @t: the listener, and what is known of it
 * @v: how
 * @d: how bars are drawn
 */
void lq_stats_put(struct lq_buf *b, const struct lq_listeners *t, const struct lq_view *v,
		  const struct lq_drawing *d)
{
	const struct listenq_counters *c = lq_counters_of(t, &t->v[0]);

	put_head(b, &t->v[0], c, v);
	if (!c)
		return;
	put_counters(b, c);
	if (t->histograms && c->syns && (c->has & LISTENQ_COUNTERS_HAS_SYN))
		put_histograms(b, &t->histograms[0], d);
}

/* Several match: says which, and how to name one. */
static void tell_them(const struct lq_listeners *t, const struct lq_view *v)
{
	struct lq_buf b = { 0 };

	for (size_t i = 0; i < t->n && i < NAMED_MAX; i++) {
		lq_buf_room(&b, LQ_ROOM);
		lq_put_str(&b, i ? ", " : "");
		lq_put_local(&b, &t->v[i], v);
		lq_put_str(&b, " sk:");
		lq_put_hex(&b, t->v[i].cookie);
	}
	lq_error("stats: %zu listeners match: %.*s%s; name one by its sk:", t->n,
		 (int)b.len, b.data, t->n > NAMED_MAX ? ", ..." : "");
	lq_buf_free(&b);
}

/* sk:COOKIE, as ss prints it, or FILTER; -1 after an error message. */
static int parse_words(struct lq_query *q, struct lq_filter *f, const struct lq_options *o)
{
	struct lq_options only = *o;
	char *end;

	if (!o->nargs) {
		lq_error("stats: which listener? Accepted are a FILTER that one listener passes and sk:COOKIE");
		return -1;
	}
	if (strncmp(o->args[0], "sk:", 3))
		return lq_filter_options(f, o);
	q->cookie = strtoull(o->args[0] + 3, &end, 16);
	if (o->nargs > 1 || *end || !q->cookie || strspn(o->args[0] + 3, "-+ ")) {
		lq_error("stats: \"%s\": accepted is sk: and the one hexadecimal number that ss -e prints",
			 o->args[o->nargs - 1]);
		return -1;
	}
	only.nargs = 0;
	return lq_filter_options(f, &only);
}

static int print(const struct lq_listeners *t, const struct lq_options *o, struct lq_view *v)
{
	struct lq_row row = { .l = &t->v[0] };
	struct lq_owners owners = { 0 };
	struct lq_buf b = { 0 };
	struct lq_drawing d = { .blocks = terminal_draws() };
	unsigned int columns = terminal_width();
	int ret;

	d.bar = columns > 24 + BAR_MIN ? columns - 24 : BAR_MIN;
	lq_owners_scan(&owners, t, "/proc", 0);
	v->owners = &owners;
	if (o->json) {
		ret = lq_print_json(STDOUT_FILENO, &row, 1, v);
	} else {
		lq_stats_put(&b, t, v, &d);
		ret = lq_buf_flush(&b, STDOUT_FILENO);
	}
	lq_buf_free(&b);
	lq_owners_free(&owners);
	return lq_write_status(ret);
}

/**
 * lq_stats - listenq stats
 * @o: the options; what is left of the words names a listener
 *
 * Return: exit status.
 */
int lq_stats(const struct lq_options *o)
{
	struct lq_filter filter = { 0 };
	struct lq_query query = {
		.all_netns = o->all_netns,
		.counters = true,
		.histograms = true,
		.filter = &filter,
	};
	struct lq_listeners t = { 0 };
	struct lq_view v = {
		.listeners = &t,
		.all_netns = o->all_netns,
		.processes = o->processes,
		.numeric = o->numeric,
		.statistics = true,
		.histograms = true,
	};
	int ret = LQ_EXIT_SYSTEM;
	struct stat st;

	if (o->netns && lq_netns_enter(o->netns))
		return LQ_EXIT_SYSTEM;
	if (parse_words(&query, &filter, o))
		return LQ_EXIT_USAGE;
	if (!stat("/proc/self/ns/net", &st))
		v.netns_ino = st.st_ino;
	if (lq_genl_need() || lq_source_read(&lq_source_module, &query, &t)) {
		lq_listeners_free(&t);
		return LQ_EXIT_SYSTEM;
	}
	if (!t.n) {
		lq_error("stats: no listener matches");
	} else if (t.n > 1) {
		tell_them(&t, &v);
		ret = LQ_EXIT_USAGE;
	} else {
		lq_track_warn();
		ret = print(&t, o, &v);
	}
	lq_listeners_free(&t);
	return ret;
}
