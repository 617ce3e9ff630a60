/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries the namespaces of a container, and what limits them. */

#include "config.h"

#include "namespace/join.h"
#include "namespace/refusal.h"
#include "namespace/user_map.h"
#include "probe/attempts.h"
#include "probe/child.h"

static bool map_root(pid_t pid, GError **error)
{
	return user_map_write(pid, USER_MAP_ROOT, error);
}

static bool map_subordinates(pid_t pid, GError **error)
{
	return user_map_write(pid, USER_MAP_AUTO, error);
}

bool attempt_user_namespace(const struct feature_trial *trial, int argument, char **ret_detail,
			    GError **error)
{
	(void)trial;
	(void)argument;
	(void)ret_detail;
	return child_hold(namespaces_unshare_user, map_root, error);
}

bool attempt_network_namespace(const struct feature_trial *trial, int argument, char **ret_detail,
			       GError **error)
{
	(void)trial;
	(void)argument;
	(void)ret_detail;
	return child_hold(namespaces_unshare, map_root, error);
}

bool attempt_namespace_settings(const struct feature_trial *trial, int argument, char **ret_detail,
				GError **error)
{
	(void)trial;
	(void)argument;
	return refusal_describe_settings(ret_detail, error);
}

bool attempt_subordinate_ids(const struct feature_trial *trial, int argument, char **ret_detail,
			     GError **error)
{
	(void)trial;
	(void)argument;
	(void)ret_detail;
	return child_hold(namespaces_unshare_user, map_subordinates, error);
}
