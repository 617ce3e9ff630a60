/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of TCP and UDP sockets.
 *
 * This runs for each outgoing connection, and nothing but asking for each option tells whether it
 * was set: some sixty system calls. So most options, which hardly any program sets, are asked for
 * only once a program has set them at all, see setsockopt.c.
 *
 * An option is asked for once, of the old socket only, and compared with what a fresh socket
 * answers by the kernel's own defaults, which the table has. A default that a sysctl of the
 * container changes is copied like a choice of the program's; that is no harm, since the program
 * goes on to see what it saw. What people do change on hosts (the congestion control, bindv6only)
 * is OPTION_VARIES: there the new socket is asked as well.
 */

#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/util.h"
#include "syscall/option_table.h"
#include "syscall/socket_options.h"

/* Of asm-generic/socket.h (Linux 5.14), and its bits of linux/socket.h. */
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

enum {
	SEND_BUFFER_CHOSEN = 1,
	RECEIVE_BUFFER_CHOSEN = 2,
};

/* Bytes of the longest value: struct timeval, the name of a congestion control. */
#define VALUE_MAX 16

static const socklen_t kind_sizes[] = {
	[OPTION_INT] = sizeof(int),
	[OPTION_LONG] = sizeof(long),
	[OPTION_LINGER] = sizeof(struct linger),
	[OPTION_TIMEVAL] = sizeof(struct timeval),
	[OPTION_TEXT] = VALUE_MAX,
};

struct value {
	uint8_t bytes[VALUE_MAX];
	socklen_t length;
};

static bool read_value(int fd, const struct option_row *row, struct value *ret_value)
{
	*ret_value = (struct value){ .length = kind_sizes[row->kind] };
	return getsockopt(fd, row->level, row->name, ret_value->bytes, &ret_value->length) == 0;
}

static bool is_usual(const struct option_row *row, const struct value *value)
{
	int number;

	if (row->kind == OPTION_INT) {
		memcpy(&number, value->bytes, sizeof(number));
		return number == row->usual;
	}
	for (socklen_t i = 0; i < value->length; i++)
		if (value->bytes[i] != (uint8_t)row->usual)
			return false;
	return true;
}

static bool is_alike(const struct option_row *row, int to, const struct value *value)
{
	struct value other;

	return read_value(to, row, &other) && memcmp(other.bytes, value->bytes, VALUE_MAX) == 0;
}

static void copy_row(int from, int to, const struct option_row *row)
{
	struct value value;

	if (!read_value(from, row, &value))
		return;
	if (row->usual == OPTION_VARIES ? is_alike(row, to, &value) : is_usual(row, &value))
		return;
	(void)setsockopt(to, row->level, row->name, value.bytes, value.length);
}

static void copy_buffer(int from, int to, int name)
{
	int size;
	socklen_t length = sizeof(size);

	if (getsockopt(from, SOL_SOCKET, name, &size, &length) < 0)
		return;
	size /= 2; /* setsockopt doubles it */
	(void)setsockopt(to, SOL_SOCKET, name, &size, sizeof(size));
}

/* Sets the buffers' sizes if they were chosen; or if that can't be known, if they differ. */
static void copy_buffers(int from, int to)
{
	static const struct option_row sizes[] = {
		{ SOL_SOCKET, SO_SNDBUF, OPTION_INT, OPTION_VARIES, OPTION_OF_ANY, true },
		{ SOL_SOCKET, SO_RCVBUF, OPTION_INT, OPTION_VARIES, OPTION_OF_ANY, true },
	};
	int chosen = 0;
	socklen_t length = sizeof(chosen);
	struct value value;

	if (getsockopt(from, SOL_SOCKET, SO_BUF_LOCK, &chosen, &length) < 0) {
		if (read_value(from, &sizes[0], &value) && !is_alike(&sizes[0], to, &value))
			chosen |= SEND_BUFFER_CHOSEN;
		if (read_value(from, &sizes[1], &value) && !is_alike(&sizes[1], to, &value))
			chosen |= RECEIVE_BUFFER_CHOSEN;
	}
	if (chosen & SEND_BUFFER_CHOSEN)
		copy_buffer(from, to, SO_SNDBUF);
	if (chosen & RECEIVE_BUFFER_CHOSEN)
		copy_buffer(from, to, SO_RCVBUF);
}

/* Who gets SIGIO and SIGURG, and which signal in place of SIGIO. */
static void copy_owner(int from, int to)
{
	struct f_owner_ex owner;

	if (fcntl(from, F_GETOWN_EX, &owner) < 0 || owner.pid == 0)
		return;
	(void)fcntl(to, F_SETOWN_EX, &owner);
	(void)fcntl(to, F_SETSIG, fcntl(from, F_GETSIG));
}

static bool has_row(const struct option_row *row, const struct socket_facts *facts)
{
	switch (row->of) {
	case OPTION_OF_TCP:
		return !socket_facts_is_udp(facts);
	case OPTION_OF_UDP:
		return socket_facts_is_udp(facts);
	case OPTION_OF_IPV6:
		return facts->domain == AF_INET6;
	case OPTION_OF_ANY:
		break;
	}
	return true;
}

void socket_options_copy(int from, int to, const struct socket_facts *facts,
			 const struct options_set *set)
{
	for (size_t i = 0; i < option_table_size(); i++) {
		const struct option_row *row = option_table_row(i);

		if ((row->often || set->row[i]) && has_row(row, facts))
			copy_row(from, to, row);
	}
	copy_buffers(from, to);
	copy_owner(from, to);
}
