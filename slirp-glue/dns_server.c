/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets to the host's DNS servers. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "slirp-glue/dns_server.h"

int dns_server_connect(const struct dns_servers *servers, uint32_t index, int type)
{
	struct sockaddr_storage storage;
	socklen_t length = endpoint_to_sockaddr(&servers->servers[index], &storage);
	CLEANUP_CLOSE int fd = -1;

	if (storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&storage)->sin6_scope_id = servers->scope[index];
	fd = socket(storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&storage, length) < 0 && errno != EINPROGRESS)
		return -errno;
	return descriptor_steal(&fd);
}

void dns_server_order(const struct dns_servers *servers, uint32_t first,
		      struct dns_servers *ret_servers)
{
	struct dns_servers ordered = *servers;
	uint32_t place = 1;

	for (uint32_t i = 0; i < servers->count; i++) {
		uint32_t to = i == first ? 0 : place++;

		ordered.servers[to] = servers->servers[i];
		ordered.scope[to] = servers->scope[i];
	}
	*ret_servers = ordered;
}
