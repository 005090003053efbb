/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * listenq: the wire, and the only ABI.
 *
 * Generic netlink family "listenq". Requests carry scalar attributes; a reply
 * carries one object per message, packed as one binary attribute. The structs
 * have no implicit padding and grow only at their end: a reader takes
 * min(length on the wire, sizeof), zeroes the rest, and believes only the
 * fields whose bit is set in @has.
 */
#ifndef _UAPI_LINUX_LISTENQ_H
#define _UAPI_LINUX_LISTENQ_H

#include <linux/types.h>

#define LISTENQ_FAMILY_NAME	"listenq"
#define LISTENQ_FAMILY_VERSION	1

/**
 * enum listenq_cmd - commands of the family
 * @LISTENQ_CMD_LISTENER_GET: do: one listener, named by %LISTENQ_A_COOKIE or
 *	by %LISTENQ_A_FAMILY + %LISTENQ_A_ADDR + %LISTENQ_A_PORT (and
 *	%LISTENQ_A_IFINDEX to tell listeners bound to devices apart): ENOENT if
 *	there is none, ENOTUNIQ if there are several (a reuseport group);
 *	dump: every listener that passes all filters in the request
 * @LISTENQ_CMD_NET_GET: do: the limits and counters of the reader's network
 *	namespace; dump: the same, or with %LISTENQ_FLAG_ALL_NETNS of them all
 */
enum listenq_cmd {
	LISTENQ_CMD_LISTENER_GET = 1,
	LISTENQ_CMD_NET_GET,

	__LISTENQ_CMD_MAX,
	LISTENQ_CMD_MAX = (__LISTENQ_CMD_MAX - 1)
};

/**
 * enum listenq_attr - attributes, one space for all commands
 * @LISTENQ_A_FLAGS: u32, request: &enum listenq_request_flags
 * @LISTENQ_A_COOKIE: u64, request: socket cookie (what ss prints as sk:)
 * @LISTENQ_A_FAMILY: u16, request: AF_INET or AF_INET6
 * @LISTENQ_A_ADDR: 4 or 16 bytes, request: local address, network order
 * @LISTENQ_A_PORT: u16, request: local port, host order, not 0
 * @LISTENQ_A_IFINDEX: u32, request: device the listener is bound to, not 0
 * @LISTENQ_A_LISTENER: &struct listenq_listener, reply
 * @LISTENQ_A_NET: &struct listenq_net, reply
 */
enum listenq_attr {
	LISTENQ_A_FLAGS = 1,
	LISTENQ_A_COOKIE,
	LISTENQ_A_FAMILY,
	LISTENQ_A_ADDR,
	LISTENQ_A_PORT,
	LISTENQ_A_IFINDEX,
	LISTENQ_A_LISTENER,
	LISTENQ_A_NET,

	__LISTENQ_A_MAX,
	LISTENQ_A_MAX = (__LISTENQ_A_MAX - 1)
};

/**
 * enum listenq_request_flags - bits of %LISTENQ_A_FLAGS
 * @LISTENQ_FLAG_ALL_NETNS: look at all network namespaces; only from the
 *	initial one and with CAP_NET_ADMIN there, else EPERM
 * @LISTENQ_FLAG_NOT_EMPTY: only listeners with a non-empty queue
 * @LISTENQ_FLAG_FULL: only listeners with a full queue
 */
enum listenq_request_flags {
	LISTENQ_FLAG_ALL_NETNS = 1 << 0,
	LISTENQ_FLAG_NOT_EMPTY = 1 << 1,
	LISTENQ_FLAG_FULL = 1 << 2,
};

/**
 * enum listenq_listener_has - which fields of a listener are known
 * @LISTENQ_HAS_SYN_LEN: @syn_len and %LISTENQ_L_SYN_FULL
 * @LISTENQ_HAS_SYN_YOUNG: @syn_young
 * @LISTENQ_HAS_WAIT: @oldest_wait_us and %LISTENQ_L_HEAD_DEAD; not set when
 *	the accept queue is empty
 * @LISTENQ_HAS_TFO: @tfo_len and @tfo_limit
 * @LISTENQ_HAS_DEFER: @defer_accept_s
 * @LISTENQ_HAS_DROPS: @drops
 * @LISTENQ_HAS_CGROUP: @cgroup_id
 * @LISTENQ_HAS_SOCKOPTS: %LISTENQ_L_REUSEPORT, %LISTENQ_L_TRANSPARENT
 * @LISTENQ_HAS_FLOOD: %LISTENQ_L_SYN_FLOOD
 */
enum listenq_listener_has {
	LISTENQ_HAS_SYN_LEN = 1 << 0,
	LISTENQ_HAS_SYN_YOUNG = 1 << 1,
	LISTENQ_HAS_WAIT = 1 << 2,
	LISTENQ_HAS_TFO = 1 << 3,
	LISTENQ_HAS_DEFER = 1 << 4,
	LISTENQ_HAS_DROPS = 1 << 5,
	LISTENQ_HAS_CGROUP = 1 << 6,
	LISTENQ_HAS_SOCKOPTS = 1 << 7,
	LISTENQ_HAS_FLOOD = 1 << 8,
};

/**
 * enum listenq_listener_flags - bits of listenq_listener.flags
 * @LISTENQ_L_SYN_FULL: the SYN queue is full, says the kernel's
 *	inet_csk_reqsk_queue_is_full()
 * @LISTENQ_L_ACCEPT_FULL: the accept queue is full, says the kernel's
 *	sk_acceptq_is_full()
 * @LISTENQ_L_HEAD_DEAD: the oldest connection of the accept queue is closed
 *	already (the client reset it); accept() will still return it
 * @LISTENQ_L_V6ONLY: IPV6_V6ONLY, takes no IPv4 connections
 * @LISTENQ_L_REUSEPORT: SO_REUSEPORT
 * @LISTENQ_L_TRANSPARENT: IP_TRANSPARENT
 * @LISTENQ_L_SYN_FLOOD: the kernel has logged "possible SYN flooding" for it
 *	(it does so once per listen())
 */
enum listenq_listener_flags {
	LISTENQ_L_SYN_FULL = 1 << 0,
	LISTENQ_L_ACCEPT_FULL = 1 << 1,
	LISTENQ_L_HEAD_DEAD = 1 << 2,
	LISTENQ_L_V6ONLY = 1 << 3,
	LISTENQ_L_REUSEPORT = 1 << 4,
	LISTENQ_L_TRANSPARENT = 1 << 5,
	LISTENQ_L_SYN_FLOOD = 1 << 6,
};

/**
 * struct listenq_listener - one TCP socket in LISTEN and its two queues
 * @cookie: socket cookie, unique until reboot; ss prints it as sk:
 * @ino: inode number of the socket, 0 if it has none (kernel sockets)
 * @netns_ino: inode number of its network namespace
 * @cgroup_id: id of the cgroup it was created in
 * @oldest_wait_us: how long the head of the accept queue has waited, in µs
 *	since its handshake finished
 * @has: &enum listenq_listener_has
 * @flags: &enum listenq_listener_flags
 * @uid: owner, in the reader's user namespace
 * @ifindex: device it is bound to, 0 for any
 * @syn_len: requests in the SYN queue (request_sock_queue.qlen)
 * @syn_young: those of them whose SYN-ACK was never retransmitted
 * @accept_len: connections in the accept queue (sk_ack_backlog)
 * @backlog: the limit of both queues (sk_max_ack_backlog): what listen() was
 *	given, cut to net.core.somaxconn. The kernel lets a queue grow to
 *	@backlog + 1 before it says full
 * @tfo_len: TCP Fast Open requests not yet confirmed
 * @tfo_limit: their limit, 0 when Fast Open is off
 * @defer_accept_s: TCP_DEFER_ACCEPT in seconds as getsockopt() tells it, 0
 *	when off
 * @drops: sk_drops, packets; an upper bound of the connections lost: a final
 *	ACK that finds the accept queue full counts twice
 * @family: AF_INET or AF_INET6
 * @protocol: IPPROTO_TCP or IPPROTO_MPTCP
 * @port: local port, host order
 * @reserved: 0
 * @addr: local address, network order; IPv4 in the first four bytes
 */
struct listenq_listener {
	__u64 cookie;
	__u64 ino;
	__u64 netns_ino;
	__u64 cgroup_id;
	__u64 oldest_wait_us;
	__u32 has;
	__u32 flags;
	__u32 uid;
	__u32 ifindex;
	__u32 syn_len;
	__u32 syn_young;
	__u32 accept_len;
	__u32 backlog;
	__u32 tfo_len;
	__u32 tfo_limit;
	__u32 defer_accept_s;
	__u32 drops;
	__u16 family;
	__u16 protocol;
	__u16 port;
	__u16 reserved;
	__u8 addr[16];
};

/**
 * enum listenq_net_has - which fields of a net are known
 *
 * Bit n stands for the n-th value of &struct listenq_net, counted from
 * @somaxconn.
 */
enum listenq_net_has {
	LISTENQ_NET_HAS_SOMAXCONN = 1 << 0,
	LISTENQ_NET_HAS_TCP_MAX_SYN_BACKLOG = 1 << 1,
	LISTENQ_NET_HAS_TCP_SYNCOOKIES = 1 << 2,
	LISTENQ_NET_HAS_TCP_ABORT_ON_OVERFLOW = 1 << 3,
	LISTENQ_NET_HAS_TCP_SYNACK_RETRIES = 1 << 4,
	LISTENQ_NET_HAS_TCP_FASTOPEN = 1 << 5,
	LISTENQ_NET_HAS_TCP_MIGRATE_REQ = 1 << 6,
	LISTENQ_NET_HAS_LISTEN_OVERFLOWS = 1 << 7,
	LISTENQ_NET_HAS_LISTEN_DROPS = 1 << 8,
	LISTENQ_NET_HAS_REQ_Q_FULL_DROP = 1 << 9,
	LISTENQ_NET_HAS_REQ_Q_FULL_DO_COOKIES = 1 << 10,
	LISTENQ_NET_HAS_SYNCOOKIES_SENT = 1 << 11,
	LISTENQ_NET_HAS_SYNCOOKIES_RECV = 1 << 12,
	LISTENQ_NET_HAS_SYNCOOKIES_FAILED = 1 << 13,
	LISTENQ_NET_HAS_FAST_OPEN_LISTEN_OVERFLOW = 1 << 14,
	LISTENQ_NET_HAS_DEFER_ACCEPT_DROP = 1 << 15,
	LISTENQ_NET_HAS_MIGRATE_REQ_SUCCESS = 1 << 16,
	LISTENQ_NET_HAS_MIGRATE_REQ_FAILURE = 1 << 17,
	LISTENQ_NET_HAS_ABORT_FAILED = 1 << 18,
};

/**
 * struct listenq_net - limits and counters of one network namespace
 * @netns_ino: its inode number
 * @has: &enum listenq_net_has
 * @somaxconn: net.core.somaxconn, connections
 * @tcp_max_syn_backlog: net.ipv4.tcp_max_syn_backlog, requests
 * @tcp_syncookies: net.ipv4.tcp_syncookies: 0 never, 1 when full, 2 always
 * @tcp_abort_on_overflow: net.ipv4.tcp_abort_on_overflow: 1 resets
 * @tcp_synack_retries: net.ipv4.tcp_synack_retries, retransmits
 * @tcp_fastopen: net.ipv4.tcp_fastopen, a bit mask
 * @tcp_migrate_req: net.ipv4.tcp_migrate_req (5.14 on)
 * @listen_overflows: TcpExtListenOverflows, packets
 * @listen_drops: TcpExtListenDrops, packets
 * @req_q_full_drop: TcpExtTCPReqQFullDrop, SYNs
 * @req_q_full_do_cookies: TcpExtTCPReqQFullDoCookies, SYNs
 * @syncookies_sent: TcpExtSyncookiesSent, SYN-ACKs
 * @syncookies_recv: TcpExtSyncookiesRecv, ACKs
 * @syncookies_failed: TcpExtSyncookiesFailed, ACKs
 * @fast_open_listen_overflow: TcpExtTCPFastOpenListenOverflow, SYNs
 * @defer_accept_drop: TcpExtTCPDeferAcceptDrop, ACKs
 * @migrate_req_success: TcpExtTCPMigrateReqSuccess, requests (5.14 on)
 * @migrate_req_failure: TcpExtTCPMigrateReqFailure, requests (5.14 on)
 * @abort_failed: TcpExtTCPAbortFailed, resets that could not be sent
 */
struct listenq_net {
	__u64 netns_ino;
	__u64 has;
	__u64 somaxconn;
	__u64 tcp_max_syn_backlog;
	__u64 tcp_syncookies;
	__u64 tcp_abort_on_overflow;
	__u64 tcp_synack_retries;
	__u64 tcp_fastopen;
	__u64 tcp_migrate_req;
	__u64 listen_overflows;
	__u64 listen_drops;
	__u64 req_q_full_drop;
	__u64 req_q_full_do_cookies;
	__u64 syncookies_sent;
	__u64 syncookies_recv;
	__u64 syncookies_failed;
	__u64 fast_open_listen_overflow;
	__u64 defer_accept_drop;
	__u64 migrate_req_success;
	__u64 migrate_req_failure;
	__u64 abort_failed;
};

#endif /* _UAPI_LINUX_LISTENQ_H */
