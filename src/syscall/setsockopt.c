/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setsockopt(2), of options that are rarely set.
 *
 * The call is left to the kernel, and nothing is judged. That the option has been set by someone is
 * kept, and never taken back: it only means that sockets are asked for it from now on. So it does
 * not matter of which socket it was, whether the call succeeds, or in what order calls come. What
 * the filter does not see (a 32-bit program, a process of elsewhere that has joined the network
 * namespace) may set an option that the host's socket then lacks.
 */

#include "config.h"

#include "syscall/context.h"
#include "syscall/handlers.h"
#include "syscall/option_table.h"

struct outcome handle_setsockopt(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	size_t index = option_table_find((int)data->args[1], (int)data->args[2]);

	call->verdict.reason = "noted: an option that is rarely set";
	if (index < option_table_size())
		supervisor->options_set->row[index] = true;
	return outcome_continue();
}
