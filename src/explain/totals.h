/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of totals that the text and the page show side by side. Pure. */
#pragma once

#include <glib.h>

#include "explain/amount.h"
#include "explain/recording.h"

struct totals_row {
	const char *title; /* those that are part of the row above begin with two spaces */
	/* Writes the recording's value; "-" where there is none. */
	void (*value)(const struct recording *recording, char text[static AMOUNT_TEXT_MAX]);
};

/* Ends with a row whose title is NULL. */
extern const struct totals_row totals_rows[];
