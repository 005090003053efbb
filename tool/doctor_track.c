// SPDX-License-Identifier: GPL-2.0
/* The doctor on tracking: hooks, and what they count within which bounds. */
#include <errno.h>
#include <string.h>

#include "doctor.h"

/* What is not known without a hook, as the man page calls it. */
static const struct {
	const char *name;
	const char *feeds;
} hooks[] = {
	{ "tcp_conn_request", "syns, drops of SYNs, cookies_sent, peaks" },
	{ "tcp_v4_syn_recv_sock", "established, drop_accept_full_ack" },
	{ "tcp_v6_syn_recv_sock", "established, drop_accept_full_ack" },
	{ "inet_sock_set_state", "closed_waiting, events of listeners" },
	{ "tcp_retransmit_synack", "synack_retransmits" },
};

static void missing_hook(struct lq_doctor *d, const struct listenq_hook *h)
{
	const char *name = (const char *)h->name, *feeds = "what it feeds";
	char without[64];

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (!strcmp(name, hooks[i].name))
			feeds = hooks[i].feeds;
	lq_doctor_read(d, "/sys/module/listenq/parameters/without_hook", without,
		       sizeof(without));
	if (!strcmp(without, name)) {
		lq_finding_add(d, LQ_WARNING, "hook", "%s: left out by without_hook=; unknown: %s",
			       name, feeds);
		lq_finding_remedy(d, LQ_RELOAD_IT);
		return;
	}
	lq_finding_add(d, LQ_WARNING, "hook", "%s: %s; unknown: %s", name,
		       h->error ? strerror(-h->error) : "not placed", feeds);
	if (h->error == -EOPNOTSUPP)
		lq_finding_remedy(d, "boot a kernel with CONFIG_KPROBES=y");
	else if (h->error == -ENOENT)
		lq_finding_remedy(d, "none on this kernel, which has no such place; please report it");
	else
		lq_finding_remedy(d, "listenq track off && listenq track on; dmesg | tail may say more");
}

/* Hooks on functions can be in place and hear nothing. */
static void check_deaf(struct lq_doctor *d)
{
	char v[16];

	if (lq_doctor_read(d, "/sys/kernel/debug/kprobes/enabled", v, sizeof(v)) > 0 &&
	    v[0] == '0') {
		lq_finding_add(d, LQ_PROBLEM, "hooks",
			       "all kprobes of this kernel are switched off: nothing is counted");
		lq_finding_remedy(d, "echo 1 >/sys/kernel/debug/kprobes/enabled");
	}
	if (lq_doctor_read(d, "/proc/sys/kernel/ftrace_enabled", v, sizeof(v)) > 0 &&
	    v[0] == '0') {
		lq_finding_add(d, LQ_PROBLEM, "hooks",
			       "ftrace is switched off: hooks on functions hear nothing");
		lq_finding_remedy(d, "sysctl -w kernel.ftrace_enabled=1");
	}
}

static void check_hooks(struct lq_doctor *d, const struct lq_genl_reply *r)
{
	uint64_t missed = 0;
	size_t placed = 0;

	for (size_t i = 0; i < r->n_hooks; i++) {
		placed += !!r->hooks[i].placed;
		missed += r->hooks[i].missed;
	}
	lq_finding_add(d, placed ? LQ_OK : LQ_PROBLEM, "hooks", "%zu of %zu are placed", placed,
		       r->n_hooks);
	if (!placed)
		lq_finding_remedy(d, "boot a kernel with CONFIG_KPROBES=y and CONFIG_TRACEPOINTS=y");
	for (size_t i = 0; i < r->n_hooks; i++)
		if (!r->hooks[i].placed)
			missing_hook(d, &r->hooks[i]);
	check_deaf(d);
	lq_finding_add(d, missed ? LQ_WARNING : LQ_OK, "missed",
		       missed ? "hooks missed %llu calls: counters are too low by as much" :
		       "hooks missed %llu calls", (unsigned long long)missed);
	if (missed)
		lq_finding_remedy(d, "listenq track off && listenq track on counts what is missed anew");
}

static void check_quotas(struct lq_doctor *d, const struct listenq_track *t)
{
	bool full = t->entries >= t->max_entries;

	lq_finding_add(d, full ? LQ_WARNING : LQ_OK, "listeners",
		       "%u of %u tracked, at most %u of a namespace", t->entries, t->max_entries,
		       t->max_entries_net);
	if (full)
		lq_finding_remedy(d, "rmmod listenq && modprobe listenq max_entries=%llu",
				  2ull * t->max_entries);
	lq_finding_add(d, LQ_OK, "episodes", "%u of %u kept, %llu forgotten", t->episodes,
		       t->max_episodes, (unsigned long long)t->episodes_forgotten);
}

/**
 * lq_doctor_track - what there is to say of tracking
 * @d: where to
 * @r: what the module says of it
 */
void lq_doctor_track(struct lq_doctor *d, const struct lq_genl_reply *r)
{
	if (r->track.enabled) {
		lq_finding_add(d, LQ_OK, "tracking", "on");
		check_hooks(d, r);
	} else {
		lq_finding_add(d, LQ_WARNING, "tracking", "off: no hook is placed, counters stand still");
		lq_finding_remedy(d, "listenq track on");
	}
	check_quotas(d, &r->track);
}
