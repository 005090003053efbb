// SPDX-License-Identifier: GPL-2.0
/* Socket inode to processes, from /proc/PID/fd. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"

/**
 * lq_owner_parse_link - the inode number in the link of a file descriptor
 * @link: what readlink() gave: "socket:[123]" if it is a socket
 * @len: its bytes
 * @ino: gets the number
 *
 * Return: whether it is a socket.
 */
bool lq_owner_parse_link(const char *link, size_t len, uint64_t *ino)
{
	static const char head[] = "socket:[";
	const size_t n = sizeof(head) - 1;
	uint64_t v = 0;

	if (len < n + 2 || len > n + 20 || memcmp(link, head, n) || link[len - 1] != ']')
		return false;
	for (size_t i = n; i < len - 1; i++) {
		if (link[i] < '0' || link[i] > '9')
			return false;
		v = v * 10 + (link[i] - '0');
	}
	*ino = v;
	return true;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int by_ino(const void *a, const void *b)
{
	const struct lq_owner *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* A name of /proc that is a number: a process or a descriptor. */
static bool parse_id(const char *s, uint32_t *id)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	*id = strtoul(s, &end, 10);
	return !*end;
}

/* The name of the process, less the newline that /proc adds. */
static bool read_comm(struct lq_owners *o, int pid_dir, struct lq_owner *w)
{
	char comm[256];
	ssize_t n;
	int fd;

	fd = openat(pid_dir, "comm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, comm, sizeof(comm));
	close(fd);
	if (n <= 0)
		return false;
	if (comm[n - 1] == '\n')
		n--;
	w->comm = o->names.len;
	w->comm_len = n;
	lq_buf_room(&o->names, n);
	lq_put_mem(&o->names, comm, n);
	return true;
}

static void scan_process(struct lq_owners *o, int pid_dir, uint32_t pid,
			 const uint64_t *wanted, size_t n, unsigned int most)
{
	struct lq_owner w = { .pid = pid };
	unsigned int seen = 0;
	bool named = false;
	struct dirent *de;
	int fds;
	DIR *dir;

	fds = openat(pid_dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fds < 0 ? NULL : fdopendir(fds);
	if (!dir) {
		if (fds >= 0)
			close(fds);
		return;
	}
	while ((de = readdir(dir))) {
		char link[64];
		ssize_t len;

		if (!parse_id(de->d_name, &w.fd))
			continue;
		if (most && seen++ == most) {
			o->cut = true;
			break;
		}
		len = readlinkat(fds, de->d_name, link, sizeof(link));
		if (len < 0 || !lq_owner_parse_link(link, len, &w.ino) ||
		    !bsearch(&w.ino, wanted, n, sizeof(*wanted), by_value))
			continue;
		if (!named && !read_comm(o, pid_dir, &w))
			break;
		named = true;
		if (o->n == o->size) {
			o->size = o->size ? 2 * o->size : 64;
			o->v = lq_alloc(o->v, o->size, sizeof(*o->v));
		}
		o->v[o->n++] = w;
	}
	closedir(dir);
}

/**
 * lq_owners_scan - find the processes of some listeners
 * @o: gets them; zeroed before
 * @t: the listeners
 * @proc: where /proc is mounted
 * @most: of each process look at so many descriptors, the lowest; 0 for all
 */
void lq_owners_scan(struct lq_owners *o, const struct lq_listeners *t,
		    const char *proc, unsigned int most)
{
	const struct lq_owner *first;
	uint64_t *wanted;
	struct dirent *de;
	size_t n = 0;
	DIR *dir;

	dir = t->n ? opendir(proc) : NULL;
	if (!dir)
		return;
	wanted = lq_alloc(NULL, t->n, sizeof(*wanted));
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].ino)
			wanted[n++] = t->v[i].ino;
	qsort(wanted, n, sizeof(*wanted), by_value);
	while ((de = readdir(dir))) {
		uint32_t pid;
		int pid_dir;

		if (!parse_id(de->d_name, &pid))
			continue;
		pid_dir = openat(dirfd(dir), de->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (pid_dir < 0)
			continue;
		scan_process(o, pid_dir, pid, wanted, n, most);
		close(pid_dir);
	}
	closedir(dir);
	if (o->n)
		qsort(o->v, o->n, sizeof(*o->v), by_ino);
	if (o->cut) {
		o->cut = false;
		for (size_t i = 0; i < n && !o->cut; i++)
			o->cut = !lq_owners_find(o, wanted[i], &first);
	}
	free(wanted);
}

/**
 * lq_owners_find - the processes of one socket
 * @o: all of them
 * @ino: the socket's inode number
 * @first: gets the first
 *
 * Return: how many there are.
 */
size_t lq_owners_find(const struct lq_owners *o, uint64_t ino,
		      const struct lq_owner **first)
{
	size_t lo = 0, hi = o->n, end;

	if (!ino || !o->n)
		return 0;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (o->v[mid].ino < ino)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = o->v + lo;
	for (end = lo; end < o->n && o->v[end].ino == ino; end++)
		;
	return end - lo;
}

/**
 * lq_owners_free - forget all of them
 * @o: them
 */
void lq_owners_free(struct lq_owners *o)
{
	free(o->v);
	lq_buf_free(&o->names);
	memset(o, 0, sizeof(*o));
}
