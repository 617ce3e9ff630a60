/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet engine's process: takes its configuration from the session, shuts itself in, then
 * moves frames and answers the session's requests until the session is gone.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/message_socket.h"
#include "slirp-glue/engine.h"
#include "slirp-glue/path.h"
#include "slirp-glue/sandbox.h"
#include "slirp-glue/version.h"

struct engine {
	int socket;
	bool finished;
	struct engine_config config;
	struct counters counters;
	struct loop *loop;
	struct path *path;
	uint32_t sandbox;
};

static void send_message(struct engine *engine, const void *data, size_t length)
{
	int result = descriptor_send(engine->socket, data, length, NULL, 0);

	/* The session asks again or gives us up; frames must not wait for it. */
	if (result < 0)
		log_debug("answering the session: %s", strerror(-result));
}

static int handle_forward_add(struct engine *engine, const struct message_request *request)
{
	return stack_forward_add(path_stack(engine->path), (const struct forward *)request->body);
}

static int handle_forward_remove(struct engine *engine, const struct message_request *request)
{
	return stack_forward_remove(path_stack(engine->path),
				    (const struct forward *)request->body);
}

static int handle_dns_servers(struct engine *engine, const struct message_request *request)
{
	const struct dns_servers *servers = (const struct dns_servers *)request->body;

	if (servers->count > DNS_SERVERS_MAX)
		return EINVAL;
	path_set_dns_servers(engine->path, servers);
	return 0;
}

static void answer_status(struct engine *engine, uint32_t serial)
{
	size_t size = sizeof(struct message_header) + sizeof(struct engine_status) +
		      FLOWS_PER_STATUS * sizeof(struct flow);
	g_autofree uint8_t *message = g_malloc0(size);
	struct message_header header = { MESSAGE_STATUS_REPLY, serial };
	struct engine_status status = { .counters = engine->counters, .sandbox = engine->sandbox };
	struct flow *flows = g_new0(struct flow, FLOWS_PER_STATUS);
	uint8_t *end = message;

	status.flows_sent = stack_list_flows(path_stack(engine->path), flows, FLOWS_PER_STATUS,
					     &status.flows_total);
	g_strlcpy(status.slirp_version, slirp_glue_version(), sizeof(status.slirp_version));
	end = mempcpy(end, &header, sizeof(header));
	end = mempcpy(end, &status, sizeof(status));
	end = mempcpy(end, flows, status.flows_sent * sizeof(*flows));
	g_free(flows);
	send_message(engine, message, (size_t)(end - message));
}

static const struct {
	enum message_type type;
	size_t length; /* of the body, exactly */
	int (*handle)(struct engine *engine, const struct message_request *request);
} handlers[] = {
	{ MESSAGE_FORWARD_ADD, sizeof(struct forward), handle_forward_add },
	{ MESSAGE_FORWARD_REMOVE, sizeof(struct forward), handle_forward_remove },
	{ MESSAGE_DNS_SERVERS, sizeof(struct dns_servers), handle_dns_servers },
};

static void handle_request(struct engine *engine, const struct message_request *request)
{
	if (request->header.type == MESSAGE_STATUS) {
		answer_status(engine, request->header.serial);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(handlers); i++) {
		if (handlers[i].type != request->header.type)
			continue;
		message_send_result(engine->socket, request->header.serial,
				    request->length == handlers[i].length
					    ? handlers[i].handle(engine, request)
					    : EINVAL);
		return;
	}
	message_send_result(engine->socket, request->header.serial, ENOSYS);
}

static void session_is_ready(int fd, uint32_t events, void *data)
{
	static uint8_t buffer[MESSAGE_MAX] __attribute__((aligned(16)));
	struct engine *engine = data;
	struct message_request request;
	int fds[DESCRIPTORS_PER_MESSAGE];
	ssize_t length = message_receive(fd, buffer, &request, fds);

	(void)events;
	if (length == -EAGAIN || length == -EINTR)
		return;
	if (length == -EBADMSG || length == -EMSGSIZE) {
		log_warning("a request of the session is not one: %s", strerror((int)-length));
		return;
	}
	if (length <= 0) {
		engine->finished = true;
		return;
	}
	message_close_descriptors(fds);
	handle_request(engine, &request);
}

/* The socket at which libslirp finds the DNS relay, in the engine's own root. */
static void serve_dns_streams(struct engine *engine)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = STACK_DNS_SOCKET };
	CLEANUP_CLOSE int fd = -1;

	if (!engine->config.dns || !(engine->sandbox & SANDBOX_ROOT))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		log_warning("DNS over TCP can't be served: %s", strerror(errno));
		return;
	}
	path_serve_dns_streams(engine->path, descriptor_steal(&fd));
}

/*
 * Returns false if the session has gone. The engine was started with the request to be killed with
 * it, but a change of credentials may clear that (prctl(2)): so it is made again, and the session
 * looked for afterwards.
 */
static bool enter_sandbox(struct engine *engine)
{
	const char *reason = NULL;
	pid_t session = getppid();

	engine->sandbox = sandbox_enter_root(&reason);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != session)
		return false;
	if (!(engine->sandbox & SANDBOX_ROOT))
		log_warning("the engine has no root directory of its own: %s", reason);
	return true;
}

static bool seal_sandbox(struct engine *engine)
{
	const char *reason = NULL;

	engine->sandbox = sandbox_seal(engine->sandbox, &reason);
	if (!(engine->sandbox & SANDBOX_FILTER) || !(engine->sandbox & SANDBOX_CAPS)) {
		log_error("the engine can't be shut in: %s", reason);
		return false;
	}
	return true;
}

/* Waits for the first message. Returns false, logged, where it is not a configuration. */
static bool receive_config(struct engine *engine, struct path_descriptors *ret_descriptors,
			   uint32_t *ret_serial)
{
	g_autofree uint8_t *buffer = g_malloc(MESSAGE_MAX);
	int fds[DESCRIPTORS_PER_MESSAGE];
	struct message_request request;
	ssize_t length = message_receive(engine->socket, buffer, &request, fds);

	if (length <= 0 || request.header.type != MESSAGE_CONFIGURE ||
	    request.length != sizeof(engine->config) || fds[0] < 0) {
		log_error("the engine was started without a configuration");
		return false;
	}
	memcpy(&engine->config, request.body, sizeof(engine->config));
	ret_descriptors->link = fds[0];
	ret_descriptors->pcap = fds[1];
	*ret_serial = request.header.serial;
	return true;
}

static bool start(struct engine *engine)
{
	struct path_descriptors descriptors;
	uint32_t serial;

	if (!receive_config(engine, &descriptors, &serial))
		return false;
	engine->loop = loop_new();
	if (engine->loop == NULL) {
		g_autofree char *reason = limit_errno_text(errno);

		log_error("no event loop: %s", reason);
		return false;
	}
	if (descriptor_set_nonblocking(descriptors.link) < 0 ||
	    descriptor_set_nonblocking(engine->socket) < 0)
		return false;
	engine->path = path_new(&engine->config, engine->loop, &engine->counters, &descriptors);
	if (engine->path == NULL)
		return false;
	/* Only now: libslirp takes the seed of its sequence numbers from /dev/urandom. */
	if (!enter_sandbox(engine))
		return false;
	serve_dns_streams(engine);
	if (!seal_sandbox(engine))
		return false;
	message_send_result(engine->socket, serial, 0);
	return loop_watch(engine->loop, engine->socket, EPOLLIN, session_is_ready, engine) == 0;
}

/*
 * libslirp takes two buffers of 128 KiB and more for each TCP flow, which malloc(3) would map and
 * unmap, and the kernel fill with zeros, each time. From the heap they are used again as they are.
 * A flow touches little of them, so huge pages would make resident what nobody uses.
 */
static void tune_process(void)
{
	mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
	(void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "slirpway-engine", 0, 0, 0);
}

int engine_run(int socket)
{
	struct engine *engine = g_new0(struct engine, 1);
	int status = EXIT_FAILURE;

	/* A capture whose reader is gone or whose file may not grow is an error of write(2). */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	tune_process();
	engine->socket = socket;
	if (start(engine)) {
		bool alive = true;

		while (alive && !engine->finished)
			alive = path_turn(engine->path);
		status = alive ? EXIT_SUCCESS : ENGINE_EXIT_LINK_LOST;
	}
	/* The socket is left to the process's end: the session kills an engine that hangs up. */
	path_free(engine->path);
	loop_free(engine->loop);
	g_free(engine);
	return status;
}
