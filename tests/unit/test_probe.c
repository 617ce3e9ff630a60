/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what follows from what probe found, and of how it is printed. Nothing is tried here. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "command/probe_report.h"
#include "command/wrap.h"
#include "probe/feature.h"
#include "probe/survey.h"
#include "session/mode_choice.h"

#define TEXT_COLUMNS 100

/* Everything works. */
static struct survey *make_survey(void)
{
	struct survey *survey = g_new0(struct survey, 1);

	survey->findings = g_new0(struct finding, feature_count);
	for (size_t i = 0; i < feature_count; i++)
		survey->findings[i] = (struct finding){ .feature = &features[i],
							.state = FINDING_YES,
							.detail = g_strdup("") };
	return survey;
}

static void set_finding(struct survey *survey, const char *json, enum finding_state state,
			const char *detail)
{
	struct finding *finding = &survey->findings[feature_find(json) - features];

	finding->state = state;
	g_free(finding->detail);
	finding->detail = g_strdup(detail);
}

/* A survey of which feature fails, concluded; FEATURE_COUNT: none does. */
static struct survey *survey_without(enum syscall_feature feature)
{
	struct feature_trial trial = { .trouble = NULL };
	struct survey *survey = make_survey();

	set_finding(survey, "device", FINDING_YES, "veth");
	if (feature != FEATURE_COUNT)
		trial.support.error[feature] = ENOSYS;
	survey_conclude(survey, &trial);
	return survey;
}

START_TEST(rows_are_complete)
{
	for (size_t i = 0; i < feature_count; i++) {
		const struct feature *row = &features[i];

		ck_assert_ptr_nonnull(row->try);
		ck_assert_ptr_eq(feature_find(row->json), row);
		ck_assert_str_ne(row->name, "");
		ck_assert_str_ne(row->without, "");
		ck_assert_str_ne(row->get, "");
		if (row->needs)
			ck_assert(feature_find(row->needs) && feature_find(row->needs) < row);
	}
	ck_assert_ptr_null(feature_find("none"));
}
END_TEST

/* The members that there have been since the first release. */
START_TEST(old_names_remain)
{
	static const char *const names[] = {
		"user_namespaces",	 "tap_device",
		"veth_device",		 "netns_cookie",
		"seccomp_notification",	 "seccomp_addfd",
		"pidfd_getfd",		 "ping_sockets",
		"subordinate_ids",	 "open_files",
		"seccomp_wait_killable", "seccomp_synchronous",
		"landlock_network",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		ck_assert_msg(feature_find(names[i]) != NULL, "%s", names[i]);
}
END_TEST

/* Each thing that the session asks for has a row, and the same weight there. */
START_TEST(rows_weigh_as_the_session_does)
{
	for (int feature = 0; feature < FEATURE_COUNT; feature++) {
		enum feature_use wanted = feature < FEATURES_NEEDED ? FEATURE_NEEDED : FEATURE_USED;
		unsigned int rows = 0;

		for (size_t i = 0; i < feature_count; i++) {
			if (features[i].try != feature_find("kcmp")->try ||
			    features[i].argument != feature)
				continue;
			rows++;
			ck_assert_int_eq(features[i].use[FEATURE_MODE_PACKET], FEATURE_UNUSED);
			ck_assert_int_eq(features[i].use[FEATURE_MODE_HYBRID], wanted);
			ck_assert_int_eq(features[i].use[FEATURE_MODE_SYSCALL], wanted);
		}
		ck_assert_uint_eq(rows, 1);
	}
}
END_TEST

START_TEST(auto_is_hybrid_with_all)
{
	struct survey *survey = survey_without(FEATURE_COUNT);

	ck_assert_str_eq(survey->mode, "hybrid");
	ck_assert_str_eq(survey->device, "veth");
	for (int mode = 0; mode < FEATURE_MODE_COUNT; mode++) {
		ck_assert(survey->modes[mode].works);
		ck_assert_ptr_null(survey->modes[mode].why);
	}
	survey_free(survey);
	survey_free(NULL);
}
END_TEST

/* _i: a feature. */
START_TEST(auto_is_packet_without_what_calls_need)
{
	struct survey *survey = survey_without((enum syscall_feature)_i);
	bool needed = _i < FEATURES_NEEDED;

	ck_assert_str_eq(survey->mode, needed ? "packet" : "hybrid");
	ck_assert(survey->modes[FEATURE_MODE_PACKET].works);
	ck_assert_int_eq(survey->modes[FEATURE_MODE_HYBRID].works, !needed);
	ck_assert_int_eq(survey->modes[FEATURE_MODE_SYSCALL].works, !needed);
	if (needed)
		ck_assert_str_eq(survey->modes[FEATURE_MODE_HYBRID].why, survey->reason);
	survey_free(survey);
}
END_TEST

START_TEST(trouble_with_the_trial_is_a_lack)
{
	struct feature_trial trial = { .trouble = NULL };
	struct survey *survey = make_survey();

	error_set(&trial.trouble, SLIRPWAY_ERROR_SYSTEM, "no process to be had");
	survey_conclude(survey, &trial);
	ck_assert_str_eq(survey->mode, "packet");
	ck_assert_str_eq(survey->reason, "no process to be had");
	g_clear_error(&trial.trouble);
	survey_free(survey);
}
END_TEST

/* What run needs in every mode, and what it needs of a device. */
START_TEST(auto_is_none_without_a_session)
{
	static const struct {
		const char *row;
		bool syscall_works;
	} rows[] = {
		{ "user_namespaces", false },
		{ "network_namespaces", false },
		{ "pidfd_open", false },
		{ "device", true },
	};
	const struct feature_trial trial = { .trouble = NULL };

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct survey *survey = make_survey();

		set_finding(survey, rows[i].row, i == 1 ? FINDING_UNKNOWN : FINDING_NO, "gone");
		survey_conclude(survey, &trial);
		ck_assert_ptr_null(survey->mode);
		ck_assert_ptr_null(survey->device);
		ck_assert_ptr_nonnull(strstr(survey->reason, "gone"));
		ck_assert_int_eq(survey->modes[FEATURE_MODE_SYSCALL].works, rows[i].syscall_works);
		survey_free(survey);
	}
}
END_TEST

START_TEST(modes_by_name_are_errors_where_refused)
{
	struct syscall_support support = { .notification_text = "no notification" };
	struct mode_choice choice;
	g_autoptr(GError) error = NULL;

	support.error[FEATURE_WAIT_KILLABLE] = EINVAL;
	ck_assert(mode_choice_judge(SESSION_MODE_HYBRID, false, &support, NULL, &choice, NULL));
	ck_assert_int_eq(choice.mode, SESSION_MODE_HYBRID);
	ck_assert_int_eq(choice.kind, FILTER_HYBRID);
	/* Only what traps names needs it. */
	ck_assert(!mode_choice_judge(SESSION_MODE_SYSCALL, true, &support, NULL, &choice, &error));
	ck_assert(g_str_has_prefix(error->message, "no SECCOMP_FILTER_FLAG_WAIT"));
	g_clear_error(&error);
	support.error[FEATURE_WAIT_KILLABLE] = 0;
	support.error[FEATURE_ADD_DESCRIPTOR] = EINVAL;
	ck_assert(!mode_choice_judge(SESSION_MODE_HYBRID, true, &support, NULL, &choice, &error));
	ck_assert(g_str_has_prefix(error->message, "no SECCOMP_ADDFD_FLAG_SEND"));
	support.error[FEATURE_NOTIFICATION] = EINVAL;
	ck_assert(mode_choice_judge(SESSION_MODE_AUTO, false, &support, NULL, &choice, NULL));
	ck_assert_int_eq(choice.mode, SESSION_MODE_PACKET);
	ck_assert_str_eq(choice.refusal, "no notification");
	mode_choice_clear(&choice);
	ck_assert(mode_choice_judge(SESSION_MODE_PACKET, true, NULL, NULL, &choice, NULL));
	ck_assert_ptr_null(choice.refusal);
}
END_TEST

/* Every row fails, with words without end. */
START_TEST(text_fits_a_terminal)
{
	const struct feature_trial trial = { .trouble = NULL };
	struct survey *survey = make_survey();
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	for (size_t i = 0; i < feature_count; i++)
		set_finding(survey, features[i].json, (enum finding_state)(i % 3),
			    "many words that have to go to several lines if each of them is to "
			    "be read, and \x1b[31m what a terminal would obey");
	survey_conclude(survey, &trial);
	text = probe_text(survey);
	ck_assert_ptr_null(strchr(text, '\x1b'));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		ck_assert_msg(g_utf8_strlen(*line, -1) <= TEXT_COLUMNS ||
				      g_str_has_prefix(*line, "mode: "),
			      "%s", *line);
	survey_free(survey);
}
END_TEST

START_TEST(text_says_what_is_missing)
{
	const struct feature_trial trial = { .trouble = NULL };
	struct survey *survey = make_survey();
	g_autofree char *text = NULL;

	set_finding(survey, "ping_sockets", FINDING_NO, "Permission denied");
	set_finding(survey, "seccomp_addfd", FINDING_UNKNOWN, "needs: no other listener");
	set_finding(survey, "landlock", FINDING_YES, "ABI 7");
	survey_conclude(survey, &trial);
	text = probe_text(survey);
	ck_assert_ptr_nonnull(strstr(text, "\nping sockets: Permission denied\n"
					   "  without it: ping gets no answer from outside, "
					   "everything else works\n"
					   "  to get it:  sysctl -w net.ipv4.ping_group_range="));
	ck_assert_ptr_nonnull(strstr(text, "  ADDFD                 ?     -       needed  needed   "
					   "needs: no other listener\n"));
	ck_assert_ptr_nonnull(strstr(text, "used     ABI 7\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n--mode=syscall  works\n"));
	survey_free(survey);
}
END_TEST

static const char *member_of_check(JsonObject *root, const char *name, const char *member)
{
	JsonArray *checks = json_object_get_array_member(root, "checks");

	for (guint i = 0; i < json_array_get_length(checks); i++) {
		JsonObject *check = json_array_get_object_element(checks, i);

		if (strcmp(json_object_get_string_member(check, "name"), name) == 0)
			return json_object_get_string_member(check, member);
	}
	return NULL;
}

START_TEST(node_has_its_members)
{
	const struct feature_trial trial = { .trouble = NULL };
	struct survey *survey = make_survey();
	g_autoptr(JsonNode) node = NULL;
	JsonObject *root, *mode;

	set_finding(survey, "device", FINDING_NO, "nothing to be had");
	survey_conclude(survey, &trial);
	node = probe_node(survey);
	root = json_node_get_object(node);
	ck_assert(json_object_get_null_member(root, "mode"));
	ck_assert(json_object_get_null_member(root, "device"));
	ck_assert_str_eq(json_object_get_string_member(root, "reason"),
			 "tap or veth: nothing to be had");
	ck_assert_uint_eq(json_array_get_length(json_object_get_array_member(root, "checks")),
			  feature_count);
	ck_assert_str_eq(member_of_check(root, "device", "state"), "no");
	ck_assert_str_eq(member_of_check(root, "device", "detail"), "nothing to be had");
	ck_assert_str_eq(member_of_check(root, "io_uring", "state"), "yes");
	mode = json_array_get_object_element(json_object_get_array_member(root, "modes"), 2);
	ck_assert_str_eq(json_object_get_string_member(mode, "name"), "syscall");
	ck_assert(json_object_get_boolean_member(mode, "ok"));
	survey_free(survey);
}
END_TEST

START_TEST(prose_is_wrapped)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_auto(GStrv) none = wrap_lines("", 10);

	ck_assert_ptr_null(none[0]);
	wrap_append(text, "to: ", "one two  a-very-long-word three", 12);
	ck_assert_str_eq(text->str, "to: one two \n    a-very-long-word\n    three\n");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("probe");
	TCase *conclusions = tcase_create("conclusions");
	TCase *report = tcase_create("report");

	tcase_add_test(conclusions, rows_are_complete);
	tcase_add_test(conclusions, old_names_remain);
	tcase_add_test(conclusions, rows_weigh_as_the_session_does);
	tcase_add_test(conclusions, auto_is_hybrid_with_all);
	tcase_add_loop_test(conclusions, auto_is_packet_without_what_calls_need, 0, FEATURE_COUNT);
	tcase_add_test(conclusions, trouble_with_the_trial_is_a_lack);
	tcase_add_test(conclusions, auto_is_none_without_a_session);
	tcase_add_test(conclusions, modes_by_name_are_errors_where_refused);
	suite_add_tcase(suite, conclusions);
	tcase_add_test(report, text_fits_a_terminal);
	tcase_add_test(report, text_says_what_is_missing);
	tcase_add_test(report, node_has_its_members);
	tcase_add_test(report, prose_is_wrapped);
	suite_add_tcase(suite, report);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
