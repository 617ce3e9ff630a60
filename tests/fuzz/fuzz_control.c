/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds the control protocol: the search for the end of a request, and the parser behind it. */

#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "control/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The answer of the search must not depend on the pieces that the text comes in. */
static ssize_t scan_in_pieces(const char *text, size_t size)
{
	struct control_scan scan = { 0 };
	ssize_t length = 0;

	for (size_t i = 1; i <= size && length == 0; i++)
		length = control_request_scan(&scan, text, i);
	return length;
}

/* What is accepted must keep what the session relies on. */
static void check_request(const struct control_request *request)
{
	const struct forward *forward = &request->forward;

	if (request->verb == CONTROL_FORWARD_REMOVE && request->id == 0)
		abort();
	if (request->verb != CONTROL_FORWARD_ADD)
		return;
	if (forward->protocol != IPPROTO_TCP && forward->protocol != IPPROTO_UDP)
		abort();
	if (forward->host.port == 0 || forward->guest.port == 0 || forward->id != 0)
		abort();
	if (forward->host.address.family != AF_INET && forward->host.address.family != AF_INET6)
		abort();
	if (forward->guest.address.family != AF_UNSPEC &&
	    forward->guest.address.family != forward->host.address.family)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct control_scan scan = { 0 };
	struct control_request request;
	g_autoptr(GError) error = NULL;
	ssize_t length = control_request_scan(&scan, text, size);

	if (length != scan_in_pieces(text, size) || length > (ssize_t)size)
		abort();
	if (control_request_parse(text, length > 0 ? (size_t)length : size, &request, &error))
		check_request(&request);
	else if (error == NULL)
		abort();
	return 0;
}
