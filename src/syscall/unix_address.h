/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address of a Unix socket says, unix(7). Pure. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for the longest path, which need not end with a NUL in the address, and one. */
#define UNIX_PATH_SIZE sizeof(struct sockaddr_un)

/* True if it is a path, which is copied to path; not for abstract names and for none. */
bool unix_address_has_path(const struct sockaddr *address, socklen_t length,
			   char path[static UNIX_PATH_SIZE]);
