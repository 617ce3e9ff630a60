/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the attacks go, and the sockets that they go with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Ports of the servers that the test starts (test_attacks.sh has the same numbers). */
#define PORT_LOOPBACK 7001  /* of the host, 127.0.0.1 and ::1 alone: must not be reached */
#define PORT_WILDCARD 7002  /* of the host, all addresses: must not be reached */
#define PORT_ALLOWED 7003   /* of the remote machine */
#define PORT_DENIED 7004    /* of the remote machine: must not be reached */
#define PORT_CLOSED 7009    /* of the remote machine: nobody listens */
#define PORT_PUBLISHED 7010 /* of the container, and of the host */
#define PORT_TAKEN 7020	    /* what an attack would like to bind on the host */
#define ABSTRACT_NAME "slirpway-attack" /* AF_UNIX, of the host */
#define BLACK_HOLE "203.0.113.1"

struct target {
	struct sockaddr_storage address;
	socklen_t length;
};

/* address: text, IPv4 or IPv6; no Internet address gives length 0. */
struct target target_make(const char *address, uint16_t port);

/* The remote machine, by the addresses in the environment. */
const char *target_remote4(void);
struct target target_allowed(void);
struct target target_closed(void);
struct target target_black_hole(void);

/* A stream socket whose blocking calls end after three seconds. protocol: 0 or IPPROTO_MPTCP. */
int stream_open(int family, int protocol);

/* 0 or the errno value. */
int stream_connect(int fd, const struct target *target);

/* True if at the other end is a server that must not be reached; waits up to a second for it. */
bool stream_is_forbidden(int fd);

/* A blocking connect with a fresh view: connects and looks who is there. */
bool stream_reaches(int fd, const struct target *target);

/*
 * Sockets that have been with the outside, for a container this means ones of the host (those are
 * made as programs make them): connected to the allowed server; or no longer connected, with
 * nothing left on them, as a program has after it gave a connection up.
 */
int stream_connected(int protocol);
int stream_given_up(int protocol);

/* Forks a process that does nothing but hold all descriptors; returns its id. */
int hold_descriptors(void);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t now_ms(void);

/* Has the remote machine try to connect to this machine's port. */
bool dialled_back(uint16_t port);
uint16_t local_port(int fd);
