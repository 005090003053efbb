/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where listeners come from. A source is three functions; show and net ask
 * through lq_source_*() and never know which one answers.
 *
 * A source that fails prints one line saying why; what it had read by then is
 * not used.
 */
#ifndef LISTENQ_SOURCE_H
#define LISTENQ_SOURCE_H

#include "filter.h"
#include "listenq.h"

/**
 * struct lq_listeners - listeners read
 * @v: them
 * @n: how many
 * @size: how many fit
 */
struct lq_listeners {
	struct listenq_listener *v;
	size_t n;
	size_t size;
};

/**
 * struct lq_nets - network namespaces read
 * @v: them
 * @n: how many
 * @size: how many fit
 */
struct lq_nets {
	struct listenq_net *v;
	size_t n;
	size_t size;
};

/**
 * struct lq_query - what is asked of a source
 * @all_netns: of all network namespaces
 * @filter: which listeners; a source may return more
 */
struct lq_query {
	bool all_netns;
	const struct lq_filter *filter;
};

/**
 * struct lq_source - where listeners come from
 * @name: what --source calls it
 * @missing: what it cannot tell of a listener, NULL if it tells all
 * @open: 0, or -ENOENT if this machine does not have it, or -1 after an error
 *	message
 * @listeners: append the listeners; 0, or -1 after an error message
 * @nets: append the network namespaces; 0, or -1 after an error message
 */
struct lq_source {
	const char *name;
	const char *missing;
	int (*open)(void);
	int (*listeners)(const struct lq_query *q, struct lq_listeners *out);
	int (*nets)(const struct lq_query *q, struct lq_nets *out);
};

extern const struct lq_source lq_source_module;
extern const struct lq_source lq_source_diag;

const struct lq_source *lq_source_open(const struct lq_options *o);
int lq_source_read(const struct lq_source *s, const struct lq_query *q,
		   struct lq_listeners *out);
struct listenq_listener *lq_listeners_add(struct lq_listeners *t);
struct listenq_net *lq_nets_add(struct lq_nets *t);

#endif /* LISTENQ_SOURCE_H */
