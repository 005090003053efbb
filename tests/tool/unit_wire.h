/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink replies put together by hand. */
#ifndef LISTENQ_UNIT_WIRE_H
#define LISTENQ_UNIT_WIRE_H

#include <libmnl/libmnl.h>

#include "unit.h"

#define SEQ	7

/* A reply being put together. */
struct wire {
	char data[4096];
	size_t len;
	struct nlmsghdr *nlh;
};

static inline void begin(struct wire *w, uint16_t type, uint16_t flags)
{
	w->nlh = mnl_nlmsg_put_header(w->data + w->len);
	w->nlh->nlmsg_type = type;
	w->nlh->nlmsg_flags = flags;
	w->nlh->nlmsg_seq = SEQ;
}

static inline void end(struct wire *w)
{
	w->len += NLMSG_ALIGN(w->nlh->nlmsg_len);
}

static inline void put_done(struct wire *w, int err)
{
	begin(w, NLMSG_DONE, NLM_F_MULTI);
	memcpy(mnl_nlmsg_put_extra_header(w->nlh, sizeof(err)), &err, sizeof(err));
	end(w);
}

#endif /* LISTENQ_UNIT_WIRE_H */
