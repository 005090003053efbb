// SPDX-License-Identifier: GPL-2.0
/*
 * bench - makes many sockets cheaply inside a guest, and counts what reading
 * them and hooking them costs
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

static const char usage[] =
"usage: bench listeners -n COUNT [-6]      COUNT listeners, held until killed\n"
"       bench connections -n COUNT [-6]    COUNT established ones, likewise\n"
"       bench dump [-6] [-r N] WHAT        WHAT: listenq, diag-listen,\n"
"                                          diag-syn-recv, floor-walk, floor-packed\n"
"       bench hook ftrace|kretprobe|off    an empty one, by lq_floor.ko\n"
"       bench syn [-n COUNT] [-r N]        SYNs that a full accept queue drops\n"
"       bench cycle [-n COUNT] [-r N]      connect, accept, close\n"
"       bench exec [-r N] PROGRAM ARG...   run it, its output thrown away\n"
"       bench rate SECONDS listen | accept how often in SECONDS, and the longest\n"
"\n"
"What was counted is printed as name=value, one line in all; instructions= has a\n"
"number for each of N rounds (5), the median of COUNT where there is one.\n";

void ready(long n)
{
	printf("ready %ld\n", n);
	fflush(stdout);
	for (;;)
		pause();
}

void want_descriptors(unsigned long n)
{
	struct rlimit lim = { n + 64, n + 64 };

	if (setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "setrlimit(RLIMIT_NOFILE)");
}

void print_list(const uint64_t *values, long n)
{
	for (long i = 0; i < n; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)values[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
		int args;
	} verbs[] = {
		{ "listeners", verb_listeners, 0 },
		{ "connections", verb_connections, 0 },
		{ "dump", verb_dump, 1 },
		{ "hook", verb_hook, 1 },
		{ "syn", verb_syn, 0 },
		{ "cycle", verb_cycle, 0 },
		{ "exec", verb_exec, 1 },
		{ "rate", verb_rate, 2 },
	};
	struct options o = { .count = 1000, .rounds = 5 };
	int c;

	if (argc < 2)
		goto usage;
	while ((c = getopt(argc - 1, argv + 1, "+6n:r:")) != -1) {
		switch (c) {
		case '6': o.v6 = true; break;
		case 'n': o.count = atol(optarg); break;
		case 'r': o.rounds = atol(optarg); break;
		default: goto usage;
		}
	}
	o.args = argv + 1 + optind;
	if (o.count < 0 || o.rounds < 1)
		goto usage;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(argv[1], verbs[i].name) && argc - 1 - optind >= verbs[i].args)
			return verbs[i].run(&o);
usage:
	fputs(usage, stderr);
	return 1;
}
