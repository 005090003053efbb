#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernels: memory
# The memory kernel reports what it is there to report.
exec "$(dirname "$0")/selftest" memory
