// SPDX-License-Identifier: GPL-2.0
/* What hooks lie in the way of: SYNs, connections; and whole programs. */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PORT	7

static struct sockaddr_in address = { .sin_family = AF_INET };

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static int new_listener(int port, int backlog)
{
	int fd = new_socket(), one = 1;

	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&address, sizeof(address)) || listen(fd, backlog))
		err(1, "listen");
	return fd;
}

static int new_connection(void)
{
	int fd = new_socket();

	if (connect(fd, (void *)&address, sizeof(address)))
		err(1, "connect");
	return fd;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The median of o->count times @fn, for each round. */
static int print_medians(const struct options *o, void (*fn)(void))
{
	uint64_t *medians = calloc(o->rounds, sizeof(*medians));
	uint64_t *spent = calloc(o->count, sizeof(*spent));

	for (long r = 0; r < o->rounds; r++) {
		for (long i = 0; i < o->count; i++) {
			uint64_t before = instructions();

			fn();
			spent[i] = instructions() - before;
		}
		qsort(spent, o->count, sizeof(*spent), compare);
		medians[r] = spent[o->count / 2];
	}
	printf("instructions=");
	print_list(medians, o->rounds);
	return 0;
}

struct syn {
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

static struct syn syn;
static int raw_fd;

static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint16_t *p = data;

	for (; len; len -= 2)
		sum += *p++;
	return sum;
}

static void send_syn(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = syn.ip.daddr };

	if (sendto(raw_fd, &syn, sizeof(syn), 0, (void *)&to, sizeof(to)) != sizeof(syn))
		err(1, "send a SYN");
}

int verb_syn(const struct options *o)
{
	int backlog = 1;
	uint32_t sum;

	new_listener(PORT, backlog);
	for (int i = 0; i <= backlog; i++)
		new_connection();
	raw_fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (raw_fd < 0)
		err(1, "socket(SOCK_RAW)");
	syn.ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP,
		.saddr = htonl(0x7f000909), .daddr = htonl(INADDR_LOOPBACK),
		.tot_len = htons(sizeof(syn)),
	};
	syn.tcp = (struct tcphdr){
		.source = htons(4096), .dest = htons(PORT), .seq = htonl(1),
		.doff = 5, .syn = 1, .window = htons(1024),
	};
	sum = sum16(&syn.ip.saddr, 8, sum16(&syn.tcp, sizeof(syn.tcp), 0));
	sum += htons(IPPROTO_TCP) + htons(sizeof(syn.tcp));
	sum = (sum & 0xffff) + (sum >> 16);
	syn.tcp.check = ~(sum + (sum >> 16));
	return print_medians(o, send_syn);
}

static int cycle_listener;

/* The server ends it; TIME_WAIT is off in the guest (tcp_max_tw_buckets = 0). */
static void cycle(void)
{
	int client = new_connection(), server;

	server = accept4(cycle_listener, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0)
		err(1, "accept");
	close(server);
	close(client);
}

int verb_cycle(const struct options *o)
{
	cycle_listener = new_listener(PORT + 1, 128);
	return print_medians(o, cycle);
}

static uint64_t exec_once(char **argv, long *rss)
{
	uint64_t before = instructions();
	struct rusage usage;
	int status, null;
	pid_t pid;

	pid = vfork();
	if (pid < 0)
		err(1, "vfork");
	if (!pid) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		err(1, "wait4");
	if (status)
		errx(1, "'%s' ends with status %d", argv[0], WEXITSTATUS(status));
	*rss = usage.ru_maxrss;
	return instructions() - before;
}

int verb_exec(const struct options *o)
{
	uint64_t *spent = calloc(o->rounds, sizeof(*spent));
	long rss;

	exec_once(o->args, &rss);
	for (long i = 0; i < o->rounds; i++)
		spent[i] = exec_once(o->args, &rss);
	printf("rss_kib=%ld instructions=", rss);
	print_list(spent, o->rounds);
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void relisten(void)
{
	close(new_listener(PORT + 2, 128));
}

int verb_rate(const struct options *o)
{
	void (*fn)(void) = !strcmp(o->args[1], "listen") ? relisten : cycle;
	uint64_t end, now, longest = 0;
	unsigned long n = 0;

	if (fn == cycle)
		cycle_listener = new_listener(PORT + 1, 128);
	now = now_ns();
	end = now + atol(o->args[0]) * 1000000000ULL;
	while (now < end) {
		uint64_t before = now;

		fn();
		n++;
		now = now_ns();
		if (now - before > longest)
			longest = now - before;
	}
	printf("times=%lu longest_us=%llu\n", n, (unsigned long long)longest / 1000);
	return 0;
}
