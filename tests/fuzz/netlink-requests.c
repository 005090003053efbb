// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: right ones, bent ones, noise.
 *
 * A new command is met by raising LISTENQ_CMD_MAX alone; a new attribute too,
 * but give it a sane value in sane_value(), or few requests with it are taken.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "netlink.h"

#define VALUE_MAX	64
#define FLAGS_KNOWN	(2 * LISTENQ_FLAG_DROPPED - 1)

static uint64_t chance;	/* one stream per message */

static uint64_t rnd(void)
{
	uint64_t z = (chance += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/**
 * chance_start - begin the stream of one message
 * @seed: of the run
 * @message: its number
 */
void chance_start(uint64_t seed, uint64_t message)
{
	chance = seed * 0xd1342543de82ef95 + message * 0xaf251af3b0f025b5;
}

/**
 * below - a number from 0 to @n - 1
 * @n: not 0
 */
uint32_t below(uint32_t n)
{
	return rnd() % n;
}

/**
 * percent - true @p times of 100
 * @p: how often
 */
bool percent(uint32_t p)
{
	return below(100) < p;
}

static void rnd_bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = rnd();
}

/**
 * put - append bytes to a request, as many as fit
 * @r: the request
 * @data: the bytes
 * @len: how many
 */
void put(struct request *r, const void *data, size_t len)
{
	if (len > REQUEST_MAX - r->len)
		len = REQUEST_MAX - r->len;
	memcpy(r->data + r->len, data, len);
	r->len += len;
}

static void align(struct request *r)
{
	put(r, "\0\0\0", NLA_ALIGN(r->len) - r->len);
}

/* A value that the kernel could take for an attribute. Return: its length. */
static size_t sane_value(unsigned int type, uint8_t *v)
{
	const struct listener *l = &listeners[below(ELEMENTS(listeners))];
	static const uint16_t families[] = { AF_INET, AF_INET6, 0xffff };
	uint16_t port = FIRST_PORT + below(ELEMENTS(listeners));
	static const unsigned int sizes[] = { 0, 1, 2, 4, 8, 16 };
	uint32_t number;
	size_t len;

	switch (type) {
	case LISTENQ_A_FLAGS:	/* some of them, rarely one that does not exist */
		number = rnd() & rnd() & (percent(95) ? FLAGS_KNOWN : 255);
		memcpy(v, &number, sizeof(number));
		return sizeof(number);
	case LISTENQ_A_IFINDEX:
		number = 1;
		memcpy(v, &number, sizeof(number));
		return sizeof(number);
	case LISTENQ_A_ENABLE:
		number = below(2);
		memcpy(v, &number, sizeof(number));
		return sizeof(number);
	case LISTENQ_A_COOKIE:
		memcpy(v, &l->cookie, sizeof(l->cookie));
		return sizeof(l->cookie);
	case LISTENQ_A_FAMILY:
		memcpy(v, &families[below(ELEMENTS(families))], sizeof(families[0]));
		return sizeof(families[0]);
	case LISTENQ_A_PORT:
		memcpy(v, &port, sizeof(port));
		return sizeof(port);
	case LISTENQ_A_ADDR:
		if (percent(50)) {
			memcpy(v, "\x7f\0\0\1", 4);
			return 4;
		}
		memcpy(v, &in6addr_loopback, 16);
		return 16;
	default:	/* one that this file does not know yet, or of a reply */
		len = sizes[below(ELEMENTS(sizes))];
		memset(v, 0, len);
		if (len)
			v[0] = below(8);
		return len;
	}
}

/**
 * put_attr - append an attribute
 * @r: the request
 * @type: its type
 * @data: its value
 * @len: how long that is
 */
void put_attr(struct request *r, unsigned int type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	put(r, &a, sizeof(a));
	put(r, data, len);
	align(r);
}

/* Family and address of one kind, so that they are taken; or a foreign family. */
static void put_address(struct request *r)
{
	uint16_t family = percent(5) ? AF_UNIX : percent(60) ? AF_INET : AF_INET6;

	put_attr(r, LISTENQ_A_FAMILY, &family, sizeof(family));
	if (family == AF_INET)
		put_attr(r, LISTENQ_A_ADDR, "\x7f\0\0\1", 4);
	else
		put_attr(r, LISTENQ_A_ADDR, &in6addr_loopback, 16);
}

static void put_sane_attr(struct request *r, unsigned int type)
{
	uint8_t v[VALUE_MAX];

	put_attr(r, type, v, sane_value(type, v));
}

/* Attributes that the command takes, more often than not. */
static void put_sane_attrs(struct request *r, unsigned int cmd, bool dump)
{
	uint32_t all = LISTENQ_FLAG_ALL_NETNS;

	switch (cmd) {
	case LISTENQ_CMD_LISTENER_GET:
		if (!dump && percent(50))
			put_sane_attr(r, LISTENQ_A_COOKIE);
		else if (!dump || percent(20))
			put_address(r);
		if (!dump || percent(20))
			put_sane_attr(r, LISTENQ_A_PORT);
		if (percent(10))
			put_sane_attr(r, LISTENQ_A_IFINDEX);
		if (percent(dump ? 40 : 10))
			put_sane_attr(r, LISTENQ_A_FLAGS);
		break;
	case LISTENQ_CMD_NET_GET:
		all |= percent(50) ? LISTENQ_FLAG_COUNTERS : 0;
		if (percent(30))
			put_attr(r, LISTENQ_A_FLAGS, &all, sizeof(all));
		break;
	case LISTENQ_CMD_EPISODE_GET:
		if (percent(30))
			put_attr(r, LISTENQ_A_FLAGS, &all, sizeof(all));
		break;
	case LISTENQ_CMD_TRACK_GET:
		break;
	case LISTENQ_CMD_TRACK_SET:
		put_sane_attr(r, LISTENQ_A_ENABLE);
		break;
	default:
		for (unsigned int n = below(4); n; n--)
			put_sane_attr(r, 1 + below(LISTENQ_A_MAX));
	}
}

/* One attribute with something wrong in it. */
static void put_bent_attr(struct request *r, unsigned int depth)
{
	static const uint16_t lengths[] = { 0, 1, 3, 4, 5, 0x7fff, 0xffff };
	size_t at = r->len;
	struct nlattr a;
	uint8_t v[VALUE_MAX];
	size_t len;

	a.nla_type = percent(80) ? below(LISTENQ_A_MAX + 3) : rnd();
	len = sane_value(a.nla_type, v);
	if (percent(30)) {
		len = below(sizeof(v));
		rnd_bytes(v, len);
	}
	if (percent(15))
		a.nla_type |= NLA_F_NESTED;
	if (percent(10))
		a.nla_type |= NLA_F_NET_BYTEORDER;
	put_attr(r, a.nla_type, v, len);
	if (depth < 12 && percent(25)) {	/* what follows, nested in this one */
		do
			put_bent_attr(r, depth + 1);
		while (percent(40));
		len = r->len - at - NLA_HDRLEN;
	}
	a.nla_len = NLA_HDRLEN + len;
	if (percent(25))
		a.nla_len = lengths[below(ELEMENTS(lengths))];
	else if (percent(15))
		a.nla_len += below(9) - 4;
	if (at + sizeof(a) <= r->len)
		memcpy(r->data + at, &a, sizeof(a));
	if (percent(10))	/* the next one off its boundary */
		r->len--;
}

static void put_random_bytes(struct request *r)
{
	uint8_t bytes[256];
	size_t n = below(sizeof(bytes));

	rnd_bytes(bytes, n);
	put(r, bytes, n);
}

static void bend_header(struct nlmsghdr *nlh, struct genlmsghdr *g)
{
	if (percent(30))
		nlh->nlmsg_flags = rnd();
	if (percent(15))
		nlh->nlmsg_len = percent(50) ? below(64) : rnd();
	if (percent(10))
		nlh->nlmsg_type = below(NLMSG_MIN_TYPE);	/* never another family */
	if (percent(20))
		nlh->nlmsg_pid = rnd();
	if (percent(30))
		g->cmd = percent(70) ? below(LISTENQ_CMD_MAX + 3) : rnd();
	if (percent(30))
		g->version = rnd();
	if (percent(20))
		g->reserved = rnd();
}

/* Appends one message; the kernel takes several out of one send. */
static void put_message(struct request *r, uint16_t family, uint32_t seq)
{
	bool bent_header = percent(15);
	bool dump = percent(50);
	struct nlmsghdr nlh = {
		.nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST,
		.nlmsg_seq = seq,
	};
	struct genlmsghdr g = {
		.cmd = 1 + below(LISTENQ_CMD_MAX),
		.version = LISTENQ_FAMILY_VERSION,
	};
	size_t at = r->len;
	size_t body = at + NLMSG_HDRLEN + GENL_HDRLEN;

	if (body > REQUEST_MAX)
		return;
	/* patching the kernel takes long: rarely */
	if (g.cmd == LISTENQ_CMD_TRACK_SET && percent(99))
		g.cmd = LISTENQ_CMD_LISTENER_GET;
	r->len = body;
	nlh.nlmsg_flags |= dump ? NLM_F_DUMP : 0;
	nlh.nlmsg_flags |= percent(30) ? NLM_F_ACK : 0;
	switch (below(10)) {
	case 0 ... 5:
		put_sane_attrs(r, g.cmd, dump);
		break;
	case 6 ... 7:
		do
			put_bent_attr(r, 0);
		while (percent(50));
		break;
	case 8:
		put_sane_attrs(r, g.cmd, dump);
		put_random_bytes(r);
		break;
	case 9:
		put_random_bytes(r);
		break;
	}
	nlh.nlmsg_len = r->len - at;
	if (percent(5))
		nlh.nlmsg_len -= below(nlh.nlmsg_len);
	if (bent_header)
		bend_header(&nlh, &g);
	memcpy(r->data + at, &nlh, sizeof(nlh));
	memcpy(r->data + at + NLMSG_HDRLEN, &g, sizeof(g));
	align(r);
}

/* The controller walks our policies for whoever asks. */
static void put_policy_question(struct request *r, uint16_t family)
{
	struct nlmsghdr nlh = {
		.nlmsg_type = GENL_ID_CTRL,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
	};
	struct genlmsghdr g = { .cmd = CTRL_CMD_GETPOLICY, .version = 2 };
	uint32_t op = below(LISTENQ_CMD_MAX + 2);

	r->len = NLMSG_HDRLEN + GENL_HDRLEN;
	put_attr(r, CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	if (percent(50))
		put_attr(r, CTRL_ATTR_OP, &op, sizeof(op));
	nlh.nlmsg_len = r->len;
	memcpy(r->data, &nlh, sizeof(nlh));
	memcpy(r->data + NLMSG_HDRLEN, &g, sizeof(g));
}

/**
 * request_make - fill a request by chance
 * @r: the request
 * @family: number of the family
 * @seq: sequence number
 */
void request_make(struct request *r, uint16_t family, uint32_t seq)
{
	r->len = 0;
	if (percent(1)) {
		put_policy_question(r, family);
		return;
	}
	do
		put_message(r, family, seq);
	while (percent(10));
	if (percent(5))
		r->len -= below(r->len);
}
