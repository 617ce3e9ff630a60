/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns the text of one request into a checked value. Pure: this is what the fuzzer feeds. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/forward.h"

#define CONTROL_REQUEST_MAX 65536

/* Objects and arrays within each other; the JSON parser recurses, so the text is measured before.
 */
#define CONTROL_NESTING_MAX 32

enum control_verb {
	CONTROL_FORWARD_ADD,	/* "add_hostfwd" */
	CONTROL_FORWARD_REMOVE, /* "remove_hostfwd" */
	CONTROL_FORWARD_LIST,	/* "list_hostfwd" */
	CONTROL_STATUS,		/* "status" */
	CONTROL_STOP,		/* "stop" */
};

struct control_request {
	enum control_verb verb;
	struct forward forward; /* of CONTROL_FORWARD_ADD */
	uint32_t id;		/* of CONTROL_FORWARD_REMOVE */
};

/* How far the search for the end of the first JSON object has come; starts as all zeros. */
struct control_scan {
	size_t position; /* bytes looked at */
	unsigned int depth;
	bool string; /* within a string */
	bool escape; /* after a backslash */
};

/*
 * Goes on with the search in data, of which length bytes (more than last time) have come by now.
 * Returns the number of bytes up to the end of the first object, 0 if it isn't whole yet, or -1 if
 * what is there can't become an object that we read: something else comes first, NUL bytes, nested
 * too deep. Ask no more after an answer other than 0.
 */
ssize_t control_request_scan(struct control_scan *scan, const char *data, size_t length);

/*
 * Parses one request of at most CONTROL_REQUEST_MAX bytes; returns false with error set, in
 * slirp4netns's words where it has some. Members that nobody knows are ignored, null is as good as
 * missing, and of members of the same name the last counts.
 */
bool control_request_parse(const char *data, size_t length, struct control_request *ret_request,
			   GError **error);
