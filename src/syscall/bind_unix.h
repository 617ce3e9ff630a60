/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding what is no Internet socket. */
#pragma once

#include "syscall/call.h"

/* bind(2) on such a socket: the kernel does it where that is safe, or we. */
struct outcome bind_other(struct supervisor *supervisor, struct call *call);
