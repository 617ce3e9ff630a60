/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container's network: the link, and an engine that moves its frames.
 *
 * What the session knows is what counts, not what the engine does: an engine that replaces a lost
 * one is told everything anew. Setting up is synchronous, so that a port that is taken is an error
 * before anything runs in the container; from then on nothing waits.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/capture.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "session/engine_process.h"
#include "session/forwards.h"
#include "session/resolver.h"
#include "session/session.h"

#define START_TIMEOUT_MS 10000

/* How many descriptors we want at most, and how many of them the flows leave to everything else. */
#define DESCRIPTORS_MAX 65536
#define DESCRIPTORS_RESERVED 64

struct session {
	const struct session_config *config;
	int link;
	int pcap; /* -1: no capture */
	struct engine_process *engine;
	struct forwards *forwards;
	struct resolver *resolver;  /* NULL: no DNS, or the configuration's servers */
	struct dns_servers servers; /* the configuration's */
	GQueue asked;		    /* struct status_query, for the answer that is on its way */
	GQueue waiting;		    /* struct status_query, for the answer after that */
	GError *start_error;	    /* the first forward that could not be opened at the start */
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

static uint32_t flows_max(void)
{
	uint64_t limit = descriptor_raise_limit(DESCRIPTORS_MAX);

	limit = MIN(limit, DESCRIPTORS_MAX);
	return (uint32_t)(limit > 2 * DESCRIPTORS_RESERVED ? limit - DESCRIPTORS_RESERVED
							   : limit / 2);
}

/* With an address that the host doesn't have each connection would fail, and nobody could tell. */
static bool check_outbound_address(const struct address *address, GError **error)
{
	struct endpoint endpoint = { .address = *address };
	struct sockaddr_storage storage;
	char text[ADDRESS_TEXT_MAX];
	CLEANUP_CLOSE int fd = -1;

	if (address->family == AF_UNSPEC)
		return true;
	fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&storage, endpoint_to_sockaddr(&endpoint, &storage)) == 0)
		return true;
	error_set_errno(error, errno, "outbound address %s", address_format(address, text));
	return false;
}

static bool fill_outbound_interface(const struct session_config *config,
				    struct engine_config *engine_config, GError **error)
{
	if (config->outbound_interface && if_nametoindex(config->outbound_interface) == 0) {
		error_set_errno(error, errno, "outbound interface %s", config->outbound_interface);
		return false;
	}
	if (config->outbound_interface &&
	    g_strlcpy(engine_config->outbound_interface, config->outbound_interface,
		      sizeof(engine_config->outbound_interface)) >=
		    sizeof(engine_config->outbound_interface)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "interface name %s: too long",
			  config->outbound_interface);
		return false;
	}
	return true;
}

static bool fill_engine_config(const struct session_config *config, const struct session_link *link,
			       struct engine_config *engine_config, GError **error)
{
	engine_config->network = config->network;
	engine_config->policy = config->policy;
	engine_config->outbound_v4 = config->outbound_v4;
	engine_config->outbound_v6 = config->outbound_v6;
	engine_config->link = link->kind;
	engine_config->link_vnet_header = link->vnet_header;
	engine_config->host_loopback = config->host_loopback;
	engine_config->dns = config->dns;
	engine_config->dhcp = config->dhcp;
	engine_config->configured = config->configure;
	engine_config->flows_max = flows_max();
	if (!check_outbound_address(&config->outbound_v4, error) ||
	    !check_outbound_address(&config->outbound_v6, error))
		return false;
	return fill_outbound_interface(config, engine_config, error);
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

static void servers_sent(const struct engine_answer *answer, void *data G_GNUC_UNUSED)
{
	if (!answer->error && answer->result != 0)
		log_warning("the packet engine refused the DNS servers: %s",
			    g_strerror(answer->result));
}

static void send_servers(void *data)
{
	struct session *session = data;
	const struct dns_servers *servers =
		session->resolver ? resolver_servers(session->resolver) : &session->servers;

	if (session->config->dns)
		engine_process_request(session->engine, MESSAGE_DNS_SERVERS, servers,
				       sizeof(*servers), servers_sent, NULL);
}

/* What a new engine has to be told beside its configuration. */
static void engine_replaced(void *data)
{
	struct session *session = data;

	send_servers(session);
	forwards_restore(session->forwards);
}

static void forward_started(uint32_t id G_GNUC_UNUSED, const GError *error, void *data)
{
	struct session *session = data;

	if (error && !session->start_error)
		session->start_error = g_error_copy(error);
}

/* Starts the engine and waits until it has everything. */
static bool start_engine(struct session *session, const struct engine_config *engine_config,
			 GError **error)
{
	const GArray *wanted = session->config->forwards;

	session->engine = engine_process_new(engine_config, session->link, session->pcap,
					     engine_replaced, session, error);
	if (!session->engine)
		return false;
	forwards_set_engine(session->forwards, session->engine);
	send_servers(session);
	for (guint i = 0; i < wanted->len; i++)
		forwards_add(session->forwards, &g_array_index(wanted, struct forward, i),
			     forward_started, session);
	if (!engine_process_settle(session->engine, START_TIMEOUT_MS, error))
		return false;
	if (session->start_error) {
		g_propagate_error(error, g_steal_pointer(&session->start_error));
		return false;
	}
	return true;
}

static bool session_set_up(struct session *session, const struct session_link *link, GError **error)
{
	const struct session_config *config = session->config;
	struct engine_config engine_config = { 0 };

	if (!fill_engine_config(config, link, &engine_config, error) ||
	    !take_servers(config->dns_servers, &session->servers, error))
		return false;
	if (config->pcap_path && !open_pcap(config->pcap_path, &session->pcap, error))
		return false;
	if (config->dns && session->servers.count == 0)
		session->resolver = resolver_new(RESOLVER_PATH, send_servers, session);
	return start_engine(session, &engine_config, error);
}

struct session *session_start(const struct session_config *config, const struct session_link *link,
			      GError **error)
{
	struct session *session = g_new0(struct session, 1);

	session->config = config;
	session->link = link->fd;
	session->pcap = -1;
	session->forwards = forwards_new(config->network.v6);
	g_queue_init(&session->asked);
	g_queue_init(&session->waiting);
	if (!session_set_up(session, link, error))
		g_clear_pointer(&session, session_free);
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	resolver_free(session->resolver);
	engine_process_free(session->engine);
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

const GArray *session_forwards(const struct session *session)
{
	return forwards_table(session->forwards);
}

static void status_answered(const struct engine_answer *answer, void *data);

/* An answer is large, so there is one on its way at most; it serves all who asked before it was. */
static void ask_status(struct session *session)
{
	if (session->asked.length > 0 || session->waiting.length == 0)
		return;
	session->asked = session->waiting;
	g_queue_init(&session->waiting);
	engine_process_request(session->engine, MESSAGE_STATUS, NULL, 0, status_answered, session);
}

static void status_answered(const struct engine_answer *answer, void *data)
{
	struct session *session = data;
	GQueue answered = session->asked;
	struct status_query *query;

	g_queue_init(&session->asked);
	ask_status(session);
	while ((query = g_queue_pop_head(&answered))) {
		query->done(answer->status, answer->flows, answer->error, query->data);
		g_free(query);
	}
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
	return engine_process_pid(session->engine);
}

bool session_device_is_gone(const struct session *session)
{
	return engine_process_link_is_lost(session->engine);
}

uint32_t session_engine_restarts(const struct session *session)
{
	return engine_process_restarts(session->engine);
}
