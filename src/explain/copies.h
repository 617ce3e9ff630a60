/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often the bytes of a frame are copied on their way through the engine. Pure. */
#pragma once

#include <stdint.h>

#include "explain/frame_text.h"

/*
 * The bytes that the engine copies for a frame, or has the kernel copy into or out of its memory:
 * each byte as often as it is copied. That follows from the code of the engine and of libslirp 4.7,
 * and is not measured.
 */
uint64_t copies_of_frame(const struct frame_note *note);
