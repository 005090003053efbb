/* SPDX-License-Identifier: GPL-2.0 */
/* Episodes and events, as JSON and as the words they share. */
#ifndef LISTENQ_RECORDS_H
#define LISTENQ_RECORDS_H

#include "genl.h"
#include "print.h"

void lq_put_episode_json(struct lq_buf *b, const struct listenq_episode *e);
void lq_put_episodes_text(struct lq_buf *b, const struct lq_record *v, size_t n,
			  const struct lq_view *view);
void lq_put_episodes_json(struct lq_buf *b, const struct lq_record *v, size_t n,
			  const struct lq_view *view);

const char *lq_event_name(uint32_t type);
void lq_put_event_text(struct lq_buf *b, const struct lq_record *r,
		       const struct lq_view *view);
void lq_put_event_json(struct lq_buf *b, const struct lq_record *r,
		       const struct lq_view *view);

#endif /* LISTENQ_RECORDS_H */
