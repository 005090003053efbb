// SPDX-License-Identifier: GPL-2.0
/* Run a program of the system and read what it says. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define DEADLINE_S	30
#define OUTPUT_MAX	(1024 * 1024)

/* Where it is, whatever the PATH of who calls us says: we may be root. */
static bool find(char path[PATH_MAX], const char *root, const char *name)
{
	static const char *const dirs[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, PATH_MAX, "%s%s/%s", root, dirs[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

static int spawn(pid_t *pid, const char *path, const char *const argv[], int out)
{
	static const char *const env[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL
	};
	posix_spawn_file_actions_t fa;
	int err;

	err = posix_spawn_file_actions_init(&fa);
	if (err)
		return err;
	err = posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&fa, out, STDERR_FILENO);
	if (!err)
		err = posix_spawn(pid, path, &fa, NULL, (char *const *)argv,
				  (char *const *)env);
	posix_spawn_file_actions_destroy(&fa);
	return err;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

/* All that comes, up to a bound; false when it did not end in time. */
static bool read_all(struct lq_buf *out, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t end = now_ms() + DEADLINE_S * 1000;

	for (;;) {
		int64_t left = end - now_ms();
		char chunk[4096];
		ssize_t n;

		if (left <= 0 || out->len > OUTPUT_MAX)
			return false;
		if (poll(&p, 1, left) <= 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return !n;
		lq_buf_room(out, n);
		lq_put_mem(out, chunk, n);
	}
}

/**
 * lq_run - run a program and take what it writes, in English
 * @out: gets its stdout and its stderr, ended by a null byte
 * @root: where the system's programs are: "" but for tests
 * @argv: its name and its arguments
 *
 * Return: its exit status; -ENOENT if it is not installed; -ETIMEDOUT if it does
 * not end, or another negative errno.
 */
int lq_run(struct lq_buf *out, const char *root, const char *const argv[])
{
	char path[PATH_MAX];
	int fd[2], status, err;
	bool ended;
	pid_t pid;

	if (!find(path, root, argv[0]))
		return -ENOENT;
	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	err = spawn(&pid, path, argv, fd[1]);
	close(fd[1]);
	if (err) {
		close(fd[0]);
		return -err;
	}
	ended = read_all(out, fd[0]);
	close(fd[0]);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	lq_buf_room(out, 1);
	out->data[out->len] = '\0';
	if (!ended)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}
