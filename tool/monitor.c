// SPDX-License-Identifier: GPL-2.0
/* listenq monitor: events as they come, and a word about each that did not. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "names.h"
#include "records.h"
#include "times.h"
#include "track.h"

#define BUFFER_SIZE	(64 * 1024)

/* After so much silence the module is asked whether it holds events back. */
#define SILENCE_S	1

static volatile sig_atomic_t stopped;

/**
 * struct monitor - what is told, and what was told before
 * @o: the options
 * @view: how listeners are shown
 * @out: what is to be written
 * @seq: number of the last event, 0 before the first
 * @suppressed: how many were held back before it
 * @told: how many events were told
 * @gone: the module was unloaded
 */
struct monitor {
	const struct lq_options *o;
	struct lq_view view;
	struct lq_buf out;
	uint64_t seq;
	uint64_t suppressed;
	unsigned long told;
	bool gone;
};

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static bool enough(const struct monitor *m)
{
	return m->o->count && m->told >= m->o->count;
}

/* @n events were lost, or an unknown number if 0; @why says how in text, @key in JSON. */
static void put_lost(struct monitor *m, const char *key, uint64_t n, const char *why)
{
	struct lq_buf *b = &m->out;

	lq_buf_room(b, 2 * LQ_ROOM);
	if (m->o->json) {
		lq_put_str(b, "{\"event\":\"");
		lq_put_str(b, key);
		lq_put_str(b, "\",\"events\":");
		if (n)
			lq_put_u64(b, n);
		else
			lq_put_str(b, "null");
		lq_put_str(b, "}\n");
		return;
	}
	lq_put_clock(b, lq_time_now());
	lq_put_char(b, ' ');
	if (n) {
		lq_put_u64(b, n);
		lq_put_char(b, ' ');
	}
	lq_put_str(b, why);
	lq_put_char(b, '\n');
}

static void take_suppressed(struct monitor *m, uint64_t now)
{
	if (now <= m->suppressed)
		return;
	put_lost(m, "suppressed", now - m->suppressed,
		 "events held back by the rate limit: run listenq episodes");
	m->suppressed = now;
}

static void take_event(struct monitor *m, const struct lq_record *r)
{
	const struct listenq_event *e = &r->event;

	if (enough(m))
		return;
	if (m->seq && e->seq > m->seq + 1)
		put_lost(m, "lost", e->seq - m->seq - 1,
			 "events lost on the way here: run listenq episodes");
	take_suppressed(m, e->suppressed);
	m->seq = e->seq;
	(m->o->json ? lq_put_event_json : lq_put_event_text)(&m->out, r, &m->view);
	m->told++;
}

/* Generic netlink says that a family goes. */
static void take_control(struct monitor *m, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*g) || g->cmd != CTRL_CMD_DELFAMILY)
		return;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_get_payload_len(a) == sizeof(uint16_t) &&
		    mnl_attr_get_u16(a) == lq_genl_family())
			m->gone = true;
}

static const char *take(const struct nlmsghdr *nlh, void *ctx)
{
	struct lq_genl_reply r = { 0 };
	struct monitor *m = ctx;
	const char *wrong = NULL;

	if (nlh->nlmsg_type == GENL_ID_CTRL)
		take_control(m, nlh);
	if (nlh->nlmsg_type != lq_genl_family())
		return NULL;
	wrong = lq_genl_take(nlh, &r);
	for (size_t i = 0; !wrong && i < r.n_records; i++)
		take_event(m, &r.records[i]);
	lq_genl_free(&r);
	return wrong;
}

/* One read; the exit status when it is over, else -1. */
static int receive(struct monitor *m, struct mnl_socket *sk)
{
	static char buf[BUFFER_SIZE] __attribute__((aligned(8)));
	ssize_t n = mnl_socket_recvfrom(sk, buf, sizeof(buf));
	struct lq_nl_error e;
	int ret;

	if (n < 0 && errno == ENOBUFS) {
		put_lost(m, "overrun", 0,
			 "lost events; state may have changed: run listenq episodes");
	} else if (n < 0 && errno != EINTR && errno != EAGAIN) {
		lq_error("reading events: %s", strerror(errno));
		return LQ_EXIT_SYSTEM;
	} else if (n >= 0 && lq_nl_parse(buf, n, 0, take, m, &e) < 0) {
		lq_error("the listenq module's event: %s: %s", e.msg, strerror(e.err));
		return LQ_EXIT_SYSTEM;
	}
	ret = lq_buf_flush(&m->out, STDOUT_FILENO);
	if (ret || enough(m))
		return lq_write_status(ret);
	if (m->gone) {
		lq_error("the listenq module was unloaded");
		return LQ_EXIT_SYSTEM;
	}
	return -1;
}

static int ask_suppressed(uint64_t *n)
{
	struct lq_genl_reply r;
	int ret = lq_genl_ask(&r, LISTENQ_CMD_NET_GET, LISTENQ_FLAG_COUNTERS);

	*n = ret || !r.nets.n || !r.nets.counters ? 0 : r.nets.counters[0].events_suppressed;
	lq_genl_free(&r);
	return ret;
}

/* The last events of a storm: held back, and no other one came to say so. */
static int tell_silence(struct monitor *m)
{
	uint64_t suppressed;
	int ret;

	if (ask_suppressed(&suppressed))
		return LQ_EXIT_SYSTEM;
	take_suppressed(m, suppressed);
	ret = lq_buf_flush(&m->out, STDOUT_FILENO);
	return ret ? lq_write_status(ret) : -1;
}

/* Until a signal, or nobody reads what we write, or all is told. */
static int run(struct monitor *m, struct mnl_socket *sk, const sigset_t *waiting)
{
	struct pollfd p[] = {
		{ .fd = mnl_socket_get_fd(sk), .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	const struct timespec silence = { .tv_sec = SILENCE_S };
	bool heard = false;
	int ret = -1;

	while (ret < 0 && !stopped) {
		int n = ppoll(p, 2, heard ? &silence : NULL, waiting);

		if (n < 0)
			continue;
		if (p[1].revents & POLLERR)
			return 0;
		heard = n;
		ret = n ? receive(m, sk) : tell_silence(m);
	}
	return ret < 0 ? 0 : ret;
}

/* SIGINT and SIGTERM only while we wait, SIGPIPE never: the write says so. */
static void catch_signals(sigset_t *waiting)
{
	static const int ends[] = { SIGINT, SIGTERM };
	struct sigaction act = { .sa_handler = stop };
	sigset_t blocked;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], &act, NULL);
		sigaddset(&blocked, ends[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	sigdelset(waiting, SIGINT);
	sigdelset(waiting, SIGTERM);
}

/**
 * lq_monitor - listenq monitor
 * @o: the options
 *
 * Return: exit status.
 */
int lq_monitor(const struct lq_options *o)
{
	struct monitor m = { .o = o, .view = { .numeric = o->numeric } };
	struct mnl_socket *sk;
	sigset_t waiting;
	struct stat st;
	int ret;

	if (o->nargs) {
		lq_error("monitor takes no words, only options: \"%s\"; see listenq --help",
			 o->args[0]);
		return LQ_EXIT_USAGE;
	}
	if ((o->netns && lq_netns_enter(o->netns)) || lq_genl_need())
		return LQ_EXIT_SYSTEM;
	catch_signals(&waiting);
	sk = lq_genl_join();
	if (!sk)
		return LQ_EXIT_SYSTEM;
	lq_track_warn();
	if (!stat("/proc/self/ns/net", &st))
		m.view.netns_ino = st.st_ino;
	/* only what is held back from now on is news */
	ret = ask_suppressed(&m.suppressed) ? LQ_EXIT_SYSTEM : 0;
	if (!ret) {
		fputs("listenq: waiting for events; Ctrl-C ends it\n", stderr);
		ret = run(&m, sk, &waiting);
	}
	lq_buf_free(&m.out);
	mnl_socket_close(sk);
	return ret;
}
