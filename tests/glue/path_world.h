/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet path with libslirp in it, between a fake container that speaks frames and sockets on the
 * loopback of this machine. One thread: whoever waits turns the path meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/forward.h"
#include "base/message.h"
#include "slirp-glue/path.h"
#include "tests/unit/packets.h"

#define GUEST "10.0.2.100"
#define GATEWAY "10.0.2.2"
#define DNS "10.0.2.3"
#define GUEST6 "fd00::100"
#define GATEWAY6 "fd00::2"

/* A frame that the container received. */
struct world_frame {
	struct packet_bytes packet;
	uint8_t gso_type; /* of the header before it, on a link that has one */
	uint16_t gso_size;
};

struct world {
	struct engine_config config; /* to be changed before world_open */
	struct counters counters;
	struct loop *loop;
	struct path *path;
	struct loop_timer *deadline;
	bool expired;
	int container;		    /* its end of the link */
	struct packet_bytes packet; /* to build frames in */
	struct world_frame frame;   /* the last that was received */
};

extern struct world world;

/* Fixtures: a configuration with the host's loopback open and no DNS; world_open makes the path. */
void world_setup(void);
void world_teardown(void);
void world_open(void);

uint64_t world_count(enum counter counter);

/* Turns the path until done says so; fails the test after some seconds. */
void world_wait(bool (*done)(void *data), void *data);

/* The container sends length bytes as they are, or world.packet behind the link's header. */
void world_put_bytes(const void *bytes, size_t length);
void world_put(void);

/*
 * Turns the path until the container has received a frame that matches, which is then in
 * world.frame; others are passed over, questions for its hardware address are answered.
 */
typedef bool (*world_match)(const uint8_t *frame, size_t length, void *data);
void world_expect(world_match matches, void *data);

/* True if a frame that matches is there without any further turn. */
bool world_received(world_match matches, void *data);

/* The container asks for the gateway's hardware address, and is told. */
void world_ask_gateway(void);

/* A socket on this machine's loopback at a free port, listening if it is a stream; ends a wait. */
int host_open(sa_family_t family, int type, uint16_t *ret_port);

/* Waits for the next connection to a listener. */
int host_accept(int listener);

/* Waits for bytes or a datagram; 0 at the end of the stream. ret_from may be NULL. */
size_t host_receive(int fd, void *buffer, size_t size, struct sockaddr_storage *ret_from);

/* Closes what host_open and host_accept gave. */
void host_close(int fd);
