/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps a packet engine running: starts it, configures it, and starts it again whenever it is lost.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "session/engine_channel.h"

struct engine_process;

/* Called when an engine that replaces a lost one has been configured: the place to tell it all
 * else. */
typedef void (*engine_replaced_func)(void *data);

/*
 * Starts an engine and sends it config (copied), with the link's descriptor and pcap's (-1: none);
 * both stay the caller's and must outlive the process. Returns NULL with error set.
 */
struct engine_process *engine_process_new(const struct engine_config *config, int link, int pcap,
					  engine_replaced_func replaced, void *data,
					  GError **error);

/* Ends the engine (it has a second to write out its capture) and reaps it; NULL is allowed. */
void engine_process_free(struct engine_process *engine);

/*
 * Waits until everything asked so far is answered, at most timeout_ms milliseconds. Returns false
 * with error set if the engine refused its configuration, was lost, or took too long. To be called
 * once after engine_process_new: only from then on is a lost engine replaced.
 */
bool engine_process_settle(struct engine_process *engine, int timeout_ms, GError **error);

/*
 * Sends a request with a body of length bytes. func is called once: later, or at once with an error
 * while no engine runs.
 */
void engine_process_request(struct engine_process *engine, enum message_type type, const void *body,
			    size_t length, engine_answer_func func, void *data);

/* The engine's process id; 0 while none runs. */
pid_t engine_process_pid(const struct engine_process *engine);

/* True once an engine found that the link is gone for good: it is not replaced. */
bool engine_process_link_is_lost(const struct engine_process *engine);

/* How often a lost engine was replaced. */
uint32_t engine_process_restarts(const struct engine_process *engine);
