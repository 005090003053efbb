// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, histograms, episodes, events and the state of tracking: from the
 * wire to text and JSON. LISTENQ_GOLDEN=write renews golden/: read the diff.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <linux/genetlink.h>

#include "unit_wire.h"

#include "counters.h"
#include "genl.h"
#include "records.h"
#include "stats.h"
#include "times.h"
#include "track.h"

#define NOON	(1763812800ull * 1000000)	/* 2025-11-22 12:00:00 UTC */

static const struct listenq_listener listener = {
	.cookie = 0x2a, .netns_ino = 4026531840, .oldest_wait_us = 12300000,
	.has = LISTENQ_HAS_SYN_LEN | LISTENQ_HAS_SYN_YOUNG | LISTENQ_HAS_WAIT | LISTENQ_HAS_DROPS,
	.flags = LISTENQ_L_ACCEPT_FULL, .syn_len = 3, .syn_young = 1, .accept_len = 6,
	.backlog = 5, .drops = 4000, .family = AF_INET, .protocol = IPPROTO_TCP, .port = 443,
	.addr = { 10, 0, 0, 1 },
};

static const struct listenq_counters counters = {
	.has = 15, .since_us = NOON, .syns = 2106, .established = 56,
	.drop_accept_full_syn = 2000, .drop_accept_full_ack = 50, .cookies_sent = 7,
	.synack_retransmits = 3, .first_drop_us = NOON + 1000000,
	.last_drop_us = NOON + 61000000, .peak_syn_us = NOON + 2000000,
	.peak_accept_us = NOON + 3000000, .peak_wait_at_us = NOON + 4000000,
	.peak_wait_us = 12300000, .peak_syn_len = 9, .peak_accept_len = 6,
};

static const struct listenq_histograms histograms = {
	.len_0 = 1, .len_1 = 0, .len_2 = 105, .len_4 = 2000, .age_none = 1, .age_16ms = 1000,
	.age_32ms = 5, .age_4096ms = 1100,
};

static const struct listenq_episode episode = {
	.id = 9, .start_us = NOON + 1000000, .last_us = NOON + 1312000,
	.drop_accept_full_syn = 2000, .drop_accept_full_ack = 50, .cookies_sent = 7,
	.peak_syn_len = 9, .peak_accept_len = 6, .backlog = 5, .open = 1,
};

static void put_message(struct wire *w, uint16_t type, size_t size, const void *data)
{
	mnl_attr_put(w->nlh, type, size, data);
}

static void begin_message(struct wire *w)
{
	begin(w, 30, NLM_F_MULTI);
	mnl_nlmsg_put_extra_header(w->nlh, GENL_HDRLEN);
}

static int parse(const struct wire *w, struct lq_genl_reply *r, struct lq_nl_error *e)
{
	memset(r, 0, sizeof(*r));
	return lq_genl_parse(w->data, w->len, SEQ, r, e);
}

static void compare(const char *name, struct lq_buf *b)
{
	const char *mode = getenv("LISTENQ_GOLDEN");
	char path[128], want[16384];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "tests/tool/golden/%s", name);
	if (mode && !strcmp(mode, "write")) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		assert_int_equal(write(fd, b->data, b->len), b->len);
		close(fd);
	}
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	len = read(fd, want, sizeof(want) - 1);
	close(fd);
	want[len] = '\0';
	lq_buf_room(b, 1);
	lq_put_char(b, '\0');
	assert_string_equal(b->data, want);
	lq_buf_free(b);
}

/* What a message says of a listener or a namespace stays with it. */
static void beside(void **state)
{
	struct listenq_net_counters nc = { .has = 15, .syns = 5, .unattributed = 2 };
	struct listenq_net net = { .netns_ino = 9 };
	struct wire w = { .len = 0 };
	struct lq_genl_reply r;
	struct lq_nl_error e;

	(void)state;
	for (int i = 0; i < 3; i++) {
		begin_message(&w);
		put_message(&w, LISTENQ_A_LISTENER, sizeof(listener), &listener);
		if (i == 1) {
			put_message(&w, LISTENQ_A_COUNTERS, sizeof(counters), &counters);
			put_message(&w, LISTENQ_A_HISTOGRAMS, sizeof(histograms), &histograms);
		}
		end(&w);
	}
	begin_message(&w);
	put_message(&w, LISTENQ_A_NET, sizeof(net), &net);
	put_message(&w, LISTENQ_A_NET_COUNTERS, sizeof(nc), &nc);
	end(&w);
	assert_int_equal(parse(&w, &r, &e), 0);
	assert_int_equal(r.listeners.n, 3);
	assert_null(lq_counters_of(&r.listeners, &r.listeners.v[0]));
	assert_memory_equal(lq_counters_of(&r.listeners, &r.listeners.v[1]), &counters,
			    sizeof(counters));
	assert_memory_equal(&r.listeners.histograms[1], &histograms, sizeof(histograms));
	assert_null(lq_counters_of(&r.listeners, &r.listeners.v[2]));
	lq_listeners_keep(&r.listeners, 0, 1);
	assert_int_equal(lq_counters_of(&r.listeners, &r.listeners.v[0])->syns, 2106);
	assert_int_equal(r.nets.counters[0].unattributed, 2);
	for (int i = 0; i < 100; i++) /* and grows with it */
		lq_listeners_add(&r.listeners);
	assert_int_equal(r.listeners.counters[1].syns, 2106);
	assert_null(lq_counters_of(&r.listeners, &r.listeners.v[102]));
	lq_genl_free(&r);
}

/* Structs of every length: the first version's is the least, more is passed over. */
static void lengths(void **state)
{
	static const struct {
		uint16_t type;
		uint16_t size;
		const char *cut;
	} all[] = {
		{ LISTENQ_A_COUNTERS, 152, "counters that are cut short" },
		{ LISTENQ_A_HISTOGRAMS, 240, "histograms that are cut short" },
		{ LISTENQ_A_NET_COUNTERS, 136, "a namespace's counters that are cut short" },
		{ LISTENQ_A_TRACK, 48, "a state of tracking that is cut short" },
		{ LISTENQ_A_HOOK, 48, "a hook that is cut short" },
		{ LISTENQ_A_EPISODE, 88, "an episode that is cut short" },
		{ LISTENQ_A_EVENT, 32, "an event that is cut short" },
	};
	static const char data[512] = { 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (int more = -4; more <= 64; more += 4) {
			struct wire w = { .len = 0 };
			struct lq_genl_reply r;
			struct lq_nl_error e;

			begin_message(&w);
			put_message(&w, LISTENQ_A_LISTENER, sizeof(listener), &listener);
			put_message(&w, all[i].type, all[i].size + more, data);
			end(&w);
			assert_int_equal(parse(&w, &r, &e), more < 0 ? -1 : 0);
			if (more < 0)
				assert_string_equal(e.msg, all[i].cut);
			lq_genl_free(&r);
		}
}

static void orphans(void **state)
{
	struct wire w = { .len = 0 };
	struct lq_genl_reply r;
	struct lq_nl_error e;

	(void)state;
	begin_message(&w);
	put_message(&w, LISTENQ_A_EPISODE, sizeof(episode), &episode);
	end(&w);
	assert_int_equal(parse(&w, &r, &e), -1);
	assert_string_equal(e.msg, "an event or an episode without a listener");
	lq_genl_free(&r);

	w.len = 0;
	begin_message(&w);
	put_message(&w, LISTENQ_A_COUNTERS, sizeof(counters), &counters);
	end(&w);
	assert_int_equal(parse(&w, &r, &e), -1);
	lq_genl_free(&r);
}

static void counters_text(void **state)
{
	struct listenq_counters some = counters, quiet = { .has = 15, .since_us = NOON, .syns = 1,
							   .established = 1 };
	struct lq_buf b = { 0 };

	(void)state;
	lq_put_counters_text(&b, &counters);
	some.has = LISTENQ_COUNTERS_HAS_ACK;
	lq_put_counters_text(&b, &some);
	lq_put_counters_text(&b, &quiet);
	lq_put_counters_text(&b, NULL);
	compare("counters.txt", &b);
	lq_put_counters_json(&b, &counters);
	lq_put_str(&b, "\n");
	lq_put_counters_json(&b, &some);
	lq_put_str(&b, "\n");
	lq_put_counters_json(&b, NULL);
	lq_put_str(&b, "\n");
	compare("counters.json", &b);
}

static void show(void **state)
{
	struct listenq_listener l[] = { listener, listener };
	struct listenq_counters c[] = { counters, { 0 } };
	struct lq_listeners t = { .v = l, .counters = c, .n = 2, .size = 2 };
	struct lq_view v = { .listeners = &t, .causes = true, .statistics = true, .numeric = true };
	struct lq_row rows[] = { { .l = &l[0] }, { .l = &l[1] } };
	struct lq_buf b = { 0 };
	char path[] = "/tmp/listenq-unit.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	unlink(path);
	assert_int_equal(lq_print_text(fd, rows, 2, &v), 0);
	assert_int_equal(lq_print_json(fd, rows, 2, &v), 0);
	lq_buf_room(&b, 8192);
	b.len = pread(fd, b.data, 8192, 0);
	close(fd);
	compare("statistics.txt", &b);
}

static void stats(void **state)
{
	struct listenq_listener l = listener;
	struct listenq_counters c = counters;
	struct listenq_histograms h = histograms;
	struct lq_listeners t = { .v = &l, .counters = &c, .histograms = &h, .n = 1, .size = 1 };
	struct lq_view v = { .listeners = &t, .numeric = true };
	struct lq_drawing d = { .bar = 40 };
	struct lq_buf b = { 0 };

	(void)state;
	lq_stats_put(&b, &t, &v, &d);
	d.blocks = true;
	lq_stats_put(&b, &t, &v, &d);
	c.has = 0;
	lq_stats_put(&b, &t, &v, &d);
	compare("stats.txt", &b);
}

static void records(void **state)
{
	struct lq_record v[] = {
		{ .episode = episode, .l = listener },
		{ .episode = episode, .l = listener },
	};
	struct lq_view view = { .numeric = true };
	struct lq_buf b = { 0 };

	(void)state;
	v[1].episode.open = 0;
	v[1].episode.last_us += 3600000000;
	v[1].episode.drop_accept_full_syn = v[1].episode.drop_accept_full_ack = 0;
	lq_put_episodes_text(&b, v, 2, &view);
	view.all_netns = true;
	lq_put_episodes_text(&b, v, 2, &view);
	view.no_header = true;
	lq_put_episodes_text(&b, v, 0, &view);
	compare("episodes.txt", &b);
	lq_put_episodes_json(&b, v, 2, &view);
	lq_put_episodes_json(&b, v, 0, &view);
	compare("episodes.json", &b);
	for (uint32_t type = 1; type <= 6; type++) {
		struct lq_record r = v[0];

		r.event = (struct listenq_event) {
			.seq = type, .suppressed = 4, .type = type, .time_us = NOON + 5000,
		};
		if (type > LISTENQ_EVENT_EPISODE_CLOSED)
			memset(&r.episode, 0, sizeof(r.episode));
		lq_put_event_text(&b, &r, &view);
		lq_put_event_json(&b, &r, &view);
	}
	compare("events.txt", &b);
}

static void track(void **state)
{
	struct lq_genl_reply r = {
		.has_track = true,
		.track = {
			.enabled = 1, .entries = 20, .max_entries = 16384,
			.max_entries_net = 4096, .episodes = 1024, .max_episodes = 1024,
			.quiet_ms = 1000, .since_us = NOON, .episodes_forgotten = 7,
		},
		.hooks = {
			{ .name = "tcp_conn_request", .missed = 12, .placed = 1 },
			{ .name = "evil\033\"", .error = -ENOENT },
			{ .name = "tcp_retransmit_synack" },
		},
		.n_hooks = 3,
	};
	struct lq_buf b = { 0 };

	(void)state;
	lq_track_put(&b, &r, false);
	lq_track_put(&b, &r, true);
	r.track.since_us = 0;
	r.track.enabled = 0;
	lq_track_put(&b, &r, true);
	compare("track.txt", &b);
}

static void json_is_json(void **state)
{
	static const char *const files[] = { "counters.json", "episodes.json" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		enum json_tokener_error err;
		struct json_object *o;
		char path[128], line[4096];
		FILE *f;

		snprintf(path, sizeof(path), "tests/tool/golden/%s", files[i]);
		f = fopen(path, "r");
		assert_non_null(f);
		while (fgets(line, sizeof(line), f)) {
			line[strcspn(line, "\n")] = '\0';
			if (line[0] != '{')
				continue;
			if (line[strlen(line) - 1] == ',')
				line[strlen(line) - 1] = '\0';
			o = parse_json(line, &err);
			if (!o)
				fail_msg("%s: %s", line, json_tokener_error_desc(err));
			json_object_put(o);
		}
		fclose(f);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t s;
	} good[] = {
		{ "30s", 30 }, { "10min", 600 }, { "10m", 600 }, { "2h", 7200 },
		{ "1d", 86400 }, { "999999999d", 999999999ull * 86400 },
	};
	static const char *const bad[] = {
		"", "s", "10", "1w", "-1s", "+1s", " 1s", "1 s", "1.5h", "9999999999s", "1ss",
	};
	uint64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(lq_duration_parse(good[i].text, &us));
		assert_int_equal(us, good[i].s * 1000000);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(lq_duration_parse(bad[i], &us));
}

static void moments(void **state)
{
	struct lq_buf b = { 0 };
	uint64_t now = lq_time_now();

	(void)state;
	lq_buf_room(&b, LQ_ROOM);
	lq_put_date(&b, NOON);
	lq_put_char(&b, ' ');
	lq_put_date(&b, 0);
	lq_put_char(&b, ' ');
	lq_put_clock(&b, NOON + 7000);
	lq_put_char(&b, ' ');
	lq_put_when(&b, NOON);
	lq_put_char(&b, ' ');
	lq_put_when(&b, 0);
	lq_put_char(&b, '\0');
	assert_string_equal(b.data, "2025-11-22 12:00:00 - 12:00:00.007 2025-11-22T12:00:00 -");
	b.len = 0;
	lq_put_when(&b, now);
	assert_int_equal(b.len, 8);
	b.len = 0;
	lq_put_when(&b, ~0ull); /* whatever it says, it says it in bounds */
	lq_put_date(&b, ~0ull);
	assert_in_range(b.len, 1, 64);
	lq_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside),
		cmocka_unit_test(lengths),
		cmocka_unit_test(orphans),
		cmocka_unit_test(counters_text),
		cmocka_unit_test(show),
		cmocka_unit_test(stats),
		cmocka_unit_test(records),
		cmocka_unit_test(track),
		cmocka_unit_test(json_is_json),
		cmocka_unit_test(durations),
		cmocka_unit_test(moments),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("track", tests, NULL, NULL);
}
