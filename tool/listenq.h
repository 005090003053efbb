/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part of the tool shares: the options of one run, how an error is
 * told, and the commands.
 */
#ifndef LISTENQ_TOOL_H
#define LISTENQ_TOOL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>

#include <linux/listenq.h>

/* libcs from before 2020 do not have it */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

#define LQ_EXIT_USAGE	1	/* the command line is wrong */
#define LQ_EXIT_SYSTEM	2	/* the kernel or the machine says no */
#define LQ_EXIT_PROBLEM	1	/* the doctor found one */

/**
 * struct lq_options - what the command line asked for
 * @family: AF_INET, AF_INET6 or AF_UNSPEC
 * @all_netns: look at all network namespaces
 * @netns: namespace to look at: a name, a pid or a path; NULL: our own
 * @processes: every process of a listener rather than a short name
 * @extended: what ss -e shows
 * @no_header: no column headings
 * @json: JSON rather than a table
 * @numeric: port numbers rather than service names
 * @full: only listeners with a full queue
 * @drops: only listeners that ever dropped, worst first
 * @statistics: with counters
 * @since_arg: --since as it was written, or NULL
 * @since: how long ago that is, µs; 0: from the start
 * @count_arg: --count as it was written, or NULL
 * @count: how many events, 0: all
 * @source: "module", "diag", or NULL: the best there is
 * @args: what is left of the command line
 * @nargs: how many words that is
 */
struct lq_options {
	sa_family_t family;
	bool all_netns;
	const char *netns;
	bool processes;
	bool extended;
	bool no_header;
	bool json;
	bool numeric;
	bool full;
	bool drops;
	bool statistics;
	const char *since_arg;
	uint64_t since;
	const char *count_arg;
	unsigned long count;
	const char *source;
	char **args;
	int nargs;
};

void lq_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void lq_error_keep(char *buf, size_t size);
void *lq_alloc(void *old, size_t n, size_t size);
int lq_write_status(int ret);
ssize_t lq_file_read(const char *path, char *buf, size_t size);
int lq_show(const struct lq_options *o);
int lq_net(const struct lq_options *o);
int lq_stats(const struct lq_options *o);
int lq_episodes(const struct lq_options *o);
int lq_monitor(const struct lq_options *o);
int lq_track(const struct lq_options *o);
int lq_doctor(const struct lq_options *o);

#endif /* LISTENQ_TOOL_H */
