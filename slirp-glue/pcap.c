/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes frames in the pcap format. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/capture.h"
#include "base/descriptor.h"
#include "slirp-glue/pcap.h"

#define BUFFER_SIZE (256 * 1024)

/* More than a link's frame ever has; a longer one is cut. */
#define FRAME_LIMIT (BUFFER_SIZE / 2)

struct record_header {
	uint32_t seconds;
	uint32_t microseconds;
	uint32_t captured;
	uint32_t length;
};

struct pcap {
	int fd;
	bool regular;
	bool stopped;
	int error;	 /* -errno that pcap_flush has not returned yet */
	off_t end;	 /* of a regular file: after its last whole record */
	size_t snapshot; /* what is kept of a frame at most */
	uint64_t left_out;
	size_t used;
	uint8_t buffer[BUFFER_SIZE];
};

/* Goes to the end of a regular file, which must be a capture. */
static int open_regular(struct pcap *pcap)
{
	int result = capture_check(pcap->fd);

	if (result < 0)
		return result;
	pcap->regular = true;
	pcap->end = lseek(pcap->fd, 0, SEEK_END);
	return pcap->end < 0 ? -errno : 0;
}

static int open_capture(struct pcap *pcap)
{
	struct stat status;

	if (fstat(pcap->fd, &status) < 0)
		return -errno;
	return S_ISREG(status.st_mode) ? open_regular(pcap) : descriptor_set_nonblocking(pcap->fd);
}

struct pcap *pcap_new(int fd)
{
	struct pcap *pcap = g_new0(struct pcap, 1);
	int result;

	pcap->fd = fd;
	pcap->snapshot = FRAME_LIMIT;
	result = open_capture(pcap);
	if (result < 0) {
		g_free(pcap);
		errno = -result;
		return NULL;
	}
	return pcap;
}

void pcap_set_snapshot(struct pcap *pcap, size_t length)
{
	pcap->snapshot = MIN(length, FRAME_LIMIT);
}

void pcap_free(struct pcap *pcap)
{
	if (!pcap)
		return;
	(void)pcap_flush(pcap);
	descriptor_close(&pcap->fd);
	g_free(pcap);
}

/* Writes as much as fd takes; what a pipe does not take now stays in the buffer. */
static int write_buffer(struct pcap *pcap)
{
	size_t done = 0;
	int result = 0;

	while (done < pcap->used) {
		ssize_t length = write(pcap->fd, pcap->buffer + done, pcap->used - done);

		if (length >= 0) {
			done += (size_t)length;
		} else if (errno != EINTR) {
			result = errno == EAGAIN ? 0 : -errno;
			break;
		}
	}
	pcap->used -= done;
	memmove(pcap->buffer, pcap->buffer + done, pcap->used);
	if (pcap->regular && result == 0)
		pcap->end += (off_t)done;
	return result;
}

static void stop(struct pcap *pcap, int error)
{
	pcap->stopped = true;
	pcap->error = error;
	pcap->used = 0;
	/* Half a record at the end would spoil what a later capture adds to it. */
	if (pcap->regular && ftruncate(pcap->fd, pcap->end) == 0)
		(void)lseek(pcap->fd, pcap->end, SEEK_SET);
}

static void drain(struct pcap *pcap)
{
	int result = pcap->stopped ? 0 : write_buffer(pcap);

	if (result < 0)
		stop(pcap, result);
}

int pcap_flush(struct pcap *pcap)
{
	int result;

	drain(pcap);
	result = pcap->error;
	pcap->error = 0;
	return result;
}

void pcap_write(struct pcap *pcap, const uint8_t *frame, size_t length)
{
	struct timespec now;
	struct record_header record;

	if (pcap->stopped)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	record.seconds = (uint32_t)now.tv_sec;
	record.microseconds = (uint32_t)(now.tv_nsec / 1000);
	record.captured = (uint32_t)MIN(length, pcap->snapshot);
	record.length = (uint32_t)length;
	if (pcap->used + sizeof(record) + record.captured > BUFFER_SIZE)
		drain(pcap);
	if (pcap->used + sizeof(record) + record.captured > BUFFER_SIZE) {
		pcap->left_out++;
		return;
	}
	if (pcap->stopped)
		return;
	memcpy(pcap->buffer + pcap->used, &record, sizeof(record));
	memcpy(pcap->buffer + pcap->used + sizeof(record), frame, record.captured);
	pcap->used += sizeof(record) + record.captured;
}

uint64_t pcap_left_out(const struct pcap *pcap)
{
	return pcap->left_out;
}
