/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forwards of a session as a text table. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

/* array: the "entries" of list_hostfwd or the "forwards" of status; NULL is none. The caller frees
 * it. */
char *forward_rows_text(JsonArray *array);
