// SPDX-License-Identifier: GPL-2.0
/*
 * What netlink answers about listeners and network namespaces.
 */
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "compat.h"
#include "net.h"
#include "netlink.h"
#include "track.h"
#include "walk.h"

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

/**
 * struct lq_listener_reply - all there may be to say of a listener
 * @l: the listener
 * @counters: if asked for and known
 * @histograms: likewise
 * @attrs: what is to be sent of these
 * @n: how many of @attrs
 */
struct lq_listener_reply {
	struct listenq_listener l;
	struct listenq_counters counters;
	struct listenq_histograms histograms;
	struct lq_attr attrs[3];
	unsigned int n;
};

/* Return: false when the listener was closed meanwhile. */
static bool lq_listener_reply_fill(struct lq_listener_reply *r, struct sock *sk,
				   struct user_namespace *user_ns, u32 flags)
{
	if (!lq_listener_fill(&r->l, sk, user_ns))
		return false;
	r->attrs[0] = (struct lq_attr){
		LISTENQ_A_LISTENER, sizeof(r->l), &r->l
	};
	r->n = 1;
	if ((flags & LISTENQ_FLAG_COUNTERS) &&
	    lq_counters_fill(&r->counters, r->l.cookie, sock_net(sk)))
		r->attrs[r->n++] = (struct lq_attr){
			LISTENQ_A_COUNTERS, sizeof(r->counters), &r->counters
		};
	if ((flags & LISTENQ_FLAG_HISTOGRAMS) &&
	    lq_histograms_fill(&r->histograms, r->l.cookie, sock_net(sk)))
		r->attrs[r->n++] = (struct lq_attr){
			LISTENQ_A_HISTOGRAMS, sizeof(r->histograms), &r->histograms
		};
	return true;
}

static noinline int lq_listener_dump_more(struct sock *sk, struct lq_dump *d)
{
	struct lq_listener_reply r;

	if (!lq_listener_reply_fill(&r, sk, d->user_ns, d->flags))
		return 0;
	return lq_dump_put(d, r.attrs, r.n);
}

static int lq_listener_dump_one(struct sock *sk, void *arg)
{
	struct listenq_listener *l;
	struct lq_dump *d = arg;

	if (d->flags & (LISTENQ_FLAG_COUNTERS | LISTENQ_FLAG_HISTOGRAMS))
		return lq_listener_dump_more(sk, d);
	l = lq_dump_reserve(d, LISTENQ_A_LISTENER, sizeof(*l));
	if (!l)
		return -EMSGSIZE;
	if (!lq_listener_fill(l, sk, d->user_ns))
		lq_dump_unreserve(d, l);
	return 0;
}

/**
 * lq_listener_dumpit - answer a dump of LISTENER_GET, a buffer at a time
 * @skb: the buffer
 * @cb: the dump
 */
int lq_listener_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = lq_compat_dump_attrs(cb);
	struct lq_filter f;
	struct lq_dump d;
	int ret;

	BUILD_BUG_ON(sizeof(struct lq_cursor) > sizeof(cb->ctx));
	ret = lq_request_parse(&f, cb->skb, attrs, cb->extack);
	if (ret)
		return ret;
	lq_dump_start(&d, skb, cb);
	d.user_ns = sk_user_ns(NETLINK_CB(cb->skb).sk);
	d.flags = f.flags;
	ret = lq_walk((struct lq_cursor *)cb->ctx, &f, lq_listener_dump_one, &d);
	return lq_dump_end(skb, ret);
}

/**
 * struct lq_find - a listener looked for by name
 * @r: the first that was found
 * @user_ns: the reader's
 * @flags: &enum listenq_request_flags
 * @found: how many
 */
struct lq_find {
	struct lq_listener_reply r;
	struct user_namespace *user_ns;
	u32 flags;
	unsigned int found;
};

static int lq_listener_find_one(struct sock *sk, void *arg)
{
	struct lq_find *find = arg;

	if (find->found++)
		return 1;
	if (!lq_listener_reply_fill(&find->r, sk, find->user_ns, find->flags))
		find->found = 0;
	return 0;
}

/**
 * lq_listener_doit - answer LISTENER_GET for one listener
 * @skb: the request
 * @info: likewise
 */
int lq_listener_doit(struct sk_buff *skb, struct genl_info *info)
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
	find.flags = f.flags;
	if (f.flags & (LISTENQ_FLAG_NOT_EMPTY | LISTENQ_FLAG_FULL |
		       LISTENQ_FLAG_DROPPED)) {
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
		return lq_reply_send(info, find.r.attrs, find.r.n);
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

/**
 * struct lq_net_reply - all there may be to say of a network namespace
 * @net: its limits and counters
 * @counters: what tracking counted, if asked for
 * @attrs: what is to be sent of these
 * @n: how many of @attrs
 */
struct lq_net_reply {
	struct listenq_net net;
	struct listenq_net_counters counters;
	struct lq_attr attrs[2];
	unsigned int n;
};

static void lq_net_reply_fill(struct lq_net_reply *r, struct net *net, u32 flags)
{
	lq_net_fill(&r->net, net);
	r->attrs[0] = (struct lq_attr){ LISTENQ_A_NET, sizeof(r->net), &r->net };
	r->n = 1;
	if (!(flags & LISTENQ_FLAG_COUNTERS))
		return;
	lq_net_counters_fill(&r->counters, net);
	r->attrs[r->n++] = (struct lq_attr){
		LISTENQ_A_NET_COUNTERS, sizeof(r->counters), &r->counters
	};
}

static int lq_net_dump_one(struct net *net, void *arg)
{
	struct lq_dump *d = arg;
	struct lq_net_reply r;

	lq_net_reply_fill(&r, net, d->flags);
	return lq_dump_put(d, r.attrs, r.n);
}

/**
 * lq_net_dumpit - answer a dump of NET_GET, a buffer at a time
 * @skb: the buffer
 * @cb: the dump
 */
int lq_net_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = lq_compat_dump_attrs(cb);
	const struct net *only = sock_net(cb->skb->sk);
	struct lq_dump d = { .skb = skb, .cb = cb };
	int ret;

	ret = lq_request_may(cb->skb, attrs, cb->extack);
	if (ret)
		return ret;
	d.flags = lq_request_flags(attrs);
	if (d.flags & LISTENQ_FLAG_ALL_NETNS)
		only = NULL;
	ret = lq_net_walk((u64 *)cb->ctx, only, lq_net_dump_one, &d);
	return lq_dump_end(skb, ret);
}

/**
 * lq_net_doit - answer NET_GET for the reader's namespace
 * @skb: the request
 * @info: likewise
 */
int lq_net_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 flags = lq_request_flags(info->attrs);
	struct lq_net_reply r;

	if (flags & LISTENQ_FLAG_ALL_NETNS) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[LISTENQ_A_FLAGS],
				    "only a dump takes this flag");
		return -EINVAL;
	}
	lq_net_reply_fill(&r, genl_info_net(info), flags);
	return lq_reply_send(info, r.attrs, r.n);
}
