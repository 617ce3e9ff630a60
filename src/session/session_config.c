/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session is asked to be: its defaults. */

#include "config.h"

#include "session/session_config.h"

void session_config_init(struct session_config *config)
{
	*config = (struct session_config){
		.mode = SESSION_MODE_AUTO,
		.forwards = g_array_new(FALSE, TRUE, sizeof(struct forward)),
		.dns_servers = g_array_new(FALSE, TRUE, sizeof(struct endpoint)),
		.device_name = g_strdup("tap0"),
		.device = DEVICE_AUTO,
		.user_map = USER_MAP_ROOT,
		.dns = true,
		.dhcp = true,
		.configure = true,
	};
	/* The defaults always make a network. */
	network_plan(NULL, NULL, true, NETWORK_MTU_DEFAULT, &config->network, NULL);
}

const char *session_mode_name(enum session_mode mode)
{
	static const char *const names[] = {
		[SESSION_MODE_AUTO] = "auto",
		[SESSION_MODE_HYBRID] = "hybrid",
		[SESSION_MODE_PACKET] = "packet",
		[SESSION_MODE_SYSCALL] = "syscall",
	};

	return names[mode];
}

void session_config_clear(struct session_config *config)
{
	g_clear_pointer(&config->name, g_free);
	g_clear_pointer(&config->forwards, g_array_unref);
	g_clear_pointer(&config->dns_servers, g_array_unref);
	g_clear_pointer(&config->outbound_interface, g_free);
	g_clear_pointer(&config->pcap_path, g_free);
	g_clear_pointer(&config->trace_path, g_free);
	g_clear_pointer(&config->device_name, g_free);
	g_clear_pointer(&config->mac, g_free);
}
