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
#include "netlink.h"

static struct genl_family lq_family;

static const struct nla_policy lq_listener_policy[] = {
	[LISTENQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LISTENQ_FLAG_ALL_NETNS |
						     LISTENQ_FLAG_NOT_EMPTY |
						     LISTENQ_FLAG_FULL |
						     LISTENQ_FLAG_COUNTERS |
						     LISTENQ_FLAG_HISTOGRAMS |
						     LISTENQ_FLAG_DROPPED),
	[LISTENQ_A_COOKIE] = NLA_POLICY_MIN(NLA_U64, 1),
	[LISTENQ_A_FAMILY] = { .type = NLA_U16 },
	[LISTENQ_A_ADDR] = { .type = NLA_BINARY, .len = 16 },
	[LISTENQ_A_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[LISTENQ_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy lq_net_policy[] = {
	[LISTENQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LISTENQ_FLAG_ALL_NETNS |
						     LISTENQ_FLAG_COUNTERS),
};

/* a strict one: no attribute passes */
static const struct nla_policy lq_track_get_policy[2];

static const struct nla_policy lq_track_set_policy[] = {
	[LISTENQ_A_ENABLE] = NLA_POLICY_MAX(NLA_U32, 1),
};

static const struct nla_policy lq_episode_policy[] = {
	[LISTENQ_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LISTENQ_FLAG_ALL_NETNS),
};

/**
 * lq_request_flags - the flags of a request
 * @attrs: its attributes
 */
u32 lq_request_flags(struct nlattr **attrs)
{
	return attrs[LISTENQ_A_FLAGS] ? nla_get_u32(attrs[LISTENQ_A_FLAGS]) : 0;
}

/**
 * lq_request_may - whether a request may see the namespaces it asks for
 * @skb: the request
 * @attrs: its attributes
 * @extack: told why not
 *
 * Seeing other namespaces takes CAP_NET_ADMIN over the host, not over one's own.
 *
 * Return: 0 or -EPERM.
 */
int lq_request_may(struct sk_buff *skb, struct nlattr **attrs,
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

/**
 * lq_message_put - one object, one message
 * @skb: to write to; untouched when it does not fit
 * @portid: of the reader, 0 for a group
 * @seq: of the request
 * @flags: NLM_F_...
 * @cmd: &enum listenq_cmd
 * @attrs: what to say of the object
 * @n: how many of them
 *
 * Return: 0 or -EMSGSIZE.
 */
int lq_message_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		   const struct lq_attr *attrs, unsigned int n)
{
	unsigned int i;
	void *hdr;

	hdr = genlmsg_put(skb, portid, seq, &lq_family, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		if (nla_put(skb, attrs[i].type, attrs[i].len, attrs[i].data)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static struct sk_buff *lq_message_new(const struct lq_attr *attrs, unsigned int n)
{
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < n; i++)
		len += nla_total_size(attrs[i].len);
	return genlmsg_new(len, GFP_KERNEL);
}

/**
 * lq_reply_send - answer a do request
 * @info: the request
 * @attrs: what to say
 * @n: how many of them
 *
 * Return: 0 or a negative errno.
 */
int lq_reply_send(struct genl_info *info, const struct lq_attr *attrs,
		  unsigned int n)
{
	struct sk_buff *skb = lq_message_new(attrs, n);
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = lq_message_put(skb, info->snd_portid, info->snd_seq, 0,
			     info->genlhdr->cmd, attrs, n);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return genlmsg_reply(skb, info);
}

/**
 * lq_dump_put - put one object of a dump into its buffer
 * @d: the dump
 * @attrs: what to say of the object
 * @n: how many of them
 *
 * Return: 0, or -EMSGSIZE when the buffer is full.
 */
int lq_dump_put(struct lq_dump *d, const struct lq_attr *attrs, unsigned int n)
{
	const struct genlmsghdr *request = nlmsg_data(d->cb->nlh);

	return lq_message_put(d->skb, NETLINK_CB(d->cb->skb).portid,
			      d->cb->nlh->nlmsg_seq, NLM_F_MULTI, request->cmd,
			      attrs, n);
}

/**
 * lq_dump_start - a message buffer of a dump
 * @d: set up
 * @skb: the buffer
 * @cb: the dump
 */
void lq_dump_start(struct lq_dump *d, struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genlmsghdr *request = nlmsg_data(cb->nlh);

	d->skb = skb;
	d->cb = cb;
	d->head = (struct lq_dump_head){
		.nlh.nlmsg_type = lq_family.id,
		.nlh.nlmsg_flags = NLM_F_MULTI,
		.nlh.nlmsg_seq = cb->nlh->nlmsg_seq,
		.nlh.nlmsg_pid = NETLINK_CB(cb->skb).portid,
		.genl.cmd = request->cmd,
		.genl.version = lq_family.version,
	};
}

/**
 * lq_dump_end - what a dumpit() returns
 * @skb: its buffer
 * @ret: how its walk ended
 *
 * A full buffer ends this message, not the dump. Older cores take -EMSGSIZE for
 * an error, so say what was written; an object that fits no buffer is one.
 */
int lq_dump_end(struct sk_buff *skb, int ret)
{
	return ret == -EMSGSIZE && skb->len ? skb->len : ret;
}

/**
 * lq_uid_translate - name an owner that was noted in the initial user namespace
 * @uid: there
 * @user_ns: where it is to be named
 */
u32 lq_uid_translate(u32 uid, struct user_namespace *user_ns)
{
	return from_kuid_munged(user_ns, make_kuid(&init_user_ns, uid));
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
	{
		.cmd = LISTENQ_CMD_TRACK_GET,
		.policy = lq_track_get_policy,
		.maxattr = ARRAY_SIZE(lq_track_get_policy) - 1,
		.doit = lq_track_get_doit,
	},
	{
		.cmd = LISTENQ_CMD_TRACK_SET,
		.flags = GENL_ADMIN_PERM,
		.policy = lq_track_set_policy,
		.maxattr = ARRAY_SIZE(lq_track_set_policy) - 1,
		.doit = lq_track_set_doit,
	},
	{
		.cmd = LISTENQ_CMD_EPISODE_GET,
		.policy = lq_episode_policy,
		.maxattr = ARRAY_SIZE(lq_episode_policy) - 1,
		.dumpit = lq_episode_dumpit,
	},
};

static const struct genl_multicast_group lq_mcgrps[] = {
	LQ_COMPAT_MCGRP(LISTENQ_MCGRP_EVENTS),
};

static struct genl_family lq_family __ro_after_init = {
	.name = LISTENQ_FAMILY_NAME,
	.version = LISTENQ_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = lq_ops,
	.n_ops = ARRAY_SIZE(lq_ops),
	.mcgrps = lq_mcgrps,
	.n_mcgrps = LQ_COMPAT_MCGRPS,
};

/**
 * lq_netlink_has_listeners - whether anybody would hear an event
 * @net: in this network namespace
 */
bool lq_netlink_has_listeners(const struct net *net)
{
	return LQ_COMPAT_MCGRPS &&
	       genl_has_listeners(&lq_family, (struct net *)net, 0);
}

/**
 * lq_netlink_event - tell an event to those who listen
 * @net: the network namespace, in which its owner names uids
 * @event: the event
 * @l: which listener, its uid in the initial user namespace
 * @e: which episode, or NULL
 *
 * Context: process context, may sleep. Who has no room, or if we have none,
 * misses it and sees a gap in the sequence.
 */
void lq_netlink_event(struct net *net, const struct listenq_event *event,
		      const struct listenq_listener *l,
		      const struct listenq_episode *e)
{
	struct listenq_listener seen = *l;
	const struct lq_attr attrs[] = {
		{ LISTENQ_A_EVENT, sizeof(*event), event },
		{ LISTENQ_A_LISTENER, sizeof(seen), &seen },
		{ LISTENQ_A_EPISODE, sizeof(*e), e },
	};
	unsigned int n = e ? 3 : 2;
	struct sk_buff *skb;

	seen.uid = lq_uid_translate(l->uid, net->user_ns);
	skb = lq_message_new(attrs, n);
	if (!skb)
		return;
	if (lq_message_put(skb, 0, 0, 0, LISTENQ_CMD_EVENT, attrs, n)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&lq_family, net, skb, 0, 0, GFP_KERNEL);
}

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
