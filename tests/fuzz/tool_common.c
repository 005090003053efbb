// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "names.h"
#include "tool.h"

/**
 * must - stop if something does not hold; libFuzzer then keeps the input
 * @holds: whether it does
 * @what: should
 */
void must(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* Length of the character of UTF-8 at @p, 0 if there is none. */
static size_t utf8_length(const unsigned char *p, size_t len)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 :
		   p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (p[i] >> 6 != 2)
			return 0;
	return n;
}

/**
 * must_be_harmless - stop if output could drive a terminal
 * @text: lines of UTF-8, without control characters
 * @len: their bytes
 */
void must_be_harmless(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	for (; len; p += n, len -= n) {
		n = utf8_length(p, len);
		must(n, "output is UTF-8");
		must(*p == '\n' || (*p >= 0x20 && *p != 0x7f), "output has no control characters");
		must(!(n == 2 && *p == 0xc2 && p[1] < 0xa0), "output has no C1 control characters");
		must(!(n == 3 && *p == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae),
		     "output does not turn the direction of text");
	}
}

const char *lq_service_name(uint16_t port)
{
	return port % 2 ? "http" : NULL;
}

const char *lq_device_name(uint32_t ifindex)
{
	return ifindex % 2 ? HOSTILE_NAME : NULL;
}

const char *lq_netns_name(uint64_t ino)
{
	return ino % 2 ? HOSTILE_NAME : NULL;
}

const char *lq_cgroup_path(uint64_t id)
{
	return id % 2 ? "/" HOSTILE_NAME : NULL;
}

int lq_netns_enter(const char *name)
{
	(void)name;
	return -1;
}
