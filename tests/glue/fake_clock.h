/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lets tests of long waits run in no time: linked in, it replaces clock_gettime of the program. */
#pragma once

#include <stdint.h>

/* Moves CLOCK_MONOTONIC on by so many nanoseconds. */
void fake_clock_pass(uint64_t ns);
