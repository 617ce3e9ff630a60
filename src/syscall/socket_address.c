/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints as addresses for a socket of a given domain. */

#include "config.h"

#include <string.h>

#include "syscall/socket_address.h"

socklen_t socket_address_for(int domain, const struct endpoint *endpoint,
			     struct sockaddr_storage *ret_storage)
{
	struct endpoint mapped = *endpoint;

	if (domain == AF_INET && endpoint->address.family == AF_INET6)
		return 0;
	if (domain == AF_INET6 && endpoint->address.family == AF_INET) {
		mapped.address = (struct address){ .family = AF_INET6 };
		mapped.address.bytes[10] = mapped.address.bytes[11] = 0xff;
		memcpy(&mapped.address.bytes[12], endpoint->address.bytes, 4);
	}
	return endpoint_to_sockaddr(&mapped, ret_storage);
}
