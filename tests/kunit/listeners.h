/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Real listeners for tests to walk over: a reuseport group, so one long bucket
 * of the table, and others that are spread over it.
 */
#ifndef _LQ_KUNIT_LISTENERS_H
#define _LQ_KUNIT_LISTENERS_H

#include <kunit/test.h>
#include <net/sock.h>

#define LQ_CROWD_GROUP	40	/* two and a half batches */
#define LQ_CROWD_ALL	90
#define LQ_CROWD_PORT	20000	/* the group's; the others have those above it */
#define LQ_CROWD_SPARE	LQ_CROWD_ALL	/* one more of the group, closed at first */

/**
 * struct lq_crowd - listeners of a test
 * @sock: the i-th, NULL while it is closed; the first LQ_CROWD_GROUP are the
 *	group, of the others every third is IPv6
 * @met: for walks to count in
 */
struct lq_crowd {
	struct socket *sock[LQ_CROWD_ALL + 1];
	unsigned int met[LQ_CROWD_ALL + 1];
};

int lq_crowd_init(struct kunit *test);
void lq_crowd_exit(struct kunit *test);
void lq_crowd_open(struct kunit *test, unsigned int i);
void lq_crowd_close(struct lq_crowd *c, unsigned int i);
void lq_crowd_forget(struct lq_crowd *c);
int lq_crowd_index(const struct lq_crowd *c, const struct sock *sk);
unsigned int lq_crowd_wrong(const struct lq_crowd *c, int except);

#endif /* _LQ_KUNIT_LISTENERS_H */
