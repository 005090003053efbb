// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor on hosts that are made of files: DKMS in every state and both of
 * its formats, signatures, lockdown, Secure Boot. Programs of the host are
 * scripts that say what the real ones do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "unit.h"

#include "doctor.h"
#include "run.h"

#define RELEASE	"6.1.0-56-amd64"
#define DISK	"/lib/modules/" RELEASE "/updates/dkms/listenq.ko"
#define EFIVAR	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static char root[64];
static struct lq_doctor d;

static void put_bytes(const char *path, const void *data, size_t len, mode_t mode)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *s = strchr(full + strlen(root) + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(full, 0755);
		*s = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, mode);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		fail_msg("%s: %s", full, strerror(errno));
	close(fd);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text), 0644);
}

/* A program that says @text. */
static void put_program(const char *path, const char *text, int status)
{
	char script[2048];

	snprintf(script, sizeof(script), "#!/bin/sh\ncat <<'END'\n%s\nEND\nexit %d\n", text, status);
	put_bytes(path, script, strlen(script), 0755);
}

static void drop(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", root, path);
	if (remove(full))
		fail_msg("%s: %s", full, strerror(errno));
}

#define MODINFO(_version, _vermagic, _more)				\
	"filename:       " DISK "\nlicense:        GPL\n"		\
	"version:        " _version "\nsrcversion:     ABCDEF\n"	\
	"vermagic:       " _vermagic " SMP preempt mod_unload \n" _more

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/listenq-doctor.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	put("/proc/self/mounts", "none /proc proc rw 0 0\nnone /sys/kernel/security securityfs rw 0 0\n"
	    "none /sys/kernel/debug debugfs rw 0 0\n");
	put("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put("/sys/kernel/debug/listenq/nets", "netns\n");
	put("/sys/module/module/parameters/sig_enforce", "N\n");
	put("/sys/module/listenq/version", LISTENQ_VERSION "\n");
	put("/sys/module/listenq/srcversion", "ABCDEF\n");
	put("/sys/module/listenq/initstate", "live\n");
	put("/lib/modules/" RELEASE "/build/Makefile", "");
	put_program("/sbin/modinfo", MODINFO(LISTENQ_VERSION, RELEASE, ""), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	lq_findings_free(&d);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void look(void)
{
	lq_findings_free(&d);
	memset(&d, 0, sizeof(d));
	d.root = root;
	strcpy(d.uts.release, RELEASE);
	lq_doctor_module(&d);
	lq_doctor_host(&d);
}

/* The one finding of a topic. */
static void expect(const char *topic, enum lq_status status, const char *text,
		   const char *remedy)
{
	const struct lq_finding *found = NULL;

	for (size_t i = 0; i < d.n; i++)
		if (!strcmp(d.findings[i].topic, topic)) {
			assert_null(found);
			found = &d.findings[i];
		}
	if (!found)
		fail_msg("nothing about %s", topic);
	assert_string_equal(found->text, text);
	assert_int_equal(found->status, status);
	if (remedy)
		assert_string_equal(found->remedy, remedy);
	else
		assert_null(found->remedy);
}

static void sound(void **state)
{
	(void)state;
	look();
	for (size_t i = 0; i < d.n; i++) {
		assert_int_equal(d.findings[i].status, LQ_OK);
		assert_null(d.findings[i].remedy);
	}
	expect("module", LQ_OK, "loaded, version " LISTENQ_VERSION ", srcversion ABCDEF", NULL);
	expect("on disk", LQ_OK, "listenq.ko, version " LISTENQ_VERSION ", for this kernel",
	       NULL);
	expect("headers", LQ_OK, "of this kernel are installed", NULL);
	drop("/sys/module/listenq/initstate");
	look();
	expect("module", LQ_OK, "in the kernel, version " LISTENQ_VERSION ", srcversion ABCDEF",
	       NULL);
}

static void on_disk(void **state)
{
	(void)state;
	put_program("/sbin/modinfo", MODINFO(LISTENQ_VERSION, RELEASE "-rt", ""), 0);
	look();
	expect("on disk", LQ_PROBLEM, DISK " is for kernel " RELEASE "-rt, not for this one",
	       "dkms autoinstall -k " RELEASE ", or make && make install");
	put_program("/sbin/modinfo", MODINFO(LISTENQ_VERSION, "6.1.0", ""), 0);
	look();
	expect("on disk", LQ_PROBLEM, DISK " is for kernel 6.1.0, not for this one",
	       "dkms autoinstall -k " RELEASE ", or make && make install");
	put_program("/sbin/modinfo", "modinfo: ERROR: Module listenq not found.", 1);
	look();
	expect("on disk", LQ_WARNING, "modprobe would not find it: gone after a reboot",
	       "install listenq-dkms, or make && make install");
	drop("/sbin/modinfo");
	look();
	expect("on disk", LQ_WARNING, "not known: there is no modinfo here", "apt-get install kmod");
}

static void versions(void **state)
{
	(void)state;
	put("/sys/module/listenq/version", "1.2.0\n");
	look();
	expect("module", LQ_WARNING, "loaded, version 1.2.0: older than this listenq",
	       LQ_RELOAD_IT);
	put_program("/sbin/modinfo", MODINFO("1.2.0", RELEASE, ""), 0);
	look();
	expect("module", LQ_WARNING, "loaded, version 1.2.0: older than this listenq",
	       "install the module of listenq " LISTENQ_VERSION ", then " LQ_RELOAD_IT);
	put("/sys/module/listenq/version", "10.0\n");
	look();
	expect("module", LQ_WARNING, "loaded, version 10.0: newer than this listenq",
	       "install listenq 10.0");
	drop("/sys/module/listenq/version");
	look();
	expect("module", LQ_WARNING, "loaded; /sys does not say which version",
	       "mount -t sysfs sysfs /sys");
}

static void dkms(void **state)
{
	static const char *const installed[] = {
		"listenq, 0.1.0, " RELEASE ", x86_64: installed",
		"listenq/0.1.0, " RELEASE ", x86_64: installed",
		"listenq/0.1.0, 5.0.0, x86_64: built\nlistenq/0.1.0, " RELEASE ", x86_64: installed",
		"listenq-more/9, " RELEASE ", x86_64: built\n"
		"listenq/0.1.0, " RELEASE ", x86_64: installed",
	};
	static const char *const unbuilt[] = {
		"listenq, 0.1.0: added",
		"listenq/0.1.0: added",
		"listenq, 0.1.0, 6.1.0-99-amd64, x86_64: installed",
		"listenq/0.1.0, 6.1.0-99-amd64, x86_64: installed",
		"listenq/0.1.0, " RELEASE "-rt, x86_64: installed",
	};
	static const char log[] = "/var/lib/dkms/listenq/0.1.0/build/make.log";

	(void)state;
	look();
	expect("dkms", LQ_OK, "not in charge of the module", NULL);
	put("/var/lib/dkms/listenq/0.1.0/source", "");
	look();
	expect("dkms", LQ_WARNING, "has the module, but is not installed itself",
	       "apt-get install dkms");
	for (size_t i = 0; i < sizeof(installed) / sizeof(installed[0]); i++) {
		put_program("/usr/sbin/dkms", installed[i], 0);
		look();
		expect("dkms", LQ_OK, "listenq 0.1.0: installed", NULL);
	}
	for (size_t i = 0; i < sizeof(unbuilt) / sizeof(unbuilt[0]); i++) {
		put_program("/usr/sbin/dkms", unbuilt[i], 0);
		look();
		expect("dkms", LQ_PROBLEM, "listenq 0.1.0 is not built for this kernel",
		       "dkms install listenq/0.1.0 -k " RELEASE);
	}
	put(log, "DKMS make.log for listenq-0.1.0 for kernel 6.1.0-99-amd64 (x86_64)\n");
	look();
	expect("dkms", LQ_PROBLEM, "listenq 0.1.0 is not built for this kernel",
	       "dkms install listenq/0.1.0 -k " RELEASE);
	put(log, "DKMS make.log for listenq-0.1.0 for kernel " RELEASE " (x86_64)\nerror\n");
	look();
	expect("dkms", LQ_PROBLEM, "listenq 0.1.0 failed to build for this kernel",
	       "less /var/lib/dkms/listenq/0.1.0/build/make.log");
	put_program("/usr/sbin/dkms", "listenq, 0.1.0, " RELEASE ", x86_64: built", 0);
	drop(log);
	look();
	expect("dkms", LQ_PROBLEM, "listenq 0.1.0 is built but not installed for this kernel",
	       "dkms install listenq/0.1.0 -k " RELEASE);
	put_program("/usr/sbin/dkms", "listenq/0.1.0, " RELEASE ", x86_64: installed "
		    "(WARNING! Diff between built and installed module!)", 0);
	look();
	expect("dkms", LQ_WARNING, "listenq 0.1.0: installed "
	       "(WARNING! Diff between built and installed module!)",
	       "dkms install --force listenq/0.1.0 -k " RELEASE);
	put_program("/usr/sbin/dkms", "Error! no", 3);
	look();
	expect("dkms", LQ_WARNING, "does not say how the module is", "dkms status listenq says why");
}

static void signatures(void **state)
{
	static const char *const lockdowns[] = { "integrity", "confidentiality" };
	static const char key[] = "1 I------ 1 perm 1f030000 0 0 ";
	char text[256];

	(void)state;
	look();
	expect("signature", LQ_OK, "not asked for", NULL);
	put("/sys/module/module/parameters/sig_enforce", "Y\n");
	look();
	expect("signature", LQ_PROBLEM,
	       "none: insmod and modprobe are refused (module.sig_enforce=1)",
	       "let DKMS sign it: mokutil --import /var/lib/dkms/mok.pub, reboot, enrol it");
	put("/var/lib/shim-signed/mok/MOK.der", "key");
	look();
	expect("signature", LQ_PROBLEM,
	       "none: insmod and modprobe are refused (module.sig_enforce=1)",
	       "let DKMS sign it: mokutil --import /var/lib/shim-signed/mok/MOK.der, reboot, enrol it");
	drop("/var/lib/shim-signed/mok/MOK.der");
	put("/sys/module/module/parameters/sig_enforce", "N\n");
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%s\n", i ? "none integrity [confidentiality]" :
			 "none [integrity] confidentiality");
		put("/sys/kernel/security/lockdown", text);
		look();
		expect("lockdown", LQ_OK, lockdowns[i], NULL);
		snprintf(text, sizeof(text), "none: insmod and modprobe are refused (lockdown is %s)",
			 lockdowns[i]);
		expect("signature", LQ_PROBLEM, text,
		       "let DKMS sign it: mokutil --import /var/lib/dkms/mok.pub, reboot, enrol it");
	}
	put("/sys/module/module/parameters/sig_enforce", "Y\n");
	put_program("/sbin/modinfo", MODINFO(LISTENQ_VERSION, RELEASE, "sig_id:         PKCS#7\n"
		    "signer:         DKMS module signing key\n"), 0);
	snprintf(text, sizeof(text), "%sDKMS module signing key: 0123: X509.rsa []\n", key);
	put("/proc/keys", text);
	look();
	expect("signature", LQ_OK,
	       "signed by DKMS module signing key, as it must be (module.sig_enforce=1)", NULL);
	snprintf(text, sizeof(text), "%sDebian Secure Boot CA: 6ccece7e: X509.rsa []\n", key);
	put("/proc/keys", text);
	look();
	if (!geteuid()) /* others do not see all keys */
		expect("signature", LQ_PROBLEM, "signed by DKMS module signing key, whose key "
		       "this kernel lacks: refused (module.sig_enforce=1)",
		       "mokutil --import /var/lib/dkms/mok.pub, reboot and enrol it");
	put("/proc/keys", "1 I--Q--- 1 perm 1f3f0000 0 65534 keyring _ses: 1\n"); /* none is shown */
	look();
	expect("signature", LQ_OK,
	       "signed by DKMS module signing key, as it must be (module.sig_enforce=1)", NULL);
	/* a modinfo that knows nothing of signatures, as busybox's */
	put_program("/sbin/modinfo", MODINFO(LISTENQ_VERSION, RELEASE, ""), 0);
	put(DISK, "\177ELF ... ~Module signature appended~\n");
	look();
	expect("signature", LQ_OK, "signed by somebody, as it must be (module.sig_enforce=1)", NULL);
	put(DISK, "\177ELF ... ~Module signature appended~\n\n");
	look();
	expect("signature", LQ_PROBLEM,
	       "none: insmod and modprobe are refused (module.sig_enforce=1)",
	       "let DKMS sign it: mokutil --import /var/lib/dkms/mok.pub, reboot, enrol it");
}

static void hidden(void **state)
{
	(void)state;
	drop("/sys/kernel/security/lockdown");
	look();
	expect("lockdown", LQ_OK, "none: this kernel cannot", NULL);
	put("/proc/self/mounts", "none /proc proc rw 0 0\n");
	look();
	expect("lockdown", LQ_WARNING, "not known: securityfs is not mounted here",
	       "mount -t securityfs securityfs /sys/kernel/security");
	expect("signature", LQ_OK, "not asked for by module.sig_enforce", NULL);
	expect("debugfs", LQ_WARNING, "not mounted here; netlink does without",
	       "mount -t debugfs debugfs /sys/kernel/debug");
	put("/proc/self/mounts", "none /elsewhere debugfs rw 0 0\n");
	look();
	expect("debugfs", LQ_WARNING, "/elsewhere/listenq cannot be read: No such file or directory",
	       LQ_RELOAD_IT);
}

static void secure_boot(void **state)
{
	(void)state;
	look();
	expect("secure boot", LQ_OK, "off: this kernel was not booted by EFI", NULL);
	put("/sys/firmware/efi/fw_platform_size", "64\n");
	look();
	expect("secure boot", LQ_WARNING, "not known: efivarfs is not mounted here",
	       "mount -t efivarfs efivarfs /sys/firmware/efi/efivars");
	put_bytes(EFIVAR, "\6\0\0\0\1", 5, 0644);
	look();
	expect("secure boot", LQ_OK, "on", NULL);
	put_bytes(EFIVAR, "\6\0\0\0\0", 5, 0644);
	look();
	expect("secure boot", LQ_OK, "off", NULL);
}

/* A container: nothing of this kernel, not even its modules' directory. */
static void container(void **state)
{
	(void)state;
	drop("/lib/modules/" RELEASE "/build/Makefile");
	drop("/lib/modules/" RELEASE "/build");
	drop("/lib/modules/" RELEASE);
	put_program("/sbin/modinfo", "modinfo: ERROR: Module listenq not found.", 1);
	look();
	expect("on disk", LQ_WARNING, "there is no /lib/modules/" RELEASE " here",
	       "look on the host, if this is a container; else boot an installed kernel");
	expect("secure boot", LQ_WARNING, "not known: a container hides it", "look on the host");
	drop("/sys/module/listenq/version");
	drop("/sys/module/listenq/srcversion");
	drop("/sys/module/listenq/initstate");
	drop("/sys/module/listenq");
	look();
	expect("module", LQ_PROBLEM, "not loaded", "on the host: modprobe listenq");
}

static void tracking(void **state)
{
	struct lq_genl_reply r = {
		.has_track = true,
		.track = { .enabled = 1, .entries = 4, .max_entries = 4, .max_entries_net = 2 },
		.hooks = {
			{ .name = "tcp_conn_request", .missed = 12, .placed = 1 },
			{ .name = "tcp_v4_syn_recv_sock", .error = -EOPNOTSUPP },
			{ .name = "evil\033\"", .error = -ENOENT },
		},
		.n_hooks = 3,
	};

	(void)state;
	look();
	lq_doctor_track(&d, &r);
	expect("hooks", LQ_OK, "1 of 3 are placed", NULL);
	expect("missed", LQ_WARNING, "hooks missed 12 calls: counters are too low by as much",
	       "listenq track off && listenq track on counts what is missed anew");
	expect("listeners", LQ_WARNING, "4 of 4 tracked, at most 2 of a namespace",
	       "rmmod listenq && modprobe listenq max_entries=8");
	r.hooks[0].placed = 0;
	look();
	lq_doctor_track(&d, &r);
	expect("hooks", LQ_PROBLEM, "0 of 3 are placed",
	       "boot a kernel with CONFIG_KPROBES=y and CONFIG_TRACEPOINTS=y");
}

/* What others wrote: on one line, and JSON. */
static void hostile(void **state)
{
	static const char *const keys[] = { "status", "topic", "text", "remedy" };
	enum json_tokener_error err;
	struct lq_buf b = { 0 };
	struct json_object *o;

	(void)state;
	put("/sys/module/listenq/version", "\033[31m\"\\\377\n0.1");
	put_program("/sbin/modinfo", "vermagic:\nsrcversion:\n:\n::\nfilename:\n\n", 0);
	look();
	lq_findings_put(&b, &d, false, false);
	for (size_t i = 0; i < b.len; i++)
		assert_true(b.data[i] == '\n' || (unsigned char)b.data[i] >= ' ');
	b.len = 0;
	lq_findings_put(&b, &d, false, true);
	lq_buf_room(&b, 1);
	b.data[b.len] = '\0';
	assert_non_null(strstr(b.data, "\033[33mwarning  \033[0mmodule      "));
	assert_non_null(strstr(b.data, "\n         -> install the module of "));
	b.len = 0;
	lq_findings_put(&b, &d, true, false);
	lq_buf_room(&b, 1);
	b.data[b.len] = '\0';
	o = parse_json(b.data, &err);
	if (!o)
		fail_msg("%s: %s", b.data, json_tokener_error_desc(err));
	assert_int_equal(json_object_array_length(o), d.n);
	for (size_t i = 0; i < d.n; i++)
		for (size_t k = 0; k < 4; k++)
			assert_true(json_object_object_get_ex(json_object_array_get_idx(o, i),
							      keys[k], NULL));
	json_object_put(o);
	lq_buf_free(&b);
}

static void programs(void **state)
{
	static const char *const argv[] = { "talk", "a", NULL }, *const none[] = { "none", NULL };
	struct lq_buf b = { 0 };

	(void)state;
	put_program("/bin/talk", "aye", 7);
	assert_int_equal(lq_run(&b, root, argv), 7);
	assert_string_equal(b.data, "aye\n");
	lq_buf_free(&b);
	assert_int_equal(lq_run(&b, root, none), -ENOENT);
	put_bytes("/bin/talk", "#!/bin/sh\nexec cat /dev/zero\n", 29, 0755);
	assert_int_equal(lq_run(&b, root, argv), -ETIMEDOUT);
	assert_in_range(b.len, 1024 * 1024, 2 * 1024 * 1024);
	lq_buf_free(&b);
	put_bytes("/bin/talk", "#!/bin/sh\nset\nkill -9 $$\n", 25, 0755);
	setenv("EVIL", "1", 1);
	assert_int_equal(lq_run(&b, root, argv), -EINTR);
	assert_null(strstr(b.data, "EVIL"));
	lq_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sound, setup, teardown),
		cmocka_unit_test_setup_teardown(on_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(versions, setup, teardown),
		cmocka_unit_test_setup_teardown(dkms, setup, teardown),
		cmocka_unit_test_setup_teardown(signatures, setup, teardown),
		cmocka_unit_test_setup_teardown(hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(secure_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(container, setup, teardown),
		cmocka_unit_test_setup_teardown(tracking, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(programs, setup, teardown),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
