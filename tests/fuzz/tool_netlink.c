// SPDX-License-Identifier: GPL-2.0
/*
 * What a read from netlink gives, taken apart and printed. Byte 0 of an input
 * says how: bit 0: from sock_diag rather than the module; 1: JSON rather than
 * text; 2 to 5: options of the view. The rest is what was read.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "diag.h"
#include "genl.h"
#include "print.h"
#include "records.h"
#include "stats.h"
#include "tool.h"
#include "track.h"

#define SEQ	1

static void print_all(const struct lq_listeners *t, unsigned int how)
{
	char name[] = HOSTILE_NAME;
	struct lq_owner owner = { .ino = 1, .pid = 7, .fd = 3, .comm_len = sizeof(name) - 1 };
	struct lq_owners owners = { .v = &owner, .n = 1, .size = 1 };
	struct lq_view view = {
		.owners = how & 4 ? &owners : NULL,
		.netns_ino = 1,
		.all_netns = how & 8,
		.processes = how & 16,
		.extended = how & 16,
		.numeric = how & 32,
		.listeners = t,
		.causes = t->counters,
		.statistics = how & 4,
		.histograms = how & 4,
	};
	static int fd = -1;
	struct lq_row *rows;
	char *text;
	off_t len;

	if (fd < 0)
		fd = memfd_create("output", 0);
	must(fd >= 0 && !ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET), "a memfd");
	owners.names.data = name;
	owners.names.len = owners.names.size = sizeof(name) - 1;
	rows = calloc(t->n + 1, sizeof(*rows));
	for (size_t i = 0; i < t->n; i++)
		rows[i].l = &t->v[i];
	must(!(how & 2 ? lq_print_json : lq_print_text)(fd, rows, t->n, &view), "printing");
	free(rows);
	len = lseek(fd, 0, SEEK_END);
	text = malloc(len + 1);
	must(pread(fd, text, len, 0) == len, "reading it back");
	must_be_harmless(text, len);
	free(text);
}

/* What has a shape of its own: one listener, episodes, events, tracking. */
static void print_more(const struct lq_genl_reply *g, unsigned int how)
{
	struct lq_drawing d = { .bar = 40, .blocks = how & 8 };
	struct lq_view view = { .listeners = &g->listeners, .netns_ino = 1, .all_netns = how & 8 };
	struct lq_buf b = { 0 };

	if (g->listeners.n)
		lq_stats_put(&b, &g->listeners, &view, &d);
	view.listeners = NULL;
	(how & 2 ? lq_put_episodes_json : lq_put_episodes_text)(&b, g->records, g->n_records,
								&view);
	for (size_t i = 0; i < g->n_records; i++)
		(how & 2 ? lq_put_event_json : lq_put_event_text)(&b, &g->records[i], &view);
	lq_track_put(&b, g, how & 2);
	must_be_harmless(b.data, b.len);
	lq_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lq_diag_reply d = { 0 };
	struct lq_genl_reply g = { 0 };
	struct lq_nl_error e;
	uint8_t *buf;
	int ret;

	if (!len)
		return 0;
	/* a copy without a byte to spare, aligned as a reader's buffer is */
	buf = malloc(len - 1 ? len - 1 : 1);
	memcpy(buf, data + 1, len - 1);
	memset(&e, 0x55, sizeof(e));
	if (*data & 1) {
		ret = lq_diag_parse(buf, len - 1, SEQ, &d, &e);
		lq_diag_count_requests(&d.listeners, d.requests, d.n_requests);
		print_all(&d.listeners, *data);
	} else {
		ret = lq_genl_parse(buf, len - 1, SEQ, &g, &e);
		print_all(&g.listeners, *data);
		print_more(&g, *data);
	}
	must(ret >= -1 && ret <= 1, "a parser returns -1, 0 or 1");
	if (ret < 0)
		must(e.err > 0 && memchr(e.msg, '\0', sizeof(e.msg)), "an error says why");
	free(buf);
	free(d.listeners.v);
	free(d.requests);
	lq_genl_free(&g);
	return 0;
}
