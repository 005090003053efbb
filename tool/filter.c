// SPDX-License-Identifier: GPL-2.0
/* The FILTER parser, and what it parses to applied to a listener. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

#define WORD_MAX	256
#define FORMS		"accepted: :443, 10.0.0.1:80, [::1]:80, 10.0.0.0/8, *:80, " \
			"sport = :443, src 10.0.0.1, dev eth0, and, or"

enum op { OP_NONE, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

/* The text still to be parsed, the word last taken from it, and where to complain. */
struct parser {
	const char *p;
	const char *end;
	char word[WORD_MAX];
	char *why;
	size_t why_size;
};

__attribute__((format(printf, 2, 3)))
static int complain(struct parser *ps, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ps->why, ps->why_size, fmt, ap);
	va_end(ap);
	return -1;
}

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

static bool is_op(char c)
{
	return c && strchr("=!<>&|()", c);
}

/*
 * The next word: a run of operator characters or of others. 0 at the end,
 * 1 if there is one, -1 if it is too long to be anything.
 */
static int next_word(struct parser *ps)
{
	size_t n = 0;
	bool op;

	while (ps->p < ps->end && is_blank(*ps->p))
		ps->p++;
	if (ps->p == ps->end)
		return 0;
	op = is_op(*ps->p);
	while (ps->p < ps->end && !is_blank(*ps->p) && is_op(*ps->p) == op) {
		if (n == WORD_MAX - 1)
			return complain(ps, "a word of more than %d bytes; " FORMS,
					WORD_MAX - 1);
		ps->word[n++] = *ps->p++;
	}
	ps->word[n] = '\0';
	return 1;
}

static enum op op_of(const char *word)
{
	static const struct {
		const char *name;
		enum op op;
	} ops[] = {
		{ "=", OP_EQ }, { "==", OP_EQ }, { "eq", OP_EQ },
		{ "!=", OP_NE }, { "ne", OP_NE }, { "neq", OP_NE },
		{ "<", OP_LT }, { "lt", OP_LT },
		{ "<=", OP_LE }, { "le", OP_LE }, { "leq", OP_LE },
		{ ">", OP_GT }, { "gt", OP_GT },
		{ ">=", OP_GE }, { "ge", OP_GE }, { "geq", OP_GE },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(word, ops[i].name))
			return ops[i].op;
	return OP_NONE;
}

/* A decimal number of at most @max, the whole string. */
static int parse_number(const char *s, unsigned long max, unsigned long *v)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -1;
	*v = strtoul(s, &end, 10);
	return *end || *v > max ? -1 : 0;
}

static int parse_port(struct parser *ps, const char *s, unsigned int *port)
{
	struct servent *se;
	unsigned long v;

	if (!parse_number(s, 65535, &v)) {
		*port = v;
		return 0;
	}
	se = *s >= '0' && *s <= '9' ? NULL : getservbyname(s, "tcp");
	if (!se)
		return complain(ps, "\"%s\" is no port (1 to 65535 or a service name); " FORMS,
				s);
	*port = ntohs(se->s_port);
	return 0;
}

static int set_ports(struct parser *ps, struct lq_filter_term *t, enum op op,
		     unsigned int port)
{
	int min = 1, max = 65535;

	switch (op) {
	case OP_LT:
		max = (int)port - 1;
		break;
	case OP_LE:
		max = port;
		break;
	case OP_GT:
		min = port + 1;
		break;
	case OP_GE:
		min = port;
		break;
	default:
		min = max = port;
		break;
	}
	if (min < 1)
		min = 1;
	if (max < min || min > 65535)
		return complain(ps, "no port fits that condition; ports are 1 to 65535");
	t->port_min = min;
	t->port_max = max;
	t->negate = op == OP_NE;
	return 0;
}

static int set_dev(struct parser *ps, struct lq_filter_term *t, const char *name)
{
	t->ifindex = if_nametoindex(name);
	if (!t->ifindex)
		return complain(ps, "no network device \"%s\"", name);
	return 0;
}

/* ADDR, ADDR/PREFIX: an IPv4 or IPv6 address without brackets. */
static int parse_addr(struct parser *ps, struct lq_filter_term *t, char *s)
{
	char *slash = strchr(s, '/');
	unsigned long prefix;

	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, s, t->addr) == 1) {
		t->family = AF_INET;
		t->prefix = 32;
	} else if (inet_pton(AF_INET6, s, t->addr) == 1) {
		t->family = AF_INET6;
		t->prefix = 128;
	} else {
		return complain(ps, "\"%s\" is no address; " FORMS, s);
	}
	if (slash) {
		if (parse_number(slash, t->prefix, &prefix))
			return complain(ps, "\"/%s\" is no prefix length of an IPv%c address",
					slash, t->family == AF_INET ? '4' : '6');
		t->prefix = prefix;
	}
	return 0;
}

/*
 * [ADDR][/PREFIX][%DEV][:PORT], ADDR in brackets if a port follows an IPv6
 * address; "*" is any address. Takes the word apart where it stands.
 */
static int parse_host(struct parser *ps, struct lq_filter_term *t)
{
	char *s = ps->word, *addr = s, *dev, *port = NULL;
	char prefixed[WORD_MAX + 1];
	unsigned int v;

	if (*s == '[') {
		char *close = strchr(s, ']');

		if (!close)
			return complain(ps, "\"%s\" lacks its \"]\"; " FORMS, s);
		*close = '\0';
		addr = s + 1;
		s = close + 1;
		if (*s == '/') {
			size_t n = strcspn(s, "%:");

			snprintf(prefixed, sizeof(prefixed), "%s%.*s", addr, (int)n, s);
			addr = prefixed;
			s += n;
		}
		if (*s && *s != '%' && *s != ':')
			return complain(ps, "\"%s\" after \"]\": expected :PORT, /PREFIX or %%DEVICE",
					s);
		if (*s == ':')
			port = s + 1;
	} else {
		char *colon = strchr(s, ':');

		if (colon && colon == strrchr(s, ':')) {
			*colon = '\0';
			port = colon + 1;
		}
	}
	dev = strchr(s, '%');
	if (dev) {
		char *colon = port ? NULL : strchr(dev, ':');

		if (colon) {
			*colon = '\0';
			port = colon + 1;
		}
		*dev++ = '\0';
		if (set_dev(ps, t, dev))
			return -1;
	}
	if (*addr && strcmp(addr, "*") && parse_addr(ps, t, addr))
		return -1;
	if (!port || !strcmp(port, "*"))
		return 0;
	if (parse_port(ps, port, &v))
		return -1;
	return set_ports(ps, t, OP_EQ, v);
}

/* The words after "sport", "src" or "dev": an operator, if any, and a value. */
static int parse_value(struct parser *ps, const char *what, enum op *op)
{
	int ret = next_word(ps);

	*op = OP_EQ;
	if (ret > 0 && op_of(ps->word) != OP_NONE) {
		*op = op_of(ps->word);
		ret = next_word(ps);
	}
	if (!ret)
		return complain(ps, "nothing after \"%s\"; " FORMS, what);
	return ret;
}

static int parse_term(struct parser *ps, struct lq_filter_term *t)
{
	unsigned int port;
	const char *s;
	enum op op;

	if (!strcmp(ps->word, "sport")) {
		if (parse_value(ps, "sport", &op) < 0)
			return -1;
		s = ps->word;
		s += *s == '*' && s[1] == ':';
		s += *s == ':';
		if (parse_port(ps, s, &port))
			return -1;
		return set_ports(ps, t, op, port);
	}
	if (!strcmp(ps->word, "src") || !strcmp(ps->word, "dev")) {
		bool dev = *ps->word == 'd';

		if (parse_value(ps, dev ? "dev" : "src", &op) < 0)
			return -1;
		if (op != OP_EQ && op != OP_NE)
			return complain(ps, "%s is equal or not, it has no order",
					dev ? "dev" : "src");
		if (dev ? set_dev(ps, t, ps->word) : parse_host(ps, t))
			return -1;
		t->negate = op == OP_NE;
		return 0;
	}
	if (!strcmp(ps->word, "dst") || !strcmp(ps->word, "dport"))
		return complain(ps, "%s: a listener has no peer; " FORMS, ps->word);
	if (strchr("=!<>&|()", ps->word[0]))
		return complain(ps, "unexpected \"%s\"; " FORMS, ps->word);
	return parse_host(ps, t);
}

/**
 * lq_filter_parse - parse the words of a FILTER
 * @f: gets the terms; its other fields stay
 * @text: the words, with blanks between
 * @len: bytes of @text
 * @why: gets what is wrong and what is accepted
 * @why_size: its size
 *
 * Return: 0, or -1 with a line in @why.
 */
int lq_filter_parse(struct lq_filter *f, const char *text, size_t len,
		    char *why, size_t why_size)
{
	struct parser ps = {
		.p = text, .end = text + len, .why = why, .why_size = why_size,
	};
	bool joined = false, or = false;
	int ret;

	f->n = 0;
	while ((ret = next_word(&ps)) > 0) {
		struct lq_filter_term *t = &f->term[f->n];
		const char *w = ps.word;
		bool is_or = !strcmp(w, "or") || !strcmp(w, "|") || !strcmp(w, "||");

		if (is_or || !strcmp(w, "and") || !strcmp(w, "&") || !strcmp(w, "&&")) {
			if (!f->n || joined)
				return complain(&ps, "\"%s\" stands between two conditions; " FORMS,
						w);
			joined = true;
			or = is_or;
			continue;
		}
		if (f->n == LQ_FILTER_TERMS)
			return complain(&ps, "more than %d conditions", LQ_FILTER_TERMS);
		memset(t, 0, sizeof(*t));
		if (parse_term(&ps, t))
			return -1;
		t->starts_or = or;
		joined = or = false;
		f->n++;
	}
	if (ret < 0)
		return -1;
	if (joined)
		return complain(&ps, "nothing after \"%s\"; " FORMS, or ? "or" : "and");
	return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return !rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest));
}

static bool term_match(const struct lq_filter_term *t,
		       const struct listenq_listener *l)
{
	static const uint8_t mapped[12] = { [10] = 0xff, 0xff };
	const uint8_t *addr = l->addr;

	if (t->port_max && (l->port < t->port_min || l->port > t->port_max))
		return false;
	if (t->ifindex && t->ifindex != l->ifindex)
		return false;
	if (!t->family)
		return true;
	/* As for ss, an IPv4 condition also means IPv6 sockets bound to ::ffff:IPv4. */
	if (t->family == AF_INET && l->family == AF_INET6) {
		if (memcmp(addr, mapped, sizeof(mapped)))
			return false;
		addr += sizeof(mapped);
	} else if (t->family != l->family) {
		return false;
	}
	return same_bits(t->addr, addr, t->prefix);
}

/**
 * lq_filter_match - whether a listener is wanted
 * @f: the filter
 * @l: the listener
 */
bool lq_filter_match(const struct lq_filter *f,
		     const struct listenq_listener *l)
{
	bool match = true;

	if (f->family != AF_UNSPEC && f->family != l->family)
		return false;
	if (f->full && !(l->flags & (LISTENQ_L_SYN_FULL | LISTENQ_L_ACCEPT_FULL)))
		return false;
	for (int i = 0; i < f->n; i++) {
		const struct lq_filter_term *t = &f->term[i];

		if (t->starts_or) {
			if (match)
				return true;
			match = true;
		}
		match = match && term_match(t, l) != t->negate;
	}
	return match;
}
