/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes that shut themselves in, for the sandbox's tests. */
#pragma once

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"

#define ALL_LAYERS (SANDBOX_ROOT | SANDBOX_CAPS | SANDBOX_FILTER | SANDBOX_LIMITS)

/* In a child: says where it failed and ends the child. */
#define DEMAND(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			child_fail(__FILE__, __LINE__, #condition);                                \
	} while (0)

void child_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

/* A situation that an engine may start in. */
struct situation {
	void (*enter)(void);
	uint32_t layers; /* that must hold at the end */
	bool keeps_bind; /* CAP_NET_BIND_SERVICE stays */
};

enum {
	SITUATION_ROOT_IF_WE_ARE,
	SITUATION_USER,
	SITUATION_NAMESPACE_ROOT,
	SITUATION_NAMESPACE_USER,
	SITUATION_SCRATCH_IMAGE,
	SITUATION_NO_NAMESPACES,
	SITUATION_COUNT,
};

extern const struct situation situations[SITUATION_COUNT];

/* Both stages of the sandbox, in the given situation. */
void child_shut_in(const struct situation *situation);

/* The second stage; says why a layer is missing. */
uint32_t child_seal(uint32_t layers);

/* Runs body in a child, shut in before where situation is not NULL. Returns the wait status. */
int child_run(const struct situation *situation, void (*body)(void));

/* The cases about single system calls. */
TCase *sandbox_call_cases(void);
