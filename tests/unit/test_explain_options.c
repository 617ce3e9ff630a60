/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of options/explain_options. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "options/explain_options.h"

static struct explain_invocation invocation;

/* Parses a line of words; the words live as long as the test. */
static bool parse(const char *line, GError **error)
{
	static char **words;

	g_strfreev(words);
	words = g_strsplit(line, " ", -1);
	return explain_options_parse((int)g_strv_length(words), words, &invocation, error);
}

static char *describe(void)
{
	GString *text = g_string_new(NULL);
	g_autofree char *paths = g_strjoinv(",", invocation.paths);
	g_autofree char *command = g_strjoinv("|", invocation.command);

	g_string_append_printf(text, "%s %s", paths, command);
	for (guint i = 0; i < invocation.run_options->len; i++)
		g_string_append_printf(text, " run=%s",
				       (const char *)invocation.run_options->pdata[i]);
	if (invocation.input)
		g_string_append_printf(text, " input=%s", invocation.input);
	if (invocation.events != 2000)
		g_string_append_printf(text, " events=%u", invocation.events);
	if (invocation.world)
		g_string_append_printf(text, " world=%g", invocation.rtt_ms);
	if (invocation.json)
		g_string_append(text, " json");
	if (invocation.each_frame)
		g_string_append(text, " all");
	if (invocation.show_output)
		g_string_append(text, " show");
	return g_string_free(text, FALSE);
}

static const struct {
	const char *line;
	const char *meaning;
} good[] = {
	{ "explain a", "packet,hybrid a" },
	{ "explain a -b --json", "packet,hybrid a|-b|--json" },
	{ "explain -- --json", "packet,hybrid --json" },
	{ "explain --json --all --show-output a", "packet,hybrid a json all show" },
	{ "explain --paths=syscall a", "syscall a" },
	{ "explain --paths hybrid,packet,syscall a", "hybrid,packet,syscall a" },
	{ "explain --world a", "packet,hybrid a world=-1" },
	{ "explain --world --rtt=2.5 a", "packet,hybrid a world=2.5" },
	{ "explain --events 1 a", "packet,hybrid a events=1" },
	{ "explain --stdin f a", "packet,hybrid a input=f" },
	{ "explain --run-option=--host-loopback --run-option=--dns=192.0.2.1 a",
	  "packet,hybrid a run=--host-loopback run=--dns=192.0.2.1" },
	{ "explain --run-option -p8080:80 a", "packet,hybrid a run=-p8080:80" },
};

START_TEST(what_is_meant)
{
	g_autofree char *meaning = NULL;
	GError *error = NULL;

	ck_assert_msg(parse(good[_i].line, &error), "%s", error ? error->message : "");
	meaning = describe();
	ck_assert_str_eq(meaning, good[_i].meaning);
	explain_invocation_clear(&invocation);
}
END_TEST

static const struct {
	const char *line;
	const char *complaint;
} bad[] = {
	{ "explain", "COMMAND is missing" },
	{ "explain --paths= a", "empty" },
	{ "explain --paths=host a", "the paths are" },
	{ "explain --paths=packet, a", "the paths are" },
	{ "explain --paths=packet,packet a", "twice" },
	{ "explain --rtt=1 a", "needs --world" },
	{ "explain --world --rtt=-1 a", "milliseconds" },
	{ "explain --world --rtt=1x a", "milliseconds" },
	{ "explain --world --rtt=nan a", "milliseconds" },
	{ "explain --events=0 a", "1 to" },
	{ "explain --events=x a", "1 to" },
	{ "explain --run-option=x a", "an option of run" },
	{ "explain --run-option=-- a", "an option of run" },
	{ "explain --run-option=--pcap=x a", "explain sets --pcap itself" },
	{ "explain --run-option=--mode a", "explain sets --mode itself" },
	{ "explain --stdin= a", "empty" },
	{ "explain --jsno a", "did you mean --json" },
};

START_TEST(what_is_refused)
{
	GError *error = NULL;

	ck_assert(!parse(bad[_i].line, &error));
	ck_assert_msg(strstr(error->message, bad[_i].complaint) != NULL, "%s", error->message);
	g_error_free(error);
	explain_invocation_clear(&invocation);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain_options");
	TCase *tests = tcase_create("explain_options");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, what_is_meant, 0, G_N_ELEMENTS(good));
	tcase_add_loop_test(tests, what_is_refused, 0, G_N_ELEMENTS(bad));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
