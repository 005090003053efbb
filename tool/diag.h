/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sock_diag and /proc tell where no module is loaded. The parsers are
 * pure: bytes in, structs out.
 */
#ifndef LISTENQ_DIAG_H
#define LISTENQ_DIAG_H

#include "nl.h"
#include "source.h"

/**
 * struct lq_diag_request - a half-open connection
 * @family: of the socket it belongs to
 * @port: local port, host order
 * @ifindex: device it is bound to, 0 if to none
 * @addr: local address
 */
struct lq_diag_request {
	uint16_t family;
	uint16_t port;
	uint32_t ifindex;
	uint8_t addr[16];
};

/**
 * struct lq_diag_reply - what the messages of one exchange held
 * @listeners: the sockets in LISTEN
 * @requests: those in SYN_RECV
 * @n_requests: how many
 * @size_requests: how many fit
 */
struct lq_diag_reply {
	struct lq_listeners listeners;
	struct lq_diag_request *requests;
	size_t n_requests;
	size_t size_requests;
};

int lq_diag_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_diag_reply *r, struct lq_nl_error *e);
void lq_diag_count_requests(struct lq_listeners *t,
			    const struct lq_diag_request *r, size_t n);

int lq_diag_nets(const struct lq_query *q, struct lq_nets *out);
void lq_netstat_parse(struct listenq_net *net, const char *text, size_t len);

#endif /* LISTENQ_DIAG_H */
