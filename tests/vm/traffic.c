// SPDX-License-Identifier: GPL-2.0
/*
 * traffic - makes known TCP queues inside a guest
 *
 * Every verb prints one line `ready N` when its state is reached and then, but
 * for syn, holds it until killed: scripts wait for that line, not for a while.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static const char usage[] =
"usage: traffic listen  [-n COUNT] -p PORT [-a ADDR] [-b BACKLOG] [-A MS] [OPTIONS]\n"
"       traffic connect [-n COUNT] -p PORT [-a ADDR] [-T MS] [OPTIONS]\n"
"       traffic syn     [-n COUNT] -p PORT [-P LAST] [-a ADDR] [-S FIRST] [-l [-R MS]]\n"
"       traffic churn   [-n COUNT] [-p PORT -P LAST] [-a ADDR] [-b BACKLOG] [-R MS]\n"
"\n"
"listen: COUNT listeners on ADDR, ports PORT, PORT+1, ... (all on PORT with -r).\n"
"  Nobody accepts unless told: SIGUSR1 accepts one connection of every listener,\n"
"  SIGUSR2 all there are.\n"
"connect: COUNT connections to ADDR:PORT, held. SIGUSR1 resets the oldest one\n"
"  left, SIGUSR2 all.\n"
"syn: COUNT SYNs to ADDR:PORT, or to ports PORT to LAST in turn, each from an\n"
"  address of its own that never answers: half-open requests. Returns when they\n"
"  are sent.\n"
"churn: opens and closes listeners as fast as it can, COUNT open at a time, on\n"
"  ports PORT to LAST (default: any free port).\n"
"\n"
"  -n, --count N      how many (default 1)\n"
"  -p, --port PORT    the (first) port\n"
"  -P, --last PORT    syn, churn: the last port\n"
"  -a, --address A    IPv4 or IPv6 address (default 127.0.0.1)\n"
"  -b, --backlog N    listen's argument (default 128)\n"
"  -A, --accept MS    listen: accept one connection of each listener every MS\n"
"                     milliseconds; 0: at once, all of them\n"
"  -k, --keep         listen: hold what was accepted (default: close it)\n"
"  -r, --reuseport    listen: SO_REUSEPORT, all listeners on one port\n"
"  -o, --v6only       listen: IPV6_V6ONLY\n"
"  -t, --transparent  listen: IP_TRANSPARENT\n"
"  -d, --defer S      listen: TCP_DEFER_ACCEPT\n"
"  -f, --fastopen N   listen: TCP_FASTOPEN with a queue of N;\n"
"                     connect: send a byte in the SYN (N is ignored)\n"
"  -i, --device DEV   listen, connect: SO_BINDTODEVICE\n"
"  -m, --mptcp        listen, connect: an MPTCP socket\n"
"  -w, --write        connect: send one byte when connected\n"
"  -s, --source A     connect: from this address\n"
"  -T, --patience MS  connect: those not connected by then are no error, they\n"
"                     stay as they are, and `ready N` says how many are\n"
"                     (default: all must be within 30 s)\n"
"  -S, --first N      syn: number of the first source address (default 1)\n"
"  -l, --loop         syn: never stop, with new sources all the time\n"
"  -R, --rest MS      churn, syn --loop: rest so long after each COUNT\n";

static volatile sig_atomic_t got_usr1, got_usr2;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		got_usr1 = 1;
	else
		got_usr2 = 1;
}

void ready(long n)
{
	printf("ready %ld\n", n);
	fflush(stdout);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		errx(1, "no memory");
	return p;
}

/* Sockets cost a descriptor each; root may raise the hard limit too. */
static void want_descriptors(rlim_t n)
{
	struct rlimit lim = { n + 64, n + 64 };

	if (setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "setrlimit(RLIMIT_NOFILE)");
}

bool is_v6(const struct options *o)
{
	return o->addr.ss_family == AF_INET6;
}

socklen_t addr_len(const struct options *o)
{
	return is_v6(o) ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static void parse_addr(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *a6 = (void *)ss;
	struct sockaddr_in *a4 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (inet_pton(AF_INET, text, &a4->sin_addr) == 1)
		ss->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a6->sin6_addr) == 1)
		ss->ss_family = AF_INET6;
	else
		errx(1, "'%s' is neither an IPv4 nor an IPv6 address", text);
}

void set_port(struct sockaddr_storage *ss, long port)
{
	/* The same place in both */
	((struct sockaddr_in *)ss)->sin_port = htons(port);
}

void set_int(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		err(1, "%s", what);
}

static int open_socket(const struct options *o)
{
	int fd = socket(o->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC,
			o->mptcp ? IPPROTO_MPTCP : IPPROTO_TCP);

	if (fd < 0)
		err(1, "%s", o->mptcp ? "socket(IPPROTO_MPTCP)" : "socket");
	if (o->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->device,
				    strlen(o->device) + 1))
		err(1, "SO_BINDTODEVICE");
	return fd;
}

/* One listener on @port; -1 when the port is taken. */
static int open_listener(const struct options *o, long port)
{
	struct sockaddr_storage addr = o->addr;
	int fd = open_socket(o);

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	if (o->reuseport)
		set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
	if (o->v6only)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
	if (o->transparent && is_v6(o))
		set_int(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1, "IPV6_TRANSPARENT");
	else if (o->transparent)
		set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 1, "IP_TRANSPARENT");
	if (o->defer)
		set_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, o->defer, "TCP_DEFER_ACCEPT");
	if (o->fastopen)
		set_int(fd, IPPROTO_TCP, TCP_FASTOPEN, o->fastopen, "TCP_FASTOPEN");
	set_port(&addr, port);
	if (bind(fd, (void *)&addr, addr_len(o)) || listen(fd, o->backlog)) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		err(1, "O_NONBLOCK");
	return fd;
}

/* Accept up to @max connections of a listener. */
static void accept_some(const struct options *o, int listener, long max)
{
	while (max-- > 0) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && errno == EMFILE)
			errx(1, "too many accepted connections to keep");
		if (fd < 0)
			return;
		if (!o->keep)
			close(fd);
	}
}

static void accept_each(const struct options *o, const int *fds, long max)
{
	for (long i = 0; i < o->count; i++)
		accept_some(o, fds[i], max);
}

static int __attribute__((noreturn)) verb_listen(const struct options *o)
{
	struct pollfd *polls = xcalloc(o->count, sizeof(*polls));
	int *fds = xcalloc(o->count, sizeof(*fds));
	int64_t next = now_ms() + o->accept_ms;

	want_descriptors(o->count + (o->keep ? 100000 : 0));
	for (long i = 0; i < o->count; i++) {
		long port = o->reuseport ? o->port : o->port + i;

		if (port > 65535)
			errx(1, "port %ld: there are only 65535", port);
		fds[i] = open_listener(o, port);
		if (fds[i] < 0)
			err(1, "listen on port %ld", port);
		polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	}
	ready(o->count);

	for (;;) {
		int wait = o->accept_ms > 0 ? next - now_ms() : -1;

		if (o->accept_ms < 0)
			poll(NULL, 0, -1);
		else if (o->accept_ms == 0)
			poll(polls, o->count, -1);
		else if (wait > 0)
			poll(NULL, 0, wait);

		if (got_usr1) {
			got_usr1 = 0;
			accept_each(o, fds, 1);
		}
		if (got_usr2) {
			got_usr2 = 0;
			accept_each(o, fds, LONG_MAX);
		}
		if (o->accept_ms == 0) {
			accept_each(o, fds, LONG_MAX);
		} else if (o->accept_ms > 0 && now_ms() >= next) {
			next += o->accept_ms;
			accept_each(o, fds, 1);
		}
	}
}

static int start_connection(const struct options *o)
{
	struct sockaddr_storage to = o->addr, from;
	int fd = open_socket(o);
	int ret;

	if (o->source) {
		parse_addr(o->source, &from);
		if (from.ss_family != to.ss_family)
			errx(1, "-s and -a are of different families");
		if (bind(fd, (void *)&from, addr_len(o)))
			err(1, "bind to the source address");
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		err(1, "O_NONBLOCK");
	set_port(&to, o->port);
	if (o->fastopen)
		ret = sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&to, addr_len(o));
	else
		ret = connect(fd, (void *)&to, addr_len(o));
	if (ret < 0 && errno != EINPROGRESS)
		err(1, "connect");
	return fd;
}

/* An abortive close: the peer gets a RST, its queue keeps the dead child. */
static void reset(int fd)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static int __attribute__((noreturn)) verb_connect(const struct options *o)
{
	int64_t deadline = now_ms() + (o->patience_ms < 0 ? 30000 : o->patience_ms);
	struct pollfd *polls = xcalloc(o->count, sizeof(*polls));
	int *fds = xcalloc(o->count, sizeof(*fds));
	long connected = 0, oldest = 0;

	want_descriptors(o->count);
	for (long i = 0; i < o->count; i++) {
		fds[i] = start_connection(o);
		polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLOUT };
	}
	while (connected < o->count && now_ms() < deadline) {
		if (poll(polls, o->count, deadline - now_ms()) < 0 && errno != EINTR)
			err(1, "poll");
		for (long i = 0; i < o->count; i++) {
			socklen_t len = sizeof(int);
			int error = 0;

			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			getsockopt(fds[i], SOL_SOCKET, SO_ERROR, &error, &len);
			if (error)
				errx(1, "connection %ld: %s", i + 1, strerror(error));
			if (o->write && write(fds[i], "x", 1) != 1)
				err(1, "write");
			polls[i].fd = -1;
			connected++;
		}
	}
	if (connected < o->count && o->patience_ms < 0)
		errx(1, "only %ld of %ld connected in 30 s", connected, o->count);
	ready(connected);

	for (;;) {
		/* A signal between the test and poll() is seen 100 ms later. */
		poll(NULL, 0, 100);
		if (got_usr1 && oldest < o->count)
			reset(fds[oldest++]);
		got_usr1 = 0;
		while (got_usr2 && oldest < o->count)
			reset(fds[oldest++]);
		got_usr2 = 0;
	}
}

/* So that a load need not take all of a CPU */
void rest(const struct options *o)
{
	if (o->rest_ms)
		usleep(1000 * o->rest_ms);
}

static int __attribute__((noreturn)) verb_churn(const struct options *o)
{
	int *fds = xcalloc(o->count, sizeof(*fds));
	long port = o->port, taken = 0, slot = 0;
	bool full = false;

	want_descriptors(o->count);
	for (;;) {
		int fd;

		if (full)
			close(fds[slot]);
		while ((fd = open_listener(o, port)) < 0) {
			if (errno != EADDRINUSE || taken++ > 65536)
				err(1, "listen");
			port = port < o->last ? port + 1 : o->port;
		}
		taken = 0;
		fds[slot] = fd;
		port = port < o->last ? port + 1 : o->port;
		if (++slot == o->count) {
			slot = 0;
			if (!full)
				ready(o->count);
			full = true;
			rest(o);
		}
	}
}

static long number_arg(const char *name, const char *text, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < min || n > max)
		errx(1, "%s takes a number from %ld to %ld, not '%s'", name, min, max, text);
	return n;
}

static void parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "port", required_argument, NULL, 'p' },
		{ "last", required_argument, NULL, 'P' },
		{ "address", required_argument, NULL, 'a' },
		{ "backlog", required_argument, NULL, 'b' },
		{ "accept", required_argument, NULL, 'A' },
		{ "keep", no_argument, NULL, 'k' },
		{ "reuseport", no_argument, NULL, 'r' },
		{ "v6only", no_argument, NULL, 'o' },
		{ "transparent", no_argument, NULL, 't' },
		{ "defer", required_argument, NULL, 'd' },
		{ "fastopen", required_argument, NULL, 'f' },
		{ "device", required_argument, NULL, 'i' },
		{ "mptcp", no_argument, NULL, 'm' },
		{ "write", no_argument, NULL, 'w' },
		{ "source", required_argument, NULL, 's' },
		{ "patience", required_argument, NULL, 'T' },
		{ "first", required_argument, NULL, 'S' },
		{ "loop", no_argument, NULL, 'l' },
		{ "rest", required_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "n:p:P:a:b:A:krotd:f:i:mws:T:S:lR:h",
				longs, NULL)) != -1) {
		switch (c) {
		case 'n': o->count = number_arg("--count", optarg, 1, 1000000); break;
		case 'p': o->port = number_arg("--port", optarg, 1, 65535); break;
		case 'P': o->last = number_arg("--last", optarg, 1, 65535); break;
		case 'a': parse_addr(optarg, &o->addr); break;
		case 'b': o->backlog = number_arg("--backlog", optarg, 0, INT32_MAX); break;
		case 'A': o->accept_ms = number_arg("--accept", optarg, 0, 3600000); break;
		case 'k': o->keep = true; break;
		case 'r': o->reuseport = true; break;
		case 'o': o->v6only = true; break;
		case 't': o->transparent = true; break;
		case 'd': o->defer = number_arg("--defer", optarg, 1, 3600); break;
		case 'f': o->fastopen = number_arg("--fastopen", optarg, 1, 65535); break;
		case 'i': o->device = optarg; break;
		case 'm': o->mptcp = true; break;
		case 'w': o->write = true; break;
		case 's': o->source = optarg; break;
		case 'T': o->patience_ms = number_arg("--patience", optarg, 0, 3600000); break;
		case 'S': o->first = number_arg("--first", optarg, 1, INT32_MAX); break;
		case 'l': o->loop = true; break;
		case 'R': o->rest_ms = number_arg("--rest", optarg, 0, 3600000); break;
		case 'h': fputs(usage, stdout); exit(0);
		default: exit(1);
		}
	}
	if (optind < argc)
		errx(1, "'%s' is too much; see traffic --help", argv[optind]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
		bool needs_port;
	} verbs[] = {
		{ "listen", verb_listen, true },
		{ "connect", verb_connect, true },
		{ "syn", verb_syn, true },
		{ "churn", verb_churn, false },
	};
	struct options o = {
		.count = 1, .backlog = 128, .accept_ms = -1, .patience_ms = -1,
		.first = 1,
	};
	struct sigaction act = { .sa_handler = on_signal };

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2;
	}
	parse_addr("127.0.0.1", &o.addr);
	parse_options(&o, argc - 1, argv + 1);
	sigaction(SIGUSR1, &act, NULL);
	sigaction(SIGUSR2, &act, NULL);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		if (verbs[i].needs_port && !o.port)
			errx(1, "%s needs --port", argv[1]);
		return verbs[i].run(&o);
	}
	errx(1, "no verb '%s': listen, connect, syn or churn", argv[1]);
}
