/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port of the host that is ours until a program of the container takes it. */
#pragma once

#include "base/address.h"

/*
 * A socket that is bound to endpoint and does not listen, the caller's; -errno. Connections of an
 * earlier listener that linger in TIME-WAIT are not in the way.
 */
int reservation_open(const struct endpoint *endpoint);
