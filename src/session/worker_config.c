/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the workers of a session are told at their start, made from what the session is asked to be.
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "session/session.h"
#include "session/worker_config.h"

/* How many descriptors we want at most, and how many of them the flows leave to everything else. */
#define DESCRIPTORS_MAX 65536
#define DESCRIPTORS_RESERVED 64

static uint32_t flows_max(uint64_t limit)
{
	limit = MIN(limit, DESCRIPTORS_MAX);
	return (uint32_t)(limit > 2 * DESCRIPTORS_RESERVED ? limit - DESCRIPTORS_RESERVED
							   : limit / 2);
}

/* With an address that the host doesn't have each connection would fail, and nobody could tell. */
static bool check_outbound_address(const struct address *address, GError **error)
{
	struct endpoint endpoint = { .address = *address };
	struct sockaddr_storage storage;
	char text[ADDRESS_TEXT_MAX];
	CLEANUP_CLOSE int fd = -1;

	if (address->family == AF_UNSPEC)
		return true;
	fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&storage, endpoint_to_sockaddr(&endpoint, &storage)) == 0)
		return true;
	error_set_errno(error, errno, "outbound address %s", address_format(address, text));
	return false;
}

static bool check_outbound_interface(const char *name, GError **error)
{
	if (name && if_nametoindex(name) == 0) {
		error_set_errno(error, errno, "outbound interface %s", name);
		return false;
	}
	if (name && strlen(name) >= IF_NAMESIZE) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "interface name %s: too long", name);
		return false;
	}
	return true;
}

static bool check_outbound(const struct session_config *config, GError **error)
{
	return check_outbound_address(&config->outbound_v4, error) &&
	       check_outbound_address(&config->outbound_v6, error) &&
	       check_outbound_interface(config->outbound_interface, error);
}

bool worker_config_fill_engine(const struct session_config *config, const struct session_link *link,
			       struct engine_config *ret_engine, GError **error)
{
	uint64_t limit = descriptor_raise_limit(DESCRIPTORS_MAX);

	if (!check_outbound(config, error))
		return false;
	*ret_engine = (struct engine_config){
		.network = config->network,
		.policy = config->policy,
		.outbound_v4 = config->outbound_v4,
		.outbound_v6 = config->outbound_v6,
		.link = link->kind,
		.link_vnet_header = link->vnet_header,
		.host_loopback = config->host_loopback,
		.dns = config->dns,
		.dhcp = config->dhcp,
		.configured = config->configure,
		.snapshot_length = config->snapshot_length,
		.flows_max = flows_max(limit),
	};
	if (config->outbound_interface)
		g_strlcpy(ret_engine->outbound_interface, config->outbound_interface,
			  sizeof(ret_engine->outbound_interface));
	return true;
}

bool worker_config_fill_supervisor(const struct session_config *config, bool packets, bool walled,
				   struct supervisor_config *ret_supervisor, GError **error)
{
	descriptor_raise_limit(DESCRIPTORS_MAX);
	if (!check_outbound(config, error))
		return false;
	*ret_supervisor = (struct supervisor_config){
		.network = config->network,
		.policy = config->policy,
		.outbound_v4 = config->outbound_v4,
		.outbound_v6 = config->outbound_v6,
		.host_loopback = config->host_loopback,
		.packets = packets,
		.walled = walled,
		.virtual_addresses = config->virtual_addresses,
		.everything = config->swap_everything,
	};
	if (config->outbound_interface)
		g_strlcpy(ret_supervisor->outbound_interface, config->outbound_interface,
			  sizeof(ret_supervisor->outbound_interface));
	return true;
}
