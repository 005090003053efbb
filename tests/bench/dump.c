// SPDX-License-Identifier: GPL-2.0
/* A netlink dump, read with the same few instructions whoever answers. */
#include <err.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/listenq.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/* as lq_floor.ko has them */
#define FLOOR_FAMILY	"lq_floor"
#define FLOOR_WALK	1
#define FLOOR_PACKED	2
#define FLOOR_HOOK_ON	3
#define FLOOR_HOOK_OFF	4
#define FLOOR_RETURN_ON	5

struct request {
	struct nlmsghdr nlh;
	union {
		struct inet_diag_req_v2 diag;
		struct {
			struct genlmsghdr genl;
			struct nlattr attr;
			char name[16];
		};
	};
};

/* what ss uses */
static char buffer[32768];

static int open_netlink(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		err(1, "socket(AF_NETLINK)");
	return fd;
}

static struct request genl_request(int family, int cmd, int flags)
{
	return (struct request){
		.nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
		.nlh.nlmsg_type = family,
		.nlh.nlmsg_flags = NLM_F_REQUEST | flags,
		.genl.cmd = cmd,
		.genl.version = 1,
	};
}

static int genl_family(int fd, const char *name)
{
	struct request r = genl_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	struct nlmsghdr *nlh = (void *)buffer;
	struct nlattr *attr;
	ssize_t len;

	r.attr.nla_type = CTRL_ATTR_FAMILY_NAME;
	r.attr.nla_len = NLA_HDRLEN + strlen(name) + 1;
	strcpy(r.name, name);
	r.nlh.nlmsg_len += NLMSG_ALIGN(r.attr.nla_len);
	if (send(fd, &r, r.nlh.nlmsg_len, 0) < 0)
		err(1, "send");
	len = recv(fd, buffer, sizeof(buffer), 0);
	if (len < 0 || nlh->nlmsg_type != GENL_ID_CTRL)
		errx(1, "no netlink family '%s'", name);
	for (attr = NLMSG_DATA(nlh) + GENL_HDRLEN; (char *)attr < buffer + len;
	     attr = (void *)attr + NLMSG_ALIGN(attr->nla_len))
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(uint16_t *)((char *)attr + NLA_HDRLEN);
	errx(1, "the family '%s' has no id", name);
}

/* One dump: instructions in the kernel (and the way there and back). */
static uint64_t dump_once(int fd, const struct request *r, long *objects, long *bytes,
			  uint64_t *longest)
{
	uint64_t spent, before = instructions();

	*objects = *bytes = 0;
	*longest = 0;
	if (send(fd, r, r->nlh.nlmsg_len, 0) < 0)
		err(1, "send");
	spent = instructions() - before;
	for (;;) {
		struct nlmsghdr *nlh = (void *)buffer;
		uint64_t took;
		int left;

		before = instructions();
		left = recv(fd, buffer, sizeof(buffer), 0);
		took = instructions() - before;
		if (left < 0)
			err(1, "recv");
		spent += took;
		if (took > *longest)
			*longest = took;
		*bytes += left;
		for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return spent;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				errx(1, "the kernel refuses the dump: %s",
				     strerror(-((struct nlmsgerr *)NLMSG_DATA(nlh))->error));
			++*objects;
		}
	}
}

int verb_dump(const struct options *o)
{
	uint64_t *spent = calloc(o->rounds, sizeof(*spent)), longest;
	bool diag = !strncmp(o->args[0], "diag-", 5);
	int fd = open_netlink(diag ? NETLINK_SOCK_DIAG : NETLINK_GENERIC);
	const char *what = o->args[0];
	struct request r;
	long objects, bytes;

	if (diag)
		r = (struct request){
			.nlh.nlmsg_len = NLMSG_LENGTH(sizeof(r.diag)),
			.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.diag.sdiag_family = o->v6 ? AF_INET6 : AF_INET,
			.diag.sdiag_protocol = IPPROTO_TCP,
			.diag.idiag_states = 1 << (!strcmp(what, "diag-syn-recv") ?
						   TCP_SYN_RECV : TCP_LISTEN),
		};
	else if (!strcmp(what, "listenq"))
		r = genl_request(genl_family(fd, LISTENQ_FAMILY_NAME),
				 LISTENQ_CMD_LISTENER_GET, NLM_F_DUMP);
	else
		r = genl_request(genl_family(fd, FLOOR_FAMILY),
				 !strcmp(what, "floor-walk") ? FLOOR_WALK : FLOOR_PACKED,
				 NLM_F_DUMP);
	/* the first one warms up: cookies are made, buffers grow */
	dump_once(fd, &r, &objects, &bytes, &longest);
	for (long i = 0; i < o->rounds; i++)
		spent[i] = dump_once(fd, &r, &objects, &bytes, &longest);
	printf("what=%s objects=%ld bytes=%ld longest=%llu instructions=", what, objects, bytes,
	       (unsigned long long)longest);
	print_list(spent, o->rounds);
	return 0;
}

int verb_hook(const struct options *o)
{
	int fd = open_netlink(NETLINK_GENERIC);
	int cmd = !strcmp(o->args[0], "ftrace") ? FLOOR_HOOK_ON :
		  !strcmp(o->args[0], "kretprobe") ? FLOOR_RETURN_ON : FLOOR_HOOK_OFF;
	struct request r = genl_request(genl_family(fd, FLOOR_FAMILY), cmd, NLM_F_ACK);
	struct nlmsghdr *nlh = (void *)buffer;

	if (send(fd, &r, r.nlh.nlmsg_len, 0) < 0 || recv(fd, buffer, sizeof(buffer), 0) < 0)
		err(1, "netlink");
	if (nlh->nlmsg_type != NLMSG_ERROR || ((struct nlmsgerr *)NLMSG_DATA(nlh))->error)
		errx(1, "lq_floor.ko cannot place its hook");
	return 0;
}
