/* SPDX-License-Identifier: GPL-2.0 */
/* Moments and durations: µs since the epoch, and µs, as people write them. */
#ifndef LISTENQ_TIMES_H
#define LISTENQ_TIMES_H

#include "format.h"

uint64_t lq_time_now(void);
void lq_put_date(struct lq_buf *b, uint64_t us);
void lq_put_clock(struct lq_buf *b, uint64_t us);
void lq_put_when(struct lq_buf *b, uint64_t us);
bool lq_duration_parse(const char *s, uint64_t *us);

#endif /* LISTENQ_TIMES_H */
