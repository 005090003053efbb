/* SPDX-License-Identifier: GPL-2.0 */
/* Names for numbers: services, devices, network namespaces, cgroups. */
#ifndef LISTENQ_NAMES_H
#define LISTENQ_NAMES_H

#include <stdint.h>

const char *lq_service_name(uint16_t port);
const char *lq_device_name(uint32_t ifindex);
const char *lq_netns_name(uint64_t ino);
const char *lq_cgroup_path(uint64_t id);
int lq_netns_enter(const char *name);

#endif /* LISTENQ_NAMES_H */
