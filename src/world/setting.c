/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the calling process's network namespace. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/interface.h"
#include "world/setting.h"
#include "world/world.h"

#define CONGESTION "ipv4/tcp_congestion_control"

/* Not within a namespace alone: readable in all of them. */
#define ALLOWED_PATH "/proc/sys/net/ipv4/tcp_allowed_congestion_control"

bool setting_write(const char *name, const char *value, GError **error)
{
	g_autofree char *path = g_build_filename("/proc/sys/net", name, NULL);
	CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : descriptor_write_all(fd, value, strlen(value));

	if (r < 0)
		error_set_errno(error, -r, "can't write \"%s\" to %s", value, path);
	return r == 0;
}

char **world_allowed_congestions(void)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(ALLOWED_PATH, &text, NULL, NULL))
		return NULL;
	return g_strsplit(g_strstrip(text), " ", -1);
}

static bool set_congestion(const char *congestion, GError **error)
{
	g_auto(GStrv) allowed = NULL;
	g_autofree char *words = NULL;

	if (setting_write(CONGESTION, congestion, NULL))
		return true;
	allowed = world_allowed_congestions();
	words = allowed ? g_strjoinv(" ", allowed) : g_strdup("unknown");
	error_set(error, SLIRPWAY_ERROR_DENIED,
		  "congestion control %s can't be set in new namespaces (allowed: %s); root of the"
		  " machine sets net.ipv4.tcp_allowed_congestion_control",
		  congestion, words);
	return false;
}

bool setting_prepare_namespace(const char *congestion, GError **error)
{
	static const char *const optional[] = {
		"ipv6/conf/default/accept_dad",
		"ipv6/conf/default/accept_ra",
		"ipv6/conf/default/router_solicitations",
	};

	/* Where the kernel has no IPv6 they are not there, nor needed. */
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		(void)setting_write(optional[i], "0", NULL);
	return interface_up_loopback(error) &&
	       setting_write("ipv4/ping_group_range", "0 0", error) &&
	       setting_write("ipv4/ip_forward", "1", error) && set_congestion(congestion, error);
}
