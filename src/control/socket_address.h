/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binds and connects AF_UNIX sockets to paths of any length. The address of one holds 107 bytes
 * (unix(7)); a longer path goes by way of its directory's entry in /proc/self/fd, so that only the
 * last name has to fit beside that.
 */
#pragma once

/* bind(2); returns 0 or -errno, -ENAMETOOLONG if the last name alone is too long. */
int socket_address_bind(int fd, const char *path);

/* connect(2); returns 0 or -errno likewise. */
int socket_address_connect(int fd, const char *path);
