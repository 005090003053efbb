/* SPDX-License-Identifier: GPL-2.0 */
/* What other commands take from show: how a FILTER is read. */
#ifndef LISTENQ_SHOW_H
#define LISTENQ_SHOW_H

#include "filter.h"

int lq_filter_options(struct lq_filter *f, const struct lq_options *o);

#endif /* LISTENQ_SHOW_H */
