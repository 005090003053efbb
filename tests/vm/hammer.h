/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the hammer share: a raw client, and loading the module. */
#ifndef VM_HAMMER_H
#define VM_HAMMER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/listenq.h>

#define DEBUGFS		"/sys/kernel/debug/listenq"

struct nlmsghdr;

/**
 * struct answer - what came back so far
 * @objects: listeners or nets
 * @cookie: of the last listener
 * @done: the last message was there
 */
struct answer {
	long objects;
	uint64_t cookie;
	bool done;
};


int genl_open(void);
int genl_family(int fd);
int genl_send(int fd, int type, int cmd, bool dump, int attr, const void *data,
	      int len);
int genl_receive(int fd, struct answer *a);
long genl_ask(int fd, int type, int cmd, bool dump, int attr, const void *data,
	      int len, struct answer *a);
long genl_dump_once(void);

int module_open(const char *ko);
int module_load(int fd);
int module_unload(unsigned int seconds, unsigned long *refused);
const char *module_left(void);

int hammer_failload(const char *path, long least, long first, long step);
int hammer_failops(const char *path, long rounds);
int hammer_failexec(long nth, char **argv);

#endif /* VM_HAMMER_H */
