/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's answers. lq_genl_parse() is pure: bytes in, structs out.
 */
#ifndef LISTENQ_GENL_H
#define LISTENQ_GENL_H

#include "nl.h"
#include "source.h"

/**
 * struct lq_genl_reply - what the messages of one exchange held
 * @listeners: the objects of LISTENER_GET
 * @nets: the objects of NET_GET
 */
struct lq_genl_reply {
	struct lq_listeners listeners;
	struct lq_nets nets;
};

int lq_genl_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_genl_reply *r, struct lq_nl_error *e);

#endif /* LISTENQ_GENL_H */
