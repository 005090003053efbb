// SPDX-License-Identifier: GPL-2.0
/* before sk_drops_read() */
#include <net/sock.h>

int lq_probe(const struct sock *sk);
int lq_probe(const struct sock *sk)
{
	return atomic_read(&sk->sk_drops);
}
