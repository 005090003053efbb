// SPDX-License-Identifier: GPL-2.0
/*
 * The least that a dump of the listening table can cost, and the least that a
 * hook can: what listenq is measured against. Not for any other use: it looks at
 * no namespace, and resumes by index.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

/* as tests/bench/dump.c has them */
enum {
	LQ_FLOOR_WALK = 1,
	LQ_FLOOR_PACKED,
	LQ_FLOOR_HOOK_ON,
	LQ_FLOOR_HOOK_OFF,
	LQ_FLOOR_RETURN_ON,
};

/* of the size of struct listenq_listener, with what inet_diag tells filled in */
struct lq_floor_listener {
	u64 cookie;
	u32 accept_len;
	u32 backlog;
	u16 family;
	u16 port;
	u32 uid;
	u8 addr[16];
	u8 rest[72];
};

struct lq_floor_cursor {
	u32 bucket;
	u32 index;
};

static struct genl_family lq_floor_family;
static unsigned long lq_floor_seen;

static int lq_floor_put(struct sk_buff *skb, struct netlink_callback *cb, struct sock *sk)
{
	struct lq_floor_listener *l;
	struct nlattr *attr;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &lq_floor_family, NLM_F_MULTI, LQ_FLOOR_PACKED);
	if (!hdr)
		return -EMSGSIZE;
	attr = nla_reserve(skb, 1, sizeof(*l));
	if (!attr) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	l = nla_data(attr);
	memset(l, 0, sizeof(*l));
	l->cookie = atomic64_read(&sk->sk_cookie);
	l->accept_len = READ_ONCE(sk->sk_ack_backlog);
	l->backlog = READ_ONCE(sk->sk_max_ack_backlog);
	l->family = sk->sk_family;
	l->port = sk->sk_num;
	if (sk->sk_family == AF_INET6)
		memcpy(l->addr, &sk->sk_v6_rcv_saddr, 16);
	else
		memcpy(l->addr, &sk->sk_rcv_saddr, 4);
	genlmsg_end(skb, hdr);
	return 0;
}

static int lq_floor_dump(struct sk_buff *skb, struct netlink_callback *cb, bool put)
{
	struct inet_hashinfo *hashinfo = init_net.ipv4.tcp_death_row.hashinfo;
	struct lq_floor_cursor *cur = (void *)cb->ctx;
	struct hlist_nulls_node *node;
	struct sock *sk;
	u32 index;

	for (; cur->bucket <= hashinfo->lhash2_mask; cur->bucket++, cur->index = 0) {
		index = 0;
		rcu_read_lock();
		sk_nulls_for_each_rcu(sk, node, &hashinfo->lhash2[cur->bucket].nulls_head) {
			if (index++ < cur->index)
				continue;
			if (sk->sk_state != TCP_LISTEN || !net_eq(sock_net(sk), &init_net))
				continue;
			lq_floor_seen++;
			if (put && lq_floor_put(skb, cb, sk)) {
				cur->index = index - 1;
				rcu_read_unlock();
				return skb->len;
			}
		}
		rcu_read_unlock();
		cond_resched();
	}
	return 0;
}

static int lq_floor_walk_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lq_floor_dump(skb, cb, false);
}

static int lq_floor_packed_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return lq_floor_dump(skb, cb, true);
}

static void notrace lq_floor_callback(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
}

static struct ftrace_ops lq_floor_ops = { .func = lq_floor_callback };
static bool lq_floor_hooked;

static int lq_floor_handler(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return 0;
}

/* of what a hook keeps from entry to return, and as many */
static struct kretprobe lq_floor_kretprobe = {
	.kp.symbol_name = "tcp_conn_request",
	.entry_handler = lq_floor_handler,
	.handler = lq_floor_handler,
	.data_size = 64,
	.maxactive = 16,
};
static bool lq_floor_returns;

static int lq_floor_unhook(struct sk_buff *skb, struct genl_info *info)
{
	if (lq_floor_hooked)
		unregister_ftrace_function(&lq_floor_ops);
	lq_floor_hooked = false;
	if (lq_floor_returns)
		unregister_kretprobe(&lq_floor_kretprobe);
	lq_floor_returns = false;
	return 0;
}

static int lq_floor_hook(struct sk_buff *skb, struct genl_info *info)
{
	static char function[] = "tcp_conn_request";
	int ret;

	if (lq_floor_hooked)
		return 0;
	ret = ftrace_set_filter(&lq_floor_ops, function, strlen(function), 1);
	if (!ret)
		ret = register_ftrace_function(&lq_floor_ops);
	lq_floor_hooked = !ret;
	return ret;
}

static int lq_floor_return(struct sk_buff *skb, struct genl_info *info)
{
	int ret = lq_floor_returns ? 0 : register_kretprobe(&lq_floor_kretprobe);

	lq_floor_returns = !ret;
	return ret;
}

static const struct genl_ops lq_floor_genl_ops[] = {
	{ .cmd = LQ_FLOOR_WALK, .dumpit = lq_floor_walk_dumpit },
	{ .cmd = LQ_FLOOR_PACKED, .dumpit = lq_floor_packed_dumpit },
	{ .cmd = LQ_FLOOR_HOOK_ON, .flags = GENL_ADMIN_PERM, .doit = lq_floor_hook },
	{ .cmd = LQ_FLOOR_RETURN_ON, .flags = GENL_ADMIN_PERM, .doit = lq_floor_return },
	{ .cmd = LQ_FLOOR_HOOK_OFF, .flags = GENL_ADMIN_PERM, .doit = lq_floor_unhook },
};

static struct genl_family lq_floor_family __ro_after_init = {
	.name = "lq_floor",
	.version = 1,
	.module = THIS_MODULE,
	.ops = lq_floor_genl_ops,
	.n_ops = ARRAY_SIZE(lq_floor_genl_ops),
};

static int __init lq_floor_init(void)
{
	BUILD_BUG_ON(sizeof(struct lq_floor_listener) != 112);
	return genl_register_family(&lq_floor_family);
}

static void __exit lq_floor_exit(void)
{
	genl_unregister_family(&lq_floor_family);
	lq_floor_unhook(NULL, NULL);
}

module_init(lq_floor_init);
module_exit(lq_floor_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Floors for listenq's benchmarks");
