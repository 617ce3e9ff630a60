/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a destination means to the container. Pure. */
#pragma once

#include "base/address.h"
#include "base/network.h"

enum zone {
	ZONE_OUTSIDE,
	ZONE_OWN, /* the container itself */
	ZONE_GATEWAY,
	ZONE_LINK,    /* the container's own links */
	ZONE_NOWHERE, /* nothing that a socket of the host could be for */
};

/*
 * The zone of an address that is not v4-mapped, and in *ret_reason static text on why. These are
 * rules 5 to 9 of verdict.c.
 */
enum zone zone_find(const struct network *network, const struct address *address,
		    const char **ret_reason);

/* The container's own address of a family, AF_INET or AF_INET6. */
struct address zone_container_address(const struct network *network, sa_family_t family);

/* The gateway's address of a family. */
struct address zone_gateway_address(const struct network *network, sa_family_t family);
