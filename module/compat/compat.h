/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows kernels differ. Each lq_compat_*() has one body for
 * each way in "differences", of which generated.h defines exactly one, and every
 * caller sees one shape.
 */
#ifndef _LQ_COMPAT_H
#define _LQ_COMPAT_H

#include <linux/cgroup.h>
#include <net/genetlink.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include <linux/listenq.h>

#include "generated.h"

/*
 * The table that every listener of every namespace is in. Its buckets end in
 * LISTENING_NULLS_BASE + their number. The kernels that have the first one also
 * have lhash2, but there a reader cannot tell that it was led astray.
 */
#if defined(LQ_HAVE_TABLE_LISTENING_HASH)
static inline u32 lq_compat_buckets(const struct inet_hashinfo *h)
{
	return INET_LHTABLE_SIZE;
}

static inline struct hlist_nulls_head *lq_compat_bucket(struct inet_hashinfo *h,
							u32 bucket)
{
	return &h->listening_hash[bucket].nulls_head;
}
#elif defined(LQ_HAVE_TABLE_LHASH2)
static inline u32 lq_compat_buckets(const struct inet_hashinfo *h)
{
	return h->lhash2_mask + 1;
}

static inline struct hlist_nulls_head *lq_compat_bucket(struct inet_hashinfo *h,
							u32 bucket)
{
	return &h->lhash2[bucket].nulls_head;
}
#endif

#if defined(LQ_HAVE_SK_DROPS_READ)
static inline u32 lq_compat_sk_drops(const struct sock *sk)
{
	return sk_drops_read(sk);
}
#elif defined(LQ_HAVE_SK_DROPS_ATOMIC)
static inline u32 lq_compat_sk_drops(const struct sock *sk)
{
	return atomic_read(&sk->sk_drops);
}
#endif

/* under RCU, which frees a socket's inode; 0 for a socket without one */
#if defined(LQ_HAVE_SK_INO_FIELD)
static inline u64 lq_compat_sk_ino(const struct sock *sk)
{
	return sock_i_ino(sk);
}
#elif defined(LQ_HAVE_SK_INO_SOCKET)
/* sock_i_ino() would take a lock and turn BH on, which hooks must not */
static inline u64 lq_compat_sk_ino(const struct sock *sk)
{
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock ? SOCK_INODE(sock)->i_ino : 0;
}
#endif

#if defined(LQ_HAVE_TRANSPARENT_FLAG)
static inline bool lq_compat_sk_transparent(const struct sock *sk)
{
	return inet_test_bit(TRANSPARENT, sk);
}
#elif defined(LQ_HAVE_TRANSPARENT_BIT)
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
#if defined(LQ_HAVE_DUMP_INFO)
static inline struct nlattr **lq_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
#elif defined(LQ_HAVE_DUMP_DUMPIT_INFO)
static inline struct nlattr **lq_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}
#endif

#if defined(LQ_HAVE_MIGRATE_PRESENT)
#define LQ_COMPAT_MIB_MIGRATE_SUCCESS	LINUX_MIB_TCPMIGRATEREQSUCCESS
#define LQ_COMPAT_MIB_MIGRATE_FAILURE	LINUX_MIB_TCPMIGRATEREQFAILURE
#define LQ_COMPAT_NET_HAS_MIGRATE	(LISTENQ_NET_HAS_TCP_MIGRATE_REQ |	\
					 LISTENQ_NET_HAS_MIGRATE_REQ_SUCCESS |	\
					 LISTENQ_NET_HAS_MIGRATE_REQ_FAILURE)
static inline u64 lq_compat_tcp_migrate_req(const struct net *net)
{
	return READ_ONCE(net->ipv4.sysctl_tcp_migrate_req);
}
#elif defined(LQ_HAVE_MIGRATE_ABSENT)
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
#if defined(LQ_HAVE_MCAST_CAP)
#define LQ_COMPAT_MCGRPS	1
#define LQ_COMPAT_MCGRP(group)	{ .name = (group), .flags = GENL_MCAST_CAP_NET_ADMIN }
#elif defined(LQ_HAVE_MCAST_UNS)
#define LQ_COMPAT_MCGRPS	1
#define LQ_COMPAT_MCGRP(group)	{ .name = (group), .flags = GENL_UNS_ADMIN_PERM }
#elif defined(LQ_HAVE_MCAST_OPEN)
#define LQ_COMPAT_MCGRPS	0
#define LQ_COMPAT_MCGRP(group)	{ .name = (group) }
#endif

#endif /* _LQ_COMPAT_H */
