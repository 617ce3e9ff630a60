/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The four kinds of links that slirp4netns(1) can be pointed at. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "options/slirp4netns_options.h"
#include "session/session.h"

/*
 * Opens the link that invocation names; for BESS this waits until a client connects. Sets the kind
 * of the device in invocation's config to what was got. Returns false with error set; otherwise
 * ret_link->fd is the caller's and ret_link->name is invocation's.
 */
bool slirp4netns_link_open(struct slirp4netns_invocation *invocation, struct session_link *ret_link,
			   GError **error);
