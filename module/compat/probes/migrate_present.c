// SPDX-License-Identifier: GPL-2.0
/* 5.14: requests migrate to another listener of the reuseport group */
#include <net/tcp.h>

int lq_probe(const struct net *net);
int lq_probe(const struct net *net)
{
	return net->ipv4.sysctl_tcp_migrate_req +
	       LINUX_MIB_TCPMIGRATEREQSUCCESS + LINUX_MIB_TCPMIGRATEREQFAILURE;
}
