/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway attach: a network for namespaces that exist, until they end. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "command/commands.h"
#include "command/instance.h"
#include "command/report.h"
#include "namespace/join.h"
#include "namespace/lifetime.h"
#include "options/session_options.h"
#include "session/signals.h"

static const int taken_signals[] = { SIGINT, SIGTERM, SIGHUP };

struct attach {
	struct invocation *invocation;
	struct signals *signals;
	struct instance *instance;
	struct lifetime *lifetime;
	GMainLoop *loop;
};

static void signal_arrived(const struct signalfd_siginfo *info G_GNUC_UNUSED, void *data)
{
	g_main_loop_quit(data);
}

static void stop_asked(void *data)
{
	g_main_loop_quit(data);
}

static void namespaces_ended(void *data)
{
	log_info("the namespaces have ended");
	g_main_loop_quit(data);
}

/* A word that was meant as the name of a session or a container is looked for as a path. */
static bool check_path(const char *path, GError **error)
{
	if (!path || strchr(path, '/') || access(path, F_OK) == 0)
		return true;
	error_set_errno(error, errno, "a PID or a path is wanted, not %s", path);
	return false;
}

static bool attach_set_up(struct attach *attach, GError **error)
{
	const struct namespace_target target = {
		.pid = attach->invocation->pid,
		.netns_path = attach->invocation->netns_path,
		.userns_path = attach->invocation->userns_path,
	};
	struct device_request request;
	struct device device;

	if (!check_path(target.netns_path, error))
		return false;
	attach->instance = instance_new(attach->invocation, "attach", error);
	if (!attach->instance)
		return false;
	attach->signals = signals_take(taken_signals, ARRAY_SIZE(taken_signals), signal_arrived,
				       attach->loop, error);
	if (!attach->signals)
		return false;
	request = instance_device_request(attach->instance);
	instance_refuse_trap(attach->instance,
			     "the calls of processes that run already can't be trapped");
	if (!namespaces_open_device(&target, &request, &device, error) ||
	    !instance_start(attach->instance, &device, NULL, stop_asked, attach->loop, error))
		return false;
	attach->lifetime = lifetime_watch(&target, namespaces_ended, attach->loop, error);
	return attach->lifetime != NULL;
}

static void attach_clear(struct attach *attach)
{
	lifetime_free(attach->lifetime);
	instance_free(attach->instance);
	signals_free(attach->signals);
	g_main_loop_unref(attach->loop);
}

static int attach_run(struct invocation *invocation)
{
	struct attach attach = { .invocation = invocation };
	g_autoptr(GError) error = NULL;

	attach.loop = g_main_loop_new(NULL, FALSE);
	if (attach_set_up(&attach, &error)) {
		log_info("%s is ready", invocation->config.name);
		instance_report_ready(attach.instance);
		g_main_loop_run(attach.loop);
	} else {
		log_error("attach: %s", error->message);
	}
	attach_clear(&attach);
	return error ? EXIT_SLIRPWAY_FAILED : EXIT_SUCCESS;
}

int command_attach(int argc, char **argv)
{
	struct invocation invocation;
	g_autoptr(GError) error = NULL;
	int status = EXIT_SLIRPWAY_FAILED;

	if (!session_options_parse_attach(argc, argv, &invocation, &error)) {
		log_error("attach: %s", error->message);
	} else if (invocation.help) {
		g_autofree char *help = options_help(&attach_command_spec, "slirpway");

		status = report_text("attach", help);
	} else {
		log_set_level(invocation.log_level);
		status = attach_run(&invocation);
	}
	invocation_clear(&invocation);
	return status;
}
