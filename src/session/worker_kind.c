/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of worker processes that a session has: what sets them apart. */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "session/worker_kind.h"
#include "slirp-glue/engine.h"

/* Text from a worker goes to terminals: it has to end, and to be plain ASCII. */
static bool text_is_plain(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	if (length == size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isprint(text[i]))
			return false;
	return true;
}

static bool family_is_known(sa_family_t family)
{
	return family == AF_UNSPEC || family == AF_INET || family == AF_INET6;
}

static const char *check_engine_status(const void *body, size_t length)
{
	const struct engine_status *status = body;
	const struct flow *flows = (const struct flow *)(status + 1);

	if (length < sizeof(*status) || status->flows_sent > FLOWS_PER_STATUS ||
	    length != sizeof(*status) + status->flows_sent * sizeof(*flows))
		return "it sent a status of the wrong length";
	if (status->flows_total < status->flows_sent)
		return "it sent a status that counts too few flows";
	if (!text_is_plain(status->slirp_version, sizeof(status->slirp_version)))
		return "it sent a status with a malformed version";
	for (uint32_t i = 0; i < status->flows_sent; i++)
		if (!text_is_plain(flows[i].state, sizeof(flows[i].state)) ||
		    !family_is_known(flows[i].guest.address.family) ||
		    !family_is_known(flows[i].remote.address.family))
			return "it sent a status with a malformed flow";
	return NULL;
}

/* It holds nothing but numbers. */
static const char *check_supervisor_status(const void *body, size_t length)
{
	const struct supervisor_status *status = body;

	if (length != sizeof(*status))
		return "it sent a status of the wrong length";
	if (status->late_count > LATE_FORWARDS_MAX)
		return "it sent a status with too many forwards";
	return NULL;
}

const struct worker_kind worker_kind_engine = {
	.process = "slirpway-engine",
	.argument = "--engine",
	.words = "the packet engine",
	.first = MESSAGE_CONFIGURE,
	.config_size = sizeof(struct engine_config),
	.status = MESSAGE_STATUS_REPLY,
	.check_status = check_engine_status,
	.pause_max_ms = 5000,
	.final_status = ENGINE_EXIT_LINK_LOST,
	.final_words = "the container's network device is gone",
};

const struct worker_kind worker_kind_supervisor = {
	.process = "slirpway-supervisor",
	.argument = "--supervisor",
	.words = "the supervisor",
	.first = MESSAGE_SUPERVISE,
	.config_size = sizeof(struct supervisor_config),
	.status = MESSAGE_SUPERVISOR_STATUS,
	.check_status = check_supervisor_status,
	/* Calls wait for it; and a container that has it killed hurts itself alone. */
	.pause_max_ms = 200,
};
