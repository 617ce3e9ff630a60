/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole program under the name slirp4netns: a drop-in for Podman, RootlessKit and their like.
 */

/*
 * Theory of operation
 *
 * What callers rely on is the order of things: the API socket exists and the engine runs before the
 * ready descriptor gets its byte, and the process that they started is the one to wait for and to
 * kill. It stays until a signal kills it or the exit descriptor hangs up; a signal leaves nothing
 * behind, for the engine dies with us, but the file of the API socket, as with slirp4netns. Nothing
 * is written outside the paths that the caller names: callers run us with read-only or missing
 * runtime directories.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/error.h"
#include "command/commands.h"
#include "command/slirp4netns_link.h"
#include "command/version.h"
#include "options/slirp4netns_options.h"
#include "session/control.h"
#include "session/session.h"

#define PROGRAM "slirp4netns"

static void print_help(void)
{
	g_autofree char *help = options_help(&slirp4netns_command_spec, PROGRAM);

	fputs(help, stdout);
}

/* One line of it: callers show their users all that we say when we fail. */
static void print_usage(void)
{
	printf("usage: " PROGRAM " %s\n", slirp4netns_command_spec.synopsis);
}

static void print_version(void)
{
	g_autofree char *version = version_slirp4netns_text();

	fputs(version, stdout);
}

static void print_address(const char *name, struct address address)
{
	char text[ADDRESS_TEXT_MAX];

	printf("* %-15s %s\n", name, address_format(&address, text));
}

/* The facts, for logs: callers compute the addresses by themselves. */
static void print_facts(const struct slirp4netns_invocation *invocation)
{
	const struct session_config *config = &invocation->config;
	const struct network *network = &config->network;
	char gateway[ADDRESS_TEXT_MAX];
	struct address host = address_from_v4(network->v4_gateway);

	printf("* %-15s %u\n", "MTU:", network->mtu);
	print_address("Network:", address_from_v4(network->v4_network));
	print_address("Netmask:", address_from_v4(network->v4_mask));
	print_address("Gateway:", host);
	print_address("DNS:", address_from_v4(network->v4_dns));
	print_address("DHCP begin:", address_from_v4(network->v4_dhcp));
	print_address("Recommended IP:", address_from_v4(network->v4_guest));
	if (network->v6) {
		print_address("IPv6 gateway:", address_from_v6(&network->v6_gateway));
		print_address("IPv6 DNS:", address_from_v6(&network->v6_dns));
	}
	if (config->outbound_v4.family != AF_UNSPEC)
		print_address("Outbound IPv4:", config->outbound_v4);
	if (config->outbound_v6.family != AF_UNSPEC)
		print_address("Outbound IPv6:", config->outbound_v6);
	if (config->outbound_interface != NULL)
		printf("* %-15s %s\n", "Outbound link:", config->outbound_interface);
	if (config->mac != NULL)
		printf("* %-15s %s\n", "MAC address:", config->mac);
	if (invocation->api_socket != NULL)
		printf("* %-15s %s\n", "API socket:", invocation->api_socket);
	if (config->host_loopback)
		printf("WARNING: the host's 127.0.0.1 can be reached as %s "
		       "(--disable-host-loopback prevents it)\n",
		       address_format(&host, gateway));
}

/* Paths that must exist are named before anything is made. */
static bool check_paths(const struct slirp4netns_invocation *invocation, GError **error)
{
	if (invocation->target == SLIRP4NETNS_PATH && access(invocation->path, F_OK) < 0) {
		error_set_errno(error, errno, "can't use the network namespace %s",
				invocation->path);
		return false;
	}
	if (invocation->userns_path != NULL && access(invocation->userns_path, F_OK) < 0) {
		error_set_errno(error, errno, "can't use the user namespace %s",
				invocation->userns_path);
		return false;
	}
	return true;
}

/*
 * Keeps the caller's descriptors from our children; to be called before anything else is opened,
 * for a number that is not open now may be one of ours later.
 */
static bool claim_descriptors(struct slirp4netns_invocation *invocation, GError **error)
{
	if (invocation->exit_fd >= 0 && fcntl(invocation->exit_fd, F_SETFD, FD_CLOEXEC) < 0) {
		error_set_errno(error, errno, "--exit-fd %d", invocation->exit_fd);
		return false;
	}
	if (invocation->ready_fd >= 0 && fcntl(invocation->ready_fd, F_SETFD, FD_CLOEXEC) < 0) {
		log_warning("--ready-fd %d: %s", invocation->ready_fd, g_strerror(errno));
		invocation->ready_fd = -1;
	}
	return true;
}

/* One byte says it all; a caller that has stopped listening is no reason to stop. */
static void report_ready(int *fd)
{
	int result;

	if (*fd < 0)
		return;
	result = descriptor_write_all(*fd, "1", 1);
	if (result < 0)
		log_warning("can't report to --ready-fd %d: %s", *fd, g_strerror(-result));
	descriptor_close(fd);
}

static gboolean exit_requested(gint fd, GIOCondition condition, gpointer data)
{
	(void)condition;
	log_info("--exit-fd %d hung up: ending", fd);
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

static void stop_requested(void *data)
{
	g_main_loop_quit(data);
}

/* Serves session until the caller wants it to end. Returns false with error set. */
static bool serve(struct slirp4netns_invocation *invocation, struct session *session,
		  GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	struct session_control *control = NULL;
	guint watch = 0;

	if (invocation->api_socket != NULL) {
		control = session_control_new(invocation->api_socket, session, &invocation->config,
					      NULL, stop_requested, loop, error);
		if (control == NULL)
			return false;
	}
	if (invocation->exit_fd >= 0)
		watch = g_unix_fd_add(invocation->exit_fd, G_IO_HUP | G_IO_ERR, exit_requested,
				      loop);
	report_ready(&invocation->ready_fd);
	g_main_loop_run(loop);
	if (watch != 0)
		g_source_remove(watch);
	session_control_free(control);
	return true;
}

static bool run(struct slirp4netns_invocation *invocation, GError **error)
{
	struct session_link link;
	struct session *session;
	bool served;

	if (!claim_descriptors(invocation, error) || !check_paths(invocation, error))
		return false;
	invocation->config.name = g_strdup_printf(PROGRAM "-%d", getpid());
	print_facts(invocation);
	fflush(stdout);
	if (!slirp4netns_link_open(invocation, &link, error))
		return false;
	session = session_start(&invocation->config, &link, NULL, error);
	if (session == NULL)
		return false;
	served = serve(invocation, session, error);
	session_free(session);
	return served;
}

int command_slirp4netns(int argc, char **argv)
{
	struct slirp4netns_invocation invocation;
	g_autofree char *warnings = NULL;
	g_autoptr(GError) error = NULL;
	bool parsed;

	log_set_name(PROGRAM);
	signal(SIGPIPE, SIG_IGN);
	parsed = slirp4netns_options_parse(argc, argv, &invocation, &warnings, &error);
	if (warnings != NULL)
		fputs(warnings, stdout);
	if (!parsed)
		print_usage();
	else if (invocation.help)
		print_help();
	else if (invocation.version)
		print_version();
	else
		run(&invocation, &error);
	if (error != NULL)
		log_error("%s", error->message);
	fflush(stdout);
	slirp4netns_invocation_clear(&invocation);
	return error == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
