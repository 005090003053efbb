// SPDX-License-Identifier: GPL-2.0
/* The source "module": generic netlink family listenq. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"

static struct mnl_socket *sock;

/* Of the family listenq; the group is 0 where it has none. */
static struct {
	uint16_t id;
	uint32_t version;
	uint32_t events;
} our;

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

static void take_group(const struct nlattr *group)
{
	const struct nlattr *a, *id = NULL;
	bool is_events = false;

	mnl_attr_for_each_nested(a, group) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
			is_events = !mnl_attr_validate(a, MNL_TYPE_NUL_STRING) &&
				    !strcmp(mnl_attr_get_str(a), LISTENQ_MCGRP_EVENTS);
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID &&
		    mnl_attr_get_payload_len(a) == sizeof(uint32_t))
			id = a;
	}
	if (is_events && id)
		our.events = mnl_attr_get_u32(id);
}

static const char *take_family(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *a, *group;

	(void)ctx;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_get_payload_len(a) == sizeof(uint16_t))
			our.id = mnl_attr_get_u16(a);
		if (mnl_attr_get_type(a) == CTRL_ATTR_VERSION &&
		    mnl_attr_get_payload_len(a) == sizeof(uint32_t))
			our.version = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, a)
				take_group(group);
	}
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
	if (!lq_nl_exchange(sock, req, take_family, NULL, &e)) {
		if (our.id)
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

static int report(const struct nlmsghdr *req, uint32_t flags,
		  const struct lq_nl_error *e)
{
	const char *attr = attr_name(req, e->attr_offset);

	if (!e->refused)
		lq_error("the listenq module's answer: %s: %s", e->msg,
			 strerror(e->err));
	else if (e->err == ENOENT && !e->msg[0])
		lq_error("the listenq module was unloaded while it was asked; run listenq again");
	else if (e->err == EOPNOTSUPP)
		lq_error("the loaded listenq module is older than this listenq and does not track drops");
	else if (e->err == EPERM && (flags & LISTENQ_FLAG_ALL_NETNS))
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

#define TRACKED	(LISTENQ_FLAG_COUNTERS | LISTENQ_FLAG_HISTOGRAMS | LISTENQ_FLAG_DROPPED)

/* A dump; a module too old for what is tracked is asked again without. */
static int dump(struct lq_genl_reply *r, uint8_t cmd, uint32_t flags,
		const struct lq_query *q)
{
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;
	const char *attr;

	req = request(buf, our.id, NLM_F_DUMP, cmd, LISTENQ_FAMILY_VERSION);
	if (flags)
		mnl_attr_put_u32(req, LISTENQ_A_FLAGS, flags);
	if (q && q->cookie)
		mnl_attr_put_u64(req, LISTENQ_A_COOKIE, q->cookie);
	if (q && q->filter)
		put_filter(req, q->filter);
	if (!lq_nl_exchange(sock, req, lq_genl_take, r, &e))
		return 0;
	attr = attr_name(req, e.attr_offset);
	if ((flags & TRACKED) && e.refused && e.err == EINVAL && attr && !strcmp(attr, "flags"))
		return dump(r, cmd, flags & ~TRACKED, q);
	return report(req, flags, &e);
}

static uint32_t query_flags(const struct lq_query *q)
{
	return (q->all_netns ? LISTENQ_FLAG_ALL_NETNS : 0) |
	       (q->counters ? LISTENQ_FLAG_COUNTERS : 0) |
	       (q->histograms ? LISTENQ_FLAG_HISTOGRAMS : 0) |
	       (q->filter && q->filter->full ? LISTENQ_FLAG_FULL : 0);
}

/* Whether drops are tracked; a module that does not know does not. */
static bool is_tracking(void)
{
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_genl_reply r = { 0 };
	struct lq_nl_error e;
	bool on;

	lq_nl_exchange(sock, request(buf, our.id, NLM_F_ACK, LISTENQ_CMD_TRACK_GET,
				     LISTENQ_FAMILY_VERSION), lq_genl_take, &r, &e);
	on = r.has_track && r.track.enabled;
	lq_genl_free(&r);
	return on;
}

/* Gives listeners the counters of @dropped; both dumps have the same order. */
static void merge_counters(struct lq_listeners *t, const struct lq_listeners *dropped)
{
	size_t at = 0;

	for (size_t i = 0; i < dropped->n && dropped->counters; i++) {
		size_t tried = 0;

		while (tried < t->n && t->v[at].cookie != dropped->v[i].cookie) {
			at = at + 1 < t->n ? at + 1 : 0;
			tried++;
		}
		if (tried < t->n)
			*lq_listeners_counters(t, at) = dropped->counters[i];
	}
}

static int module_listeners(const struct lq_query *q, struct lq_listeners *out)
{
	struct lq_genl_reply r = { .listeners = *out }, dropped = { 0 };
	int ret = dump(&r, LISTENQ_CMD_LISTENER_GET, query_flags(q), q);

	*out = r.listeners;
	if (ret || !q->dropped)
		return ret;
	out->tracked = is_tracking();
	ret = dump(&dropped, LISTENQ_CMD_LISTENER_GET, query_flags(q) | LISTENQ_FLAG_COUNTERS |
		   LISTENQ_FLAG_DROPPED, q);
	if (!ret)
		merge_counters(out, &dropped.listeners);
	lq_genl_free(&dropped);
	return ret;
}

static int module_nets(const struct lq_query *q, struct lq_nets *out)
{
	struct lq_genl_reply r = { .nets = *out };
	int ret = dump(&r, LISTENQ_CMD_NET_GET, query_flags(q), NULL);

	*out = r.nets;
	return ret;
}

const struct lq_source lq_source_module = {
	.name = "module",
	.open = module_open,
	.listeners = module_listeners,
	.nets = module_nets,
};

/**
 * lq_genl_need - open the module, which nothing else can stand in for
 *
 * Return: 0, or -1 after an error message.
 */
int lq_genl_need(void)
{
	int ret = module_open();

	if (ret == -ENOENT)
		lq_error("this needs the listenq module: " LQ_LOAD_IT);
	return ret ? -1 : 0;
}

/**
 * lq_genl_family - the number of the family
 */
uint16_t lq_genl_family(void)
{
	return our.id;
}

/**
 * lq_genl_version - the version of the family
 */
uint32_t lq_genl_version(void)
{
	return our.version;
}

/**
 * lq_genl_has_events - whether lq_genl_join() has anything to join
 */
bool lq_genl_has_events(void)
{
	return our.events;
}

/**
 * lq_genl_ask - ask the module
 * @r: gets the answer; lq_genl_free() it
 * @cmd: TRACK_GET, or what is dumped
 * @flags: of a dump
 *
 * Return: 0, or -1 after an error message.
 */
int lq_genl_ask(struct lq_genl_reply *r, uint8_t cmd, uint32_t flags)
{
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;

	memset(r, 0, sizeof(*r));
	if (cmd != LISTENQ_CMD_TRACK_GET)
		return dump(r, cmd, flags, NULL);
	req = request(buf, our.id, NLM_F_ACK, cmd, LISTENQ_FAMILY_VERSION);
	if (lq_nl_exchange(sock, req, lq_genl_take, r, &e))
		return report(req, 0, &e);
	if (r->has_track)
		return 0;
	lq_error("the listenq module's answer: it does not say whether it tracks");
	return -1;
}

/**
 * lq_genl_track_set - turn tracking on or off
 * @on: which
 *
 * Return: 0, or -1 after an error message.
 */
int lq_genl_track_set(bool on)
{
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_genl_reply r = { 0 };
	struct lq_nl_error e;
	struct nlmsghdr *req;

	req = request(buf, our.id, NLM_F_ACK, LISTENQ_CMD_TRACK_SET,
		      LISTENQ_FAMILY_VERSION);
	mnl_attr_put_u32(req, LISTENQ_A_ENABLE, on);
	if (!lq_nl_exchange(sock, req, lq_genl_take, &r, &e))
		return 0;
	if (!e.refused || e.err != EPERM)
		return report(req, 0, &e);
	lq_error("track %s: needs CAP_NET_ADMIN on the host", on ? "on" : "off");
	return -1;
}

static int join(struct mnl_socket *sk, uint32_t group)
{
	int id = group;

	return mnl_socket_setsockopt(sk, NETLINK_ADD_MEMBERSHIP, &id, sizeof(id));
}

/**
 * lq_genl_join - a socket that gets the events of this network namespace
 *
 * It also gets those of generic netlink itself, which say when the module goes.
 *
 * Return: NULL after an error message.
 */
struct mnl_socket *lq_genl_join(void)
{
	struct mnl_socket *sk;

	if (!our.events) {
		lq_error("the listenq module sends no events here: it is too old, or its kernel cannot restrict who hears them");
		return NULL;
	}
	sk = lq_nl_open(NETLINK_GENERIC);
	if (sk && !join(sk, GENL_ID_CTRL) && !join(sk, our.events))
		return sk;
	if (errno == EPERM)
		lq_error("monitor: needs CAP_NET_ADMIN over the network namespace");
	else
		lq_error("joining the events of the listenq module: %s", strerror(errno));
	if (sk)
		mnl_socket_close(sk);
	return NULL;
}
