// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD: a listenq module that misbehaves as FAKE_MODULE says, for what a
 * healthy kernel never does. Only generic netlink sockets are taken over.
 *
 *   good       three listeners, one of them twice, one full
 *   newer      the same from a module whose struct is longer
 *   short      a struct cut short
 *   truncated  the second read ends in the middle of a message
 *   garbled    an attribute longer than its message
 *   error      an error in the middle of the dump
 *   ended      a dump that ends with an error
 *   gone       the family is unknown by the time it is asked
 *   eperm      all namespaces are refused
 *   einval     an attribute is refused, with the kernel's words
 *   silent     no answer
 *   old        one that knows no tracking
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/listenq.h>

#define FAMILY_ID	40

static struct nlmsghdr *request;
static char request_data[1024];
static int reads;

static bool is_genl(int fd)
{
	int proto = -1;
	socklen_t len = sizeof(proto);

	return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len) &&
	       proto == NETLINK_GENERIC;
}

static bool scenario(const char *name)
{
	const char *s = getenv("FAKE_MODULE");

	return s && !strcmp(s, name);
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
		dlsym(RTLD_NEXT, "sendto");

	if (!is_genl(fd))
		return real(fd, buf, len, flags, to, to_len);
	if (len > sizeof(request_data))
		abort();
	memcpy(request_data, buf, len);
	request = (struct nlmsghdr *)request_data;
	reads = 0;
	return len;
}

static struct nlmsghdr *begin(char *p, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(p);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = request->nlmsg_seq;
	return nlh;
}

static char *put_error(char *p, int err, const char *msg, uint32_t offset)
{
	struct nlmsghdr *nlh = begin(p, NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	e->error = err;
	e->msg = *request;
	if (msg)
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, msg);
	if (offset)
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS, offset);
	return p + nlh->nlmsg_len;
}

static char *put_done(char *p, int err)
{
	struct nlmsghdr *nlh = begin(p, NLMSG_DONE, NLM_F_MULTI);

	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(err)) = err;
	return p + nlh->nlmsg_len;
}

static char *put_listener(char *p, uint64_t cookie)
{
	struct {
		struct listenq_listener l;
		char more[24];
	} m = { .l = {
		.cookie = cookie, .ino = 1ull << 40 | cookie, .netns_ino = 4026531840,
		.oldest_wait_us = 2000000,
		.has = LISTENQ_HAS_SYN_LEN | LISTENQ_HAS_SYN_YOUNG | LISTENQ_HAS_DROPS,
		.syn_len = cookie, .syn_young = 1, .backlog = 4,
		.family = AF_INET, .protocol = IPPROTO_TCP, .port = 8000 - cookie,
		.addr = { 127, 0, 0, 1 },
	} };
	size_t size = sizeof(m.l);
	struct nlmsghdr *nlh;

	if (cookie == 2) {
		m.l.accept_len = 5;
		m.l.flags = LISTENQ_L_ACCEPT_FULL;
		m.l.has |= LISTENQ_HAS_WAIT;
	}
	if (scenario("newer"))
		size = sizeof(m);
	if (scenario("short"))
		size = 60;
	memset(m.more, 0xff, sizeof(m.more));
	nlh = begin(p, FAMILY_ID, NLM_F_MULTI);
	((struct genlmsghdr *)mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN))->cmd =
		LISTENQ_CMD_LISTENER_GET;
	mnl_attr_put(nlh, LISTENQ_A_LISTENER, size, &m);
	if (scenario("garbled"))
		((struct nlattr *)mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN))->nla_len += 8;
	return p + nlh->nlmsg_len;
}

static char *answer_family(char *p)
{
	struct nlmsghdr *nlh = begin(p, GENL_ID_CTRL, 0);

	mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN);
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAMILY_ID);
	return put_error(p + nlh->nlmsg_len, 0, NULL, 0);
}

/* The offset of an attribute in the request, 0 if it is not there. */
static uint32_t offset_of(uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, request, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == type)
			return (const char *)a - (const char *)request;
	return 0;
}

static uint32_t flags_of(void)
{
	uint32_t offset = offset_of(LISTENQ_A_FLAGS);

	return offset ? mnl_attr_get_u32((struct nlattr *)(request_data + offset)) : 0;
}

static uint8_t command(void)
{
	return ((struct genlmsghdr *)mnl_nlmsg_get_payload(request))->cmd;
}

static char *answer(char *p)
{
	if (request->nlmsg_type == GENL_ID_CTRL)
		return answer_family(p);
	if (scenario("gone"))
		return put_error(p, -ENOENT, NULL, 0);
	if (scenario("eperm"))
		return put_error(p, -EPERM, "needs CAP_NET_ADMIN in the initial namespace",
				 offset_of(LISTENQ_A_FLAGS));
	if (scenario("einval"))
		return put_error(p, -EINVAL, "port out of range", offset_of(LISTENQ_A_PORT));
	if (scenario("old") && command() > LISTENQ_CMD_NET_GET)
		return put_error(p, -EOPNOTSUPP, NULL, 0);
	if (scenario("old") && flags_of() & (LISTENQ_FLAG_COUNTERS | LISTENQ_FLAG_HISTOGRAMS))
		return put_error(p, -EINVAL, "reserved bit set", offset_of(LISTENQ_A_FLAGS));
	if (reads++ == 0)
		return put_listener(put_listener(p, 1), 2);
	if (scenario("error"))
		return put_error(p, -ENOMEM, NULL, 0);
	if (scenario("ended"))
		return put_done(p, -EIO);
	p = put_listener(put_listener(p, 2), 3);
	if (scenario("truncated"))
		return p - 40;
	return put_done(p, 0);
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
	char buf[4096] = { 0 };
	ssize_t len;

	if (!is_genl(fd))
		return real(fd, msg, flags);
	if (scenario("silent") && request->nlmsg_type != GENL_ID_CTRL) {
		errno = EAGAIN;
		return -1;
	}
	len = answer(buf) - buf;
	memcpy(msg->msg_iov[0].iov_base, buf, len);
	msg->msg_namelen = sizeof(struct sockaddr_nl);
	memset(msg->msg_name, 0, msg->msg_namelen);
	((struct sockaddr_nl *)msg->msg_name)->nl_family = AF_NETLINK;
	msg->msg_flags = 0;
	return len;
}
