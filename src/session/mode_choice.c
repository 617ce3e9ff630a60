/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --mode comes to on this kernel. */

#include "config.h"

#include "session/mode_choice.h"

static enum filter_kind filter_kind(enum session_mode mode, bool virtual_addresses)
{
	unsigned int kind = FILTER_HYBRID;

	if (mode == SESSION_MODE_SYSCALL)
		kind |= FILTER_SYSCALL | FILTER_TABLES;
	if (virtual_addresses)
		kind |= FILTER_NAMES;
	return (enum filter_kind)kind;
}

/* True if calls can be trapped as kind says; else refusal is set. */
static bool can_trap(enum filter_kind kind, const struct syscall_support *support,
		     const GError *trouble, GError **refusal)
{
	if (support)
		return syscall_support_suffices(support, kind, refusal);
	if (refusal)
		*refusal = g_error_copy(trouble);
	return false;
}

bool mode_choice_judge(enum session_mode mode, bool virtual_addresses,
		       const struct syscall_support *support, const GError *trouble,
		       struct mode_choice *ret_choice, GError **error)
{
	struct mode_choice choice = { .mode = mode, .kind = filter_kind(mode, virtual_addresses) };
	g_autoptr(GError) refusal = NULL;

	if (mode == SESSION_MODE_AUTO)
		choice.mode = SESSION_MODE_HYBRID;
	if (mode != SESSION_MODE_PACKET && !can_trap(choice.kind, support, trouble, &refusal)) {
		if (mode != SESSION_MODE_AUTO) {
			g_propagate_error(error, g_steal_pointer(&refusal));
			return false;
		}
		choice.mode = SESSION_MODE_PACKET;
		choice.refusal = g_strdup(refusal->message);
	}
	*ret_choice = choice;
	return true;
}

bool mode_choice_make(enum session_mode mode, bool virtual_addresses,
		      struct mode_choice *ret_choice, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	struct syscall_support support;
	bool tried = mode != SESSION_MODE_PACKET && syscall_support_try(&support, &trouble);

	return mode_choice_judge(mode, virtual_addresses, tried ? &support : NULL, trouble,
				 ret_choice, error);
}

void mode_choice_clear(struct mode_choice *choice)
{
	g_clear_pointer(&choice->refusal, g_free);
}
