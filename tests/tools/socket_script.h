/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scenarios of socket_script are made of: peers by name, and canonical lines of output. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Who can be connected to. Addresses are never printed, only the names of these. */
enum place {
	REMOTE4, /* the remote machine */
	REMOTE6,
	REMOTE_MAPPED,
	SILENT4, /* nobody is there, and nobody says so */
	SILENT6,
	NO_ROUTE4, /* the host's routes say: network unreachable */
	NO_ROUTE6,
	NO_HOST4,    /* the host's routes say: host unreachable */
	PROHIBITED4, /* the host's routes say: not permitted */
	FAR_AWAY4,   /* the remote's routes say: host unreachable; by ICMP */
	LOOPBACK4,
	LOOPBACK6,
	LOOPBACK_MAPPED,
	ANY4,
	ANY6,
	ANY_MAPPED,
	OWN4, /* the address of the program's own network */
	OWN6,
	OWN_MAPPED,
	ELSEWHERE4, /* an address that nobody has */
	ELSEWHERE6,
	PLACES,
};

enum port {
	PORT_ECHO = 7000,   /* at the remote: sends back what comes, and closes after the peer */
	PORT_CLOSED = 7001, /* nobody listens */
	PORT_RESET = 7002,  /* at the remote: resets what is connected as soon as a byte comes */
	PORT_TALK = 7003,   /* at the remote: says "hello", urgent "!", and closes its half */
	PORT_UDP = 7005,    /* at the remote: sends datagrams back */
	PORT_OWN = 7100,    /* for listeners of the scenarios, and the next few */
	PORT_SOURCE = 7200, /* for clients that bind, and the next few */
	PORT_PUBLISHED4 = 8080, /* published at 0.0.0.0 */
	PORT_PUBLISHED6 = 8081, /* published at [::] */
	PORT_PUBLISHED = 8082,	/* published at both */
};

/* What a scenario needs, or it is not run. */
enum need {
	NEED_ORDINARY_USER = 1, /* not root in its user namespace */
	NEED_PUBLISHED = 2,	/* those ports are published to it */
	NEED_LATE_PEER = 4,	/* the silent one answers later; to be named */
};

struct scenario {
	const char *name;
	unsigned int needs;
	void (*run)(void);
};

/* By theme; each ends with a row without a name. */
extern const struct scenario connect_scenarios[];
extern const struct scenario repeat_scenarios[];
extern const struct scenario wait_scenarios[];
extern const struct scenario option_scenarios[];
extern const struct scenario descriptor_scenarios[];
extern const struct scenario event_scenarios[];
extern const struct scenario bind_scenarios[];
extern const struct scenario listen_scenarios[];
extern const struct scenario published_scenarios[];
extern const struct scenario family_scenarios[];
extern const struct scenario stream_scenarios[];
extern const struct scenario task_scenarios[];
extern const struct scenario walk_scenarios[];

/* Serves at the remote, and obeys those who connect to the UNIX socket at path; never returns. */
int peer_run(const char *path);

/* -- output -- */

/* One line. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "what: ok", "what: ECONNREFUSED" for a call's result -1 and errno, "what: 5"; returns result. */
long say_result(const char *what, long result);

/* The name of an errno value; "ok" for 0. */
const char *error_text(int number);

/* "IN|OUT", "none" for poll(2)'s and epoll's events (they have the same values). */
const char *events_text(uint32_t events, char buffer[static 64]);

/* -- addresses -- */

/* Returns the length. Exits where the environment does not say where place is. */
socklen_t place_address(enum place place, uint16_t port, struct sockaddr_storage *ret_address);

/* "remote 7000", "own ephemeral"; v4-mapped addresses as "mapped remote 7000". */
const char *address_text(const struct sockaddr_storage *address, char buffer[static 64]);

int place_family(enum place place);

/* -- sockets -- */

/* A TCP socket of the place's family; flags as SOCK_NONBLOCK. Exits if there is none. */
int open_stream(enum place place, int flags);

/* 0 or -1 with errno. */
int connect_place(int fd, enum place place, uint16_t port);

/* Connects and says "connect: ...". */
int say_connect(int fd, enum place place, uint16_t port);

/* An AF_UNSPEC connect. */
int say_dissolve(int fd);

int say_bind(int fd, enum place place, uint16_t port);
int say_listen(int fd, int backlog);

/* Accepts within five seconds; says the peer; the new socket or -1. */
int say_accept(int listener);

/* What getsockname, getpeername and SO_ERROR answer. */
void say_local(int fd);
void say_peer(int fd);
void say_error(int fd);

/* poll(2) for IN|OUT|RDHUP|PRI within so many milliseconds. */
void say_poll(int fd, int timeout_ms);

/* poll(2) for these events alone. */
void say_poll_for(int fd, short events, int timeout_ms);

/* The same for IN when the peer's reset has been there, within five seconds. */
void say_poll_reset(int fd);

/* Sends text and says what comes back of it. */
void say_exchange(int fd, const char *text);

/* Sends text; receives what is there within five seconds. */
void say_send(int fd, const char *text);
void say_receive(int fd);

/* The value of an option of type int. */
void say_option(const char *name, int fd, int level, int option);

void set_option(int fd, int level, int option, int value);

/* Whether fd is closed by exec, blocks, and is what it was. */
void say_flags(const char *name, int fd);

/* Connected to PORT_ECHO of the remote by a blocking connect. */
int open_connected(void);

/* Closes with a reset, so that the addresses are free at once. */
void close_at_once(int fd);

/* Waits until a connection that is on its way came to something; at most five seconds. */
void settle(int fd);

/* Milliseconds since some moment. */
int64_t now_ms(void);

/* Says whether the time since start lies in these bounds. */
void say_time(const char *what, int64_t start, int64_t at_least_ms, int64_t at_most_ms);

/* -- the remote, by its UNIX socket -- */

int peer_open(void);

/* Sends a line, says "remote: ANSWER". Requests: connect4|connect6 PORT, send TEXT, receive, end,
 * reset, close, listening PORT. */
void peer_ask(int peer, const char *request);

/* Waits for a child and says how it ended. */
void say_child(int pid);
