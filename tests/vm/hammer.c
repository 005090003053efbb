// SPDX-License-Identifier: GPL-2.0
/*
 * hammer - loads, reads, holds, unloads and starves the module inside a guest
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "hammer.h"

static const char usage[] =
"usage: hammer dump\n"
"           dump all listeners over and over until SIGTERM, then say how often\n"
"       hammer hold\n"
"           read the first buffer of a dump, say `held`, and read no further\n"
"           until SIGUSR1: then to its end, and say `ended`\n"
"       hammer cycle N LEAST KO\n"
"           N times: load KO, dump at least LEAST listeners, unload\n"
"       hammer unload\n"
"           ask once, without waiting; say what the kernel says\n"
"       hammer failload KO LEAST N STEP [PARAMETERS]\n"
"           load KO with its Nth, then (N + STEP)th, ... allocation made to fail\n"
"       hammer failops KO N [PARAMETERS]\n"
"           N rounds of loading, reading and unloading with failslab and\n"
"           fail_page_alloc as they are set\n"
"       hammer failexec N COMMAND...\n"
"           run COMMAND, and from its first socket() on make the N-th allocation\n"
"           fail; exits 200 when there were fewer, 201 when a signal killed it\n";

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	stopped = sig;
}

int module_open(const char *ko)
{
	int fd = open(ko, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", ko);
	return fd;
}

/* the module's parameters, for who does not test the default ones */
static const char *module_args = "";

int module_load(int fd)
{
	return syscall(SYS_finit_module, fd, module_args, 0) ? -errno : 0;
}

static void pause_ms(unsigned int ms)
{
	const struct timespec t = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L,
	};

	nanosleep(&t, NULL);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

/* Until nobody uses it any more. @refused counts how often somebody did. */
int module_unload(unsigned int seconds, unsigned long *refused)
{
	time_t end = time(NULL) + seconds;

	while (syscall(SYS_delete_module, "listenq", O_NONBLOCK)) {
		if ((errno != EAGAIN && errno != EBUSY) || time(NULL) >= end)
			return -errno;
		if (refused)
			++*refused;
		pause_ms(1);
	}
	return 0;
}

/* What there still is of a module that is not loaded; NULL for nothing. */
const char *module_left(void)
{
	char line[256];
	bool listed = false;
	FILE *f = fopen("/proc/modules", "re");
	int fd, family;

	if (!f)
		err(2, "/proc/modules");
	while (fgets(line, sizeof(line), f))
		listed |= !strncmp(line, "listenq ", 8);
	fclose(f);
	fd = genl_open();
	family = genl_family(fd);
	close(fd);
	if (listed)
		return "/proc/modules";
	if (!access("/sys/module/listenq", F_OK))
		return "/sys/module/listenq";
	if (!access(DEBUGFS, F_OK))
		return DEBUGFS;
	return family == -ENOENT ? NULL : "the family";
}

static int hammer_dump(void)
{
	unsigned long dumps = 0, absent = 0;
	long ret, began;

	while (!stopped) {
		began = now_ms();
		ret = genl_dump_once();
		if (ret >= 0)
			dumps++;
		else if (ret == -ENOENT || ret == -EPROTONOSUPPORT)
			absent++;	/* not loaded, or on its way out */
		else {
			errno = -ret;
			err(2, "dump");
		}
		/* or the module would always be in somebody's use, more so on slow kernels */
		pause_ms(rand() % (10 + 12 * (now_ms() - began)));
	}
	printf("dumps %lu absent %lu\n", dumps, absent);
	return 0;
}

static int hammer_hold(void)
{
	const uint32_t flags = LISTENQ_FLAG_ALL_NETNS;
	struct answer a = {};
	int fd = genl_open();
	int ret = genl_family(fd);

	if (ret >= 0)
		ret = genl_send(fd, ret, LISTENQ_CMD_LISTENER_GET, true,
				LISTENQ_A_FLAGS, &flags, sizeof(flags));
	if (!ret)
		ret = genl_receive(fd, &a);
	if (ret || a.done) {
		errno = -ret;
		err(2, "a dump to hold");
	}
	printf("held %ld\n", a.objects);
	fflush(stdout);
	while (!stopped)
		pause_ms(20);
	while (!ret && !a.done)
		ret = genl_receive(fd, &a);
	printf("ended %ld %d\n", a.objects, ret);
	fflush(stdout);
	for (stopped = 0; !stopped;)
		pause_ms(20);
	return 0;
}

static int hammer_cycle(long n, long least, const char *ko)
{
	unsigned long refused = 0;
	int fd = module_open(ko);
	const char *left;
	long i, met;
	int ret;

	for (i = 1; i <= n; i++) {
		ret = module_load(fd);
		if (ret) {
			printf("cycle %ld: load: %s\n", i, strerror(-ret));
			return 1;
		}
		met = genl_dump_once();
		if (met < least) {
			printf("cycle %ld: a dump of %ld, not %ld\n", i, met, least);
			return 1;
		}
		ret = module_unload(60, &refused);
		if (ret) {
			printf("cycle %ld: unload: %s\n", i, strerror(-ret));
			return 1;
		}
		left = module_left();
		if (left) {
			printf("cycle %ld: unloaded, but there is %s\n", i, left);
			return 1;
		}
	}
	printf("cycles %ld refused %lu\n", n, refused);
	return 0;
}

static int hammer_unload(void)
{
	int ret = module_unload(0, NULL);

	puts(ret == -EAGAIN ? "EAGAIN" : ret == -EBUSY ? "EBUSY" : strerror(-ret));
	return ret ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = on_signal };
	const char *verb = argc > 1 ? argv[1] : "";

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGUSR1, &act, NULL);
	srand(getpid());
	if (!strcmp(verb, "dump") && argc == 2)
		return hammer_dump();
	if (!strcmp(verb, "hold") && argc == 2)
		return hammer_hold();
	if (!strcmp(verb, "unload") && argc == 2)
		return hammer_unload();
	if (!strcmp(verb, "cycle") && argc == 5)
		return hammer_cycle(atol(argv[2]), atol(argv[3]), argv[4]);
	if (!strcmp(verb, "failload") && (argc == 6 || argc == 7)) {
		if (argc == 7)
			module_args = argv[6];
		return hammer_failload(argv[2], atol(argv[3]), atol(argv[4]), atol(argv[5]));
	}
	if (!strcmp(verb, "failops") && (argc == 4 || argc == 5)) {
		if (argc == 5)
			module_args = argv[4];
		return hammer_failops(argv[2], atol(argv[3]));
	}
	if (!strcmp(verb, "failexec") && argc >= 4)
		return hammer_failexec(atol(argv[2]), argv + 3);
	fputs(usage, stderr);
	return 1;
}
