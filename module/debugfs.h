/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/listenq: the same structs as text, for hosts without the
 * tool. Root's, all namespaces.
 */
#ifndef _LQ_DEBUGFS_H
#define _LQ_DEBUGFS_H

#include <linux/listenq.h>
#include <linux/seq_file.h>

#include "walk.h"

/**
 * struct lq_iter - where a reader of a file stands
 * @step: fetches the next object into the iterator; false at the end
 * @done: there is no object at this position
 * @cursor: of the walk
 * @l: the listener at this position
 * @n: the namespace at this position
 * @counters: what happened at the listener
 * @histograms: how SYNs found it
 * @episode: the episode at this position
 *
 * seq_file stops and starts again at the object that did not fit its buffer, so
 * the iterator keeps it. It moves by walk cursor, never by number: tables
 * longer than a page come out whole however much they change meanwhile.
 */
struct lq_iter {
	bool (*step)(struct lq_iter *it);
	bool done;
	struct lq_cursor cursor;
	struct listenq_listener l;
	union {
		struct listenq_net n;
		struct listenq_counters counters;
		struct listenq_histograms histograms;
		struct listenq_episode episode;
	};
};

/**
 * struct lq_view - a file
 * @name: its name
 * @step: see &struct lq_iter
 * @ops: how seq_file reads it
 */
struct lq_view {
	const char *name;
	bool (*step)(struct lq_iter *it);
	struct seq_operations ops;
};

#define LQ_VIEW(_name, _step, _show) {				\
	.name = (_name),					\
	.step = (_step),					\
	.ops = {						\
		.start = lq_iter_start,				\
		.next = lq_iter_next,				\
		.stop = lq_iter_stop,				\
		.show = (_show),				\
	},							\
}

void *lq_iter_start(struct seq_file *m, loff_t *pos);
void *lq_iter_next(struct seq_file *m, void *v, loff_t *pos);
void lq_iter_stop(struct seq_file *m, void *v);
void lq_show_known(struct seq_file *m, int width, bool known, u64 value);
void lq_show_local(struct seq_file *m, const struct listenq_listener *l);

/* debugfs_track.c */
bool lq_counters_step(struct lq_iter *it);
int lq_counters_show(struct seq_file *m, void *v);
bool lq_histograms_step(struct lq_iter *it);
int lq_histograms_show(struct seq_file *m, void *v);
bool lq_episodes_step(struct lq_iter *it);
int lq_episodes_show(struct seq_file *m, void *v);
bool lq_track_step(struct lq_iter *it);
int lq_track_show(struct seq_file *m, void *v);

void lq_debugfs_init(void);
void lq_debugfs_exit(void);

#endif /* _LQ_DEBUGFS_H */
