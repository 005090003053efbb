/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of struct listenq_net, one line each: where the kernel keeps it
 * and what it is called here.
 */
#ifndef LISTENQ_NETFIELDS_H
#define LISTENQ_NETFIELDS_H

#include <stdint.h>

#include "listenq.h"

/**
 * struct lq_net_field - one value of a struct listenq_net
 * @key: its name in JSON and in the table
 * @source: the sysctl, or TcpExt and the name of the MIB counter
 * @mib: a counter rather than a sysctl
 *
 * The n-th field is the n-th value from @somaxconn on and has bit n.
 */
struct lq_net_field {
	const char *key;
	const char *source;
	bool mib;
};

extern const struct lq_net_field lq_net_fields[];
extern const size_t lq_net_nfields;

const struct lq_net_field *lq_net_field_by_mib(const char *name, size_t len);
bool lq_net_field_get(const struct listenq_net *net,
		      const struct lq_net_field *f, uint64_t *v);
void lq_net_field_set(struct listenq_net *net, const struct lq_net_field *f,
		      uint64_t v);

#endif /* LISTENQ_NETFIELDS_H */
