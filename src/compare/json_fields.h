/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Structs to JSON objects and back, by tables of their fields. Pure. */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stddef.h>

enum json_field_kind {
	JSON_FIELD_TEXT,   /* char *, owned; NULL is written as "" */
	JSON_FIELD_NUMBER, /* double; NAN is null, or not there */
	JSON_FIELD_TRUTH,  /* bool */
};

struct json_field {
	const char *name;
	enum json_field_kind kind;
	size_t offset; /* of the field in the struct */
};

/* Sets a member for each of count fields of source. */
void json_fields_write(JsonObject *object, const struct json_field *fields, size_t count,
		       const void *source);

/*
 * Fills the fields of target, which owns the texts; what is missing becomes "", NAN or false.
 * Returns false with error set, and nothing in target to free, where a member is of another type.
 */
bool json_fields_read(JsonObject *object, const struct json_field *fields, size_t count,
		      void *target, GError **error);

/* Frees the texts of target. */
void json_fields_clear(const struct json_field *fields, size_t count, void *target);

/*
 * False for a text that is nested so deeply that json-glib's parser, which calls itself, may not
 * see it: it would run out of stack.
 */
bool json_is_shallow(const char *text, size_t length);

/* A number, or null for NAN and what JSON has no word for. */
void json_set_number(JsonObject *object, const char *name, double value);

/* The number called name; NAN where there is none. */
double json_get_number(JsonObject *object, const char *name);
