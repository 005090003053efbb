// SPDX-License-Identifier: GPL-2.0
/* listenq episodes: the log of overflows. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "records.h"
#include "times.h"

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct lq_record *)a)->episode.id;
	uint64_t y = ((const struct lq_record *)b)->episode.id;

	return x < y ? -1 : x > y;
}

/* Those that lasted into the time asked for. */
static void keep_since(struct lq_genl_reply *r, uint64_t ago)
{
	uint64_t now = lq_time_now();
	size_t kept = 0;

	for (size_t i = 0; i < r->n_records; i++)
		if (!ago || ago > now || r->records[i].episode.last_us >= now - ago)
			r->records[kept++] = r->records[i];
	r->n_records = kept;
}

/**
 * lq_episodes - listenq episodes
 * @o: the options
 *
 * Return: exit status.
 */
int lq_episodes(const struct lq_options *o)
{
	struct lq_view view = {
		.all_netns = o->all_netns,
		.no_header = o->no_header,
		.numeric = o->numeric,
	};
	struct lq_genl_reply r, state;
	struct lq_buf b = { 0 };
	struct stat st;
	int ret;

	if (o->nargs) {
		lq_error("episodes takes no words, only options: \"%s\"; see listenq --help",
			 o->args[0]);
		return LQ_EXIT_USAGE;
	}
	if ((o->netns && lq_netns_enter(o->netns)) || lq_genl_need() ||
	    lq_genl_ask(&state, LISTENQ_CMD_TRACK_GET, 0))
		return LQ_EXIT_SYSTEM;
	if (lq_genl_ask(&r, LISTENQ_CMD_EPISODE_GET,
			o->all_netns ? LISTENQ_FLAG_ALL_NETNS : 0)) {
		lq_genl_free(&r);
		return LQ_EXIT_SYSTEM;
	}
	if (!state.track.enabled)
		fprintf(stderr, "listenq: tracking is off, no new episodes: listenq track on\n");
	if (state.track.episodes_forgotten)
		fprintf(stderr, "listenq: %llu older episodes of this host are forgotten\n",
			(unsigned long long)state.track.episodes_forgotten);
	if (!stat("/proc/self/ns/net", &st))
		view.netns_ino = st.st_ino;
	if (r.n_records)
		qsort(r.records, r.n_records, sizeof(*r.records), by_id);
	keep_since(&r, o->since);
	(o->json ? lq_put_episodes_json : lq_put_episodes_text)(&b, r.records, r.n_records, &view);
	ret = lq_buf_flush(&b, STDOUT_FILENO);
	lq_buf_free(&b);
	lq_genl_free(&r);
	return lq_write_status(ret);
}
