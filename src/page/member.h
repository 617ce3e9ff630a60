/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects that may be missing, null or of another kind. Pure. */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* All take object NULL for one without members. What is returned belongs to the object. */

/* "" where there is no text. */
const char *member_string(JsonObject *object, const char *name);

/* Returns false, and leaves number, where there is no finite number. */
bool member_double(JsonObject *object, const char *name, double *number);

/* False where there is no truth value. */
bool member_boolean(JsonObject *object, const char *name);

/* NULL where there is no such array. */
JsonArray *member_list(JsonObject *object, const char *name);

/* An element that is an object, else NULL. array may be NULL; index is below its length. */
JsonObject *list_object(JsonArray *array, guint index);

/* The number of elements; 0 for NULL. */
guint list_length(JsonArray *array);
