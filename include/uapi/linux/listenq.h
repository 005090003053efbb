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
#define LISTENQ_MCGRP_EVENTS	"events"

/**
 * enum listenq_cmd - commands of the family
 * @LISTENQ_CMD_LISTENER_GET: do: one listener, named by %LISTENQ_A_COOKIE or
 *	by %LISTENQ_A_FAMILY + %LISTENQ_A_ADDR + %LISTENQ_A_PORT (and
 *	%LISTENQ_A_IFINDEX to tell listeners bound to devices apart): ENOENT if
 *	there is none, ENOTUNIQ if there are several (a reuseport group);
 *	dump: every listener that passes all filters in the request. Both take
 *	%LISTENQ_FLAG_ALL_NETNS, %LISTENQ_FLAG_COUNTERS and
 *	%LISTENQ_FLAG_HISTOGRAMS; a dump %LISTENQ_FLAG_NOT_EMPTY,
 *	%LISTENQ_FLAG_FULL and %LISTENQ_FLAG_DROPPED, too
 * @LISTENQ_CMD_NET_GET: do: the limits and counters of the reader's network
 *	namespace; dump: the same, or with %LISTENQ_FLAG_ALL_NETNS of them all.
 *	Both take %LISTENQ_FLAG_COUNTERS
 * @LISTENQ_CMD_TRACK_GET: do: whether drops are tracked, by which hooks, and
 *	within which bounds
 * @LISTENQ_CMD_TRACK_SET: do: %LISTENQ_A_ENABLE turns tracking on or off for the
 *	whole host; takes CAP_NET_ADMIN there. Counters are kept
 * @LISTENQ_CMD_EPISODE_GET: dump: the log of overflow episodes, oldest first,
 *	of the reader's network namespace or, with %LISTENQ_FLAG_ALL_NETNS, of all
 * @LISTENQ_CMD_EVENT: notification to the group %LISTENQ_MCGRP_EVENTS
 */
enum listenq_cmd {
	LISTENQ_CMD_LISTENER_GET = 1,
	LISTENQ_CMD_NET_GET,
	LISTENQ_CMD_TRACK_GET,
	LISTENQ_CMD_TRACK_SET,
	LISTENQ_CMD_EPISODE_GET,
	LISTENQ_CMD_EVENT,

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
 * @LISTENQ_A_COUNTERS: &struct listenq_counters, reply with
 *	%LISTENQ_FLAG_COUNTERS, absent when the listener is not tracked
 * @LISTENQ_A_HISTOGRAMS: &struct listenq_histograms, reply with
 *	%LISTENQ_FLAG_HISTOGRAMS, absent when the listener is not tracked
 * @LISTENQ_A_NET_COUNTERS: &struct listenq_net_counters, reply with
 *	%LISTENQ_FLAG_COUNTERS
 * @LISTENQ_A_TRACK: &struct listenq_track, reply
 * @LISTENQ_A_HOOK: &struct listenq_hook, reply, one for each hook
 * @LISTENQ_A_EPISODE: &struct listenq_episode, reply and event
 * @LISTENQ_A_EVENT: &struct listenq_event, event
 * @LISTENQ_A_ENABLE: u32, request: 1 to track, 0 not to
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
	LISTENQ_A_COUNTERS,
	LISTENQ_A_HISTOGRAMS,
	LISTENQ_A_NET_COUNTERS,
	LISTENQ_A_TRACK,
	LISTENQ_A_HOOK,
	LISTENQ_A_EPISODE,
	LISTENQ_A_EVENT,
	LISTENQ_A_ENABLE,

	__LISTENQ_A_MAX,
	LISTENQ_A_MAX = (__LISTENQ_A_MAX - 1)
};

/**
 * enum listenq_request_flags - bits of %LISTENQ_A_FLAGS
 * @LISTENQ_FLAG_ALL_NETNS: look at all network namespaces; only from the
 *	initial one and with CAP_NET_ADMIN there, else EPERM
 * @LISTENQ_FLAG_NOT_EMPTY: only listeners with a non-empty queue
 * @LISTENQ_FLAG_FULL: only listeners with a full queue
 * @LISTENQ_FLAG_COUNTERS: send counters along
 * @LISTENQ_FLAG_HISTOGRAMS: send histograms along
 * @LISTENQ_FLAG_DROPPED: only listeners that are known to have dropped
 */
enum listenq_request_flags {
	LISTENQ_FLAG_ALL_NETNS = 1 << 0,
	LISTENQ_FLAG_NOT_EMPTY = 1 << 1,
	LISTENQ_FLAG_FULL = 1 << 2,
	LISTENQ_FLAG_COUNTERS = 1 << 3,
	LISTENQ_FLAG_HISTOGRAMS = 1 << 4,
	LISTENQ_FLAG_DROPPED = 1 << 5,
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
 *
 * @LISTENQ_NET_HAS_SOMAXCONN: @somaxconn
 * @LISTENQ_NET_HAS_TCP_MAX_SYN_BACKLOG: @tcp_max_syn_backlog
 * @LISTENQ_NET_HAS_TCP_SYNCOOKIES: @tcp_syncookies
 * @LISTENQ_NET_HAS_TCP_ABORT_ON_OVERFLOW: @tcp_abort_on_overflow
 * @LISTENQ_NET_HAS_TCP_SYNACK_RETRIES: @tcp_synack_retries
 * @LISTENQ_NET_HAS_TCP_FASTOPEN: @tcp_fastopen
 * @LISTENQ_NET_HAS_TCP_MIGRATE_REQ: @tcp_migrate_req
 * @LISTENQ_NET_HAS_LISTEN_OVERFLOWS: @listen_overflows
 * @LISTENQ_NET_HAS_LISTEN_DROPS: @listen_drops
 * @LISTENQ_NET_HAS_REQ_Q_FULL_DROP: @req_q_full_drop
 * @LISTENQ_NET_HAS_REQ_Q_FULL_DO_COOKIES: @req_q_full_do_cookies
 * @LISTENQ_NET_HAS_SYNCOOKIES_SENT: @syncookies_sent
 * @LISTENQ_NET_HAS_SYNCOOKIES_RECV: @syncookies_recv
 * @LISTENQ_NET_HAS_SYNCOOKIES_FAILED: @syncookies_failed
 * @LISTENQ_NET_HAS_FAST_OPEN_LISTEN_OVERFLOW: @fast_open_listen_overflow
 * @LISTENQ_NET_HAS_DEFER_ACCEPT_DROP: @defer_accept_drop
 * @LISTENQ_NET_HAS_MIGRATE_REQ_SUCCESS: @migrate_req_success
 * @LISTENQ_NET_HAS_MIGRATE_REQ_FAILURE: @migrate_req_failure
 * @LISTENQ_NET_HAS_ABORT_FAILED: @abort_failed
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

/**
 * enum listenq_counters_has - which counters are known
 *
 * A hook that could not be placed leaves what it feeds unknown.
 *
 * @LISTENQ_COUNTERS_HAS_SYN: @syns, @drop_accept_full_syn, @drop_syn_full,
 *	@drop_syn_unproven, @cookies_sent, and the peaks
 * @LISTENQ_COUNTERS_HAS_ACK: @established, @drop_accept_full_ack,
 *	@cookies_validated
 * @LISTENQ_COUNTERS_HAS_RETRANSMITS: @synack_retransmits
 * @LISTENQ_COUNTERS_HAS_OTHER: @drop_other, @first_drop_us, @last_drop_us: fed
 *	by both of the first two
 */
enum listenq_counters_has {
	LISTENQ_COUNTERS_HAS_SYN = 1 << 0,
	LISTENQ_COUNTERS_HAS_ACK = 1 << 1,
	LISTENQ_COUNTERS_HAS_RETRANSMITS = 1 << 2,
	LISTENQ_COUNTERS_HAS_OTHER = 1 << 3,
};

/**
 * struct listenq_counters - what happened at one listener since it is tracked
 *
 * Times are µs since the epoch (CLOCK_REALTIME), 0 for never.
 *
 * @has: &enum listenq_counters_has
 * @since_us: tracked since; its first SYN, or the moment tracking began
 * @syns: SYNs that reached it, retransmitted ones included
 * @established: handshakes finished, connections put into the accept queue
 * @drop_accept_full_syn: SYNs dropped because the accept queue was full
 * @drop_accept_full_ack: final ACKs of a handshake ignored because the accept
 *	queue was full: the client believes it is connected
 * @drop_syn_full: SYNs dropped because the SYN queue was full and SYN cookies
 *	are off
 * @drop_syn_unproven: SYNs dropped because the last quarter of
 *	tcp_max_syn_backlog is kept for known hosts and SYN cookies are off
 * @drop_other: drops for any other reason: memory, routing, security modules
 * @cookies_sent: SYNs answered by a SYN cookie instead of a queue entry
 * @cookies_validated: ACKs that brought a valid SYN cookie back
 * @synack_retransmits: SYN-ACKs sent again because the final ACK did not come
 * @first_drop_us: first drop of any cause
 * @last_drop_us: last drop of any cause
 * @peak_syn_us: when the SYN queue was longest
 * @peak_accept_us: when the accept queue was longest
 * @peak_wait_at_us: when the longest wait was seen
 * @peak_wait_us: longest time that a head of the accept queue was seen to have
 *	waited when a SYN arrived, µs
 * @peak_syn_len: longest SYN queue, requests
 * @peak_accept_len: longest accept queue, connections
 */
struct listenq_counters {
	__u64 has;
	__u64 since_us;
	__u64 syns;
	__u64 established;
	__u64 drop_accept_full_syn;
	__u64 drop_accept_full_ack;
	__u64 drop_syn_full;
	__u64 drop_syn_unproven;
	__u64 drop_other;
	__u64 cookies_sent;
	__u64 cookies_validated;
	__u64 synack_retransmits;
	__u64 first_drop_us;
	__u64 last_drop_us;
	__u64 peak_syn_us;
	__u64 peak_accept_us;
	__u64 peak_wait_at_us;
	__u64 peak_wait_us;
	__u32 peak_syn_len;
	__u32 peak_accept_len;
};

/**
 * struct listenq_histograms - the accept queue as arriving SYNs found it
 *
 * Both halves count every SYN once.
 *
 * @len_0: found 0 in the accept queue
 * @len_1: found 1 in the accept queue
 * @len_2: found 2 to 3
 * @len_4: found 4 to 7
 * @len_8: found 8 to 15
 * @len_16: found 16 to 31
 * @len_32: found 32 to 63
 * @len_64: found 64 to 127
 * @len_128: found 128 to 255
 * @len_256: found 256 to 511
 * @len_512: found 512 to 1023
 * @len_1024: found 1024 to 2047
 * @len_2048: found 2048 to 4095
 * @len_4096: found 4096 to 8191
 * @len_8192: found 8192 or more
 * @age_none: found the accept queue empty, so without a head
 * @age_0ms: found its head younger than 1 ms
 * @age_1ms: found its head 1 ms old or older, less than 2 ms
 * @age_2ms: found its head 2 ms old or older, less than 4 ms
 * @age_4ms: found its head 4 ms old or older, less than 8 ms
 * @age_8ms: found its head 8 ms old or older, less than 16 ms
 * @age_16ms: found its head 16 ms old or older, less than 32 ms
 * @age_32ms: found its head 32 ms old or older, less than 64 ms
 * @age_64ms: found its head 64 ms old or older, less than 128 ms
 * @age_128ms: found its head 128 ms old or older, less than 256 ms
 * @age_256ms: found its head 256 ms old or older, less than 512 ms
 * @age_512ms: found its head 512 ms old or older, less than 1024 ms
 * @age_1024ms: found its head 1024 ms old or older, less than 2048 ms
 * @age_2048ms: found its head 2048 ms old or older, less than 4096 ms
 * @age_4096ms: found its head 4096 ms old or older
 */
struct listenq_histograms {
	__u64 len_0;
	__u64 len_1;
	__u64 len_2;
	__u64 len_4;
	__u64 len_8;
	__u64 len_16;
	__u64 len_32;
	__u64 len_64;
	__u64 len_128;
	__u64 len_256;
	__u64 len_512;
	__u64 len_1024;
	__u64 len_2048;
	__u64 len_4096;
	__u64 len_8192;
	__u64 age_none;
	__u64 age_0ms;
	__u64 age_1ms;
	__u64 age_2ms;
	__u64 age_4ms;
	__u64 age_8ms;
	__u64 age_16ms;
	__u64 age_32ms;
	__u64 age_64ms;
	__u64 age_128ms;
	__u64 age_256ms;
	__u64 age_512ms;
	__u64 age_1024ms;
	__u64 age_2048ms;
	__u64 age_4096ms;
};

/**
 * struct listenq_net_counters - what happened in one network namespace
 *
 * Sums over all its listeners, gone and untracked ones included.
 *
 * @has: &enum listenq_counters_has
 * @syns: as in &struct listenq_counters
 * @established: likewise
 * @drop_accept_full_syn: likewise
 * @drop_accept_full_ack: likewise
 * @drop_syn_full: likewise
 * @drop_syn_unproven: likewise
 * @drop_other: likewise
 * @cookies_sent: likewise
 * @cookies_validated: likewise
 * @synack_retransmits: likewise
 * @unattributed: ListenDrops counted while tracking was on, less those with a
 *	cause above: multicast SYNs, ICMP errors, MPTCP subflows, SMC
 * @missed: calls that a hook missed, on the whole host
 * @untracked: SYNs and final ACKs at listeners that have no counters of their own
 *	because a quota is used up or memory was short
 * @closed_waiting: connections in the accept queue when their listener closed;
 *	reset unless tcp_migrate_req moved them
 * @events_sent: events made and handed to the group
 * @events_suppressed: events made but held back by the rate limit
 */
struct listenq_net_counters {
	__u64 has;
	__u64 syns;
	__u64 established;
	__u64 drop_accept_full_syn;
	__u64 drop_accept_full_ack;
	__u64 drop_syn_full;
	__u64 drop_syn_unproven;
	__u64 drop_other;
	__u64 cookies_sent;
	__u64 cookies_validated;
	__u64 synack_retransmits;
	__u64 unattributed;
	__u64 missed;
	__u64 untracked;
	__u64 closed_waiting;
	__u64 events_sent;
	__u64 events_suppressed;
};

/**
 * struct listenq_track - the state of tracking on this host
 * @enabled: 1 when the hooks are to be in place
 * @entries: listeners that have counters now
 * @max_entries: most listeners on the host that may (module parameter)
 * @max_entries_net: most of one network namespace (module parameter)
 * @episodes: episodes in the log
 * @max_episodes: most that the log holds
 * @quiet_ms: quiet time that ends an episode, ms (module parameter)
 * @reserved: 0
 * @since_us: tracking since, µs since the epoch; 0 when it is off
 * @episodes_forgotten: episodes that were pushed out of the log, and drops that found
 *	it full of open ones
 */
struct listenq_track {
	__u32 enabled;
	__u32 entries;
	__u32 max_entries;
	__u32 max_entries_net;
	__u32 episodes;
	__u32 max_episodes;
	__u32 quiet_ms;
	__u32 reserved;
	__u64 since_us;
	__u64 episodes_forgotten;
};

/**
 * struct listenq_hook - one place in the kernel that tracking listens at
 * @name: kernel function or tracepoint, null-terminated
 * @missed: calls it missed since it was placed last
 * @error: 0, or the negative errno for which it could not be placed when tracking
 *	was turned on last
 * @placed: 1 when it is in place
 */
struct listenq_hook {
	__u8 name[32];
	__u64 missed;
	__s32 error;
	__u32 placed;
};

/**
 * struct listenq_episode - a stretch of overflow of one listener
 *
 * It opens with a drop or a SYN cookie and closes after a quiet time. The
 * listener itself comes along as %LISTENQ_A_LISTENER, as it was when the episode
 * opened. Times are µs since the epoch.
 *
 * @id: rising number of the episode
 * @start_us: first drop or cookie
 * @last_us: last drop or cookie
 * @drop_accept_full_syn: drops in the episode, as in &struct listenq_counters
 * @drop_accept_full_ack: likewise
 * @drop_syn_full: likewise
 * @drop_syn_unproven: likewise
 * @drop_other: likewise
 * @cookies_sent: SYN cookies sent
 * @peak_syn_len: longest SYN queue seen, requests
 * @peak_accept_len: longest accept queue seen, connections
 * @backlog: the limit of both queues when it opened
 * @open: 1 while it lasts
 */
struct listenq_episode {
	__u64 id;
	__u64 start_us;
	__u64 last_us;
	__u64 drop_accept_full_syn;
	__u64 drop_accept_full_ack;
	__u64 drop_syn_full;
	__u64 drop_syn_unproven;
	__u64 drop_other;
	__u64 cookies_sent;
	__u32 peak_syn_len;
	__u32 peak_accept_len;
	__u32 backlog;
	__u32 open;
};

/**
 * enum listenq_event_type - what an event tells
 * @LISTENQ_EVENT_EPISODE_OPENED: a listener began to drop or to send cookies
 * @LISTENQ_EVENT_EPISODE_CHANGED: it goes on; at most once a second
 * @LISTENQ_EVENT_EPISODE_CLOSED: it was quiet for the quiet time
 * @LISTENQ_EVENT_LISTENER_OPENED: listen() was called; a port of 0 means that the
 *	kernel is about to choose one
 * @LISTENQ_EVENT_LISTENER_CLOSED: a listener closed with connections waiting,
 *	accept_len of them
 */
enum listenq_event_type {
	LISTENQ_EVENT_EPISODE_OPENED = 1,
	LISTENQ_EVENT_EPISODE_CHANGED,
	LISTENQ_EVENT_EPISODE_CLOSED,
	LISTENQ_EVENT_LISTENER_OPENED,
	LISTENQ_EVENT_LISTENER_CLOSED,
};

/**
 * struct listenq_event - one event of a network namespace
 *
 * Comes with %LISTENQ_A_LISTENER and, when it is about an episode,
 * %LISTENQ_A_EPISODE.
 *
 * @seq: rises by one with every event sent in this namespace: a gap is a loss
 * @suppressed: events of this namespace held back by the rate limit so far
 * @time_us: when, µs since the epoch
 * @type: &enum listenq_event_type
 * @reserved: 0
 */
struct listenq_event {
	__u64 seq;
	__u64 suppressed;
	__u64 time_us;
	__u32 type;
	__u32 reserved;
};

#endif /* _UAPI_LINUX_LISTENQ_H */
