/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --mode comes to on this kernel: the one place that decides it, for run and for probe. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "session/session_config.h"
#include "session/syscall_support.h"
#include "syscall/filter.h"

struct mode_choice {
	enum session_mode mode; /* never SESSION_MODE_AUTO */
	enum filter_kind kind;	/* of the trapped calls; unless mode is SESSION_MODE_PACKET */
	char *refusal;		/* why auto is packet; owned; else NULL */
};

/*
 * Judges by support, with trouble (borrowed) in its place where nothing could be tried (support is
 * NULL then). auto is hybrid or packet; any other mode is itself, or false with error set to what
 * it lacks. Pure. virtual_addresses: whether names of sockets are trapped as well.
 */
bool mode_choice_judge(enum session_mode mode, bool virtual_addresses,
		       const struct syscall_support *support, const GError *trouble,
		       struct mode_choice *ret_choice, GError **error);

/*
 * The same by trying, which is done in a child, and only where the answer depends on it. To be
 * called while this process has one thread.
 */
bool mode_choice_make(enum session_mode mode, bool virtual_addresses,
		      struct mode_choice *ret_choice, GError **error);

/* Frees what the choice owns. */
void mode_choice_clear(struct mode_choice *choice);
