// SPDX-License-Identifier: GPL-2.0
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <net/ipv6.h>

#include "listeners.h"

static bool lq_crowd_is_v6(unsigned int i)
{
	return i >= LQ_CROWD_GROUP && i < LQ_CROWD_ALL && i % 3 == 0;
}

static int lq_crowd_listen(struct socket **sock, unsigned int i)
{
	bool group = i < LQ_CROWD_GROUP || i == LQ_CROWD_SPARE;
	__be16 port = htons(LQ_CROWD_PORT + (group ? 0 : i));
	struct sockaddr_in6 a6 = {
		.sin6_family = AF_INET6,
		.sin6_port = port,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct sockaddr_in a4 = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	bool v6 = lq_crowd_is_v6(i);
	int ret;

	ret = sock_create_kern(&init_net, v6 ? AF_INET6 : AF_INET, SOCK_STREAM,
			       IPPROTO_TCP, sock);
	if (ret)
		return ret;
	if (group)
		sock_set_reuseport((*sock)->sk);
	else
		/* a connection of the test before may be in TIME_WAIT */
		sock_set_reuseaddr((*sock)->sk);
	/* void *: newer kernels have a type of their own for the address */
	if (v6)
		ret = kernel_bind(*sock, (void *)&a6, sizeof(a6));
	else
		ret = kernel_bind(*sock, (void *)&a4, sizeof(a4));
	if (!ret)
		ret = kernel_listen(*sock, 5);
	if (ret) {
		sock_release(*sock);
		*sock = NULL;
	}
	return ret;
}

/**
 * lq_crowd_init - a suite's init: open all but the spare one
 * @test: its priv becomes the crowd
 */
int lq_crowd_init(struct kunit *test)
{
	struct lq_crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!c)
		return -ENOMEM;
	test->priv = c;
	for (i = 0; i < LQ_CROWD_ALL; i++) {
		ret = lq_crowd_listen(&c->sock[i], i);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * lq_crowd_exit - a suite's exit: close all
 * @test: whose priv is the crowd
 */
void lq_crowd_exit(struct kunit *test)
{
	struct lq_crowd *c = test->priv;
	unsigned int i;

	for (i = 0; c && i < ARRAY_SIZE(c->sock); i++)
		lq_crowd_close(c, i);
}

/**
 * lq_crowd_open - open one that is closed; it gets a new cookie
 * @test: fails when that fails
 * @i: which
 */
void lq_crowd_open(struct kunit *test, unsigned int i)
{
	struct lq_crowd *c = test->priv;

	KUNIT_ASSERT_EQ(test, lq_crowd_listen(&c->sock[i], i), 0);
}

/**
 * lq_crowd_close - close one; it is out of the table when this returns
 * @c: the crowd
 * @i: which
 */
void lq_crowd_close(struct lq_crowd *c, unsigned int i)
{
	if (c->sock[i])
		sock_release(c->sock[i]);
	c->sock[i] = NULL;
}

/**
 * lq_crowd_forget - nobody was met
 * @c: the crowd
 */
void lq_crowd_forget(struct lq_crowd *c)
{
	memset(c->met, 0, sizeof(c->met));
}

/**
 * lq_crowd_index - which of the crowd a socket is, -1 for none
 * @c: the crowd
 * @sk: the socket
 */
int lq_crowd_index(const struct lq_crowd *c, const struct sock *sk)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c->sock); i++)
		if (c->sock[i] && c->sock[i]->sk == sk)
			return i;
	return -1;
}

/**
 * lq_crowd_wrong - how many were not met exactly once
 * @c: the crowd
 * @except: one that is not looked at; -1 for none
 *
 * The spare one, which may come at any time, is wrong when met twice.
 */
unsigned int lq_crowd_wrong(const struct lq_crowd *c, int except)
{
	unsigned int i, wrong = c->met[LQ_CROWD_SPARE] > 1;

	for (i = 0; i < LQ_CROWD_ALL; i++)
		if ((int)i != except && c->met[i] != 1)
			wrong++;
	return wrong;
}
