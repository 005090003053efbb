/* SPDX-License-Identifier: GPL-2.0 */
/* One listener with its histograms, as text. */
#ifndef LISTENQ_STATS_H
#define LISTENQ_STATS_H

#include "print.h"

/**
 * struct lq_drawing - how bars are drawn
 * @bar: columns of the longest
 * @blocks: with Unicode's blocks rather than #
 */
struct lq_drawing {
	unsigned int bar;
	bool blocks;
};

void lq_stats_put(struct lq_buf *b, const struct lq_listeners *t, const struct lq_view *v,
		  const struct lq_drawing *d);

#endif /* LISTENQ_STATS_H */
