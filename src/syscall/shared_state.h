/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives a supervisor that is killed: memory shared by the session and each supervisor in
 * turn. The kernel writes every notification straight into a slot of it, so that none is lost
 * between its receipt and its answer.
 */
#pragma once

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "syscall/option_table.h"
#include "syscall/swap_journal.h"

/* Calls that may wait at once; beyond it the callers wait for those before them. */
#define SLOTS_MAX 16384

/* Sockets of published ports that are remembered. */
#define PUBLISHED_MAX 1024

/* Attempts of a call that has held up its supervisor, which is then not tried again. */
#define SLOT_POISONED UINT32_C(1000)

struct slot {
	struct seccomp_notif notification; /* id 0: free */
	uint32_t attempts;		   /* how many supervisors have begun with it */
	int64_t deadline; /* monotonic microseconds, of all of its waits together; 0: none */
	int32_t answer;	  /* what the call comes to once its socket is placed */
	bool placed;	  /* a socket has been put in the caller's place */
	bool begun;	  /* a connection, by this call */
	bool unblocked;	  /* it is O_NONBLOCK by us, and not by its program */
};

/* A socket that was put in place for a published port. */
struct published_socket {
	uint32_t forward; /* its id; 0: free */
	uint32_t unused;
	uint64_t cookie; /* SO_COOKIE */
};

/* Sockets of a kind whose names are remembered, see named_sockets.h. */
#define NAMED_MAX 2048

enum named_kind {
	NAMED_LISTENER, /* bound for a published port */
	NAMED_CLIENT,	/* connected to a program of the container by its published port */
	NAMED_KINDS
};

struct named_socket {
	uint64_t cookie; /* SO_COOKIE; 0: free */
	uint32_t name;	 /* enum virtual_name */
	uint32_t unused;
};

struct named_ring {
	uint32_t next; /* the row to be used next, modulo NAMED_MAX */
	uint32_t unused;
	struct named_socket sockets[NAMED_MAX];
};

struct shared_state;

/* A memfd for it, the caller's; -errno. */
int shared_state_create(void);

/* Maps it; NULL with errno set, EINVAL where memfd is not one. Does not take memfd over. */
struct shared_state *shared_state_map(int memfd);

/* NULL is allowed. */
void shared_state_unmap(struct shared_state *state);

/*
 * A free slot, zeroed; NULL if all are taken. It is in use from when its notification has an id;
 * until then the next call gives the same one again. Slots are to be taken and released through one
 * mapping only, that of the supervisor; any may look at them.
 */
struct slot *shared_state_free_slot(struct shared_state *state);

/* Frees a slot; one that is free already stays so. */
void shared_state_release(struct shared_state *state, struct slot *slot);

/* Calls visit for each slot in use; visit may release it, and may take others. */
void shared_state_each(struct shared_state *state, void (*visit)(struct slot *slot, void *data),
		       void *data);

/* How many slots are in use: counted, over as many as ever were at once. */
uint32_t shared_state_used(const struct shared_state *state);

/* Two processes of the container may have one descriptor table from now on; for ever. */
void shared_state_note_sharing(struct shared_state *state);
bool shared_state_has_sharing(const struct shared_state *state);

/* Which options have been set; for setsockopt.c. */
struct options_set *shared_state_options_set(struct shared_state *state);

/* The swap that is under way; for swap.c. */
struct swap_journal *shared_state_swap(struct shared_state *state);

/* PUBLISHED_MAX rows, for published.c. */
struct published_socket *shared_state_published(struct shared_state *state);

/* For named_sockets.c. */
struct named_ring *shared_state_named(struct shared_state *state, enum named_kind kind);
