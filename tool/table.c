// SPDX-License-Identifier: GPL-2.0
/* Small tables: cells first, then rows. */
#include <stdlib.h>

#include "table.h"

/* The cell begun last ends where the text does. */
static void end_cell(struct lq_table *t)
{
	if (!t->n)
		return;
	t->len[t->n - 1] = t->text.len - t->len[t->n - 1];
	t->width[t->n - 1] = t->len[t->n - 1] - t->text.unseen;
}

/**
 * lq_table_cell - begin the next cell
 * @t: the table
 *
 * Return: where to write it, with %LQ_ROOM.
 */
struct lq_buf *lq_table_cell(struct lq_table *t)
{
	end_cell(t);
	if (t->n == t->size) {
		t->size = t->size ? 2 * t->size : 64;
		t->len = lq_alloc(t->len, t->size, sizeof(*t->len));
		t->width = lq_alloc(t->width, t->size, sizeof(*t->width));
	}
	t->len[t->n++] = t->text.len;
	t->text.unseen = 0;
	lq_buf_room(&t->text, LQ_ROOM);
	return &t->text;
}

/**
 * lq_table_put - a cell that is a plain string
 * @t: the table
 * @s: the string
 */
void lq_table_put(struct lq_table *t, const char *s)
{
	lq_put_str(lq_table_cell(t), s);
}

static void put_spaces(struct lq_buf *b, size_t n)
{
	lq_buf_room(b, n + LQ_ROOM);
	memset(b->data + b->len, ' ', n);
	b->len += n;
}

/**
 * lq_table_end - the whole table, its cells in their places
 * @t: the table; empty afterwards
 * @out: where to
 */
void lq_table_end(struct lq_table *t, struct lq_buf *out)
{
	size_t width[LQ_TABLE_COLUMNS] = { 0 };
	const char *s = t->text.data;

	end_cell(t);
	for (size_t i = 0; i < t->n; i++)
		if (t->width[i] > width[i % t->ncol])
			width[i % t->ncol] = t->width[i];
	for (size_t i = 0; i < t->n; s += t->len[i++]) {
		size_t c = i % t->ncol;
		bool right = t->right >> c & 1;

		put_spaces(out, (c ? 0 : t->indent) + (right ? width[c] - t->width[i] : 0));
		lq_buf_room(out, t->len[i] + LQ_ROOM);
		lq_put_mem(out, s, t->len[i]);
		if (c < t->ncol - 1) {
			put_spaces(out, (right ? 0 : width[c] - t->width[i]) + 1);
			continue;
		}
		while (out->len && out->data[out->len - 1] == ' ')
			out->len--;
		lq_put_char(out, '\n');
	}
	lq_buf_free(&t->text);
	free(t->len);
	free(t->width);
	t->len = t->width = NULL;
	t->n = t->size = 0;
}
