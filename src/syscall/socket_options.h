/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying the options of one socket to another. */
#pragma once

#include "syscall/option_table.h"
#include "syscall/socket_facts.h"

/*
 * Sets on to, a fresh socket, every option that the program set on from (which is of the kind that
 * facts says); of those that are not set often, only the ones in set are looked at. Left out is
 * what needs privilege, and what names a device, a mark or a route of from's network namespace.
 * Sizes of buffers are copied only if the program chose them (SO_BUF_LOCK). The owner and the
 * signal of SIGIO are kept; O_ASYNC is a file status flag and not copied here. Never fails: an
 * option that is refused stays the kernel's choice.
 */
void socket_options_copy(int from, int to, const struct socket_facts *facts,
			 const struct options_set *set);
