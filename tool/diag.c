// SPDX-License-Identifier: GPL-2.0
/* The source "diag": what sock_diag tells of listeners, as it tells ss. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include <listenq/rules.h>

#include "diag.h"

static struct mnl_socket *sock;

static const char *take_request(const struct nlmsghdr *nlh,
				const struct inet_diag_msg *m,
				struct lq_diag_reply *r)
{
	struct lq_diag_request *q;
	const struct nlattr *a;

	/* A full socket in SYN_RECV (Fast Open) is in the accept queue. */
	mnl_attr_for_each(a, nlh, sizeof(*m))
		if (mnl_attr_get_type(a) == INET_DIAG_SHUTDOWN)
			return NULL;
	if (r->n_requests == r->size_requests) {
		r->size_requests = r->size_requests ? 2 * r->size_requests : 256;
		r->requests = lq_alloc(r->requests, r->size_requests, sizeof(*q));
	}
	q = &r->requests[r->n_requests++];
	q->family = m->idiag_family;
	q->port = ntohs(m->id.idiag_sport);
	q->ifindex = m->id.idiag_if;
	memcpy(q->addr, m->id.idiag_src, sizeof(q->addr));
	return NULL;
}

static const char *take_listener(const struct nlmsghdr *nlh,
				 const struct inet_diag_msg *m,
				 struct lq_diag_reply *r)
{
	struct listenq_listener *l = lq_listeners_add(&r->listeners);
	const struct nlattr *a;
	const uint32_t *mem;

	memset(l, 0, sizeof(*l));
	l->cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0];
	l->ino = m->idiag_inode;
	l->uid = m->idiag_uid;
	l->ifindex = m->id.idiag_if;
	l->accept_len = m->idiag_rqueue;
	l->backlog = m->idiag_wqueue;
	if (lq_queue_is_full(l->accept_len, l->backlog))
		l->flags |= LISTENQ_L_ACCEPT_FULL;
	l->family = m->idiag_family;
	l->protocol = IPPROTO_TCP;
	l->port = ntohs(m->id.idiag_sport);
	memcpy(l->addr, m->id.idiag_src, l->family == AF_INET ? 4 : 16);

	mnl_attr_for_each(a, nlh, sizeof(*m)) {
		size_t len = mnl_attr_get_payload_len(a);

		switch (mnl_attr_get_type(a)) {
		case INET_DIAG_SKMEMINFO:
			mem = mnl_attr_get_payload(a);
			if (len < (SK_MEMINFO_DROPS + 1) * sizeof(*mem))
				break;
			l->drops = mem[SK_MEMINFO_DROPS];
			l->has |= LISTENQ_HAS_DROPS;
			break;
		case INET_DIAG_SKV6ONLY:
			if (len >= 1 && mnl_attr_get_u8(a))
				l->flags |= LISTENQ_L_V6ONLY;
			break;
		case INET_DIAG_CGROUP_ID:
			if (len < sizeof(l->cgroup_id))
				break;
			memcpy(&l->cgroup_id, mnl_attr_get_payload(a),
			       sizeof(l->cgroup_id));
			l->has |= LISTENQ_HAS_CGROUP;
			break;
		}
	}
	return NULL;
}

static const char *take_socket(const struct nlmsghdr *nlh, void *ctx)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*m))
		return "a socket that is cut short";
	if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
		return "a socket of an unknown address family";
	if (m->idiag_state == TCP_SYN_RECV)
		return take_request(nlh, m, ctx);
	if (m->idiag_state == TCP_LISTEN)
		return take_listener(nlh, m, ctx);
	return NULL;
}

/**
 * lq_diag_parse - take apart what one read from sock_diag gave
 * @buf: the bytes
 * @len: how many
 * @seq: sequence number of the request
 * @r: gets the sockets
 * @e: gets what is wrong
 *
 * Return: 0 if more is to come, 1 after the last message, -1 with @e set.
 */
int lq_diag_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_diag_reply *r, struct lq_nl_error *e)
{
	return lq_nl_parse(buf, len, seq, take_socket, r, e);
}

/* Listeners of one address, port and device: a reuseport group, mostly of one. */
struct group {
	struct listenq_listener *first;
	uint32_t members;
	uint32_t requests;
};

static uint32_t hash_place(uint16_t family, uint16_t port, uint32_t ifindex,
			   const uint8_t addr[16])
{
	uint64_t a[2];
	uint64_t h;

	memcpy(a, addr, sizeof(a));
	h = ((uint64_t)family << 48 | (uint64_t)port << 32 | ifindex) ^ a[0];
	h = (h * 0x9e3779b97f4a7c15ull) ^ a[1];
	return (h * 0x9e3779b97f4a7c15ull) >> 32;
}

/* The group of that place, or the free slot where it would be. */
static struct group *find_group(struct group *table, size_t mask,
				uint16_t family, uint16_t port,
				uint32_t ifindex, const uint8_t addr[16])
{
	size_t i = hash_place(family, port, ifindex, addr);

	for (;; i++) {
		struct group *g = &table[i & mask];
		struct listenq_listener *l = g->first;

		if (!l || (l->port == port && l->family == family &&
			   l->ifindex == ifindex && !memcmp(l->addr, addr, 16)))
			return g;
	}
}

/*
 * The listener that the kernel's lookup would find: its address counts more
 * than its device. A request has the family of its listener's socket, with
 * IPv4 mapped for an IPv6 one.
 */
static struct group *group_of(struct group *table, size_t mask,
			      const struct lq_diag_request *r)
{
	static const uint8_t any[16];
	const uint8_t *addr[] = { r->addr, any };

	for (int i = 0; i < 2; i++) {
		struct group *g;

		g = find_group(table, mask, r->family, r->port, r->ifindex, addr[i]);
		if (g->first)
			return g;
		g = find_group(table, mask, r->family, r->port, 0, addr[i]);
		if (g->first)
			return g;
	}
	return NULL;
}

/**
 * lq_diag_count_requests - SYN queue lengths from half-open connections
 * @t: the listeners
 * @r: the half-open connections
 * @n: how many
 *
 * Nothing tells which member of a reuseport group a request belongs to: their
 * lengths stay unknown unless the group has none.
 */
void lq_diag_count_requests(struct lq_listeners *t,
			    const struct lq_diag_request *r, size_t n)
{
	size_t mask = 1;
	struct group *table;

	while (mask < 2 * t->n)
		mask *= 2;
	table = lq_alloc(NULL, mask, sizeof(*table));
	memset(table, 0, mask * sizeof(*table));
	mask--;
	for (size_t i = 0; i < t->n; i++) {
		struct listenq_listener *l = &t->v[i];
		struct group *g = find_group(table, mask, l->family, l->port,
					     l->ifindex, l->addr);

		if (!g->first)
			g->first = l;
		g->members++;
	}
	for (size_t i = 0; t->n && i < n; i++) {
		struct group *g = group_of(table, mask, &r[i]);

		if (g)
			g->requests++;
	}
	for (size_t i = 0; i < t->n; i++) {
		struct listenq_listener *l = &t->v[i];
		struct group *g = find_group(table, mask, l->family, l->port,
					     l->ifindex, l->addr);

		if (g->members > 1 && g->requests)
			continue;
		l->syn_len = g->requests;
		l->has |= LISTENQ_HAS_SYN_LEN;
		if (lq_queue_is_full(l->syn_len, l->backlog))
			l->flags |= LISTENQ_L_SYN_FULL;
	}
	free(table);
}

static int diag_open(void)
{
	sock = lq_nl_open(NETLINK_SOCK_DIAG);
	if (sock)
		return 0;
	lq_error("sock_diag: %s", strerror(errno));
	return -1;
}

/*
 * Sockets of both families in one walk: the older request form does that, the
 * newer one walks once for each.
 */
static int dump_tcp(uint32_t states, uint16_t port, struct lq_diag_reply *r)
{
	struct inet_diag_req *d;
	char buf[LQ_NL_REQUEST_MAX];
	struct lq_nl_error e;
	struct nlmsghdr *req;

	req = mnl_nlmsg_put_header(buf);
	req->nlmsg_type = TCPDIAG_GETSOCK;
	req->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	d = mnl_nlmsg_put_extra_header(req, sizeof(*d));
	d->idiag_states = states;
	d->idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
	d->id.idiag_sport = htons(port);
	if (!lq_nl_exchange(sock, req, take_socket, r, &e))
		return 0;
	lq_error("sock_diag: %s%s%s", e.msg, e.msg[0] ? ": " : "", strerror(e.err));
	return -1;
}

static int by_ino(const void *a, const void *b)
{
	const struct listenq_listener *x = a, *y = b;

	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/*
 * An MPTCP listener shows as a TCP socket with the inode of the MPTCP socket
 * it serves. Kernels without MPTCP, or before its listeners can be dumped,
 * list none.
 */
static int mark_mptcp(struct lq_listeners *t)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct lq_diag_reply mptcp = { 0 };
	int ret = -1;

	for (size_t i = 0; i < sizeof(families); i++) {
		struct inet_diag_req_v2 *d;
		char buf[LQ_NL_REQUEST_MAX];
		struct lq_nl_error e;
		struct nlmsghdr *req;

		req = mnl_nlmsg_put_header(buf);
		req->nlmsg_type = SOCK_DIAG_BY_FAMILY;
		req->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		d = mnl_nlmsg_put_extra_header(req, sizeof(*d));
		d->sdiag_family = families[i];
		d->idiag_states = 1 << TCP_LISTEN;
		mnl_attr_put_u32(req, INET_DIAG_REQ_PROTOCOL, IPPROTO_MPTCP);
		if (lq_nl_exchange(sock, req, take_socket, &mptcp, &e) &&
		    !(e.refused && (e.err == ENOENT || e.err == EINVAL))) {
			lq_error("sock_diag: MPTCP: %s%s%s", e.msg,
				 e.msg[0] ? ": " : "", strerror(e.err));
			goto out;
		}
	}
	ret = 0;
	if (!mptcp.listeners.n)
		goto out;
	qsort(mptcp.listeners.v, mptcp.listeners.n, sizeof(*mptcp.listeners.v), by_ino);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].ino && bsearch(&t->v[i], mptcp.listeners.v, mptcp.listeners.n,
					   sizeof(*mptcp.listeners.v), by_ino))
			t->v[i].protocol = IPPROTO_MPTCP;
out:
	free(mptcp.listeners.v);
	return ret;
}

static int diag_listeners(const struct lq_query *q, struct lq_listeners *out)
{
	struct lq_diag_reply r = { .listeners = *out };
	const struct lq_filter *f = q->filter;
	uint16_t port = 0;
	struct stat st;
	int ret = -1;

	if (f->n == 1 && !f->term[0].negate &&
	    f->term[0].port_min == f->term[0].port_max)
		port = f->term[0].port_max;
	if (dump_tcp(1 << TCP_LISTEN, port, &r) ||
	    dump_tcp(1 << TCP_SYN_RECV, port, &r) || mark_mptcp(&r.listeners))
		goto out;
	if (stat("/proc/self/ns/net", &st)) {
		lq_error("/proc/self/ns/net: %s", strerror(errno));
		goto out;
	}
	for (size_t i = 0; i < r.listeners.n; i++)
		r.listeners.v[i].netns_ino = st.st_ino;
	lq_diag_count_requests(&r.listeners, r.requests, r.n_requests);
	ret = 0;
out:
	*out = r.listeners;
	free(r.requests);
	return ret;
}

const struct lq_source lq_source_diag = {
	.name = "diag",
	.missing = "young, oldest wait, fastopen, defer-accept, reuseport, "
		   "transparent, SYN flood",
	.open = diag_open,
	.listeners = diag_listeners,
	.nets = lq_diag_nets,
};
