/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of the workload program. Functions that return bool have complained when it is false. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "workload/workload.h"

/* Longest name of a congestion control algorithm, with its NUL (TCP_CA_NAME_MAX). */
#define CONGESTION_NAME_SIZE 16

/* A listening TCP socket and an unconnected UDP socket, non-blocking, at one address and port. */
struct server_sockets {
	int tcp;
	int udp;
	uint16_t port; /* the one in use, also when options asked for 0 */
};

bool socket_serve(const struct workload_options *options, struct server_sockets *ret_sockets);

/*
 * A non-blocking UDP socket at options->dns_port that tells where each datagram was sent to.
 * Returns the descriptor, the caller's, or -1.
 */
int socket_serve_dns(const struct workload_options *options);

/*
 * A blocking TCP connection to the server, with TCP_NODELAY and timeouts of options->timeout.
 * Returns the descriptor, the caller's, or -1.
 */
int socket_connect(const struct workload_options *options);

/* A non-blocking UDP socket connected to the server; returns the descriptor or -1. */
int socket_connect_udp(const struct workload_options *options);

bool socket_set_nonblocking(int fd);

/* The congestion control that the TCP socket uses; "unknown" if the kernel does not say. */
void socket_congestion(int fd, char ret_name[static CONGESTION_NAME_SIZE]);

/* Sends or receives exactly length bytes on a blocking socket. */
bool socket_send_all(int fd, const void *data, size_t length);
bool socket_receive_all(int fd, void *data, size_t length);

/* Raises the limit of open descriptors as far as allowed; complains if it stays below needed. */
bool socket_raise_limit(uint64_t needed);
