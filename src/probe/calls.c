/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the syscall path needs, as the session's own trial found it (session/syscall_support.h). */

#include "config.h"

#include "probe/attempts.h"

bool attempt_syscall_feature(const struct feature_trial *trial, int argument, char **ret_detail,
			     GError **error)
{
	(void)ret_detail;
	if (trial->trouble) {
		if (error)
			*error = g_error_copy(trial->trouble);
		return false;
	}
	return syscall_support_has(&trial->support, (enum syscall_feature)argument, error);
}
