// SPDX-License-Identifier: GPL-2.0
/* The module's messages taken apart: no socket, no state. */
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "genl.h"

/*
 * Structs of the first version. They only grow, so no module sends less; a
 * reader takes what both sides know and zeroes the rest.
 */
static const struct {
	uint16_t size;
	const char *cut_short;
} first_version[LISTENQ_A_MAX + 1] = {
	[LISTENQ_A_LISTENER] = { 112, "a listener that is cut short" },
	[LISTENQ_A_NET] = { 168, "a network namespace that is cut short" },
	[LISTENQ_A_COUNTERS] = { 152, "counters that are cut short" },
	[LISTENQ_A_HISTOGRAMS] = { 240, "histograms that are cut short" },
	[LISTENQ_A_NET_COUNTERS] = { 136, "a namespace's counters that are cut short" },
	[LISTENQ_A_TRACK] = { 48, "a state of tracking that is cut short" },
	[LISTENQ_A_HOOK] = { 48, "a hook that is cut short" },
	[LISTENQ_A_EPISODE] = { 88, "an episode that is cut short" },
	[LISTENQ_A_EVENT] = { 32, "an event that is cut short" },
};

static void copy_struct(void *to, size_t size, const struct nlattr *a)
{
	size_t len = mnl_attr_get_payload_len(a);

	if (len > size)
		len = size;
	memcpy(to, mnl_attr_get_payload(a), len);
	memset((char *)to + len, 0, size - len);
}

static const char *take_hook(struct lq_genl_reply *r, const struct nlattr *a)
{
	struct listenq_hook *h = &r->hooks[r->n_hooks];

	if (r->n_hooks == LQ_HOOKS_MAX)
		return NULL;
	copy_struct(h, sizeof(*h), a);
	h->name[sizeof(h->name) - 1] = '\0';
	if (h->error > 0 || h->error < -LQ_ERRNO_MAX)
		return "a hook with an error that has no number";
	r->n_hooks++;
	return NULL;
}

/* An event or an episode, with the listener it is about. */
static const char *take_record(struct lq_genl_reply *r, const struct nlattr *const *a)
{
	struct lq_record *record;

	if (!a[LISTENQ_A_LISTENER])
		return "an event or an episode without a listener";
	if (r->n_records == r->size_records) {
		r->size_records = r->size_records ? 2 * r->size_records : 16;
		r->records = lq_alloc(r->records, r->size_records, sizeof(*r->records));
	}
	record = &r->records[r->n_records++];
	memset(record, 0, sizeof(*record));
	copy_struct(&record->l, sizeof(record->l), a[LISTENQ_A_LISTENER]);
	if (a[LISTENQ_A_EPISODE])
		copy_struct(&record->episode, sizeof(record->episode), a[LISTENQ_A_EPISODE]);
	if (a[LISTENQ_A_EVENT])
		copy_struct(&record->event, sizeof(record->event), a[LISTENQ_A_EVENT]);
	return NULL;
}

static void take_listener(struct lq_listeners *t, const struct nlattr *const *a)
{
	copy_struct(lq_listeners_add(t), sizeof(struct listenq_listener),
		    a[LISTENQ_A_LISTENER]);
	if (a[LISTENQ_A_COUNTERS])
		copy_struct(lq_listeners_counters(t, t->n - 1), sizeof(struct listenq_counters),
			    a[LISTENQ_A_COUNTERS]);
	if (a[LISTENQ_A_HISTOGRAMS])
		copy_struct(lq_listeners_last_histograms(t), sizeof(struct listenq_histograms),
			    a[LISTENQ_A_HISTOGRAMS]);
}

static void take_net(struct lq_nets *t, const struct nlattr *const *a)
{
	copy_struct(lq_nets_add(t), sizeof(struct listenq_net), a[LISTENQ_A_NET]);
	if (a[LISTENQ_A_NET_COUNTERS])
		copy_struct(lq_nets_last_counters(t), sizeof(struct listenq_net_counters),
			    a[LISTENQ_A_NET_COUNTERS]);
}

/**
 * lq_genl_take - take one message of the module, an lq_nl_cb
 * @nlh: the message
 * @ctx: the struct lq_genl_reply it goes into
 */
const char *lq_genl_take(const struct nlmsghdr *nlh, void *ctx)
{
	const struct nlattr *attrs[LISTENQ_A_MAX + 1] = { NULL };
	struct lq_genl_reply *r = ctx;
	const struct nlattr *a;
	const char *wrong;

	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + GENL_HDRLEN)
		return "a message shorter than its header";
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		uint16_t type = mnl_attr_get_type(a);

		if (type > LISTENQ_A_MAX)
			continue;
		if (mnl_attr_get_payload_len(a) < first_version[type].size)
			return first_version[type].cut_short;
		attrs[type] = a;
		wrong = type == LISTENQ_A_HOOK ? take_hook(r, a) : NULL;
		if (wrong)
			return wrong;
	}
	if ((const char *)a < (const char *)nlh + nlh->nlmsg_len)
		return "an attribute longer than its message";
	if (attrs[LISTENQ_A_EVENT] || attrs[LISTENQ_A_EPISODE])
		return take_record(r, attrs);
	if (attrs[LISTENQ_A_LISTENER]) {
		take_listener(&r->listeners, attrs);
	} else if (attrs[LISTENQ_A_NET]) {
		take_net(&r->nets, attrs);
	} else if (attrs[LISTENQ_A_TRACK]) {
		copy_struct(&r->track, sizeof(r->track), attrs[LISTENQ_A_TRACK]);
		r->has_track = true;
	} else {
		return "a message without a listener or a namespace";
	}
	return NULL;
}

/**
 * lq_genl_parse - take apart what one read from the module gave
 * @buf: the bytes
 * @len: how many
 * @seq: sequence number of the request, 0 for events
 * @r: gets the objects
 * @e: gets what is wrong
 *
 * Return: 0 if more is to come, 1 after the last message, -1 with @e set.
 */
int lq_genl_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_genl_reply *r, struct lq_nl_error *e)
{
	return lq_nl_parse(buf, len, seq, lq_genl_take, r, e);
}

/**
 * lq_genl_free - forget what was read
 * @r: the reply
 */
void lq_genl_free(struct lq_genl_reply *r)
{
	lq_listeners_free(&r->listeners);
	lq_nets_free(&r->nets);
	free(r->records);
	memset(r, 0, sizeof(*r));
}
