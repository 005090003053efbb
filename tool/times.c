// SPDX-License-Identifier: GPL-2.0
/* Moments in local time, durations in s, min, h and d. */
#include <stdlib.h>
#include <time.h>

#include "times.h"

#define SECOND	1000000ull

/**
 * lq_time_now - this moment, µs since the epoch
 */
uint64_t lq_time_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static void put_two(struct lq_buf *b, unsigned int v)
{
	lq_put_char(b, '0' + v / 10);
	lq_put_char(b, '0' + v % 10);
}

/* The time of day, after the date and @blank if that is not '\0'. */
static void put_moment(struct lq_buf *b, uint64_t us, char blank)
{
	time_t t = us / SECOND;
	struct tm tm;

	if (!localtime_r(&t, &tm)) {
		lq_put_char(b, '-');
		return;
	}
	if (blank) {
		lq_put_u64(b, tm.tm_year + 1900);
		lq_put_char(b, '-');
		put_two(b, tm.tm_mon + 1);
		lq_put_char(b, '-');
		put_two(b, tm.tm_mday);
		lq_put_char(b, blank);
	}
	put_two(b, tm.tm_hour);
	lq_put_char(b, ':');
	put_two(b, tm.tm_min);
	lq_put_char(b, ':');
	put_two(b, tm.tm_sec);
}

/**
 * lq_put_date - append a moment: 2026-11-22 14:02:01, or "-" for never
 * @b: the buffer
 * @us: the moment
 */
void lq_put_date(struct lq_buf *b, uint64_t us)
{
	if (us)
		put_moment(b, us, ' ');
	else
		lq_put_char(b, '-');
}

/**
 * lq_put_clock - append the time of day: 14:02:01.123
 * @b: the buffer
 * @us: the moment
 */
void lq_put_clock(struct lq_buf *b, uint64_t us)
{
	unsigned int ms = us / 1000 % 1000;

	put_moment(b, us, '\0');
	lq_put_char(b, '.');
	lq_put_char(b, '0' + ms / 100);
	lq_put_char(b, '0' + ms / 10 % 10);
	lq_put_char(b, '0' + ms % 10);
}

/**
 * lq_put_when - append a moment without blanks: 14:02:01, or 2026-11-21T14:02:01
 * @b: the buffer
 * @us: the moment, 0 for never
 *
 * The date is left out when it is today.
 */
void lq_put_when(struct lq_buf *b, uint64_t us)
{
	time_t now = time(NULL), t = us / SECOND;
	struct tm a = { 0 }, z = { 0 };

	localtime_r(&now, &a);
	localtime_r(&t, &z);
	if (!us)
		lq_put_char(b, '-');
	else if (a.tm_year == z.tm_year && a.tm_yday == z.tm_yday)
		put_moment(b, us, '\0');
	else
		put_moment(b, us, 'T');
}

/**
 * lq_duration_parse - read a duration: 30s, 10min, 2h, 1d
 * @s: the text
 * @us: gets it
 *
 * Return: whether it is one.
 */
bool lq_duration_parse(const char *s, uint64_t *us)
{
	static const struct {
		const char *name;
		uint32_t seconds;
	} units[] = {
		{ "s", 1 }, { "sec", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 },
		{ "d", 86400 },
	};
	size_t digits = strspn(s, "0123456789");
	unsigned long n = strtoul(s, NULL, 10);

	if (!digits || digits > 9)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(s + digits, units[i].name)) {
			*us = n * units[i].seconds * SECOND;
			return true;
		}
	return false;
}
