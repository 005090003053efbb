// SPDX-License-Identifier: GPL-2.0
/* Rows of listeners: the text renderer and the JSON renderer. */
#include <stdlib.h>
#include <unistd.h>

#include <listenq/rules.h>

#include "columns.h"
#include "counters.h"

#define FLUSH_AT	(64 * 1024)
#define COLUMNS_MAX	16	/* of the table */

/**
 * lq_wants_color - whether colours are wanted on stdout
 */
bool lq_wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

static bool is_shown(const struct lq_column *c, const struct lq_view *v)
{
	if (!c->head)
		return false;
	return c->when == LQ_ALWAYS || (c->when == LQ_WITH_CAUSES && v->causes) ||
	       (c->when == LQ_WITH_NETNS && v->all_netns) ||
	       (c->when == LQ_WITH_EXTENDED && v->extended);
}

/* A cell of the table, formatted but not yet in its place. */
struct cell {
	uint32_t len;
	uint32_t width;
};

static inline char *put_spaces(char *p, size_t n)
{
	static const char spaces[16] = "                ";

	for (; n > 16; n -= 16, p += 16)
		memcpy(p, spaces, 16);
	memcpy(p, spaces, 16);
	return p + n;
}

/* Room for a row: its cells, what pads them and colours, and 16 that are written for fewer. */
static inline void row_room(struct lq_buf *out, const struct cell *cells, const size_t *width,
			    size_t ncol)
{
	size_t room = LQ_ROOM;

	for (size_t c = 0; c < ncol; c++)
		room += width[c] + cells[c].len + 1;
	lq_buf_room(out, room);
}

/* Puts a cell into its place: padded to the column's width unless it is the last of its row. */
static inline void put_cell(struct lq_buf *out, const char *s, struct cell cell,
			    size_t width, bool right, bool last, const char *color)
{
	size_t pad = width - cell.width;
	char *p;

	if (right)
		out->len = put_spaces(out->data + out->len, pad) - out->data;
	if (color)
		lq_put_str(out, color);
	lq_put_short(out, s, cell.len);
	if (color)
		lq_put_str(out, "\033[0m");
	p = out->data + out->len;
	if (last)
		*p++ = '\n';
	else
		p = put_spaces(p, (right ? 0 : pad) + 1);
	out->len = p - out->data;
}

static const char *state_color(const struct listenq_listener *l)
{
	switch (lq_listener_state(l)) {
	case LQ_STATE_FULL:
		return "\033[31m";
	case LQ_STATE_BUSY:
		return "\033[33m";
	default:
		return NULL;
	}
}

static void put_headings(struct lq_buf *out, const struct lq_column *const *shown,
			 size_t ncol, const size_t *width)
{
	for (size_t c = 0; c < ncol; c++) {
		char head[32] = "";
		struct cell cell;

		strncpy(head, shown[c]->head, sizeof(head) - 1);
		cell.len = cell.width = strlen(head);
		row_room(out, &cell, &width[c], 1);
		put_cell(out, head, cell, width[c], shown[c]->right, c == ncol - 1, NULL);
	}
}

/**
 * lq_print_text - listeners as a table
 * @fd: where to
 * @rows: the listeners, in order
 * @n: how many
 * @v: how
 *
 * Two passes, since widths fit the data: cells first, then rows.
 *
 * Return: 0, or -errno of the write that failed.
 */
int lq_print_text(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v)
{
	struct lq_buf text = { 0 }, out = { 0 };
	const struct lq_column *shown[COLUMNS_MAX];
	size_t width[COLUMNS_MAX] = { 0 };
	struct cell *cells, *cell;
	const char *s;
	size_t ncol = 0;
	int ret = 0;

	for (size_t c = 0; c < lq_ncolumns && ncol < COLUMNS_MAX; c++)
		if (is_shown(&lq_columns[c], v))
			shown[ncol++] = &lq_columns[c];
	cells = lq_alloc(NULL, n * ncol + 1, sizeof(*cells));
	for (size_t c = 0; c < ncol && !v->no_header; c++)
		width[c] = strlen(shown[c]->head);
	cell = cells;
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < ncol; c++, cell++) {
			size_t start = text.len;

			text.unseen = 0;
			lq_buf_room(&text, LQ_ROOM);
			shown[c]->text(&text, rows[i].l, v);
			cell->len = text.len - start;
			cell->width = cell->len - text.unseen;
			if (cell->width > width[c])
				width[c] = cell->width;
		}
	}
	lq_buf_room(&text, LQ_ROOM); /* lq_put_short() reads past the end */
	if (!v->no_header)
		put_headings(&out, shown, ncol, width);
	cell = cells;
	s = text.data;
	for (size_t i = 0; i < n && !ret; i++) {
		row_room(&out, cell, width, ncol);
		for (size_t c = 0; c < ncol; c++, cell++) {
			put_cell(&out, s, *cell, width[c], shown[c]->right, c == ncol - 1,
				 !c && v->color ? state_color(rows[i].l) : NULL);
			s += cell->len;
		}
		if (v->statistics)
			lq_put_counters_text(&out, lq_counters_of(v->listeners, rows[i].l));
		if (out.len >= FLUSH_AT)
			ret = lq_buf_flush(&out, fd);
	}
	if (!ret)
		ret = lq_buf_flush(&out, fd);
	free(cells);
	lq_buf_free(&text);
	lq_buf_free(&out);
	return ret;
}

static void put_number(struct lq_buf *b, const struct listenq_listener *l,
		       const struct lq_column *c)
{
	const char *p = (const char *)l + c->offset;

	if (c->bytes == 4)
		lq_put_u64(b, *(const uint32_t *)p);
	else if (c->bytes == 8)
		lq_put_u64(b, *(const uint64_t *)p);
	else
		lq_put_u64(b, *(const uint16_t *)p);
}

static void put_histograms(struct lq_buf *b, const struct listenq_listener *l,
			   const struct lq_view *v)
{
	const struct listenq_counters *c = lq_counters_of(v->listeners, l);
	bool known = v->listeners->histograms && c && (c->has & LISTENQ_COUNTERS_HAS_SYN);

	lq_put_str(b, ",\"histograms\":");
	lq_put_histograms_json(b, known ? &v->listeners->histograms[l - v->listeners->v] : NULL);
}

/**
 * lq_put_listener_json - append a listener as an object
 * @b: the buffer; room is made here
 * @l: the listener
 * @v: how, and with what else
 */
void lq_put_listener_json(struct lq_buf *b, const struct listenq_listener *l,
			  const struct lq_view *v)
{
	size_t start = b->len;

	lq_buf_room(b, LQ_OBJECT_ROOM);
	for (size_t i = 0; i < lq_ncolumns; i++) {
		const struct lq_column *c = &lq_columns[i];

		if (!c->key_len)
			continue;
		memcpy(b->data + b->len, c->key, sizeof(c->key));
		b->len += c->key_len;
		if (c->has && !(l->has & c->has))
			lq_put_mem(b, "null", 4);
		else if (c->bytes)
			put_number(b, l, c);
		else if (c->json)
			c->json(b, l, v);
		else if (l->flags & c->flag)
			lq_put_mem(b, "true", 4);
		else
			lq_put_mem(b, "false", 5);
	}
	b->data[start] = '{'; /* in place of the first key's comma */
	lq_buf_room(b, LQ_ROOM);
	if (v->statistics) {
		lq_put_str(b, ",\"counters\":");
		lq_put_counters_json(b, lq_counters_of(v->listeners, l));
	}
	if (v->histograms)
		put_histograms(b, l, v);
	lq_buf_room(b, LQ_ROOM);
	lq_put_char(b, '}');
}

/**
 * lq_print_json - listeners as one JSON array, an object to a line
 * @fd: where to
 * @rows: the listeners, in order
 * @n: how many
 * @v: how
 *
 * Return: 0, or -errno of the write that failed.
 */
int lq_print_json(int fd, const struct lq_row *rows, size_t n,
		  const struct lq_view *v)
{
	struct lq_buf out = { 0 };
	int ret = 0;

	lq_buf_room(&out, LQ_ROOM);
	lq_put_char(&out, '[');
	for (size_t i = 0; i < n && !ret; i++) {
		lq_buf_room(&out, LQ_ROOM);
		lq_put_str(&out, i ? ",\n" : "\n");
		lq_put_listener_json(&out, rows[i].l, v);
		if (out.len >= FLUSH_AT)
			ret = lq_buf_flush(&out, fd);
	}
	lq_buf_room(&out, LQ_ROOM);
	lq_put_str(&out, n ? "\n]\n" : "]\n");
	if (!ret)
		ret = lq_buf_flush(&out, fd);
	lq_buf_free(&out);
	return ret;
}
