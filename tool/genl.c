// SPDX-License-Identifier: GPL-2.0
/* The source "module": generic netlink family listenq. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"

static struct mnl_socket *sock;
static uint16_t family_id;

/*
 * Structs of the first version. They only grow, so no module sends less; a
 * reader takes what both sides know and zeroes the rest.
 */
#define LISTENER_SIZE_1	112
#define NET_SIZE_1	168

static void copy_struct(void *to, size_t size, const struct nlattr *a)
{
	size_t len = mnl_attr_get_payload_len(a);

	if (len > size)
		len = size;
	memcpy(to, mnl_attr_get_payload(a), len);
	memset((char *)to + len, 0, size - len);
}

static const char *take_object(const struct nlmsghdr *nlh, void *ctx)
{
	size_t head = MNL_NLMSG_HDRLEN + GENL_HDRLEN;
	struct lq_genl_reply *r = ctx;
	const struct nlattr *a;
	bool found = false;

	if (nlh->nlmsg_len < head)
		return "a message shorter than its header";
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		size_t len = mnl_attr_get_payload_len(a);

		switch (mnl_attr_get_type(a)) {
		case LISTENQ_A_LISTENER:
			if (len < LISTENER_SIZE_1)
				return "a listener that is cut short";
			copy_struct(lq_listeners_add(&r->listeners),
				    sizeof(struct listenq_listener), a);
			found = true;
			break;
		case LISTENQ_A_NET:
			if (len < NET_SIZE_1)
				return "a network namespace that is cut short";
			copy_struct(lq_nets_add(&r->nets),
				    sizeof(struct listenq_net), a);
			found = true;
			break;
		}
	}
	if ((const char *)a < (const char *)nlh + nlh->nlmsg_len)
		return "an attribute longer than its message";
	return found ? NULL : "a message without a listener or a namespace";
}

/**
 * lq_genl_parse - take apart what one read from the module gave
 * @buf: the bytes
 * @len: how many
 * @seq: sequence number of the request
 * @r: gets the objects
 * @e: gets what is wrong
 *
 * Return: 0 if more is to come, 1 after the last message, -1 with @e set.
 */
int lq_genl_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_genl_reply *r, struct lq_nl_error *e)
{
	return lq_nl_parse(buf, len, seq, take_object, r, e);
}

static struct nlmsghdr *request(void *buf, uint16_t type, uint16_t flags,
				uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = version;
	return nlh;
}

static const char *take_family(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_get_payload_len(a) == sizeof(uint16_t))
			*(uint16_t *)ctx = mnl_attr_get_u16(a);
	return NULL;
}

static int module_open(void)
{
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;

	sock = lq_nl_open(NETLINK_GENERIC);
	if (!sock) {
		lq_error("generic netlink: %s", strerror(errno));
		return -1;
	}
	req = request(buf, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(req, CTRL_ATTR_FAMILY_NAME, LISTENQ_FAMILY_NAME);
	if (!lq_nl_exchange(sock, req, take_family, &family_id, &e)) {
		if (family_id)
			return 0;
		lq_error("generic netlink knows the family " LISTENQ_FAMILY_NAME
			 " but not its number");
		return -1;
	}
	mnl_socket_close(sock);
	sock = NULL;
	if (e.refused && e.err == ENOENT)
		return -ENOENT;
	lq_error("asking for the family " LISTENQ_FAMILY_NAME ": %s", strerror(e.err));
	return -1;
}

/* The name of the attribute that stands at @offset of a request. */
static const char *attr_name(const struct nlmsghdr *req, uint32_t offset)
{
	static const char *const names[] = {
		[LISTENQ_A_FLAGS] = "flags",
		[LISTENQ_A_COOKIE] = "cookie",
		[LISTENQ_A_FAMILY] = "family",
		[LISTENQ_A_ADDR] = "address",
		[LISTENQ_A_PORT] = "port",
		[LISTENQ_A_IFINDEX] = "device",
	};
	const struct nlattr *a;

	mnl_attr_for_each(a, req, GENL_HDRLEN) {
		uint16_t type = mnl_attr_get_type(a);

		if ((const char *)a - (const char *)req == offset &&
		    type < sizeof(names) / sizeof(names[0]))
			return names[type];
	}
	return NULL;
}

static int report(const struct nlmsghdr *req, const struct lq_query *q,
		  const struct lq_nl_error *e)
{
	const char *attr = attr_name(req, e->attr_offset);

	if (!e->refused)
		lq_error("the listenq module's answer: %s: %s", e->msg,
			 strerror(e->err));
	else if (e->err == ENOENT && !e->msg[0])
		lq_error("the listenq module was unloaded while it was asked; run listenq again");
	else if (e->err == EPERM && q->all_netns)
		lq_error("--all-netns: %s%s%s", e->msg, e->msg[0] ? ": " : "",
			 strerror(e->err));
	else
		lq_error("error from the listenq module: %s%s%s%s%s", attr ? attr : "",
			 attr ? ": " : "", e->msg, e->msg[0] ? ": " : "",
			 strerror(e->err));
	return -1;
}

/* What the kernel can filter by itself; lq_filter_match() does the rest. */
static void put_filter(struct nlmsghdr *req, const struct lq_filter *f)
{
	const struct lq_filter_term *t = f->term;
	uint16_t family = f->family;
	bool addr = false;

	if (f->n == 1 && !t->negate) {
		bool v6 = t->family == AF_INET6;

		/* An IPv4 address may also mean IPv6 sockets, unless -4. */
		addr = t->family && t->prefix == (v6 ? 128 : 32) &&
		       (v6 ? family != AF_INET : family == AF_INET);
		if (addr)
			family = t->family;
		if (t->port_max && t->port_min == t->port_max)
			mnl_attr_put_u16(req, LISTENQ_A_PORT, t->port_min);
		if (t->ifindex)
			mnl_attr_put_u32(req, LISTENQ_A_IFINDEX, t->ifindex);
	}
	if (family)
		mnl_attr_put_u16(req, LISTENQ_A_FAMILY, family);
	if (addr)
		mnl_attr_put(req, LISTENQ_A_ADDR, family == AF_INET ? 4 : 16, t->addr);
}

static int module_listeners(const struct lq_query *q, struct lq_listeners *out)
{
	struct lq_genl_reply r = { .listeners = *out };
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;
	uint32_t flags = 0;
	int ret;

	if (q->all_netns)
		flags |= LISTENQ_FLAG_ALL_NETNS;
	if (q->filter->full)
		flags |= LISTENQ_FLAG_FULL;
	req = request(buf, family_id, NLM_F_DUMP, LISTENQ_CMD_LISTENER_GET,
		      LISTENQ_FAMILY_VERSION);
	if (flags)
		mnl_attr_put_u32(req, LISTENQ_A_FLAGS, flags);
	put_filter(req, q->filter);
	ret = lq_nl_exchange(sock, req, take_object, &r, &e);
	*out = r.listeners;
	return ret ? report(req, q, &e) : 0;
}

static int module_nets(const struct lq_query *q, struct lq_nets *out)
{
	struct lq_genl_reply r = { .nets = *out };
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;
	int ret;

	req = request(buf, family_id, NLM_F_DUMP, LISTENQ_CMD_NET_GET,
		      LISTENQ_FAMILY_VERSION);
	if (q->all_netns)
		mnl_attr_put_u32(req, LISTENQ_A_FLAGS, LISTENQ_FLAG_ALL_NETNS);
	ret = lq_nl_exchange(sock, req, take_object, &r, &e);
	*out = r.nets;
	return ret ? report(req, q, &e) : 0;
}

const struct lq_source lq_source_module = {
	.name = "module",
	.open = module_open,
	.listeners = module_listeners,
	.nets = module_nets,
};
