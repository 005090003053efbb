/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pure rules over the structs of <linux/listenq.h>: no I/O, no state, no
 * allocation. Compiled by the module, by KUnit and by the tool, so nothing
 * here may need more than <linux/types.h>.
 */
#ifndef _LISTENQ_RULES_H
#define _LISTENQ_RULES_H

#include <linux/listenq.h>

/* An oldest wait from which on a listener counts as busy, µs. A server that
 * keeps up accepts within a scheduler's slice; a second is felt by a client.
 */
#define LQ_BUSY_WAIT_US		1000000

/**
 * enum lq_state - how a listener does, in one word
 * @LQ_STATE_OK: room in both queues
 * @LQ_STATE_BUSY: a queue holds three quarters of its limit, or the oldest
 *	connection has waited %LQ_BUSY_WAIT_US
 * @LQ_STATE_FULL: a queue is full, by the kernel's own word: new connections
 *	are dropped, or answered by SYN cookies
 */
enum lq_state {
	LQ_STATE_OK,
	LQ_STATE_BUSY,
	LQ_STATE_FULL,
};

/**
 * lq_queue_is_full - what the kernel says of a queue of this length
 * @len: requests or connections in the queue
 * @limit: its limit
 *
 * For a source that cannot ask the kernel (sock_diag). Mirrors
 * sk_acceptq_is_full() and, since 6.1.125 or so, inet_csk_reqsk_queue_is_full().
 */
static inline int lq_queue_is_full(__u32 len, __u32 limit)
{
	return len > limit;
}

/**
 * lq_queue_is_busy - whether a queue holds three quarters of its limit
 * @len: requests or connections in the queue
 * @limit: its limit
 *
 * An empty queue is never busy, whatever its limit.
 */
static inline int lq_queue_is_busy(__u32 len, __u32 limit)
{
	return len && (__u64)len * 4 >= (__u64)limit * 3;
}

/**
 * lq_listener_state - the state word of a listener
 * @l: the listener; fields that are not in l->has do not count
 */
static inline enum lq_state lq_listener_state(const struct listenq_listener *l)
{
	if (l->flags & (LISTENQ_L_SYN_FULL | LISTENQ_L_ACCEPT_FULL))
		return LQ_STATE_FULL;
	if (lq_queue_is_busy(l->accept_len, l->backlog) ||
	    ((l->has & LISTENQ_HAS_SYN_LEN) &&
	     lq_queue_is_busy(l->syn_len, l->backlog)) ||
	    ((l->has & LISTENQ_HAS_WAIT) &&
	     l->oldest_wait_us >= LQ_BUSY_WAIT_US))
		return LQ_STATE_BUSY;
	return LQ_STATE_OK;
}

/**
 * lq_state_name - the word users read for a state
 * @s: the state
 */
static inline const char *lq_state_name(enum lq_state s)
{
	switch (s) {
	case LQ_STATE_FULL:
		return "FULL";
	case LQ_STATE_BUSY:
		return "busy";
	default:
		return "ok";
	}
}

#endif /* _LISTENQ_RULES_H */
