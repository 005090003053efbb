// SPDX-License-Identifier: GPL-2.0
/* Choosing a source, and what is done to listeners of any source. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define LOAD_IT	"load it with modprobe listenq (or insmod listenq.ko)"

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
		lq_error("the listenq module is not loaded: " LOAD_IT);
		return NULL;
	}
	if (o->all_netns) {
		lq_error("--all-netns needs the listenq module, sock_diag sees one network namespace: "
			 LOAD_IT);
		return NULL;
	}
	return lq_source_diag.open() ? NULL : &lq_source_diag;
}

/**
 * lq_listeners_add - room for one more listener
 * @t: the listeners
 *
 * Return: the new one, to be filled.
 */
struct listenq_listener *lq_listeners_add(struct lq_listeners *t)
{
	if (t->n == t->size) {
		t->size = t->size ? 2 * t->size : 64;
		t->v = lq_alloc(t->v, t->size, sizeof(*t->v));
	}
	return &t->v[t->n++];
}

/**
 * lq_nets_add - room for one more network namespace
 * @t: the namespaces
 *
 * Return: the new one, to be filled.
 */
struct listenq_net *lq_nets_add(struct lq_nets *t)
{
	if (t->n == t->size) {
		t->size = t->size ? 2 * t->size : 4;
		t->v = lq_alloc(t->v, t->size, sizeof(*t->v));
	}
	return &t->v[t->n++];
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
		if (kept != i)
			t->v[kept] = t->v[i];
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
		if (lq_filter_match(q->filter, &out->v[i])) {
			if (kept != i)
				out->v[kept] = out->v[i];
			kept++;
		}
	out->n = kept;
	return 0;
}
