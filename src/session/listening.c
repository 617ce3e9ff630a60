/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program listens: read from the kernel's tables of TCP sockets, proc_net(5). */

#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "session/listening.h"

#define STATE_LISTEN 0x0a

/* Digits of an address: the kernel prints its 32-bit words as numbers of this machine. */
#define WORD_DIGITS 8
#define WORDS_MAX 4

static bool parse_address(const char *digits, struct address *ret_address)
{
	struct address address = { 0 };
	size_t words = strlen(digits) / WORD_DIGITS;

	if (strlen(digits) % WORD_DIGITS != 0 || (words != 1 && words != WORDS_MAX))
		return false;
	address.family = words == 1 ? AF_INET : AF_INET6;
	for (size_t i = 0; i < words; i++) {
		char word[WORD_DIGITS + 1] = "";
		uint32_t value;

		memcpy(word, digits + i * WORD_DIGITS, WORD_DIGITS);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(&address.bytes[i * sizeof(value)], &value, sizeof(value));
	}
	*ret_address = address;
	return true;
}

/* Sockets for all IPv6 addresses get IPv4 connections, too, unless they refused them. */
static bool address_takes(const struct address *local, const struct address *address)
{
	struct address plain = address_unmapped(local);

	if (address_is_unspecified(&plain))
		return plain.family == AF_INET6 || plain.family == address->family;
	return address_equal(&plain, address);
}

static bool line_listens(const char *line, const struct endpoint *endpoint)
{
	char digits[WORDS_MAX * WORD_DIGITS + 1];
	unsigned int port, state;
	struct address local;

	/* "   0: 0100007F:1F90 00000000:0000 0A ..." */
	return sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x", digits, &port,
		      &state) == 3 &&
	       state == STATE_LISTEN && port == endpoint->port && parse_address(digits, &local) &&
	       address_takes(&local, &endpoint->address);
}

bool listening_in_table(const char *text, const struct endpoint *endpoint)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (line_listens(line, endpoint))
			return true;
	}
	return false;
}

bool listening_in_process(pid_t pid, const struct endpoint *endpoint)
{
	static const char *const tables[] = { "tcp", "tcp6" };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		g_autofree char *path = g_strdup_printf("/proc/%d/net/%s", (int)pid, tables[i]);
		g_autofree char *text = NULL;

		if (g_file_get_contents(path, &text, NULL, NULL) &&
		    listening_in_table(text, endpoint))
			return true;
	}
	return false;
}
