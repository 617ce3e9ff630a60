/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header and the question of DNS messages. */

#include "config.h"

#include <string.h>

#include "slirp-glue/dns_message.h"
#include "slirp-glue/wire.h"

/* RFC 1035 4.1.1: id, two bytes of flags, then the four counts. */
#define FLAGS 2
#define FLAGS_2 3
#define QUESTIONS 4
#define OTHER_COUNTS 6

#define FLAG_RESPONSE 0x80  /* in the first byte */
#define FLAG_TRUNCATED 0x02 /* in the first byte */
#define MASK_OPCODE 0x78    /* in the first byte */
#define FLAG_DESIRED 0x01   /* recursion desired, in the first byte */
#define FLAG_AVAILABLE 0x80 /* recursion available, in the second byte */
#define MASK_CODE 0x0f	    /* in the second byte */

#define CODE_SERVER_FAILURE 2
#define CODE_NOT_IMPLEMENTED 4
#define CODE_REFUSED 5

#define NAME_MAX_SIZE 255
#define LABEL_MAX_SIZE 63

bool dns_message_find(const struct frame *frame, const uint8_t **ret_message, size_t *ret_length)
{
	size_t start = (size_t)frame->transport_offset + UDP_SIZE;
	const uint8_t *udp = frame->data + frame->transport_offset;
	const uint8_t *message = udp + UDP_SIZE;
	size_t length;

	if (frame->length < start + DNS_HEADER_SIZE)
		return false;
	length = wire_get16(udp + UDP_LENGTH);
	if (length < UDP_SIZE + DNS_HEADER_SIZE || length > frame->length - start + UDP_SIZE)
		return false;
	if (message[FLAGS] & FLAG_RESPONSE)
		return false;
	*ret_message = message;
	*ret_length = length - UDP_SIZE;
	return true;
}

bool dns_message_answers(const uint8_t *message, size_t length, const uint8_t *query)
{
	return length >= DNS_HEADER_SIZE && (message[FLAGS] & FLAG_RESPONSE) &&
	       memcmp(message, query, 2) == 0;
}

bool dns_message_is_failure(const uint8_t *answer)
{
	int code = answer[FLAGS_2] & MASK_CODE;

	return code == CODE_SERVER_FAILURE || code == CODE_NOT_IMPLEMENTED || code == CODE_REFUSED;
}

/* The length of header and question; DNS_HEADER_SIZE if there isn't exactly one plain question. */
static size_t measure_question(const uint8_t *message, size_t length)
{
	size_t offset = DNS_HEADER_SIZE;

	if (message[QUESTIONS] != 0 || message[QUESTIONS + 1] != 1)
		return DNS_HEADER_SIZE;
	while (offset < length && message[offset] != 0) {
		if (message[offset] > LABEL_MAX_SIZE)
			return DNS_HEADER_SIZE;
		offset += (size_t)message[offset] + 1;
	}
	offset++;
	if (offset > DNS_HEADER_SIZE + NAME_MAX_SIZE || offset + 4 > length)
		return DNS_HEADER_SIZE;
	return offset + 4;
}

/* Makes message a bare question of the given length, or a bare header. */
static void set_counts(uint8_t *message, size_t length)
{
	memset(message + OTHER_COUNTS, 0, DNS_HEADER_SIZE - OTHER_COUNTS);
	message[QUESTIONS] = 0;
	message[QUESTIONS + 1] = length > DNS_HEADER_SIZE;
}

size_t dns_message_truncate(uint8_t *answer, size_t length, size_t room)
{
	size_t kept = measure_question(answer, length);

	if (kept > room)
		kept = DNS_HEADER_SIZE;
	answer[FLAGS] |= FLAG_TRUNCATED;
	set_counts(answer, kept);
	return kept;
}

size_t dns_message_make_failure(const uint8_t *query, size_t length,
				uint8_t buffer[static DNS_SHORT_MAX])
{
	size_t kept = measure_question(query, length);

	memcpy(buffer, query, kept);
	buffer[FLAGS] = FLAG_RESPONSE | (query[FLAGS] & (MASK_OPCODE | FLAG_DESIRED));
	buffer[FLAGS_2] = FLAG_AVAILABLE | CODE_SERVER_FAILURE;
	set_counts(buffer, kept);
	return kept;
}
