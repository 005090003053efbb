// SPDX-License-Identifier: GPL-2.0
/*
 * A fixed set of listeners of every kind, rendered in every way, against the
 * files in golden/. LISTENQ_GOLDEN=write renews them: read the diff.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "unit.h"

#include "print.h"

#define OUR_NETNS	4026531840
#define ALL_KNOWN	(LISTENQ_HAS_SYN_LEN | LISTENQ_HAS_SYN_YOUNG | LISTENQ_HAS_WAIT | \
			 LISTENQ_HAS_TFO | LISTENQ_HAS_DEFER | LISTENQ_HAS_DROPS | \
			 LISTENQ_HAS_CGROUP | LISTENQ_HAS_SOCKOPTS | LISTENQ_HAS_FLOOD)

static const struct listenq_listener listeners[] = {
	{	/* full, its head dead, everything on, every number long */
		.cookie = 0xfedcba9876543210, .ino = 4294967295, .netns_ino = OUR_NETNS,
		.cgroup_id = 0xffffffffffffff01, .oldest_wait_us = 123456789,
		.has = ALL_KNOWN,
		.flags = LISTENQ_L_SYN_FULL | LISTENQ_L_ACCEPT_FULL | LISTENQ_L_HEAD_DEAD |
			LISTENQ_L_V6ONLY | LISTENQ_L_REUSEPORT | LISTENQ_L_TRANSPARENT |
			LISTENQ_L_SYN_FLOOD,
		.uid = 4294967294, .ifindex = 1, .syn_len = 4294967295,
		.syn_young = 4294967294, .accept_len = 4294967295, .backlog = 4294967294,
		.tfo_len = 255, .tfo_limit = 256, .defer_accept_s = 5,
		.drops = 4294967295, .family = AF_INET6, .protocol = 262, .port = 65535,
		.addr = { 0x20, 0x01, 0x0d, 0xb8,
			  [8] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	}, {	/* busy by its wait alone */
		.cookie = 1, .ino = 100, .netns_ino = OUR_NETNS, .oldest_wait_us = 1900000,
		.has = ALL_KNOWN & ~LISTENQ_HAS_CGROUP, .uid = 33, .syn_len = 3,
		.syn_young = 2, .accept_len = 1, .backlog = 511, .drops = 7,
		.family = AF_INET, .protocol = IPPROTO_TCP, .port = 80,
	}, {	/* of another namespace, where device numbers mean something else */
		.cookie = 2, .ino = 101, .netns_ino = 4026532999,
		.has = ALL_KNOWN & ~(LISTENQ_HAS_WAIT | LISTENQ_HAS_CGROUP), .ifindex = 1,
		.backlog = 128, .family = AF_INET, .protocol = IPPROTO_TCP, .port = 53,
		.addr = { 127, 0, 0, 53 },
	}, {	/* the dual-stack wildcard */
		.cookie = 3, .ino = 102, .netns_ino = OUR_NETNS,
		.has = LISTENQ_HAS_SYN_LEN, .backlog = 128, .family = AF_INET6,
		.protocol = IPPROTO_TCP, .port = 443,
	}, {	/* the IPv6-only one */
		.cookie = 4, .ino = 103, .netns_ino = OUR_NETNS, .flags = LISTENQ_L_V6ONLY,
		.backlog = 128, .family = AF_INET6, .protocol = IPPROTO_TCP, .port = 443,
	}, {	/* a kernel socket: no inode; nothing known that can be unknown */
		.cookie = 5, .netns_ino = OUR_NETNS, .backlog = 64, .family = AF_INET,
		.protocol = IPPROTO_TCP, .port = 2049,
	},
};

#define N	(sizeof(listeners) / sizeof(listeners[0]))

static struct lq_row rows[N];
static struct lq_owners owners;

static void own(uint64_t ino, uint32_t pid, uint32_t fd, const char *comm)
{
	owners.v = realloc(owners.v, (owners.n + 1) * sizeof(*owners.v));
	owners.v[owners.n++] = (struct lq_owner) {
		.ino = ino, .pid = pid, .fd = fd, .comm = owners.names.len,
		.comm_len = strlen(comm),
	};
	lq_buf_room(&owners.names, strlen(comm));
	lq_put_str(&owners.names, comm);
}

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		rows[i].l = &listeners[i];
	/* A master with workers, one of them with two descriptors, behind systemd. */
	own(100, 1, 40, "systemd");
	own(100, 200, 6, "nginx");
	own(100, 201, 6, "nginx");
	own(100, 201, 7, "nginx");
	own(100, 202, 6, "nginx");
	own(101, 300, 3, "evil\n\033[2J\"\\\xff");
	own(102, 301, 3, "caf\xc3\xa9");
	own(103, 4194304, 1048576, "a");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lq_owners_free(&owners);
	return 0;
}

static char *slurp(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = malloc(len + 1);

	assert_int_equal(pread(fd, text, len, 0), len);
	text[len] = '\0';
	return text;
}

static char *render(const struct lq_view *v, bool json, size_t n)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	char *text;

	assert_int_equal((json ? lq_print_json : lq_print_text)(fd, rows, n, v), 0);
	text = slurp(fd);
	close(fd);
	return text;
}

static void compare(const char *name, const struct lq_view *v, bool json)
{
	char *got = render(v, json, N), *want;
	const char *mode = getenv("LISTENQ_GOLDEN");
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "tests/tool/golden/%s", name);
	if (mode && !strcmp(mode, "write")) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		assert_int_equal(write(fd, got, strlen(got)), strlen(got));
		close(fd);
	}
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	want = slurp(fd);
	close(fd);
	assert_string_equal(got, want);
	free(want);
	free(got);
}

static void text(void **state)
{
	struct lq_view v = { .owners = &owners, .netns_ino = OUR_NETNS, .numeric = true };

	(void)state;
	compare("default.txt", &v, false);
	v.all_netns = true;
	compare("all-netns.txt", &v, false);
	v.all_netns = false;
	v.processes = v.extended = true;
	compare("processes-extended.txt", &v, false);
	v = (struct lq_view) { .netns_ino = OUR_NETNS, .numeric = true, .no_header = true };
	compare("no-header.txt", &v, false);
	v.color = true;
	compare("color.txt", &v, false);
}

static void json(void **state)
{
	struct lq_view v = { .owners = &owners, .netns_ino = OUR_NETNS };

	(void)state;
	compare("listeners.json", &v, true);
}

/* JSON that a strict parser takes, with every field of the struct. */
static void json_is_json(void **state)
{
	struct lq_view v = { .owners = &owners, .netns_ino = OUR_NETNS };
	struct json_object *array, *first, *member, *last;
	char *out = render(&v, true, N);
	enum json_tokener_error err;

	(void)state;
	array = parse_json(out, &err);
	if (!array)
		fail_msg("%s", json_tokener_error_desc(err));
	assert_int_equal(json_object_array_length(array), N);
	first = json_object_array_get_idx(array, 0);
	last = json_object_array_get_idx(array, N - 1);
	assert_int_equal(json_object_object_length(first), 28);
	assert_int_equal(json_object_object_length(last), 28);
	json_object_object_get_ex(first, "cookie", &member);
	assert_string_equal(json_object_get_string(member), "fedcba9876543210");
	json_object_object_get_ex(first, "accept_full", &member);
	assert_true(json_object_get_boolean(member));
	assert_true(json_object_object_get_ex(last, "processes", &member));
	assert_null(member);
	member = json_object_array_get_idx(array, 2);
	json_object_object_get_ex(member, "processes", &member);
	json_object_object_get_ex(json_object_array_get_idx(member, 0), "name", &member);
	assert_string_equal(json_object_get_string(member), "evil\n\033[2J\"\\\xef\xbf\xbd");
	json_object_put(array);
	free(out);

	out = render(&v, true, 0);
	assert_string_equal(out, "[]\n");
	free(out);
}

/* Enough rows to pass the buffer on several times, and long lists of processes. */
static void large(void **state)
{
	struct lq_view v = { .owners = &owners, .netns_ino = OUR_NETNS, .processes = true,
		.extended = true, .no_header = true };
	static struct lq_row many[5000];
	struct listenq_listener l = listeners[1];
	size_t lines[2] = { 0 };

	(void)state;
	l.ino = 999;
	for (int i = 0; i < 3000; i++)
		own(999, 1000 + i, 3, "worker\n");
	for (size_t i = 0; i < 5000; i++)
		many[i].l = i ? &listeners[i % N] : &l;
	for (int json = 0; json < 2; json++) {
		int fd = memfd_create("out", MFD_CLOEXEC);
		char *out;

		assert_int_equal((json ? lq_print_json : lq_print_text)(fd, many, 5000, &v), 0);
		out = slurp(fd);
		close(fd);
		for (char *p = out; *p; p++)
			lines[json] += *p == '\n';
		free(out);
	}
	assert_int_equal(lines[0], 5000);
	assert_int_equal(lines[1], 5002);
}

static void write_fails(void **state)
{
	struct lq_view v = { .owners = &owners };
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(lq_print_text(fd, rows, N, &v), -ENOSPC);
	assert_int_equal(lq_print_json(fd, rows, N, &v), -ENOSPC);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(json),
		cmocka_unit_test(json_is_json),
		cmocka_unit_test(write_fails),
		cmocka_unit_test(large),
	};

	return cmocka_run_group_tests_name("print", tests, set_up, tear_down);
}
