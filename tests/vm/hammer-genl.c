// SPDX-License-Identifier: GPL-2.0
/* The hammer's client: every function returns a negative errno for a refusal. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "hammer.h"

static uint32_t seq;

/* a socket that waits a minute at most; dies without one */
int genl_open(void)
{
	struct timeval minute = { .tv_sec = 60 };
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute)))
		err(2, "netlink socket");
	return fd;
}

/* attr 0: none */
int genl_send(int fd, int type, int cmd, bool dump, int attr, const void *data,
	      int len)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr nla;
		char data[64];
	} m = {
		.nlh.nlmsg_type = type,
		.nlh.nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK),
		.nlh.nlmsg_seq = ++seq,
		.genl.cmd = cmd,
		.genl.version = 1,
		.nla.nla_len = NLA_HDRLEN + len,
		.nla.nla_type = attr,
	};

	m.nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	if (attr) {
		memcpy(m.data, data, len);
		m.nlh.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(len);
	}
	return send(fd, &m, m.nlh.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int answer_add(struct answer *a, const struct nlmsghdr *nlh)
{
	const struct nlattr *nla = NLMSG_DATA(nlh) + GENL_HDRLEN;
	const struct listenq_listener *l = (void *)(nla + 1);
	int size;

	if (nlh->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN)
		return -EBADMSG;
	switch (nla->nla_type) {
	case LISTENQ_A_LISTENER:
		size = sizeof(struct listenq_listener);
		break;
	case LISTENQ_A_NET:
		size = sizeof(struct listenq_net);
		break;
	default:
		return -EBADMSG;
	}
	if (nla->nla_len != NLA_HDRLEN + size ||
	    nlh->nlmsg_len != NLMSG_LENGTH(GENL_HDRLEN) + nla->nla_len)
		return -EBADMSG;
	if (nla->nla_type == LISTENQ_A_LISTENER)
		a->cookie = l->cookie;
	a->objects++;
	return 0;
}

/* One buffer. Return: 0 and a->done when it was the last, or an error. */
int genl_receive(int fd, struct answer *a)
{
	static char buf[1 << 16];
	ssize_t left = recv(fd, buf, sizeof(buf), 0);
	struct nlmsghdr *nlh = (void *)buf;
	int ret = left < 0 ? -errno : 0;

	for (; !ret && NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		if (nlh->nlmsg_seq != seq)
			return -EBADMSG;
		if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
			a->done = true;
			return *(int *)NLMSG_DATA(nlh);
		}
		ret = answer_add(a, nlh);
	}
	return ret;
}

/* A request and all of its answer. Return: objects, or an error. */
long genl_ask(int fd, int type, int cmd, bool dump, int attr, const void *data,
	      int len, struct answer *a)
{
	int ret = genl_send(fd, type, cmd, dump, attr, data, len);

	memset(a, 0, sizeof(*a));
	while (!ret && !a->done)
		ret = genl_receive(fd, a);
	return ret ? ret : a->objects;
}

/* the family's number */
int genl_family(int fd)
{
	char buf[4096];
	struct nlmsghdr *nlh = (void *)buf;
	struct nlattr *nla = NLMSG_DATA(nlh) + GENL_HDRLEN;
	int id = -EBADMSG;
	ssize_t left;
	int ret;

	ret = genl_send(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, false,
			CTRL_ATTR_FAMILY_NAME, LISTENQ_FAMILY_NAME,
			sizeof(LISTENQ_FAMILY_NAME));
	if (ret)
		return ret;
	/* the family and the ack, or an error */
	for (;;) {
		left = recv(fd, buf, sizeof(buf), 0);
		if (left < 0)
			return -errno;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			ret = *(int *)NLMSG_DATA(nlh);
			return ret ? ret : id;
		}
		left -= NLMSG_LENGTH(GENL_HDRLEN);
		while (left >= NLA_HDRLEN) {
			if (nla->nla_type == CTRL_ATTR_FAMILY_ID)
				id = *(uint16_t *)(nla + 1);
			left -= NLA_ALIGN(nla->nla_len);
			nla = (void *)nla + NLA_ALIGN(nla->nla_len);
		}
	}
}

/* Every listener of every namespace, from nothing. Return: how many, or an error. */
long genl_dump_once(void)
{
	const uint32_t flags = LISTENQ_FLAG_ALL_NETNS;
	struct answer a;
	int fd = genl_open();
	long ret = genl_family(fd);

	if (ret >= 0)
		ret = genl_ask(fd, ret, LISTENQ_CMD_LISTENER_GET, true,
			       LISTENQ_A_FLAGS, &flags, sizeof(flags), &a);
	close(fd);
	return ret;
}
