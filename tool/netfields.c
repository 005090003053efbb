// SPDX-License-Identifier: GPL-2.0
/* The table of the values of struct listenq_net. */
#include <string.h>

#include "netfields.h"

#define SYSCTL(_key, _source)	{ .key = #_key, .source = _source "." #_key }
#define MIB(_key, _name)	{ .key = #_key, .source = "TcpExt" _name, .mib = true }

const struct lq_net_field lq_net_fields[] = {
	SYSCTL(somaxconn, "net.core"),
	SYSCTL(tcp_max_syn_backlog, "net.ipv4"),
	SYSCTL(tcp_syncookies, "net.ipv4"),
	SYSCTL(tcp_abort_on_overflow, "net.ipv4"),
	SYSCTL(tcp_synack_retries, "net.ipv4"),
	SYSCTL(tcp_fastopen, "net.ipv4"),
	SYSCTL(tcp_migrate_req, "net.ipv4"),
	MIB(listen_overflows, "ListenOverflows"),
	MIB(listen_drops, "ListenDrops"),
	MIB(req_q_full_drop, "TCPReqQFullDrop"),
	MIB(req_q_full_do_cookies, "TCPReqQFullDoCookies"),
	MIB(syncookies_sent, "SyncookiesSent"),
	MIB(syncookies_recv, "SyncookiesRecv"),
	MIB(syncookies_failed, "SyncookiesFailed"),
	MIB(fast_open_listen_overflow, "TCPFastOpenListenOverflow"),
	MIB(defer_accept_drop, "TCPDeferAcceptDrop"),
	MIB(migrate_req_success, "TCPMigrateReqSuccess"),
	MIB(migrate_req_failure, "TCPMigrateReqFailure"),
	MIB(abort_failed, "TCPAbortFailed"),
};

const size_t lq_net_nfields = sizeof(lq_net_fields) / sizeof(lq_net_fields[0]);

_Static_assert(offsetof(struct listenq_net, somaxconn) +
	       sizeof(lq_net_fields) / sizeof(lq_net_fields[0]) * sizeof(uint64_t) ==
	       sizeof(struct listenq_net), "one line for each value");

static size_t offset_of(size_t i)
{
	return offsetof(struct listenq_net, somaxconn) + i * sizeof(uint64_t);
}

/**
 * lq_net_field_by_mib - the field of a MIB counter
 * @name: the counter's name, without TcpExt
 * @len: its bytes
 */
const struct lq_net_field *lq_net_field_by_mib(const char *name, size_t len)
{
	for (size_t i = 0; i < lq_net_nfields; i++) {
		const char *s = lq_net_fields[i].source + strlen("TcpExt");

		if (lq_net_fields[i].mib && strlen(s) == len && !memcmp(s, name, len))
			return &lq_net_fields[i];
	}
	return NULL;
}

/**
 * lq_net_field_get - the value of a field
 * @net: the namespace
 * @f: the field
 * @v: gets the value
 *
 * Return: whether it is known.
 */
bool lq_net_field_get(const struct listenq_net *net,
		      const struct lq_net_field *f, uint64_t *v)
{
	size_t i = f - lq_net_fields;

	memcpy(v, (const char *)net + offset_of(i), sizeof(*v));
	return net->has >> i & 1;
}

/**
 * lq_net_field_set - make the value of a field known
 * @net: the namespace
 * @f: the field
 * @v: the value
 */
void lq_net_field_set(struct listenq_net *net, const struct lq_net_field *f,
		      uint64_t v)
{
	size_t i = f - lq_net_fields;

	memcpy((char *)net + offset_of(i), &v, sizeof(v));
	net->has |= 1ull << i;
}
