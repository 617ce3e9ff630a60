/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slirpway run: COMMAND in namespaces of its own, with network.
 *
 * Everything that can fail is done before COMMAND starts: the name, the namespaces, the device, the
 * engine, the forwards, the control socket. The container's first process is forked before the
 * session starts, so that it does not inherit what that changes, such as the limit of descriptors.
 *
 * COMMAND shares our process group, so what the terminal sends to the group reaches it without us:
 * Ctrl-C, Ctrl-\ and Ctrl-Z. They must not end or stop us before it, and are not passed on; what is
 * sent to us alone with kill(2) is. When COMMAND has stopped we stop too (job_control.h). A hang-up
 * is passed on always, for the kernel sends that to a session's leader alone, which we may be.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "command/commands.h"
#include "command/instance.h"
#include "command/report.h"
#include "namespace/etc_files.h"
#include "options/session_options.h"
#include "session/container.h"
#include "session/resolver.h"
#include "session/signals.h"

/* How long COMMAND may go on after a client of the control socket wanted the session to end. */
#define STOP_TIMEOUT_SECONDS 10

#define HOST_NAME_ROOM 256

/* The last two tell of job control. */
static const int taken_signals[] = { SIGINT,  SIGQUIT, SIGTSTP, SIGTERM, SIGHUP,
				     SIGUSR1, SIGUSR2, SIGCHLD, SIGCONT };

struct run {
	struct invocation *invocation;
	struct signals *signals;
	struct instance *instance;
	struct container *container;
	GMainLoop *loop;
	guint stop_timer;
	int status;
};

static void signal_arrived(const struct signalfd_siginfo *info, void *data)
{
	struct run *run = data;

	switch (info->ssi_signo) {
	case SIGCHLD:
		container_follow_stop(run->container);
		break;
	case SIGCONT:
		break;
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
		if (info->ssi_code != SI_KERNEL)
			container_signal(run->container, (int)info->ssi_signo);
		break;
	default:
		container_signal(run->container, (int)info->ssi_signo);
	}
}

static gboolean stop_overdue(void *data)
{
	struct run *run = data;

	log_warning("%s goes on %d seconds after SIGTERM: killing it", run->invocation->command[0],
		    STOP_TIMEOUT_SECONDS);
	container_signal(run->container, SIGKILL);
	run->stop_timer = 0;
	return G_SOURCE_REMOVE;
}

static void stop_asked(void *data)
{
	struct run *run = data;

	container_signal(run->container, SIGTERM);
	if (!run->stop_timer)
		run->stop_timer = g_timeout_add_seconds(STOP_TIMEOUT_SECONDS, stop_overdue, run);
}

static void command_ended(int status, const char *failure, void *data)
{
	struct run *run = data;

	if (failure)
		log_error("run: %s", failure);
	run->status = status;
	g_main_loop_quit(run->loop);
}

/* Writes the container's version of one of /etc's files into the session's directory. */
static bool write_etc_file(const struct instance *instance, const char *name, const char *text,
			   GError **error)
{
	g_autofree char *path = g_build_filename(instance_directory(instance), name, NULL);
	g_autoptr(GError) reason = NULL;

	if (!g_file_set_contents(path, text, -1, &reason)) {
		if (g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_MFILE))
			error_set_errno(error, EMFILE, "writing %s", path);
		else
			error_set(error, SLIRPWAY_ERROR_SYSTEM, "%s", reason->message);
		return false;
	}
	/* Whatever the umask: the container's other users have names to resolve too. */
	if (chmod(path, 0644) < 0) {
		error_set_errno(error, errno, "making %s readable", path);
		return false;
	}
	return true;
}

/* A link-local server is one of the host's link, of which the container has none. */
static char *resolv_conf_of(const char *host_text, const struct dns_servers *servers)
{
	struct address addresses[DNS_SERVERS_MAX];
	size_t count = 0;

	for (uint32_t i = 0; i < servers->count; i++)
		if (servers->scope[i] == 0)
			addresses[count++] = servers->servers[i].address;
	return etc_resolv_conf_text_of(host_text, addresses, count);
}

/* Without a packet path the programs ask the host's servers, or those of --dns, themselves. */
static char *resolv_conf_text(const struct session_config *config, const char *host_text)
{
	struct dns_servers servers = { 0 };

	if (!config->dns)
		return g_strdup(host_text ? host_text : "");
	if (config->mode != SESSION_MODE_SYSCALL)
		return etc_resolv_conf_text(host_text, &config->network);
	if (config->dns_servers->len == 0)
		resolver_parse(host_text ? host_text : "", if_nametoindex, &servers);
	servers.count += MIN(config->dns_servers->len, DNS_SERVERS_MAX - servers.count);
	for (guint i = 0; i < MIN(config->dns_servers->len, DNS_SERVERS_MAX); i++)
		servers.servers[i] = g_array_index(config->dns_servers, struct endpoint, i);
	return resolv_conf_of(host_text, &servers);
}

/* In place, for the container has this very file. */
static void rewrite_resolv_conf(const struct dns_servers *servers, void *data)
{
	const struct run *run = data;
	g_autofree char *path =
		g_build_filename(instance_directory(run->instance), "resolv.conf", NULL);
	CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	g_autofree char *host_text = NULL;
	g_autofree char *text = NULL;
	int r = fd < 0 ? -errno : 0;

	g_file_get_contents(RESOLVER_PATH, &host_text, NULL, NULL);
	text = resolv_conf_of(host_text, servers);
	if (r == 0)
		r = descriptor_write_all(fd, text, strlen(text));
	if (r < 0)
		log_warning("writing %s: %s", path, g_strerror(-r));
}

static bool write_etc_files(const struct run *run, GError **error)
{
	const struct session_config *config = &run->invocation->config;
	g_autofree char *host_resolv_conf = NULL;
	g_autofree char *host_hosts = NULL;
	g_autofree char *resolv_conf = NULL;
	g_autofree char *hosts = NULL;
	char name[HOST_NAME_ROOM] = "";

	if (gethostname(name, sizeof(name) - 1) < 0)
		log_debug("gethostname: %s", g_strerror(errno));
	g_file_get_contents(RESOLVER_PATH, &host_resolv_conf, NULL, NULL);
	g_file_get_contents("/etc/hosts", &host_hosts, NULL, NULL);
	hosts = etc_hosts_text(host_hosts, name, &config->network);
	resolv_conf = resolv_conf_text(config, host_resolv_conf);
	return write_etc_file(run->instance, "resolv.conf", resolv_conf, error) &&
	       write_etc_file(run->instance, "hosts", hosts, error);
}

static bool prepare_container(struct run *run, struct container_ends *ret_ends, GError **error)
{
	struct container_request request = {
		.command = run->invocation->command,
		.user_map = run->invocation->config.user_map,
		.device = instance_device_request(run->instance),
		.without_device = run->invocation->config.mode == SESSION_MODE_SYSCALL,
		.etc_directory = instance_directory(run->instance),
		.signals = run->signals,
	};

	if (!instance_trap_request(run->instance, &request.trap, error))
		return false;
	run->container = container_prepare(&request, ret_ends, error);
	return run->container != NULL;
}

/* Everything up to COMMAND. */
static bool run_set_up(struct run *run, GError **error)
{
	g_autofree char *stem = g_path_get_basename(run->invocation->command[0]);
	struct container_ends ends;

	run->instance = instance_new(run->invocation, stem, error);
	if (!run->instance)
		return false;
	run->signals =
		signals_take(taken_signals, ARRAY_SIZE(taken_signals), signal_arrived, run, error);
	if (!run->signals || !write_etc_files(run, error) || !prepare_container(run, &ends, error))
		return false;
	instance_refuse_trap(run->instance, ends.refusal);
	g_clear_pointer(&ends.refusal, g_free);
	if (!instance_start(run->instance, &ends.device, &ends.trap, stop_asked, run, error))
		return false;
	if (run->invocation->config.mode == SESSION_MODE_SYSCALL)
		instance_follow_servers(run->instance, rewrite_resolv_conf, run);
	return true;
}

static void run_clear(struct run *run)
{
	if (run->stop_timer)
		g_source_remove(run->stop_timer);
	container_free(run->container);
	instance_free(run->instance);
	signals_free(run->signals);
	g_main_loop_unref(run->loop);
}

/* Runs COMMAND; returns its status, or that of our own failure. */
static int run_command(struct invocation *invocation)
{
	struct run run = { .invocation = invocation, .status = EXIT_SLIRPWAY_FAILED };
	g_autoptr(GError) error = NULL;

	run.loop = g_main_loop_new(NULL, FALSE);
	if (run_set_up(&run, &error)) {
		instance_report_ready(run.instance);
		container_execute(run.container, command_ended, &run);
		g_main_loop_run(run.loop);
	} else {
		log_error("run: %s", error->message);
	}
	run_clear(&run);
	return run.status;
}

int command_run(int argc, char **argv)
{
	struct invocation invocation;
	g_autoptr(GError) error = NULL;
	int status = EXIT_SLIRPWAY_FAILED;

	if (!session_options_parse_run(argc, argv, &invocation, &error)) {
		log_error("run: %s", error->message);
	} else if (invocation.help) {
		g_autofree char *help = options_help(&run_command_spec, "slirpway");

		status = report_text("run", help);
	} else {
		log_set_level(invocation.log_level);
		status = run_command(&invocation);
	}
	invocation_clear(&invocation);
	return status;
}
