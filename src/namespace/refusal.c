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
	const char *name;
	const char *path;
	const char *remedy; /* what a system administrator would do */
	int number;
	bool refuses_zero;
};

#define SYSCTL(first, second, wanted, number, refuses_zero)                                        \
	{                                                                                          \
		first "." second, "/proc/sys/" first "/" second,                                   \
			"sysctl -w " first "." second "=" wanted, number, refuses_zero             \
	}

/* What refuses with two numbers comes in two rows, one after the other. */
static const struct setting settings[] = {
	SYSCTL("kernel", "unprivileged_userns_clone", "1", EPERM, true),
	SYSCTL("kernel", "apparmor_restrict_unprivileged_userns", "0", EPERM, false),
	SYSCTL("kernel", "apparmor_restrict_unprivileged_userns", "0", EACCES, false),
	{ "the SELinux boolean deny_userns", "/sys/fs/selinux/booleans/deny_userns",
	  "setsebool -P deny_userns off", EACCES, false },
	SYSCTL("user", "max_user_namespaces", "15000", ENOSPC, true),
	SYSCTL("user", "max_net_namespaces", "15000", ENOSPC, true),
	SYSCTL("user", "max_mnt_namespaces", "15000", ENOSPC, true),
};

/*
 * Reads the setting's value into *ret_value; false if there is no such setting here. SELinux has
 * two numbers in the file: what holds, and what will hold.
 */
static bool read_setting(const struct setting *setting, gint64 *ret_value)
{
	g_autofree char *text = NULL;
	char *end;

	if (!g_file_get_contents(setting->path, &text, NULL, NULL))
		return false;
	*ret_value = g_ascii_strtoll(text, &end, 10);
	return end != text;
}

static void set_setting_error(GError **error, const struct setting *setting, gint64 value,
			      const char *what)
{
	error_set(error, SLIRPWAY_ERROR_DENIED,
		  "%s%s%s is %" G_GINT64_FORMAT " here, which forbids it (as root: %s)", what,
		  *what ? ": " : "", setting->name, value, setting->remedy);
}

void refusal_set_error(GError **error, int number, const char *what)
{
	gint64 value;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];

		if (setting->number != number || !read_setting(setting, &value) ||
		    (value == 0) != setting->refuses_zero)
			continue;
		set_setting_error(error, setting, value, what);
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

bool refusal_describe_settings(char **ret_text, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *last = "";
	gint64 value;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *setting = &settings[i];

		if (strcmp(setting->name, last) == 0 || !read_setting(setting, &value))
			continue;
		if ((value == 0) == setting->refuses_zero) {
			set_setting_error(error, setting, value, "");
			return false;
		}
		g_string_append_printf(text, "%s%s is %" G_GINT64_FORMAT, text->len > 0 ? ", " : "",
				       setting->name, value);
		last = setting->name;
	}
	*ret_text = g_strdup(text->str);
	return true;
}
