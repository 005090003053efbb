// SPDX-License-Identifier: GPL-2.0
/* listenq track: whether drops are tracked, by which hooks, within which bounds. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "table.h"
#include "times.h"
#include "track.h"

/**
 * lq_track_warn - say in one line on stderr if nothing is counted now
 *
 * The module is open.
 */
void lq_track_warn(void)
{
	struct lq_genl_reply r;

	if (!lq_genl_ask(&r, LISTENQ_CMD_TRACK_GET, 0) && !r.track.enabled)
		fprintf(stderr, "listenq: tracking is off, counters stand still: listenq track on\n");
	lq_genl_free(&r);
}

static void put_of(struct lq_table *t, const char *name, uint32_t n, uint32_t max)
{
	struct lq_buf *b;

	lq_table_put(t, name);
	b = lq_table_cell(t);
	lq_put_u64(b, n);
	lq_put_str(b, " of ");
	lq_put_u64(b, max);
}

static void put_state(struct lq_table *t, const struct listenq_track *track)
{
	struct lq_buf *b;

	lq_table_put(t, "Tracking");
	b = lq_table_cell(t);
	lq_put_str(b, track->enabled ? "on" : "off");
	if (track->since_us) {
		lq_put_str(b, " since ");
		lq_put_date(b, track->since_us);
	}
	put_of(t, "Listeners", track->entries, track->max_entries);
	lq_put_str(&t->text, ", at most ");
	lq_put_u64(&t->text, track->max_entries_net);
	lq_put_str(&t->text, " of one network namespace");
	put_of(t, "Episodes", track->episodes, track->max_episodes);
	lq_put_str(&t->text, " kept, ");
	lq_put_u64(&t->text, track->episodes_forgotten);
	lq_put_str(&t->text, " forgotten; one ends after ");
	lq_put_wait(&t->text, track->quiet_ms * 1000ull);
	lq_put_str(&t->text, " without a drop");
}

static void put_name(struct lq_buf *b, const struct listenq_hook *h, enum lq_escape how)
{
	const char *name = (const char *)h->name;

	lq_put_escaped(b, name, strlen(name), how);
	lq_buf_room(b, LQ_ROOM);
}

static void put_hook(struct lq_table *t, const struct listenq_hook *h)
{
	put_name(lq_table_cell(t), h, LQ_ESCAPE_TEXT);
	lq_put_u64(lq_table_cell(t), h->missed);
	if (h->placed)
		lq_table_put(t, "placed");
	else if (h->error)
		lq_put_str(lq_table_cell(t), strerror(-h->error));
	else
		lq_table_put(t, "off");
}

static void put_text(struct lq_buf *b, const struct lq_genl_reply *r)
{
	struct lq_table state = { .ncol = 2 }, hooks = { .ncol = 3, .right = 1 << 1 };

	put_state(&state, &r->track);
	lq_table_end(&state, b);
	lq_put_char(b, '\n');
	lq_table_put(&hooks, "Hook");
	lq_table_put(&hooks, "Missed");
	lq_table_put(&hooks, "State");
	for (size_t i = 0; i < r->n_hooks; i++)
		put_hook(&hooks, &r->hooks[i]);
	lq_table_end(&hooks, b);
}

static void put_member(struct lq_buf *b, const char *key, uint64_t v)
{
	lq_put_str(b, ",\"");
	lq_put_str(b, key);
	lq_put_str(b, "\":");
	lq_put_u64(b, v);
}

static void put_json(struct lq_buf *b, const struct lq_genl_reply *r)
{
	const struct listenq_track *t = &r->track;

	lq_buf_room(b, 4 * LQ_ROOM);
	lq_put_str(b, t->enabled ? "{\"enabled\":true" : "{\"enabled\":false");
	if (t->since_us)
		put_member(b, "since_us", t->since_us);
	else
		lq_put_str(b, ",\"since_us\":null");
	put_member(b, "entries", t->entries);
	put_member(b, "max_entries", t->max_entries);
	put_member(b, "max_entries_net", t->max_entries_net);
	put_member(b, "episodes", t->episodes);
	put_member(b, "max_episodes", t->max_episodes);
	put_member(b, "episodes_forgotten", t->episodes_forgotten);
	put_member(b, "quiet_ms", t->quiet_ms);
	lq_put_str(b, ",\"hooks\":[");
	for (size_t i = 0; i < r->n_hooks; i++) {
		const struct listenq_hook *h = &r->hooks[i];

		lq_put_str(b, i ? ",\n{\"name\":\"" : "\n{\"name\":\"");
		put_name(b, h, LQ_ESCAPE_JSON);
		lq_put_str(b, h->placed ? "\",\"placed\":true" : "\",\"placed\":false");
		put_member(b, "missed", h->missed);
		lq_put_str(b, ",\"error\":");
		if (h->error) {
			const char *why = strerror(-h->error);

			lq_put_char(b, '"');
			lq_put_escaped(b, why, strlen(why), LQ_ESCAPE_JSON);
			lq_put_char(b, '"');
		} else {
			lq_put_str(b, "null");
		}
		lq_put_char(b, '}');
		lq_buf_room(b, LQ_ROOM);
	}
	lq_put_str(b, "\n]}\n");
}

/**
 * lq_track_put - append the state of tracking
 * @b: the buffer
 * @r: what the module said
 * @json: as JSON
 */
void lq_track_put(struct lq_buf *b, const struct lq_genl_reply *r, bool json)
{
	(json ? put_json : put_text)(b, r);
}

/**
 * lq_track - listenq track
 * @o: the options; what is left of the words is on, off or nothing
 *
 * Return: exit status.
 */
int lq_track(const struct lq_options *o)
{
	bool set = o->nargs == 1 && (!strcmp(o->args[0], "on") || !strcmp(o->args[0], "off"));
	struct lq_genl_reply r;
	struct lq_buf b = { 0 };
	int ret;

	if (o->nargs && !set) {
		lq_error("track: \"%s\": accepted are on, off, or nothing to ask",
			 o->args[o->nargs - 1]);
		return LQ_EXIT_USAGE;
	}
	if (lq_genl_need() || (set && lq_genl_track_set(!strcmp(o->args[0], "on"))) ||
	    lq_genl_ask(&r, LISTENQ_CMD_TRACK_GET, 0))
		return LQ_EXIT_SYSTEM;
	lq_track_put(&b, &r, o->json);
	ret = lq_buf_flush(&b, STDOUT_FILENO);
	lq_buf_free(&b);
	lq_genl_free(&r);
	return lq_write_status(ret);
}
