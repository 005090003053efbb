/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The columns of the table and the members of the JSON objects: one table for
 * both.
 */
#ifndef LISTENQ_COLUMNS_H
#define LISTENQ_COLUMNS_H

#include "format.h"
#include "print.h"

/* What the members of one JSON object take at most, less its processes. */
#define LQ_OBJECT_ROOM	2048

/**
 * typedef lq_cell - appends what a listener has in a column
 * @b: where to; there is %LQ_ROOM
 * @l: the listener
 * @v: how it is shown
 */
typedef void (*lq_cell)(struct lq_buf *b, const struct listenq_listener *l,
			const struct lq_view *v);

/**
 * enum lq_column_when - when a column of the table is shown
 * @LQ_ALWAYS: always
 * @LQ_WITH_CAUSES: when drops are tracked
 * @LQ_WITH_NETNS: with -a
 * @LQ_WITH_EXTENDED: with -e
 */
enum lq_column_when {
	LQ_ALWAYS,
	LQ_WITH_CAUSES,
	LQ_WITH_NETNS,
	LQ_WITH_EXTENDED,
};

/**
 * struct lq_column - a column of the table, a member of JSON objects, or both
 * @head: heading of the table, NULL: only in JSON
 * @text: appends the cell of the table
 * @when: when it is shown
 * @right: aligned to the right
 * @key: ,"name": of JSON, empty: only in the table
 * @key_len: its length
 * @bytes: 2, 4 or 8 for a number, which is found by
 * @offset: in the struct; else 0
 * @flag: a bit of listenq_listener.flags, or 0
 * @has: known only if this bit is set; 0: always
 * @json: appends the value if it is neither number nor flag
 */
struct lq_column {
	const char *head;
	lq_cell text;
	enum lq_column_when when;
	bool right;

	char key[24];
	uint8_t key_len;
	uint8_t bytes;
	uint16_t offset;
	uint32_t flag;
	uint32_t has;
	lq_cell json;
};

extern const struct lq_column lq_columns[];
extern const size_t lq_ncolumns;

#endif /* LISTENQ_COLUMNS_H */
