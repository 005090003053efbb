/* SPDX-License-Identifier: GPL-2.0 */
/* A table whose columns are as wide as what is in them. */
#ifndef LISTENQ_TABLE_H
#define LISTENQ_TABLE_H

#include "format.h"

#define LQ_TABLE_COLUMNS	16

/**
 * struct lq_table - cells on their way out, row by row
 * @ncol: how many columns
 * @right: bit n: the n-th column is aligned to the right
 * @indent: blanks before each row
 * @text: the cells, one behind the other; write here, then lq_table_end()
 * @n: how many cells there are
 * @size: how many fit
 * @len: their lengths in bytes
 * @width: their lengths on a terminal
 */
struct lq_table {
	size_t ncol;
	uint32_t right;
	size_t indent;
	struct lq_buf text;
	size_t n;
	size_t size;
	uint32_t *len;
	uint32_t *width;
};

struct lq_buf *lq_table_cell(struct lq_table *t);
void lq_table_put(struct lq_table *t, const char *s);
void lq_table_end(struct lq_table *t, struct lq_buf *out);

#endif /* LISTENQ_TABLE_H */
