/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's answers and events. lq_genl_parse() is pure: bytes in, structs
 * out.
 */
#ifndef LISTENQ_GENL_H
#define LISTENQ_GENL_H

#include "nl.h"
#include "source.h"

#define LQ_HOOKS_MAX	16

/**
 * struct lq_record - an episode, or an event, and whom it is about
 * @event: what happened; all 0 in the log of episodes
 * @episode: the episode; all 0 if the event is about none
 * @l: the listener then
 */
struct lq_record {
	struct listenq_event event;
	struct listenq_episode episode;
	struct listenq_listener l;
};

/**
 * struct lq_genl_reply - what the messages of one exchange held
 * @listeners: the objects of LISTENER_GET
 * @nets: the objects of NET_GET
 * @records: of EPISODE_GET, or events
 * @n_records: how many
 * @size_records: how many fit
 * @has_track: TRACK_GET was answered:
 * @track: the state of tracking
 * @hooks: its hooks
 * @n_hooks: how many
 */
struct lq_genl_reply {
	struct lq_listeners listeners;
	struct lq_nets nets;
	struct lq_record *records;
	size_t n_records;
	size_t size_records;
	bool has_track;
	struct listenq_track track;
	struct listenq_hook hooks[LQ_HOOKS_MAX];
	size_t n_hooks;
};

const char *lq_genl_take(const struct nlmsghdr *nlh, void *ctx);
int lq_genl_parse(const void *buf, size_t len, uint32_t seq,
		  struct lq_genl_reply *r, struct lq_nl_error *e);
void lq_genl_free(struct lq_genl_reply *r);

int lq_genl_need(void);
uint16_t lq_genl_family(void);
uint32_t lq_genl_version(void);
bool lq_genl_has_events(void);
int lq_genl_ask(struct lq_genl_reply *r, uint8_t cmd, uint32_t flags);
int lq_genl_track_set(bool on);
struct mnl_socket *lq_genl_join(void);

#endif /* LISTENQ_GENL_H */
