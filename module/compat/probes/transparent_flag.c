// SPDX-License-Identifier: GPL-2.0
/* 6.6: inet_sock's bit fields became bits of inet_flags */
#include <net/inet_sock.h>

bool lq_probe(const struct sock *sk);
bool lq_probe(const struct sock *sk)
{
	return inet_test_bit(TRANSPARENT, sk);
}
