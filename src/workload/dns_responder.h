/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name server that knows one answer, 192.0.2.1 (RFC 5737) for every name, so
 * that looking names up needs no other. */
#pragma once

struct dns_responder;

/* Answers what comes in at the socket of socket_serve_dns, which is now its own. */
struct dns_responder *dns_responder_new(int fd);

/* Answers some of the queries that are there. */
void dns_responder_step(struct dns_responder *responder);
