/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as comma-separated values (RFC 4180). Pure. */
#pragma once

#include <glib.h>

/* A line of headings, then one for each row (struct row *), ended by CR LF; the caller's. */
char *result_csv(const GPtrArray *rows);
