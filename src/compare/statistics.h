/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be said of a few measured values. Pure. */
#pragma once

#include <stddef.h>

/* The middle of some values, and how far they spread; all NAN for none. */
struct statistics {
	double median, minimum, maximum;
};

/* Of count values, in any order; NAN among them is left out. */
struct statistics statistics_of(const double *values, size_t count);

/*
 * Of values[i] / base[i]: pairs that were measured one right after the other, so that what made the
 * machine slow for a while made both slow. A pair with NAN on either side, or a base of 0, is left
 * out.
 */
struct statistics statistics_of_ratios(const double *values, const double *base, size_t count);
