/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of TCP and UDP sockets.
 *
 * This runs for each outgoing connection, and nothing but asking for each option tells whether it
 * was set: some fifty system calls. So each is asked for once, of the old socket only, and compared
 * with what a fresh socket answers by the kernel's own defaults, which the table has. A default
 * that a sysctl of a network namespace changes is copied like a choice of the program's; that is
 * no harm, since the program goes on to see what it saw. What people do change on hosts (the
 * congestion control, bindv6only) is marked VARIES: there the new socket is asked as well.
 *
 * Which control messages a TCP socket gives with IP_PKTOPTIONS (ip(7)) tells for three options at
 * once that they are not set. The like is in IPv6 (IPV6_2292PKTOPTIONS, RFC 2292 section 5.1).
 *
 * Not in the tables, besides what the header says: what does nothing on either kind of socket
 * (SO_NO_CHECK), and what can't be raised without privilege (SO_BUSY_POLL).
 */

#include "config.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/util.h"
#include "syscall/socket_options.h"

/* Of linux/in.h (Linux 6.3), which can't be included along with netinet/in.h. */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

/* Of asm-generic/socket.h (Linux 5.14), and its bits of linux/socket.h. */
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

/* Of linux/in6.h, which can't be included either. */
#ifndef IPV6_2292PKTOPTIONS
#define IPV6_2292PKTOPTIONS 6
#endif
#ifndef IPV6_AUTOFLOWLABEL
#define IPV6_AUTOFLOWLABEL 70
#endif

enum {
	SEND_BUFFER_CHOSEN = 1,
	RECEIVE_BUFFER_CHOSEN = 2,
};

/* Bytes of the longest value: struct timeval, the name of a congestion control. */
#define VALUE_MAX 16

enum kind {
	KIND_INT,
	KIND_LONG,
	KIND_LINGER,
	KIND_TIMEVAL,
	KIND_TEXT, /* of any length */
};

static const socklen_t kind_sizes[] = {
	[KIND_INT] = sizeof(int),
	[KIND_LONG] = sizeof(long),
	[KIND_LINGER] = sizeof(struct linger),
	[KIND_TIMEVAL] = sizeof(struct timeval),
	[KIND_TEXT] = VALUE_MAX,
};

struct row {
	int level;
	int name;
	enum kind kind;
	int usual; /* of an int: its value; of others: each byte of it, 0 or -1 */
};

/* No option has this value. */
#define VARIES 0x5a5a5a5a

/* IP_TOS changes SO_PRIORITY, hence their order. */
static const struct row rows[] = {
	{ IPPROTO_IP, IP_TOS, KIND_INT, 0 },
	{ IPPROTO_IP, IP_TTL, KIND_INT, 64 },
	{ IPPROTO_IP, IP_MTU_DISCOVER, KIND_INT, IP_PMTUDISC_WANT },
	{ IPPROTO_IP, IP_RECVERR, KIND_INT, 0 },
	{ IPPROTO_IP, IP_FREEBIND, KIND_INT, 0 },
	{ IPPROTO_IP, IP_MINTTL, KIND_INT, 0 },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, KIND_INT, 0 },
	{ IPPROTO_IP, IP_LOCAL_PORT_RANGE, KIND_INT, 0 },

	{ SOL_SOCKET, SO_REUSEADDR, KIND_INT, 0 },
	{ SOL_SOCKET, SO_REUSEPORT, KIND_INT, 0 },
	{ SOL_SOCKET, SO_KEEPALIVE, KIND_INT, 0 },
	{ SOL_SOCKET, SO_OOBINLINE, KIND_INT, 0 },
	{ SOL_SOCKET, SO_BROADCAST, KIND_INT, 0 },
	{ SOL_SOCKET, SO_DONTROUTE, KIND_INT, 0 },
	{ SOL_SOCKET, SO_LINGER, KIND_LINGER, 0 },
	{ SOL_SOCKET, SO_PRIORITY, KIND_INT, 0 },
	{ SOL_SOCKET, SO_RCVLOWAT, KIND_INT, 1 },
	{ SOL_SOCKET, SO_RCVTIMEO, KIND_TIMEVAL, 0 },
	{ SOL_SOCKET, SO_SNDTIMEO, KIND_TIMEVAL, 0 },
	{ SOL_SOCKET, SO_TIMESTAMP, KIND_INT, 0 },
	{ SOL_SOCKET, SO_TIMESTAMPNS, KIND_INT, 0 },
	{ SOL_SOCKET, SO_TIMESTAMPING, KIND_INT, 0 },
	{ SOL_SOCKET, SO_SELECT_ERR_QUEUE, KIND_INT, 0 },
	{ SOL_SOCKET, SO_ZEROCOPY, KIND_INT, 0 },
	{ SOL_SOCKET, SO_MAX_PACING_RATE, KIND_LONG, -1 },
	{ SOL_SOCKET, SO_INCOMING_CPU, KIND_INT, -1 },
};

/* Of TCP alone. */
static const struct row rows_tcp[] = {
	{ IPPROTO_TCP, TCP_NODELAY, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_CORK, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_MAXSEG, KIND_INT, TCP_MSS_DEFAULT },
	{ IPPROTO_TCP, TCP_KEEPIDLE, KIND_INT, 7200 },
	{ IPPROTO_TCP, TCP_KEEPINTVL, KIND_INT, 75 },
	{ IPPROTO_TCP, TCP_KEEPCNT, KIND_INT, 9 },
	{ IPPROTO_TCP, TCP_SYNCNT, KIND_INT, 6 },
	{ IPPROTO_TCP, TCP_LINGER2, KIND_INT, 60 },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_QUICKACK, KIND_INT, 1 },
	{ IPPROTO_TCP, TCP_CONGESTION, KIND_TEXT, VARIES },
	{ IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, KIND_INT, 0 },
	/* Not TCP_FASTOPEN_CONNECT: connect(2) on behalf must say what came of it. */
	{ IPPROTO_TCP, TCP_FASTOPEN, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_SAVE_SYN, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_INQ, KIND_INT, 0 },
	{ IPPROTO_TCP, TCP_TX_DELAY, KIND_INT, 0 },
};

static const struct row rows_v6[] = {
	{ IPPROTO_IPV6, IPV6_V6ONLY, KIND_INT, VARIES },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, KIND_INT, 64 },
	{ IPPROTO_IPV6, IPV6_TCLASS, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, KIND_INT, IPV6_PMTUDISC_WANT },
	{ IPPROTO_IPV6, IPV6_RECVERR, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_MINHOPCOUNT, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_DONTFRAG, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, KIND_INT, 1 },
	{ IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, KIND_INT, VARIES },
};

/* The control messages of IPv4, and of IPv6. */
static const struct row rows_control[] = {
	{ IPPROTO_IP, IP_RECVTOS, KIND_INT, 0 },
	{ IPPROTO_IP, IP_RECVTTL, KIND_INT, 0 },
	{ IPPROTO_IP, IP_PKTINFO, KIND_INT, 0 },
};
static const struct row rows_control_v6[] = {
	{ IPPROTO_IPV6, IPV6_RECVTCLASS, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, KIND_INT, 0 },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, KIND_INT, 0 },
};

/* Of UDP alone. */
static const struct row rows_udp[] = {
	{ SOL_SOCKET, SO_RXQ_OVFL, KIND_INT, 0 },
	{ IPPROTO_IP, IP_MULTICAST_TTL, KIND_INT, 1 },
	{ IPPROTO_IP, IP_MULTICAST_LOOP, KIND_INT, 1 },
	{ IPPROTO_UDP, UDP_CORK, KIND_INT, 0 },
	{ IPPROTO_UDP, UDP_SEGMENT, KIND_INT, 0 },
	{ IPPROTO_UDP, UDP_GRO, KIND_INT, 0 },
};

struct value {
	uint8_t bytes[VALUE_MAX];
	socklen_t length;
};

static bool read_value(int fd, const struct row *row, struct value *ret_value)
{
	*ret_value = (struct value){ .length = kind_sizes[row->kind] };
	return getsockopt(fd, row->level, row->name, ret_value->bytes, &ret_value->length) == 0;
}

static bool is_usual(const struct row *row, const struct value *value)
{
	int number;

	if (row->kind == KIND_INT) {
		memcpy(&number, value->bytes, sizeof(number));
		return number == row->usual;
	}
	for (socklen_t i = 0; i < value->length; i++)
		if (value->bytes[i] != (uint8_t)row->usual)
			return false;
	return true;
}

static bool is_alike(const struct row *row, int to, const struct value *value)
{
	struct value other;

	return read_value(to, row, &other) && memcmp(other.bytes, value->bytes, VALUE_MAX) == 0;
}

static void copy_row(int from, int to, const struct row *row)
{
	struct value value;

	if (!read_value(from, row, &value))
		return;
	if (row->usual == VARIES ? is_alike(row, to, &value) : is_usual(row, &value))
		return;
	(void)setsockopt(to, row->level, row->name, value.bytes, value.length);
}

static void copy_rows(int from, int to, const struct row *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		copy_row(from, to, &table[i]);
}

/* False if the socket says that it gives no control message at all. */
static bool may_give_control(int fd, int level, int name)
{
	uint8_t messages[256];
	socklen_t length = sizeof(messages);

	return getsockopt(fd, level, name, messages, &length) < 0 || length > 0;
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
	static const struct row sizes[] = {
		{ SOL_SOCKET, SO_SNDBUF, KIND_INT, VARIES },
		{ SOL_SOCKET, SO_RCVBUF, KIND_INT, VARIES },
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

void socket_options_copy(int from, int to, const struct socket_facts *facts)
{
	copy_rows(from, to, rows, ARRAY_SIZE(rows));
	if (may_give_control(from, IPPROTO_IP, IP_PKTOPTIONS))
		copy_rows(from, to, rows_control, ARRAY_SIZE(rows_control));
	if (facts->domain == AF_INET6) {
		copy_rows(from, to, rows_v6, ARRAY_SIZE(rows_v6));
		if (may_give_control(from, IPPROTO_IPV6, IPV6_2292PKTOPTIONS))
			copy_rows(from, to, rows_control_v6, ARRAY_SIZE(rows_control_v6));
	}
	if (socket_facts_is_udp(facts))
		copy_rows(from, to, rows_udp, ARRAY_SIZE(rows_udp));
	else
		copy_rows(from, to, rows_tcp, ARRAY_SIZE(rows_tcp));
	copy_buffers(from, to);
	copy_owner(from, to);
}
