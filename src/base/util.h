/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things that every layer may use; includes nothing of the project. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Rounds up to a multiple of a power of two. */
#define ALIGN_UP(value, to) (((value) + (to)-1) & ~((to)-1))
