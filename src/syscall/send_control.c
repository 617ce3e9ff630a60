/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control messages of sendmsg(2) as programs hand them in: which are passed on.
 *
 * On an Internet socket a list of what is allowed decides: marks of the packet, its division and
 * its time. IP_PKTINFO and IPV6_PKTINFO choose a source address and an interface. On a socket of
 * the host these are the host's, of which a program of the container can know nothing that is of
 * use; and such a choice overrides SO_BINDTODEVICE. They are left out there, as servers answer with
 * them what they had from a datagram, and don't mind. Everything else could send a packet
 * elsewhere, such as a routing header, or takes privileges that we may have and the program not.
 *
 * The families beside the Internet's have what they like, but for rights and credentials. Numbers
 * of descriptors mean the program's, so they are taken over.
 */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/util.h"
#include "syscall/send_control.h"

/* Of linux/udp.h and asm-generic/socket.h, for older headers. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SCM_TXTIME
#define SCM_TXTIME 61
#endif

enum treatment { PASS, LEAVE_OUT_ON_HOST };

static const struct {
	int level;
	int type;
	enum treatment treatment;
} allowed[] = {
	{ IPPROTO_IP, IP_TOS, PASS },
	{ IPPROTO_IP, IP_TTL, PASS },
	{ IPPROTO_IP, IP_PKTINFO, LEAVE_OUT_ON_HOST },
	{ IPPROTO_IPV6, IPV6_TCLASS, PASS },
	{ IPPROTO_IPV6, IPV6_HOPLIMIT, PASS },
	{ IPPROTO_IPV6, IPV6_DONTFRAG, PASS },
	{ IPPROTO_IPV6, IPV6_PKTINFO, LEAVE_OUT_ON_HOST },
	{ IPPROTO_IPV6, IPV6_2292PKTINFO, LEAVE_OUT_ON_HOST },
	{ IPPROTO_UDP, UDP_SEGMENT, PASS },
	{ SOL_SOCKET, SCM_TXTIME, PASS },
	{ SOL_SOCKET, SO_TIMESTAMPING, PASS },
};

/* 0: pass on; EPERM; or -1: leave out. */
static int judge(enum control_kind kind, const struct cmsghdr *header)
{
	if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS)
		return -1;
	if (kind == CONTROL_OTHER)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		if (header->cmsg_level != allowed[i].level || header->cmsg_type != allowed[i].type)
			continue;
		return kind == CONTROL_HOST_UDP && allowed[i].treatment == LEAVE_OUT_ON_HOST ? -1
											     : 0;
	}
	return EPERM;
}

static bool is_rights(const struct cmsghdr *header)
{
	return header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS;
}

/* Replaces the numbers in to; where one can't be taken, to is cut before it. */
static int take_rights(uint8_t *to, struct cmsghdr *header, control_take_func take, void *data)
{
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < count; i++) {
		int number, fd;

		memcpy(&number, to + CMSG_LEN(0) + i * sizeof(int), sizeof(number));
		fd = take(number, data);
		if (fd < 0) {
			header->cmsg_len = CMSG_LEN(i * sizeof(int));
			memcpy(to, header, sizeof(*header));
			return -fd;
		}
		memcpy(to + CMSG_LEN(0) + i * sizeof(int), &fd, sizeof(fd));
	}
	return 0;
}

int send_control_copy(enum control_kind kind, const uint8_t *from, size_t length, uint8_t *to,
		      size_t *ret_length, control_take_func take, void *data)
{
	size_t at = 0, end = 0;
	int error = 0;

	/* As the kernel walks: it ends where no further header fits. */
	while (error == 0 && at < length && length - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr header;
		size_t space;

		memcpy(&header, from + at, sizeof(header));
		if (header.cmsg_len < sizeof(header) || header.cmsg_len > length - at) {
			error = EINVAL;
			break;
		}
		space = CMSG_ALIGN(header.cmsg_len);
		error = judge(kind, &header);
		if (error == 0) {
			memcpy(to + end, from + at, header.cmsg_len);
			if (is_rights(&header))
				error = take_rights(to + end, &header, take, data);
			end += header.cmsg_len;
			if (space > header.cmsg_len && length - at >= space) {
				memset(to + end, 0, space - header.cmsg_len);
				end += space - header.cmsg_len;
			}
		} else if (error < 0) {
			error = 0;
		}
		at += space;
	}
	*ret_length = end;
	return error;
}

void send_control_each_descriptor(const uint8_t *control, size_t length, void (*visit)(int fd))
{
	size_t at = 0;

	while (at < length && length - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr header;

		memcpy(&header, control + at, sizeof(header));
		if (header.cmsg_len < sizeof(header) || header.cmsg_len > length - at)
			return;
		for (size_t i = CMSG_LEN(0);
		     is_rights(&header) && i + sizeof(int) <= header.cmsg_len; i += sizeof(int)) {
			int fd;

			memcpy(&fd, control + at + i, sizeof(fd));
			visit(fd);
		}
		at += CMSG_ALIGN(header.cmsg_len);
	}
}
