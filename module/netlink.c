// SPDX-License-Identifier: GPL-2.0
/*
 * Documentation/netlink/specs/listenq.yaml describes this family; a test holds
 * the two and <linux/listenq.h> against one another.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "compat.h"
#include "net.h"
#include "netlink.h"
#include "walk.h"

static struct genl_family lq_family;

static const struct nla_policy lq_listener_policy[] = {
	[LISTENQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LISTENQ_FLAG_ALL_NETNS |
						     LISTENQ_FLAG_NOT_EMPTY |
						     LISTENQ_FLAG_FULL),
	[LISTENQ_A_COOKIE] = NLA_POLICY_MIN(NLA_U64, 1),
	[LISTENQ_A_FAMILY] = { .type = NLA_U16 },
	[LISTENQ_A_ADDR] = { .type = NLA_BINARY, .len = 16 },
	[LISTENQ_A_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[LISTENQ_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy lq_net_policy[] = {
	[LISTENQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LISTENQ_FLAG_ALL_NETNS),
};

static u32 lq_request_flags(struct nlattr **attrs)
{
	return attrs[LISTENQ_A_FLAGS] ? nla_get_u32(attrs[LISTENQ_A_FLAGS]) : 0;
}

/* Seeing other namespaces takes CAP_NET_ADMIN over the host, not over one's own. */
static int lq_request_may(struct sk_buff *skb, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	if (!(lq_request_flags(attrs) & LISTENQ_FLAG_ALL_NETNS))
		return 0;
	if (net_eq(sock_net(skb->sk), &init_net) &&
	    netlink_capable(skb, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attrs[LISTENQ_A_FLAGS],
			    "all namespaces need the initial one and CAP_NET_ADMIN there");
	return -EPERM;
}

/*
 * Which listeners a request is about. A dump comes here for every message: what
 * it may see is asked again, and older cores carry an extack only from there.
 */
static int lq_request_parse(struct lq_filter *f, struct sk_buff *skb,
			    struct nlattr **attrs,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *addr = attrs[LISTENQ_A_ADDR];
	int ret;

	ret = lq_request_may(skb, attrs, extack);
	if (ret)
		return ret;
	memset(f, 0, sizeof(*f));
	f->flags = lq_request_flags(attrs);
	if (!(f->flags & LISTENQ_FLAG_ALL_NETNS))
		f->net = sock_net(skb->sk);
	if (attrs[LISTENQ_A_COOKIE])
		f->cookie = nla_get_u64(attrs[LISTENQ_A_COOKIE]);
	if (attrs[LISTENQ_A_IFINDEX])
		f->ifindex = nla_get_u32(attrs[LISTENQ_A_IFINDEX]);
	if (attrs[LISTENQ_A_PORT])
		f->port = nla_get_u16(attrs[LISTENQ_A_PORT]);
	if (attrs[LISTENQ_A_FAMILY]) {
		f->family = nla_get_u16(attrs[LISTENQ_A_FAMILY]);
		if (f->family != AF_INET && f->family != AF_INET6) {
			NL_SET_ERR_MSG_ATTR(extack, attrs[LISTENQ_A_FAMILY],
					    "family is neither AF_INET nor AF_INET6");
			return -EAFNOSUPPORT;
		}
	}
	if (!addr)
		return 0;
	if (!f->family) {
		NL_SET_ERR_MSG_ATTR(extack, addr, "an address needs a family");
		return -EINVAL;
	}
	f->addr_len = f->family == AF_INET ? 4 : 16;
	if (nla_len(addr) != f->addr_len) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "address is not as long as its family's");
		return -EINVAL;
	}
	memcpy(f->addr, nla_data(addr), f->addr_len);
	return 0;
}

/* One object, one message. Return: 0, or -EMSGSIZE when it does not fit. */
static int lq_reply_put(struct sk_buff *skb, u32 portid, u32 seq, int flags,
			u8 cmd, int attr, const void *data, int len)
{
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &lq_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put(skb, attr, len, data)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* The answer to a do request. */
static int lq_reply_send(struct genl_info *info, int attr, const void *data,
			 int len)
{
	struct sk_buff *skb;
	int ret;

	skb = genlmsg_new(nla_total_size(len), GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	ret = lq_reply_put(skb, info->snd_portid, info->snd_seq, 0,
			   info->genlhdr->cmd, attr, data, len);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return genlmsg_reply(skb, info);
}

/**
 * struct lq_dump - a dump's one message buffer
 * @skb: to fill
 * @cb: the dump
 * @user_ns: the reader's
 */
struct lq_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct user_namespace *user_ns;
};

static int lq_dump_put(struct lq_dump *d, u8 cmd, int attr, const void *data,
		       int len)
{
	return lq_reply_put(d->skb, NETLINK_CB(d->cb->skb).portid,
			    d->cb->nlh->nlmsg_seq, NLM_F_MULTI, cmd, attr, data,
			    len);
}

/*
 * A full buffer ends this message, not the dump. Older cores take -EMSGSIZE for
 * an error, so say what was written; an object that fits no buffer is one.
 */
static int lq_dump_end(struct sk_buff *skb, int ret)
{
	return ret == -EMSGSIZE && skb->len ? skb->len : ret;
}

static int lq_listener_dump_one(struct sock *sk, void *arg)
{
	struct listenq_listener l;
	struct lq_dump *d = arg;

	lq_listener_fill(&l, sk, d->user_ns);
	return lq_dump_put(d, LISTENQ_CMD_LISTENER_GET, LISTENQ_A_LISTENER, &l,
			   sizeof(l));
}

static int lq_listener_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lq_dump d = {
		.skb = skb,
		.cb = cb,
		.user_ns = sk_user_ns(NETLINK_CB(cb->skb).sk),
	};
	struct nlattr **attrs = lq_compat_dump_attrs(cb);
	struct lq_filter f;
	int ret;

	BUILD_BUG_ON(sizeof(struct lq_cursor) > sizeof(cb->ctx));
	ret = lq_request_parse(&f, cb->skb, attrs, cb->extack);
	if (ret)
		return ret;
	ret = lq_walk((struct lq_cursor *)cb->ctx, &f, lq_listener_dump_one, &d);
	return lq_dump_end(skb, ret);
}

/**
 * struct lq_find - a listener looked for by name
 * @l: the first that was found
 * @user_ns: the reader's
 * @found: how many
 */
struct lq_find {
	struct listenq_listener l;
	struct user_namespace *user_ns;
	unsigned int found;
};

static int lq_listener_find_one(struct sock *sk, void *arg)
{
	struct lq_find *find = arg;

	if (find->found++)
		return 1;
	lq_listener_fill(&find->l, sk, find->user_ns);
	return 0;
}

static int lq_listener_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lq_find find = {
		.user_ns = sk_user_ns(NETLINK_CB(skb).sk),
	};
	struct nlattr **attrs = info->attrs;
	struct lq_cursor cur = {};
	struct lq_filter f;
	int ret;

	ret = lq_request_parse(&f, skb, attrs, info->extack);
	if (ret)
		return ret;
	if (f.flags & ~LISTENQ_FLAG_ALL_NETNS) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[LISTENQ_A_FLAGS],
				    "only a dump takes this flag");
		return -EINVAL;
	}
	if (!f.cookie && !(f.family && f.addr_len && f.port)) {
		NL_SET_ERR_MSG(info->extack,
			       "name a listener by cookie or by family, address and port");
		return -EINVAL;
	}
	lq_walk(&cur, &f, lq_listener_find_one, &find);
	if (find.found == 1)
		return lq_reply_send(info, LISTENQ_A_LISTENER, &find.l,
				     sizeof(find.l));
	if (!find.found) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    attrs[f.cookie ? LISTENQ_A_COOKIE : LISTENQ_A_PORT],
				    "no such listener");
		return -ENOENT;
	}
	NL_SET_ERR_MSG_ATTR(info->extack, attrs[LISTENQ_A_PORT],
			    "several listeners there; name one by its cookie");
	return -ENOTUNIQ;
}

static int lq_net_dump_one(struct net *net, void *arg)
{
	struct lq_dump *d = arg;
	struct listenq_net n;

	lq_net_fill(&n, net);
	return lq_dump_put(d, LISTENQ_CMD_NET_GET, LISTENQ_A_NET, &n, sizeof(n));
}

static int lq_net_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = lq_compat_dump_attrs(cb);
	const struct net *only = sock_net(cb->skb->sk);
	struct lq_dump d = { .skb = skb, .cb = cb };
	int ret;

	ret = lq_request_may(cb->skb, attrs, cb->extack);
	if (ret)
		return ret;
	if (lq_request_flags(attrs) & LISTENQ_FLAG_ALL_NETNS)
		only = NULL;
	ret = lq_net_walk((u64 *)cb->ctx, only, lq_net_dump_one, &d);
	return lq_dump_end(skb, ret);
}

static int lq_net_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct listenq_net n;

	if (lq_request_flags(info->attrs)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[LISTENQ_A_FLAGS],
				    "only a dump takes this flag");
		return -EINVAL;
	}
	lq_net_fill(&n, genl_info_net(info));
	return lq_reply_send(info, LISTENQ_A_NET, &n, sizeof(n));
}

static const struct genl_ops lq_ops[] = {
	{
		.cmd = LISTENQ_CMD_LISTENER_GET,
		.policy = lq_listener_policy,
		.maxattr = ARRAY_SIZE(lq_listener_policy) - 1,
		.doit = lq_listener_doit,
		.dumpit = lq_listener_dumpit,
	},
	{
		.cmd = LISTENQ_CMD_NET_GET,
		.policy = lq_net_policy,
		.maxattr = ARRAY_SIZE(lq_net_policy) - 1,
		.doit = lq_net_doit,
		.dumpit = lq_net_dumpit,
	},
};

static struct genl_family lq_family __ro_after_init = {
	.name = LISTENQ_FAMILY_NAME,
	.version = LISTENQ_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = lq_ops,
	.n_ops = ARRAY_SIZE(lq_ops),
};

/**
 * lq_netlink_init - register the family; requests may come before it returns
 *
 * Return: 0 or a negative errno.
 */
int __init lq_netlink_init(void)
{
	return genl_register_family(&lq_family);
}

/**
 * lq_netlink_exit - unregister the family
 *
 * No request runs any more when it returns; dumps half read pin the module, so
 * it is not called while there are any.
 */
void lq_netlink_exit(void)
{
	genl_unregister_family(&lq_family);
}
