/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of the machine that figures depend on; nothing that names it. */
#pragma once

#include <json-glib/json-glib.h>

/* A new object; libslirp is the version of the library that is used. */
JsonObject *machine_facts(const char *libslirp);

/* The congestion control that sockets of this network namespace have by default; the caller's. */
char *machine_congestion(void);
