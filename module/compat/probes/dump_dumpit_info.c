// SPDX-License-Identifier: GPL-2.0
/* before genl_info_dump(): a struct genl_dumpit_info with attributes of its own */
#include <net/genetlink.h>

struct nlattr **lq_probe(struct netlink_callback *cb);
struct nlattr **lq_probe(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}
