/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes from the engine every right that it does not need. */
#pragma once

#include <stdint.h>

/*
 * First stage, while the process has one thread and before any socket is made: own mount, IPC and
 * UTS namespaces with an empty root directory (left writable, for the DNS stream socket), and an
 * own user namespace around them where the caller lacks CAP_SYS_ADMIN. The network namespace stays,
 * and so do the ids and what is open. Returns the enum sandbox_layer bits that hold (SANDBOX_ROOT
 * or none); if none, *ret_reason says why, in one clause that lives as long as the process.
 */
uint32_t sandbox_enter_root(const char **ret_reason);

/*
 * Last stage, before the first frame: the root read-only, resource limits, no capabilities but
 * CAP_NET_BIND_SERVICE where the process held it from the start, no new privileges, Landlock where
 * the kernel has it, and the seccomp allow-list, which from then on kills the process at
 * what only an attacker would try and refuses the rest. layers are the bits so far; without
 * SANDBOX_ROOT no AF_UNIX sockets can be made any more. Returns the bits that hold now; if one
 * of the four is missing, *ret_reason says why the first of those that failed here did (it is left
 * alone otherwise).
 */
uint32_t sandbox_seal(uint32_t layers, const char **ret_reason);
