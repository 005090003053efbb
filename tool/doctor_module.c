// SPDX-License-Identifier: GPL-2.0
/* The doctor on the module: loaded, on disk, built by whom, for which kernel. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "run.h"

static bool is_there(const struct lq_doctor *d, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", d->root, path);
	return !access(full, F_OK);
}

/* Signed modules that are not compressed end in these words. */
static bool ends_signed(const struct lq_doctor *d, const char *path)
{
	static const char words[] = "~Module signature appended~\n";
	char full[PATH_MAX], end[sizeof(words)] = "";
	int fd;

	snprintf(full, sizeof(full), "%s%s", d->root, path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (lseek(fd, -(off_t)strlen(words), SEEK_END) < 0 ||
	    read(fd, end, strlen(words)) != (ssize_t)strlen(words))
		end[0] = '\0';
	close(fd);
	return !memcmp(end, words, strlen(words));
}

/* A line of modinfo: "vermagic:       6.1.0 SMP". */
static void take_field(struct lq_module_file *f, char *line)
{
	const struct {
		const char *key;
		char *value;
		size_t size;
	} fields[] = {
		{ "filename", f->path, sizeof(f->path) },
		{ "version", f->version, sizeof(f->version) },
		{ "srcversion", f->srcversion, sizeof(f->srcversion) },
		{ "vermagic", f->vermagic, sizeof(f->vermagic) },
		{ "signer", f->signer, sizeof(f->signer) },
	};
	char *colon = strchr(line, ':');

	if (!colon)
		return;
	*colon++ = '\0';
	colon += strspn(colon, " \t");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(line, fields[i].key))
			snprintf(fields[i].value, fields[i].size, "%s", colon);
	if (!strcmp(line, "sig_id") || !strcmp(line, "signer"))
		f->is_signed = true;
}

/*
 * modinfo finds the module as modprobe does and reads it however it is
 * compressed. libkmod would do, too, but brings libcrypto and costs every run
 * of listenq three milliseconds.
 */
static int find_file(struct lq_doctor *d)
{
	static const char *const argv[] = { "modinfo", "listenq", NULL };
	struct lq_module_file *f = &d->file;
	struct lq_buf b = { 0 };
	int ret = lq_run(&b, d->root, argv);
	char *line, *rest = NULL;

	if (!ret)
		for (line = strtok_r(b.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			take_field(f, line);
	lq_buf_free(&b);
	if (f->path[0] && ends_signed(d, f->path))
		f->is_signed = true;
	return ret;
}

static const char *module_remedy(const struct lq_doctor *d)
{
	if (d->host_only)
		return "on the host: modprobe listenq";
	if (d->file.path[0])
		return "modprobe listenq";
	return "install listenq-dkms, or make && make install; then modprobe listenq";
}

static void check_loaded(struct lq_doctor *d)
{
	const char *module = "/sys/module/listenq";
	char version[64];
	int age;

	d->loaded = d->answers || is_there(d, module);
	if (!d->loaded) {
		lq_finding_add(d, LQ_PROBLEM, "module", "not loaded");
		lq_finding_remedy(d, "%s", module_remedy(d));
		return;
	}
	lq_doctor_read(d, "/sys/module/listenq/version", version, sizeof(version));
	lq_doctor_read(d, "/sys/module/listenq/srcversion", d->srcversion, sizeof(d->srcversion));
	if (!version[0]) {
		lq_finding_add(d, LQ_WARNING, "module", "loaded; /sys does not say which version");
		lq_finding_remedy(d, "mount -t sysfs sysfs /sys");
		return;
	}
	age = strverscmp(version, LISTENQ_VERSION);
	if (age) {
		lq_finding_add(d, LQ_WARNING, "module", "loaded, version %s: %s than this listenq",
			       version, age < 0 ? "older" : "newer");
		if (age > 0)
			lq_finding_remedy(d, "install listenq %s", version);
		else if (!strcmp(d->file.version, LISTENQ_VERSION))
			lq_finding_remedy(d, LQ_RELOAD_IT);
		else
			lq_finding_remedy(d, "install the module of listenq %s, then " LQ_RELOAD_IT,
					  LISTENQ_VERSION);
		return;
	}
	lq_finding_add(d, LQ_OK, "module", "%s, version %s, srcversion %s",
		       is_there(d, "/sys/module/listenq/initstate") ? "loaded" : "in the kernel",
		       version, d->srcversion);
}

static void check_installed(struct lq_doctor *d, int found)
{
	const struct lq_module_file *f = &d->file;
	size_t kernel = strcspn(f->vermagic, " ");
	const char *slash = strrchr(f->path, '/');
	const char *file = slash ? slash + 1 : f->path;

	if (found == -ENOENT) {
		lq_finding_add(d, LQ_WARNING, "on disk", "not known: there is no modinfo here");
		lq_finding_remedy(d, d->host_only ? "look on the host" : "apt-get install kmod");
	} else if (!f->path[0] && d->host_only) {
		lq_finding_add(d, LQ_WARNING, "on disk",
			       "there is no /lib/modules/%s here", d->uts.release);
		lq_finding_remedy(d, "look on the host, if this is a container; else boot an installed kernel");
	} else if (!f->path[0]) {
		lq_finding_add(d, LQ_WARNING, "on disk", "modprobe would not find it%s",
			       d->loaded ? ": gone after a reboot" : "");
		lq_finding_remedy(d, "install listenq-dkms, or make && make install");
	} else if (strncmp(f->vermagic, d->uts.release, kernel) || d->uts.release[kernel]) {
		lq_finding_add(d, LQ_PROBLEM, "on disk", "%s is for kernel %.*s, not for this one",
			       f->path, (int)kernel, f->vermagic);
		lq_finding_remedy(d, "dkms autoinstall -k %s, or make && make install",
				  d->uts.release);
	} else if (d->srcversion[0] && strcmp(d->srcversion, f->srcversion)) {
		lq_finding_add(d, LQ_WARNING, "on disk", "%s, version %s: not the one that is loaded",
			       file, f->version);
		lq_finding_remedy(d, LQ_RELOAD_IT);
	} else {
		lq_finding_add(d, LQ_OK, "on disk", "%s, version %s, for this kernel", file,
			       f->version);
	}
}

static void check_headers(struct lq_doctor *d)
{
	const char *release = d->uts.release;
	char path[256];

	snprintf(path, sizeof(path), "/lib/modules/%s/build/Makefile", release);
	if (d->host_only)
		return;
	if (is_there(d, path)) {
		lq_finding_add(d, LQ_OK, "headers", "of this kernel are installed");
	} else if (d->file.path[0]) {
		lq_finding_add(d, LQ_OK, "headers",
			       "not installed; they are needed to build the module only");
	} else {
		lq_finding_add(d, LQ_WARNING, "headers",
			       "of this kernel are not installed: no module can be built");
		lq_finding_remedy(d, is_there(d, "/etc/debian_version") ?
				  "apt-get install linux-headers-%s" :
				  "install the headers of kernel %s (kernel-devel)", release);
	}
}

/*
 * A line of dkms status about the running kernel: "listenq/0.1.0, KERNEL, ARCH:
 * installed", before 3.0 "listenq, 0.1.0, KERNEL, ARCH: installed". Less than
 * the kernel is said of a module that was built for none.
 */
static bool take_dkms(char *line, const char *release, char **version, char **state)
{
	char *words[4] = { NULL }, *colon = strchr(line, ':'), *rest = NULL;
	size_t n = 0;

	if (strncmp(line, "listenq", 7) || !strchr("/,", line[7]) || !colon)
		return false;
	*colon++ = '\0';
	line[7] = ',';
	for (char *w = strtok_r(line, ", ", &rest); w && n < 4; w = strtok_r(NULL, ", ", &rest))
		words[n++] = w;
	if (n < 2)
		return false;
	*version = words[1];
	if (n == 2)
		return false;
	*state = colon + strspn(colon, " ");
	return !strcmp(words[2], release);
}

/* The log of a build that failed names its kernel in its first line. */
static bool build_failed(const struct lq_doctor *d, const char *version, char *log, size_t size)
{
	char head[512], kernel[128];

	snprintf(log, size, "/var/lib/dkms/listenq/%s/build/make.log", version);
	snprintf(kernel, sizeof(kernel), "for kernel %s ", d->uts.release);
	lq_doctor_read(d, log, head, sizeof(head));
	head[strcspn(head, "\n")] = '\0';
	return strstr(head, kernel);
}

static void check_dkms(struct lq_doctor *d)
{
	static const char *const argv[] = { "dkms", "status", "listenq", NULL };
	char *version = NULL, *state = NULL, *rest = NULL, *line, log[256];
	const char *release = d->uts.release;
	struct lq_buf b = { 0 };
	int ret;

	if (!is_there(d, "/var/lib/dkms/listenq")) {
		lq_finding_add(d, LQ_OK, "dkms", "not in charge of the module");
		return;
	}
	ret = lq_run(&b, d->root, argv);
	for (line = ret ? NULL : strtok_r(b.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (take_dkms(line, release, &version, &state))
			break;
		else
			state = NULL;
	if (!version) {
		lq_finding_add(d, LQ_WARNING, "dkms", ret == -ENOENT ?
			       "has the module, but is not installed itself" :
			       "does not say how the module is");
		lq_finding_remedy(d, ret == -ENOENT ? "apt-get install dkms" :
				  "dkms status listenq says why");
	} else if (state && !strncmp(state, "installed", 9)) {
		bool differs = strstr(state, "WARNING") || strstr(state, "Differences");

		lq_finding_add(d, differs ? LQ_WARNING : LQ_OK, "dkms", "listenq %s: %s", version,
			       state);
		if (differs)
			lq_finding_remedy(d, "dkms install --force listenq/%s -k %s", version, release);
	} else if (build_failed(d, version, log, sizeof(log))) {
		lq_finding_add(d, LQ_PROBLEM, "dkms", "listenq %s failed to build for this kernel",
			       version);
		lq_finding_remedy(d, "less %s", log);
	} else {
		lq_finding_add(d, LQ_PROBLEM, "dkms", "listenq %s is %s for this kernel", version,
			       state ? "built but not installed" : "not built");
		lq_finding_remedy(d, "dkms install listenq/%s -k %s", version, release);
	}
	lq_buf_free(&b);
}

/**
 * lq_doctor_module - the module: whether it is there, for whom, by whom
 * @d: where to; gets what is known of it, too
 *
 * Looks for the file first: what mends the rest depends on it.
 */
void lq_doctor_module(struct lq_doctor *d)
{
	char path[256];
	int found;

	snprintf(path, sizeof(path), "/lib/modules/%s", d->uts.release);
	d->host_only = !is_there(d, path);
	found = find_file(d);
	check_loaded(d);
	check_installed(d, found);
	check_headers(d);
	check_dkms(d);
}
