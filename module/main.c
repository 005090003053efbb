// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "debugfs.h"
#include "netlink.h"

static int __init lq_init(void)
{
	int ret;

	ret = lq_netlink_init();
	if (ret)
		return ret;
	lq_debugfs_init();
	return 0;
}

static void __exit lq_exit(void)
{
	lq_debugfs_exit();
	lq_netlink_exit();
}

module_init(lq_init);
module_exit(lq_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The listenq authors");
MODULE_DESCRIPTION("SYN and accept queues of every TCP listener");
MODULE_VERSION(LISTENQ_VERSION);
