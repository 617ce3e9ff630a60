/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the syscall path counts. A row added to the one table here shows in status. */
#pragma once

#include <stdint.h>

/* clang-format off */
#define CALL_COUNTERS(X)                                                               \
	X(connect,            "connect calls trapped")                                 \
	X(bind,               "bind calls trapped")                                    \
	X(listen,             "listen calls trapped")                                  \
	X(send,               "calls trapped that send a datagram to an address")      \
	X(setsockopt,         "setsockopt calls trapped, of options rarely set")       \
	X(clone,              "processes made that share a descriptor table")          \
	X(epoll_create,       "epoll instances that programs made")                    \
	X(ioctl,              "ioctl calls trapped")                                   \
	X(name,               "getsockname and getpeername calls trapped")             \
	X(accept,             "accept calls trapped")                                  \
	X(on_behalf,          "calls done on behalf on the socket as it is")           \
	X(continued,          "calls left to the kernel")                              \
	X(refused,            "calls refused by the rules")                            \
	X(swapped,            "sockets of the host put in a container socket's place") \
	X(given_back,         "sockets of the host taken back for one of the container")\
	X(shared_sockets,     "sockets left to packets: another process holds them too")\
	X(duplicates,         "duplicates of swapped sockets that were replaced as well")\
	X(epoll_moves,        "epoll registrations made again for a swapped socket")   \
	X(published_binds,    "published ports handed to a program")                   \
	X(published_connects, "connects inside that went to a published port's program")\
	X(waits,              "calls that had to wait for the other side")             \
	X(timeouts,           "waits ended by the socket's send timeout")              \
	X(restarted,          "waits ended by a signal")                               \
	X(replayed,           "calls begun again after a supervisor was lost")         \
	X(abandoned,          "calls given up: no supervisor survived them")           \
	X(gone,               "callers that were gone before their answer")            \
	X(slots_exhausted,    "times that calls had to queue for want of a free slot") \
	X(trace_lost,         "trace lines lost: its file took no more")
/* clang-format on */

enum call_counter {
#define CALL_COUNTER_ENUM(name, text) CALL_COUNTER_##name,
	CALL_COUNTERS(CALL_COUNTER_ENUM)
#undef CALL_COUNTER_ENUM
		CALL_COUNTER_COUNT
};

/* The counters of one supervisor; plain data, copied whole. */
struct call_counters {
	uint64_t value[CALL_COUNTER_COUNT];
};

/* Adds one. */
#define call_counter_add(counters, name) ((counters)->value[CALL_COUNTER_##name]++)

/* The name of a counter as status prints it; NULL beyond the table. */
const char *call_counter_name(enum call_counter counter);

/* One line on what it counts. */
const char *call_counter_text(enum call_counter counter);
