// SPDX-License-Identifier: GPL-2.0
/* Numbers, addresses, waits and names as text, without stdio. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "format.h"

/**
 * lq_buf_grow - make room for @n more bytes, and for many to come
 * @b: the buffer
 * @n: how many
 */
void lq_buf_grow(struct lq_buf *b, size_t n)
{
	size_t size = b->size * 2;

	if (size < b->len + n)
		size = b->len + n;
	if (size < 4096)
		size = 4096;
	b->data = lq_alloc(b->data, size, 1);
	b->size = size;
}

/**
 * lq_buf_free - forget a buffer
 * @b: the buffer; may be used again
 */
void lq_buf_free(struct lq_buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

/**
 * lq_buf_flush - write a buffer out and empty it
 * @b: the buffer
 * @fd: where to
 *
 * Return: 0, or -errno of the write that failed.
 */
int lq_buf_flush(struct lq_buf *b, int fd)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += n;
	}
	b->len = 0;
	return 0;
}

/**
 * lq_put_number - append a number of two digits or more
 * @b: the buffer
 * @v: the number
 */
void lq_put_number(struct lq_buf *b, uint64_t v)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";
	uint64_t rest = v;
	char *p = b->data + b->len;

	for (; rest >= 10000; rest /= 10000)
		p += 4;
	p += 1 + (rest >= 10) + (rest >= 100) + (rest >= 1000);
	b->len = p - b->data;
	for (; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (v % 100), 2);
	}
	if (v >= 10)
		memcpy(p - 2, pairs + 2 * v, 2);
	else
		p[-1] = '0' + v;
}

/**
 * lq_put_ipv4 - append an IPv4 address
 * @b: the buffer
 * @addr: the address, network order
 */
void lq_put_ipv4(struct lq_buf *b, const uint8_t addr[4])
{
	/* every octet with a dot behind it, and how long that is */
	static char text[256][4];
	static uint8_t len[256];
	char *p = b->data + b->len;

	for (int v = 0; v < 256 && !len[255]; v++) {
		char *to = text[v];

		if (v >= 100)
			*to++ = '0' + v / 100;
		if (v >= 10)
			*to++ = '0' + v / 10 % 10;
		*to++ = '0' + v % 10;
		*to++ = '.';
		len[v] = to - text[v];
	}
	for (int i = 0; i < 4; i++) {
		memcpy(p, text[addr[i]], 4);
		p += len[addr[i]];
	}
	b->len = p - 1 - b->data;
}

static void put_hex16(struct lq_buf *b, unsigned int v)
{
	static const char hex[] = "0123456789abcdef";

	if (v > 0xfff)
		lq_put_char(b, hex[v >> 12]);
	if (v > 0xff)
		lq_put_char(b, hex[v >> 8 & 15]);
	if (v > 0xf)
		lq_put_char(b, hex[v >> 4 & 15]);
	lq_put_char(b, hex[v & 15]);
}

/**
 * lq_put_ipv6 - append an IPv6 address as inet_ntop() writes it
 * @b: the buffer
 * @addr: the address, network order
 *
 * The first longest run of at least two zero words becomes "::"; mapped and
 * compatible addresses end in dotted IPv4.
 */
void lq_put_ipv6(struct lq_buf *b, const uint8_t addr[16])
{
	int best = -1, best_len = 1;
	unsigned int word[8];
	int run = 0;

	for (int i = 0; i < 8; i++) {
		word[i] = addr[2 * i] << 8 | addr[2 * i + 1];
		run = word[i] ? 0 : run + 1;
		if (run > best_len) {
			best_len = run;
			best = i + 1 - run;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			lq_put_mem(b, "::", 2);
			i += best_len - 1;
			continue;
		}
		if (i && i != best + best_len)
			lq_put_char(b, ':');
		if (i == 6 && best == 0 &&
		    (best_len == 6 || (best_len == 5 && word[5] == 0xffff))) {
			lq_put_ipv4(b, addr + 12);
			return;
		}
		put_hex16(b, word[i]);
	}
}

static void put_two(struct lq_buf *b, unsigned int v)
{
	lq_put_char(b, '0' + v / 10);
	lq_put_char(b, '0' + v % 10);
}

/**
 * lq_put_wait - append a time as a person says it: 40us 350ms 1.9s 2m03s 5h07m 3d04h
 * @b: the buffer
 * @us: the time, in µs; what is beyond the last digit shown is cut off
 */
void lq_put_wait(struct lq_buf *b, uint64_t us)
{
	uint64_t s = us / 1000000;

	if (us < 1000) {
		lq_put_u64(b, us);
		lq_put_mem(b, "us", 2);
	} else if (!s) {
		lq_put_u64(b, us / 1000);
		lq_put_mem(b, "ms", 2);
	} else if (s < 60) {
		lq_put_u64(b, s);
		lq_put_char(b, '.');
		lq_put_char(b, '0' + us / 100000 % 10);
		lq_put_char(b, 's');
	} else if (s < 3600) {
		lq_put_u64(b, s / 60);
		lq_put_char(b, 'm');
		put_two(b, s % 60);
		lq_put_char(b, 's');
	} else if (s < 86400) {
		lq_put_u64(b, s / 3600);
		lq_put_char(b, 'h');
		put_two(b, s / 60 % 60);
		lq_put_char(b, 'm');
	} else {
		lq_put_u64(b, s / 86400);
		lq_put_char(b, 'd');
		put_two(b, s / 3600 % 24);
		lq_put_char(b, 'h');
	}
}

/* One character of UTF-8: its code point and, in @n, its length; -1 if it is none. */
static int32_t utf8_next(const char *s, size_t len, size_t *n)
{
	const unsigned char *p = (const unsigned char *)s;
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t want;
	int32_t c;

	*n = 1;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		want = 2;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		want = 3;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		want = 4;
	else
		return -1;
	if (want > len)
		return -1;
	c = p[0] & (0x7f >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[want] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -1;
	*n = want;
	return c;
}

/* Characters that a terminal obeys, or that reorder what is around them. */
static bool is_control(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void put_hex(struct lq_buf *b, const char *prefix, unsigned int v,
		    int digits)
{
	lq_put_str(b, prefix);
	while (digits--)
		lq_put_char(b, "0123456789abcdef"[v >> (4 * digits) & 15]);
}

/*
 * One column each: names with wide characters are rare, and only their own row
 * is out of line.
 */
static void put_character(struct lq_buf *b, const char *s, size_t n)
{
	lq_put_mem(b, s, n);
	b->unseen += n - 1;
}

/**
 * lq_put_escaped - append a name that somebody else chose
 * @b: the buffer; room is made here
 * @s: the name: any bytes
 * @len: how many
 * @how: what it is for
 *
 * The result is one line of valid UTF-8 that no terminal obeys. Quotes and
 * backslashes get a backslash.
 */
void lq_put_escaped(struct lq_buf *b, const char *s, size_t len,
		    enum lq_escape how)
{
	size_t n;

	lq_buf_room(b, 6 * len);
	for (; len; s += n, len -= n) {
		int32_t c = utf8_next(s, len, &n);

		if (c < 0 && how == LQ_ESCAPE_JSON)
			lq_put_str(b, "\\ufffd");
		else if (c < 0)
			put_hex(b, "\\x", *(const unsigned char *)s, 2);
		else if (c == '\n')
			lq_put_str(b, "\\n");
		else if (c == '"')
			lq_put_str(b, "\\\"");
		else if (c == '\\')
			lq_put_str(b, "\\\\");
		else if (is_control(c) && c < 0x80 && how == LQ_ESCAPE_TEXT)
			put_hex(b, "\\x", c, 2);
		else if (is_control(c))
			put_hex(b, "\\u", c, 4);
		else
			put_character(b, s, n);
	}
}
