/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trapped calls, a function each; what they do is told above each one's file. */
#pragma once

#include "syscall/call.h"

struct outcome handle_connect(struct supervisor *supervisor, struct call *call);
struct outcome handle_bind(struct supervisor *supervisor, struct call *call);
struct outcome handle_listen(struct supervisor *supervisor, struct call *call);
struct outcome handle_ioctl(struct supervisor *supervisor, struct call *call);
struct outcome handle_getsockname(struct supervisor *supervisor, struct call *call);
struct outcome handle_getpeername(struct supervisor *supervisor, struct call *call);
struct outcome handle_accept(struct supervisor *supervisor, struct call *call);
struct outcome handle_sendto(struct supervisor *supervisor, struct call *call);
struct outcome handle_sendmsg(struct supervisor *supervisor, struct call *call);
struct outcome handle_sendmmsg(struct supervisor *supervisor, struct call *call);
struct outcome handle_setsockopt(struct supervisor *supervisor, struct call *call);
struct outcome handle_epoll_create(struct supervisor *supervisor, struct call *call);
