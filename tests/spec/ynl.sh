#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest's side of ynl.t
set -e
tar -xf /ynl.tar -C /
insmod /listenq.ko
exec python3 /ynl.py
