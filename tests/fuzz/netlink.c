// SPDX-License-Identifier: GPL-2.0
/*
 * Throws well-formed, bent and random requests at the family, from inside a
 * guest, and reads what comes back, or not, or half of it.
 *
 * usage: netlink [-s SEED] [-n COUNT] [-f FIRST] [-u UID]
 *
 * Message i depends on SEED and i alone, so `-f i -n 1` sends one again; where
 * there are two CPUs, listeners come and go on the other one meanwhile. With
 * -u the requests come from a plain user, who must never be shown a listener of
 * the namespace that is opened beside ours. Speaks TAP without a plan; exits
 * with 1 after a "not ok".
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "netlink.h"

#define SOCKETS		4
#define COVER_MIN	5000	/* messages from which on every answer is met */

static int sockets[SOCKETS];
static uint16_t family_id;
static uint64_t our_netns;
static uint64_t seed = 1, current;
static bool plain_user;
static const struct request *last;
static struct {
	uint64_t listeners, nets, ends, errors[4096];
} got;

/* --- how it ends --- */

__attribute__((noreturn, format(printf, 1, 2)))
static void fail(const char *fmt, ...)
{
	va_list ap;

	printf("not ok - ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n# again: netlink -s %llu -f %llu -n 1%s\n",
	       (unsigned long long)seed, (unsigned long long)current,
	       plain_user ? " -u UID" : "");
	for (size_t i = 0; last && i < last->len; i++)
		printf("%s%02x%s", i % 16 ? " " : "# ", last->data[i],
		       i % 16 == 15 || i + 1 == last->len ? "\n" : "");
	exit(1);
}

/**
 * broken - give up for a reason that is not the module's
 * @what: did not work
 */
void broken(const char *what)
{
	fprintf(stderr, "netlink: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* --- replies --- */

/* Addresses of the kernel are the numbers that start with 17 ones. */
static void check_no_pointer(const uint8_t *data, size_t len)
{
	uint64_t v;

	for (size_t i = 0; i + sizeof(v) <= len; i += sizeof(v)) {
		memcpy(&v, data + i, sizeof(v));
		if (v >> 47 == 0x1ffff)
			fail("%#llx at byte %zu of a reply: a kernel pointer",
			     (unsigned long long)v, i);
	}
}

/* What slub_debug=P writes to memory that is handed out, and given back. */
static void check_no_poison(const uint8_t *data, const uint8_t *end)
{
	for (; data + 4 <= end; data++)
		if ((data[0] == 0x5a || data[0] == 0x6b) && !memcmp(data, data + 1, 3))
			fail("a reply with bytes that nobody wrote");
}

static void check_listener(const void *data, size_t len)
{
	static const uint8_t zeroes[12];
	struct listenq_listener l;

	if (len != sizeof(l))
		fail("a listener of %zu bytes", len);
	got.listeners++;
	memcpy(&l, data, sizeof(l));
	if (!l.cookie || !l.netns_ino || !l.port || l.reserved ||
	    (l.family != AF_INET && l.family != AF_INET6) ||
	    (l.family == AF_INET && memcmp(l.addr + 4, zeroes, 12)) ||
	    (!(l.has & LISTENQ_HAS_WAIT) && l.oldest_wait_us))
		fail("a listener that is none: cookie %llu family %u port %u",
		     (unsigned long long)l.cookie, l.family, l.port);
	if (plain_user && l.netns_ino != our_netns)
		fail("a plain user was shown another namespace's listener");
}

static void check_net(const void *data, size_t len)
{
	struct listenq_net n;

	if (len != sizeof(n))
		fail("a net of %zu bytes", len);
	got.nets++;
	memcpy(&n, data, sizeof(n));
	if (!n.netns_ino || !(n.has & LISTENQ_NET_HAS_SOMAXCONN))
		fail("a net that is none");
	if (plain_user && n.netns_ino != our_netns)
		fail("a plain user was shown another namespace");
}

/* Return: the attribute of a reply, whole, or NULL after the last one. */
static const struct nlattr *attr_next(const uint8_t **p, const uint8_t *end)
{
	const struct nlattr *a = (const void *)*p;

	if (*p == end)
		return NULL;
	if (end - *p < NLA_HDRLEN || a->nla_len < NLA_HDRLEN ||
	    NLA_ALIGN(a->nla_len) > end - *p)
		fail("a reply with a broken attribute");
	*p += NLA_ALIGN(a->nla_len);
	return a;
}

static void check_message(const struct nlmsghdr *nlh)
{
	const uint8_t *end = (const uint8_t *)nlh + nlh->nlmsg_len;
	const struct genlmsghdr *g = NLMSG_DATA(nlh);
	const uint8_t *p = (const uint8_t *)g + GENL_HDRLEN;
	const struct nlattr *a;
	int err;

	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		memcpy(&err, NLMSG_DATA(nlh), sizeof(err));
		if (err > 0 || err < -4095)
			fail("a reply with error %d", err);
		got.ends += !err;
		got.errors[-err]++;
		return;
	}
	if (nlh->nlmsg_type != family_id)
		return;		/* the controller's */
	check_no_poison((const uint8_t *)g, end);
	if (p > end || !g->cmd || g->cmd > LISTENQ_CMD_MAX)
		fail("a reply without a command of ours");
	while ((a = attr_next(&p, end))) {
		const uint8_t *data = (const uint8_t *)a + NLA_HDRLEN;
		size_t len = a->nla_len - NLA_HDRLEN;

		check_no_pointer(data, len);
		if (a->nla_type == LISTENQ_A_LISTENER)
			check_listener(data, len);
		else if (a->nla_type == LISTENQ_A_NET)
			check_net(data, len);
		else if (!a->nla_type || a->nla_type > LISTENQ_A_MAX)
			fail("a reply with an attribute of type %u", a->nla_type);
	}
}

/* Reads at most @reads times @size bytes of what waits. */
static void replies_read(int fd, unsigned int reads, size_t size)
{
	static uint8_t buf[65536] __attribute__((aligned(8)));

	while (reads--) {
		const struct nlmsghdr *nlh = (void *)buf;
		ssize_t n = recv(fd, buf, size, MSG_DONTWAIT | MSG_TRUNC);
		int left = n;

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 || n > (ssize_t)size)
			continue;	/* overrun, or an error of a dump: told once */
		for (; left >= NLMSG_HDRLEN; nlh = NLMSG_NEXT(nlh, left)) {
			if (!NLMSG_OK(nlh, (unsigned int)left))
				fail("a reply with a broken header");
			check_message(nlh);
		}
	}
}

/* --- sockets --- */

static int socket_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int one = 1;

	if (fd < 0 || connect(fd, (void *)&kernel, sizeof(kernel)))
		broken("a netlink socket");
	if (percent(70))
		setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	if (percent(30))
		setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (percent(50))
		setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	return fd;
}

static void send_one(void)
{
	static const size_t sizes[] = { 64, 4096, 8192, 65536 };
	static struct request r;
	int *fd;

	chance_start(seed, current);
	if (percent(2))
		listener_toggle(STABLE + below(FLEETING));
	request_make(&r, family_id, current);
	last = &r;
	fd = &sockets[below(SOCKETS)];
	/* whether the kernel takes it is its business */
	if (send(*fd, r.data, r.len, MSG_DONTWAIT) < 0 && errno == EBADF)
		fail("send: %s", strerror(errno));
	switch (below(10)) {
	case 0 ... 1:	/* nothing read: the next request finds a dump under way */
		break;
	case 2:
		replies_read(*fd, 1 + below(2), sizes[below(ELEMENTS(sizes))]);
		break;
	case 3:		/* gone in the middle of it */
		replies_read(*fd, 1, 4096);
		close(*fd);
		*fd = socket_open();
		break;
	default:
		replies_read(*fd, 10000, sizes[1 + below(ELEMENTS(sizes) - 1)]);
	}
}

/* --- the family, asked nicely --- */

/*
 * Sends one request and walks its replies. Return: how many objects came, or a
 * negative errno; -EPROTO when the answer never ended.
 */
static int ask(uint16_t type, uint8_t cmd, int flags, const struct request *attrs,
	       int (*see)(const struct nlattr *a))
{
	static uint8_t buf[65536] __attribute__((aligned(8)));
	struct timeval patience = { .tv_sec = 60 };
	struct genlmsghdr g = { .cmd = cmd, .version = 1 };
	struct nlmsghdr nlh = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + attrs->len,
	};
	struct request r = { .len = 0 };
	int fd = socket_open(), objects = 0;
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	put(&r, &nlh, sizeof(nlh));
	put(&r, &g, sizeof(g));
	put(&r, attrs->data, attrs->len);
	last = &r;
	if (send(fd, r.data, r.len, 0) < 0)
		broken("send");
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		const struct nlmsghdr *m = (void *)buf;

		for (; NLMSG_OK(m, (unsigned int)n); m = NLMSG_NEXT(m, n)) {
			const uint8_t *p = NLMSG_DATA(m);
			const struct nlattr *a;
			int err;

			check_message(m);
			if (m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE) {
				memcpy(&err, p, sizeof(err));
				close(fd);
				last = NULL;
				return err ? err : objects;
			}
			p += GENL_HDRLEN;
			while ((a = attr_next(&p, (const uint8_t *)m + m->nlmsg_len)))
				objects += see(a);
		}
	}
	return -EPROTO;
}

static int see_family(const struct nlattr *a)
{
	if (a->nla_type != CTRL_ATTR_FAMILY_ID)
		return 0;
	memcpy(&family_id, a + 1, sizeof(family_id));
	return 1;
}

static unsigned int seen[STABLE];

static int see_listener(const struct nlattr *a)
{
	struct listenq_listener l;

	if (a->nla_type != LISTENQ_A_LISTENER)
		return 0;
	memcpy(&l, a + 1, sizeof(l));
	for (unsigned int i = 0; i < STABLE; i++)
		seen[i] += listeners[i].cookie == l.cookie;
	return 1;
}

static int see_net(const struct nlattr *a)
{
	return a->nla_type == LISTENQ_A_NET;
}

static bool family_answers(void)
{
	struct request r = { .len = 0 };

	memset(seen, 0, sizeof(seen));
	if (ask(family_id, LISTENQ_CMD_LISTENER_GET, NLM_F_DUMP, &r, see_listener) < STABLE)
		return false;
	for (unsigned int i = 0; i < STABLE; i++) {
		if (!listeners[i].cookie)
			continue;
		if (seen[i] != 1) {
			printf("# listener %u was dumped %u times\n", i, seen[i]);
			return false;
		}
		r.len = 0;
		put_attr(&r, LISTENQ_A_COOKIE, &listeners[i].cookie,
			 sizeof(listeners[i].cookie));
		if (ask(family_id, LISTENQ_CMD_LISTENER_GET, NLM_F_ACK, &r,
			see_listener) != 1) {
			printf("# listener %u cannot be asked for\n", i);
			return false;
		}
	}
	r.len = 0;
	return ask(family_id, LISTENQ_CMD_NET_GET, NLM_F_DUMP, &r, see_net) == 1 &&
	       ask(family_id, LISTENQ_CMD_NET_GET, NLM_F_ACK, &r, see_net) == 1;
}

/* Requests that all fail at the same early check prove little. */
static void check_cover(void)
{
	static const int errors[] = {
		EINVAL, ERANGE, ENOENT, ENOTUNIQ, EAFNOSUPPORT, EOPNOTSUPP, EBUSY,
	};

	printf("# %llu listeners, %llu nets, %llu ends\n",
	       (unsigned long long)got.listeners, (unsigned long long)got.nets,
	       (unsigned long long)got.ends);
	for (unsigned int i = 1; i < ELEMENTS(got.errors); i++)
		if (got.errors[i])
			printf("# %llu times %s\n",
			       (unsigned long long)got.errors[i], strerror(i));
	if (!got.listeners || !got.nets || !got.ends)
		fail("replies of every kind");
	for (unsigned int i = 0; i < ELEMENTS(errors); i++)
		if (!got.errors[errors[i]])
			fail("refusals of every kind: no \"%s\"", strerror(errors[i]));
	if (plain_user != !!got.errors[EPERM])
		fail("only a plain user is refused for lack of rights");
	printf("ok - every kind of reply and refusal was met\n");
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t v = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "netlink: \"%s\" is no number\n", text);
		exit(1);
	}
	return v;
}

int main(int argc, char **argv)
{
	uint64_t count = 1000, first = 0;
	struct request name = { .len = 0 };
	struct stat st;
	uid_t uid = 0;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:f:u:")) != -1) {
		switch (opt) {
		case 's':
			seed = number(optarg);
			break;
		case 'n':
			count = number(optarg);
			break;
		case 'f':
			first = number(optarg);
			break;
		case 'u':
			uid = number(optarg);
			plain_user = uid;
			break;
		default:
			fprintf(stderr, "usage: netlink [-s SEED] [-n COUNT] [-f FIRST] [-u UID]\n");
			return 1;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (stat("/proc/self/ns/net", &st))
		broken("/proc/self/ns/net");
	our_netns = st.st_ino;
	neighbours_start();
	if (plain_user && setresuid(uid, uid, uid))
		broken("setresuid");
	for (unsigned int i = 0; i < STABLE + FLEETING; i++)
		listener_start(i);
	put_attr(&name, CTRL_ATTR_FAMILY_NAME, LISTENQ_FAMILY_NAME,
		 sizeof(LISTENQ_FAMILY_NAME));
	if (ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, &name, see_family) != 1)
		fail("the family is not there");
	if (!family_answers())
		fail("the family answers before the first message");
	for (unsigned int i = 0; i < SOCKETS; i++)
		sockets[i] = socket_open();
	for (current = first; current < first + count; current++) {
		if (current % 20000 == 0)
			printf("# seed %llu: at message %llu\n",
			       (unsigned long long)seed, (unsigned long long)current);
		send_one();
	}
	printf("ok - %llu messages with seed %llu as uid %u\n",
	       (unsigned long long)count, (unsigned long long)seed, uid);
	last = NULL;
	if (count >= COVER_MIN)
		check_cover();
	if (!family_answers())
		fail("the family answers after the last message");
	printf("ok - the family answers after the last message\n");
	return 0;
}
