/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes hold a socket: one pass over /proc, as ss -p does it. What
 * may not be read (processes of others, unless root) is left out.
 */
#ifndef LISTENQ_OWNER_H
#define LISTENQ_OWNER_H

#include "format.h"
#include "source.h"

/**
 * struct lq_owner - a process that has a listener open
 * @ino: the socket's inode number
 * @pid: the process
 * @fd: its file descriptor
 * @comm: where in the names its own starts
 * @comm_len: how long that is
 */
struct lq_owner {
	uint64_t ino;
	uint32_t pid;
	uint32_t fd;
	uint32_t comm;
	uint32_t comm_len;
};

/**
 * struct lq_owners - all of them, by inode, pid and descriptor
 * @v: them
 * @n: how many
 * @size: how many fit
 * @names: their names, any bytes, one behind the other
 * @cut: a listener without a process may be one of a descriptor not looked at
 */
struct lq_owners {
	struct lq_owner *v;
	size_t n;
	size_t size;
	struct lq_buf names;
	bool cut;
};

bool lq_owner_parse_link(const char *link, size_t len, uint64_t *ino);
void lq_owners_scan(struct lq_owners *o, const struct lq_listeners *t,
		    const char *proc, unsigned int most);
size_t lq_owners_find(const struct lq_owners *o, uint64_t ino,
		      const struct lq_owner **first);
void lq_owners_free(struct lq_owners *o);

#endif /* LISTENQ_OWNER_H */
