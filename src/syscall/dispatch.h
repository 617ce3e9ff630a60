/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a notification to its handler. */
#pragma once

#include "syscall/shared_state.h"

struct supervisor;

/* Deals with the notification in slot: answers it, or leaves it waiting. */
void dispatch_call(struct supervisor *supervisor, struct slot *slot);
