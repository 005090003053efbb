// SPDX-License-Identifier: GPL-2.0
/* must compile: says that the toolchain and the headers are usable at all */
#include <net/tcp.h>

u32 lq_probe(const struct sock *sk);
u32 lq_probe(const struct sock *sk)
{
	return READ_ONCE(sk->sk_ack_backlog);
}
