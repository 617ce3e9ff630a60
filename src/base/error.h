/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors that carry a sentence for people: GError with one domain of ours. */
#pragma once

#include <glib.h>

/* What kind of failure it is; the exit status and the control protocol's code follow from it. */
enum slirpway_error {
	SLIRPWAY_ERROR_USAGE,	  /* the request itself is wrong: flag, syntax, range */
	SLIRPWAY_ERROR_SYSTEM,	  /* the kernel or the host refused; the text holds errno's words */
	SLIRPWAY_ERROR_NOT_FOUND, /* no such session, forward, command */
	SLIRPWAY_ERROR_IN_USE,	  /* name or port taken */
	SLIRPWAY_ERROR_DENIED,	  /* a right is missing */
	SLIRPWAY_ERROR_TIMEOUT,	  /* the other side did not answer in time */
};

#define SLIRPWAY_ERROR (slirpway_error_quark())
GQuark slirpway_error_quark(void);

/*
 * Sets error to "TEXT: strerror(number)" with the code that fits the errno value (positive), and
 * the limit where one was reached (limit.h).
 */
void error_set_errno(GError **error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same where fork(2), or making a thread, failed for what. */
void error_set_fork(GError **error, int number, const char *what);

/* Sets error with a code and a text. Shorthand for g_set_error with our domain. */
#define error_set(error, code, ...) g_set_error(error, SLIRPWAY_ERROR, code, __VA_ARGS__)
