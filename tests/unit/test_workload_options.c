/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of workload/options. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "workload/options.h"

#define WORDS_MAX 8

/* Splits the line at its spaces; the words live until the next call. */
static bool parse(enum workload_mode mode, const char *line, struct workload_options *ret_options)
{
	static char copy[256];
	static char program[] = "slirpway-workload";
	char *words[WORDS_MAX + 2] = { program };
	int count = 1;

	ck_assert_uint_lt(strlen(line), sizeof(copy));
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word && count <= WORDS_MAX; word = strtok(NULL, " "))
		words[count++] = word;
	return options_parse(mode, "this mode", count, words, ret_options);
}

START_TEST(defaults)
{
	struct workload_options options;

	ck_assert(parse(MODE_STREAM, "", &options));
	ck_assert_int_eq(options.mode, MODE_STREAM);
	ck_assert_str_eq(options.address, "127.0.0.1");
	ck_assert_uint_eq(options.port, 5202);
	ck_assert_uint_eq(options.flows, 1);
	ck_assert_uint_eq(options.bytes, NO_LIMIT);
	ck_assert_uint_eq(options.duration, 5 * NANOSECONDS_PER_SECOND);
	ck_assert_int_eq(options.ready_fd, -1);
	ck_assert(!options.text);
	ck_assert(parse(MODE_NAMES, "", &options));
	ck_assert_ptr_null(options.address);
	ck_assert_ptr_null(options.resolver);
	ck_assert_uint_eq(options.resolver_port, 53);
}
END_TEST

START_TEST(values)
{
	struct workload_options options;

	ck_assert(parse(MODE_STREAM, "--address 2001:db8::1 --port=0 --bytes 3M --time 0.25",
			&options));
	ck_assert_str_eq(options.address, "2001:db8::1");
	ck_assert_uint_eq(options.port, 0);
	ck_assert_uint_eq(options.bytes, 3 << 20);
	ck_assert_uint_eq(options.duration, NANOSECONDS_PER_SECOND / 4);
	ck_assert(parse(MODE_UDP, "--direction down --rate 10k --text", &options));
	ck_assert_int_eq(options.direction, DIRECTION_DOWN);
	ck_assert_uint_eq(options.rate, 10240);
	ck_assert(options.text);
	ck_assert(parse(MODE_NAMES, "--resolver ::1 --resolver-port 5353", &options));
	ck_assert_uint_eq(options.resolver_port, 5353);
	ck_assert(parse(MODE_STREAM, "--direction both --bytes 1", &options));
}
END_TEST

static const struct {
	enum workload_mode mode;
	const char *line;
} wrong_rows[] = {
	{ MODE_RR, "--address localhost" },
	{ MODE_RR, "--address 300.1.1.1" },
	{ MODE_RR, "--port 65536" },
	{ MODE_RR, "--port -1" },
	{ MODE_RR, "--time 0" },
	{ MODE_RR, "--time nan" },
	{ MODE_RR, "--time 1e9" },
	{ MODE_RR, "--time 1s" },
	{ MODE_RR, "--count 0" },
	{ MODE_RR, "--count 1T" },
	{ MODE_RR, "--count 1kk" },
	{ MODE_RR, "--count 18446744073709551615" },
	{ MODE_RR, "--count 18014398509481984k" },
	{ MODE_RR, "--count" },
	{ MODE_RR, "--bytes 5" },
	{ MODE_RR, "--dns-port 53" },
	{ MODE_RR, "--no-such" },
	{ MODE_RR, "word" },
	{ MODE_SERVER, "--time 5" },
	{ MODE_STREAM, "--direction sideways" },
	{ MODE_STREAM, "--direction both" },
	{ MODE_UDP, "--direction both" },
	{ MODE_UDP, "--flows 2" },
	{ MODE_HOLD, "--time 5" },
	{ MODE_NAMES, "--resolver example" },
	{ MODE_NAMES, "--resolver-port 5353" },
	{ MODE_NAMES, "--resolver 192.0.2.1 --resolver-port 0" },
};

START_TEST(what_is_wrong_is_refused)
{
	struct workload_options options;

	ck_assert_msg(!parse(wrong_rows[_i].mode, wrong_rows[_i].line, &options), "%s",
		      wrong_rows[_i].line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("workload_options");
	TCase *tests = tcase_create("all");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, defaults);
	tcase_add_test(tests, values);
	tcase_add_loop_test(tests, what_is_wrong_is_refused, 0, ARRAY_SIZE(wrong_rows));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
