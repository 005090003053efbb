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
 * struct lq_dump - a dump's one message buffer
 * @skb: to fill
 * @cb: the dump
 * @user_ns: the reader's
 * @flags: &enum listenq_request_flags
 */
struct lq_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
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

#endif /* _LQ_NETLINK_H */
