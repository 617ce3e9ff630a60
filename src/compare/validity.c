/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a run may count. */

#include "config.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "compare/validity.h"

/*
 * What a path carried holds at least this share of the payload (a counter is read a moment after
 * the last byte was), and one that carried nothing no more than that share: ARP, DNS and what a
 * fresh interface says of itself.
 */
#define CARRIED 0.9
#define STRAY 0.1
#define STRAY_BYTES 100000.0

static bool carried(double counted, double payload)
{
	return counted >= payload * CARRIED;
}

static bool stray(double counted, double payload)
{
	return counted <= MAX(payload * STRAY, STRAY_BYTES);
}

/* Small requests make more frames than bytes: each needs one to the other side, and one back. */
static char *judge_frames(const struct evidence *evidence)
{
	if (isnan(evidence->frames))
		return g_strdup("the session told no counters of its engine");
	if (!carried(evidence->frame_bytes, evidence->bytes) ||
	    !carried(evidence->frames, evidence->exchanges))
		return g_strdup_printf(
			"not by packets: %.0f frames with %.0f bytes for %.0f bytes of"
			" payload in %.0f exchanges",
			evidence->frames, evidence->frame_bytes, evidence->bytes,
			evidence->exchanges);
	if (!evidence->mixed && evidence->swaps > 0)
		return g_strdup_printf("not by packets alone: %.0f sockets of the host were put in"
				       " place",
				       evidence->swaps);
	return NULL;
}

/* Few frames, whatever else. */
static char *judge_no_frames(const struct evidence *evidence)
{
	if (stray(evidence->frame_bytes, evidence->bytes) &&
	    (evidence->frames <= evidence->exchanges || evidence->frames <= 100))
		return NULL;
	/* A mode without an engine tells none. */
	if (isnan(evidence->frames))
		return NULL;
	return g_strdup_printf("packets carried it: %.0f frames with %.0f bytes for %.0f bytes of"
			       " payload",
			       evidence->frames, evidence->frame_bytes, evidence->bytes);
}

static char *judge_swaps(const struct evidence *evidence)
{
	if (isnan(evidence->swaps))
		return g_strdup("the session told no counters of its supervisor");
	if (evidence->swaps < MAX(evidence->connections, 1))
		return g_strdup_printf("not by sockets of the host: %.0f were put in place for %.0f"
				       " connections",
				       evidence->swaps, evidence->connections);
	return judge_no_frames(evidence);
}

static char *judge_calls(const struct evidence *evidence)
{
	if (isnan(evidence->trapped) || evidence->trapped < 1)
		return g_strdup("not by calls done on behalf: none was trapped");
	return judge_no_frames(evidence);
}

static char *judge_device(const struct evidence *evidence)
{
	if (isnan(evidence->device_bytes))
		return g_strdup("the container told no counters of its interface");
	if (!carried(evidence->device_bytes, evidence->bytes))
		return g_strdup_printf(
			"not over the container's interface: it carried %.0f bytes for"
			" %.0f of payload",
			evidence->device_bytes, evidence->bytes);
	return NULL;
}

static char *judge_loopback(const struct evidence *evidence)
{
	if (isnan(evidence->device_bytes))
		return g_strdup("the container told no counters of its interfaces");
	if (!carried(evidence->loopback_bytes, evidence->bytes) ||
	    !stray(evidence->device_bytes, evidence->bytes))
		return g_strdup_printf("not over the container's loopback alone: lo carried %.0f"
				       " bytes, other interfaces %.0f, for %.0f of payload",
				       evidence->loopback_bytes, evidence->device_bytes,
				       evidence->bytes);
	return NULL;
}

static char *judge_path(const struct evidence *evidence)
{
	switch (evidence->proof) {
	case PROOF_NONE:
		return NULL;
	case PROOF_FRAMES:
		return judge_frames(evidence);
	case PROOF_SWAPS:
		return judge_swaps(evidence);
	case PROOF_CALLS:
		return judge_calls(evidence);
	case PROOF_DEVICE:
		return judge_device(evidence);
	case PROOF_LOOPBACK:
		return judge_loopback(evidence);
	}
	return g_strdup("nothing tells which path carried it");
}

static char *judge_congestion(const char *wanted, const char *end, const char *name)
{
	if (!wanted || !name || strcmp(wanted, name) == 0)
		return NULL;
	return g_strdup_printf("congestion control of the %s was %s, not %s", end, name, wanted);
}

char *validity_judge(const struct evidence *evidence)
{
	char *why = judge_path(evidence);

	if (!why && evidence->restarts > 0)
		why = g_strdup("an engine or supervisor was started again in it");
	if (!why)
		why = judge_congestion(evidence->wanted, "client", evidence->client);
	if (!why)
		why = judge_congestion(evidence->wanted, "server", evidence->server);
	return why;
}
