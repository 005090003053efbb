/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One request and all of its replies, for both netlink families the tool
 * speaks. Parsing is apart from reading, so that it can be tested and fuzzed.
 */
#ifndef LISTENQ_NL_H
#define LISTENQ_NL_H

#include <stdint.h>

#include <libmnl/libmnl.h>

#define LQ_NL_REQUEST_MAX	256

/* What the kernel uses of the negative numbers. */
#define LQ_ERRNO_MAX		4095

/**
 * struct lq_nl_error - why an exchange failed
 * @err: positive errno
 * @refused: the kernel said so; otherwise the answer never came or was no good
 * @attr_offset: offset in the request of the attribute the kernel names, or 0
 * @msg: the kernel's own words, or what is wrong with the answer; may be empty
 */
struct lq_nl_error {
	int err;
	bool refused;
	uint32_t attr_offset;
	char msg[160];
};

/**
 * typedef lq_nl_cb - takes one message of a reply
 * @nlh: the message: complete, and from this exchange
 * @ctx: the caller's
 *
 * Return: NULL, or what is wrong with the message.
 */
typedef const char *(*lq_nl_cb)(const struct nlmsghdr *nlh, void *ctx);

struct mnl_socket *lq_nl_open(int bus);
int lq_nl_parse(const void *buf, size_t len, uint32_t seq, lq_nl_cb cb,
		void *ctx, struct lq_nl_error *e);
int lq_nl_exchange(struct mnl_socket *sk, struct nlmsghdr *req, lq_nl_cb cb,
		   void *ctx, struct lq_nl_error *e);

#endif /* LISTENQ_NL_H */
