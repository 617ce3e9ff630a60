/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file system of one file whose contents never come. */
#pragma once

#include <stddef.h>

/*
 * Mounts it in a mount namespace of its own, and maps the file; whoever touches the memory waits
 * for as long as this process lives. The device is that of ATTACK_FUSE in the environment, or
 * /dev/fuse. Returns NULL where that can't be.
 */
void *slow_file_map(size_t length);
