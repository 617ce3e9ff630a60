/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the kernel refuses to make namespaces. */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "namespace/refusal.h"

/* A setting that refuses with number when it is zero, or when it is not. */
struct setting {
	const char *path;
	const char *wanted; /* what a system administrator would set */
	int number;
	bool refuses_zero;
};

static const struct setting settings[] = {
	{ "kernel/unprivileged_userns_clone", "1", EPERM, true },
	{ "kernel/apparmor_restrict_unprivileged_userns", "0", EPERM, false },
	{ "kernel/apparmor_restrict_unprivileged_userns", "0", EACCES, false },
	{ "user/max_user_namespaces", "15000", ENOSPC, true },
	{ "user/max_net_namespaces", "15000", ENOSPC, true },
	{ "user/max_mnt_namespaces", "15000", ENOSPC, true },
};

/* Reads the setting's value into *ret_value; false if the kernel has no such setting. */
static bool read_setting(const char *setting, gint64 *ret_value)
{
	g_autofree char *path = g_strdup_printf("/proc/sys/%s", setting);
	g_autofree char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) &&
	       g_ascii_string_to_signed(g_strstrip(text), 10, G_MININT64, G_MAXINT64, ret_value,
					NULL);
}

/* "kernel.apparmor_restrict_unprivileged_userns" as sysctl(8) names it. */
static char *sysctl_name(const char *setting)
{
	char *name = g_strdup(setting);

	*strchr(name, '/') = '.';
	return name;
}

void refusal_set_error(GError **error, int number, const char *what)
{
	gint64 value;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];
		g_autofree char *name = sysctl_name(setting->path);

		if (setting->number != number || !read_setting(setting->path, &value) ||
		    (value == 0) != setting->refuses_zero)
			continue;
		error_set(error, SLIRPWAY_ERROR_DENIED,
			  "%s: %s is %" G_GINT64_FORMAT
			  " here, which forbids it (as root: sysctl -w "
			  "%s=%s)",
			  what, name, value, name, setting->wanted);
		return;
	}
	if (number == ENOSPC)
		error_set_errno(error, number,
				"%s (all that user.max_*_namespaces allows are in use)", what);
	else if (number == EPERM)
		error_set_errno(error, number,
				"%s (a seccomp filter, a security module or a chroot forbids user "
				"namespaces here)",
				what);
	else
		error_set_errno(error, number, "%s", what);
}
