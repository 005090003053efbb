// SPDX-License-Identifier: GPL-2.0
/* 6.7, and stable since: joining a multicast group can need a capability */
#include <net/genetlink.h>

struct genl_multicast_group lq_probe(void);
struct genl_multicast_group lq_probe(void)
{
	return (struct genl_multicast_group){
		.name = "probe",
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	};
}
