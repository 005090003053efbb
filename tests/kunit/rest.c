// SPDX-License-Identifier: GPL-2.0
/* What the tested parts of the module need of the others. */
#include "../../module/entries.c"
#include "../../module/episodes.c"
#include "../../module/events.c"
#include "../../module/hooks.c"
#include "../../module/netlink_track.c"
#include "../../module/track.c"
