/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host's kernel told about a TCP socket of the host. Plain data. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct socket_note {
	int64_t time;	 /* microseconds since 1970: when it was told */
	uint64_t cookie; /* the kernel's number for the socket, never used twice */
	struct endpoint local;
	struct endpoint remote;
	bool ended;		 /* else it was still open when COMMAND had ended */
	bool accepted;		 /* at a published port; else connected */
	uint64_t bytes_sent;	 /* data, each byte once */
	uint64_t bytes_received; /* likewise, and one more for the peer's FIN */
	uint32_t round_trip_us;	 /* smoothed, microseconds; 0: not known */
	uint32_t segments_out;
	uint32_t segments_in;
	uint32_t retransmitted; /* segments that were sent again */
};
