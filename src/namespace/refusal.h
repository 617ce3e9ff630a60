/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel refuses to make namespaces: the switches that distributions have for it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Sets error to "WHAT: WORDS OF ERRNO", and names the setting under /proc/sys that forbids
 * namespaces with its value if there is one that explains the errno value number.
 */
void refusal_set_error(GError **error, int number, const char *what);

/*
 * Looks at the settings there are: true with "NAME is VALUE, ..." in *ret_text (owned; "" for
 * none), or false with error set to the first that forbids namespaces. A profile of a security
 * module may allow them to one program all the same.
 */
bool refusal_describe_settings(char **ret_text, GError **error);
