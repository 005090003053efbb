// SPDX-License-Identifier: GPL-2.0
/* A FILTER, and what it parses to applied to listeners. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "tool.h"

/* In the place of libc's, which read files and ask the kernel. */
struct servent *getservbyname(const char *name, const char *proto)
{
	static struct servent https;

	(void)proto;
	https.s_port = htons(443);
	return strcmp(name, "https") ? NULL : &https;
}

unsigned int if_nametoindex(const char *name)
{
	return strcmp(name, "lo") ? 0 : 1;
}

static void check_term(const struct lq_filter_term *t)
{
	must(t->port_min <= t->port_max, "ports are in order");
	must(!t->port_max || t->port_min, "port 0 is never asked for");
	must(!t->family || t->family == AF_INET || t->family == AF_INET6, "a known family");
	must(t->prefix <= (t->family == AF_INET6 ? 128 : t->family ? 32 : 0),
	     "a prefix fits its address");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct listenq_listener listeners[] = {
		{ .family = AF_INET, .port = 443, .addr = { 127, 0, 0, 1 } },
		{ .family = AF_INET6, .port = 80, .ifindex = 1, .addr = { [15] = 1 } },
		{ .family = AF_INET6, .port = 1, .addr = { [10] = 0xff, 0xff, 10, 0, 0, 1 } },
	};
	struct lq_filter *f = calloc(1, sizeof(*f));
	char why[512];
	char *text;

	/* a copy without a byte to spare: the parser gets no final 0 */
	text = malloc(len ? len : 1);
	memcpy(text, data, len);
	memset(why, 0x55, sizeof(why));
	if (lq_filter_parse(f, text, len, why, sizeof(why))) {
		must(why[0] && memchr(why, '\0', sizeof(why)), "an error says why");
		must(!strchr(why, '\n'), "an error is one line");
	} else {
		must(f->n >= 0 && f->n <= LQ_FILTER_TERMS, "terms fit");
		for (int i = 0; i < f->n; i++)
			check_term(&f->term[i]);
		for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++)
			must(lq_filter_match(f, &listeners[i]) || f->n,
			     "an empty filter wants everyone");
	}
	free(text);
	free(f);
	return 0;
}
