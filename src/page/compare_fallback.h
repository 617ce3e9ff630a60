/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of slirpway compare for readers without JavaScript. Pure. */
#pragma once

#include <json-glib/json-glib.h>

/*
 * HTML: the verdict and a table of all rows, of one run or of a pair. results may be NULL. The
 * caller frees it.
 */
char *compare_fallback(JsonObject *results);
