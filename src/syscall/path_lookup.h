/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking a path up as another task would: from its root and its working directory. */
#pragma once

#include <sys/types.h>

/*
 * The file that path means to tid, opened with O_PATH and close-on-exec, the caller's; -errno as
 * the lookup comes to it, -ESRCH if tid has gone. Never leaves tid's root directory, whatever the
 * links on the way say; magic links of /proc lead nowhere. Rights are those of this process. proc:
 * of /proc.
 */
int path_lookup(int proc, pid_t tid, const char *path);

/*
 * The same of the directory in which path's last component is, or would be made; *ret_name is that
 * component, within path. -EEXIST where it can't be a name ("/", "..", "."), -ENOENT where only a
 * directory's can be: what ends in a slash.
 */
int path_lookup_parent(int proc, pid_t tid, const char *path, const char **ret_name);
