/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which descriptors of a process are epoll instances. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct epolls;

/* proc: a descriptor of /proc, borrowed. */
struct epolls *epolls_new(int proc);

/* NULL is allowed. */
void epolls_free(struct epolls *epolls);

/* A thread of process is about to make an epoll instance. */
void epolls_note(struct epolls *epolls, pid_t process);

/*
 * The numbers in the table of process, of which tid is a thread; they are borrowed until the next
 * call. Looks at the whole table only if it must.
 */
const int *epolls_of_process(struct epolls *epolls, pid_t process, pid_t tid, size_t *ret_count);

/* The numbers in the table of tid, which is always looked at; borrowed as above. */
const int *epolls_look(struct epolls *epolls, pid_t tid, size_t *ret_count);
