/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink: the family, what it accepts and what it answers.
 */
#ifndef _LQ_NETLINK_H
#define _LQ_NETLINK_H

#include <linux/listenq.h>
#include <linux/skbuff.h>
#include <net/genetlink.h>

/**
 * struct lq_attr - one packed attribute of a message
 * @type: &enum listenq_attr
 * @len: bytes of @data
 * @data: the struct
 */
struct lq_attr {
	int type;
	int len;
	const void *data;
};

/**
 * struct lq_dump_head - what comes before a packed attribute, in a message with one
 * @nlh: of netlink
 * @genl: of generic netlink
 * @attr: the attribute's own
 */
struct lq_dump_head {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr attr;
};

/**
 * struct lq_dump - a dump's one message buffer
 * @skb: to fill
 * @cb: the dump
 * @head: of every message, but for lengths and type of the attribute
 * @user_ns: the reader's
 * @flags: &enum listenq_request_flags
 */
struct lq_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct lq_dump_head head;
	struct user_namespace *user_ns;
	u32 flags;
};

u32 lq_request_flags(struct nlattr **attrs);
int lq_request_may(struct sk_buff *skb, struct nlattr **attrs,
		   struct netlink_ext_ack *extack);
int lq_message_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		   const struct lq_attr *attrs, unsigned int n);
int lq_reply_send(struct genl_info *info, const struct lq_attr *attrs,
		  unsigned int n);
void lq_dump_start(struct lq_dump *d, struct sk_buff *skb, struct netlink_callback *cb);
int lq_dump_put(struct lq_dump *d, const struct lq_attr *attrs, unsigned int n);
int lq_dump_end(struct sk_buff *skb, int ret);
u32 lq_uid_translate(u32 uid, struct user_namespace *user_ns);

/* netlink_get.c */
int lq_listener_doit(struct sk_buff *skb, struct genl_info *info);
int lq_listener_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int lq_net_doit(struct sk_buff *skb, struct genl_info *info);
int lq_net_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_track.c */
int lq_track_get_doit(struct sk_buff *skb, struct genl_info *info);
int lq_track_set_doit(struct sk_buff *skb, struct genl_info *info);
int lq_episode_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

bool lq_netlink_has_listeners(const struct net *net);
void lq_netlink_event(struct net *net, const struct listenq_event *event,
		      const struct listenq_listener *l,
		      const struct listenq_episode *e);

int lq_netlink_init(void);
void lq_netlink_exit(void);

/**
 * lq_dump_reserve - room for a message with one packed attribute
 * @d: the dump
 * @type: &enum listenq_attr
 * @len: bytes of the attribute, a multiple of NLA_ALIGNTO
 *
 * What genlmsg_put(), nla_reserve() and genlmsg_end() would make, for a fifth of
 * their instructions: most of a dump's cost is in this.
 *
 * Return: where the attribute goes, or NULL when the buffer is full.
 */
static inline void *lq_dump_reserve(struct lq_dump *d, int type, unsigned int len)
{
	struct lq_dump_head *head;

	if (skb_tailroom(d->skb) < (int)(sizeof(*head) + len))
		return NULL;
	head = __skb_put(d->skb, sizeof(*head) + len);
	*head = d->head;
	head->nlh.nlmsg_len = sizeof(*head) + len;
	head->attr.nla_type = type;
	head->attr.nla_len = NLA_HDRLEN + len;
	return head + 1;
}

/**
 * lq_dump_unreserve - take back what was reserved last
 * @d: the dump
 * @attr: what lq_dump_reserve() returned
 */
static inline void lq_dump_unreserve(struct lq_dump *d, void *attr)
{
	nlmsg_trim(d->skb, attr - sizeof(struct lq_dump_head));
}

#endif /* _LQ_NETLINK_H */
