/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a capture in the pcap format. */

#include "config.h"

#include <byteswap.h>
#include <errno.h>

#include "base/error.h"
#include "explain/capture_read.h"

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS 0xa1b23c4d
#define VERSION_MAJOR 2
#define LINKTYPE_ETHERNET 1
#define LINKTYPE_MASK 0xffff /* the bits above tell of a frame check sequence */

/* What libpcap takes as the longest frame, too; no writer goes beyond. */
#define FRAME_LIMIT 262144

struct file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t reserved[2];
	uint32_t snaplen;
	uint32_t linktype;
};

struct record_header {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t captured;
	uint32_t length;
};

struct capture_reader {
	FILE *file;
	bool swapped;	  /* the writer's byte order is not ours */
	bool nanoseconds; /* else microseconds */
	bool torn;
	uint8_t frame[FRAME_LIMIT];
};

static uint32_t number(const struct capture_reader *reader, uint32_t value)
{
	return reader->swapped ? bswap_32(value) : value;
}

static bool take_magic(struct capture_reader *reader, uint32_t magic)
{
	reader->swapped =
		magic == bswap_32(MAGIC_MICROSECONDS) || magic == bswap_32(MAGIC_NANOSECONDS);
	magic = number(reader, magic);
	reader->nanoseconds = magic == MAGIC_NANOSECONDS;
	return reader->nanoseconds || magic == MAGIC_MICROSECONDS;
}

static bool take_header(struct capture_reader *reader, FILE *file, GError **error)
{
	struct file_header header;
	uint16_t version;

	if (fread(&header, sizeof(header), 1, file) != 1) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the capture ends within its header");
		return false;
	}
	if (!take_magic(reader, header.magic)) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "not a capture in the pcap format");
		return false;
	}
	version = reader->swapped ? bswap_16(header.version_major) : header.version_major;
	if (version != VERSION_MAJOR) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "pcap version %u is not known", version);
		return false;
	}
	if ((number(reader, header.linktype) & LINKTYPE_MASK) != LINKTYPE_ETHERNET) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "not a capture of Ethernet frames");
		return false;
	}
	return true;
}

struct capture_reader *capture_reader_new(FILE *file, GError **error)
{
	struct capture_reader *reader = g_new0(struct capture_reader, 1);

	if (!take_header(reader, file, error)) {
		g_free(reader);
		return NULL;
	}
	reader->file = file;
	return reader;
}

void capture_reader_free(struct capture_reader *reader)
{
	if (!reader)
		return;
	fclose(reader->file);
	g_free(reader);
}

/* Fills size bytes; false at the end or with error set. Part of them is the start of a torn record.
 */
static bool read_whole(struct capture_reader *reader, void *buffer, size_t size, bool inside,
		       GError **error)
{
	size_t length = fread(buffer, 1, size, reader->file);

	if (length == size)
		return true;
	if (ferror(reader->file))
		error_set_errno(error, errno, "reading the capture");
	else
		reader->torn = inside || length > 0;
	return false;
}

bool capture_reader_next(struct capture_reader *reader, struct capture_record *ret_record,
			 GError **error)
{
	struct record_header header;
	uint32_t captured, fraction;

	if (!read_whole(reader, &header, sizeof(header), false, error))
		return false;
	captured = number(reader, header.captured);
	if (captured > FRAME_LIMIT) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "the capture is damaged: a record of %u bytes", captured);
		return false;
	}
	if (!read_whole(reader, reader->frame, captured, true, error))
		return false;
	fraction = number(reader, header.fraction);
	ret_record->time = (int64_t)number(reader, header.seconds) * G_USEC_PER_SEC +
			   (reader->nanoseconds ? fraction / 1000 : fraction);
	ret_record->frame = reader->frame;
	ret_record->captured = captured;
	/* A frame is never shorter than what there is of it. */
	ret_record->length = MAX(number(reader, header.length), captured);
	return true;
}

bool capture_reader_is_torn(const struct capture_reader *reader)
{
	return reader->torn;
}
