/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners as text and as JSON, both from the columns of columns.h. Whatever
 * is not known is "-" in the one and null in the other.
 */
#ifndef LISTENQ_PRINT_H
#define LISTENQ_PRINT_H

#include "owner.h"

/**
 * struct lq_view - how listeners are shown
 * @listeners: where the rows are, NULL if there are no counters
 * @owners: their processes, NULL if nobody looked
 * @netns_ino: the namespace whose device names we can ask for
 * @all_netns: with a column for the namespace
 * @processes: all processes, as ss writes them
 * @extended: with what ss -e shows
 * @no_header: without headings
 * @numeric: ports as numbers
 * @causes: with the cause of drops
 * @statistics: with counters
 * @histograms: with histograms, in JSON
 * @color: on a terminal that has them
 */
struct lq_view {
	const struct lq_listeners *listeners;
	const struct lq_owners *owners;
	uint64_t netns_ino;
	bool all_netns;
	bool processes;
	bool extended;
	bool no_header;
	bool numeric;
	bool causes;
	bool statistics;
	bool histograms;
	bool color;
};

/**
 * struct lq_row - a listener in its place
 * @key: what it is sorted by first
 * @l: the listener
 */
struct lq_row {
	uint64_t key;
	const struct listenq_listener *l;
};

bool lq_wants_color(void);
void lq_put_local(struct lq_buf *b, const struct listenq_listener *l,
		  const struct lq_view *v);
void lq_put_processes(struct lq_buf *b, const struct listenq_listener *l,
		      const struct lq_view *v);
void lq_put_netns(struct lq_buf *b, const struct listenq_listener *l,
		  const struct lq_view *v);
void lq_put_hex(struct lq_buf *b, uint64_t v);
void lq_put_listener_json(struct lq_buf *b, const struct listenq_listener *l,
			  const struct lq_view *v);
int lq_print_text(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v);
int lq_print_json(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v);

#endif /* LISTENQ_PRINT_H */
