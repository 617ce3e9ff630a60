/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/log and base/error: what a line looks like, whatever is in it. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"

#define LONGEST_LINE 2048

static int reader = -1, real_stderr = -1;

static void catch_stderr(void)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	real_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
}

/* Gives standard error back; what went there is then in buffer. */
static void release_stderr(char *buffer, size_t size)
{
	size_t length = 0;
	ssize_t got;

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	while ((got = read(reader, buffer + length, size - 1 - length)) > 0)
		length += (size_t)got;
	buffer[length] = '\0';
	close(reader);
}

static const struct {
	const char *text, *line;
} rows[] = {
	{ "", "slirpway: \n" },
	{ "100% plain", "slirpway: 100% plain\n" },
	{ "a\nslirpway: forged", "slirpway: a?slirpway: forged\n" },
	{ "\x1b[31mred\x7f\t", "slirpway: ?[31mred??\n" },
	{ "sm\xc3\xb6rg\xc3\xa5s", "slirpway: sm\xc3\xb6rg\xc3\xa5s\n" },
	{ "\xc2\x9b"
	  "31m",
	  "slirpway: ??31m\n" },
	{ "\xff\xc3", "slirpway: ??\n" },
};

START_TEST(lines)
{
	char buffer[4096];

	catch_stderr();
	errno = ENOTTY;
	log_info("%s", rows[_i].text);
	ck_assert_int_eq(errno, ENOTTY);
	release_stderr(buffer, sizeof(buffer));
	ck_assert_str_eq(buffer, rows[_i].line);
}
END_TEST

START_TEST(long_line)
{
	char text[3 * LONGEST_LINE], buffer[4 * LONGEST_LINE];
	size_t length = (size_t)_i;

	memset(text, 'x', sizeof(text));
	text[length] = '\0';
	catch_stderr();
	log_error("%s", text);
	release_stderr(buffer, sizeof(buffer));
	ck_assert_uint_le(strlen(buffer), LONGEST_LINE);
	ck_assert(g_str_has_suffix(buffer, "\n"));
	/* A line that was cut says so. */
	ck_assert_int_eq(g_str_has_suffix(buffer, "...\n"), strlen(buffer) < length + 11);
}
END_TEST

START_TEST(levels)
{
	enum log_level level = LOG_LEVEL_ERROR;
	char buffer[4096];

	ck_assert_int_eq(log_get_level(), LOG_LEVEL_INFO);
	ck_assert(log_parse_level("warning", &level));
	ck_assert_int_eq(level, LOG_LEVEL_WARNING);
	ck_assert(!log_parse_level("loud", &level));
	ck_assert_int_eq(level, LOG_LEVEL_WARNING);
	log_set_level(level);
	log_set_name("name");
	catch_stderr();
	log_error("1");
	log_warning("2");
	log_info("3");
	log_debug("4");
	release_stderr(buffer, sizeof(buffer));
	ck_assert_str_eq(buffer, "name: 1\nname: 2\n");
}
END_TEST

static const struct {
	int number, code;
} codes[] = {
	{ EADDRINUSE, SLIRPWAY_ERROR_IN_USE }, { EACCES, SLIRPWAY_ERROR_DENIED },
	{ EPERM, SLIRPWAY_ERROR_DENIED },      { ENOENT, SLIRPWAY_ERROR_NOT_FOUND },
	{ ETIMEDOUT, SLIRPWAY_ERROR_TIMEOUT }, { EIO, SLIRPWAY_ERROR_SYSTEM },
};

START_TEST(errno_codes)
{
	GError *error = NULL;
	char *wanted = g_strdup_printf("can't do 7: %s", g_strerror(codes[_i].number));

	error_set_errno(&error, codes[_i].number, "can't do %d", 7);
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, codes[_i].code));
	ck_assert_str_eq(error->message, wanted);
	error_set_errno(NULL, EIO, "nobody asked");
	g_error_free(error);
	g_free(wanted);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *cases = tcase_create("lines");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, lines, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(cases, long_line, LONGEST_LINE - 16, LONGEST_LINE + 4);
	tcase_add_test(cases, levels);
	tcase_add_loop_test(cases, errno_codes, 0, ARRAY_SIZE(codes));
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
