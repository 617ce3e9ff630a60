/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs that compare starts. */

#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/program_files.h"
#include "compare/toolbox.h"

#define OWN_PROGRAM "slirpway"
#define WORKLOAD_PROGRAM "slirpway-workload"
#define RELAY_PROGRAM "slirpway-delay-relay"

struct toolbox {
	char *directory, *bin, *world;
	char *relay;
	GPtrArray *links; /* paths of what is in bin */
};

/* Where an ordinary user's PATH may not lead, but programs of a network are. */
#define MORE_PLACES "/usr/sbin:/sbin"

bool toolbox_add(struct toolbox *toolbox, const char *name, const char *target, GError **error)
{
	g_autofree char *path = g_build_filename(toolbox->bin, name, NULL);

	if (symlink(target, path) < 0) {
		error_set_errno(error, errno, "can't make %s", path);
		return false;
	}
	g_ptr_array_add(toolbox->links, g_steal_pointer(&path));
	return true;
}

static bool add_programs(struct toolbox *toolbox, const char *slirpway, GError **error)
{
	g_autofree char *own = slirpway ? g_canonicalize_filename(slirpway, NULL)
					: g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *workload = program_file_find(WORKLOAD_PROGRAM, error);

	if (!workload)
		return false;
	if (!own || access(own, X_OK) < 0) {
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND, "can't execute %s",
			  own ? own : "the running program");
		return false;
	}
	return toolbox_add(toolbox, OWN_PROGRAM, own, error) &&
	       toolbox_add(toolbox, WORKLOAD_PROGRAM, workload, error);
}

static void extend_path(const struct toolbox *toolbox)
{
	const char *path = g_getenv("PATH");
	g_autofree char *extended = g_strdup_printf(
		"%s:%s:%s", toolbox->bin, path && *path ? path : "/usr/bin:/bin", MORE_PLACES);

	g_setenv("PATH", extended, TRUE);
}

static bool make_directories(struct toolbox *toolbox, GError **error)
{
	g_autoptr(GError) reason = NULL;

	toolbox->directory = g_dir_make_tmp("slirpway-compare-XXXXXX", &reason);
	if (!toolbox->directory) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "%s", reason->message);
		return false;
	}
	toolbox->bin = g_build_filename(toolbox->directory, "bin", NULL);
	toolbox->world = g_build_filename(toolbox->directory, "world", NULL);
	if (mkdir(toolbox->bin, 0700) == 0 && mkdir(toolbox->world, 0700) == 0)
		return true;
	error_set_errno(error, errno, "can't make directories in %s", toolbox->directory);
	return false;
}

struct toolbox *toolbox_open(const char *slirpway, GError **error)
{
	struct toolbox *toolbox = g_new0(struct toolbox, 1);

	toolbox->links = g_ptr_array_new_with_free_func(g_free);
	if (!make_directories(toolbox, error) || !add_programs(toolbox, slirpway, error)) {
		toolbox_close(toolbox);
		return NULL;
	}
	toolbox->relay = program_file_find(RELAY_PROGRAM, NULL);
	extend_path(toolbox);
	return toolbox;
}

const char *toolbox_world(const struct toolbox *toolbox)
{
	return toolbox->world;
}

const char *toolbox_relay(const struct toolbox *toolbox)
{
	return toolbox->relay;
}

void toolbox_close(struct toolbox *toolbox)
{
	if (!toolbox)
		return;
	for (guint i = 0; i < toolbox->links->len; i++)
		(void)unlink(toolbox->links->pdata[i]);
	if (toolbox->bin) {
		(void)rmdir(toolbox->bin);
		(void)rmdir(toolbox->world);
	}
	if (toolbox->directory)
		(void)rmdir(toolbox->directory);
	g_ptr_array_unref(toolbox->links);
	g_free(toolbox->directory);
	g_free(toolbox->bin);
	g_free(toolbox->world);
	g_free(toolbox->relay);
	g_free(toolbox);
}
