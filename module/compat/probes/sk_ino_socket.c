// SPDX-License-Identifier: GPL-2.0
/* before sk_ino: the inode is a part of the struct socket */
#include <net/sock.h>

u64 lq_probe(const struct sock *sk);
u64 lq_probe(const struct sock *sk)
{
	return SOCK_INODE(READ_ONCE(sk->sk_socket))->i_ino;
}
