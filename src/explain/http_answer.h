/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the web server of the test world answers (RFC 9112). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request's header is not longer. */
#define HTTP_REQUEST_MAX 8192
#define HTTP_HEADER_MAX 256

struct http_answer {
	char header[HTTP_HEADER_MAX]; /* with the empty line at its end */
	uint64_t body;		      /* bytes that follow it; what they are is the server's */
	uint64_t upload;	      /* bytes of the request's body, to be read first */
	bool expects;		      /* the client waits for "100 Continue" before it sends them */
};

/*
 * Answers a request whose header, of length bytes, anybody may have sent: GET /N gets N bytes, GET
 * of anything else a greeting, PUT and POST the number of bytes that they have sent.
 */
void http_answer(const char *request, size_t length, struct http_answer *ret_answer);

/* True if the header in the first length bytes is whole. */
bool http_is_whole(const char *request, size_t length);
