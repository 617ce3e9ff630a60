/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls that a worker process may make from now on (seccomp(2)). */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <seccomp.h>
#include <unistd.h>

#include "base/call_filter.h"

struct call_filter {
	scmp_filter_ctx context; /* NULL: there was no memory for one */
	int result;		 /* the first failure, -errno; 0: none yet */
};

struct call_filter *call_filter_new(void)
{
	struct call_filter *filter = g_new0(struct call_filter, 1);

	filter->context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!filter->context) {
		filter->result = -ENOMEM;
		return filter;
	}
	filter->result =
		seccomp_attr_set(filter->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (filter->result == 0)
		filter->result = seccomp_attr_set(filter->context, SCMP_FLTATR_CTL_TSYNC, 1);
	/* A binary tree instead of a list, from libseccomp 2.5 on. */
	(void)seccomp_attr_set(filter->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return filter;
}

static uint32_t action_of(enum call_answer answer)
{
	switch (answer) {
	case CALL_ALLOWED:
		return SCMP_ACT_ALLOW;
	case CALL_DENIED:
		return SCMP_ACT_ERRNO(EACCES);
	case CALL_DEADLY:
		break;
	}
	return SCMP_ACT_KILL_PROCESS;
}

/* Returns 0 or -errno, which is not kept; -EEXIST where the name has another rule. */
static int add(struct call_filter *filter, enum call_answer answer, const char *name,
	       unsigned int count, const struct scmp_arg_cmp *comparisons)
{
	int number = seccomp_syscall_resolve_name(name);
	int result;

	if (filter->result != 0 || number == __NR_SCMP_ERROR)
		return 0;
	result = seccomp_rule_add_array(filter->context, action_of(answer), number, count,
					comparisons);
	return result == -EDOM ? 0 : result;
}

static void keep_failure(struct call_filter *filter, int result)
{
	if (filter->result == 0)
		filter->result = result;
}

void call_filter_add_names(struct call_filter *filter, enum call_answer answer,
			   const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		keep_failure(filter, add(filter, answer, names[i], 0, NULL));
}

void call_filter_add_others(struct call_filter *filter, enum call_answer answer,
			    const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int result = add(filter, answer, names[i], 0, NULL);

		keep_failure(filter, result == -EEXIST ? 0 : result);
	}
}

static struct scmp_arg_cmp comparison_of(const struct call_rule *rule)
{
	return SCMP_CMP64(rule->index, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);
}

void call_filter_add_rules(struct call_filter *filter, enum call_answer answer,
			   const struct call_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct scmp_arg_cmp comparison = comparison_of(&rules[i]);

		keep_failure(filter, add(filter, answer, rules[i].name, 1, &comparison));
	}
}

void call_filter_allow_both(struct call_filter *filter, const struct call_rule *first,
			    const struct call_rule *second)
{
	const struct scmp_arg_cmp comparisons[] = { comparison_of(first), comparison_of(second) };

	keep_failure(filter, add(filter, CALL_ALLOWED, first->name, 2, comparisons));
}

void call_filter_allow_abort(struct call_filter *filter)
{
	const struct call_rule rule = { "tgkill", 0, CALL_WHOLE, (uint64_t)getpid() };

	call_filter_add_rules(filter, CALL_ALLOWED, &rule, 1);
}

int call_filter_load(struct call_filter *filter)
{
	int result = filter->result;

	if (result == 0)
		result = seccomp_load(filter->context);
	if (filter->context)
		seccomp_release(filter->context);
	g_free(filter);
	return result;
}
