/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket over which the answers go. */

#include "config.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/dns_answer.h"
#include "workload/dns_responder.h"

#define QUERIES_PER_STEP 64
#define QUERY_MAX 512

struct dns_responder {
	int fd;
};

struct dns_responder *dns_responder_new(int fd)
{
	struct dns_responder *responder = g_new0(struct dns_responder, 1);

	responder->fd = fd;
	return responder;
}

/* RFC 5737: of no machine. Returns false when no query is there. */
static bool answer_one(int fd)
{
	uint8_t query[QUERY_MAX];
	uint8_t answer[DNS_ANSWER_MAX];
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		     CMSG_SPACE(sizeof(struct in_pktinfo))];
	const struct in_addr address = { htonl(0xc0000201) };
	struct sockaddr_storage peer;
	struct iovec vector = { .iov_base = query, .iov_len = sizeof(query) };
	struct msghdr message = {
		.msg_name = &peer,
		.msg_namelen = sizeof(peer),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
	if (got < 0)
		return false;
	vector = (struct iovec){ .iov_base = answer,
				 .iov_len = dns_answer(query, (size_t)got, address, answer) };
	/* The control message with the address that was asked makes it the answer's source. */
	if (vector.iov_len > 0)
		sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return true;
}

void dns_responder_step(struct dns_responder *responder)
{
	for (int i = 0; i < QUERIES_PER_STEP && answer_one(responder->fd); i++)
		;
}
