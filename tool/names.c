// SPDX-License-Identifier: GPL-2.0
/* Names for numbers, each looked up once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "listenq.h"
#include "names.h"

#define NETNS_DIR	"/var/run/netns"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* One line of /etc/services: name, blanks, port/tcp. */
static void take_service(const char **names, char *line)
{
	char *name = line + strspn(line, " \t"), *p;
	unsigned long port;

	for (p = name; *p && *p != '#' && !is_blank(*p); p++)
		;
	if (p == name || !is_blank(*p))
		return;
	*p++ = '\0';
	port = strtoul(p, &p, 10);
	if (strncmp(p, "/tcp", 4) || (p[4] && !strchr(" \t#", p[4])) ||
	    port > 65535 || names[port])
		return;
	names[port] = name;
}

/**
 * lq_service_name - the name of a TCP port
 * @port: the port
 *
 * getservbyport() would read /etc/services again for every port.
 *
 * Return: the name, NULL if it has none.
 */
const char *lq_service_name(uint16_t port)
{
	static const char *names[65536];
	static char text[256 * 1024];
	static bool loaded;
	size_t len = 0;
	ssize_t n;
	int fd;

	if (loaded)
		return names[port];
	loaded = true;
	fd = open("/etc/services", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(fd);
	for (char *line = text, *eol; *line; line = eol + 1) {
		eol = strchrnul(line, '\n');
		if (!*eol)
			break;
		*eol = '\0';
		take_service(names, line);
	}
	return names[port];
}

/**
 * lq_device_name - the name of a network device of our namespace
 * @ifindex: its index
 *
 * Return: the name, NULL if there is no such device (any more).
 */
const char *lq_device_name(uint32_t ifindex)
{
	static char name[IF_NAMESIZE];
	static uint32_t last;

	if (ifindex != last) {
		last = 0;
		if (!if_indextoname(ifindex, name))
			return NULL;
		last = ifindex;
	}
	return name;
}

/**
 * lq_netns_name - the name that ip netns gave to a network namespace
 * @ino: its inode number
 *
 * Return: the name, NULL if it has none.
 */
const char *lq_netns_name(uint64_t ino)
{
	static struct { uint64_t ino; char *name; } *known;
	static size_t n;
	static bool loaded;
	struct dirent *de;
	DIR *dir;

	if (!loaded) {
		loaded = true;
		dir = opendir(NETNS_DIR);
		while (dir && (de = readdir(dir))) {
			struct stat st;

			if (fstatat(dirfd(dir), de->d_name, &st, 0) || S_ISDIR(st.st_mode))
				continue;
			known = lq_alloc(known, n + 1, sizeof(*known));
			known[n].ino = st.st_ino;
			known[n++].name = strdup(de->d_name);
		}
		if (dir)
			closedir(dir);
	}
	for (size_t i = 0; i < n; i++)
		if (known[i].ino == ino)
			return known[i].name;
	return NULL;
}

static struct cgroup {
	uint64_t id;
	char *path;
} *cgroups;
static size_t ncgroups;
static const char *cgroup_dir;

static int take_cgroup(const char *path, const struct stat *st, int type,
		       struct FTW *ftw)
{
	char handle[sizeof(struct file_handle) + sizeof(uint64_t)]
		__attribute__((aligned(__alignof__(struct file_handle))));
	struct file_handle *h = (struct file_handle *)handle;
	int mount;

	(void)st;
	(void)ftw;
	h->handle_bytes = sizeof(uint64_t);
	if (type != FTW_D || name_to_handle_at(AT_FDCWD, path, h, &mount, 0))
		return 0;
	cgroups = lq_alloc(cgroups, ncgroups + 1, sizeof(*cgroups));
	memcpy(&cgroups[ncgroups].id, h->f_handle, sizeof(uint64_t));
	path += strlen(cgroup_dir);
	cgroups[ncgroups++].path = strdup(*path ? path : "/");
	return 0;
}

/* cgroup2 is mounted in one of two places, the second beside cgroup1. */
static void load_cgroups(void)
{
	static const char *const dirs[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		cgroup_dir = dirs[i];
		if (!statfs(cgroup_dir, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			nftw(cgroup_dir, take_cgroup, 16, FTW_PHYS | FTW_MOUNT);
	}
}

/**
 * lq_cgroup_path - where in the hierarchy a cgroup is
 * @id: its id
 *
 * Return: the path under the mount of cgroup2, NULL if it is not there.
 */
const char *lq_cgroup_path(uint64_t id)
{
	static const char *found;
	static uint64_t last;
	static bool loaded;

	if (!loaded) {
		loaded = true;
		load_cgroups();
	}
	if (id == last)
		return found;
	last = id;
	found = NULL;
	for (size_t i = 0; i < ncgroups && !found; i++)
		if (cgroups[i].id == id)
			found = cgroups[i].path;
	return found;
}

/**
 * lq_netns_enter - switch to another network namespace
 * @name: as ip netns named it, or a pid, or a path
 *
 * A name wins over a pid: it is there for all to see.
 *
 * Return: 0, or -1 after an error message.
 */
int lq_netns_enter(const char *name)
{
	char path[PATH_MAX];
	int fd = -1;

	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	if (*name)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && *name && !name[strspn(name, "0123456789")]) {
		snprintf(path, sizeof(path), "/proc/%s/ns/net", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0 && (errno == ENOENT || !*name)) {
		lq_error("no network namespace \"%s\": accepted are a name in " NETNS_DIR
			 ", a pid, a path", name);
		return -1;
	}
	if (fd < 0) {
		lq_error("network namespace \"%s\": %s", name, strerror(errno));
		return -1;
	}
	if (setns(fd, CLONE_NEWNET)) {
		if (errno == EINVAL)
			lq_error("%s is no network namespace", path);
		else
			lq_error("entering network namespace \"%s\": %s", name,
				 strerror(errno));
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}
