// SPDX-License-Identifier: GPL-2.0
/* Choosing a source, and what is done to listeners of any source. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

/**
 * lq_source_open - the source that the options ask for, or the best there is
 * @o: the options
 *
 * Return: the source, ready to be read; NULL after an error message.
 */
const struct lq_source *lq_source_open(const struct lq_options *o)
{
	bool forced = o->source && !strcmp(o->source, lq_source_module.name);
	int ret = -ENOENT;

	if (!o->source || forced)
		ret = lq_source_module.open();
	if (!ret)
		return &lq_source_module;
	if (ret != -ENOENT)
		return NULL;
	if (forced) {
		lq_error("the listenq module is not loaded: " LQ_LOAD_IT);
		return NULL;
	}
	if (o->all_netns) {
		lq_error("--all-netns needs the listenq module, sock_diag sees one network namespace: "
			 LQ_LOAD_IT);
		return NULL;
	}
	return lq_source_diag.open() ? NULL : &lq_source_diag;
}

/* An array that grew from @old to @size of @each bytes, the new ones all 0. */
static void *grow(void *v, size_t old, size_t size, size_t each)
{
	v = lq_alloc(v, size, each);
	memset((char *)v + old * each, 0, (size - old) * each);
	return v;
}

/**
 * lq_listeners_add - room for one more listener
 * @t: the listeners
 *
 * Return: the new one, to be filled.
 */
struct listenq_listener *lq_listeners_add(struct lq_listeners *t)
{
	size_t old = t->size;

	if (t->n == t->size) {
		t->size = t->size ? 2 * t->size : 64;
		t->v = lq_alloc(t->v, t->size, sizeof(*t->v));
		if (t->counters)
			t->counters = grow(t->counters, old, t->size, sizeof(*t->counters));
		if (t->histograms)
			t->histograms = grow(t->histograms, old, t->size,
					     sizeof(*t->histograms));
	}
	return &t->v[t->n++];
}

/**
 * lq_listeners_counters - the counters of a listener
 * @t: the listeners
 * @i: which of them
 *
 * Return: to be filled.
 */
struct listenq_counters *lq_listeners_counters(struct lq_listeners *t, size_t i)
{
	if (!t->counters)
		t->counters = grow(NULL, 0, t->size, sizeof(*t->counters));
	return &t->counters[i];
}

/**
 * lq_listeners_last_histograms - the histograms of the listener added last
 * @t: the listeners, not empty
 *
 * Return: to be filled.
 */
struct listenq_histograms *lq_listeners_last_histograms(struct lq_listeners *t)
{
	if (!t->histograms)
		t->histograms = grow(NULL, 0, t->size, sizeof(*t->histograms));
	return &t->histograms[t->n - 1];
}

/**
 * lq_listeners_keep - move a listener, with all that is known of it
 * @t: the listeners
 * @to: over which
 * @from: which
 */
void lq_listeners_keep(struct lq_listeners *t, size_t to, size_t from)
{
	if (to == from)
		return;
	t->v[to] = t->v[from];
	if (t->counters)
		t->counters[to] = t->counters[from];
	if (t->histograms)
		t->histograms[to] = t->histograms[from];
}

/**
 * lq_listeners_free - forget listeners
 * @t: the listeners
 */
void lq_listeners_free(struct lq_listeners *t)
{
	free(t->v);
	free(t->counters);
	free(t->histograms);
	memset(t, 0, sizeof(*t));
}

/**
 * lq_nets_add - room for one more network namespace
 * @t: the namespaces
 *
 * Return: the new one, to be filled.
 */
struct listenq_net *lq_nets_add(struct lq_nets *t)
{
	size_t old = t->size;

	if (t->n == t->size) {
		t->size = t->size ? 2 * t->size : 4;
		t->v = lq_alloc(t->v, t->size, sizeof(*t->v));
		if (t->counters)
			t->counters = grow(t->counters, old, t->size, sizeof(*t->counters));
	}
	return &t->v[t->n++];
}

/**
 * lq_nets_last_counters - the counters of the namespace added last
 * @t: the namespaces, not empty
 *
 * Return: to be filled.
 */
struct listenq_net_counters *lq_nets_last_counters(struct lq_nets *t)
{
	if (!t->counters)
		t->counters = grow(NULL, 0, t->size, sizeof(*t->counters));
	return &t->counters[t->n - 1];
}

/**
 * lq_nets_free - forget network namespaces
 * @t: the namespaces
 */
void lq_nets_free(struct lq_nets *t)
{
	free(t->v);
	free(t->counters);
	memset(t, 0, sizeof(*t));
}

/*
 * Listeners that come and go make a dump repeat others: keep the first of each
 * cookie. The set holds numbers of listeners + 1, 0 is free.
 */
static void drop_repeats(struct lq_listeners *t)
{
	size_t mask = 1, kept = 0;
	uint32_t *set;

	while (mask < 2 * t->n)
		mask *= 2;
	set = lq_alloc(NULL, mask, sizeof(*set));
	memset(set, 0, mask * sizeof(*set));
	mask--;
	for (size_t i = 0; i < t->n; i++) {
		uint64_t cookie = t->v[i].cookie;
		size_t h = cookie * 0x9e3779b97f4a7c15ull >> 32;

		while (set[h & mask] && t->v[set[h & mask] - 1].cookie != cookie)
			h++;
		if (set[h & mask])
			continue;
		lq_listeners_keep(t, kept, i);
		set[h & mask] = ++kept;
	}
	t->n = kept;
	free(set);
}

/**
 * lq_source_read - the listeners that a query asks for, each once
 * @s: where from
 * @q: which
 * @out: gets them
 *
 * Return: 0, or -1 after an error message.
 */
int lq_source_read(const struct lq_source *s, const struct lq_query *q,
		   struct lq_listeners *out)
{
	size_t kept = 0;

	if (s->listeners(q, out))
		return -1;
	drop_repeats(out);
	for (size_t i = 0; i < out->n; i++)
		if (lq_filter_match(q->filter, &out->v[i]))
			lq_listeners_keep(out, kept++, i);
	out->n = kept;
	return 0;
}
