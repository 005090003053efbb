// SPDX-License-Identifier: GPL-2.0
/* Numbers, addresses, waits and names against libc's own formatting. */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "format.h"

/* What a fresh buffer of exactly the promised room holds after @put. */
#define EXPECT(_put, ...) do {						\
	char want_[256];						\
	struct lq_buf b = { 0 };					\
									\
	snprintf(want_, sizeof(want_), __VA_ARGS__);			\
	lq_buf_room(&b, LQ_ROOM);					\
	_put;								\
	lq_buf_room(&b, 1);						\
	b.data[b.len] = '\0';						\
	assert_string_equal(b.data, want_);				\
	lq_buf_free(&b);						\
} while (0)

static uint64_t random_u64(void)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void expect_number(uint64_t v)
{
	EXPECT(lq_put_u64(&b, v), "%llu", (unsigned long long)v);
}

static void numbers(void **state)
{
	(void)state;
	for (uint64_t v = 0; v < 20000; v++)
		expect_number(v);
	for (uint64_t p = 1; p <= 1000000000000000000ull; p *= 10)
		for (int i = -2; i <= 2; i++)
			expect_number(p + i);
	for (int bit = 0; bit < 64; bit++)
		for (int i = -1; i <= 1; i++)
			expect_number((1ull << bit) + i);
	expect_number(UINT64_MAX);
	expect_number(10000000000000000000ull);
	for (int i = 0; i < 100000; i++)
		expect_number(random_u64() >> (random_u64() % 64));
}

static void expect_ipv4(const uint8_t a[4])
{
	char want[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, a, want, sizeof(want));
	EXPECT(lq_put_ipv4(&b, a), "%s", want);
}

static void ipv4(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		const uint8_t a[4] = { i, 255 - i, 0, i };

		expect_ipv4(a);
	}
	for (int i = 0; i < 20000; i++) {
		uint32_t v = random_u64();

		expect_ipv4((uint8_t *)&v);
	}
}

static void expect_ipv6(const uint8_t a[16])
{
	char want[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, a, want, sizeof(want));
	EXPECT(lq_put_ipv6(&b, a), "%s", want);
}

/* Every pattern of zero words with words of every length. */
static void ipv6(void **state)
{
	static const uint16_t words[] = { 1, 0xf, 0x10, 0xff, 0x100, 0xfff, 0x1000, 0xffff };

	(void)state;
	for (int zero = 0; zero < 256; zero++) {
		for (size_t w = 0; w < 64; w++) {
			uint8_t a[16] = { 0 };

			for (int i = 0; i < 8; i++) {
				uint16_t v = zero >> i & 1 ? 0 :
					words[(w + i * (w / 8)) % 8];

				a[2 * i] = v >> 8;
				a[2 * i + 1] = v;
			}
			expect_ipv6(a);
		}
	}
	for (int i = 0; i < 20000; i++) {
		uint64_t a[2] = { random_u64(), random_u64() };

		expect_ipv6((uint8_t *)a);
	}
}

static void expect_wait(uint64_t us)
{
	unsigned long long ms = us / 1000, s = ms / 1000, m = s / 60, h = m / 60;

	if (us < 1000)
		EXPECT(lq_put_wait(&b, us), "%lluus", (unsigned long long)us);
	else if (us < 1000000)
		EXPECT(lq_put_wait(&b, us), "%llums", ms);
	else if (s < 60)
		EXPECT(lq_put_wait(&b, us), "%llu.%llus", s, ms / 100 % 10);
	else if (m < 60)
		EXPECT(lq_put_wait(&b, us), "%llum%02llus", m, s % 60);
	else if (h < 24)
		EXPECT(lq_put_wait(&b, us), "%lluh%02llum", h, m % 60);
	else
		EXPECT(lq_put_wait(&b, us), "%llud%02lluh", h / 24, h % 24);
}

static void waits(void **state)
{
	static const uint64_t edges[] = { 0, 1000, 1000000, 1900000, 60000000,
		123000000, 3600000000, 86400000000, UINT64_MAX };

	(void)state;
	EXPECT(lq_put_wait(&b, 1949999), "1.9s");
	EXPECT(lq_put_wait(&b, 350999), "350ms");
	EXPECT(lq_put_wait(&b, 123456789), "2m03s");
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		for (int d = -1; d <= 1; d++)
			expect_wait(edges[i] + d);
	for (int i = 0; i < 20000; i++)
		expect_wait(random_u64() >> (random_u64() % 64));
}

#define ESCAPED(_how, _in, _out) \
	EXPECT(lq_put_escaped(&b, _in, sizeof(_in) - 1, LQ_ESCAPE_##_how), "%s", _out)

static void escapes(void **state)
{
	(void)state;
	ESCAPED(TEXT, "nginx", "nginx");
	ESCAPED(TEXT, "a\nb", "a\\nb");
	ESCAPED(TEXT, "\033[31mred", "\\x1b[31mred");
	ESCAPED(TEXT, "tab\there", "tab\\x09here");
	ESCAPED(TEXT, "nul\0del\x7f", "nul\\x00del\\x7f");
	ESCAPED(TEXT, "say \"hi\" \\o/", "say \\\"hi\\\" \\\\o/");
	ESCAPED(TEXT, "caf\xc3\xa9", "caf\xc3\xa9");
	ESCAPED(TEXT, "cut \xc3", "cut \\xc3");
	ESCAPED(TEXT, "\xff\xfe", "\\xff\\xfe");
	ESCAPED(TEXT, "csi \xc2\x9b" "31m", "csi \\u009b31m");
	ESCAPED(TEXT, "rtl \xe2\x80\xae" "gnp", "rtl \\u202egnp");
	ESCAPED(TEXT, "long \xc0\xaf", "long \\xc0\\xaf");
	ESCAPED(TEXT, "surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80");
	ESCAPED(TEXT, "last surrogate \xed\xbf\xbf", "last surrogate \\xed\\xbf\\xbf");
	ESCAPED(TEXT, "big \xf4\x90\x80\x80", "big \\xf4\\x90\\x80\\x80");
	ESCAPED(JSON, "a\nb\033", "a\\nb\\u001b");
	ESCAPED(JSON, "\"\\", "\\\"\\\\");
	ESCAPED(JSON, "bad \xff", "bad \\ufffd");
	ESCAPED(JSON, "smile \xf0\x9f\x98\x80", "smile \xf0\x9f\x98\x80");
	EXPECT(lq_put_escaped(&b, "caf\xc3\xa9", 5, LQ_ESCAPE_TEXT);
	       assert_int_equal(b.unseen, 1), "caf\xc3\xa9");
}

/* Whatever bytes a name has: one line, no control characters, valid JSON. */
static void escapes_random(void **state)
{
	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct lq_buf text = { 0 }, json = { 0 };
		size_t len = random_u64() % 16;
		enum json_tokener_error err;
		struct json_object *o;
		char name[16];

		for (size_t j = 0; j < len; j++)
			name[j] = random_u64();
		lq_put_escaped(&text, name, len, LQ_ESCAPE_TEXT);
		for (size_t j = 0; j < text.len; j++)
			if ((unsigned char)text.data[j] < ' ' || text.data[j] == 0x7f)
				fail_msg("control character in round %d", i);
		lq_buf_room(&json, 2);
		lq_put_char(&json, '"');
		lq_put_escaped(&json, name, len, LQ_ESCAPE_JSON);
		lq_buf_room(&json, 2);
		lq_put_char(&json, '"');
		lq_put_char(&json, '\0');
		o = parse_json(json.data, &err);
		if (!o)
			fail_msg("round %d: %s: %s", i, json.data,
				 json_tokener_error_desc(err));
		json_object_put(o);
		lq_buf_free(&text);
		lq_buf_free(&json);
	}
}

static void flush_fails(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct lq_buf b = { 0 };

	(void)state;
	lq_buf_room(&b, LQ_ROOM);
	lq_put_str(&b, "x");
	assert_int_equal(lq_buf_flush(&b, fd), -ENOSPC);
	close(fd);
	lq_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(ipv4),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(waits),
		cmocka_unit_test(escapes),
		cmocka_unit_test(escapes_random),
		cmocka_unit_test(flush_fails),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
