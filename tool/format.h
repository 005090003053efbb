/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One growing output buffer and the few things that are written into it.
 *
 * Tens of thousands of rows go through here, so nothing calls stdio. Callers of
 * the lq_put_* functions have made room first (%LQ_ROOM is enough for any one
 * of them but lq_put_escaped(), which makes its own).
 */
#ifndef LISTENQ_FORMAT_H
#define LISTENQ_FORMAT_H

#include <stdint.h>
#include <string.h>

#include "listenq.h"

#define LQ_ROOM		256

/**
 * struct lq_buf - bytes on their way out
 * @data: the bytes
 * @len: how many there are
 * @size: how many fit
 * @unseen: how many of them take no column of their own on a terminal
 */
struct lq_buf {
	char *data;
	size_t len;
	size_t size;
	size_t unseen;
};

/**
 * enum lq_escape - what a name is escaped for
 * @LQ_ESCAPE_TEXT: a terminal: what is not printable becomes \n, \x1b, \u009b
 * @LQ_ESCAPE_JSON: a JSON string: bytes that are no UTF-8 become U+FFFD
 */
enum lq_escape {
	LQ_ESCAPE_TEXT,
	LQ_ESCAPE_JSON,
};

void lq_buf_grow(struct lq_buf *b, size_t n);
void lq_buf_free(struct lq_buf *b);
int lq_buf_flush(struct lq_buf *b, int fd);

void lq_put_number(struct lq_buf *b, uint64_t v);
void lq_put_ipv4(struct lq_buf *b, const uint8_t addr[4]);
void lq_put_ipv6(struct lq_buf *b, const uint8_t addr[16]);
void lq_put_wait(struct lq_buf *b, uint64_t us);
void lq_put_escaped(struct lq_buf *b, const char *s, size_t len,
		    enum lq_escape how);

/**
 * lq_buf_room - make sure that @n more bytes fit
 * @b: the buffer
 * @n: how many
 */
static inline void lq_buf_room(struct lq_buf *b, size_t n)
{
	if (b->size - b->len < n)
		lq_buf_grow(b, n);
}

/**
 * lq_put_char - append one character
 * @b: the buffer
 * @c: the character
 */
static inline void lq_put_char(struct lq_buf *b, char c)
{
	b->data[b->len++] = c;
}

/**
 * lq_put_u64 - append a number
 * @b: the buffer
 * @v: the number
 */
static inline void lq_put_u64(struct lq_buf *b, uint64_t v)
{
	if (v < 10)
		lq_put_char(b, '0' + v);
	else
		lq_put_number(b, v);
}

/**
 * lq_put_mem - append bytes as they are
 * @b: the buffer
 * @s: the bytes
 * @len: how many
 */
static inline void lq_put_mem(struct lq_buf *b, const char *s, size_t len)
{
	memcpy(b->data + b->len, s, len);
	b->len += len;
}

/**
 * lq_put_short - append bytes that mostly are few
 * @b: the buffer
 * @s: the bytes; 16 may be read
 * @len: how many
 *
 * Copies 16 at once, which costs less than finding out how many there are.
 */
static inline void lq_put_short(struct lq_buf *b, const char *s, size_t len)
{
	if (len <= 16)
		memcpy(b->data + b->len, s, 16);
	else
		memcpy(b->data + b->len, s, len);
	b->len += len;
}

/**
 * lq_put_str - append a string that needs no escaping
 * @b: the buffer
 * @s: the string
 */
static inline void lq_put_str(struct lq_buf *b, const char *s)
{
	lq_put_mem(b, s, strlen(s));
}

#endif /* LISTENQ_FORMAT_H */
