/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending and receiving a payload in steps. */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "workload/flow.h"
#include "workload/pattern.h"

/* Of the pattern, made at a time: each flow has one, so it is small. */
#define PENDING_SIZE (32 << 10)

bool flow_buffers_init(struct flow_buffers *buffers, size_t size)
{
	*buffers = (struct flow_buffers){
		.size = size,
		.scratch = malloc(size),
		.expected = malloc(size),
		.zeros = calloc(1, size),
	};
	if (buffers->scratch && buffers->expected && buffers->zeros)
		return true;
	flow_buffers_free(buffers);
	return workload_complain("no memory for buffers of %zu bytes", size);
}

void flow_buffers_free(struct flow_buffers *buffers)
{
	free(buffers->scratch);
	free(buffers->expected);
	free(buffers->zeros);
	*buffers = (struct flow_buffers){ 0 };
}

static size_t at_most(size_t size, uint64_t left)
{
	return left < size ? (size_t)left : size;
}

/* Makes the next chunk of the pattern once the last one has gone out completely. */
static bool refill_pending(struct send_half *half)
{
	if (half->pending_start < half->pending_end)
		return true;
	if (!half->pending)
		half->pending = malloc(PENDING_SIZE);
	if (!half->pending)
		return false;
	size_t length = at_most(PENDING_SIZE, half->chunk);
	length = at_most(length, half->limit - half->sent);
	pattern_fill(half->seed, half->sent, half->pending, length);
	half->checksum = checksum_update(half->checksum, half->pending, length);
	half->pending_start = 0;
	half->pending_end = length;
	return true;
}

static enum flow_step send_ended(struct send_half *half, enum flow_step step)
{
	half->active = false;
	return step;
}

enum flow_step send_half_step(struct send_half *half, int fd, const struct flow_buffers *buffers)
{
	const char *data = buffers->zeros;
	size_t length = at_most(half->chunk, half->limit - half->sent);

	if (length == 0 || (half->deadline != NO_LIMIT && workload_now() >= half->deadline))
		return send_ended(half, FLOW_FINISHED);
	if (half->random) {
		if (!refill_pending(half))
			return send_ended(half, FLOW_BROKEN);
		data = half->pending + half->pending_start;
		length = half->pending_end - half->pending_start;
	}
	ssize_t sent = send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return FLOW_BLOCKED;
	if (sent < 0)
		return send_ended(half, FLOW_BROKEN);
	half->sent += (uint64_t)sent;
	half->pending_start += (size_t)sent;
	return half->sent == half->limit ? send_ended(half, FLOW_FINISHED) : FLOW_MORE;
}

static void check_pattern(struct receive_half *half, const struct flow_buffers *buffers,
			  size_t length)
{
	half->checksum = checksum_update(half->checksum, buffers->scratch, length);
	pattern_fill(half->seed, half->received, buffers->expected, length);
	if (half->first_bad != NO_LIMIT || memcmp(buffers->scratch, buffers->expected, length) == 0)
		return;
	size_t i = 0;
	while (buffers->scratch[i] == buffers->expected[i])
		i++;
	half->first_bad = half->received + i;
}

enum flow_step receive_half_step(struct receive_half *half, int fd,
				 const struct flow_buffers *buffers)
{
	ssize_t got = recv(fd, buffers->scratch, at_most(half->chunk, half->limit - half->received),
			   MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return FLOW_BLOCKED;
	if (got > 0) {
		half->last_time = workload_now();
		if (half->random)
			check_pattern(half, buffers, (size_t)got);
		half->received += (uint64_t)got;
		if (half->received < half->limit)
			return FLOW_MORE;
	}
	half->active = false;
	if (got == 0)
		errno = 0;
	return got > 0 || (got == 0 && half->limit == NO_LIMIT) ? FLOW_FINISHED : FLOW_BROKEN;
}

void send_half_free(struct send_half *half)
{
	free(half->pending);
	half->pending = NULL;
}
