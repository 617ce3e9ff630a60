/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors that carry a sentence for people: GError with one domain of ours. */

#include "config.h"

#include <errno.h>
#include <stdarg.h>

#include "base/error.h"
#include "base/limit.h"

/* The name holds dashes, not minus signs. */
/* clang-format off */
G_DEFINE_QUARK(slirpway-error-quark, slirpway_error)
/* clang-format on */

/* The code of an errno value that the exit status or the control protocol tells apart. */
static enum slirpway_error code_from_errno(int number)
{
	switch (number) {
	case EADDRINUSE:
		return SLIRPWAY_ERROR_IN_USE;
	case EACCES:
	case EPERM:
		return SLIRPWAY_ERROR_DENIED;
	case ENOENT:
		return SLIRPWAY_ERROR_NOT_FOUND;
	case ETIMEDOUT:
		return SLIRPWAY_ERROR_TIMEOUT;
	default:
		return SLIRPWAY_ERROR_SYSTEM;
	}
}

void error_set_errno(GError **error, int number, const char *format, ...)
{
	g_autofree char *reason = limit_errno_text(number);
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	error_set(error, code_from_errno(number), "%s: %s", text, reason);
}

void error_set_fork(GError **error, int number, const char *what)
{
	g_autofree char *reason = limit_fork_text(number);

	error_set(error, code_from_errno(number), "%s: %s", what, reason);
}
