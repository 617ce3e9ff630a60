/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what the supervisor asks for: makes sockets of the container's network namespace.
 *
 * The supervisor is the process that the container may come to rule, so what it asks for is
 * checked: the only sockets to be had are those that every program of the container can make
 * itself.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "namespace/join.h"
#include "session/container_sockets_service.h"
#include "syscall/container_sockets.h"

struct container_sockets_service {
	struct namespaces namespaces;
	struct container_sockets_events events;
	void *data;
	int ours;
	int peer;
	guint source;
};

static bool request_is_allowed(const struct container_socket_request *request)
{
	return (request->domain == AF_INET || request->domain == AF_INET6) &&
	       (request->type == SOCK_STREAM || request->type == SOCK_DGRAM) &&
	       request->protocol >= 0 && request->protocol <= 0xffff;
}

static int open_socket(const struct container_sockets_service *service,
		       const struct container_socket_request *request)
{
	if (!request_is_allowed(request))
		return -EINVAL;
	return namespaces_open_socket(&service->namespaces, request->domain, request->type,
				      request->protocol);
}

static void answer_request(struct container_sockets_service *service,
			   const struct container_socket_request *request)
{
	struct container_socket_answer answer = { .serial = request->serial };
	CLEANUP_CLOSE int fd = -1;
	int r = 0;

	if (request->kind == CONTAINER_REQUEST_SOCKET)
		r = fd = open_socket(service, request);
	else if (request->kind == CONTAINER_REQUEST_BY_PACKETS)
		service->events.by_packets(request->forward, service->data);
	else
		r = -EINVAL;
	if (r < 0)
		answer.error = -r;
	r = descriptor_send(service->ours, &answer, sizeof(answer), &fd, fd >= 0 ? 1 : 0);
	/* A supervisor that takes no answers is not waiting for them. */
	if (r < 0)
		log_debug("answering the supervisor: %s", g_strerror(-r));
}

/* Returns the length of what came, right for a request or not, or -errno. */
static ssize_t receive_request(int socket, struct container_socket_request *ret_request)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	ssize_t length = descriptor_receive(socket, ret_request, sizeof(*ret_request), fds, &count);

	for (size_t i = 0; i < count; i++)
		descriptor_close(&fds[i]);
	return length;
}

static gboolean asked(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct container_sockets_service *service = data;
	struct container_socket_request request;
	ssize_t length = receive_request(fd, &request);

	if (length == (ssize_t)sizeof(request) && request.kind == CONTAINER_REQUEST_TRACE_LOST)
		service->events.trace_lost(request.error, service->data);
	else if (length == (ssize_t)sizeof(request))
		answer_request(service, &request);
	else if (length != -EAGAIN && length != -EINTR)
		log_debug("the supervisor asks for a socket in a way that none does");
	return G_SOURCE_CONTINUE;
}

/* What a supervisor that has ended still had to say. */
static void hear_last_words(struct container_sockets_service *service)
{
	struct container_socket_request request;

	while (receive_request(service->ours, &request) == (ssize_t)sizeof(request))
		if (request.kind == CONTAINER_REQUEST_TRACE_LOST)
			service->events.trace_lost(request.error, service->data);
}

struct container_sockets_service *
container_sockets_service_new(pid_t pid, const struct container_sockets_events *events, void *data,
			      GError **error)
{
	const struct namespace_target target = { .pid = pid };
	struct container_sockets_service *service;
	struct namespaces namespaces;
	int pair[2];
	int r;

	if (!namespaces_open(&target, &namespaces, error))
		return NULL;
	r = descriptor_pair(pair);
	if (r < 0) {
		error_set_errno(error, -r, "can't make a socket pair");
		namespaces_close(&namespaces);
		return NULL;
	}
	descriptor_set_nonblocking(pair[0]);
	service = g_new0(struct container_sockets_service, 1);
	service->namespaces = namespaces;
	service->events = *events;
	service->data = data;
	service->ours = pair[0];
	service->peer = pair[1];
	service->source = g_unix_fd_add(service->ours, G_IO_IN, asked, service);
	return service;
}

void container_sockets_service_free(struct container_sockets_service *service)
{
	if (!service)
		return;
	g_source_remove(service->source);
	hear_last_words(service);
	namespaces_close(&service->namespaces);
	descriptor_close(&service->ours);
	descriptor_close(&service->peer);
	g_free(service);
}

void container_sockets_service_renew(struct container_sockets_service *service)
{
	int pair[2];
	int r = descriptor_pair(pair);

	if (r < 0) {
		log_warning("can't make a socket pair for the new supervisor: %s", g_strerror(-r));
		return;
	}
	descriptor_set_nonblocking(pair[0]);
	dup3(pair[0], service->ours, O_CLOEXEC);
	dup3(pair[1], service->peer, O_CLOEXEC);
	descriptor_close(&pair[0]);
	descriptor_close(&pair[1]);
}

int container_sockets_service_peer(const struct container_sockets_service *service)
{
	return service->peer;
}
