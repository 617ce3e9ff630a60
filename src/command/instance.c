/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What run and attach have in common: a session with a name, a directory and a control socket. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "command/instance.h"
#include "session/control.h"
#include "session/mode_choice.h"
#include "session/registry.h"
#include "session/session.h"

/* Leaves room for "-PID" within the 64 characters of a name. */
#define STEM_MAX 48

#define TUN_PATH "/dev/net/tun"

struct instance {
	struct invocation *invocation;
	struct registry_entry *entry;
	struct session *session;
	struct session_control *control;
	char *refusal; /* why auto came to packet */
};

/* "STEM-PID" as a valid session name, for the caller to free. */
static char *make_name(const char *stem)
{
	g_autofree char *name = g_strndup(stem, STEM_MAX);

	for (char *at = name; *at; at++)
		if (!g_ascii_isalnum(*at) && !strchr("._-", *at))
			*at = '_';
	if (*name == '.' || *name == '-')
		*name = '_';
	return g_strdup_printf("%s-%d", name, (int)getpid());
}

struct instance *instance_new(struct invocation *invocation, const char *stem, GError **error)
{
	struct instance *instance;
	struct registry_entry *entry;

	if (invocation->ready_fd >= 0 && fcntl(invocation->ready_fd, F_SETFD, FD_CLOEXEC) < 0) {
		error_set_errno(error, errno, "--ready-fd %d", invocation->ready_fd);
		return NULL;
	}
	if (!invocation->config.name)
		invocation->config.name = make_name(stem);
	entry = registry_claim(invocation->config.name, error);
	if (!entry)
		return NULL;
	instance = g_new0(struct instance, 1);
	instance->invocation = invocation;
	instance->entry = entry;
	return instance;
}

const char *instance_directory(const struct instance *instance)
{
	return registry_entry_directory(instance->entry);
}

struct device_request instance_device_request(const struct instance *instance)
{
	const struct session_config *config = &instance->invocation->config;

	return (struct device_request){
		.kind = config->device,
		.name = config->device_name,
		.mac = config->mac,
		.configure = config->configure,
		.network = &config->network,
	};
}

/* Why the mode that was asked for can't be had, and what can be done. */
static void set_mode_error(GError **error, enum session_mode mode, const GError *reason)
{
	bool in_use = g_error_matches(reason, SLIRPWAY_ERROR, SLIRPWAY_ERROR_IN_USE);

	g_set_error(error, reason->domain, reason->code, "--mode=%s: %s; %suse --mode=packet",
		    session_mode_name(mode), reason->message,
		    in_use ? "start it outside of that, or " : "");
}

bool instance_trap_request(struct instance *instance, struct trap_request *ret_request,
			   GError **error)
{
	const struct session_config *config = &instance->invocation->config;
	g_autoptr(GError) reason = NULL;
	struct mode_choice choice;

	if (!mode_choice_make(config->mode, config->virtual_addresses, &choice, &reason)) {
		set_mode_error(error, config->mode, reason);
		return false;
	}
	*ret_request = (struct trap_request){
		.wanted = choice.mode != SESSION_MODE_PACKET,
		.required = config->mode != SESSION_MODE_AUTO,
		.kind = choice.kind,
	};
	instance_refuse_trap(instance, choice.refusal);
	mode_choice_clear(&choice);
	return true;
}

void instance_refuse_trap(struct instance *instance, const char *reason)
{
	if (!reason)
		return;
	g_free(instance->refusal);
	instance->refusal = g_strdup(reason);
}

/* What auto came to, and why. */
static void announce(const struct instance *instance, const struct device *device)
{
	const struct session_config *config = &instance->invocation->config;
	int fd;

	if (config->mode == SESSION_MODE_AUTO && instance->refusal)
		log_info("mode packet: %s", instance->refusal);
	else if (config->mode == SESSION_MODE_AUTO)
		log_info("mode hybrid: this kernel lets us make TCP connections in a program's "
			 "place");
	if (config->trace_path && session_mode(instance->session) == SESSION_MODE_PACKET)
		log_warning("--trace: no call is trapped, so nothing is written to %s",
			    config->trace_path);
	if (device->fd < 0 || config->device != DEVICE_AUTO || device->kind != DEVICE_VETH)
		return;
	fd = open(TUN_PATH, O_RDWR | O_CLOEXEC);
	log_info("device veth: no tap can be made with " TUN_PATH ": %s",
		 fd < 0 ? g_strerror(errno) : "it was refused in the container");
	descriptor_close(&fd);
}

bool instance_start(struct instance *instance, const struct device *device, const struct trap *trap,
		    void (*stop)(void *data), void *data, GError **error)
{
	struct session_config *config = &instance->invocation->config;
	struct session_link link = {
		.kind = device->kind == DEVICE_VETH ? LINK_PACKET : LINK_TAP,
		.vnet_header = device->vnet_header,
		.fd = device->fd,
		.name = device->name,
	};
	g_autofree char *path =
		g_build_filename(instance_directory(instance), "control.sock", NULL);

	instance->session = session_start(config, device->fd >= 0 ? &link : NULL, trap, error);
	if (!instance->session)
		return false;
	instance->control = session_control_new(path, instance->session, config,
						instance->invocation->command, stop, data, error);
	if (!instance->control)
		return false;
	announce(instance, device);
	if (device->fd >= 0)
		config->device = device->kind; /* what status tells */
	return true;
}

void instance_follow_servers(struct instance *instance, session_servers_func changed, void *data)
{
	session_follow_servers(instance->session, changed, data);
}

void instance_report_ready(struct instance *instance)
{
	int *fd = &instance->invocation->ready_fd;
	int r;

	if (*fd < 0)
		return;
	r = descriptor_write_all(*fd, "1", 1);
	if (r < 0)
		log_warning("writing to --ready-fd %d: %s", *fd, g_strerror(-r));
	descriptor_close(fd);
}

void instance_free(struct instance *instance)
{
	if (!instance)
		return;
	session_control_free(instance->control);
	session_free(instance->session);
	registry_release(instance->entry);
	g_free(instance->refusal);
	g_free(instance);
}
