/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel refuses to make namespaces: the switches that distributions have for it. */
#pragma once

#include <glib.h>

/*
 * Sets error to "WHAT: WORDS OF ERRNO", and names the setting under /proc/sys that forbids
 * namespaces with its value if there is one that explains the errno value number.
 */
void refusal_set_error(GError **error, int number, const char *what);
