// SPDX-License-Identifier: GPL-2.0
/* What there is to see: listeners of every kind, here and next door. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

struct listener listeners[STABLE + FLEETING];

static int listener_open(unsigned int i)
{
	bool v6 = i % 3 == 1;
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr *sa = v6 ? (void *)&a6 : (void *)&a4;
	socklen_t len = v6 ? sizeof(a6) : sizeof(a4);
	/* some pairs share a port: do by name meets reuseport groups */
	uint16_t port = htons(FIRST_PORT + (i % 6 == 5 ? i - 3 : i));
	int family = v6 ? AF_INET6 : AF_INET;
	int one = 1, fd = -1;

	if (i % 5 == 0)
		fd = socket(family, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		fd = socket(family, SOCK_STREAM, 0);
	if (fd < 0)
		broken("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (i % 7 == 0)	/* its connections stay in the SYN queue */
		setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, sizeof(one));
	a4.sin_port = a6.sin6_port = port;
	a4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a6.sin6_addr = i % 2 ? in6addr_loopback : in6addr_any;
	if (bind(fd, sa, len) || listen(fd, i % 6))
		broken("a listener");
	for (unsigned int n = i % 4; n; n--) {
		/* never closed: they stay queued */
		int c = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);

		if (v6)
			a6.sin6_addr = in6addr_loopback;
		if (i < STABLE && connect(c, sa, len) && errno != EINPROGRESS)
			broken("a connection");
		if (i >= STABLE)
			close(c);
	}
	return fd;
}

/**
 * listener_start - open a listener and learn its cookie
 * @i: which one
 */
void listener_start(unsigned int i)
{
	struct listener *l = &listeners[i];
	socklen_t len = sizeof(l->cookie);
	int protocol = 0;

	l->fd = listener_open(i);
	if (getsockopt(l->fd, SOL_SOCKET, SO_COOKIE, &l->cookie, &len))
		broken("SO_COOKIE");
	len = sizeof(protocol);
	getsockopt(l->fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	/* the TCP socket below it has another, which nobody tells */
	if (protocol == IPPROTO_MPTCP)
		l->cookie = 0;
}

/**
 * listener_toggle - open a listener that is closed, close one that is open
 * @i: which one
 */
void listener_toggle(unsigned int i)
{
	if (listeners[i].fd < 0) {
		listener_start(i);
		return;
	}
	close(listeners[i].fd);
	listeners[i].fd = -1;
}

/* Runs @fn in a child until we are gone; returns when @fn has written a byte. */
static void child_start(void (*fn)(int ready))
{
	int ready[2];
	char c;

	if (pipe(ready))
		broken("pipe");
	switch (fork()) {
	case -1:
		broken("fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(ready[1]);
		exit(2);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		exit(2);	/* the child said why */
	close(ready[0]);
}

static void neighbour(int ready)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (unshare(CLONE_NEWNET) ||
	    ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &lo))
		broken("a namespace");
	for (unsigned int i = 0; i < 20; i++)
		listener_open(i);
	if (write(ready, "", 1) != 1)
		broken("pipe");
	for (;;)
		pause();
}

static void churn(int ready)
{
	if (write(ready, "", 1) != 1)
		broken("pipe");
	/* ports of their own, and no connections */
	for (unsigned int i = 0;; i++)
		close(listener_open(STABLE + FLEETING + i % 64));
}

/**
 * neighbours_start - listeners in another network namespace, and some of ours
 *	that another CPU opens and closes all the time; until we are gone
 */
void neighbours_start(void)
{
	child_start(neighbour);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		child_start(churn);
}
