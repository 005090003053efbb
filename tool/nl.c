// SPDX-License-Identifier: GPL-2.0
/* Send a netlink request, take its replies apart. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <linux/netlink.h>

#include "nl.h"
#include "listenq.h"

/* The kernel fills what the reader offers, up to 32 KiB less its own head. */
#define REPLY_SIZE	(64 * 1024)

/* A dump is made while it is read; an answer that takes this long never comes. */
#define TIMEOUT_S	30

/**
 * lq_nl_open - a netlink socket that gets errors explained
 * @bus: NETLINK_GENERIC or NETLINK_SOCK_DIAG
 *
 * Return: the socket, or NULL with errno set.
 */
struct mnl_socket *lq_nl_open(int bus)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval timeout = { .tv_sec = TIMEOUT_S };
	struct mnl_socket *sk = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int one = 1;

	if (!sk)
		return NULL;
	/*
	 * Connected, it takes messages from the kernel alone: who is root in the
	 * network namespace we look at could send us answers of his own.
	 */
	if (mnl_socket_bind(sk, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    connect(mnl_socket_get_fd(sk), (const struct sockaddr *)&kernel,
		    sizeof(kernel))) {
		int err = errno;

		mnl_socket_close(sk);
		errno = err;
		return NULL;
	}
	/* Where the kernel is too old for these, errors are only terser. */
	mnl_socket_setsockopt(sk, NETLINK_EXT_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(sk, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(mnl_socket_get_fd(sk), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		   sizeof(timeout));
	return sk;
}

static int fail(struct lq_nl_error *e, int err, const char *msg)
{
	e->err = err;
	e->refused = false;
	e->attr_offset = 0;
	snprintf(e->msg, sizeof(e->msg), "%s", msg);
	return -1;
}

/* What the kernel says beside the number of an error, from @offset on. */
static void take_extack(const struct nlmsghdr *nlh, size_t offset,
			struct lq_nl_error *e)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const char *p = (const char *)mnl_nlmsg_get_payload(nlh) + offset;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (const struct nlattr *a = (const struct nlattr *)p;
	     (const char *)a < end && mnl_attr_ok(a, end - (const char *)a);
	     a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			snprintf(e->msg, sizeof(e->msg), "%.*s",
				 mnl_attr_get_payload_len(a), mnl_attr_get_str(a));
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_OFFS &&
		    mnl_attr_get_payload_len(a) == sizeof(uint32_t))
			e->attr_offset = mnl_attr_get_u32(a);
	}
}

/* NLMSG_ERROR, or the NLMSG_DONE that closes a dump: 1 if all went well. */
static int take_end(const struct nlmsghdr *nlh, struct lq_nl_error *e)
{
	size_t payload = mnl_nlmsg_get_payload_len(nlh);
	bool error = nlh->nlmsg_type == NLMSG_ERROR;
	size_t offset = sizeof(int);
	int err = 0;

	if (error) {
		const struct nlmsgerr *m = mnl_nlmsg_get_payload(nlh);

		if (payload < sizeof(*m))
			return fail(e, EBADMSG, "a truncated error message");
		offset = sizeof(*m);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
			if (m->msg.nlmsg_len < sizeof(m->msg) ||
			    m->msg.nlmsg_len - sizeof(m->msg) > payload - offset)
				offset = payload;
			else
				offset += MNL_ALIGN(m->msg.nlmsg_len - sizeof(m->msg));
		}
		err = m->error;
	} else if (payload >= sizeof(int)) {
		memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof(int));
	}
	if (err >= 0)
		return 1;
	if (err < -LQ_ERRNO_MAX)
		return fail(e, EBADMSG, "an error that has no number");
	fail(e, -err, "");
	e->refused = true;
	if (offset < payload)
		take_extack(nlh, offset, e);
	return -1;
}

/**
 * lq_nl_parse - take apart what one read gave
 * @buf: the bytes, aligned as malloc() aligns
 * @len: how many
 * @seq: sequence number of the request; messages of others are passed over
 * @cb: takes the messages
 * @ctx: for @cb
 * @e: gets what is wrong
 *
 * NLM_F_DUMP_INTR is no error: a dump of listeners promises no snapshot.
 *
 * Return: 0 if more is to come, 1 after the last message, -1 with @e set.
 */
int lq_nl_parse(const void *buf, size_t len, uint32_t seq, lq_nl_cb cb,
		void *ctx, struct lq_nl_error *e)
{
	const struct nlmsghdr *nlh = buf;
	int left = len;

	/*
	 * libmnl takes a length beyond INT_MAX for a negative one, which fits, and
	 * looks for attributes up to the end of a message's padding
	 */
	for (; mnl_nlmsg_ok(nlh, left) && nlh->nlmsg_len <= len &&
	       MNL_ALIGN(nlh->nlmsg_len) <= (size_t)left;
	     nlh = mnl_nlmsg_next(nlh, &left)) {
		const char *wrong;

		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
			return take_end(nlh, e);
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		wrong = cb(nlh, ctx);
		if (wrong)
			return fail(e, EBADMSG, wrong);
	}
	if (left > 0)
		return fail(e, EBADMSG, "a truncated message");
	return 0;
}

/**
 * lq_nl_exchange - send a request and take all of its replies
 * @sk: the socket
 * @req: the request; its sequence number is set here
 * @cb: takes the messages of the reply
 * @ctx: for @cb
 * @e: gets what went wrong
 *
 * The request must end in NLMSG_DONE or NLMSG_ERROR: a dump, or NLM_F_ACK.
 *
 * Return: 0, or -1 with @e set.
 */
int lq_nl_exchange(struct mnl_socket *sk, struct nlmsghdr *req, lq_nl_cb cb,
		   void *ctx, struct lq_nl_error *e)
{
	static uint32_t seq;
	char *buf;
	int ret;

	req->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sk, req, req->nlmsg_len) < 0)
		return fail(e, errno, "sending the request");
	buf = lq_alloc(NULL, REPLY_SIZE, 1);
	do {
		ssize_t n = mnl_socket_recvfrom(sk, buf, REPLY_SIZE);

		if (n < 0 && errno == EINTR)
			ret = 0;
		else if (n < 0)
			ret = fail(e, errno == EAGAIN ? ETIMEDOUT : errno,
				   "reading the answer");
		else
			ret = lq_nl_parse(buf, n, seq, cb, ctx, e);
	} while (!ret);
	free(buf);
	return ret < 0 ? -1 : 0;
}
