/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takers of option values that several commands share. */

#include "config.h"

#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/network.h"
#include "options/values.h"

/* An Ethernet header, and that with the largest IPv6 packet. */
#define SNAPSHOT_MIN 14
#define SNAPSHOT_MAX 65589

#define MAC_BYTES 6
#define MAC_MULTICAST 0x01

bool value_take_true(const char *value, void *field, GError **error)
{
	(void)value;
	(void)error;
	*(bool *)field = true;
	return true;
}

bool value_take_false(const char *value, void *field, GError **error)
{
	(void)value;
	(void)error;
	*(bool *)field = false;
	return true;
}

/* Puts a copy of value into an owned field in place of what was there. */
static void replace_text(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static bool refuse_empty(const char *value, GError **error)
{
	if (value[0])
		return true;
	error_set(error, SLIRPWAY_ERROR_USAGE, "the value is empty");
	return false;
}

bool value_take_text(const char *value, void *field, GError **error)
{
	if (!refuse_empty(value, error))
		return false;
	replace_text(field, value);
	return true;
}

bool value_take_borrowed(const char *value, void *field, GError **error)
{
	if (!refuse_empty(value, error))
		return false;
	*(const char **)field = value;
	return true;
}

/* Reads a decimal number without sign or space. */
static bool parse_number(const char *value, guint64 minimum, guint64 maximum, int *ret_number,
			 const char *complaint, GError **error)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(value, 10, minimum, maximum, &number, NULL)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "%s", complaint);
		return false;
	}
	*ret_number = (int)number;
	return true;
}

bool value_take_descriptor(const char *value, void *field, GError **error)
{
	return parse_number(value, 0, INT_MAX, field,
			    "a descriptor is a number, 0 or more, such as 3", error);
}

bool value_parse_pid(const char *value, int *ret_pid, GError **error)
{
	return parse_number(value, 1, INT_MAX, ret_pid, "PID must be a positive integer", error);
}

bool value_take_mtu(const char *value, void *field, GError **error)
{
	int mtu;

	if (!parse_number(value, 1, NETWORK_MTU_MAX, &mtu,
			  "MTU must be a positive integer (< 65522), such as 1500", error))
		return false;
	*(uint32_t *)field = (uint32_t)mtu;
	return true;
}

/* Judges the text of an option that names a network; NULL where it was not given. */
static bool check_cidr(const char *option, const char *cidr, int family, GError **error)
{
	if (!cidr || network_check_cidr(cidr, family, error))
		return true;
	g_prefix_error(error, "%s=%s: ", option, cidr);
	return false;
}

bool value_plan_network(const char *cidr, const char *cidr6, bool v6, uint32_t mtu,
			struct network *ret_network, GError **error)
{
	if (!check_cidr("--cidr", cidr, AF_INET, error) ||
	    !check_cidr("--cidr6", cidr6, AF_INET6, error))
		return false;
	if (network_plan(cidr, cidr6, v6, mtu, ret_network, error))
		return true;
	g_prefix_error(error, "--mtu=%u: ", mtu);
	return false;
}

bool value_take_snapshot(const char *value, void *field, GError **error)
{
	int length;

	if (!parse_number(value, SNAPSHOT_MIN, SNAPSHOT_MAX, &length,
			  "a number of bytes, 14 to 65589", error))
		return false;
	*(uint32_t *)field = (uint32_t)length;
	return true;
}

/* As the kernel judges names, and without '%', which it would replace by a number. */
static bool interface_name_valid(const char *name)
{
	if (!name[0] || strlen(name) >= IF_NAMESIZE || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return false;
	for (const char *at = name; *at; at++)
		if (!g_ascii_isgraph(*at) || strchr("/:%", *at))
			return false;
	return true;
}

bool value_take_interface(const char *value, void *field, GError **error)
{
	if (!interface_name_valid(value)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "an interface's name has 1 to %d characters, no space, '/', ':' or '%%'",
			  IF_NAMESIZE - 1);
		return false;
	}
	replace_text(field, value);
	return true;
}

/* True for six pairs of hexadecimal digits with colons between. */
static bool mac_parse(const char *value, guint8 bytes[static MAC_BYTES])
{
	if (strlen(value) != MAC_BYTES * 3 - 1)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		const char *pair = value + i * 3;

		if (!g_ascii_isxdigit(pair[0]) || !g_ascii_isxdigit(pair[1]) ||
		    (pair[2] != ':' && pair[2] != '\0'))
			return false;
		bytes[i] = (guint8)(g_ascii_xdigit_value(pair[0]) << 4 |
				    g_ascii_xdigit_value(pair[1]));
	}
	return true;
}

bool value_take_mac(const char *value, void *field, GError **error)
{
	static const guint8 zeros[MAC_BYTES];
	g_autofree char *lower = NULL;
	guint8 bytes[MAC_BYTES];

	if (!mac_parse(value, bytes)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "a MAC address is written like 52:54:00:12:34:56");
		return false;
	}
	if ((bytes[0] & MAC_MULTICAST) || memcmp(bytes, zeros, sizeof(zeros)) == 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "an interface can't have a multicast or all-zero MAC address");
		return false;
	}
	lower = g_ascii_strdown(value, -1);
	replace_text(field, lower);
	return true;
}

bool value_take_log_level(const char *value, void *field, GError **error)
{
	if (log_parse_level(value, field))
		return true;
	error_set(error, SLIRPWAY_ERROR_USAGE, "use one of: error, warning, info, debug");
	return false;
}

bool value_choose(const char *value, const struct value_choice *choices, size_t count,
		  int *ret_number, GError **error)
{
	g_autoptr(GString) words = g_string_new(NULL);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(value, choices[i].word) == 0) {
			*ret_number = choices[i].number;
			return true;
		}
		g_string_append_printf(words, "%s%s", i ? ", " : "", choices[i].word);
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "use one of: %s", words->str);
	return false;
}
