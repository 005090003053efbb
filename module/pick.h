/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks a list that changes underfoot, a batch at a time, in falling order of a
 * key that never changes while the object lives (a cookie, a namespace's inode).
 *
 * A scan keeps the LQ_BATCH highest keys below the last one that was handed
 * out. So a walk needs no object to resume at: whoever leaves the list takes
 * nothing along, whoever stays is met exactly once, and it ends under any churn.
 * A list no longer than LQ_BATCH is scanned once.
 */
#ifndef _LQ_PICK_H
#define _LQ_PICK_H

#include <linux/string.h>
#include <linux/types.h>

/* What fits a stack. A list of n is scanned n / LQ_BATCH times. */
#define LQ_BATCH	64

struct lq_pick {
	u64 key;
	void *obj;
};

struct lq_picks {
	unsigned int n;
	struct lq_pick p[LQ_BATCH];
};

/**
 * lq_pick_wants - whether lq_pick_add() would keep a key, but for one it has
 * @picks: what was kept so far
 * @below: bound, not itself wanted; 0 for none
 * @key: the key, not 0
 */
static inline bool lq_pick_wants(const struct lq_picks *picks, u64 below, u64 key)
{
	/* 0 - 1 is above all keys */
	return key - 1 < below - 1 &&
	       (picks->n < LQ_BATCH || key > picks->p[LQ_BATCH - 1].key);
}

/**
 * lq_pick_add - keep an object if its key is among the highest below a bound
 * @picks: what was kept so far, highest key first
 * @below: bound, not itself wanted; 0 for none
 * @key: key of @obj, not 0
 * @obj: the object
 *
 * An object seen twice (a restarted scan, a listener that moved) is kept once.
 */
static inline void lq_pick_add(struct lq_picks *picks, u64 below, u64 key,
			       void *obj)
{
	unsigned int i = picks->n;

	if (!lq_pick_wants(picks, below, key))
		return;
	while (i && picks->p[i - 1].key < key)
		i--;
	if (i && picks->p[i - 1].key == key)
		return;
	if (picks->n < LQ_BATCH)
		picks->n++;
	/* a list mostly is in this order: then there is nothing to move */
	if (i < picks->n - 1)
		memmove(&picks->p[i + 1], &picks->p[i],
			(picks->n - 1 - i) * sizeof(picks->p[0]));
	picks->p[i].key = key;
	picks->p[i].obj = obj;
}

#endif /* _LQ_PICK_H */
