/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON that came from a session or a file: whatever is missing or of another type reads
 * as none. Pure. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

/* The object in node, or an empty one; a new reference. */
JsonObject *member_root(JsonNode *node);

/* Borrowed from object, or "-". */
const char *member_text(JsonObject *object, const char *name);

/* 0 where there is none. */
gint64 member_number(JsonObject *object, const char *name);

/* False where there is none. */
bool member_truth(JsonObject *object, const char *name);

/* Borrowed from object, or NULL. */
JsonObject *member_object(JsonObject *object, const char *name);

/* The same for an array. */
JsonArray *member_array(JsonObject *object, const char *name);

/* The object at index of array, borrowed, or NULL. */
JsonObject *member_row(JsonArray *array, guint index);

/* The texts in the array called name with separator between, or "-"; the caller frees it. */
char *member_joined(JsonObject *object, const char *name, const char *separator);

/* Two members, an address and a port, as "192.0.2.1:80" or "[fd00::1]:80"; the caller frees it. */
char *member_endpoint(JsonObject *object, const char *address_name, const char *port_name);
