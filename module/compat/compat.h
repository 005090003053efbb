/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows kernels differ. Each lq_compat_*() has one body
 * per variant that probes/ can tell apart, and every caller sees one shape.
 */
#ifndef _LQ_COMPAT_H
#define _LQ_COMPAT_H

#include <linux/cgroup.h>
#include <net/genetlink.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include <linux/listenq.h>

#include "generated.h"

#ifdef LQ_HAVE_SK_DROPS_READ
static inline u32 lq_compat_sk_drops(const struct sock *sk)
{
	return sk_drops_read(sk);
}
#else
static inline u32 lq_compat_sk_drops(const struct sock *sk)
{
	return atomic_read(&sk->sk_drops);
}
#endif

/* under RCU, which frees a socket's inode; 0 for a socket without one */
#ifdef LQ_HAVE_SK_INO
static inline u64 lq_compat_sk_ino(const struct sock *sk)
{
	return sock_i_ino(sk);
}
#else
/* sock_i_ino() would take a lock and turn BH on, which hooks must not */
static inline u64 lq_compat_sk_ino(const struct sock *sk)
{
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock ? SOCK_INODE(sock)->i_ino : 0;
}
#endif

#ifdef LQ_HAVE_INET_TEST_BIT
static inline bool lq_compat_sk_transparent(const struct sock *sk)
{
	return inet_test_bit(TRANSPARENT, sk);
}
#else
static inline bool lq_compat_sk_transparent(const struct sock *sk)
{
	return inet_sk(sk)->transparent;
}
#endif

/* local address: 4 bytes of an AF_INET socket, 16 of an AF_INET6 one */
#if IS_ENABLED(CONFIG_IPV6)
static inline const void *lq_compat_sk_addr(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return &sk->sk_v6_rcv_saddr;
	return &sk->sk_rcv_saddr;
}
#else
static inline const void *lq_compat_sk_addr(const struct sock *sk)
{
	return &sk->sk_rcv_saddr;
}
#endif

/* the attributes of the request that a dump answers */
#ifdef LQ_HAVE_GENL_INFO_DUMP
static inline struct nlattr **lq_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
#else
static inline struct nlattr **lq_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}
#endif

#ifdef LQ_HAVE_TCP_MIGRATE_REQ
#define LQ_COMPAT_MIB_MIGRATE_SUCCESS	LINUX_MIB_TCPMIGRATEREQSUCCESS
#define LQ_COMPAT_MIB_MIGRATE_FAILURE	LINUX_MIB_TCPMIGRATEREQFAILURE
#define LQ_COMPAT_NET_HAS_MIGRATE	(LISTENQ_NET_HAS_TCP_MIGRATE_REQ |	\
					 LISTENQ_NET_HAS_MIGRATE_REQ_SUCCESS |	\
					 LISTENQ_NET_HAS_MIGRATE_REQ_FAILURE)
static inline u64 lq_compat_tcp_migrate_req(const struct net *net)
{
	return READ_ONCE(net->ipv4.sysctl_tcp_migrate_req);
}
#else
/* the slot that no counter uses: always 0, and without a bit in has not shown */
#define LQ_COMPAT_MIB_MIGRATE_SUCCESS	LINUX_MIB_NUM
#define LQ_COMPAT_MIB_MIGRATE_FAILURE	LINUX_MIB_NUM
#define LQ_COMPAT_NET_HAS_MIGRATE	0
static inline u64 lq_compat_tcp_migrate_req(const struct net *net)
{
	return 0;
}
#endif

/* 0 when sockets do not know their cgroup, which no cgroup's id is */
#ifdef CONFIG_SOCK_CGROUP_DATA
static inline u64 lq_compat_sk_cgroup_id(struct sock *sk)
{
	return cgroup_id(sock_cgroup_ptr(&sk->sk_cgrp_data));
}
#else
static inline u64 lq_compat_sk_cgroup_id(struct sock *sk)
{
	return 0;
}
#endif

/* a multicast group that only CAP_NET_ADMIN over the namespace may join, or none */
#ifdef LQ_HAVE_GENL_MCAST_CAP
#define LQ_COMPAT_MCGRPS	1
#define LQ_COMPAT_MCGRP(group)	{ .name = (group), .flags = GENL_MCAST_CAP_NET_ADMIN }
#else
#define LQ_COMPAT_MCGRPS	0
#define LQ_COMPAT_MCGRP(group)	{ .name = (group) }
#endif

#endif /* _LQ_COMPAT_H */
