// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "debugfs.h"
#include "entries.h"
#include "episodes.h"
#include "netlink.h"
#include "track.h"

static int __init lq_init(void)
{
	int ret;

	ret = lq_episodes_init();
	if (ret)
		return ret;
	ret = lq_entries_init();
	if (ret)
		goto episodes;
	ret = lq_netlink_init();
	if (ret)
		goto entries;
	lq_track_init();
	lq_debugfs_init();
	return 0;

entries:
	lq_entries_exit();
episodes:
	lq_episodes_exit();
	return ret;
}

static void __exit lq_exit(void)
{
	lq_debugfs_exit();
	lq_track_exit();
	lq_netlink_exit();
	lq_entries_exit();
	lq_episodes_exit();
}

module_init(lq_init);
module_exit(lq_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The listenq authors");
MODULE_DESCRIPTION("SYN and accept queues of every TCP listener");
MODULE_VERSION(LISTENQ_VERSION);
