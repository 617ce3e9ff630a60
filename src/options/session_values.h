/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takers of the option values that only run and attach have: each is an option_func for a field of
 * the type that its comment names. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* enum session_mode. */
bool session_take_mode(const char *value, void *field, GError **error);

/* char *, owned: a name that the registry takes. */
bool session_take_name(const char *value, void *field, GError **error);

/* GArray *: appends the forwards of one SPEC. */
bool session_take_publish(const char *value, void *field, GError **error);

/* struct policy: appends a rule. */
bool session_take_allow(const char *value, void *field, GError **error);
bool session_take_deny(const char *value, void *field, GError **error);

/* struct session_config: an address of its family, or an interface. */
bool session_take_outbound(const char *value, void *field, GError **error);

/* struct session_config: appends a DNS server, or switches DNS off. */
bool session_take_dns(const char *value, void *field, GError **error);

/* enum device_kind. */
bool session_take_device(const char *value, void *field, GError **error);

/* enum user_map: flags, one for each way. */
bool session_take_map_root(const char *value, void *field, GError **error);
bool session_take_map_current(const char *value, void *field, GError **error);
bool session_take_map_auto(const char *value, void *field, GError **error);
