// SPDX-License-Identifier: GPL-2.0
/*
 * What /proc says. Byte 0 of an input chooses: 0: /proc/net/netstat; 1: the
 * link of a descriptor; 2 and 3: a process name as text and as JSON; 'p': a
 * process, as lines: its name, then a descriptor and where it leads, again and
 * again (one choice of 256, for it is slow). The rest is the text.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "netfields.h"
#include "owner.h"
#include "tool.h"

#define LINE_MAX	256
#define FDS_MAX		16

static char proc[] = "/dev/shm/listenq-fuzz.XXXXXX";

static void proc_remove(void)
{
	char path[sizeof(proc) + 16];
	static const char *const parts[] = { "7/comm", "7/fd", "7" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", proc, parts[i]);
		remove(path);
	}
	rmdir(proc);
}

/* A directory like /proc with one process in it. Return: its fd directory. */
static int proc_make(int *pid_dir)
{
	static int pid = -1, fds = -1;

	if (fds < 0) {
		must(!!mkdtemp(proc), "a directory");
		atexit(proc_remove);
		*pid_dir = open(proc, O_RDONLY | O_DIRECTORY);
		must(!mkdirat(*pid_dir, "7", 0700), "a process");
		pid = openat(*pid_dir, "7", O_RDONLY | O_DIRECTORY);
		close(*pid_dir);
		must(!mkdirat(pid, "fd", 0700), "its descriptors");
		fds = openat(pid, "fd", O_RDONLY | O_DIRECTORY);
	}
	*pid_dir = pid;
	return fds;
}

/* The next line of the input, as a string. */
static int take_line(const char **p, const char *end, char line[LINE_MAX])
{
	const char *eol = memchr(*p, '\n', end - *p);
	size_t len = (eol ? eol : end) - *p;

	if (*p == end)
		return 0;
	if (len >= LINE_MAX)
		len = LINE_MAX - 1;
	memcpy(line, *p, len);
	line[len] = '\0';
	*p = eol ? eol + 1 : end;
	return 1;
}

static void fuzz_scan(const char *text, size_t len)
{
	struct listenq_listener listeners[] = { { .ino = 4242 }, { .ino = 1 }, { .ino = 0 } };
	struct lq_listeners t = { .v = listeners, .n = 3, .size = 3 };
	char names[FDS_MAX][LINE_MAX], link[LINE_MAX];
	const char *p = text, *end = text + len;
	const struct lq_owner *first;
	struct lq_owners o = { 0 };
	int fds, pid, comm, n = 0;
	size_t found;

	fds = proc_make(&pid);
	comm = openat(pid, "comm", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (take_line(&p, end, link))
		must(write(comm, link, strlen(link)) >= 0, "a name");
	close(comm);
	while (n < FDS_MAX && take_line(&p, end, names[n]) && take_line(&p, end, link))
		if (!strchr(names[n], '/') && !symlinkat(link, fds, names[n]))
			n++;
	lq_owners_scan(&o, &t, proc, 0);
	for (int i = 0; i < 3; i++) {
		found = lq_owners_find(&o, listeners[i].ino, &first);
		must(found <= (size_t)n, "no more owners than descriptors");
		for (size_t k = 0; k < found; k++)
			must(first[k].ino == listeners[i].ino && first[k].pid == 7 &&
			     first[k].comm + first[k].comm_len <= o.names.len,
			     "an owner is one");
	}
	lq_owners_free(&o);
	while (n--)
		unlinkat(fds, names[n], 0);
}

static void fuzz_escape(const char *text, size_t len, enum lq_escape how)
{
	struct lq_buf b = { 0 };

	lq_put_escaped(&b, text, len, how);
	must_be_harmless(b.data, b.len);
	must(!memchr(b.data ? b.data : "", '\n', b.len), "a name is one line");
	for (size_t i = 0; i < b.len; i++) {
		must(b.data[i] != '"', "a quote has its backslash");
		i += b.data[i] == '\\';
	}
	lq_buf_free(&b);
}

static void fuzz_netstat(const char *text, size_t len)
{
	struct listenq_net net = { 0 };
	uint64_t v;

	lq_netstat_parse(&net, text, len);
	must(!(net.has >> lq_net_nfields), "only fields that there are");
	for (size_t i = 0; i < lq_net_nfields; i++)
		if (!lq_net_fields[i].mib)
			must(!lq_net_field_get(&net, &lq_net_fields[i], &v),
			     "netstat sets counters only");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t ino;
	char *text;

	if (!len)
		return 0;
	/* a copy without a byte to spare */
	text = malloc(len - 1 ? len - 1 : 1);
	memcpy(text, data + 1, len - 1);
	if (*data == 'p')
		fuzz_scan(text, len - 1);
	else if (*data % 4 == 0)
		fuzz_netstat(text, len - 1);
	else if (*data % 4 == 1)
		must(!lq_owner_parse_link(text, len - 1, &ino) ||
		     (len > 10 && text[len - 2] == ']'), "socket:[INODE]");
	else
		fuzz_escape(text, len - 1,
			    *data % 4 == 2 ? LQ_ESCAPE_TEXT : LQ_ESCAPE_JSON);
	free(text);
	return 0;
}
