// SPDX-License-Identifier: GPL-2.0
/* listenq doctor: what is in the way of listenq on this machine, and what mends it. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "print.h"

static char *__attribute__((format(printf, 1, 0))) format(const char *fmt, va_list ap)
{
	va_list again;
	char *s;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	s = lq_alloc(NULL, len + 1, 1);
	vsnprintf(s, len + 1, fmt, ap);
	return s;
}

/**
 * lq_finding_add - one more finding
 * @d: where to
 * @status: how bad
 * @topic: of what
 * @fmt: what was found
 */
void lq_finding_add(struct lq_doctor *d, enum lq_status status, const char *topic,
		    const char *fmt, ...)
{
	va_list ap;

	if (d->n == d->size) {
		d->size = d->size ? 2 * d->size : 32;
		d->findings = lq_alloc(d->findings, d->size, sizeof(*d->findings));
	}
	va_start(ap, fmt);
	d->findings[d->n++] = (struct lq_finding){
		.status = status, .topic = topic, .text = format(fmt, ap)
	};
	va_end(ap);
}

/**
 * lq_finding_remedy - what mends the finding added last
 * @d: where it is
 * @fmt: the command
 */
void lq_finding_remedy(struct lq_doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->findings[d->n - 1].remedy = format(fmt, ap);
	va_end(ap);
}

/**
 * lq_findings_free - forget what was found
 * @d: where it is
 */
void lq_findings_free(struct lq_doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->findings[i].text);
		free(d->findings[i].remedy);
	}
	free(d->findings);
	d->findings = NULL;
	d->n = d->size = 0;
}

static const struct {
	const char *name;
	const char *color;
} statuses[] = {
	[LQ_OK] = { "ok", NULL },
	[LQ_WARNING] = { "warning", "\033[33m" },
	[LQ_PROBLEM] = { "problem", "\033[31m" },
};

static void put_padded(struct lq_buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	lq_put_mem(b, s, len);
	do
		lq_put_char(b, ' ');
	while (++len < width);
}

static void put_text(struct lq_buf *b, const struct lq_finding *f, bool color)
{
	const char *on = color ? statuses[f->status].color : NULL;

	if (on)
		lq_put_str(b, on);
	put_padded(b, statuses[f->status].name, 9);
	if (on)
		lq_put_str(b, "\033[0m");
	put_padded(b, f->topic, 12);
	lq_put_escaped(b, f->text, strlen(f->text), LQ_ESCAPE_TEXT);
	lq_buf_room(b, LQ_ROOM);
	if (f->remedy) {
		lq_put_str(b, "\n         -> ");
		lq_put_escaped(b, f->remedy, strlen(f->remedy), LQ_ESCAPE_TEXT);
		lq_buf_room(b, LQ_ROOM);
	}
	lq_put_char(b, '\n');
}

static void put_string(struct lq_buf *b, const char *key, const char *s)
{
	lq_buf_room(b, LQ_ROOM);
	lq_put_str(b, key);
	if (!s) {
		lq_put_str(b, "null");
		return;
	}
	lq_put_char(b, '"');
	lq_put_escaped(b, s, strlen(s), LQ_ESCAPE_JSON);
	lq_buf_room(b, LQ_ROOM);
	lq_put_char(b, '"');
}

/**
 * lq_findings_put - append what was found
 * @b: the buffer; room is made here
 * @d: where it is
 * @json: as JSON
 * @color: for a terminal that has colours
 */
void lq_findings_put(struct lq_buf *b, const struct lq_doctor *d, bool json, bool color)
{
	lq_buf_room(b, LQ_ROOM);
	if (json)
		lq_put_char(b, '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct lq_finding *f = &d->findings[i];

		lq_buf_room(b, LQ_ROOM);
		if (!json) {
			put_text(b, f, color);
			continue;
		}
		put_string(b, i ? ",\n{\"status\":" : "\n{\"status\":", statuses[f->status].name);
		put_string(b, ",\"topic\":", f->topic);
		put_string(b, ",\"text\":", f->text);
		put_string(b, ",\"remedy\":", f->remedy);
		lq_put_char(b, '}');
	}
	lq_buf_room(b, LQ_ROOM);
	if (json)
		lq_put_str(b, "\n]\n");
}

/**
 * lq_doctor_read - the beginning of a file, as a string
 * @d: says below what @path is
 * @path: the file
 * @buf: gets it, without a newline at its end; empty if there is none
 * @size: of @buf
 *
 * Return: the bytes read, or -errno.
 */
int lq_doctor_read(const struct lq_doctor *d, const char *path, char *buf, size_t size)
{
	char full[PATH_MAX];
	ssize_t len;

	snprintf(full, sizeof(full), "%s%s", d->root, path);
	len = lq_file_read(full, buf, size);
	if (len > 0 && buf[len - 1] == '\n')
		buf[len - 1] = '\0';
	return len;
}

static void check_kernel(struct lq_doctor *d)
{
	uname(&d->uts);
	lq_finding_add(d, LQ_OK, "kernel", "%s %s", d->uts.release, d->uts.machine);
	lq_finding_add(d, LQ_OK, "tool", "listenq %s", LISTENQ_VERSION);
}

static void check_family(struct lq_doctor *d)
{
	uint32_t version = lq_genl_version();

	if (version > LISTENQ_FAMILY_VERSION) {
		lq_finding_add(d, LQ_WARNING, "family",
			       "listenq answers, of version %u: this listenq knows %d",
			       version, LISTENQ_FAMILY_VERSION);
		lq_finding_remedy(d, "install the listenq that came with the module");
		return;
	}
	lq_finding_add(d, LQ_OK, "family", "listenq answers, of version %u%s", version,
		       lq_genl_has_events() ? "" : "; it sends no events");
}

/* SYNs and ACKs at listeners without counters: of all namespaces, else of ours. */
static void check_untracked(struct lq_doctor *d)
{
	uint32_t all = geteuid() ? 0 : LISTENQ_FLAG_ALL_NETNS;
	struct lq_genl_reply r;
	uint64_t untracked = 0;

	while (lq_genl_ask(&r, LISTENQ_CMD_NET_GET, LISTENQ_FLAG_COUNTERS | all)) {
		lq_genl_free(&r);
		if (!all)
			return;
		all = 0; /* root, but of a container */
	}
	for (size_t i = 0; i < r.nets.n && r.nets.counters; i++)
		untracked += r.nets.counters[i].untracked;
	if (r.nets.counters) {
		lq_finding_add(d, untracked ? LQ_WARNING : LQ_OK, "untracked",
			       "%llu SYNs and ACKs at listeners without counters%s",
			       (unsigned long long)untracked,
			       all ? "" : " (this namespace)");
		if (untracked)
			lq_finding_remedy(d, "rmmod listenq && modprobe listenq max_entries_net=N (max_entries=N)");
	}
	lq_genl_free(&r);
}

/* What the module itself says. */
static void check_answers(struct lq_doctor *d, const char *why)
{
	struct lq_genl_reply r;

	if (!d->loaded)
		return;
	if (!d->answers) {
		lq_finding_add(d, LQ_PROBLEM, "family", "%s",
			       why[0] ? why : "the module is there, but its family does not answer");
		lq_finding_remedy(d, LQ_RELOAD_IT);
		return;
	}
	check_family(d);
	if (lq_genl_ask(&r, LISTENQ_CMD_TRACK_GET, 0)) {
		lq_finding_add(d, LQ_WARNING, "tracking", "%s", why);
		lq_finding_remedy(d, "install the module of listenq %s, then " LQ_RELOAD_IT,
				  LISTENQ_VERSION);
		lq_genl_free(&r);
		return;
	}
	lq_doctor_track(d, &r);
	lq_genl_free(&r);
	check_untracked(d);
}

static void check_source(struct lq_doctor *d)
{
	if (d->answers) {
		lq_finding_add(d, LQ_OK, "source", "%s", lq_source_module.name);
		return;
	}
	lq_finding_add(d, LQ_WARNING, "source", "sock_diag: much of a listener is not known");
	lq_finding_remedy(d, "%smodprobe listenq", d->host_only ? "on the host: " : "");
}

/**
 * lq_doctor - listenq doctor
 * @o: the options
 *
 * Return: exit status: whether there is a problem, or LQ_EXIT_SYSTEM.
 */
int lq_doctor(const struct lq_options *o)
{
	struct lq_doctor d = { .root = "" };
	struct lq_buf b = { 0 };
	bool problem = false;
	char why[256] = "";
	int ret;

	if (o->nargs) {
		lq_error("doctor takes no words, only options: \"%s\"; see listenq --help",
			 o->args[0]);
		return LQ_EXIT_USAGE;
	}
	lq_error_keep(why, sizeof(why));
	d.answers = !lq_source_module.open();
	check_kernel(&d);
	lq_doctor_module(&d);
	lq_doctor_host(&d);
	check_answers(&d, why);
	check_source(&d);
	lq_error_keep(NULL, 0);

	for (size_t i = 0; i < d.n; i++)
		problem |= d.findings[i].status == LQ_PROBLEM;
	lq_findings_put(&b, &d, o->json, !o->json && lq_wants_color());
	ret = lq_write_status(lq_buf_flush(&b, STDOUT_FILENO));
	lq_buf_free(&b);
	lq_findings_free(&d);
	return ret ? ret : problem ? LQ_EXIT_PROBLEM : 0;
}
