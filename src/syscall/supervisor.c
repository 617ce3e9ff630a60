/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that answers a container's trapped calls.
 *
 * It takes everything it works with from its session: the listener, the shared state, a socket of
 * the container's network namespace, and settings. It then shuts itself in, deals with what a
 * predecessor had begun, and goes round one loop: a trapped call, a connection that is made, or a
 * request of the session.
 *
 * A notification is received one at a time, into a slot of the shared state, after poll(2) has said
 * that there is one: so the receipt never blocks, and the wake-up stays on the caller's CPU, which
 * an epoll instance in between would prevent.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/message_socket.h"
#include "base/util.h"
#include "syscall/context.h"
#include "syscall/dispatch.h"
#include "syscall/notification.h"
#include "syscall/place.h"
#include "syscall/supervisor.h"
#include "syscall/supervisor_sandbox.h"

/* A registration with an epoll instance goes by the caller's number, which we need to have, too. */
#define DESCRIPTORS_MAX (1 << 20)

/* The descriptors that the configuration comes with. */
enum given { GIVEN_LISTENER, GIVEN_STATE, GIVEN_PROBE, GIVEN_CONTAINER_SOCKETS, GIVEN_TRACE };

/* The supervisor as a process, around what the handlers see of it. */
struct process {
	struct supervisor supervisor;
	int socket; /* to the session */
	uint32_t sandbox;
	bool finished;
	uint8_t buffer[MESSAGE_MAX] __attribute__((aligned(16)));
};

static void update_forwards(struct supervisor *supervisor)
{
	supervisor->rules.forwards =
		published_forwards(supervisor->published, &supervisor->rules.forward_count);
}

static int handle_forward_add(struct process *process, const void *body)
{
	int error = published_add(process->supervisor.published, body);

	update_forwards(&process->supervisor);
	return error;
}

static int handle_forward_remove(struct process *process, const void *body)
{
	const struct forward *forward = body;
	int error = published_remove(process->supervisor.published, forward->id);

	update_forwards(&process->supervisor);
	return error;
}

static void answer_status(const struct process *process, uint32_t serial)
{
	struct {
		struct message_header header;
		struct supervisor_status status;
	} message = { .header = { MESSAGE_SUPERVISOR_STATUS, serial } };
	int r;

	memcpy(message.status.counters, process->supervisor.counters.value,
	       sizeof(process->supervisor.counters.value));
	message.status.sandbox = process->sandbox;
	message.status.waiting = waiting_count(process->supervisor.waiting);
	message.status.late_count = published_late(process->supervisor.published,
						   message.status.late, LATE_FORWARDS_MAX);
	r = descriptor_send(process->socket, &message, sizeof(message), NULL, 0);
	if (r < 0)
		log_debug("answering the session: %s", strerror(-r));
}

/* Without a packet path these servers are reached, even on the host's loopback. */
static void set_dns_servers(struct supervisor *supervisor, const struct dns_servers *servers)
{
	GArray *list = supervisor->rules.dns_servers;

	g_array_set_size(list, 0);
	g_array_append_vals(list, servers->servers, MIN(servers->count, DNS_SERVERS_MAX));
}

static int handle_dns_servers(struct process *process, const void *body)
{
	const struct dns_servers *servers = body;

	if (servers->count > DNS_SERVERS_MAX)
		return EINVAL;
	set_dns_servers(&process->supervisor, servers);
	return 0;
}

static const struct {
	enum message_type type;
	size_t length; /* of the body, exactly */
	int (*handle)(struct process *process, const void *body);
} requests[] = {
	{ MESSAGE_FORWARD_ADD, sizeof(struct forward), handle_forward_add },
	{ MESSAGE_FORWARD_REMOVE, sizeof(struct forward), handle_forward_remove },
	{ MESSAGE_DNS_SERVERS, sizeof(struct dns_servers), handle_dns_servers },
};

static void handle_request(struct process *process, const struct message_request *request)
{
	int error = ENOSYS;

	published_look(process->supervisor.published);
	if (request->header.type == MESSAGE_STATUS) {
		answer_status(process, request->header.serial);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].type == request->header.type)
			error = request->length == requests[i].length
					? requests[i].handle(process, request->body)
					: EINVAL;
	message_send_result(process->socket, request->header.serial, error);
}

static void session_is_ready(struct process *process)
{
	struct message_request request;
	int fds[DESCRIPTORS_PER_MESSAGE];
	ssize_t length = message_receive(process->socket, process->buffer, &request, fds);

	if (length == -EAGAIN || length == -EINTR || length == -EBADMSG || length == -EMSGSIZE)
		return;
	if (length <= 0) {
		process->finished = true;
		return;
	}
	message_close_descriptors(fds);
	handle_request(process, &request);
}

static void call_is_trapped(struct process *process)
{
	struct supervisor *supervisor = &process->supervisor;
	struct slot *slot = shared_state_free_slot(supervisor->state);

	if (!slot)
		return;
	if (notification_receive(supervisor->listener, &slot->notification) == 0)
		dispatch_call(supervisor, slot);
	else
		shared_state_release(supervisor->state, slot);
}

/* What a predecessor had received and not answered. */
static void replay_slot(struct slot *slot, void *data)
{
	struct supervisor *supervisor = data;

	if (notification_is_alive(supervisor->listener, slot->notification.id)) {
		place_finish(supervisor, slot);
		dispatch_call(supervisor, slot);
	} else {
		shared_state_release(supervisor->state, slot);
	}
}

/*
 * After the session has been heard: what it tells a new supervisor lies in the socket by now, the
 * forwards among it.
 */
static void replay(struct process *process)
{
	struct pollfd session = { .fd = process->socket, .events = POLLIN };

	while (!process->finished && poll(&session, 1, 0) > 0)
		session_is_ready(process);
	shared_state_each(process->supervisor.state, replay_slot, &process->supervisor);
}

static void run_loop(struct process *process)
{
	struct supervisor *supervisor = &process->supervisor;
	struct pollfd sources[] = {
		{ .fd = supervisor->listener, .events = POLLIN },
		{ .fd = waiting_descriptor(supervisor->waiting), .events = POLLIN },
		{ .fd = process->socket, .events = POLLIN },
	};

	while (!process->finished) {
		int count;

		/* With every slot taken, callers wait for those before them. */
		sources[0].events = shared_state_free_slot(supervisor->state) ? POLLIN : 0;
		if (sources[0].events == 0)
			call_counter_add(&supervisor->counters, slots_exhausted);
		count = poll(sources, ARRAY_SIZE(sources), trace_timeout_ms(supervisor->trace));
		if (count < 0 && errno != EINTR)
			return;
		if (sources[0].revents & POLLIN)
			call_is_trapped(process);
		if (sources[0].revents & (POLLHUP | POLLERR | POLLNVAL))
			sources[0].fd = -1; /* no task is left; the session ends us */
		if (sources[1].revents)
			waiting_run(supervisor->waiting);
		if (sources[2].revents)
			session_is_ready(process);
		if (supervisor->trace && count == 0)
			trace_flush(supervisor->trace, supervisor);
	}
}

static uint64_t network_cookie(int socket)
{
	struct socket_facts facts = { 0 };

	return socket_facts_read(socket, &facts) == 0 ? facts.network : 0;
}

static void set_rules(struct supervisor *supervisor)
{
	const struct supervisor_config *config = &supervisor->config;

	supervisor->rules = (struct rules){
		.network = &config->network,
		.policy = &config->policy,
		.container_network = network_cookie(supervisor->route_probe),
		.host_network = socket_facts_own_network(),
		.host_loopback = config->host_loopback,
		.packets = config->packets,
		.everything = config->everything,
		.dns_servers = g_array_new(FALSE, FALSE, sizeof(struct endpoint)),
	};
	set_dns_servers(supervisor, &config->dns);
	supervisor->egress = (struct host_egress){
		.v4 = config->outbound_v4,
		.v6 = config->outbound_v6,
		.fence = !config->walled,
	};
	memcpy(supervisor->egress.interface, config->outbound_interface,
	       sizeof(supervisor->egress.interface));
}

/* Makes the parts; false with errno's words logged. */
static bool set_up(struct process *process, const int fds[static DESCRIPTORS_PER_MESSAGE])
{
	struct supervisor *supervisor = &process->supervisor;

	supervisor->listener = fds[GIVEN_LISTENER];
	supervisor->route_probe = fds[GIVEN_PROBE];
	supervisor->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	supervisor->state = shared_state_map(fds[GIVEN_STATE]);
	supervisor->callers = callers_new(supervisor->proc);
	supervisor->waiting = waiting_new(supervisor);
	supervisor->watchdog = watchdog_new(process->socket);
	supervisor->container_sockets =
		container_sockets_new(fds[GIVEN_CONTAINER_SOCKETS], supervisor->watchdog);
	if (supervisor->proc >= 0 && supervisor->state)
		supervisor->swapper =
			swapper_new(supervisor->callers, supervisor->proc, &supervisor->counters,
				    shared_state_swap(supervisor->state));
	if (supervisor->state) {
		supervisor->options_set = shared_state_options_set(supervisor->state);
		supervisor->published = published_new(supervisor->state, supervisor->proc);
	}
	if (!supervisor->swapper || !supervisor->waiting || !supervisor->watchdog ||
	    !supervisor->published) {
		g_autofree char *reason = limit_fork_text(errno);

		log_error("the supervisor can't be set up: %s", reason);
		return false;
	}
	if (fds[GIVEN_TRACE] >= 0)
		supervisor->trace = trace_new(fds[GIVEN_TRACE]);
	set_rules(supervisor);
	update_forwards(supervisor);
	return true;
}

/* Waits for the first message. Returns false, logged, where it is not a configuration. */
static bool receive_config(struct process *process, int fds[static DESCRIPTORS_PER_MESSAGE],
			   uint32_t *ret_serial)
{
	struct supervisor_config *config = &process->supervisor.config;
	struct message_request request;
	ssize_t length = message_receive(process->socket, process->buffer, &request, fds);

	if (length <= 0 || request.header.type != MESSAGE_SUPERVISE ||
	    request.length != sizeof(*config) || fds[GIVEN_CONTAINER_SOCKETS] < 0) {
		log_error("the supervisor was started without a configuration");
		return false;
	}
	memcpy(config, request.body, sizeof(*config));
	*ret_serial = request.header.serial;
	return true;
}

static bool start(struct process *process)
{
	int fds[DESCRIPTORS_PER_MESSAGE];
	uint32_t serial;

	if (!receive_config(process, fds, &serial) || !set_up(process, fds))
		return false;
	if (descriptor_set_nonblocking(process->socket) < 0)
		return false;
	/* From Linux 6.6 on; what it saves is time. */
	(void)notification_set_synchronous(process->supervisor.listener);
	process->sandbox = supervisor_sandbox_enter();
	if (!(process->sandbox & SANDBOX_FILTER)) {
		log_error("the supervisor can't be shut in: %s", strerror(errno));
		return false;
	}
	message_send_result(process->socket, serial, 0);
	return true;
}

int supervisor_run(int socket)
{
	static struct process process;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a trace that is as long as ulimit -f allows */
	(void)prctl(PR_SET_NAME, "slirpway-super", 0, 0, 0);
	descriptor_raise_limit(DESCRIPTORS_MAX);
	process.socket = socket;
	if (!start(&process))
		return EXIT_FAILURE;
	replay(&process);
	run_loop(&process);
	published_end(process.supervisor.published);
	if (process.supervisor.trace)
		trace_flush(process.supervisor.trace, &process.supervisor);
	/* All else is left to the process's end. */
	return EXIT_SUCCESS;
}
