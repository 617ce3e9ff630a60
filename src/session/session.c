/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container's network: the link, an engine that moves its frames, and where its calls are
 * trapped a supervisor that answers them.
 *
 * What the session knows is what counts, not what the workers do: one that replaces a lost one is
 * told everything anew. Setting up is synchronous, so that a port that is taken is an error
 * before anything runs in the container; from then on nothing waits.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/capture.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "session/forwards.h"
#include "session/resolver.h"
#include "session/session.h"
#include "session/supervision.h"
#include "session/worker_config.h"
#include "session/worker_process.h"

#define START_TIMEOUT_MS 10000

struct session {
	const struct session_config *config;
	int link;			 /* -1: no packet path */
	int pcap;			 /* -1: no capture */
	struct worker_process *engine;	 /* NULL: no packet path */
	struct supervision *supervision; /* NULL: no syscall path */
	struct forwards *forwards;
	struct resolver *resolver;  /* NULL: no DNS, or the configuration's servers */
	struct dns_servers servers; /* the configuration's */
	session_servers_func servers_changed;
	void *servers_data;
	GQueue asked;			/* struct status_query, for the answer that is on its way */
	GQueue waiting;			/* struct status_query, for the answer after that */
	struct supervisor_status calls; /* of the answer on its way */
	bool calls_known;
	GError *start_error; /* the first forward that could not be opened at the start */
};

struct status_query {
	session_status_func done;
	void *data;
};

static bool open_pcap(const char *path, int *ret_fd, GError **error)
{
	struct stat status;
	bool fifo = stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
	/*
	 * Appending and reading let a later engine go on with the file. A FIFO's reader never holds
	 * us up, and its end is only seen where we don't hold that end too.
	 */
	CLEANUP_CLOSE int fd = open(path,
				    (fifo ? O_WRONLY : O_RDWR) | O_CREAT | O_TRUNC | O_APPEND |
					    O_NONBLOCK | O_CLOEXEC,
				    0600);
	int result;

	if (fd < 0) {
		error_set_errno(error, errno, "opening the capture file %s", path);
		return false;
	}
	result = capture_begin(fd);
	if (result < 0) {
		error_set_errno(error, -result, "writing the capture file %s", path);
		return false;
	}
	*ret_fd = descriptor_steal(&fd);
	return true;
}

static bool take_servers(const GArray *configured, struct dns_servers *servers, GError **error)
{
	if (configured->len > DNS_SERVERS_MAX) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "%u DNS servers are too many: at most %d",
			  configured->len, DNS_SERVERS_MAX);
		return false;
	}
	servers->count = configured->len;
	for (uint32_t i = 0; i < servers->count; i++)
		servers->servers[i] = g_array_index(configured, struct endpoint, i);
	return true;
}

static void servers_sent(const struct worker_answer *answer, void *data)
{
	if (!answer->error && answer->result != 0)
		log_warning("%s refused the DNS servers: %s", (const char *)data,
			    g_strerror(answer->result));
}

static const struct dns_servers *current_servers(const struct session *session)
{
	return session->resolver ? resolver_servers(session->resolver) : &session->servers;
}

/* To the engine, whose relay asks them; without one to the supervisor, for programs ask them. */
static void send_servers(struct session *session)
{
	const struct dns_servers *servers = current_servers(session);

	if (!session->config->dns)
		return;
	if (session->engine)
		worker_process_request(session->engine, MESSAGE_DNS_SERVERS, servers,
				       sizeof(*servers), servers_sent, (void *)"the packet engine");
	else if (session->supervision)
		worker_process_request(supervision_worker(session->supervision),
				       MESSAGE_DNS_SERVERS, servers, sizeof(*servers), servers_sent,
				       (void *)"the supervisor");
}

static void servers_changed(void *data)
{
	struct session *session = data;

	send_servers(session);
	if (session->servers_changed)
		session->servers_changed(current_servers(session), session->servers_data);
}

/* What a new engine has to be told beside its configuration. */
static void engine_replaced(void *data)
{
	struct session *session = data;

	send_servers(session);
	forwards_restore(session->forwards, FORWARD_BY_PACKETS);
}

static void supervisor_replaced(void *data)
{
	struct session *session = data;

	if (!session->engine)
		send_servers(session);
	forwards_restore(session->forwards, FORWARD_BY_SOCKETS);
}

static void forward_started(uint32_t id G_GNUC_UNUSED, const GError *error, void *data)
{
	struct session *session = data;

	if (error && !session->start_error)
		session->start_error = g_error_copy(error);
}

static bool start_engine(struct session *session, const struct session_link *link, GError **error)
{
	struct engine_config config;
	const struct worker_setup setup = {
		.config = &config,
		.fds = { session->link, session->pcap },
		.count = session->pcap >= 0 ? 2 : 1,
	};

	if (!link)
		return true;
	if (!worker_config_fill_engine(session->config, link, &config, error))
		return false;
	session->engine =
		worker_process_new(&worker_kind_engine, &setup, engine_replaced, session, error);
	if (!session->engine)
		return false;
	forwards_set_engine(session->forwards, session->engine);
	send_servers(session);
	return true;
}

/* The container's program can't be given a socket of the host for it. */
static void forward_by_packets(uint32_t id, void *data)
{
	struct session *session = data;

	forwards_move_to_packets(session->forwards, id);
}

/* trap is taken over, also on failure. */
static bool start_supervisor(struct session *session, struct trap *trap, GError **error)
{
	static const struct supervision_events events = { supervisor_replaced, forward_by_packets };
	struct supervisor_config config;

	if (!worker_config_fill_supervisor(session->config, session->engine != NULL, trap->walled,
					   &config, error)) {
		trap_clear(trap);
		return false;
	}
	session->supervision = supervision_new(trap, session->config->trace_path, &config, &events,
					       session, error);
	if (!session->supervision)
		return false;
	forwards_set_supervisor(session->forwards, supervision_worker(session->supervision),
				trap->pid);
	if (!session->engine)
		send_servers(session);
	return true;
}

/* Opens the forwards, and waits until the workers have everything. */
static bool settle(struct session *session, GError **error)
{
	const GArray *wanted = session->config->forwards;

	for (guint i = 0; i < wanted->len; i++)
		forwards_add(session->forwards, &g_array_index(wanted, struct forward, i),
			     forward_started, session);
	if (session->engine && !worker_process_settle(session->engine, START_TIMEOUT_MS, error))
		return false;
	if (session->supervision && !worker_process_settle(supervision_worker(session->supervision),
							   START_TIMEOUT_MS, error))
		return false;
	if (session->start_error) {
		g_propagate_error(error, g_steal_pointer(&session->start_error));
		return false;
	}
	return true;
}

static bool session_set_up(struct session *session, const struct session_link *link,
			   const struct trap *trap, GError **error)
{
	const struct session_config *config = session->config;
	struct trap own;
	bool started;

	trap_init(&own);
	if (trap)
		own = *trap;
	started = take_servers(config->dns_servers, &session->servers, error) &&
		  (!config->pcap_path || open_pcap(config->pcap_path, &session->pcap, error));
	if (started && config->dns && session->servers.count == 0)
		session->resolver = resolver_new(RESOLVER_PATH, servers_changed, session);
	started = started && start_engine(session, link, error);
	if (started && own.listener >= 0)
		started = start_supervisor(session, &own, error);
	else
		trap_clear(&own);
	return started && settle(session, error);
}

struct session *session_start(const struct session_config *config, const struct session_link *link,
			      const struct trap *trap, GError **error)
{
	struct session *session = g_new0(struct session, 1);

	session->config = config;
	session->link = link ? link->fd : -1;
	session->pcap = -1;
	session->forwards = forwards_new(&config->network);
	g_queue_init(&session->asked);
	g_queue_init(&session->waiting);
	if (!session_set_up(session, link, trap, error))
		g_clear_pointer(&session, session_free);
	return session;
}

void session_follow_servers(struct session *session, session_servers_func changed, void *data)
{
	session->servers_changed = changed;
	session->servers_data = data;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	resolver_free(session->resolver);
	g_clear_pointer(&session->supervision, supervision_free);
	worker_process_free(session->engine);
	forwards_free(session->forwards);
	descriptor_close(&session->pcap);
	descriptor_close(&session->link);
	g_clear_error(&session->start_error);
	g_free(session);
}

void session_forward_add(struct session *session, const struct forward *forward,
			 session_done_func done, void *data)
{
	forwards_add(session->forwards, forward, done, data);
}

void session_forward_remove(struct session *session, uint32_t id, session_done_func done,
			    void *data)
{
	forwards_remove(session->forwards, id, done, data);
}

void session_refresh_forwards(struct session *session, session_done_func done, void *data)
{
	forwards_refresh(session->forwards, done, data);
}

const GArray *session_forwards(const struct session *session)
{
	return forwards_table(session->forwards);
}

static void calls_answered(const struct worker_answer *answer, void *data);
static void ask_engine(struct session *session);

/* An answer is large, so there is one on its way at most; it serves all who asked before it was. */
static void ask_status(struct session *session)
{
	if (session->asked.length > 0 || session->waiting.length == 0)
		return;
	session->asked = session->waiting;
	g_queue_init(&session->waiting);
	session->calls_known = false;
	if (session->supervision)
		worker_process_request(supervision_worker(session->supervision), MESSAGE_STATUS,
				       NULL, 0, calls_answered, session);
	else
		ask_engine(session);
}

static void engine_answered(const struct worker_answer *answer, void *data)
{
	struct session *session = data;
	const struct engine_status *engine = answer->status;
	const struct supervisor_status calls = session->calls;
	const struct session_status status = {
		.engine = engine,
		.flows = engine ? (const struct flow *)(engine + 1) : NULL,
		.supervisor = session->calls_known ? &calls : NULL,
	};
	GQueue answered = session->asked;
	struct status_query *query;

	g_queue_init(&session->asked);
	ask_status(session);
	while ((query = g_queue_pop_head(&answered))) {
		query->done(&status, query->data);
		g_free(query);
	}
}

static void ask_engine(struct session *session)
{
	static const struct worker_answer none = { 0 };

	if (session->engine)
		worker_process_request(session->engine, MESSAGE_STATUS, NULL, 0, engine_answered,
				       session);
	else
		engine_answered(&none, session);
}

static void calls_answered(const struct worker_answer *answer, void *data)
{
	struct session *session = data;

	session->calls_known = answer->status != NULL;
	if (answer->status) {
		session->calls = *(const struct supervisor_status *)answer->status;
		forwards_note_late(session->forwards, &session->calls);
	}
	ask_engine(session);
}

void session_query_status(struct session *session, session_status_func done, void *data)
{
	struct status_query *query = g_new(struct status_query, 1);

	*query = (struct status_query){ done, data };
	g_queue_push_tail(&session->waiting, query);
	ask_status(session);
}

pid_t session_engine_pid(const struct session *session)
{
	return session->engine ? worker_process_pid(session->engine) : 0;
}

bool session_device_is_gone(const struct session *session)
{
	return session->engine && worker_process_is_final(session->engine);
}

uint32_t session_engine_restarts(const struct session *session)
{
	return session->engine ? worker_process_restarts(session->engine) : 0;
}

enum session_mode session_mode(const struct session *session)
{
	if (!session->supervision)
		return SESSION_MODE_PACKET;
	return session->engine ? SESSION_MODE_HYBRID : SESSION_MODE_SYSCALL;
}

pid_t session_supervisor_pid(const struct session *session)
{
	return session->supervision ? worker_process_pid(supervision_worker(session->supervision))
				    : 0;
}

uint32_t session_supervisor_restarts(const struct session *session)
{
	return session->supervision
		       ? worker_process_restarts(supervision_worker(session->supervision))
		       : 0;
}

bool session_is_walled(const struct session *session)
{
	return session->supervision && supervision_trap(session->supervision)->walled;
}
