// SPDX-License-Identifier: GPL-2.0
/* before 5.19: every listener is in a table by port that readers can restart */
#include <net/inet_hashtables.h>

struct hlist_nulls_node *lq_probe(const struct inet_hashinfo *h);
struct hlist_nulls_node *lq_probe(const struct inet_hashinfo *h)
{
	return h->listening_hash[INET_LHTABLE_SIZE - 1].nulls_head.first;
}
