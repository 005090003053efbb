// SPDX-License-Identifier: GPL-2.0
/* 6.17: sk_drops moved behind an accessor */
#include <net/sock.h>

int lq_probe(const struct sock *sk);
int lq_probe(const struct sock *sk)
{
	return sk_drops_read(sk);
}
