// SPDX-License-Identifier: GPL-2.0
/* The values of struct listenq_counters, one line each, and how they are shown. */
#include "counters.h"
#include "times.h"

#define FIELD(_field, _has) \
	{ .key = #_field, .offset = offsetof(struct listenq_counters, _field), \
	  .bytes = sizeof(((struct listenq_counters *)0)->_field), .has = (_has) }
#define SYN	LISTENQ_COUNTERS_HAS_SYN
#define ACK	LISTENQ_COUNTERS_HAS_ACK
#define OTHER	LISTENQ_COUNTERS_HAS_OTHER

const struct lq_counter_field lq_counter_fields[] = {
	FIELD(syns, SYN),
	FIELD(established, ACK),
	FIELD(drop_accept_full_syn, SYN),
	FIELD(drop_accept_full_ack, ACK),
	FIELD(drop_syn_full, SYN),
	FIELD(drop_syn_unproven, SYN),
	FIELD(drop_other, OTHER),
	FIELD(cookies_sent, SYN),
	FIELD(cookies_validated, ACK),
	FIELD(synack_retransmits, LISTENQ_COUNTERS_HAS_RETRANSMITS),
	FIELD(first_drop_us, OTHER),
	FIELD(last_drop_us, OTHER),
	FIELD(peak_syn_len, SYN),
	FIELD(peak_syn_us, SYN),
	FIELD(peak_accept_len, SYN),
	FIELD(peak_accept_us, SYN),
	FIELD(peak_wait_us, SYN),
	FIELD(peak_wait_at_us, SYN),
	FIELD(since_us, 0),
};

const size_t lq_counter_nfields = sizeof(lq_counter_fields) / sizeof(lq_counter_fields[0]);

_Static_assert(sizeof(lq_counter_fields) / sizeof(lq_counter_fields[0]) ==
	       sizeof(struct listenq_counters) / sizeof(uint64_t),
	       "a line for each value: @has has none, two have half the size");

static const struct {
	const char *name;
	uint8_t has;
} causes_known[LQ_CAUSES] = {
	{ "accept_full_syn", SYN },
	{ "accept_full_ack", ACK },
	{ "syn_full", SYN },
	{ "syn_unproven", SYN },
	{ "other", OTHER },
};

/* Five values from @first on, those without their bit in @has as 0; their sum. */
static uint64_t take_causes(struct lq_causes *causes, const void *first, uint64_t has)
{
	uint64_t sum = 0;

	memcpy(causes->n, first, sizeof(causes->n));
	for (int i = 0; i < LQ_CAUSES; i++) {
		if (!(has & causes_known[i].has))
			causes->n[i] = 0;
		sum += causes->n[i];
	}
	return sum;
}

/**
 * lq_causes_get - the drops of a listener
 * @causes: gets them by cause
 * @c: its counters
 *
 * Return: their sum.
 */
uint64_t lq_causes_get(struct lq_causes *causes, const struct listenq_counters *c)
{
	return take_causes(causes, (const char *)c +
			   offsetof(struct listenq_counters, drop_accept_full_syn), c->has);
}

/**
 * lq_causes_of_episode - the drops of an episode
 * @causes: gets them by cause
 * @e: the episode
 *
 * Return: their sum.
 */
uint64_t lq_causes_of_episode(struct lq_causes *causes, const struct listenq_episode *e)
{
	return take_causes(causes, (const char *)e +
			   offsetof(struct listenq_episode, drop_accept_full_syn), ~0ull);
}

/**
 * lq_put_cause - append the main cause and how many more there are: accept_full_syn+1
 * @b: the buffer
 * @causes: the drops
 */
void lq_put_cause(struct lq_buf *b, const struct lq_causes *causes)
{
	int main = 0, n = 0;

	for (int i = 0; i < LQ_CAUSES; i++) {
		n += causes->n[i] != 0;
		if (causes->n[i] > causes->n[main])
			main = i;
	}
	lq_put_str(b, n ? causes_known[main].name : "-");
	if (n > 1) {
		lq_put_char(b, '+');
		lq_put_u64(b, n - 1);
	}
}

static void put_pair(struct lq_buf *b, const char *key, uint64_t v)
{
	lq_put_str(b, key);
	lq_put_char(b, ':');
	lq_put_u64(b, v);
}

/**
 * lq_put_causes - append every cause there was: accept_full_syn:2000 syn_full:50
 * @b: the buffer
 * @causes: the drops
 */
void lq_put_causes(struct lq_buf *b, const struct lq_causes *causes)
{
	bool any = false;

	for (int i = 0; i < LQ_CAUSES; i++) {
		if (!causes->n[i])
			continue;
		if (any)
			lq_put_char(b, ' ');
		put_pair(b, causes_known[i].name, causes->n[i]);
		any = true;
	}
}

/**
 * lq_counter_get - the value of a field
 * @c: the counters
 * @f: the field
 * @v: gets the value
 *
 * Return: whether it is known.
 */
bool lq_counter_get(const struct listenq_counters *c,
		    const struct lq_counter_field *f, uint64_t *v)
{
	uint32_t half;

	if (f->bytes == sizeof(half)) {
		memcpy(&half, (const char *)c + f->offset, sizeof(half));
		*v = half;
	} else {
		memcpy(v, (const char *)c + f->offset, sizeof(*v));
	}
	return !f->has || (c->has & f->has);
}

/**
 * lq_net_counter_get - the value of a field of struct listenq_net_counters
 * @c: the counters
 * @i: which, from 0 on
 * @key: gets its name, NULL if there are no more
 * @v: gets the value
 *
 * Return: whether it is known.
 */
bool lq_net_counter_get(const struct listenq_net_counters *c, size_t i,
			const char **key, uint64_t *v)
{
	static const char *const more[] = {
		"unattributed", "missed", "untracked", "closed_waiting", "events_sent",
		"events_suppressed",
	};
	uint64_t offset = offsetof(struct listenq_net_counters, syns) + i * sizeof(*v);

	_Static_assert(offsetof(struct listenq_net_counters, unattributed) ==
		       offsetof(struct listenq_net_counters, syns) +
		       LQ_NET_COUNTED * sizeof(uint64_t), "the same first fields");
	*key = NULL;
	if (i >= LQ_NET_COUNTED + sizeof(more) / sizeof(more[0]))
		return false;
	memcpy(v, (const char *)c + offset, sizeof(*v));
	*key = i < LQ_NET_COUNTED ? lq_counter_fields[i].key : more[i - LQ_NET_COUNTED];
	if (i == LQ_NET_COUNTED) /* what cannot be counted cannot be attributed */
		return c->has & OTHER;
	return i > LQ_NET_COUNTED || (c->has & lq_counter_fields[i].has);
}

static void put_known(struct lq_buf *b, const char *key, bool known, uint64_t v)
{
	lq_put_str(b, key);
	lq_put_char(b, ':');
	if (known)
		lq_put_u64(b, v);
	else
		lq_put_char(b, '-');
}

/* A name, and a time behind it. */
static void put_at(struct lq_buf *b, const char *name, uint64_t us)
{
	lq_put_str(b, name);
	lq_put_when(b, us);
}

static void put_peaks(struct lq_buf *b, const struct listenq_counters *c)
{
	lq_put_str(b, "      ");
	put_known(b, "peaks syn", true, c->peak_syn_len);
	if (c->peak_syn_len)
		put_at(b, "@", c->peak_syn_us);
	put_known(b, " accept", true, c->peak_accept_len);
	if (c->peak_accept_len)
		put_at(b, "@", c->peak_accept_us);
	if (c->peak_wait_us) {
		lq_put_str(b, " wait:");
		lq_put_wait(b, c->peak_wait_us);
		put_at(b, "@", c->peak_wait_at_us);
	}
	lq_put_char(b, '\n');
}

/**
 * lq_put_counters_text - append the lines under a listener's row
 * @b: the buffer; room is made here
 * @c: its counters, NULL if they are not known
 *
 * As ss -i: what is zero and says nothing is left out.
 */
void lq_put_counters_text(struct lq_buf *b, const struct listenq_counters *c)
{
	struct lq_causes causes;
	uint64_t drops;

	lq_buf_room(b, LQ_COUNTERS_ROOM);
	if (!c) {
		lq_put_str(b, "      not tracked\n");
		return;
	}
	drops = lq_causes_get(&causes, c);
	put_known(b, "      syns", c->has & SYN, c->syns);
	put_known(b, " established", c->has & ACK, c->established);
	put_known(b, " drops", (c->has & OTHER) || drops, drops);
	if (drops) {
		lq_put_char(b, ' ');
		lq_put_causes(b, &causes);
	}
	put_at(b, " since:", c->since_us);
	lq_put_char(b, '\n');
	if (c->first_drop_us && (c->has & OTHER)) {
		put_at(b, "      dropped first:", c->first_drop_us);
		put_at(b, " last:", c->last_drop_us);
		lq_put_char(b, '\n');
	}
	if (c->cookies_sent || c->cookies_validated || c->synack_retransmits) {
		put_known(b, "      cookies_sent", c->has & SYN, c->cookies_sent);
		put_known(b, " cookies_validated", c->has & ACK, c->cookies_validated);
		put_known(b, " synack_retransmits",
			  c->has & LISTENQ_COUNTERS_HAS_RETRANSMITS, c->synack_retransmits);
		lq_put_char(b, '\n');
	}
	if ((c->has & SYN) && c->syns)
		put_peaks(b, c);
}

static void put_key(struct lq_buf *b, size_t i, const char *key)
{
	lq_put_str(b, i ? ",\"" : "{\"");
	lq_put_str(b, key);
	lq_put_str(b, "\":");
}

/**
 * lq_put_counters_json - append an object
 * @b: the buffer; room is made here
 * @c: the counters, NULL if they are not known
 */
void lq_put_counters_json(struct lq_buf *b, const struct listenq_counters *c)
{
	lq_buf_room(b, LQ_COUNTERS_ROOM);
	for (size_t i = 0; c && i < lq_counter_nfields; i++) {
		uint64_t v;

		put_key(b, i, lq_counter_fields[i].key);
		if (lq_counter_get(c, &lq_counter_fields[i], &v))
			lq_put_u64(b, v);
		else
			lq_put_str(b, "null");
	}
	lq_put_str(b, c ? "}" : "null");
}

/**
 * lq_put_histograms_json - append an object with both histograms
 * @b: the buffer; room is made here
 * @h: the histograms, NULL if they are not known
 */
void lq_put_histograms_json(struct lq_buf *b, const struct listenq_histograms *h)
{
	static const char *const keys[] = {
		"len_0", "len_1", "len_2", "len_4", "len_8", "len_16", "len_32",
		"len_64", "len_128", "len_256", "len_512", "len_1024", "len_2048",
		"len_4096", "len_8192", "age_none", "age_0ms", "age_1ms", "age_2ms",
		"age_4ms", "age_8ms", "age_16ms", "age_32ms", "age_64ms", "age_128ms",
		"age_256ms", "age_512ms", "age_1024ms", "age_2048ms", "age_4096ms",
	};

	_Static_assert(sizeof(keys) / sizeof(keys[0]) * sizeof(uint64_t) == sizeof(*h),
		       "a name for each bucket");
	lq_buf_room(b, LQ_COUNTERS_ROOM);
	for (size_t i = 0; h && i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint64_t v;

		memcpy(&v, (const char *)h + i * sizeof(v), sizeof(v));
		put_key(b, i, keys[i]);
		lq_put_u64(b, v);
	}
	lq_put_str(b, h ? "}" : "null");
}
