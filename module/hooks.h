/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The places in the kernel where listeners are watched, and what each counts.
 */
#ifndef _LQ_HOOKS_H
#define _LQ_HOOKS_H

#include <linux/kprobes.h>
#include <linux/listenq.h>

struct tracepoint;

/**
 * struct lq_hook - one place in the kernel
 * @name: function or tracepoint
 * @feeds: &enum listenq_counters_has, what is unknown without it
 * @enter: for a function: called when it is entered
 * @leave: for a function: called when it returns
 * @probe: for a tracepoint: called when it is met
 * @rp: what is registered for a function
 * @tp: where @probe is registered
 * @error: why it is not placed, a negative errno; 0 when it is or should not be
 * @placed: it is registered
 */
struct lq_hook {
	const char *name;
	u64 feeds;
	kretprobe_handler_t enter;
	kretprobe_handler_t leave;
	void *probe;
	struct kretprobe rp;
	struct tracepoint *tp;
	int error;
	bool placed;
};

#define LQ_HOOKS	5

extern struct lq_hook lq_hooks[LQ_HOOKS];

void lq_hooks_place(void);
void lq_hooks_remove(void);
u64 lq_hook_missed(const struct lq_hook *hook);

#endif /* _LQ_HOOKS_H */
