/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the table: each tries one feature, as struct feature says of its try. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "probe/feature.h"

#define ATTEMPT(name)                                                                              \
	bool attempt_##name(const struct feature_trial *trial, int argument, char **ret_detail,    \
			    GError **error)

/* namespaces.c */
ATTEMPT(user_namespace);
ATTEMPT(network_namespace);
ATTEMPT(namespace_settings);
ATTEMPT(subordinate_ids);

/* devices.c; argument: an enum device_kind. */
ATTEMPT(device);
ATTEMPT(large_segments);

/* calls.c: what the syscall path needs; argument: an enum syscall_feature. */
ATTEMPT(syscall_feature);

/* rights.c */
ATTEMPT(pidfd);
ATTEMPT(landlock);
ATTEMPT(ping_socket);
ATTEMPT(low_ports);
ATTEMPT(open_files);
ATTEMPT(io_uring);
