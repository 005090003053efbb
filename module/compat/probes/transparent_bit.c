// SPDX-License-Identifier: GPL-2.0
/* before inet_flags: a bit field */
#include <net/inet_sock.h>

bool lq_probe(const struct sock *sk);
bool lq_probe(const struct sock *sk)
{
	return inet_sk(sk)->transparent;
}
