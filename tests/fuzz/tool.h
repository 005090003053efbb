/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the libFuzzer targets share. They link the whole tool but names.c, whose
 * answers (devices, cgroups: names that somebody else chose) they make up.
 */
#ifndef FUZZ_TOOL_H
#define FUZZ_TOOL_H

#include <stddef.h>
#include <stdint.h>

/* More than any name that the kernel takes can do to a terminal, or to JSON. */
#define HOSTILE_NAME	"\x1b[2J\n\"\\\xc2\x9b\xff\xe2\x80\xae,x"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

void must(int holds, const char *what);
void must_be_harmless(const char *text, size_t len);

#endif /* FUZZ_TOOL_H */
