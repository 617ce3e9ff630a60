/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a run may count: only if counters prove which path carried its bytes, and the sockets
 * really had the congestion control that was asked for. Pure.
 */
#pragma once

#include <stdbool.h>

/* What has to be proved. */
enum proof {
	PROOF_NONE,	/* the plain host: there is no other path */
	PROOF_FRAMES,	/* the engine's frames carried it, and no socket was swapped */
	PROOF_SWAPS,	/* sockets of the host carried it, and hardly a frame did */
	PROOF_CALLS,	/* calls done on behalf carried it, and hardly a frame did */
	PROOF_DEVICE,	/* the container's interface carried it (peers, which count nothing) */
	PROOF_LOOPBACK, /* the container's loopback did, and its interface did not */
};

/* What one run showed; NAN is not known. */
struct evidence {
	enum proof proof;
	bool mixed;	     /* by packets even where other work is not: see PROOF_FRAMES */
	double bytes;	     /* of payload */
	double exchanges;    /* requests, connections or datagrams that went over the wire */
	double connections;  /* each of which needs a socket of its own */
	double frames;	     /* of the engine */
	double frame_bytes;  /* in them */
	double swaps;	     /* sockets put in place */
	double trapped;	     /* calls */
	double device_bytes; /* of the container's interfaces but lo */
	double loopback_bytes;
	double restarts;	     /* of engine and supervisor */
	const char *wanted;	     /* congestion control; NULL where it does not matter */
	const char *client, *server; /* what the ends had; NULL: not told */
};

/* NULL if the run counts; else why it does not, a sentence for people that the caller frees. */
char *validity_judge(const struct evidence *evidence);
