/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's end of the socket to its session. */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/message_socket.h"

void message_close_descriptors(int fds[static DESCRIPTORS_PER_MESSAGE])
{
	for (size_t i = 0; i < DESCRIPTORS_PER_MESSAGE; i++)
		descriptor_close(&fds[i]);
}

ssize_t message_receive(int socket, uint8_t *buffer, struct message_request *ret_request,
			int fds[static DESCRIPTORS_PER_MESSAGE])
{
	size_t count;
	ssize_t length = descriptor_receive(socket, buffer, MESSAGE_MAX, fds, &count);

	if (length <= 0)
		return length;
	if ((size_t)length < sizeof(ret_request->header)) {
		message_close_descriptors(fds);
		return -EBADMSG;
	}
	memcpy(&ret_request->header, buffer, sizeof(ret_request->header));
	ret_request->body = buffer + sizeof(ret_request->header);
	ret_request->length = (size_t)length - sizeof(ret_request->header);
	return length;
}

void message_send_result(int socket, uint32_t serial, int error)
{
	const struct {
		struct message_header header;
		struct message_result result;
	} message = { { MESSAGE_RESULT, serial }, { error } };
	int r = descriptor_send(socket, &message, sizeof(message), NULL, 0);

	if (r < 0)
		log_debug("answering the session: %s", strerror(-r));
}
