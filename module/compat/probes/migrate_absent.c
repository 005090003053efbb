// SPDX-License-Identifier: GPL-2.0
/* before: a second one of that name is the only one */
#include <net/tcp.h>

enum {
	LINUX_MIB_TCPMIGRATEREQSUCCESS,
	LINUX_MIB_TCPMIGRATEREQFAILURE,
};

int lq_probe(void);
int lq_probe(void)
{
	return LINUX_MIB_TCPMIGRATEREQSUCCESS + LINUX_MIB_TCPMIGRATEREQFAILURE;
}
