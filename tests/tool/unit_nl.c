// SPDX-License-Identifier: GPL-2.0
/* Who may answer: in a namespace that a container's root can send netlink in. */
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/genetlink.h>

#include "unit.h"

#include "listenq.h"
#include "nl.h"

static const char *take_nothing(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	(void)ctx;
	return NULL;
}

static void only_the_kernel_answers(void **state)
{
	struct nlmsghdr forged = { .nlmsg_len = sizeof(forged), .nlmsg_type = NLMSG_DONE };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	struct mnl_socket *sk, *other;
	char buf[LQ_NL_REQUEST_MAX];
	struct genlmsghdr *g;
	struct nlmsghdr *req;
	struct lq_nl_error e;

	(void)state;
	assert_int_equal(unshare(CLONE_NEWUSER | CLONE_NEWNET), 0);
	sk = lq_nl_open(NETLINK_GENERIC);
	other = mnl_socket_open(NETLINK_GENERIC);
	assert_non_null(sk);
	assert_non_null(other);
	to.nl_pid = mnl_socket_get_portid(sk);
	assert_int_equal(sendto(mnl_socket_get_fd(other), &forged, sizeof(forged), 0,
				(struct sockaddr *)&to, sizeof(to)), -1);
	assert_int_equal(errno, ECONNREFUSED);

	req = mnl_nlmsg_put_header(buf);
	req->nlmsg_type = GENL_ID_CTRL;
	req->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	g = mnl_nlmsg_put_extra_header(req, sizeof(*g));
	g->cmd = CTRL_CMD_GETFAMILY;
	mnl_attr_put_strz(req, CTRL_ATTR_FAMILY_NAME, "nlctrl");
	assert_int_equal(lq_nl_exchange(sk, req, take_nothing, NULL, &e), 0);
	mnl_socket_close(other);
	mnl_socket_close(sk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_kernel_answers),
	};

	return cmocka_run_group_tests_name("nl", tests, NULL, NULL);
}
