// SPDX-License-Identifier: GPL-2.0
#include <linux/sched.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "compat.h"
#include "net.h"
#include "pick.h"

/**
 * lq_net_walk - hand network namespaces to a function, one by one
 * @below: 0 at the start of a walk; left where the walk stopped
 * @only: the only one wanted; NULL for all
 * @fn: what to do with each
 * @arg: passed to @fn
 *
 * Context: process context, may sleep between namespaces; @fn may not. Return:
 * 0 when all were met, else what @fn returned.
 */
int lq_net_walk(u64 *below, const struct net *only, lq_net_fn fn, void *arg)
{
	struct lq_picks picks;
	struct net *net;
	unsigned int i;
	int ret = 0;

	do {
		picks.n = 0;
		rcu_read_lock();
		for_each_net_rcu(net)
			if (!only || net_eq(net, only))
				lq_pick_add(&picks, *below, net->ns.inum, net);
		for (i = 0; i < picks.n && !ret; i++) {
			ret = fn(picks.p[i].obj, arg);
			if (ret >= 0)
				*below = picks.p[i].key;
		}
		rcu_read_unlock();
		if (ret)
			return ret;
		cond_resched();
	} while (picks.n == LQ_BATCH);
	return 0;
}

/**
 * lq_net_mib - one MIB counter of a namespace over all CPUs
 * @net: the namespace
 * @mib: LINUX_MIB_...
 *
 * What snmp_fold_field() does, which newer kernels do not export.
 */
u64 lq_net_mib(const struct net *net, int mib)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += snmp_get_cpu_field(net->mib.net_statistics, cpu, mib);
	return sum;
}

/**
 * lq_net_fill - the limits and counters of a namespace
 * @n: filled whole, every byte of it
 * @net: the namespace
 *
 * The counters are summed over the CPUs while they count, one after the other,
 * as /proc/net/netstat does.
 *
 * Context: any in which @net stays; takes no lock.
 */
void lq_net_fill(struct listenq_net *n, struct net *net)
{
	memset(n, 0, sizeof(*n));
	n->netns_ino = net->ns.inum;
	n->has = LISTENQ_NET_HAS_SOMAXCONN |
		 LISTENQ_NET_HAS_TCP_MAX_SYN_BACKLOG |
		 LISTENQ_NET_HAS_TCP_SYNCOOKIES |
		 LISTENQ_NET_HAS_TCP_ABORT_ON_OVERFLOW |
		 LISTENQ_NET_HAS_TCP_SYNACK_RETRIES |
		 LISTENQ_NET_HAS_TCP_FASTOPEN |
		 LISTENQ_NET_HAS_LISTEN_OVERFLOWS |
		 LISTENQ_NET_HAS_LISTEN_DROPS |
		 LISTENQ_NET_HAS_REQ_Q_FULL_DROP |
		 LISTENQ_NET_HAS_REQ_Q_FULL_DO_COOKIES |
		 LISTENQ_NET_HAS_SYNCOOKIES_SENT |
		 LISTENQ_NET_HAS_SYNCOOKIES_RECV |
		 LISTENQ_NET_HAS_SYNCOOKIES_FAILED |
		 LISTENQ_NET_HAS_FAST_OPEN_LISTEN_OVERFLOW |
		 LISTENQ_NET_HAS_DEFER_ACCEPT_DROP |
		 LISTENQ_NET_HAS_ABORT_FAILED |
		 LQ_COMPAT_NET_HAS_MIGRATE;

	n->somaxconn = READ_ONCE(net->core.sysctl_somaxconn);
	n->tcp_max_syn_backlog = READ_ONCE(net->ipv4.sysctl_max_syn_backlog);
	n->tcp_syncookies = READ_ONCE(net->ipv4.sysctl_tcp_syncookies);
	n->tcp_abort_on_overflow = READ_ONCE(net->ipv4.sysctl_tcp_abort_on_overflow);
	n->tcp_synack_retries = READ_ONCE(net->ipv4.sysctl_tcp_synack_retries);
	n->tcp_fastopen = READ_ONCE(net->ipv4.sysctl_tcp_fastopen);
	n->tcp_migrate_req = lq_compat_tcp_migrate_req(net);

	n->listen_overflows = lq_net_mib(net, LINUX_MIB_LISTENOVERFLOWS);
	n->listen_drops = lq_net_mib(net, LINUX_MIB_LISTENDROPS);
	n->req_q_full_drop = lq_net_mib(net, LINUX_MIB_TCPREQQFULLDROP);
	n->req_q_full_do_cookies = lq_net_mib(net, LINUX_MIB_TCPREQQFULLDOCOOKIES);
	n->syncookies_sent = lq_net_mib(net, LINUX_MIB_SYNCOOKIESSENT);
	n->syncookies_recv = lq_net_mib(net, LINUX_MIB_SYNCOOKIESRECV);
	n->syncookies_failed = lq_net_mib(net, LINUX_MIB_SYNCOOKIESFAILED);
	n->fast_open_listen_overflow =
		lq_net_mib(net, LINUX_MIB_TCPFASTOPENLISTENOVERFLOW);
	n->defer_accept_drop = lq_net_mib(net, LINUX_MIB_TCPDEFERACCEPTDROP);
	n->abort_failed = lq_net_mib(net, LINUX_MIB_TCPABORTFAILED);
	n->migrate_req_success = lq_net_mib(net, LQ_COMPAT_MIB_MIGRATE_SUCCESS);
	n->migrate_req_failure = lq_net_mib(net, LQ_COMPAT_MIB_MIGRATE_FAILURE);
}
