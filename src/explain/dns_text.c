/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS message in words. */

/*
 * Names in messages point back into the message (RFC 1035, section 4.1.4). Each step of a name has
 * to lie before the one that led there, so that no loop is possible, and the text of a name is
 * bounded by the room for it. Bytes that are no letters of host names are written as in zone files
 * (section 5.1): \046 is a dot within a label.
 */

#include "config.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"
#include "explain/dns_text.h"
#include "slirp-glue/wire.h"

#define HEADER_SIZE 12
#define FLAG_RESPONSE 0x80 /* in the third byte */
#define MASK_CODE 0x0f	   /* in the fourth */
#define POINTER 0xc0	   /* in the first byte of a label: the rest is an offset */
#define RECORD_FIXED 10	   /* type, class, time to live, length */
#define NAME_TEXT_MAX 256
#define ANSWERS_SHOWN 3

/* A place in a message. */
struct cursor {
	const uint8_t *message;
	size_t length;
	size_t at;
};

static const struct {
	uint16_t number;
	const char *name;
} types[] = {
	{ 1, "A" },	{ 2, "NS" },	 { 5, "CNAME" }, { 6, "SOA" },	{ 12, "PTR" },
	{ 15, "MX" },	{ 16, "TXT" },	 { 28, "AAAA" }, { 33, "SRV" }, { 41, "OPT" },
	{ 64, "SVCB" }, { 65, "HTTPS" }, { 255, "ANY" },
};

static const char *const codes[] = {
	[1] = "format error",	 [2] = "server failure", [3] = "no such name",
	[4] = "not implemented", [5] = "refused",
};

/* Texts are cut silently at size: a line has an end. */
static void append(char *text, size_t size, const char *more)
{
	g_strlcat(text, more, size);
}

static void append_type(char *text, size_t size, uint16_t number)
{
	char unknown[16];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].number == number) {
			append(text, size, types[i].name);
			return;
		}
	}
	g_snprintf(unknown, sizeof(unknown), "type %u", number);
	append(text, size, unknown);
}

static void append_label(GString *name, const uint8_t *label, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (g_ascii_isalnum(label[i]) || label[i] == '-' || label[i] == '_')
			g_string_append_c(name, (char)label[i]);
		else
			g_string_append_printf(name, "\\%03u", label[i]);
	}
}

/* Follows the pointer at at, which must lead back; false if it doesn't. */
static bool follow_pointer(const struct cursor *cursor, size_t *at)
{
	size_t target;

	if (*at + 2 > cursor->length)
		return false;
	target = wire_get16(cursor->message + *at) & 0x3fffU;
	if (target >= *at)
		return false;
	*at = target;
	return true;
}

/* Reads a name, moves on behind it, and appends it to text; false where the message ends or lies.
 */
static bool take_name(struct cursor *cursor, char *text, size_t size)
{
	g_autoptr(GString) name = g_string_new(NULL);
	size_t lowest = cursor->length;
	size_t at = cursor->at;
	bool jumped = false;

	while (at < cursor->length && name->len < NAME_TEXT_MAX) {
		uint8_t length = cursor->message[at];

		if ((length & POINTER) == POINTER) {
			if (!jumped)
				cursor->at = at + 2;
			jumped = true;
			if (!follow_pointer(cursor, &at) || at >= lowest)
				return false;
			lowest = at;
			continue;
		}
		if (length & POINTER || at + 1 + length > cursor->length)
			return false;
		if (length == 0) {
			if (!jumped)
				cursor->at = at + 1;
			append(text, size, name->len > 0 ? name->str : ".");
			return true;
		}
		if (name->len > 0)
			g_string_append_c(name, '.');
		append_label(name, cursor->message + at + 1, length);
		at += 1U + length;
	}
	return false;
}

static void append_address(char *text, size_t size, int family, const uint8_t *data)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, data, address, sizeof(address));
	append(text, size, address);
}

/* What a record says; its data starts at cursor and is size long. */
static void append_data(char *text, size_t room, struct cursor *cursor, uint16_t type, size_t size)
{
	const uint8_t *data = cursor->message + cursor->at;
	struct cursor inner = *cursor;

	if (type == 1 && size == 4) {
		append_address(text, room, AF_INET, data);
	} else if (type == 28 && size == 16) {
		append_address(text, room, AF_INET6, data);
	} else if (type == 5 || type == 12 || type == 2) {
		append(text, room, type == 5 ? "alias of " : "");
		if (!take_name(&inner, text, room))
			append(text, room, "?");
	} else {
		append_type(text, room, type);
	}
}

/* Reads one answer; false where the message ends. */
static bool take_answer(struct cursor *cursor, char *text, size_t size)
{
	char owner[NAME_TEXT_MAX + 8] = "";
	uint16_t type, length;

	if (!take_name(cursor, owner, sizeof(owner)) || cursor->at + RECORD_FIXED > cursor->length)
		return false;
	type = wire_get16(cursor->message + cursor->at);
	length = wire_get16(cursor->message + cursor->at + RECORD_FIXED - 2);
	cursor->at += RECORD_FIXED;
	if (cursor->at + length > cursor->length)
		return false;
	append_data(text, size, cursor, type, length);
	cursor->at += length;
	return true;
}

static void append_answers(struct cursor *cursor, uint16_t count, char *text, size_t size)
{
	char more[40];

	for (uint16_t i = 0; i < MIN(count, ANSWERS_SHOWN); i++) {
		append(text, size, i == 0 ? " is " : ", ");
		if (!take_answer(cursor, text, size)) {
			append(text, size, "(cut short)");
			return;
		}
	}
	if (count > ANSWERS_SHOWN) {
		g_snprintf(more, sizeof(more), " and %d more", count - ANSWERS_SHOWN);
		append(text, size, more);
	}
}

static void describe_answer(struct cursor *cursor, char *text, size_t size)
{
	uint16_t count = wire_get16(cursor->message + 6);
	uint8_t code = cursor->message[3] & MASK_CODE;

	if (code > 0) {
		append(text, size, ": ");
		append(text, size, code < ARRAY_SIZE(codes) ? codes[code] : "failure");
	} else if (count == 0) {
		append(text, size, ": no such record");
	} else {
		append_answers(cursor, count, text, size);
	}
}

void dns_describe(const uint8_t *message, size_t length, char *text, size_t size)
{
	struct cursor cursor = { message, length, HEADER_SIZE };
	char name[NAME_TEXT_MAX + 8] = "";

	text[0] = '\0';
	if (length < HEADER_SIZE) {
		append(text, size, "cut short");
		return;
	}
	if (wire_get16(message + 4) != 1 || !take_name(&cursor, name, sizeof(name)) ||
	    cursor.at + 4 > length) {
		append(text, size, message[2] & FLAG_RESPONSE ? "an answer" : "a question");
		return;
	}
	append_type(text, size, wire_get16(message + cursor.at));
	append(text, size, " ");
	append(text, size, name);
	cursor.at += 4;
	if (message[2] & FLAG_RESPONSE)
		describe_answer(&cursor, text, size);
	else
		append(text, size, "?");
}
