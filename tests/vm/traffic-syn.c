// SPDX-License-Identifier: GPL-2.0
/* traffic syn: raw SYNs from sources that never answer. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 2)
		sum += p[i] << 8 | (i + 1 < len ? p[i + 1] : 0);
	return sum;
}

static uint16_t tcp_checksum(const void *from, const void *to, size_t alen,
			     const void *tcp, size_t len)
{
	uint32_t sum = sum16(from, alen, sum16(to, alen, IPPROTO_TCP + len));

	sum = sum16(tcp, len, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/*
 * What keeps a half-open request half open on one machine. A raw SYN to a local
 * address goes out on lo with its route attached (a local one), so it comes in
 * again without a look at its source: no rp_filter, no martian check. The
 * SYN-ACK must have a route or the request is dropped at once, and must reach
 * nobody or a RST ends it. From a source in 127/8 it would reach this host's
 * own TCP. So sources are of the benchmark ranges, and go:
 * - IPv4: out of lo as a plain unicast route. The SYN-ACK comes in on lo with
 *   that route attached, which has no input path: discarded. (Through another
 *   device a SYN-ACK from 127.0.0.1 would need route_localnet.)
 * - IPv6: out of a dummy device, since a route out of lo becomes a reject one.
 */
static void swallow_answers(const struct options *o)
{
	const char *cmd = is_v6(o) ?
		"{ ip link show lqsink || ip link add lqsink type dummy; } >/dev/null 2>&1;"
		"ip link set lqsink up && ip -6 route replace 2001:2::/48 dev lqsink" :
		"ip route replace 198.18.0.0/15 dev lo";

	if (system(cmd))
		errx(1, "cannot set the route of the sources: %s", cmd);
}

static int send_syn(const struct options *o, int fd, uint32_t number, long port)
{
	struct {
		union {
			struct iphdr v4;
			struct ip6_hdr v6;
		} ip;
		struct tcphdr tcp;
		uint8_t mss[4];
	} __attribute__((packed)) p = {
		.tcp = {
			.source = htons(1024 + number % 60000),
			.dest = htons(port),
			.seq = htonl(number * 2654435761u),
			.doff = 6,
			.syn = 1,
			.window = htons(64240),
		},
		.mss = { 2, 4, 1460 >> 8, 1460 & 0xff },
	};
	const size_t tcp_len = sizeof(p.tcp) + sizeof(p.mss);
	const struct sockaddr_in6 *to6 = (const void *)&o->addr;
	const struct sockaddr_in *to4 = (const void *)&o->addr;
	struct sockaddr_storage to = o->addr;
	uint8_t packet[sizeof(p)];
	size_t ip_len;

	if (is_v6(o)) {
		p.ip.v6.ip6_flow = htonl(6 << 28);
		p.ip.v6.ip6_plen = htons(tcp_len);
		p.ip.v6.ip6_nxt = IPPROTO_TCP;
		p.ip.v6.ip6_hlim = 64;
		p.ip.v6.ip6_dst = to6->sin6_addr;
		inet_pton(AF_INET6, "2001:2::", &p.ip.v6.ip6_src);
		p.ip.v6.ip6_src.s6_addr32[3] = htonl(number);
		p.tcp.check = tcp_checksum(&p.ip.v6.ip6_src, &p.ip.v6.ip6_dst, 16,
					   &p.tcp, tcp_len);
		ip_len = sizeof(p.ip.v6);
	} else {
		p.ip.v4.version = 4;
		p.ip.v4.ihl = 5;
		p.ip.v4.ttl = 64;
		p.ip.v4.protocol = IPPROTO_TCP;
		p.ip.v4.tot_len = htons(sizeof(p.ip.v4) + tcp_len);
		p.ip.v4.daddr = to4->sin_addr.s_addr;
		/* 198.18.0.1 and up: 131070 hosts, the source port tells laps apart */
		p.ip.v4.saddr = htonl(0xc6120000 + 1 + (number - 1) % 131070);
		p.tcp.check = tcp_checksum(&p.ip.v4.saddr, &p.ip.v4.daddr, 4,
					   &p.tcp, tcp_len);
		ip_len = sizeof(p.ip.v4);
	}
	memcpy(packet, &p.ip, ip_len);
	memcpy(packet + ip_len, &p.tcp, tcp_len);
	/* A raw IPv6 socket takes a protocol here or nothing, not a port */
	set_port(&to, 0);
	return sendto(fd, packet, ip_len + tcp_len, 0, (void *)&to, addr_len(o));
}

int verb_syn(const struct options *o)
{
	int fd = socket(o->addr.ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	uint32_t number = o->first;
	long port = o->port;

	if (fd < 0)
		err(1, "raw socket");
	if (is_v6(o))
		set_int(fd, IPPROTO_IPV6, IPV6_HDRINCL, 1, "IPV6_HDRINCL");
	swallow_answers(o);
	for (long i = 0; i < o->count || o->loop; i++) {
		/* The socket's buffer is full: let softirq have the CPU */
		while (send_syn(o, fd, number, port) < 0) {
			if (errno != ENOBUFS && errno != EAGAIN)
				err(1, "send a SYN");
			usleep(1000);
		}
		number++;
		port = port < o->last ? port + 1 : o->port;
		if (i + 1 == o->count)
			ready(o->count);
		if (o->loop && (i + 1) % o->count == 0)
			rest(o);
	}
	return 0;
}
