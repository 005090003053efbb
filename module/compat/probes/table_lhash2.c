// SPDX-License-Identifier: GPL-2.0
/* 5.19: the table by port and address is the only one, and of that kind */
#include <net/inet_hashtables.h>

struct hlist_nulls_node *lq_probe(const struct inet_hashinfo *h);
struct hlist_nulls_node *lq_probe(const struct inet_hashinfo *h)
{
	return h->lhash2[h->lhash2_mask].nulls_head.first;
}
