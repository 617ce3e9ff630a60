/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takers of option values that several commands share: each is an option_func for a field of the
 * type that its comment names. A value given again replaces the one before. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/network.h"

/* bool: a flag that switches it on, or off. */
bool value_take_true(const char *value, void *field, GError **error);
bool value_take_false(const char *value, void *field, GError **error);

/* char *, a copy that the target owns: any text that is not empty. */
bool value_take_text(const char *value, void *field, GError **error);

/* const char *, borrowed: any text that is not empty. */
bool value_take_borrowed(const char *value, void *field, GError **error);

/* int: the number of a descriptor. */
bool value_take_descriptor(const char *value, void *field, GError **error);

/* uint32_t: 1 to NETWORK_MTU_MAX. */
bool value_take_mtu(const char *value, void *field, GError **error);

/*
 * Lays out the network of the options --cidr, --cidr6 (NULL: not given) and --mtu, as network_plan
 * does, and names the option in error.
 */
bool value_plan_network(const char *cidr, const char *cidr6, bool v6, uint32_t mtu,
			struct network *ret_network, GError **error);

/* uint32_t: 14 to 65589, the shortest and the longest frame. */
bool value_take_snapshot(const char *value, void *field, GError **error);

/* char *, owned: a name that the kernel takes for an interface (netdevice(7)). */
bool value_take_interface(const char *value, void *field, GError **error);

/* char *, owned: the MAC address of one station, as "52:54:00:12:34:56" in lower case. */
bool value_take_mac(const char *value, void *field, GError **error);

/* enum log_level. */
bool value_take_log_level(const char *value, void *field, GError **error);

/* A word of a table and the number that it stands for. */
struct value_choice {
	const char *word;
	int number;
};

/*
 * Looks value up in count choices. Returns false with error set, in words that list the choices, if
 * it is none of them.
 */
bool value_choose(const char *value, const struct value_choice *choices, size_t count,
		  int *ret_number, GError **error);

/* Reads a process id, 1 or more. */
bool value_parse_pid(const char *value, int *ret_pid, GError **error);
