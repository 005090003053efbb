// SPDX-License-Identifier: GPL-2.0
/* Episodes and events as text and as JSON. */
#include "counters.h"
#include "records.h"
#include "table.h"
#include "times.h"

static uint64_t lasted(const struct listenq_episode *e)
{
	return e->last_us > e->start_us ? e->last_us - e->start_us : 0;
}

/* accept_full_syn:2000 cookies:12 */
static void put_causes(struct lq_buf *b, const struct listenq_episode *e)
{
	struct lq_causes causes;
	uint64_t drops = lq_causes_of_episode(&causes, e);

	lq_put_causes(b, &causes);
	if (!e->cookies_sent)
		return;
	lq_put_str(b, drops ? " cookies_sent:" : "cookies_sent:");
	lq_put_u64(b, e->cookies_sent);
}

static void put_of_limit(struct lq_buf *b, uint32_t len, uint32_t limit)
{
	lq_put_u64(b, len);
	lq_put_char(b, '/');
	lq_put_u64(b, limit);
}

static void put_row(struct lq_table *t, const struct lq_record *r, const struct lq_view *view)
{
	const struct listenq_episode *e = &r->episode;
	struct lq_buf *b;

	lq_put_date(lq_table_cell(t), e->start_us);
	lq_put_wait(lq_table_cell(t), lasted(e));
	lq_table_put(t, e->open ? "open" : "over");
	put_of_limit(lq_table_cell(t), e->peak_syn_len, e->backlog);
	put_of_limit(lq_table_cell(t), e->peak_accept_len, e->backlog);
	if (view->all_netns)
		lq_put_netns(lq_table_cell(t), &r->l, view);
	b = lq_table_cell(t);
	lq_put_local(b, &r->l, view);
	put_causes(lq_table_cell(t), e);
}

/**
 * lq_put_episodes_text - append episodes as a table
 * @b: the buffer
 * @v: the episodes
 * @n: how many
 * @view: how
 */
void lq_put_episodes_text(struct lq_buf *b, const struct lq_record *v, size_t n,
			  const struct lq_view *view)
{
	static const char *const heads[] = {
		"Start", "Lasted", "State", "SYN/Limit", "Accept/Limit",
		"Netns", "Local Address:Port", "Drops",
	};
	struct lq_table t = { .ncol = view->all_netns ? 8 : 7, .right = 1 << 1 | 1 << 3 | 1 << 4 };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]) && !view->no_header; i++)
		if (i != 5 || view->all_netns)
			lq_table_put(&t, heads[i]);
	for (size_t i = 0; i < n; i++)
		put_row(&t, &v[i], view);
	lq_table_end(&t, b);
}

static void put_member(struct lq_buf *b, const char *key, uint64_t v)
{
	lq_put_str(b, key);
	lq_put_u64(b, v);
}

/**
 * lq_put_episode_json - append the members of an episode
 * @b: the buffer; room is made here
 * @e: the episode
 */
void lq_put_episode_json(struct lq_buf *b, const struct listenq_episode *e)
{
	lq_buf_room(b, 4 * LQ_ROOM);
	put_member(b, "\"id\":", e->id);
	lq_put_str(b, e->open ? ",\"open\":true" : ",\"open\":false");
	put_member(b, ",\"start_us\":", e->start_us);
	put_member(b, ",\"last_us\":", e->last_us);
	put_member(b, ",\"drop_accept_full_syn\":", e->drop_accept_full_syn);
	put_member(b, ",\"drop_accept_full_ack\":", e->drop_accept_full_ack);
	put_member(b, ",\"drop_syn_full\":", e->drop_syn_full);
	put_member(b, ",\"drop_syn_unproven\":", e->drop_syn_unproven);
	put_member(b, ",\"drop_other\":", e->drop_other);
	put_member(b, ",\"cookies_sent\":", e->cookies_sent);
	put_member(b, ",\"peak_syn_len\":", e->peak_syn_len);
	put_member(b, ",\"peak_accept_len\":", e->peak_accept_len);
	put_member(b, ",\"backlog\":", e->backlog);
}

static void put_listener(struct lq_buf *b, const struct lq_record *r,
			 const struct lq_view *view)
{
	lq_buf_room(b, LQ_ROOM);
	lq_put_str(b, ",\"listener\":");
	lq_put_listener_json(b, &r->l, view);
	lq_put_char(b, '}');
}

/**
 * lq_put_episodes_json - append episodes as an array, an object to a line
 * @b: the buffer; room is made here
 * @v: the episodes
 * @n: how many
 * @view: how
 */
void lq_put_episodes_json(struct lq_buf *b, const struct lq_record *v, size_t n,
			  const struct lq_view *view)
{
	lq_buf_room(b, LQ_ROOM);
	lq_put_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		lq_put_str(b, i ? ",\n{" : "\n{");
		lq_put_episode_json(b, &v[i].episode);
		put_listener(b, &v[i], view);
		lq_buf_room(b, LQ_ROOM);
	}
	lq_put_str(b, n ? "\n]\n" : "]\n");
}

/**
 * lq_event_name - what an event is called
 * @type: its type; a newer module may have more
 */
const char *lq_event_name(uint32_t type)
{
	static const char *const names[] = {
		[LISTENQ_EVENT_EPISODE_OPENED] = "episode_opened",
		[LISTENQ_EVENT_EPISODE_CHANGED] = "episode_changed",
		[LISTENQ_EVENT_EPISODE_CLOSED] = "episode_closed",
		[LISTENQ_EVENT_LISTENER_OPENED] = "listener_opened",
		[LISTENQ_EVENT_LISTENER_CLOSED] = "listener_closed",
	};

	if (type < sizeof(names) / sizeof(names[0]) && names[type])
		return names[type];
	return "unknown";
}

static void put_pad(struct lq_buf *b, size_t start, size_t width)
{
	lq_buf_room(b, width + LQ_ROOM);
	do
		lq_put_char(b, ' ');
	while (b->len - start < width);
}

/**
 * lq_put_event_text - append a line about an event
 * @b: the buffer; room is made here
 * @r: the event
 * @view: how
 */
void lq_put_event_text(struct lq_buf *b, const struct lq_record *r,
		       const struct lq_view *view)
{
	const struct listenq_episode *e = &r->episode;
	size_t start;

	lq_buf_room(b, 4 * LQ_ROOM);
	lq_put_clock(b, r->event.time_us);
	lq_put_char(b, ' ');
	start = b->len;
	lq_put_str(b, lq_event_name(r->event.type));
	put_pad(b, start, 16);
	start = b->len;
	lq_put_local(b, &r->l, view);
	put_pad(b, start, 22);
	if (e->id) {
		lq_put_str(b, "accept:");
		put_of_limit(b, e->peak_accept_len, e->backlog);
		lq_put_str(b, " syn:");
		put_of_limit(b, e->peak_syn_len, e->backlog);
		lq_put_str(b, " lasted:");
		lq_put_wait(b, lasted(e));
		lq_put_char(b, ' ');
		put_causes(b, e);
	} else if (r->event.type == LISTENQ_EVENT_LISTENER_CLOSED) {
		lq_put_u64(b, r->l.accept_len);
		lq_put_str(b, " connections were waiting");
	} else {
		lq_put_str(b, "limit:");
		lq_put_u64(b, r->l.backlog);
	}
	lq_put_char(b, '\n');
}

/**
 * lq_put_event_json - append an event as an object on a line of its own
 * @b: the buffer; room is made here
 * @r: the event
 * @view: how
 */
void lq_put_event_json(struct lq_buf *b, const struct lq_record *r,
		       const struct lq_view *view)
{
	lq_buf_room(b, 4 * LQ_ROOM);
	lq_put_str(b, "{\"event\":\"");
	lq_put_str(b, lq_event_name(r->event.type));
	put_member(b, "\",\"time_us\":", r->event.time_us);
	put_member(b, ",\"seq\":", r->event.seq);
	put_member(b, ",\"suppressed\":", r->event.suppressed);
	lq_put_str(b, ",\"episode\":");
	if (r->episode.id) {
		lq_put_char(b, '{');
		lq_put_episode_json(b, &r->episode);
		lq_put_char(b, '}');
	} else {
		lq_put_str(b, "null");
	}
	put_listener(b, r, view);
	lq_put_char(b, '\n');
}
