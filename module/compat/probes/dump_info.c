// SPDX-License-Identifier: GPL-2.0
/* 6.7: a dump has a struct genl_info of its own */
#include <net/genetlink.h>

struct nlattr **lq_probe(struct netlink_callback *cb);
struct nlattr **lq_probe(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
