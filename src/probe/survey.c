/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All features tried, and what follows for the modes.
 *
 * Which mode auto takes is decided by session/mode_choice.h, as in run. What is added here is
 * whether that mode then finds what every session needs: namespaces and, but for mode syscall, a
 * device. run has no second choice where it doesn't, so auto has none here either.
 */

#include "config.h"

#include "probe/survey.h"
#include "session/mode_choice.h"

static const enum session_mode session_modes[] = {
	[FEATURE_MODE_PACKET] = SESSION_MODE_PACKET,
	[FEATURE_MODE_HYBRID] = SESSION_MODE_HYBRID,
	[FEATURE_MODE_SYSCALL] = SESSION_MODE_SYSCALL,
};

static enum feature_mode feature_mode(enum session_mode mode)
{
	enum feature_mode found = FEATURE_MODE_PACKET;

	while (session_modes[found] != mode)
		found++;
	return found;
}

const struct finding *survey_find(const struct survey *survey, const char *json)
{
	return &survey->findings[feature_find(json) - features];
}

/* Whether what row can't be tried without is there. */
static bool is_triable(const struct survey *survey, const struct feature *row)
{
	return !row->needs || survey_find(survey, row->needs)->state == FINDING_YES;
}

static void try_row(struct survey *survey, const struct feature *row,
		    const struct feature_trial *trial)
{
	struct finding *finding = &survey->findings[row - features];
	g_autoptr(GError) error = NULL;

	finding->feature = row;
	if (!is_triable(survey, row)) {
		finding->state = FINDING_UNKNOWN;
		finding->detail = g_strdup_printf("needs: %s", feature_find(row->needs)->name);
	} else if (row->try(trial, row->argument, &finding->detail, &error)) {
		finding->state = FINDING_YES;
		if (!finding->detail)
			finding->detail = g_strdup("");
	} else {
		finding->state = FINDING_NO;
		finding->detail = g_strdup(error->message);
	}
}

/* The first row that session needs and has not; NULL for none. The syscall path's are not among
 * these. */
static const struct finding *find_lack(const struct survey *survey, enum feature_mode mode)
{
	static const char *const rows[] = { "user_namespaces", "network_namespaces", "pidfd_open",
					    "device" };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct finding *finding = survey_find(survey, rows[i]);

		if (finding->state != FINDING_YES && finding->feature->use[mode] == FEATURE_NEEDED)
			return finding;
	}
	return NULL;
}

static struct mode_finding judge_mode(const struct survey *survey, enum feature_mode mode,
				      const struct feature_trial *trial)
{
	const struct finding *lack = find_lack(survey, mode);
	struct mode_choice choice;
	g_autoptr(GError) error = NULL;

	if (lack)
		return (struct mode_finding){ .why = g_strdup_printf("%s: %s", lack->feature->name,
								     lack->detail) };
	if (!mode_choice_judge(session_modes[mode], false, trial->trouble ? NULL : &trial->support,
			       trial->trouble, &choice, &error))
		return (struct mode_finding){ .why = g_strdup(error->message) };
	mode_choice_clear(&choice);
	return (struct mode_finding){ .works = true };
}

/* What auto comes to. */
static void judge_auto(struct survey *survey, const struct feature_trial *trial)
{
	struct mode_choice choice;
	const struct mode_finding *found;

	/* auto never fails. */
	(void)mode_choice_judge(SESSION_MODE_AUTO, false, trial->trouble ? NULL : &trial->support,
				trial->trouble, &choice, NULL);
	found = &survey->modes[feature_mode(choice.mode)];
	if (!found->works) {
		survey->reason = g_strdup(found->why);
	} else {
		survey->mode = session_mode_name(choice.mode);
		survey->device = survey_find(survey, "device")->detail;
		survey->reason = g_strdup(
			choice.refusal ? choice.refusal
				       : "TCP by sockets of the host, the rest by packets");
	}
	mode_choice_clear(&choice);
}

void survey_conclude(struct survey *survey, const struct feature_trial *trial)
{
	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++)
		survey->modes[mode] = judge_mode(survey, (enum feature_mode)mode, trial);
	judge_auto(survey, trial);
}

struct survey *survey_new(void)
{
	struct survey *survey = g_new0(struct survey, 1);
	struct feature_trial trial = { .trouble = NULL };

	survey->findings = g_new0(struct finding, feature_count);
	(void)syscall_support_try(&trial.support, &trial.trouble);
	for (size_t i = 0; i < feature_count; i++)
		try_row(survey, &features[i], &trial);
	survey_conclude(survey, &trial);
	g_clear_error(&trial.trouble);
	return survey;
}

const char *finding_state_name(enum finding_state state)
{
	static const char *const names[] = { "no", "yes", "unknown" };

	return names[state];
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; i < feature_count; i++)
		g_free(survey->findings[i].detail);
	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++)
		g_free(survey->modes[mode].why);
	g_free(survey->findings);
	g_free(survey->reason);
	g_free(survey);
}
