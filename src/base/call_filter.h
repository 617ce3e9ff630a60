/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls that a worker process may make from now on (seccomp(2)): the mechanism, for
 * whose lists are elsewhere. What no rule speaks of fails with ENOSYS, for which libraries have a
 * fallback; a call of another ABI kills the process.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What a call gets. */
enum call_answer {
	CALL_ALLOWED,
	CALL_DENIED, /* fails with EACCES */
	CALL_DEADLY, /* kills the process */
};

/* A call whose argument at index (from 0) has, in the bits of mask, the given value. */
struct call_rule {
	const char *name;
	uint32_t index;
	uint64_t mask;
	uint64_t value;
};

/* The mask of an int: what the upper half of the register holds doesn't count. */
#define CALL_WHOLE UINT32_MAX

struct call_filter;

/*
 * Names that this machine or this libseccomp doesn't know need no rule. A failure is kept, makes
 * what follows of no effect, and is what call_filter_load returns.
 */
struct call_filter *call_filter_new(void);
void call_filter_add_names(struct call_filter *filter, enum call_answer answer,
			   const char *const *names, size_t count);
void call_filter_add_rules(struct call_filter *filter, enum call_answer answer,
			   const struct call_rule *rules, size_t count);

/* The same for names of which some may have a rule already, which stays. */
void call_filter_add_others(struct call_filter *filter, enum call_answer answer,
			    const char *const *names, size_t count);

/* Allows one call where both of its arguments fit; the second rule's name doesn't count. */
void call_filter_allow_both(struct call_filter *filter, const struct call_rule *first,
			    const struct call_rule *second);

/* Lets abort(3) end this process. */
void call_filter_allow_abort(struct call_filter *filter);

/* Puts the filter on all threads, for ever, and frees it. Returns 0 or -errno. */
int call_filter_load(struct call_filter *filter);
