/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FILTER: which listeners. The forms that ss users type for listeners:
 * :443, 10.0.0.1:80, [::1]:80, 10.0.0.0/8, *:80, "sport = :443",
 * "src 10.0.0.1", "dev eth0", joined by "and" (or nothing) and "or".
 */
#ifndef LISTENQ_FILTER_H
#define LISTENQ_FILTER_H

#include <stdint.h>

#include "listenq.h"

#define LQ_FILTER_TERMS	64

/**
 * struct lq_filter_term - one condition; a field that is 0 asks nothing
 * @family: AF_INET or AF_INET6
 * @prefix: how many bits of @addr count
 * @addr: local address
 * @ifindex: device the listener is bound to
 * @port_min: lowest local port
 * @port_max: highest local port; 0: any port
 * @negate: the condition must not hold
 * @starts_or: an "or" stands before this term
 */
struct lq_filter_term {
	uint16_t family;
	uint16_t prefix;
	uint8_t addr[16];
	uint32_t ifindex;
	uint16_t port_min;
	uint16_t port_max;
	bool negate;
	bool starts_or;
};

/**
 * struct lq_filter - a FILTER, with what the options ask beside it
 * @family: only this one, unless AF_UNSPEC
 * @full: only with a full queue
 * @n: number of terms, 0: all listeners
 * @term: the terms: an "or" of "and"s
 */
struct lq_filter {
	uint16_t family;
	bool full;
	int n;
	struct lq_filter_term term[LQ_FILTER_TERMS];
};

int lq_filter_parse(struct lq_filter *f, const char *text, size_t len,
		    char *why, size_t why_size);
bool lq_filter_match(const struct lq_filter *f,
		     const struct listenq_listener *l);

#endif /* LISTENQ_FILTER_H */
