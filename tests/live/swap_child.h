/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the processes whose sockets are swapped have in common; each is a child of the test. */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Ends the child if it is not so. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s (errno: %s)\n", __func__, __LINE__, #condition, \
				strerror(errno));                                                  \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Traps connect(2) and epoll_create1(2); returns the listener, or a negative number. */
int swap_install_filter(void);

/* A TCP socket with these flags of socket(2). */
int swap_new_socket(int flags);

/* Returns 0 or an errno. Where to makes no difference: all reach the listener of the test. */
int swap_try_connect(int fd);

/* Registers fd in the epoll, with the data. */
void swap_add(int epoll, int fd, uint32_t events, uint64_t data);
