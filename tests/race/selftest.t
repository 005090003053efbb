#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# when: asked
# kernels: race
# timeout: 900
# The race kernel reports what it is there to report.
exec tests/kernels/selftest race
