/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address of a Unix socket says. */

#include "config.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

#include "syscall/unix_address.h"

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

bool unix_address_has_path(const struct sockaddr *address, socklen_t length,
			   char path[static UNIX_PATH_SIZE])
{
	struct sockaddr_un un = { .sun_family = AF_UNSPEC };

	memcpy(&un, address, MIN((size_t)length, sizeof(un)));
	if (length <= PATH_OFFSET || length > sizeof(un) || un.sun_family != AF_UNIX ||
	    un.sun_path[0] == '\0')
		return false;
	memcpy(path, un.sun_path, length - PATH_OFFSET);
	path[length - PATH_OFFSET] = '\0';
	return true;
}
