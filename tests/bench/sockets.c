// SPDX-License-Identifier: GPL-2.0
/* Many sockets for few instructions. */
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

/* Ports of an address, from where on; then the next address is used. */
#define FIRST_PORT	1024
#define PORTS		50000

static int one_socket(bool v6)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

/* The i-th pair of address and port of network @net: 127.net.0.x or fd00:net::x. */
static socklen_t nth_address(struct sockaddr_storage *ss, bool v6, int net, long i)
{
	unsigned short port = htons(FIRST_PORT + i % PORTS);
	struct sockaddr_in6 *a6 = (void *)ss;
	struct sockaddr_in *a4 = (void *)ss;

	if (v6) {
		*a6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = port };
		a6->sin6_addr.s6_addr[0] = 0xfd;
		a6->sin6_addr.s6_addr[3] = net;
		a6->sin6_addr.s6_addr[15] = 1 + i / PORTS;
		return sizeof(*a6);
	}
	*a4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port };
	a4->sin_addr.s_addr = htonl(127u << 24 | net << 16 | (1 + i / PORTS));
	return sizeof(*a4);
}

static void bind_nth(int fd, bool v6, int net, long i)
{
	struct sockaddr_storage ss;
	socklen_t len = nth_address(&ss, v6, net, i);
	int one = 1;

	/* the guest has a route to fd00:, but not each of its addresses */
	if (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one)))
		err(1, "IPV6_FREEBIND");
	if (bind(fd, (void *)&ss, len))
		err(1, "bind");
}

int verb_listeners(const struct options *o)
{
	want_descriptors(o->count);
	for (long i = 0; i < o->count; i++) {
		int fd = one_socket(o->v6);

		bind_nth(fd, o->v6, 1, i);
		if (listen(fd, 128))
			err(1, "listen");
	}
	ready(o->count);
}

/* TCP_REPAIR makes a connection by saying so: no packet, no other end. */
int verb_connections(const struct options *o)
{
	int one = 1;

	want_descriptors(o->count);
	for (long i = 0; i < o->count; i++) {
		struct sockaddr_storage to;
		socklen_t len = nth_address(&to, o->v6, 3, i);
		int fd = one_socket(o->v6);

		if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)))
			err(1, "TCP_REPAIR");
		bind_nth(fd, o->v6, 2, i);
		if (connect(fd, (void *)&to, len))
			err(1, "connect in repair");
	}
	ready(o->count);
}
