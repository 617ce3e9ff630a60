/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway explain for readers without JavaScript. Pure. */
#pragma once

#include <json-glib/json-glib.h>

/*
 * HTML: each path's timeline and totals as tables. explanation may be NULL. The caller frees it.
 */
char *explain_fallback(JsonObject *explanation);
