/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pacing, counting and batching of datagrams. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload/datagram.h"

struct datagram_batch {
	size_t size;
	struct mmsghdr messages[DATAGRAM_BATCH];
	struct iovec vectors[DATAGRAM_BATCH];
	struct sockaddr_storage addresses[DATAGRAM_BATCH];
	char data[]; /* DATAGRAM_BATCH times size */
};

static uint64_t allowed_until(const struct pacing *pacing, uint64_t now)
{
	if (pacing->rate == NO_LIMIT)
		return NO_LIMIT;
	double allowed = (double)(now - pacing->start) / (double)NANOSECONDS_PER_SECOND *
			 (double)pacing->rate;
	/* The rate is the client's word, and may be any. */
	return allowed < 1e18 ? (uint64_t)allowed + 1 : NO_LIMIT;
}

unsigned int pacing_due(const struct pacing *pacing, uint64_t now)
{
	uint64_t allowed = allowed_until(pacing, now);

	if (now >= pacing->deadline || allowed <= pacing->sent)
		return 0;
	uint64_t due = allowed - pacing->sent;
	return due < DATAGRAM_BATCH ? (unsigned int)due : DATAGRAM_BATCH;
}

uint64_t pacing_wait(const struct pacing *pacing, uint64_t now)
{
	uint64_t next = now;

	if (now >= pacing->deadline)
		return 0;
	if (allowed_until(pacing, now) <= pacing->sent)
		next = pacing->start + (uint64_t)((double)pacing->sent / (double)pacing->rate *
						  (double)NANOSECONDS_PER_SECOND);
	if (next > pacing->deadline)
		next = pacing->deadline;
	return next > now ? next - now : 0;
}

void datagram_count_add(struct datagram_count *count, uint64_t sequence, uint64_t now)
{
	if (count->received++ == 0)
		count->first_time = now;
	count->last_time = now;
	if (sequence < count->next)
		count->out_of_order++;
	else
		count->next = sequence + 1;
}

struct datagram_batch *datagram_batch_new(size_t size)
{
	struct datagram_batch *batch = calloc(1, sizeof(*batch) + DATAGRAM_BATCH * size);

	if (!batch)
		return NULL;
	batch->size = size;
	for (unsigned int i = 0; i < DATAGRAM_BATCH; i++) {
		batch->vectors[i].iov_base = batch->data + i * size;
		batch->messages[i].msg_hdr.msg_iov = &batch->vectors[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
	return batch;
}

void datagram_batch_free(struct datagram_batch *batch)
{
	free(batch);
}

int datagram_batch_send(struct datagram_batch *batch, int fd, unsigned int count, size_t size,
			const struct wire_datagram *first, const struct sockaddr_storage *address,
			socklen_t address_length)
{
	for (unsigned int i = 0; i < count; i++) {
		struct wire_datagram header = *first;
		if (first->sequence != NO_LIMIT)
			header.sequence += i;
		wire_encode(&header, sizeof(header));
		memcpy(batch->vectors[i].iov_base, &header, sizeof(header));
		batch->vectors[i].iov_len = size;
		batch->messages[i].msg_hdr.msg_name = (void *)address;
		batch->messages[i].msg_hdr.msg_namelen = address ? address_length : 0;
	}
	int sent = sendmmsg(fd, batch->messages, count, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
		return 0;
	return sent;
}

int datagram_batch_receive(struct datagram_batch *batch, int fd)
{
	for (unsigned int i = 0; i < DATAGRAM_BATCH; i++) {
		batch->vectors[i].iov_len = batch->size;
		batch->messages[i].msg_hdr.msg_name = &batch->addresses[i];
		batch->messages[i].msg_hdr.msg_namelen = sizeof(batch->addresses[i]);
	}
	int got = recvmmsg(fd, batch->messages, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return got;
}

bool datagram_batch_header(const struct datagram_batch *batch, unsigned int index,
			   struct wire_datagram *ret_header, struct sockaddr_storage *ret_address,
			   socklen_t *ret_length)
{
	struct wire_datagram header;

	if (batch->messages[index].msg_len < sizeof(header))
		return false;
	memcpy(&header, batch->vectors[index].iov_base, sizeof(header));
	wire_decode(&header, sizeof(header));
	if (header.magic != WIRE_MAGIC)
		return false;
	*ret_header = header;
	*ret_address = batch->addresses[index];
	*ret_length = batch->messages[index].msg_hdr.msg_namelen;
	return true;
}
