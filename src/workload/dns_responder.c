/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer, and the socket over which it goes. */

#include "config.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/dns_responder.h"

#define HEADER_SIZE 12
#define NAME_MAX_SIZE 255
#define TYPE_A 1
#define CLASS_IN 1
#define QUERIES_PER_STEP 64
#define QUERY_MAX 512

static unsigned int word_at(const uint8_t *bytes)
{
	return (unsigned int)bytes[0] << 8 | bytes[1];
}

/* Where the question that begins after the header ends, or 0. Compressed names make no sense. */
static size_t question_end(const uint8_t *query, size_t length)
{
	size_t at = HEADER_SIZE;

	while (at < length && query[at] != 0) {
		if (query[at] > 63)
			return 0;
		at += 1 + (size_t)query[at];
	}
	at++; /* the root */
	if (at > HEADER_SIZE + NAME_MAX_SIZE || at + 4 > length)
		return 0;
	return at + 4;
}

size_t dns_answer(const uint8_t *query, size_t length, uint8_t ret_answer[static DNS_ANSWER_MAX])
{
	static const uint8_t record[] = {
		0xc0, HEADER_SIZE,	 /* the name of the question */
		0,    TYPE_A,		 /* type */
		0,    CLASS_IN,		 /* class */
		0,    0,	   0, 0, /* not to be kept */
		0,    4,		 /* length of what follows */
		192,  0,	   2, 1,
	};

	/* A standard query (QR and opcode 0) with one question. */
	if (length < HEADER_SIZE || (query[2] & 0xf8) != 0 || word_at(query + 4) != 1)
		return 0;
	size_t end = question_end(query, length);
	if (end == 0)
		return 0;
	bool address = word_at(query + end - 4) == TYPE_A && word_at(query + end - 2) == CLASS_IN;
	memcpy(ret_answer, query, end);
	ret_answer[2] = (uint8_t)(0x84 | (query[2] & 1)); /* response, authoritative, RD as asked */
	ret_answer[3] = 0x80;				  /* recursion available, no error */
	memset(ret_answer + 6, 0, 6);
	if (!address)
		return end;
	ret_answer[7] = 1;
	memcpy(ret_answer + end, record, sizeof(record));
	return end + sizeof(record);
}

struct dns_responder {
	int fd;
};

struct dns_responder *dns_responder_new(int fd)
{
	struct dns_responder *responder = g_new0(struct dns_responder, 1);

	responder->fd = fd;
	return responder;
}

/* Returns false when no query is there. */
static bool answer_one(int fd)
{
	uint8_t query[QUERY_MAX];
	uint8_t answer[DNS_ANSWER_MAX];
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		     CMSG_SPACE(sizeof(struct in_pktinfo))];
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
				 .iov_len = dns_answer(query, (size_t)got, answer) };
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
