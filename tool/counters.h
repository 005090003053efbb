/* SPDX-License-Identifier: GPL-2.0 */
/* What tracking counted, as text and as JSON: of listeners, episodes and namespaces. */
#ifndef LISTENQ_COUNTERS_H
#define LISTENQ_COUNTERS_H

#include "format.h"

#define LQ_CAUSES	5

/* What the JSON of counters or histograms takes at most. */
#define LQ_COUNTERS_ROOM	2048

/**
 * struct lq_causes - drops by cause, in the order of the wire
 * @n: how many of each; 0 when that is not known
 */
struct lq_causes {
	uint64_t n[LQ_CAUSES];
};

/**
 * struct lq_counter_field - one value of a struct listenq_counters
 * @key: its name
 * @offset: where it is
 * @bytes: 4 or 8
 * @has: it is known only if this bit is set; 0: always
 */
struct lq_counter_field {
	const char *key;
	uint16_t offset;
	uint8_t bytes;
	uint8_t has;
};

extern const struct lq_counter_field lq_counter_fields[];
extern const size_t lq_counter_nfields;
/* The first of them are in struct listenq_net_counters, too. */
#define LQ_NET_COUNTED	10

uint64_t lq_causes_get(struct lq_causes *causes, const struct listenq_counters *c);
uint64_t lq_causes_of_episode(struct lq_causes *causes, const struct listenq_episode *e);
void lq_put_cause(struct lq_buf *b, const struct lq_causes *causes);
void lq_put_causes(struct lq_buf *b, const struct lq_causes *causes);

bool lq_counter_get(const struct listenq_counters *c,
		    const struct lq_counter_field *f, uint64_t *v);
bool lq_net_counter_get(const struct listenq_net_counters *c, size_t i,
			const char **key, uint64_t *v);

void lq_put_counters_text(struct lq_buf *b, const struct listenq_counters *c);
void lq_put_counters_json(struct lq_buf *b, const struct listenq_counters *c);
void lq_put_histograms_json(struct lq_buf *b, const struct listenq_histograms *h);

#endif /* LISTENQ_COUNTERS_H */
