/* SPDX-License-Identifier: GPL-2.0 */
/* What traffic's two files share; traffic.c says what each does. */
#ifndef LQ_TRAFFIC_H
#define LQ_TRAFFIC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct options {
	long count, port, last, backlog, accept_ms, defer, fastopen, patience_ms;
	long first, rest_ms;
	bool keep, reuseport, v6only, transparent, mptcp, write, loop;
	const char *device, *source;
	struct sockaddr_storage addr;
};

void ready(long n);
void rest(const struct options *o);
bool is_v6(const struct options *o);
socklen_t addr_len(const struct options *o);
void set_port(struct sockaddr_storage *ss, long port);
void set_int(int fd, int level, int name, int value, const char *what);
int verb_syn(const struct options *o);

#endif
