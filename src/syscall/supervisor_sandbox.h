/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps a supervisor from doing anything but its work. */
#pragma once

#include <stdint.h>

/*
 * Drops every capability, sets resource limits, and loads a system call filter; to be called with
 * all threads started. Returns the enum sandbox_layer bits that hold, with errno set for what
 * doesn't.
 */
uint32_t supervisor_sandbox_enter(void);
