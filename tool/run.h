/* SPDX-License-Identifier: GPL-2.0 */
/* Another program's words. */
#ifndef LISTENQ_RUN_H
#define LISTENQ_RUN_H

#include "format.h"

int lq_run(struct lq_buf *out, const char *root, const char *const argv[]);

#endif /* LISTENQ_RUN_H */
