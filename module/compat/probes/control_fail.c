// SPDX-License-Identifier: GPL-2.0
/* must not compile: says that a missing name is noticed */
#include <net/tcp.h>

u32 lq_probe(const struct sock *sk);
u32 lq_probe(const struct sock *sk)
{
	return lq_no_such_function(sk);
}
