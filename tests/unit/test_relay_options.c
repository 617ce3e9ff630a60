/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of relay/options. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "relay/options.h"

static struct relay_options options;

static bool parse(const char *line, GError **error)
{
	g_autofree char *whole = g_strdup_printf("slirpway-delay-relay %s", line);
	static char **words; /* the options point into the last ones */

	g_strfreev(words);
	words = g_strsplit(g_strchomp(whole), " ", -1);
	return relay_options_parse((int)g_strv_length(words), words, &options, error);
}

START_TEST(defaults)
{
	ck_assert(parse("", NULL));
	ck_assert_ptr_null(options.netns[0]);
	ck_assert_ptr_null(options.netns[1]);
	ck_assert_str_eq(options.interface[0], "relay0");
	ck_assert_str_eq(options.interface[1], "relay0");
	ck_assert_uint_eq(options.line.delay, 0);
	ck_assert_uint_eq(options.line.rate, 0);
	ck_assert_uint_eq(options.line.queue_size, 64 << 20);
	ck_assert_int_eq(options.ready_fd, -1);
	ck_assert(!options.help);
}
END_TEST

START_TEST(values)
{
	ck_assert(parse("--netns-b /proc/7/ns/net --name-a up0 --name-b up1 --delay-ms 2.5 "
			"--rate-mbit 100 --queue-mbyte 0.5 --ready-fd 3 --help",
			NULL));
	ck_assert_str_eq(options.netns[1], "/proc/7/ns/net");
	ck_assert_str_eq(options.interface[0], "up0");
	ck_assert_str_eq(options.interface[1], "up1");
	ck_assert_uint_eq(options.line.delay, 2500000);
	ck_assert_uint_eq(options.line.rate, 100000000);
	ck_assert_uint_eq(options.line.queue_size, 1 << 19);
	ck_assert_int_eq(options.ready_fd, 3);
	ck_assert(options.help);
}
END_TEST

static const struct {
	const char *line;
	const char *told;
} wrong_rows[] = {
	{ "--delay-ms -1", "--delay-ms" },
	{ "--delay-ms 60001", "60000" },
	{ "--delay-ms nan", "nan" },
	{ "--delay-ms 1s", "1s" },
	{ "--delay-ms", "needs a value" },
	{ "--rate-mbit 0", "--rate-mbit" },
	{ "--queue-mbyte 9999", "4096" },
	{ "--ready-fd x", "--ready-fd" },
	{ "--name-a sixteen-letters-", "sixteen-letters-" },
	{ "--no-such 1", "--no-such" },
	{ "word", "word" },
};

START_TEST(what_is_wrong_is_told)
{
	g_autoptr(GError) error = NULL;

	ck_assert(!parse(wrong_rows[_i].line, &error));
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_msg(strstr(error->message, wrong_rows[_i].told), "%s", error->message);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relay_options");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, defaults);
	tcase_add_test(tests, values);
	tcase_add_loop_test(tests, what_is_wrong_is_told, 0, G_N_ELEMENTS(wrong_rows));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
