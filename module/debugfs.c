// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "debugfs.h"
#include "net.h"
#include "walk.h"

/**
 * lq_iter_start - seq_file's start(): the header, or where the reader stopped
 * @m: the file
 * @pos: 0 for the header
 */
void *lq_iter_start(struct seq_file *m, loff_t *pos)
{
	struct lq_iter *it = m->private;

	if (!*pos) {
		it->done = false;
		memset(&it->cursor, 0, sizeof(it->cursor));
		return SEQ_START_TOKEN;
	}
	return it->done ? NULL : it;
}

/**
 * lq_iter_next - seq_file's next(): step on
 * @m: the file
 * @v: unused, the iterator is the file's
 * @pos: counted, no more
 */
void *lq_iter_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct lq_iter *it = m->private;

	++*pos;
	it->done = !it->step(it);
	return it->done ? NULL : it;
}

/**
 * lq_iter_stop - seq_file's stop(): nothing is held between steps
 * @m: the file
 * @v: unused
 */
void lq_iter_stop(struct seq_file *m, void *v)
{
}

static int lq_listener_take(struct sock *sk, void *arg)
{
	struct lq_iter *it = arg;

	return lq_listener_fill(&it->l, sk, &init_user_ns);
}

static bool lq_listeners_step(struct lq_iter *it)
{
	static const struct lq_filter everyone;

	return lq_walk(&it->cursor, &everyone, lq_listener_take, it);
}

/**
 * lq_show_known - a column that may be unknown
 * @m: the file
 * @width: of the column
 * @known: whether it is
 * @value: what to show then, else "-"
 */
void lq_show_known(struct seq_file *m, int width, bool known, u64 value)
{
	if (known)
		seq_printf(m, "%*llu ", width, value);
	else
		seq_printf(m, "%*s ", width, "-");
}

/* words joined by commas, "-" for none, so that awk always finds one field */
static void lq_show_flags(struct seq_file *m, u32 flags)
{
	static const struct {
		u32 flag;
		const char *name;
	} names[] = {
		{ LISTENQ_L_SYN_FULL, "syn_full" },
		{ LISTENQ_L_ACCEPT_FULL, "accept_full" },
		{ LISTENQ_L_HEAD_DEAD, "head_dead" },
		{ LISTENQ_L_V6ONLY, "v6only" },
		{ LISTENQ_L_REUSEPORT, "reuseport" },
		{ LISTENQ_L_TRANSPARENT, "transparent" },
		{ LISTENQ_L_SYN_FLOOD, "syn_flood" },
	};
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].flag))
			continue;
		seq_printf(m, "%s%s", sep, names[i].name);
		sep = ",";
	}
	seq_puts(m, *sep ? "\n" : "-\n");
}

/**
 * lq_show_local - a listener's address
 * @m: the file
 * @l: the listener
 *
 * IPv4 as is, IPv6 in brackets, a bound device by its number.
 */
void lq_show_local(struct seq_file *m, const struct listenq_listener *l)
{
	char text[80];
	int len;

	if (l->family == AF_INET)
		len = scnprintf(text, sizeof(text), "%pI4", l->addr);
	else
		len = scnprintf(text, sizeof(text), "[%pI6c]", l->addr);
	if (l->ifindex)
		len += scnprintf(text + len, sizeof(text) - len, "%%%u",
				 l->ifindex);
	scnprintf(text + len, sizeof(text) - len, ":%u", l->port);
	seq_printf(m, "%-24s ", text);
}

static int lq_listeners_show(struct seq_file *m, void *v)
{
	const struct lq_iter *it = m->private;
	const struct listenq_listener *l = &it->l;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%10s %8s %8s %10s %5s %8s %8s %8s %8s %12s %8s %6s %6s %5s %-24s %s\n",
			   "netns", "cookie", "ino", "uid", "proto", "syn",
			   "young", "accept", "limit", "wait_us", "drops",
			   "tfo", "tfomax", "defer", "local", "flags");
		return 0;
	}
	seq_printf(m, "%10llu %8llu %8llu %10u %5s %8u %8u %8u %8u ",
		   l->netns_ino, l->cookie, l->ino, l->uid,
		   l->protocol == IPPROTO_MPTCP ? "mptcp" : "tcp", l->syn_len,
		   l->syn_young, l->accept_len, l->backlog);
	lq_show_known(m, 12, l->has & LISTENQ_HAS_WAIT, l->oldest_wait_us);
	seq_printf(m, "%8u %6u %6u %5u ", l->drops, l->tfo_len, l->tfo_limit,
		   l->defer_accept_s);
	lq_show_local(m, l);
	lq_show_flags(m, l->flags);
	return 0;
}

static int lq_net_take(struct net *net, void *arg)
{
	struct lq_iter *it = arg;

	lq_net_fill(&it->n, net);
	return 1;
}

static bool lq_nets_step(struct lq_iter *it)
{
	return lq_net_walk(&it->cursor.below, NULL, lq_net_take, it);
}

static int lq_nets_show(struct seq_file *m, void *v)
{
	/* in the order of struct listenq_net, which is that of its has bits */
	static const char * const names[] = {
		"somaxconn", "tcp_max_syn_backlog", "tcp_syncookies",
		"tcp_abort_on_overflow", "tcp_synack_retries", "tcp_fastopen",
		"tcp_migrate_req", "ListenOverflows", "ListenDrops",
		"TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesSent",
		"SyncookiesRecv", "SyncookiesFailed",
		"TCPFastOpenListenOverflow", "TCPDeferAcceptDrop",
		"TCPMigrateReqSuccess", "TCPMigrateReqFailure",
		"TCPAbortFailed",
	};
	const struct lq_iter *it = m->private;
	const u64 *values = &it->n.somaxconn;
	unsigned int i;

	BUILD_BUG_ON(offsetof(struct listenq_net, somaxconn) +
		     ARRAY_SIZE(names) * sizeof(u64) != sizeof(it->n));
	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "%10s ", "netns");
		for (i = 0; i < ARRAY_SIZE(names); i++)
			seq_printf(m, "%10s ", names[i]);
	} else {
		seq_printf(m, "%10llu ", it->n.netns_ino);
		for (i = 0; i < ARRAY_SIZE(names); i++)
			lq_show_known(m, max_t(int, 10, strlen(names[i])),
				      it->n.has & (1ULL << i), values[i]);
	}
	seq_putc(m, '\n');
	return 0;
}

static const struct lq_view lq_views[] = {
	LQ_VIEW("listeners", lq_listeners_step, lq_listeners_show),
	LQ_VIEW("nets", lq_nets_step, lq_nets_show),
	LQ_VIEW("counters", lq_counters_step, lq_counters_show),
	LQ_VIEW("histograms", lq_histograms_step, lq_histograms_show),
	LQ_VIEW("episodes", lq_episodes_step, lq_episodes_show),
	LQ_VIEW("track", lq_track_step, lq_track_show),
};

static int lq_view_open(struct inode *inode, struct file *file)
{
	const struct lq_view *view = inode->i_private;
	struct lq_iter *it;

	it = __seq_open_private(file, &view->ops, sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->step = view->step;
	return 0;
}

static const struct file_operations lq_view_fops = {
	.owner = THIS_MODULE,
	.open = lq_view_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static struct dentry *lq_debugfs_dir;

/**
 * lq_debugfs_init - create the directory and its files
 *
 * Read-only for root, and no ioctl or mmap: what lockdown lets through. Without
 * debugfs the module does without, so nothing here fails.
 */
void __init lq_debugfs_init(void)
{
	unsigned int i;

	lq_debugfs_dir = debugfs_create_dir("listenq", NULL);
	for (i = 0; i < ARRAY_SIZE(lq_views); i++)
		debugfs_create_file(lq_views[i].name, 0400, lq_debugfs_dir,
				    (void *)&lq_views[i], &lq_view_fops);
}

/**
 * lq_debugfs_exit - remove them; no reader is inside when it returns
 */
void lq_debugfs_exit(void)
{
	debugfs_remove_recursive(lq_debugfs_dir);
}
