/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints as addresses for a socket of a given domain. Pure. */
#pragma once

#include <sys/socket.h>

#include "base/address.h"

/*
 * Fills *ret_storage for a socket of domain: an IPv4 endpoint becomes v4-mapped for an AF_INET6
 * one. Returns the length; 0 if the endpoint has no address, or is IPv6 for an AF_INET socket.
 */
socklen_t socket_address_for(int domain, const struct endpoint *endpoint,
			     struct sockaddr_storage *ret_storage);
