/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program can do. Each prints its own errors and returns true when all went well. */
#pragma once

#include "workload/workload.h"

bool workload_server(const struct workload_options *options);
bool workload_stream(const struct workload_options *options);
bool workload_checksum(const struct workload_options *options);
bool workload_rr(const struct workload_options *options);
bool workload_connect(const struct workload_options *options);
bool workload_idle(const struct workload_options *options);
bool workload_hold(const struct workload_options *options);
bool workload_udp(const struct workload_options *options);
bool workload_names(const struct workload_options *options);
