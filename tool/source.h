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

#define LQ_LOAD_IT	"load it with modprobe listenq (or insmod listenq.ko)"

/**
 * struct lq_listeners - listeners read
 * @v: them
 * @counters: what tracking counted at the n-th of them, all 0 if that is not
 *	known; NULL when it is known of none
 * @histograms: likewise
 * @n: how many
 * @size: how many fit
 * @tracked: drops are tracked now: who has no counters dropped nothing since
 */
struct lq_listeners {
	struct listenq_listener *v;
	struct listenq_counters *counters;
	struct listenq_histograms *histograms;
	size_t n;
	size_t size;
	bool tracked;
};

/**
 * struct lq_nets - network namespaces read
 * @v: them
 * @counters: what tracking counted in the n-th of them, or NULL
 * @n: how many
 * @size: how many fit
 */
struct lq_nets {
	struct listenq_net *v;
	struct listenq_net_counters *counters;
	size_t n;
	size_t size;
};

/**
 * struct lq_query - what is asked of a source
 * @all_netns: of all network namespaces
 * @counters: with counters, from a source that has them
 * @histograms: with histograms, likewise
 * @dropped: with counters of those that dropped, and whether drops are tracked;
 *	costs far less than @counters, as few have dropped
 * @cookie: only the listener with this cookie, 0: any
 * @filter: which listeners; a source may return more
 */
struct lq_query {
	bool all_netns;
	bool counters;
	bool histograms;
	bool dropped;
	uint64_t cookie;
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
struct listenq_counters *lq_listeners_counters(struct lq_listeners *t, size_t i);
struct listenq_histograms *lq_listeners_last_histograms(struct lq_listeners *t);
void lq_listeners_keep(struct lq_listeners *t, size_t to, size_t from);
void lq_listeners_free(struct lq_listeners *t);
struct listenq_net *lq_nets_add(struct lq_nets *t);
struct listenq_net_counters *lq_nets_last_counters(struct lq_nets *t);
void lq_nets_free(struct lq_nets *t);

/**
 * lq_counters_of - what tracking counted at a listener
 * @t: where it is
 * @l: the listener
 *
 * Return: NULL if that is not known.
 */
static inline const struct listenq_counters *
lq_counters_of(const struct lq_listeners *t, const struct listenq_listener *l)
{
	const struct listenq_counters *c = t && t->counters ? &t->counters[l - t->v] : NULL;

	return c && c->has ? c : NULL;
}

#endif /* LISTENQ_SOURCE_H */
