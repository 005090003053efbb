// SPDX-License-Identifier: GPL-2.0
/* listenq: the command table and the options that all commands share. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listenq.h"
#include "times.h"

/* Which commands an option belongs to. */
#define IN_SHOW		1
#define IN_NET		2
#define IN_STATS	4
#define IN_EPISODES	8
#define IN_MONITOR	16
#define IN_TRACK	32
#define IN_DOCTOR	64
#define IN_HELP		128
#define IN_LISTENERS	(IN_SHOW | IN_STATS)
#define IN_TABLES	(IN_SHOW | IN_NET | IN_EPISODES)
#define IN_NAMESPACES	(IN_SHOW | IN_NET | IN_STATS | IN_EPISODES)
#define IN_ALL		255

enum { OPT_FULL = 256, OPT_DROPS, OPT_SINCE, OPT_SOURCE, OPT_HELP, OPT_VERSION };

static const struct option_spec {
	struct option o;
	int commands;
} specs[] = {
	{ { "ipv4", no_argument, NULL, '4' }, IN_LISTENERS },
	{ { "ipv6", no_argument, NULL, '6' }, IN_LISTENERS },
	{ { "all-netns", no_argument, NULL, 'a' }, IN_NAMESPACES },
	{ { "net", required_argument, NULL, 'N' }, IN_NAMESPACES | IN_MONITOR },
	{ { "netns", required_argument, NULL, 'N' }, IN_NAMESPACES | IN_MONITOR },
	{ { "processes", no_argument, NULL, 'p' }, IN_LISTENERS },
	{ { "extended", no_argument, NULL, 'e' }, IN_SHOW },
	{ { "statistics", no_argument, NULL, 's' }, IN_SHOW | IN_NET },
	{ { "no-header", no_argument, NULL, 'H' }, IN_TABLES },
	{ { "json", no_argument, NULL, 'j' }, IN_ALL },
	{ { "numeric", no_argument, NULL, 'n' }, IN_LISTENERS | IN_EPISODES | IN_MONITOR },
	{ { "count", required_argument, NULL, 'c' }, IN_MONITOR },
	{ { "full", no_argument, NULL, OPT_FULL }, IN_SHOW },
	{ { "drops", no_argument, NULL, OPT_DROPS }, IN_SHOW },
	{ { "since", required_argument, NULL, OPT_SINCE }, IN_EPISODES },
	{ { "source", required_argument, NULL, OPT_SOURCE }, IN_SHOW | IN_NET },
	{ { "help", no_argument, NULL, OPT_HELP }, IN_ALL },
	{ { "version", no_argument, NULL, OPT_VERSION }, IN_ALL },
};

#define NSPECS	(sizeof(specs) / sizeof(specs[0]))

static const char help[] =
"Usage: listenq [show] [OPTIONS] [FILTER]   TCP listeners and their queues\n"
"       listenq stats FILTER | sk:COOKIE    everything about one listener\n"
"       listenq episodes [--since TIME]     overflows: when, how long, why\n"
"       listenq monitor [-c N]              overflows as they happen\n"
"       listenq net [OPTIONS]               limits and counters of a namespace\n"
"       listenq track [on | off]            whether and how drops are tracked\n"
"       listenq doctor                      what is in the way, and what mends it\n"
"\n"
"  -4, --ipv4, -6, --ipv6  IPv4 sockets only, IPv6 sockets only\n"
"  -a, --all-netns         all network namespaces (needs the module and root)\n"
"  -N, --netns NAME        the namespace NAME (a pid or a path will do)\n"
"  -s, --statistics        with what tracking counted: drops by cause, peaks\n"
"      --drops             only listeners that ever dropped, worst first\n"
"      --full              only listeners with a full queue\n"
"  -p, --processes         every process that holds the listener\n"
"  -e, --extended          uid, inode, cookie, cgroup, fastopen, defer, flags\n"
"  -H, --no-header, -n, --numeric, -j, --json\n"
"      --since TIME        episodes of the last TIME: 30s, 10min, 2h, 1d\n"
"  -c, --count N           end after N events\n"
"      --source SOURCE     module or diag (sock_diag); default: what is there\n"
"      --help, --version\n"
"\n"
"FILTER is :443, 10.0.0.1:80, [::1]:80, 10.0.0.0/8, *:80, or as ss has it:\n"
"'sport = :443', 'src 10.0.0.1', 'dev eth0', joined by 'and', 'or'.\n"
"\n"
"Columns: State ok, busy (a queue 3/4 full or a wait over 1 s) or FULL; SYN queue\n"
"(young: not retransmitted yet); accept queue and the limit of both; wait of the\n"
"oldest connection nobody accepted; drops; \"-\" is unknown. More: man listenq\n";

static int lq_help(const struct lq_options *o)
{
	(void)o;
	return lq_write_status(fputs(help, stdout) < 0 || fflush(stdout) ? -errno : 0);
}

static const struct command {
	const char *name;
	int bit;
	int (*run)(const struct lq_options *o);
} commands[] = {
	{ "show", IN_SHOW, lq_show },
	{ "net", IN_NET, lq_net },
	{ "stats", IN_STATS, lq_stats },
	{ "episodes", IN_EPISODES, lq_episodes },
	{ "monitor", IN_MONITOR, lq_monitor },
	{ "track", IN_TRACK, lq_track },
	{ "doctor", IN_DOCTOR, lq_doctor },
	{ "help", IN_HELP, lq_help },
};

/* Where errors go instead of stderr. */
static char *kept;
static size_t kept_size;

/**
 * lq_error - say in one line on stderr what went wrong
 * @fmt: as printf() has it, without a newline
 */
void lq_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (kept) {
		vsnprintf(kept, kept_size, fmt, ap);
	} else {
		fputs("listenq: ", stderr);
		vfprintf(stderr, fmt, ap);
		fputc('\n', stderr);
	}
	va_end(ap);
}

/**
 * lq_error_keep - from now on keep what went wrong rather than tell it
 * @buf: gets the last error; NULL: tell them again
 * @size: of @buf
 */
void lq_error_keep(char *buf, size_t size)
{
	kept = buf;
	kept_size = size;
}

/**
 * lq_alloc - memory, or the end
 * @old: what realloc() takes
 * @n: how many
 * @size: of what size
 */
void *lq_alloc(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n, size);

	if (!p) {
		lq_error_keep(NULL, 0);
		lq_error("out of memory");
		exit(LQ_EXIT_SYSTEM);
	}
	return p;
}

/**
 * lq_file_read - a whole small file, as those of /proc are
 * @path: its path
 * @buf: gets it, with a 0 behind; empty if it cannot be opened
 * @size: of @buf
 *
 * Return: the bytes read, or -errno.
 */
ssize_t lq_file_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	/* /proc gives a page at a time */
	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += n;
	if (n < 0)
		n = -errno;
	close(fd);
	buf[len] = '\0';
	return n < 0 ? n : (ssize_t)len;
}

/**
 * lq_write_status - the exit status after everything was written
 * @ret: 0, or -errno of the write that failed
 *
 * A reader that has seen enough (EPIPE) is no error worth a word.
 */
int lq_write_status(int ret)
{
	if (!ret || ret == -EPIPE)
		return 0;
	lq_error("writing the output: %s", strerror(-ret));
	return LQ_EXIT_SYSTEM;
}

/* The option that getopt_long() stumbled on, as the user wrote it. */
static void bad_option(char **argv, bool lacks_value)
{
	char letter[3] = { '-', optopt, '\0' };
	const char *name = argv[optind - 1];

	if (optopt && optopt < OPT_FULL && strncmp(name, "--", 2))
		name = letter;
	lq_error("%s %s; listenq --help lists the options",
		 lacks_value ? "a value is missing after" : "unknown option", name);
}

/* A number of events, from 1 on. */
static bool parse_count(const char *s, unsigned long *n)
{
	size_t digits = strspn(s, "0123456789");

	*n = strtoul(s, NULL, 10);
	return digits && digits < 10 && !s[digits] && *n;
}

static bool set_option(struct lq_options *o, int opt)
{
	switch (opt) {
	case '4':
		o->family = AF_INET;
		break;
	case '6':
		o->family = AF_INET6;
		break;
	case 'a':
		o->all_netns = true;
		break;
	case 'N':
		o->netns = optarg;
		break;
	case 'p':
		o->processes = true;
		break;
	case 'e':
		o->extended = true;
		break;
	case 'H':
		o->no_header = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'n':
		o->numeric = true;
		break;
	case 's':
		o->statistics = true;
		break;
	case 'c':
		o->count_arg = optarg;
		break;
	case OPT_FULL:
		o->full = true;
		break;
	case OPT_DROPS:
		o->drops = true;
		break;
	case OPT_SINCE:
		o->since_arg = optarg;
		break;
	case OPT_SOURCE:
		o->source = optarg;
		break;
	default:
		return false;
	}
	return true;
}

/* Takes the options, notes in @used which; the command to run, NULL after an error message. */
static const struct command *parse(struct lq_options *o, int argc, char **argv,
				   bool used[NSPECS])
{
	struct option longs[NSPECS + 1] = { 0 };
	char shorts[2 * NSPECS + 2] = ":", *s = shorts + 1;
	const struct command *command = &commands[0];
	int opt;

	for (size_t i = 0; i < NSPECS; i++) {
		longs[i] = specs[i].o;
		if (specs[i].o.val < OPT_FULL && !strchr(shorts, specs[i].o.val)) {
			*s++ = specs[i].o.val;
			if (specs[i].o.has_arg)
				*s++ = ':';
			*s = '\0';
		}
	}
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (opt == OPT_VERSION) {
			puts("listenq " LISTENQ_VERSION);
			exit(lq_write_status(fflush(stdout) ? -errno : 0));
		}
		if (opt == OPT_HELP)
			exit(lq_help(o));
		if (!set_option(o, opt)) {
			bad_option(argv, opt == ':');
			return NULL;
		}
		for (size_t i = 0; i < NSPECS; i++)
			used[i] |= specs[i].o.val == opt;
	}
	o->args = argv + optind;
	o->nargs = argc - optind;
	for (size_t i = 0; o->nargs && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(o->args[0], commands[i].name)) {
			command = &commands[i];
			o->args++;
			o->nargs--;
			break;
		}
	return command;
}

static bool check(struct lq_options *o, const struct command *c,
		  const bool used[NSPECS])
{
	for (size_t i = 0; i < NSPECS; i++)
		if (used[i] && !(specs[i].commands & c->bit)) {
			lq_error("--%s means nothing to listenq %s", specs[i].o.name,
				 c->name);
			return false;
		}
	if (o->source && strcmp(o->source, "module") && strcmp(o->source, "diag")) {
		lq_error("--source %s: accepted are module and diag", o->source);
		return false;
	}
	if (o->since_arg && (!lq_duration_parse(o->since_arg, &o->since) || !o->since)) {
		lq_error("--since %s: accepted are 30s, 10min, 2h, 1d", o->since_arg);
		return false;
	}
	if (o->count_arg && !parse_count(o->count_arg, &o->count)) {
		lq_error("--count %s: accepted is a number above 0", o->count_arg);
		return false;
	}
	if (o->all_netns && o->netns) {
		lq_error("--all-netns and --netns exclude each other");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct lq_options o = { .family = AF_UNSPEC };
	const struct command *command;
	bool used[NSPECS] = { 0 };

	opterr = 0;
	command = parse(&o, argc, argv, used);
	if (!command || !check(&o, command, used))
		return LQ_EXIT_USAGE;
	return command->run(&o);
}
