// SPDX-License-Identifier: GPL-2.0
/* 5.12, and stable since: the flag that operations have, for who may join */
#include <net/genetlink.h>

struct genl_multicast_group lq_probe(void);
struct genl_multicast_group lq_probe(void)
{
	return (struct genl_multicast_group){
		.name = "probe",
		.flags = GENL_UNS_ADMIN_PERM,
	};
}
