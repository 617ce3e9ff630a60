/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attacks by races: what a call is about is changed while it is judged.
 *
 * Someone who shares memory and descriptors with the caller goes on and on exchanging the address,
 * or what the number stands for. A try wins if the judge saw the harmless one and the kernel the
 * other. Another process holds the exchanged sockets too, so that nobody can take them away.
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <arpa/inet.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

#define TRIES 6000
#define LONGEST_MS 10000 /* for all tries: some may wait for an answer */
#define STACK_BYTES (256 << 10)

struct race {
	int protocol;	 /* of the host's socket */
	bool in_process; /* the other one is no thread but a process with CLONE_FILES and CLONE_VM
			  */
	uint16_t port;	 /* of the forbidden address */
};

/* -- who exchanges ------------------------------------------------------------------------------
 */

struct exchange {
	int number; /* descriptors first and second take turns on it; -1: none */
	int first, second;
	struct sockaddr_in *address; /* or these two addresses do */
	struct sockaddr_in good, bad;
};

static void exchange_once(struct exchange *exchange, bool second)
{
	if (exchange->number >= 0)
		dup2(second ? exchange->second : exchange->first, exchange->number);
	if (exchange->address)
		*exchange->address = second ? exchange->bad : exchange->good;
}

/* The pauses differ in length, so that the turns keep no step with the calls. */
static int exchange_always(void *data)
{
	struct exchange *exchange = data;
	unsigned int turn = 0;

	for (;;) {
		exchange_once(exchange, turn++ & 1);
		for (volatile unsigned int i = 0; i < (turn * 37) % 3000; i++)
			continue;
	}
	return 0; /* never */
}

static void *exchange_in_thread(void *data)
{
	exchange_always(data);
	return NULL;
}

/* What is exchanged stays until the attack's process ends, as the other one does. */
static void start_exchange(const struct exchange *from, bool in_process)
{
	struct exchange *exchange = malloc(sizeof(*exchange));
	pthread_t thread;
	char *stack;

	*exchange = *from;
	if (!in_process) {
		pthread_create(&thread, NULL, exchange_in_thread, exchange);
		return;
	}
	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	clone(exchange_always, stack + STACK_BYTES, CLONE_VM | CLONE_FILES | SIGCHLD, exchange);
}

static struct target forbidden(const struct race *race)
{
	return target_make(race->port == PORT_DENIED ? target_remote4() : "127.0.0.1", race->port);
}

/* -- addresses ----------------------------------------------------------------------------------
 */

static enum attack_result try_address(const void *data, struct attack_report *report)
{
	const struct race *race = data;
	const struct target good = target_closed();
	const struct target bad = forbidden(race);
	static struct sockaddr_in address;
	struct exchange exchange = { .number = -1,
				     .address = &address,
				     .good = *(const struct sockaddr_in *)&good.address,
				     .bad = *(const struct sockaddr_in *)&bad.address };
	int connected = 0;
	int64_t deadline;

	address = exchange.good;
	start_exchange(&exchange, race->in_process);
	deadline = now_ms() + LONGEST_MS;
	for (int i = 0; i < TRIES && now_ms() < deadline; i++) {
		int fd = stream_open(AF_INET, race->protocol);

		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
			connected++;
			if (stream_is_forbidden(fd)) {
				attack_say(report, "at try %d", i + 1);
				return ATTACK_BROKEN;
			}
		}
		close(fd);
	}
	attack_say(report, "%d tries, %d connections to others", TRIES, connected);
	return ATTACK_HELD;
}

/* -- descriptors --------------------------------------------------------------------------------
 */

static int harmless_unix(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* A name of the kernel's choice. */
	bind(fd, (struct sockaddr *)&name, sizeof(sa_family_t));
	return fd;
}

/* The host's socket (second) and a harmless one (first) take turns. */
static struct exchange turns(int harmless, int used)
{
	return (struct exchange){ .number = dup(harmless), .first = harmless, .second = used };
}

/* How the tries ended, by errno. */
struct tally {
	int count[200];
};

static void note(struct tally *tally, int result)
{
	int number = result == 0 ? 0 : errno;

	tally->count[number < 200 ? number : 199]++;
}

static void say_tally(struct attack_report *report, const struct tally *tally)
{
	for (int i = 0; i < 200; i++)
		if (tally->count[i])
			attack_say(report, "%s: %d;", i ? strerrorname_np(i) : "done",
				   tally->count[i]);
}

/* harmless: an AF_UNIX socket, or one of the container for the container's own addresses. */
static enum attack_result connect_in_turns(const struct race *race, int harmless,
					   struct attack_report *report)
{
	const struct target bad = forbidden(race);
	int used = stream_given_up(race->protocol);
	struct exchange exchange = turns(harmless, used);
	struct tally tally = { 0 };
	int64_t deadline;

	if (used < 0)
		return attack_lacks(report, "no socket");
	hold_descriptors();
	start_exchange(&exchange, race->in_process);
	deadline = now_ms() + LONGEST_MS;
	for (int i = 0; i < TRIES && now_ms() < deadline; i++) {
		struct sockaddr_in peer;
		socklen_t length = sizeof(peer);

		note(&tally,
		     connect(exchange.number, (const struct sockaddr *)&bad.address, bad.length));
		if (getpeername(used, (struct sockaddr *)&peer, &length) == 0 &&
		    stream_is_forbidden(used)) {
			attack_say(report, "at try %d", i + 1);
			return ATTACK_BROKEN;
		}
	}
	say_tally(report, &tally);
	return ATTACK_HELD;
}

static enum attack_result try_connect_unix(const void *data, struct attack_report *report)
{
	return connect_in_turns(data, harmless_unix(), report);
}

static enum attack_result try_connect_own(const void *data, struct attack_report *report)
{
	return connect_in_turns(data, stream_open(AF_INET, 0), report);
}

static enum attack_result try_bind_unix(const void *data, struct attack_report *report)
{
	const struct race *race = data;
	const struct target local = target_make("0.0.0.0", PORT_TAKEN);
	int harmless = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int used = stream_given_up(race->protocol);
	struct exchange exchange = turns(harmless, used);
	struct tally tally = { 0 };
	int64_t deadline;

	if (used < 0)
		return attack_lacks(report, "no socket");
	hold_descriptors();
	start_exchange(&exchange, race->in_process);
	deadline = now_ms() + LONGEST_MS;
	for (int i = 0; i < TRIES && now_ms() < deadline; i++) {
		note(&tally,
		     bind(exchange.number, (const struct sockaddr *)&local.address, local.length));
		if (local_port(used) == PORT_TAKEN) {
			attack_say(report, "bound at try %d", i + 1);
			return ATTACK_BROKEN;
		}
	}
	say_tally(report, &tally);
	return ATTACK_HELD;
}

static bool listens(int fd)
{
	int on = 0;
	socklen_t length = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &length) == 0 && on;
}

static enum attack_result try_listen_unix(const void *data, struct attack_report *report)
{
	const struct race *race = data;
	int harmless = harmless_unix();
	int used = stream_given_up(race->protocol);
	struct exchange exchange = turns(harmless, used);
	struct tally tally = { 0 };
	int64_t deadline;

	if (used < 0)
		return attack_lacks(report, "no socket");
	hold_descriptors();
	start_exchange(&exchange, race->in_process);
	deadline = now_ms() + LONGEST_MS;
	for (int i = 0; i < TRIES && now_ms() < deadline; i++) {
		note(&tally, listen(exchange.number, 4));
		if (listens(used)) {
			uint16_t port = local_port(used);
			bool reached = dialled_back(port);

			attack_say(report, "listens at port %u, try %d; %s", port, i + 1,
				   reached ? "reached from outside" : "not reached");
			return reached ? ATTACK_BROKEN : ATTACK_HELD;
		}
	}
	say_tally(report, &tally);
	return ATTACK_HELD;
}

/* -- ioctl --------------------------------------------------------------------------------------
 */

static bool tells_of_host(const struct ifconf *list)
{
	const char *host = getenv("WORLD_HOST4");
	char text[INET_ADDRSTRLEN];

	for (size_t i = 0; i < (size_t)list->ifc_len / sizeof(struct ifreq); i++) {
		struct sockaddr_in *address = (struct sockaddr_in *)&list->ifc_req[i].ifr_addr;

		inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
		if (host && strcmp(text, host) == 0)
			return true;
	}
	return false;
}

static enum attack_result try_interfaces(const void *data, struct attack_report *report)
{
	const struct race *race = data;
	int used = stream_given_up(race->protocol);
	struct exchange exchange = turns(harmless_unix(), used);
	struct tally tally = { 0 };
	int64_t deadline;

	if (used < 0)
		return attack_lacks(report, "no socket");
	hold_descriptors();
	start_exchange(&exchange, race->in_process);
	deadline = now_ms() + LONGEST_MS;
	for (int i = 0; i < TRIES && now_ms() < deadline; i++) {
		struct ifreq rows[16] = { 0 };
		struct ifconf list = { .ifc_len = sizeof(rows), .ifc_req = rows };
		int result = ioctl(exchange.number, SIOCGIFCONF, &list);

		note(&tally, result);
		if (result == 0 && tells_of_host(&list)) {
			attack_say(report, "the host's addresses, at try %d", i + 1);
			return ATTACK_BROKEN;
		}
	}
	say_tally(report, &tally);
	return ATTACK_HELD;
}

#define RACE(protocol, in_process, port)                                                           \
	&(const struct race)                                                                       \
	{                                                                                          \
		protocol, in_process, port                                                         \
	}

const struct attack attacks_by_race[] = {
	{ "race/address-loopback", PROOF_NAIVE, try_address, RACE(0, false, PORT_LOOPBACK) },
	{ "race/address-denied", PROOF_NAIVE, try_address, RACE(0, false, PORT_DENIED) },
	{ "race/address-by-process", PROOF_NAIVE, try_address, RACE(0, true, PORT_LOOPBACK) },
	{ "race/address-multipath", PROOF_NAIVE, try_address,
	  RACE(IPPROTO_MPTCP, false, PORT_LOOPBACK) },
	{ "race/connect-unix", PROOF_NAIVE, try_connect_unix, RACE(0, false, PORT_LOOPBACK) },
	{ "race/connect-unix-by-process", PROOF_NAIVE, try_connect_unix,
	  RACE(0, true, PORT_LOOPBACK) },
	{ "race/connect-unix-multipath", PROOF_NAIVE, try_connect_unix,
	  RACE(IPPROTO_MPTCP, false, PORT_LOOPBACK) },
	{ "race/connect-unix-wildcard", PROOF_NAIVE, try_connect_unix,
	  RACE(0, false, PORT_WILDCARD) },
	{ "race/connect-unix-denied", PROOF_NAIVE, try_connect_unix, RACE(0, false, PORT_DENIED) },
	{ "race/connect-own-address", PROOF_PLAIN, try_connect_own, RACE(0, false, PORT_LOOPBACK) },
	{ "race/bind-unix", PROOF_NAIVE, try_bind_unix, RACE(0, false, 0) },
	{ "race/bind-unix-multipath", PROOF_NAIVE, try_bind_unix, RACE(IPPROTO_MPTCP, false, 0) },
	{ "race/listen-unix", PROOF_NAIVE, try_listen_unix, RACE(0, false, 0) },
	{ "race/listen-unix-multipath", PROOF_NAIVE, try_listen_unix,
	  RACE(IPPROTO_MPTCP, false, 0) },
	{ "race/interfaces", PROOF_NAIVE, try_interfaces, RACE(0, false, 0) },
	{ NULL, PROOF_NONE, NULL, NULL },
};
