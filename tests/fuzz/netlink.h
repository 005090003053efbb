/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the netlink fuzzer share. */
#ifndef FUZZ_NETLINK_H
#define FUZZ_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/listenq.h>

#define ELEMENTS(a)	(sizeof(a) / sizeof((a)[0]))

#define REQUEST_MAX	2048
#define STABLE		110	/* listeners that stay: several buffers of a dump */
#define FLEETING	10	/* that come and go meanwhile */
#define FIRST_PORT	20000

/**
 * struct listener - one that we opened
 * @fd: -1 while it is closed
 * @cookie: 0 where it is not known
 */
struct listener {
	int fd;
	uint64_t cookie;
};

/**
 * struct request - what one send holds
 * @data: its bytes
 * @len: how many
 */
struct request {
	uint8_t data[REQUEST_MAX];
	size_t len;
};

extern struct listener listeners[STABLE + FLEETING];

void neighbours_start(void);
void listener_start(unsigned int i);
void listener_toggle(unsigned int i);

void chance_start(uint64_t seed, uint64_t message);
uint32_t below(uint32_t n);
bool percent(uint32_t p);
void put(struct request *r, const void *data, size_t len);
void put_attr(struct request *r, unsigned int type, const void *data, size_t len);
void request_make(struct request *r, uint16_t family, uint32_t seq);

void broken(const char *what) __attribute__((noreturn));

#endif /* FUZZ_NETLINK_H */
