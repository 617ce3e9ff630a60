/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From runs to rows. Pure. */
#pragma once

#include <glib.h>

/*
 * The rows (struct row *, owned by the array) of samples (struct sample *), in the order in which
 * each was measured first. workloads (struct workload *) says what their names stand for. A row is
 * valid if each of its runs is. Ratios are to the host's run of the same round.
 */
GPtrArray *summary_rows(const GPtrArray *samples, const GPtrArray *workloads);
