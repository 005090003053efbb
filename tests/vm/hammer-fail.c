// SPDX-License-Identifier: GPL-2.0
/* The hammer's faults: allocations made to fail, and what must hold then. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hammer.h"

static int failed;

static void complain(const char *format, ...)
{
	va_list args;

	if (++failed > 20)
		return;
	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

static int verdict(const char *name)
{
	printf("%s - %s\n", failed ? "not ok" : "ok", name);
	return failed ? 1 : 0;
}

static int knob_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

static void knob_set(int fd, long value)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld", value);

	if (pwrite(fd, text, len, 0) != len)
		err(2, "a fault injection file");
}

static long knob_get(int fd)
{
	char text[24] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 1)
		err(2, "a fault injection file");
	return atol(text);
}

/* loaded and well: every read works, and it unloads */
static void module_check(int ko, long nth, long least, bool loaded)
{
	int ret = loaded ? 0 : module_load(ko);
	const char *left;
	long met;

	if (ret) {
		complain("allocation %ld: not loaded after: %s", nth, strerror(-ret));
		return;
	}
	met = genl_dump_once();
	if (met < least)
		complain("allocation %ld: a dump of %ld, not %ld", nth, met, least);
	ret = module_unload(10, NULL);
	if (ret)
		complain("allocation %ld: unload: %s", nth, strerror(-ret));
	left = module_left();
	if (left)
		complain("allocation %ld: unloaded, but there is %s", nth, left);
}

int hammer_failload(const char *path, long least, long first, long step)
{
	int knob = knob_open("/proc/thread-self/fail-nth");
	int ko = module_open(path);
	long nth, left, refused = 0, loaded = 0;
	const char *rest;
	char name[160];
	int ret;

	for (nth = first; failed < 20; nth += step) {
		knob_set(knob, nth);
		ret = module_load(ko);
		left = knob_get(knob);
		knob_set(knob, 0);
		if (left) {
			/* that many it does not make */
			if (ret)
				complain("load without a fault: %s", strerror(-ret));
			else
				module_check(ko, nth, least, true);
			break;
		}
		if (!ret) {
			loaded++;
			module_check(ko, nth, least, true);
			continue;
		}
		refused++;
		if (ret != -ENOMEM)
			complain("allocation %ld: %s", nth, strerror(-ret));
		rest = module_left();
		if (rest)
			complain("allocation %ld: not loaded, but there is %s", nth, rest);
		module_check(ko, nth, least, false);
	}
	if (first == 1 ? !refused || !loaded : nth == first)
		complain("no fault mattered, or each did: %ld refused, %ld loaded",
			 refused, loaded);
	snprintf(name, sizeof(name),
		 "allocations %ld to %ld of a load fail once, %ld apart: %ld times not loaded and nothing left, %ld times well",
		 first, nth - step, step, refused, loaded);
	return verdict(name);
}

/* 0, or what lack of memory may give */
static bool is_clean(long ret)
{
	return ret >= 0 || ret == -ENOMEM || ret == -ENOBUFS;
}

static long debugfs_read(const char *path)
{
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n, sum = 0;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sum += n;
	n = n < 0 ? -errno : sum;
	close(fd);
	return n;
}

static long op_listener_dump(int fd, int family, uint64_t *cookie)
{
	struct answer a;
	long ret = genl_ask(fd, family, LISTENQ_CMD_LISTENER_GET, true, 0, NULL, 0, &a);

	if (a.cookie)
		*cookie = a.cookie;
	return ret;
}

static long op_listener_get(int fd, int family, uint64_t *cookie)
{
	struct answer a;

	return genl_ask(fd, family, LISTENQ_CMD_LISTENER_GET, false,
			LISTENQ_A_COOKIE, cookie, sizeof(*cookie), &a);
}

static long op_net_get(int fd, int family, uint64_t *cookie)
{
	struct answer a;

	(void)cookie;
	return genl_ask(fd, family, LISTENQ_CMD_NET_GET, false, 0, NULL, 0, &a);
}

static long op_net_dump(int fd, int family, uint64_t *cookie)
{
	struct answer a;

	(void)cookie;
	return genl_ask(fd, family, LISTENQ_CMD_NET_GET, true, 0, NULL, 0, &a);
}

static long op_counted_dump(int fd, int family, uint64_t *cookie)
{
	uint32_t flags = LISTENQ_FLAG_COUNTERS | LISTENQ_FLAG_HISTOGRAMS;
	struct answer a;

	(void)cookie;
	return genl_ask(fd, family, LISTENQ_CMD_LISTENER_GET, true,
			LISTENQ_A_FLAGS, &flags, sizeof(flags), &a);
}

static long op_episode_dump(int fd, int family, uint64_t *cookie)
{
	struct answer a;

	(void)cookie;
	return genl_ask(fd, family, LISTENQ_CMD_EPISODE_GET, true, 0, NULL, 0, &a);
}

static long op_listeners_read(int fd, int family, uint64_t *cookie)
{
	(void)fd, (void)family, (void)cookie;
	return debugfs_read(DEBUGFS "/listeners");
}

static long op_nets_read(int fd, int family, uint64_t *cookie)
{
	(void)fd, (void)family, (void)cookie;
	return debugfs_read(DEBUGFS "/nets");
}

static const struct {
	const char *name;
	long (*op)(int fd, int family, uint64_t *cookie);
} ops[] = {
	{ "listener dump", op_listener_dump },
	{ "listener get", op_listener_get },
	{ "net get", op_net_get },
	{ "net dump", op_net_dump },
	{ "counters dump", op_counted_dump },
	{ "episode dump", op_episode_dump },
	{ "listeners in debugfs", op_listeners_read },
	{ "nets in debugfs", op_nets_read },
};

#define OPS		(sizeof(ops) / sizeof(ops[0]))
#define OPS_A_LOAD	40

/* one module's life; every system call of it may lack memory */
static void starve_once(int ko, int knob, long count[OPS][2])
{
	uint64_t cookie = 0;
	unsigned int i;
	int fd, family;
	long ret;

	knob_set(knob, 1);
	ret = module_load(ko);
	knob_set(knob, 0);
	if (!is_clean(ret))
		complain("load: %s", strerror(-ret));
	if (ret && module_load(ko)) {
		complain("not loaded after a load that failed");
		return;
	}
	/* one to ask for by name */
	fd = genl_open();
	if (op_listener_dump(fd, genl_family(fd), &cookie) < 1)
		complain("a dump of nothing");
	close(fd);
	for (i = 0; i < OPS_A_LOAD * OPS; i++) {
		fd = genl_open();
		family = genl_family(fd);
		knob_set(knob, 1);
		ret = ops[i % OPS].op(fd, family, &cookie);
		knob_set(knob, 0);
		close(fd);
		if (!is_clean(ret))
			complain("%s: %s", ops[i % OPS].name, strerror(-ret));
		count[i % OPS][ret < 0]++;
	}
	knob_set(knob, 1);
	ret = module_unload(10, NULL);
	knob_set(knob, 0);
	if (!is_clean(ret))
		complain("unload: %s", strerror(-ret));
	else if (ret && module_unload(10, NULL))
		complain("not unloaded after an unload that failed");
	if (module_left())
		complain("unloaded, but there is %s", module_left());
}

int hammer_failops(const char *path, long rounds)
{
	int knob = knob_open("/proc/self/make-it-fail");
	int ko = module_open(path);
	long count[OPS][2] = {};
	char name[160];
	unsigned int i;

	while (rounds-- && failed < 20)
		starve_once(ko, knob, count);
	for (i = 0; i < OPS; i++) {
		if (!count[i][0])
			complain("%s: it never worked", ops[i].name);
		snprintf(name, sizeof(name), "%s without memory: %ld times refused, %ld times well",
			 ops[i].name, count[i][1], count[i][0]);
		verdict(name);
	}
	return failed ? 1 : 0;
}

/* let a traced child run up to its first socket(): its loader is done then */
static void run_to_socket(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD))
		err(2, "ptrace");
	do {
		memset(&info, 0, sizeof(info));
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
		    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
			err(2, "a command that opens a socket");
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_socket);
}

int hammer_failexec(long nth, char **argv)
{
	pid_t pid = fork();
	char path[64];
	siginfo_t info;
	int status, knob;
	long left;

	if (pid < 0)
		err(2, "fork");
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[0], argv);
		err(2, "%s", argv[0]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		err(2, "a traced exec");
	run_to_socket(pid);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/fail-nth", pid, pid);
	knob = knob_open(path);
	knob_set(knob, nth);
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL))
		err(2, "detach");
	/* dead, but not yet forgotten: it can still be asked */
	if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
		err(2, "waitid");
	left = knob_get(knob);
	if (waitpid(pid, &status, 0) != pid)
		err(2, "waitpid");
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "killed by signal %d\n", WTERMSIG(status));
		return 201;
	}
	return left ? 200 : WEXITSTATUS(status);
}
