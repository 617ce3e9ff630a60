/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of command lines by table, and of the takers of values. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/util.h"
#include "options/options.h"
#include "options/values.h"

struct target {
	bool quick;
	bool loud;
	char *file;
	const char *cidr;
	int fd;
	uint32_t mtu;
	char *interface;
	char *mac;
	enum log_level level;
	bool old;
};

#define IN(field) offsetof(struct target, field)

static const struct option_spec own_rows[] = {
	{ 'q', "quick", NULL, value_take_true, IN(quick), "be quick" },
	{ 'l', "loud", NULL, value_take_true, IN(loud), "be loud" },
	{ 0, "no-loud", NULL, value_take_false, IN(loud), "be silent" },
	{ 'f', "file", "FILE", value_take_text, IN(file), "write there" },
	{ 0, "old-name", NULL, value_take_true, IN(old), NULL },
	{ .name = NULL },
};

static const struct option_spec common_rows[] = {
	{ 0, "cidr", "CIDR", value_take_borrowed, IN(cidr), "network" },
	{ 0, "cidr6", "CIDR", value_take_borrowed, IN(cidr), "network, the other one" },
	{ 'r', "ready-fd", "FD", value_take_descriptor, IN(fd), "descriptor" },
	{ 'm', "mtu", "N", value_take_mtu, IN(mtu), "MTU" },
	{ 0, "interface", "NAME", value_take_interface, IN(interface), "name" },
	{ 0, "mac", "MAC", value_take_mac, IN(mac), "address" },
	{ 0, "log-level", "LEVEL", value_take_log_level, IN(level),
	  "a text so long that it can't stand on one line of the help, for lines end where "
	  "terminals "
	  "that people use do" },
	{ .name = NULL },
};

static const struct command_spec spec = {
	"test", "[OPTIONS] WORD...", "Tests.", own_rows, common_rows,
};

/* A run of the parser over a line of words, and all that came of it. */
struct outcome {
	struct target target;
	char **words; /* owned: what operands borrow from */
	char **operands;
	char *joined; /* the operands with a '|' between */
	bool parsed;
	bool help;
	GError *error;
};

static void outcome_run(struct outcome *outcome, const char *line, bool stop)
{
	g_autofree char *whole = g_strconcat("test ", line, NULL);

	*outcome = (struct outcome){ .target.fd = -1 };
	/* Two spaces make an empty word. */
	outcome->words = g_strsplit(line[0] ? whole : "test", " ", -1);
	outcome->parsed = options_parse(&spec, (int)g_strv_length(outcome->words), outcome->words,
					stop, &outcome->target, &outcome->operands, &outcome->help,
					&outcome->error);
	if (outcome->parsed)
		outcome->joined = g_strjoinv("|", outcome->operands);
}

static void outcome_clear(struct outcome *outcome)
{
	g_free(outcome->target.file);
	g_free(outcome->target.interface);
	g_free(outcome->target.mac);
	g_free(outcome->operands);
	g_free(outcome->joined);
	g_strfreev(outcome->words);
	g_clear_error(&outcome->error);
}

/* A line, and what it sets; with stop the first operand ends the options. */
static const struct {
	const char *line;
	bool stop;
	const char *operands;
	bool quick;
	bool loud;
	const char *file;
	int fd;
} lines[] = {
	{ "", false, "", false, false, NULL, -1 },
	{ "a b", false, "a|b", false, false, NULL, -1 },
	{ "--quick", false, "", true, false, NULL, -1 },
	{ "-q", false, "", true, false, NULL, -1 },
	{ "-ql", false, "", true, true, NULL, -1 },
	{ "--loud --no-loud", false, "", false, false, NULL, -1 },
	{ "--no-loud --loud", false, "", false, true, NULL, -1 },
	{ "--file=x", false, "", false, false, "x", -1 },
	{ "--file x", false, "", false, false, "x", -1 },
	{ "--file=a=b", false, "", false, false, "a=b", -1 },
	{ "-f x", false, "", false, false, "x", -1 },
	{ "-fx", false, "", false, false, "x", -1 },
	{ "-qlfx", false, "", true, true, "x", -1 },
	{ "-f=x", false, "", false, false, "=x", -1 },
	{ "--file --quick", false, "", false, false, "--quick", -1 },
	{ "--file x --file y", false, "", false, false, "y", -1 },
	{ "-r3 --ready-fd=4", false, "", false, false, NULL, 4 },
	/* abbreviations */
	{ "--qu", false, "", true, false, NULL, -1 },
	{ "--fi=x", false, "", false, false, "x", -1 },
	{ "--re 7", false, "", false, false, NULL, 7 },
	/* where options end */
	{ "a --quick b", false, "a|b", true, false, NULL, -1 },
	{ "a --quick b", true, "a|--quick|b", false, false, NULL, -1 },
	{ "--quick a -l", true, "a|-l", true, false, NULL, -1 },
	{ "-- --quick", false, "--quick", false, false, NULL, -1 },
	{ "-- --quick", true, "--quick", false, false, NULL, -1 },
	{ "a -- --quick b", false, "a|--quick|b", false, false, NULL, -1 },
	{ "a -- b", true, "a|--|b", false, false, NULL, -1 },
	{ "-q -- a -- b", true, "a|--|b", true, false, NULL, -1 },
	{ "-q --", false, "", true, false, NULL, -1 },
	{ "-", false, "-", false, false, NULL, -1 },
	{ "- -q", true, "-|-q", false, false, NULL, -1 },
	{ "a  b", false, "a||b", false, false, NULL, -1 },
	{ "--old-name", false, "", false, false, NULL, -1 },
};

START_TEST(reads_lines)
{
	struct outcome outcome;

	outcome_run(&outcome, lines[_i].line, lines[_i].stop);
	ck_assert_msg(outcome.parsed, "%s: %s", lines[_i].line,
		      outcome.error ? outcome.error->message : "");
	ck_assert(!outcome.help);
	ck_assert_str_eq(outcome.joined, lines[_i].operands);
	ck_assert(outcome.target.quick == lines[_i].quick);
	ck_assert(outcome.target.loud == lines[_i].loud);
	ck_assert_pstr_eq(outcome.target.file, lines[_i].file);
	ck_assert_int_eq(outcome.target.fd, lines[_i].fd);
	outcome_clear(&outcome);
}
END_TEST

/* A line that is refused, and the whole reason. */
static const struct {
	const char *line;
	const char *reason;
} refusals[] = {
	{ "--bogus", "unknown option --bogus; --help lists them" },
	{ "--bogus=3", "unknown option --bogus; --help lists them" },
	{ "--quik", "unknown option --quik; did you mean --quick?" },
	{ "--lod-level=x", "unknown option --lod-level; did you mean --log-level?" },
	{ "--hepl", "unknown option --hepl; did you mean --help?" },
	{ "--old-nam3", "unknown option --old-nam3; --help lists them" },
	{ "--mtuu 5", "unknown option --mtuu; did you mean --mtu?" },
	{ "--=x", "unknown option --; --help lists them" },
	{ "---quick", "unknown option ---quick; did you mean --quick?" },
	{ "-x", "unknown option -x; --help lists them" },
	{ "-qx", "unknown option -x; --help lists them" },
	{ "-:", "unknown option -:; --help lists them" },
	{ "-?", "unknown option -?; --help lists them" },
	{ "--ci 1", "option --ci is ambiguous: --cidr, --cidr6" },
	{ "--l", "option --l is ambiguous: --loud, --log-level" },
	{ "--file", "--file needs a value: --file=FILE" },
	{ "-f", "--file needs a value: --file=FILE" },
	{ "a -qf", "--file needs a value: --file=FILE" },
	{ "--quick=yes", "--quick takes no value" },
	{ "--help=me", "--help takes no value" },
	{ "--file=", "--file=: the value is empty" },
	{ "--cidr=", "--cidr=: the value is empty" },
	{ "--ready-fd -1", "--ready-fd=-1: a descriptor is a number, 0 or more, such as 3" },
	{ "--ready-fd 2147483648",
	  "--ready-fd=2147483648: a descriptor is a number, 0 or more, such as 3" },
	{ "-r3x", "--ready-fd=3x: a descriptor is a number, 0 or more, such as 3" },
	{ "--mtu 0", "--mtu=0: MTU must be a positive integer (< 65522), such as 1500" },
	{ "--mtu 65522", "--mtu=65522: MTU must be a positive integer (< 65522), such as 1500" },
	{ "--mtu 1500.", "--mtu=1500.: MTU must be a positive integer (< 65522), such as 1500" },
	{ "--mtu=", "--mtu=: MTU must be a positive integer (< 65522), such as 1500" },
	{ "--log-level loud", "--log-level=loud: use one of: error, warning, info, debug" },
	{ "--mac 1:2:3:4:5:6",
	  "--mac=1:2:3:4:5:6: a MAC address is written like 52:54:00:12:34:56" },
};

START_TEST(refuses_lines)
{
	struct outcome outcome;

	outcome_run(&outcome, refusals[_i].line, false);
	ck_assert_msg(!outcome.parsed, "%s was taken", refusals[_i].line);
	ck_assert(g_error_matches(outcome.error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_str_eq(outcome.error->message, refusals[_i].reason);
	ck_assert_ptr_null(outcome.operands);
	outcome_clear(&outcome);
}
END_TEST

/* A value for an option, and what it reads as; NULL: it is refused. */
static const struct {
	const char *option;
	const char *value;
	const char *result;
} values[] = {
	{ "interface", "tap0", "tap0" },
	{ "interface", "a", "a" },
	{ "interface", "fifteen-letters", "fifteen-letters" },
	{ "interface", "eth0.100", "eth0.100" },
	{ "interface", "sixteen--letters", NULL },
	{ "interface", "", NULL },
	{ "interface", ".", NULL },
	{ "interface", "..", NULL },
	{ "interface", "a/b", NULL },
	{ "interface", "a:b", NULL },
	{ "interface", "tap%d", NULL },
	{ "interface", "a\tb", NULL },
	{ "interface", "\x1b[1m", NULL },
	{ "interface", "t\xc3\xa4p", NULL },
	{ "mac", "52:54:00:12:34:56", "52:54:00:12:34:56" },
	{ "mac", "AA:bb:CC:dd:EE:ff", "aa:bb:cc:dd:ee:ff" },
	{ "mac", "52:54:00:12:34:5", NULL },
	{ "mac", "52:54:00:12:34:567", NULL },
	{ "mac", "52:54:00:12:34:56:78", NULL },
	{ "mac", "52-54-00-12-34-56", NULL },
	{ "mac", "52:54:00:12:34:5g", NULL },
	{ "mac", "01:00:5e:00:00:01", NULL },
	{ "mac", "ff:ff:ff:ff:ff:ff", NULL },
	{ "mac", "00:00:00:00:00:00", NULL },
	{ "mac", "", NULL },
};

START_TEST(takes_values)
{
	g_autofree char *line = g_strdup_printf("--%s=%s", values[_i].option, values[_i].value);
	struct outcome outcome;

	outcome_run(&outcome, line, false);
	ck_assert_msg(outcome.parsed == (values[_i].result != NULL), "%s", line);
	ck_assert_pstr_eq(strcmp(values[_i].option, "mac") == 0 ? outcome.target.mac
								: outcome.target.interface,
			  values[_i].result);
	outcome_clear(&outcome);
}
END_TEST

START_TEST(takes_bounds)
{
	struct outcome outcome;

	outcome_run(&outcome, "--mtu 65521 --ready-fd 2147483647 --log-level debug", false);
	ck_assert(outcome.parsed);
	ck_assert_uint_eq(outcome.target.mtu, 65521);
	ck_assert_int_eq(outcome.target.fd, 2147483647);
	ck_assert_int_eq(outcome.target.level, LOG_LEVEL_DEBUG);
	outcome_clear(&outcome);
}
END_TEST

START_TEST(reads_pids)
{
	int pid = 7;

	ck_assert(value_parse_pid("4194304", &pid, NULL));
	ck_assert_int_eq(pid, 4194304);
	ck_assert(!value_parse_pid("0", &pid, NULL));
	ck_assert(!value_parse_pid("-1", &pid, NULL));
	ck_assert(!value_parse_pid("", &pid, NULL));
	ck_assert(!value_parse_pid("12a", &pid, NULL));
	ck_assert(!value_parse_pid("4294967296", &pid, NULL));
	ck_assert_int_eq(pid, 4194304);
}
END_TEST

/* Help ends the reading, so that a mistake behind it does not keep it from being shown. */
START_TEST(help_ends_reading)
{
	static const char *const helps[] = {
		"--help", "-h", "--he", "-qh", "--quick -h --bogus", "word --help"
	};
	struct outcome outcome;

	outcome_run(&outcome, helps[_i], false);
	ck_assert(outcome.parsed && outcome.help);
	outcome_clear(&outcome);
}
END_TEST

START_TEST(help_of_a_command_is_not_ours)
{
	struct outcome outcome;

	outcome_run(&outcome, "ls --help", true);
	ck_assert(outcome.parsed && !outcome.help);
	ck_assert_str_eq(outcome.joined, "ls|--help");
	outcome_clear(&outcome);
}
END_TEST

/* The order of words does not depend on the environment. */
START_TEST(posixly_correct_changes_nothing)
{
	struct outcome outcome;

	ck_assert_int_eq(setenv("POSIXLY_CORRECT", "1", 1), 0);
	outcome_run(&outcome, "a --quick b", false);
	ck_assert_str_eq(outcome.joined, "a|b");
	ck_assert(outcome.target.quick);
	outcome_clear(&outcome);
	unsetenv("POSIXLY_CORRECT");
}
END_TEST

START_TEST(no_words_at_all)
{
	char *empty[] = { NULL };
	g_autofree char **operands = NULL;
	struct target target = { .fd = -1 };
	bool help = true;

	ck_assert(options_parse(&spec, 0, empty, false, &target, &operands, &help, NULL));
	ck_assert_ptr_null(operands[0]);
	ck_assert(!help);
}
END_TEST

START_TEST(help_shows_every_visible_row)
{
	g_autofree char *help = options_help(&spec, "program");
	g_auto(GStrv) help_lines = g_strsplit(help, "\n", -1);

	ck_assert(g_str_has_prefix(help, "usage: program test [OPTIONS] WORD...\n\nTests.\n"));
	ck_assert_ptr_nonnull(strstr(help, "\n  -q, --quick               be quick\n"));
	ck_assert_ptr_nonnull(strstr(help, "\n  -f, --file=FILE           write there\n"));
	ck_assert_ptr_nonnull(strstr(help, "\n      --cidr=CIDR           network\n"));
	ck_assert_ptr_nonnull(strstr(help, "\n  -h, --help                print this help\n"));
	ck_assert_ptr_null(strstr(help, "old-name"));
	for (char **line = help_lines; *line; line++)
		ck_assert_msg(strlen(*line) < 80, "%s", *line);
}
END_TEST

START_TEST(help_of_a_program_names_it_once)
{
	g_autofree char *help = options_help(&spec, "test");

	ck_assert(g_str_has_prefix(help, "usage: test [OPTIONS] WORD...\n"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tests = tcase_create("options");

	tcase_add_loop_test(tests, reads_lines, 0, ARRAY_SIZE(lines));
	tcase_add_loop_test(tests, refuses_lines, 0, ARRAY_SIZE(refusals));
	tcase_add_loop_test(tests, takes_values, 0, ARRAY_SIZE(values));
	tcase_add_test(tests, takes_bounds);
	tcase_add_test(tests, reads_pids);
	tcase_add_loop_test(tests, help_ends_reading, 0, 6);
	tcase_add_test(tests, help_of_a_command_is_not_ours);
	tcase_add_test(tests, posixly_correct_changes_nothing);
	tcase_add_test(tests, no_words_at_all);
	tcase_add_test(tests, help_shows_every_visible_row);
	tcase_add_test(tests, help_of_a_program_names_it_once);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
