// SPDX-License-Identifier: GPL-2.0
/* before: a group has a name and nothing else, and anybody joins */
#include <net/genetlink.h>

static_assert(sizeof(struct genl_multicast_group) == GENL_NAMSIZ);
