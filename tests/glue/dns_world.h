/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's surroundings for its tests: a clock that can be set, fake servers, a fake container.
 */
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/counters.h"
#include "base/message.h"
#include "slirp-glue/dns_relay.h"
#include "slirp-glue/loop.h"

#define SECOND (1000ULL * 1000 * 1000)

/* What a fake server does with each query over UDP. */
enum behaviour {
	ANSWERS,      /* code 0, and a payload that names the server */
	SAYS_NAME,    /* code 3: no such name, a good answer */
	SAYS_FAILURE, /* code 2 */
	SAYS_NOT_IMPLEMENTED,
	SAYS_REFUSED,
	KEEPS_SILENT,
	GARBLES_ID,
	ANSWERS_SHORT,	   /* fewer bytes than a header */
	ECHOES_QUERY,	   /* the QR bit is clear */
	ANSWERS_AT_LENGTH, /* answer_size bytes */
	IS_CLOSED,	   /* the port is, so that the kernel refuses */
	IS_UNREACHABLE,	   /* connect fails */
};

struct server {
	enum behaviour behaviour;
	size_t answer_size;
	int fd;
	struct endpoint endpoint;
	int asked;
	/* the last query, to be answered by hand */
	struct sockaddr_storage asker;
	socklen_t asker_length;
	uint8_t query[8192];
	size_t query_length;
};

#define WORLD_SERVERS 4
#define WORLD_FRAMES 2000

struct world {
	struct loop *loop;
	struct counters counters;
	struct dns_relay *relay;
	struct server servers[WORLD_SERVERS];
	/* what the container received */
	int frames;
	uint8_t frame[FRAME_MAX];
	size_t frame_length;
	uint16_t ids[WORLD_FRAMES];
};

extern struct world world;

/* Fixtures: a relay with the given MTU and no servers. */
void world_start(uint32_t mtu);
void world_stop(void);

/* Moves the loop's clock. */
void world_pass(uint64_t ns);

/* Turns the loop until nothing is ready any more. */
void world_settle(void);

/* Starts a server on IPv4 or IPv6 loopback; it is not the relay's yet. */
void world_serve(int index, sa_family_t family, enum behaviour behaviour);

/* Makes the first count servers the relay's list. */
void world_configure(uint32_t count);

/* Answers the server's last query with the given code. */
void server_answer(struct server *server, int code);

/* A query in a UDP frame of the container's, handed to the relay. */
#define QUESTION_SIZE 17 /* "example.org", IN A, behind the header: a query is 29 bytes */
void guest_ask(sa_family_t family, uint16_t port, uint16_t id);

/* The same with any payload; udp_length is what the header claims. */
void guest_send(sa_family_t family, uint16_t port, const void *payload, size_t length,
		size_t udp_length);

/* Writes a query of 12 + QUESTION_SIZE bytes. */
size_t make_query(uint8_t *buffer, uint16_t id);

/* The UDP payload of the last frame that the container received; checks its headers. */
const uint8_t *guest_payload(sa_family_t family, uint16_t port, size_t *ret_length);

/* The response code of that payload. */
int guest_code(sa_family_t family, uint16_t port);

uint64_t world_count(enum counter counter);

/* The cases about DNS over TCP. */
TCase *dns_stream_cases(void);
