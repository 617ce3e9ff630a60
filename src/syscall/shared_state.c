/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives a supervisor that is killed: memory shared by the session and each supervisor.
 *
 * A slot is in use while its notification has an id, and nothing else says so: the kernel writes
 * the id, and no count can be wrong for a process that died in between. The memory also holds how
 * many slots from the first on were ever in use, so that a look over them is short. Which of those
 * are free again is a stack of the process that fills them, made anew when the memory is mapped.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "syscall/shared_state.h"

/* Since Linux 6.3, which may insist on it; not in older headers. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define MAGIC UINT64_C(0x31746174732d7773)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct layout {
	uint64_t magic;
	uint32_t size;	     /* of all of it: other builds have other sizes */
	uint32_t slots_seen; /* slots from here on were never in use */
	uint64_t sharing;    /* not 0: see shared_state_note_sharing */
	struct options_set options_set;
	struct swap_journal swap;
	struct published_socket published[PUBLISHED_MAX];
	struct named_ring named[NAMED_KINDS];
	struct slot slots[SLOTS_MAX];
};

struct shared_state {
	struct layout *layout;
	uint32_t free_count;
	uint16_t free_slots[SLOTS_MAX]; /* the last one may have been filled since it was handed out
					 */
};

G_STATIC_ASSERT(SLOTS_MAX <= UINT16_MAX);

static int create_memfd(void)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("slirpway-calls", flags | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("slirpway-calls", flags) : fd;
}

void shared_state_note_sharing(struct shared_state *state)
{
	state->layout->sharing = 1;
}

bool shared_state_has_sharing(const struct shared_state *state)
{
	return state->layout->sharing != 0;
}

int shared_state_create(void)
{
	const uint64_t magic = MAGIC;
	const uint32_t size = sizeof(struct layout);
	CLEANUP_CLOSE int fd = create_memfd();

	/* All else is zero. */
	if (fd < 0 || ftruncate(fd, size) < 0)
		return -errno;
	if (pwrite(fd, &magic, sizeof(magic), offsetof(struct layout, magic)) != sizeof(magic) ||
	    pwrite(fd, &size, sizeof(size), offsetof(struct layout, size)) != sizeof(size))
		return -EIO;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

/* Without the seals another process could take the memory away from under us (SIGBUS). */
static bool is_ours(int memfd)
{
	struct stat stat;
	int seals = fcntl(memfd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS && fstat(memfd, &stat) == 0 &&
	       stat.st_size == sizeof(struct layout);
}

static bool is_valid(const struct layout *layout)
{
	return layout->magic == MAGIC && layout->size == sizeof(*layout) &&
	       layout->slots_seen <= SLOTS_MAX;
}

/* The lowest on top: those in use stay close together. */
static void find_free_slots(struct shared_state *state)
{
	for (uint32_t i = state->layout->slots_seen; i-- > 0;)
		if (state->layout->slots[i].notification.id == 0)
			state->free_slots[state->free_count++] = (uint16_t)i;
}

struct shared_state *shared_state_map(int memfd)
{
	struct shared_state *state;
	struct layout *layout;

	if (!is_ours(memfd)) {
		errno = EINVAL;
		return NULL;
	}
	layout = mmap(NULL, sizeof(*layout), PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	if (layout == MAP_FAILED)
		return NULL;
	if (!is_valid(layout)) {
		munmap(layout, sizeof(*layout));
		errno = EINVAL;
		return NULL;
	}
	state = g_new0(struct shared_state, 1);
	state->layout = layout;
	find_free_slots(state);
	return state;
}

void shared_state_unmap(struct shared_state *state)
{
	if (!state)
		return;
	munmap(state->layout, sizeof(*state->layout));
	g_free(state);
}

/* The slot on top of the stack; NULL if it is empty. */
static struct slot *top_slot(struct shared_state *state)
{
	if (state->free_count == 0)
		return NULL;
	return &state->layout->slots[state->free_slots[state->free_count - 1]];
}

/* Takes the slot on top off the stack if it has been filled since it was handed out. */
static void settle(struct shared_state *state)
{
	const struct slot *slot = top_slot(state);

	if (slot && slot->notification.id != 0)
		state->free_count--;
}

struct slot *shared_state_free_slot(struct shared_state *state)
{
	struct slot *slot;

	settle(state);
	slot = top_slot(state);
	if (!slot) {
		if (state->layout->slots_seen >= SLOTS_MAX)
			return NULL;
		/* Seen before it is filled: no process that dies in between can hide it. */
		state->free_slots[state->free_count++] = (uint16_t)state->layout->slots_seen++;
		slot = top_slot(state);
	}
	memset(slot, 0, sizeof(*slot));
	return slot;
}

void shared_state_release(struct shared_state *state, struct slot *slot)
{
	if (slot->notification.id == 0)
		return;
	settle(state);
	memset(slot, 0, sizeof(*slot));
	state->free_slots[state->free_count++] = (uint16_t)(slot - state->layout->slots);
}

/* The other process is not trusted to keep the number in its range. */
static uint32_t slots_seen(const struct shared_state *state)
{
	return MIN(*(volatile const uint32_t *)&state->layout->slots_seen, SLOTS_MAX);
}

void shared_state_each(struct shared_state *state, void (*visit)(struct slot *slot, void *data),
		       void *data)
{
	uint32_t count = slots_seen(state);

	for (uint32_t i = 0; i < count; i++)
		if (state->layout->slots[i].notification.id != 0)
			visit(&state->layout->slots[i], data);
}

uint32_t shared_state_used(const struct shared_state *state)
{
	uint32_t count = slots_seen(state), used = 0;

	for (uint32_t i = 0; i < count; i++)
		used += state->layout->slots[i].notification.id != 0;
	return used;
}

struct options_set *shared_state_options_set(struct shared_state *state)
{
	return &state->layout->options_set;
}

struct swap_journal *shared_state_swap(struct shared_state *state)
{
	return &state->layout->swap;
}

struct published_socket *shared_state_published(struct shared_state *state)
{
	return state->layout->published;
}

struct named_ring *shared_state_named(struct shared_state *state, enum named_kind kind)
{
	return &state->layout->named[kind];
}
