/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connect(2) on UDP sockets, and on what is neither TCP nor UDP. */
#pragma once

#include "syscall/call.h"

/* call: on a pinned Internet socket that is no stream, its address read. */
struct outcome connect_datagram(struct supervisor *supervisor, struct call *call);
