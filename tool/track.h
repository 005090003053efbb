/* SPDX-License-Identifier: GPL-2.0 */
/* Whether anything is counted at all. */
#ifndef LISTENQ_TRACK_H
#define LISTENQ_TRACK_H

#include "format.h"
#include "genl.h"

void lq_track_warn(void);
void lq_track_put(struct lq_buf *b, const struct lq_genl_reply *r, bool json);

#endif /* LISTENQ_TRACK_H */
