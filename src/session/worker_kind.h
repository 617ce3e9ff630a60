/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of worker processes that a session has: what sets them apart. */
#pragma once

#include <stddef.h>

#include "base/message.h"

struct worker_kind {
	const char *process;	  /* argv[0], which ps(1) shows */
	const char *argument;	  /* argv[1], by which main knows what to be */
	const char *words;	  /* in messages: "the packet engine" */
	enum message_type first;  /* the request that configures it */
	size_t config_size;	  /* of its body */
	enum message_type status; /* the answer to MESSAGE_STATUS */
	/* What is wrong with such an answer's body of length bytes; NULL for nothing. */
	const char *(*check_status)(const void *body, size_t length);
	unsigned int pause_max_ms; /* between the starts of one that is lost again and again */
	int final_status;	   /* the exit status after which none is started again */
	const char *final_words;   /* what that means; NULL: there is no such status */
};

/* Moves the frames (slirp-glue/engine.h); its status is a struct engine_status, then the flows. */
extern const struct worker_kind worker_kind_engine;

/* Answers the trapped calls (syscall/supervisor.h); its status is a struct supervisor_status. */
extern const struct worker_kind worker_kind_supervisor;
