// SPDX-License-Identifier: GPL-2.0
/* The doctor on the host: what it lets a module do, and what it lets us see. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

#define EFIVAR	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* Where a file system of this type is mounted; false if nowhere. */
static bool find_mount(const struct lq_doctor *d, const char *type, char *path, size_t size)
{
	char mounts[32768], *rest = NULL, *line;

	lq_doctor_read(d, "/proc/self/mounts", mounts, sizeof(mounts));
	for (line = strtok_r(mounts, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char where[128], what[32];

		if (sscanf(line, "%*s %127s %31s", where, what) != 2 || strcmp(what, type))
			continue;
		snprintf(path, size, "%s", where);
		return true;
	}
	return false;
}

/*
 * "[none] integrity confidentiality" has the one in force in brackets. @mode
 * gets it, empty for none. Return: whether it is known.
 */
static bool check_lockdown(struct lq_doctor *d, char *mode, size_t size)
{
	char text[128], path[128], *open, *close;
	int ret;

	mode[0] = '\0';
	ret = lq_doctor_read(d, "/sys/kernel/security/lockdown", text, sizeof(text));
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close) {
		*close = '\0';
		snprintf(mode, size, "%s", open + 1);
		lq_finding_add(d, LQ_OK, "lockdown", "%s", mode);
		if (!strcmp(mode, "none"))
			mode[0] = '\0';
	} else if (ret == -ENOENT && find_mount(d, "securityfs", path, sizeof(path))) {
		lq_finding_add(d, LQ_OK, "lockdown", "none: this kernel cannot");
	} else {
		lq_finding_add(d, LQ_WARNING, "lockdown", "not known: securityfs is not mounted here");
		lq_finding_remedy(d, "mount -t securityfs securityfs /sys/kernel/security");
		return false;
	}
	return true;
}

static void check_secure_boot(struct lq_doctor *d)
{
	char v[16], path[128];
	int ret = lq_doctor_read(d, "/sys/firmware/efi/fw_platform_size", v, sizeof(v));

	if (ret == -ENOENT && d->host_only) {
		lq_finding_add(d, LQ_WARNING, "secure boot", "not known: a container hides it");
		lq_finding_remedy(d, "look on the host");
		return;
	}
	if (ret == -ENOENT) {
		lq_finding_add(d, LQ_OK, "secure boot", "off: this kernel was not booted by EFI");
		return;
	}
	ret = lq_doctor_read(d, EFIVAR, v, sizeof(v));
	if (ret >= 5) {
		/* four bytes of attributes come before the value */
		lq_finding_add(d, LQ_OK, "secure boot", v[4] == 1 ? "on" : "off");
	} else if (ret == -ENOENT && find_mount(d, "efivarfs", path, sizeof(path))) {
		lq_finding_add(d, LQ_OK, "secure boot", "off: this firmware cannot");
	} else {
		lq_finding_add(d, LQ_WARNING, "secure boot", "not known: efivarfs is not mounted here");
		lq_finding_remedy(d, "mount -t efivarfs efivarfs /sys/firmware/efi/efivars");
	}
}

/* Whether a keyring of the kernel has the signer's key: 1, 0, or -1: not known */
static int has_key(const struct lq_doctor *d, const char *signer)
{
	char keys[65536];

	if (lq_doctor_read(d, "/proc/keys", keys, sizeof(keys)) <= 0 || !signer[0])
		return -1;
	if (strstr(keys, signer))
		return 1;
	return geteuid() || !strstr(keys, "X509.") ? -1 : 0;
}

/* Where DKMS keeps the public half of the key that it signs with. */
static const char *owner_key(const struct lq_doctor *d)
{
	static const char ubuntu[] = "/var/lib/shim-signed/mok/MOK.der";
	char byte[2];

	return lq_doctor_read(d, ubuntu, byte, sizeof(byte)) > 0 ? ubuntu : "/var/lib/dkms/mok.pub";
}

/*
 * Whether the kernel would take the module on disk. It asks for a signature by
 * module.sig_enforce=1 or when locked down, which Secure Boot brings about.
 */
static void check_signature(struct lq_doctor *d, const char *lockdown, bool known)
{
	const struct lq_module_file *f = &d->file;
	char enforce[8], why[96] = "";

	lq_doctor_read(d, "/sys/module/module/parameters/sig_enforce", enforce, sizeof(enforce));
	if (lockdown[0])
		snprintf(why, sizeof(why), "lockdown is %s", lockdown);
	if (enforce[0] == 'Y')
		snprintf(why, sizeof(why), "module.sig_enforce=1");

	if (!why[0]) {
		lq_finding_add(d, LQ_OK, "signature", "not asked for%s%s%s",
			       known ? "" : " by module.sig_enforce",
			       f->is_signed ? "; signed by " : "",
			       f->is_signed ? f->signer[0] ? f->signer : "somebody" : "");
		return;
	}
	if (f->is_signed && has_key(d, f->signer)) {
		lq_finding_add(d, LQ_OK, "signature", "signed by %s, as it must be (%s)",
			       f->signer[0] ? f->signer : "somebody", why);
		return;
	}
	if (f->is_signed) {
		lq_finding_add(d, LQ_PROBLEM, "signature",
			       "signed by %s, whose key this kernel lacks: refused (%s)", f->signer,
			       why);
		lq_finding_remedy(d, "mokutil --import %s, reboot and enrol it", owner_key(d));
		return;
	}
	if (f->path[0])
		lq_finding_add(d, LQ_PROBLEM, "signature",
			       "none: insmod and modprobe are refused (%s)", why);
	else
		lq_finding_add(d, d->loaded ? LQ_OK : LQ_WARNING, "signature",
			       "a module without one is refused (%s)", why);
	if (f->path[0] || !d->loaded)
		lq_finding_remedy(d, "let DKMS sign it: mokutil --import %s, reboot, enrol it",
				  owner_key(d));
}

static void check_debugfs(struct lq_doctor *d)
{
	char where[128], path[192], v[16];
	int ret;

	if (!find_mount(d, "debugfs", where, sizeof(where))) {
		lq_finding_add(d, LQ_WARNING, "debugfs", "not mounted here; netlink does without");
		lq_finding_remedy(d, "mount -t debugfs debugfs /sys/kernel/debug");
		return;
	}
	snprintf(path, sizeof(path), "%s/listenq/nets", where);
	ret = lq_doctor_read(d, path, v, sizeof(v));
	if (ret == -EACCES) {
		lq_finding_add(d, LQ_WARNING, "debugfs", "mounted on %s; only root can read it", where);
		lq_finding_remedy(d, LQ_AS_ROOT);
	} else if (ret == -EPERM) {
		lq_finding_add(d, LQ_WARNING, "debugfs",
			       "mounted on %s, locked down; netlink does without", where);
		lq_finding_remedy(d, "none while lockdown is confidentiality");
	} else if (ret <= 0 && d->loaded) {
		lq_finding_add(d, LQ_WARNING, "debugfs", "%s/listenq cannot be read: %s", where,
			       ret ? strerror(-ret) : "it is empty");
		lq_finding_remedy(d, LQ_RELOAD_IT);
	} else {
		lq_finding_add(d, LQ_OK, "debugfs", "mounted on %s%s", where,
			       d->loaded ? ", readable" : "");
	}
}

/**
 * lq_doctor_host - what this host lets a module do, and us see
 * @d: where to; knows the module already
 */
void lq_doctor_host(struct lq_doctor *d)
{
	char lockdown[32];
	bool known = check_lockdown(d, lockdown, sizeof(lockdown));

	check_signature(d, lockdown, known);
	check_secure_boot(d);
	check_debugfs(d);
}
