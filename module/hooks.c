// SPDX-License-Identifier: GPL-2.0
/*
 * A drop is named by what the kernel itself counts: the functions below run with
 * BH off, so what this CPU's MIB counters of the namespace gain between entry and
 * return belongs to that one call. Nothing is guessed but the rule that keeps the
 * last quarter of tcp_max_syn_backlog for known hosts, which has no counter.
 *
 * Handlers run in softirq under RCU (__netif_receive_skb() takes it), on some
 * architectures with hard irqs off: nothing here may turn BH or irqs on.
 */
#include <linux/module.h>
#include <linux/tracepoint.h>
#include <net/inet_connection_sock.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "entries.h"
#include "episodes.h"
#include "events.h"
#include "hooks.h"
#include "walk.h"

static char *without_hook;
module_param(without_hook, charp, 0444);
MODULE_PARM_DESC(without_hook, "do as if this kernel had no such function or tracepoint (for tests)");

enum {
	LQ_MIB_DROPS,
	LQ_MIB_OVERFLOWS,
	LQ_MIB_FULL_DROP,
	LQ_MIB_COOKIES,
	LQ_MIBS,
};

/* What this CPU's calls that returned already have accounted for. A call inside
 * another (Fast Open makes its child within tcp_conn_request()) is not counted
 * twice, as both look only at what is not in here yet.
 */
static DEFINE_PER_CPU(u64, lq_accounted[LQ_MIBS]);

/**
 * struct lq_call - a hooked call between its entry and its return
 * @sk: the listener
 * @lqn: its namespace's state
 * @entry: its entry, or NULL
 * @own_req: for syn_recv_sock: where the kernel says that the child is new
 * @mibs: not accounted for at the entry
 * @unproven: a SYN from an unknown host would be dropped
 */
struct lq_call {
	struct sock *sk;
	struct lq_net *lqn;
	struct lq_entry *entry;
	const bool *own_req;
	u64 mibs[LQ_MIBS];
	bool unproven;
};

/* Written out, as every SYN pays for it. */
static __always_inline void lq_mibs_read(const struct net *net, u64 *mibs)
{
	const struct linux_mib *mib = this_cpu_ptr(net->mib.net_statistics);
	const u64 *accounted = this_cpu_ptr(lq_accounted);

	mibs[LQ_MIB_DROPS] = READ_ONCE(mib->mibs[LINUX_MIB_LISTENDROPS]) -
			     accounted[LQ_MIB_DROPS];
	mibs[LQ_MIB_OVERFLOWS] = READ_ONCE(mib->mibs[LINUX_MIB_LISTENOVERFLOWS]) -
				 accounted[LQ_MIB_OVERFLOWS];
	mibs[LQ_MIB_FULL_DROP] = READ_ONCE(mib->mibs[LINUX_MIB_TCPREQQFULLDROP]) -
				 accounted[LQ_MIB_FULL_DROP];
	mibs[LQ_MIB_COOKIES] = READ_ONCE(mib->mibs[LINUX_MIB_SYNCOOKIESSENT]) -
			       accounted[LQ_MIB_COOKIES];
}

static __always_inline void lq_mib_gained(struct lq_call *call, const u64 *now,
					  unsigned int i)
{
	call->mibs[i] = now[i] - call->mibs[i];
	this_cpu_add(lq_accounted[i], call->mibs[i]);
}

/* Makes @call->mibs what the call itself gained, and accounts for it. */
static void lq_mibs_gained(struct lq_call *call)
{
	u64 now[LQ_MIBS];

	lq_mibs_read(sock_net(call->sk), now);
	lq_mib_gained(call, now, LQ_MIB_DROPS);
	lq_mib_gained(call, now, LQ_MIB_OVERFLOWS);
	lq_mib_gained(call, now, LQ_MIB_FULL_DROP);
	lq_mib_gained(call, now, LQ_MIB_COOKIES);
}

static void lq_count(struct lq_entry *entry, struct lq_net *lqn,
		     enum lq_counter counter)
{
	this_cpu_inc(lqn->sums->counters[counter]);
	if (entry)
		atomic64_inc(&entry->counters[counter]);
}

static void lq_count_drop(struct lq_call *call, enum lq_counter cause)
{
	struct lq_entry *entry = call->entry;
	u64 now;

	lq_count(entry, call->lqn, cause);
	if (!entry)
		return;
	now = lq_now_us();
	if (!READ_ONCE(entry->first_drop_us))
		WRITE_ONCE(entry->first_drop_us, now);
	WRITE_ONCE(entry->last_drop_us, now);
	lq_episode_note(entry, call->sk, cause, now);
}

/* Return: false when this call is not to be looked at. */
static bool lq_call_begin(struct lq_call *call, struct sock *sk)
{
	call->sk = sk;
	call->lqn = lq_net_live(sock_net(sk));
	if (!call->lqn)
		return false;
	call->entry = lq_entry_get(sk, lq_sk_cookie(sk), call->lqn);
	lq_mibs_read(sock_net(sk), call->mibs);
	return true;
}

/* 0, 1, 2-3, 4-7, ...: the last bucket takes the rest */
static unsigned int lq_log2_bucket(u64 value)
{
	return min_t(unsigned int, fls64(value), LQ_BUCKETS - 1);
}

static void lq_note_found(struct lq_entry *entry, struct sock *sk)
{
	unsigned int age = 0;
	u64 wait_us;
	bool dead;

	if (lq_sk_wait(sk, &wait_us, &dead)) {
		lq_peak_note(&entry->wait_us, wait_us);
		/* bucket 0 is for no head at all */
		age = min_t(unsigned int, 1 + fls64(wait_us / USEC_PER_MSEC),
			    LQ_BUCKETS - 1);
	}
	atomic64_inc(&entry->found_age[age]);
	atomic64_inc(&entry->found_len[lq_log2_bucket(READ_ONCE(sk->sk_ack_backlog))]);
}

/* int tcp_conn_request(rsk_ops, af_ops, sk, skb): a SYN reached a listener */
static int lq_conn_request_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 2);
	const struct netns_ipv4 *ipv4 = &sock_net(sk)->ipv4;
	struct lq_call *call = (void *)ri->data;
	int max = READ_ONCE(ipv4->sysctl_max_syn_backlog);

	if (!lq_call_begin(call, sk))
		return 1;
	/* mirrors tcp_conn_request()'s "if you dislike this way" */
	call->unproven = !READ_ONCE(ipv4->sysctl_tcp_syncookies) &&
			 max - inet_csk_reqsk_queue_len(sk) < max >> 2;
	lq_count(call->entry, call->lqn, LQ_SYNS);
	if (call->entry)
		lq_note_found(call->entry, sk);
	return 0;
}

static int lq_conn_request_leave(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct lq_call *call = (void *)ri->data;
	struct lq_entry *entry = call->entry;
	struct sock *sk = call->sk;

	lq_mibs_gained(call);
	if (call->mibs[LQ_MIB_COOKIES]) {
		lq_count(entry, call->lqn, LQ_COOKIES_SENT);
		/* 2 sends them always, queue full or not */
		if (entry && READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies) != 2)
			lq_episode_note(entry, sk, LQ_COOKIES_SENT, lq_now_us());
	}
	if (call->mibs[LQ_MIB_DROPS])
		lq_count_drop(call, call->mibs[LQ_MIB_FULL_DROP] ? LQ_SYN_FULL :
				    call->mibs[LQ_MIB_OVERFLOWS] ? LQ_ACCEPT_FULL_SYN :
				    call->unproven ? LQ_SYN_UNPROVEN : LQ_OTHER);
	if (entry) {
		/* the SYN queue grows only in here, the accept queue by Fast Open */
		lq_peak_note(&entry->syn_len, inet_csk_reqsk_queue_len(sk));
		lq_peak_note(&entry->accept_len, READ_ONCE(sk->sk_ack_backlog));
	}
	return 0;
}

/*
 * struct sock *tcp_v4_syn_recv_sock(sk, skb, req, dst, req_unhash, own_req, ...):
 * the final ACK of a handshake reached a listener
 */
static int lq_syn_recv_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 0);
	struct lq_call *call = (void *)ri->data;

	if (!lq_call_begin(call, sk))
		return 1;
	call->own_req = (const bool *)regs_get_kernel_argument(regs, 5);
	/* only cookie_v4_check() and its IPv6 twin bring a route along */
	if (regs_get_kernel_argument(regs, 3))
		lq_count(call->entry, call->lqn, LQ_COOKIES_VALIDATED);
	return 0;
}

/* For a v4-mapped connection it does nothing but call the IPv4 one. */
static int lq_syn_recv6_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct sk_buff *skb = (void *)regs_get_kernel_argument(regs, 1);

	if (skb->protocol == htons(ETH_P_IP))
		return 1;
	return lq_syn_recv_enter(ri, regs);
}

static int lq_syn_recv_leave(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct lq_call *call = (void *)ri->data;

	lq_mibs_gained(call);
	if (call->mibs[LQ_MIB_DROPS])
		lq_count_drop(call, call->mibs[LQ_MIB_OVERFLOWS] ?
				    LQ_ACCEPT_FULL_ACK : LQ_OTHER);
	if (!regs_return_value(regs) || !*call->own_req)
		return 0;
	lq_count(call->entry, call->lqn, LQ_ESTABLISHED);
	/* the caller is about to put it into the accept queue */
	if (call->entry)
		lq_peak_note(&call->entry->accept_len,
			     READ_ONCE(call->sk->sk_ack_backlog) + 1);
	return 0;
}

/* Children are born in LISTEN, too, but go on to SYN_RECV. */
static void lq_set_state(void *data, const struct sock *csk, const int old,
			 const int new)
{
	struct sock *sk = (struct sock *)csk;
	struct lq_net *lqn;
	u32 waiting;

	if (sk->sk_protocol != IPPROTO_TCP ||
	    (new != TCP_LISTEN && !(old == TCP_LISTEN && new == TCP_CLOSE)))
		return;
	rcu_read_lock();
	local_bh_disable();
	lqn = lq_net_live(sock_net(sk));
	if (!lqn)
		goto unlock;
	if (new == TCP_LISTEN) {
		lq_entry_forget(lq_sk_cookie(sk));
		lq_event_queue(sk, LISTENQ_EVENT_LISTENER_OPENED);
	} else {
		waiting = READ_ONCE(sk->sk_ack_backlog);
		lq_entry_close(lq_sk_cookie(sk));
		if (waiting) {
			atomic64_add(waiting, &lqn->closed_waiting);
			lq_event_queue(sk, LISTENQ_EVENT_LISTENER_CLOSED);
		}
	}
unlock:
	local_bh_enable();
	rcu_read_unlock();
}

static void lq_retransmit_synack(void *data, const struct sock *sk,
				 const struct request_sock *req)
{
	struct sock *listener = req->rsk_listener;
	struct lq_net *lqn;

	if (!listener)
		return;
	rcu_read_lock();
	lqn = lq_net_live(sock_net(listener));
	if (lqn)
		lq_count(lq_entry_find(lq_sk_cookie(listener)), lqn,
			 LQ_SYNACK_RETRANSMITS);
	rcu_read_unlock();
}

struct lq_hook lq_hooks[LQ_HOOKS] = {
	{
		.name = "tcp_conn_request",
		.feeds = LISTENQ_COUNTERS_HAS_SYN | LISTENQ_COUNTERS_HAS_OTHER,
		.enter = lq_conn_request_enter,
		.leave = lq_conn_request_leave,
	}, {
		.name = "tcp_v4_syn_recv_sock",
		.feeds = LISTENQ_COUNTERS_HAS_ACK | LISTENQ_COUNTERS_HAS_OTHER,
		.enter = lq_syn_recv_enter,
		.leave = lq_syn_recv_leave,
	}, {
		.name = "tcp_v6_syn_recv_sock",
		.feeds = IS_ENABLED(CONFIG_IPV6) ?
			LISTENQ_COUNTERS_HAS_ACK | LISTENQ_COUNTERS_HAS_OTHER : 0,
		.enter = lq_syn_recv6_enter,
		.leave = lq_syn_recv_leave,
	}, {
		.name = "inet_sock_set_state",
		.probe = lq_set_state,
	}, {
		.name = "tcp_retransmit_synack",
		.feeds = LISTENQ_COUNTERS_HAS_RETRANSMITS,
		.probe = lq_retransmit_synack,
	},
};

static void lq_tracepoint_match(struct tracepoint *tp, void *arg)
{
	struct lq_hook *hook = arg;

	if (!strcmp(tp->name, hook->name))
		hook->tp = tp;
}

static int lq_hook_place(struct lq_hook *hook)
{
	if (without_hook && !strcmp(without_hook, hook->name))
		return -ENOENT;
	if (hook->probe) {
		for_each_kernel_tracepoint(lq_tracepoint_match, hook);
		return hook->tp ? tracepoint_probe_register(hook->tp, hook->probe,
							    NULL) : -ENOENT;
	}
	/* a kretprobe that was registered before is not fit to be so again */
	hook->rp = (struct kretprobe){
		.kp.symbol_name = hook->name,
		.entry_handler = hook->enter,
		.handler = hook->leave,
		.data_size = sizeof(struct lq_call),
		/* BH is off in between, so one for each CPU, and one to spare */
		.maxactive = 2 * num_possible_cpus(),
	};
	return register_kretprobe(&hook->rp);
}

/**
 * lq_hooks_place - put every hook into place that this kernel lets us
 *
 * Those that could not be placed say why in their @error.
 *
 * Context: process context, serialised by the caller.
 */
void lq_hooks_place(void)
{
	unsigned int i;

	for (i = 0; i < LQ_HOOKS; i++) {
		lq_hooks[i].error = lq_hook_place(&lq_hooks[i]);
		lq_hooks[i].placed = !lq_hooks[i].error;
	}
}

/**
 * lq_hooks_remove - take them all away
 *
 * Context: process context, serialised by the caller. Nobody is inside a handler
 * when it returns.
 */
void lq_hooks_remove(void)
{
	struct kretprobe *rps[LQ_HOOKS];
	unsigned int i, n = 0;

	for (i = 0; i < LQ_HOOKS; i++) {
		if (!lq_hooks[i].placed)
			continue;
		if (lq_hooks[i].probe)
			tracepoint_probe_unregister(lq_hooks[i].tp,
						    lq_hooks[i].probe, NULL);
		else
			rps[n++] = &lq_hooks[i].rp;
		lq_hooks[i].placed = false;
	}
	/* all at once: each time waits for a grace period */
	unregister_kretprobes(rps, n);
	tracepoint_synchronize_unregister();
	/* a call that entered before returns without its handler, but not before
	 * a grace period has passed
	 */
	synchronize_rcu();
}

/**
 * lq_hook_missed - calls that a hook missed since it was placed last
 * @hook: the hook
 *
 * For want of an instance, or because the probe hit inside another.
 */
u64 lq_hook_missed(const struct lq_hook *hook)
{
	return hook->probe ? 0 : (u64)hook->rp.nmissed + hook->rp.kp.nmissed;
}
