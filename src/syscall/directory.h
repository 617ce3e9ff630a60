/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going over the directories of /proc that list numbers. */
#pragma once

/*
 * Calls visit for each name of the directory path, relative to the descriptor at, that is a
 * number. Returns 0 or -errno.
 */
int directory_each_number(int at, const char *path, void (*visit)(int number, void *data),
			  void *data);
