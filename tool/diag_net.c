// SPDX-License-Identifier: GPL-2.0
/* The limits and counters of our network namespace, as /proc tells them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "netfields.h"

static bool next_word(const char **p, const char *end, const char **word,
		      size_t *len)
{
	while (*p < end && **p == ' ')
		++*p;
	*word = *p;
	while (*p < end && **p != ' ')
		++*p;
	*len = *p - *word;
	return *len;
}

static bool parse_u64(const char *s, size_t len, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' ||
		    __builtin_mul_overflow(*v, 10, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(s[i] - '0'), v))
			return false;
	}
	return len;
}

/* One "TcpExt:" line with names and the one below with their values. */
static void take_pair(struct listenq_net *net, const char *name,
		      const char *name_end, const char *value,
		      const char *value_end)
{
	const char *n, *v;
	size_t nl, vl;
	uint64_t u;

	while (next_word(&name, name_end, &n, &nl) &&
	       next_word(&value, value_end, &v, &vl)) {
		const struct lq_net_field *f = lq_net_field_by_mib(n, nl);

		if (f && parse_u64(v, vl, &u))
			lq_net_field_set(net, f, u);
	}
}

/**
 * lq_netstat_parse - take the counters out of /proc/net/netstat
 * @net: gets them, and the bits of those found
 * @text: the file
 * @len: its bytes
 */
void lq_netstat_parse(struct listenq_net *net, const char *text, size_t len)
{
	static const char prefix[] = "TcpExt:";
	const char *end = text + len, *names = NULL, *names_end = NULL;

	while (text < end) {
		const char *eol = memchr(text, '\n', end - text);

		if (!eol)
			eol = end;
		if ((size_t)(eol - text) >= sizeof(prefix) - 1 &&
		    !memcmp(text, prefix, sizeof(prefix) - 1)) {
			text += sizeof(prefix) - 1;
			if (names) {
				take_pair(net, names, names_end, text, eol);
				return;
			}
			names = text;
			names_end = eol;
		}
		text = eol + 1;
	}
}

static int read_sysctl(struct listenq_net *net, const struct lq_net_field *f)
{
	char path[128] = "/proc/sys/";
	size_t base = strlen(path);
	char buf[64];
	ssize_t n;
	uint64_t v;

	strncpy(path + base, f->source, sizeof(path) - base - 1);
	for (char *p = path + base; *p; p++)
		if (*p == '.')
			*p = '/';
	n = lq_file_read(path, buf, sizeof(buf));
	if (n == -ENOENT)
		return 0;
	if (n < 0) {
		lq_error("%s: %s", path, strerror(-n));
		return -1;
	}
	if (parse_u64(buf, strcspn(buf, "\t \n"), &v))
		lq_net_field_set(net, f, v);
	return 0;
}

/**
 * lq_diag_nets - the one network namespace that /proc shows
 * @q: not used: who wants all was told no before
 * @out: gets it
 *
 * Return: 0, or -1 after an error message.
 */
int lq_diag_nets(const struct lq_query *q, struct lq_nets *out)
{
	struct listenq_net net = { 0 };
	char buf[64 * 1024];
	struct stat st;
	ssize_t n;

	(void)q;
	if (stat("/proc/self/ns/net", &st)) {
		lq_error("/proc/self/ns/net: %s", strerror(errno));
		return -1;
	}
	net.netns_ino = st.st_ino;
	for (size_t i = 0; i < lq_net_nfields; i++)
		if (!lq_net_fields[i].mib && read_sysctl(&net, &lq_net_fields[i]))
			return -1;
	n = lq_file_read("/proc/self/net/netstat", buf, sizeof(buf));
	if (n < 0) {
		lq_error("/proc/self/net/netstat: %s", strerror(-n));
		return -1;
	}
	lq_netstat_parse(&net, buf, n);
	*lq_nets_add(out) = net;
	return 0;
}
