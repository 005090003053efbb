/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of bench share; bench.c says what each verb does. */
#ifndef LQ_BENCH_H
#define LQ_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
	long count, rounds;
	bool v6;
	char **args;
};

void ready(long n) __attribute__((noreturn));
void want_descriptors(unsigned long n);
void print_list(const uint64_t *values, long n);

int verb_listeners(const struct options *o);
int verb_connections(const struct options *o);
int verb_dump(const struct options *o);
int verb_hook(const struct options *o);
int verb_syn(const struct options *o);
int verb_cycle(const struct options *o);
int verb_exec(const struct options *o);
int verb_rate(const struct options *o);

/* Under QEMU's -icount shift=0 the TSC counts the instructions of the guest. */
static inline uint64_t instructions(void)
{
	return __builtin_ia32_rdtsc();
}

#endif
