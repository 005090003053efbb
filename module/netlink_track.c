// SPDX-License-Identifier: GPL-2.0
/*
 * What netlink answers about tracking and about episodes.
 */
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "compat.h"
#include "episodes.h"
#include "hooks.h"
#include "netlink.h"
#include "track.h"

/**
 * struct lq_track_reply - the answer to TRACK_GET while it is put together
 * @attrs: the state of tracking, then one for each hook
 * @hooks: what those point to
 * @n: how many of @attrs are there
 */
struct lq_track_reply {
	struct lq_attr attrs[1 + LQ_HOOKS];
	struct listenq_hook hooks[LQ_HOOKS];
	unsigned int n;
};

static int lq_hook_reply_one(const struct listenq_hook *hook, void *arg)
{
	struct lq_track_reply *reply = arg;
	struct listenq_hook *h = &reply->hooks[reply->n - 1];

	*h = *hook;
	reply->attrs[reply->n++] = (struct lq_attr){
		LISTENQ_A_HOOK, sizeof(*h), h
	};
	return 0;
}

/**
 * lq_track_get_doit - answer TRACK_GET
 * @skb: the request
 * @info: likewise
 *
 * What is tracked and by what is the same for everyone and no secret.
 */
int lq_track_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct lq_track_reply reply;
	struct listenq_track t;

	lq_track_fill(&t);
	reply.attrs[0] = (struct lq_attr){ LISTENQ_A_TRACK, sizeof(t), &t };
	reply.n = 1;
	lq_hooks_walk(lq_hook_reply_one, &reply);
	return lq_reply_send(info, reply.attrs, reply.n);
}

/**
 * lq_track_set_doit - answer TRACK_SET
 * @skb: the request; its sender has CAP_NET_ADMIN over the host
 * @info: likewise
 */
int lq_track_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	int ret;

	if (!info->attrs[LISTENQ_A_ENABLE]) {
		NL_SET_ERR_MSG(info->extack, "say whether to enable tracking");
		return -EINVAL;
	}
	ret = lq_track_set(nla_get_u32(info->attrs[LISTENQ_A_ENABLE]));
	if (ret)
		NL_SET_ERR_MSG(info->extack, "the module is being unloaded");
	return ret;
}

static int lq_episode_dump_one(const struct listenq_episode *e,
			       const struct listenq_listener *seen, void *arg)
{
	struct listenq_listener l = *seen;
	struct lq_dump *d = arg;
	const struct lq_attr attrs[] = {
		{ LISTENQ_A_EPISODE, sizeof(*e), e },
		{ LISTENQ_A_LISTENER, sizeof(l), &l },
	};

	l.uid = lq_uid_translate(l.uid, d->user_ns);
	return lq_dump_put(d, attrs, ARRAY_SIZE(attrs));
}

/**
 * lq_episode_dumpit - answer EPISODE_GET, a buffer at a time
 * @skb: the buffer
 * @cb: the dump
 */
int lq_episode_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = lq_compat_dump_attrs(cb);
	const struct net *net = sock_net(cb->skb->sk);
	struct lq_dump d = {
		.skb = skb,
		.cb = cb,
		.user_ns = sk_user_ns(NETLINK_CB(cb->skb).sk),
	};
	int ret;

	ret = lq_request_may(cb->skb, attrs, cb->extack);
	if (ret)
		return ret;
	if (lq_request_flags(attrs) & LISTENQ_FLAG_ALL_NETNS)
		net = NULL;
	ret = lq_episodes_walk((u64 *)cb->ctx, net, lq_episode_dump_one, &d);
	return lq_dump_end(skb, ret);
}
