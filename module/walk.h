/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only reader of struct sock: listening table -> struct listenq_listener.
 */
#ifndef _LQ_WALK_H
#define _LQ_WALK_H

#include <linux/listenq.h>

struct net;
struct sock;
struct user_namespace;

/**
 * struct lq_filter - which listeners a walk stops at
 * @net: only of this network namespace; NULL for all
 * @cookie: only this one; 0 for any
 * @ifindex: only bound to this device; 0 for any
 * @family: AF_INET, AF_INET6; 0 for both
 * @port: local port, host order; 0 for any
 * @addr_len: bytes of @addr to compare, 4 or 16 (then @family is set); 0 for
 *	any address
 * @addr: local address, network order
 * @flags: %LISTENQ_FLAG_NOT_EMPTY, %LISTENQ_FLAG_FULL, %LISTENQ_FLAG_DROPPED
 */
struct lq_filter {
	const struct net *net;
	u64 cookie;
	u32 ifindex;
	u16 family;
	u16 port;
	u32 addr_len;
	u8 addr[16];
	u32 flags;
};

/**
 * struct lq_cursor - where a walk stands; all zero at its start
 * @bucket: bucket of the listening table
 * @below: cookie of the last listener handed out from @bucket, 0 for none yet
 */
struct lq_cursor {
	u64 below;
	u32 bucket;
};

/**
 * typedef lq_walk_fn - what a walk does with a listener
 *
 * Called under rcu_read_lock(); @sk is a TCP socket that was in LISTEN a moment
 * ago, valid until the function returns. Returns 0 to go on, 1 to stop behind
 * this listener, a negative errno to stop before it (a later walk with the
 * same cursor meets it again).
 */
typedef int (*lq_walk_fn)(struct sock *sk, void *arg);

u64 lq_sk_cookie(struct sock *sk);
bool lq_sk_wait(struct sock *sk, u64 *wait_us, bool *dead);
int lq_walk(struct lq_cursor *cur, const struct lq_filter *f, lq_walk_fn fn,
	    void *arg);
bool lq_listener_fill(struct listenq_listener *l, struct sock *sk,
		      struct user_namespace *user_ns);

#endif /* _LQ_WALK_H */
