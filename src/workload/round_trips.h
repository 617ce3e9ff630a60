/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One byte to the server and back, on connections that stay. */
#pragma once

#include "workload/clients.h"

/* Sends a byte on the blocking socket and waits for it to come back. */
bool exchange_byte(int fd);

/* A client_func: connects, and exchanges bytes on that connection. */
bool round_trips_client(const struct workload_options *options, struct client_result *result);
