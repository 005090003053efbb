// SPDX-License-Identifier: GPL-2.0
/* FILTER: what is accepted and what it matches, what is refused and how. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>

#include "unit.h"

#include "filter.h"

static struct listenq_listener at(const char *addr, uint16_t port)
{
	struct listenq_listener l = { .port = port, .family = AF_INET };

	if (inet_pton(AF_INET, addr, l.addr) != 1) {
		l.family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, addr, l.addr), 1);
	}
	return l;
}

static bool matches(const char *text, const struct listenq_listener *l)
{
	struct lq_filter f = { 0 };
	char why[512];

	if (lq_filter_parse(&f, text, strlen(text), why, sizeof(why)))
		fail_msg("\"%s\" is refused: %s", text, why);
	return lq_filter_match(&f, l);
}

static void expect(const char *text, const char *addr, uint16_t port, bool want)
{
	struct listenq_listener l = at(addr, port);

	if (matches(text, &l) != want)
		fail_msg("\"%s\" and %s port %u", text, addr, port);
}

static void accepted(void **state)
{
	static const struct {
		const char *text, *addr;
		uint16_t port;
		bool match;
	} cases[] = {
		{ "", "10.0.0.1", 80, true },
		{ "   ", "::1", 80, true },
		{ ":443", "10.0.0.1", 443, true },
		{ ":443", "::", 443, true },
		{ ":443", "10.0.0.1", 444, false },
		{ ":https", "10.0.0.1", 443, true },
		{ "*:80", "10.0.0.1", 80, true },
		{ "*:80", "::", 80, true },
		{ "*:80", "::", 81, false },
		{ "*", "::", 81, true },
		{ "*:*", "::", 81, true },
		{ "10.0.0.1:80", "10.0.0.1", 80, true },
		{ "10.0.0.1:80", "10.0.0.2", 80, false },
		{ "10.0.0.1:80", "10.0.0.1", 81, false },
		{ "10.0.0.1:*", "10.0.0.1", 81, true },
		{ "10.0.0.1", "10.0.0.1", 81, true },
		{ "10.0.0.1", "::ffff:10.0.0.1", 81, true },
		{ "10.0.0.1", "0.0.0.0", 81, false },
		{ "0.0.0.0:80", "0.0.0.0", 80, true },
		{ "0.0.0.0:80", "10.0.0.1", 80, false },
		{ "10.0.0.0/8", "10.255.0.1", 80, true },
		{ "10.0.0.0/8", "11.0.0.1", 80, false },
		{ "10.0.0.0/9:80", "10.127.0.1", 80, true },
		{ "10.0.0.0/9:80", "10.128.0.1", 80, false },
		{ "0.0.0.0/0", "10.128.0.1", 80, true },
		{ "0.0.0.0/0", "::1", 80, false },
		{ "[::1]:80", "::1", 80, true },
		{ "[::1]:80", "::2", 80, false },
		{ "[::1]:80", "::1", 81, false },
		{ "[::1]", "::1", 81, true },
		{ "::1", "::1", 81, true },
		{ "[::]:80", "::", 80, true },
		{ "[2001:db8::]/32:80", "2001:db8:1::1", 80, true },
		{ "[2001:db8::]/32:80", "2001:db9:1::1", 80, false },
		{ "2001:db8::/32", "2001:db8:1::1", 80, true },
		{ "sport = :443", "::", 443, true },
		{ "sport = :443", "::", 80, false },
		{ "sport :443", "::", 443, true },
		{ "sport 443", "::", 443, true },
		{ "sport=:443", "::", 443, true },
		{ "sport == 443", "::", 443, true },
		{ "sport eq :443", "::", 443, true },
		{ "sport eq *:443", "::", 443, true },
		{ "sport = :https", "::", 443, true },
		{ "sport != :443", "::", 443, false },
		{ "sport neq :443", "::", 80, true },
		{ "sport ne 443", "::", 80, true },
		{ "sport < :1024", "::", 1023, true },
		{ "sport lt :1024", "::", 1024, false },
		{ "sport <= :1024", "::", 1024, true },
		{ "sport le :1024", "::", 1025, false },
		{ "sport > :1024", "::", 1025, true },
		{ "sport gt :1024", "::", 1024, false },
		{ "sport >= :1024", "::", 1024, true },
		{ "sport ge :1024", "::", 1023, false },
		{ "src 10.0.0.1", "10.0.0.1", 80, true },
		{ "src = 10.0.0.1:80", "10.0.0.1", 80, true },
		{ "src = 10.0.0.1:80", "10.0.0.1", 81, false },
		{ "src != 10.0.0.1", "10.0.0.1", 81, false },
		{ "src != 10.0.0.1", "10.0.0.2", 81, true },
		{ "src [::1]:80", "::1", 80, true },
		{ "src :80", "::1", 80, true },
		{ "sport = :80 or sport = :443", "::", 443, true },
		{ "sport = :80 or sport = :443", "::", 80, true },
		{ "sport = :80 | sport = :443", "::", 81, false },
		{ "sport >= :80 and sport <= :90", "::", 85, true },
		{ "sport >= :80 && sport <= :90", "::", 91, false },
		{ "sport >= :80 sport <= :90", "::", 91, false },
		{ ":80 10.0.0.1 or :443 10.0.0.2", "10.0.0.2", 443, true },
		{ ":80 10.0.0.1 or :443 10.0.0.2", "10.0.0.1", 443, false },
		{ ":80 10.0.0.1 or :443 10.0.0.2", "10.0.0.1", 80, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].text, cases[i].addr, cases[i].port, cases[i].match);
}

static void devices(void **state)
{
	struct listenq_listener l = at("127.0.0.1", 53);

	(void)state;
	assert_false(matches("dev lo", &l));
	assert_true(matches("dev != lo", &l));
	l.ifindex = if_nametoindex("lo");
	assert_true(matches("dev lo", &l));
	assert_true(matches("dev = lo", &l));
	assert_true(matches("127.0.0.1%lo:53", &l));
	assert_false(matches("127.0.0.1%lo:54", &l));
	assert_true(matches("*%lo:53", &l));
	assert_false(matches("[::1]%lo:53", &l));
}

static void options(void **state)
{
	struct listenq_listener l = at("10.0.0.1", 80);
	struct lq_filter f = { .family = AF_INET6 };

	(void)state;
	assert_false(lq_filter_match(&f, &l));
	f.family = AF_INET;
	assert_true(lq_filter_match(&f, &l));
	f.full = true;
	assert_false(lq_filter_match(&f, &l));
	l.flags = LISTENQ_L_SYN_FULL;
	assert_true(lq_filter_match(&f, &l));
	l.flags = LISTENQ_L_ACCEPT_FULL;
	assert_true(lq_filter_match(&f, &l));
}

#define ACCEPTED "accepted: :443, 10.0.0.1:80, [::1]:80, 10.0.0.0/8, *:80, " \
		 "sport = :443, src 10.0.0.1, dev eth0, and, or"

static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "80", "\"80\" is no address; " ACCEPTED },
		{ "example.org:80", "\"example.org\" is no address; " ACCEPTED },
		{ ":0", "no port fits that condition; ports are 1 to 65535" },
		{ ":65536", "\"65536\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ ":99999999999999999999", "\"99999999999999999999\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ ":8o", "\"8o\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ ":", "\"\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ "10.0.0.1:", "\"\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ "sport = -1", "\"-1\" is no port (1 to 65535 or a service name); " ACCEPTED },
		{ "sport < 1", "no port fits that condition; ports are 1 to 65535" },
		{ "sport > 65535", "no port fits that condition; ports are 1 to 65535" },
		{ "sport", "nothing after \"sport\"; " ACCEPTED },
		{ "sport =", "nothing after \"sport\"; " ACCEPTED },
		{ "src", "nothing after \"src\"; " ACCEPTED },
		{ "src < 10.0.0.1", "src is equal or not, it has no order" },
		{ "dport = :80", "dport: a listener has no peer; " ACCEPTED },
		{ "dst 10.0.0.1", "dst: a listener has no peer; " ACCEPTED },
		{ "dev nosuchdev0", "no network device \"nosuchdev0\"" },
		{ "10.0.0.0/33", "\"/33\" is no prefix length of an IPv4 address" },
		{ "10.0.0.0/", "\"/\" is no prefix length of an IPv4 address" },
		{ "[::]/129", "\"/129\" is no prefix length of an IPv6 address" },
		{ "[::1", "\"[::1\" lacks its \"]\"; " ACCEPTED },
		{ "[::1]80", "\"80\" after \"]\": expected :PORT, /PREFIX or %DEVICE" },
		{ "10.0.0.256", "\"10.0.0.256\" is no address; " ACCEPTED },
		{ "or :80", "\"or\" stands between two conditions; " ACCEPTED },
		{ ":80 or", "nothing after \"or\"; " ACCEPTED },
		{ ":80 and", "nothing after \"and\"; " ACCEPTED },
		{ ":80 and or :81", "\"or\" stands between two conditions; " ACCEPTED },
		{ "( :80 )", "unexpected \"(\"; " ACCEPTED },
		{ "!", "unexpected \"!\"; " ACCEPTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lq_filter f = { 0 };
		char why[512] = "";

		if (!lq_filter_parse(&f, cases[i].text, strlen(cases[i].text), why,
				     sizeof(why)))
			fail_msg("\"%s\" is accepted", cases[i].text);
		assert_string_equal(why, cases[i].why);
	}
}

/* Too long, too many, and bytes that no shell would give. */
static void limits(void **state)
{
	char text[8 * LQ_FILTER_TERMS];
	struct lq_filter f = { 0 };
	char why[512], big[300];
	size_t len = 0;

	(void)state;
	memset(big, 'a', sizeof(big));
	assert_int_equal(lq_filter_parse(&f, big, sizeof(big), why, sizeof(why)), -1);
	for (int i = 0; i < LQ_FILTER_TERMS; i++)
		len += sprintf(text + len, ":%d ", 100 + i);
	assert_int_equal(lq_filter_parse(&f, text, len, why, sizeof(why)), 0);
	assert_int_equal(f.n, LQ_FILTER_TERMS);
	strcpy(text + len, ":99");
	assert_int_equal(lq_filter_parse(&f, text, len + 3, why, sizeof(why)), -1);
	assert_string_equal(why, "more than 64 conditions");
	assert_int_equal(lq_filter_parse(&f, ":80\0:81", 7, why, sizeof(why)), 0);
	assert_int_equal(f.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(devices),
		cmocka_unit_test(options),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
