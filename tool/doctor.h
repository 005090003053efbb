/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What listenq doctor looks at. Every check adds findings; none prints, none
 * changes anything, and each does without what is not there to be looked at.
 */
#ifndef LISTENQ_DOCTOR_H
#define LISTENQ_DOCTOR_H

#include <sys/utsname.h>

#include "format.h"
#include "genl.h"

#define LQ_RELOAD_IT	"rmmod listenq && modprobe listenq"
#define LQ_AS_ROOT	"sudo listenq doctor"

/* enum lq_status - how bad a finding is; only the last is worth an exit status */
enum lq_status {
	LQ_OK,
	LQ_WARNING,
	LQ_PROBLEM,
};

/**
 * struct lq_finding - one line of the doctor's screen
 * @status: how bad
 * @topic: of what
 * @text: what was found
 * @remedy: the command that mends it; NULL when all is well
 */
struct lq_finding {
	enum lq_status status;
	const char *topic;
	char *text;
	char *remedy;
};

/**
 * struct lq_module_file - the module that modprobe would load
 * @path: where it is; empty if there is none
 * @version: of the module
 * @srcversion: likewise
 * @vermagic: the kernel it is for, and how that was built
 * @signer: whose key signed it; empty if not known
 * @is_signed: whether any did
 */
struct lq_module_file {
	char path[256];
	char version[64];
	char srcversion[64];
	char vermagic[128];
	char signer[128];
	bool is_signed;
};

/**
 * struct lq_doctor - what was found so far
 * @root: put before every path: "" but for tests
 * @uts: the running kernel
 * @answers: the module's family answers
 * @loaded: the module is loaded, says /sys or that
 * @srcversion: of the loaded module, empty if not known
 * @host_only: no file of this kernel here: a container, most likely
 * @file: the module on disk
 * @findings: them
 * @n: how many
 * @size: how many fit
 */
struct lq_doctor {
	const char *root;
	struct utsname uts;
	bool answers;
	bool loaded;
	char srcversion[64];
	bool host_only;
	struct lq_module_file file;
	struct lq_finding *findings;
	size_t n;
	size_t size;
};

void lq_finding_add(struct lq_doctor *d, enum lq_status status, const char *topic,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void lq_finding_remedy(struct lq_doctor *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void lq_findings_put(struct lq_buf *b, const struct lq_doctor *d, bool json, bool color);
void lq_findings_free(struct lq_doctor *d);

int lq_doctor_read(const struct lq_doctor *d, const char *path, char *buf, size_t size);
void lq_doctor_module(struct lq_doctor *d);
void lq_doctor_host(struct lq_doctor *d);
void lq_doctor_track(struct lq_doctor *d, const struct lq_genl_reply *r);

#endif /* LISTENQ_DOCTOR_H */
