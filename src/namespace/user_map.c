/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How ids inside a new user namespace map to those outside. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/map_tool.h"
#include "namespace/user_map.h"

/* One of the two maps, and where what belongs to it is found. */
struct map_kind {
	const char *file;	  /* in /proc/PID */
	const char *tool;	  /* setuid program that writes it */
	const char *subordinates; /* ranges that users may map */
};

static const struct map_kind uid_kind = { "uid_map", "newuidmap", "/etc/subuid" };
static const struct map_kind gid_kind = { "gid_map", "newgidmap", "/etc/subgid" };

/* Writes a file of /proc/PID; returns 0 or -errno. */
static int write_proc(pid_t pid, const char *file, const char *text)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, file);
	CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* One write(2): the kernel takes a map at once or not at all. */
	if (fd < 0)
		return -errno;
	return descriptor_write_all(fd, text, strlen(text));
}

/* Maps a single id, which every user may do with the own one. */
static bool write_single(pid_t pid, const struct map_kind *kind, unsigned int inside,
			 unsigned int outside, GError **error)
{
	g_autofree char *text = g_strdup_printf("%u %u 1\n", inside, outside);
	int result = write_proc(pid, kind->file, text);

	if (result < 0)
		error_set_errno(error, -result, "can't write /proc/%d/%s", (int)pid, kind->file);
	return result == 0;
}

/* Maps one user and one group. Groups can't be changed inside then, which gid_map asks for. */
static bool write_singles(pid_t pid, unsigned int inside_uid, unsigned int inside_gid,
			  GError **error)
{
	int result = write_proc(pid, "setgroups", "deny");

	if (result < 0 && result != -ENOENT) {
		error_set_errno(error, -result, "can't write /proc/%d/setgroups", (int)pid);
		return false;
	}
	return write_single(pid, &uid_kind, inside_uid, geteuid(), error) &&
	       write_single(pid, &gid_kind, inside_gid, getegid(), error);
}

/* Reads "OWNER:START:COUNT" (subuid(5)) if OWNER is the user's name or number. */
static bool parse_range(const char *line, const char *user, const char *number, guint64 *ret_start,
			guint64 *ret_count)
{
	g_auto(GStrv) fields = g_strsplit(line, ":", 4);

	return g_strv_length(fields) == 3 &&
	       ((user && strcmp(fields[0], user) == 0) || strcmp(fields[0], number) == 0) &&
	       g_ascii_string_to_unsigned(g_strstrip(fields[1]), 10, 0, G_MAXUINT32, ret_start,
					  NULL) &&
	       g_ascii_string_to_unsigned(g_strstrip(fields[2]), 10, 1, G_MAXUINT32, ret_count,
					  NULL);
}

/*
 * Appends "INSIDE START COUNT" for each range of the user in text, one behind the other from id 1
 * on; returns how many there were. The name and the number of the user both count.
 */
static unsigned int append_ranges(GPtrArray *arguments, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *number = g_strdup_printf("%u", (unsigned int)geteuid());
	const struct passwd *entry = getpwuid(geteuid());
	guint64 inside = 1, start, count;
	unsigned int found = 0;

	for (char **line = lines; *line; line++) {
		if (!parse_range(*line, entry ? entry->pw_name : NULL, number, &start, &count))
			continue;
		g_ptr_array_add(arguments, g_strdup_printf("%" G_GUINT64_FORMAT, inside));
		g_ptr_array_add(arguments, g_strdup_printf("%" G_GUINT64_FORMAT, start));
		g_ptr_array_add(arguments, g_strdup_printf("%" G_GUINT64_FORMAT, count));
		inside += count;
		found++;
	}
	return found;
}

/* Maps id 0 to own and the ids from 1 on to the user's subordinate ones. */
static bool write_subordinates(pid_t pid, const struct map_kind *kind, unsigned int own,
			       GError **error)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = NULL;

	g_ptr_array_add(arguments, g_strdup(kind->tool));
	g_ptr_array_add(arguments, g_strdup_printf("%d", (int)pid));
	g_ptr_array_add(arguments, g_strdup("0"));
	g_ptr_array_add(arguments, g_strdup_printf("%u", own));
	g_ptr_array_add(arguments, g_strdup("1"));
	if (!g_file_get_contents(kind->subordinates, &text, NULL, NULL))
		text = g_strdup("");
	if (append_ranges(arguments, text) == 0) {
		error_set(error, SLIRPWAY_ERROR_DENIED,
			  "the user %u has no range in %s, which --map-auto needs: add one "
			  "(usermod --add-%s 100000-165535 USER) or use --map-root-user",
			  (unsigned int)geteuid(), kind->subordinates,
			  kind == &uid_kind ? "subuids" : "subgids");
		return false;
	}
	g_ptr_array_add(arguments, NULL);
	return map_tool_run((char **)arguments->pdata, error);
}

bool user_map_write(pid_t pid, enum user_map map, GError **error)
{
	switch (map) {
	case USER_MAP_ROOT:
		return write_singles(pid, 0, 0, error);
	case USER_MAP_CURRENT:
		return write_singles(pid, geteuid(), getegid(), error);
	case USER_MAP_AUTO:
		return write_subordinates(pid, &uid_kind, geteuid(), error) &&
		       write_subordinates(pid, &gid_kind, getegid(), error);
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "unknown user mapping: %d", (int)map);
	return false;
}
