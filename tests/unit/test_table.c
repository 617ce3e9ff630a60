/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of text tables and of reading members of JSON that came from a session. */

#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "base/table.h"
#include "command/forward_rows.h"
#include "control/member.h"

static void add(struct table *table, const char *a, const char *b)
{
	table_add(table, (const char *const[]){ a, b });
}

/* Formats and frees the table. */
static char *finish(struct table *table)
{
	char *text = table_format(table);

	table_free(table);
	return text;
}

START_TEST(columns_are_as_wide_as_needed)
{
	struct table *table = table_new(2);
	g_autofree char *text = NULL;

	add(table, "NAME", "PID");
	add(table, "a", "1");
	add(table, "longer", "22");
	text = finish(table);
	ck_assert_str_eq(text, "NAME    PID\na       1\nlonger  22\n");
}
END_TEST

START_TEST(width_counts_characters)
{
	struct table *table = table_new(2);
	g_autofree char *text = NULL;

	add(table, "\xc3\xa4\xc3\xa4", "1");
	add(table, "abc", "2");
	text = finish(table);
	ck_assert_str_eq(text, "\xc3\xa4\xc3\xa4   1\nabc  2\n");
}
END_TEST

START_TEST(cells_cannot_drive_a_terminal)
{
	struct table *table = table_new(2);
	g_autofree char *text = NULL;

	add(table, "a\x1b[31m", "b\nc\td");
	add(table, "\xff\xfe",
	    "\xc2\x9b"
	    "1m");
	text = finish(table);
	ck_assert_str_eq(text, "a?[31m  b?c?d\n??      ??1m\n");
}
END_TEST

START_TEST(empty_cells_leave_no_spaces)
{
	struct table *table = table_new(2);
	g_autofree char *text = NULL;

	add(table, "a", "");
	add(table, "", "");
	text = finish(table);
	ck_assert_str_eq(text, "a\n\n");
	table_free(NULL);
}
END_TEST

START_TEST(empty_table)
{
	g_autofree char *text = finish(table_new(3));

	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(members_of_the_wrong_kind_are_none)
{
	g_autoptr(JsonNode) node = json_from_string(
		"{\"text\":\"a\",\"number\":5,\"null\":null,\"list\":[\"x\",7,\"y\"],\"none\":[]}",
		NULL);
	g_autoptr(JsonObject) object = member_root(node);
	g_autofree char *list = member_joined(object, "list", " ");
	g_autofree char *none = member_joined(object, "none", " ");
	g_autofree char *null = member_joined(object, "null", " ");

	ck_assert_str_eq(member_text(object, "text"), "a");
	ck_assert_str_eq(member_text(object, "number"), "-");
	ck_assert_str_eq(member_text(object, "null"), "-");
	ck_assert_str_eq(member_text(object, "missing"), "-");
	ck_assert_str_eq(member_text(NULL, "text"), "-");
	ck_assert_int_eq(member_number(object, "number"), 5);
	ck_assert_int_eq(member_number(object, "text"), 0);
	ck_assert_int_eq(member_number(object, "null"), 0);
	ck_assert_ptr_null(member_object(object, "list"));
	ck_assert_ptr_null(member_array(object, "text"));
	ck_assert_ptr_nonnull(member_array(object, "list"));
	ck_assert_ptr_null(member_row(member_array(object, "list"), 0));
	ck_assert_str_eq(list, "x - y");
	ck_assert_str_eq(none, "-");
	ck_assert_str_eq(null, "-");
}
END_TEST

START_TEST(root_of_another_kind_is_empty)
{
	g_autoptr(JsonNode) node = json_from_string("[1]", NULL);
	g_autoptr(JsonObject) object = member_root(node);

	ck_assert_uint_eq(json_object_get_size(object), 0);
}
END_TEST

START_TEST(forwards_become_rows)
{
	g_autoptr(JsonNode) node = json_from_string(
		"[{\"id\":1,\"proto\":\"tcp\",\"host_addr\":\"0.0.0.0\",\"host_port\":8080,"
		"\"guest_addr\":\"10.0.2.100\",\"guest_port\":80,\"path\":\"syscall\"},"
		"{\"id\":2,\"proto\":\"udp\",\"host_addr\":\"::\",\"host_port\":53,"
		"\"guest_addr\":\"fd00::100\",\"guest_port\":5353},7,{}]",
		NULL);
	g_autofree char *text = forward_rows_text(json_node_get_array(node));
	g_autofree char *none = forward_rows_text(NULL);

	ck_assert_str_eq(text, "ID  PROTO  HOST          CONTAINER         PATH\n"
			       "1   tcp    0.0.0.0:8080  10.0.2.100:80     syscall\n"
			       "2   udp    [::]:53       [fd00::100]:5353  -\n"
			       "0   -      -:0           -:0               -\n"
			       "0   -      -:0           -:0               -\n");
	ck_assert_str_eq(none, "ID  PROTO  HOST  CONTAINER  PATH\n");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tests = tcase_create("table");

	tcase_add_test(tests, columns_are_as_wide_as_needed);
	tcase_add_test(tests, width_counts_characters);
	tcase_add_test(tests, cells_cannot_drive_a_terminal);
	tcase_add_test(tests, empty_cells_leave_no_spaces);
	tcase_add_test(tests, empty_table);
	tcase_add_test(tests, members_of_the_wrong_kind_are_none);
	tcase_add_test(tests, root_of_another_kind_is_empty);
	tcase_add_test(tests, forwards_become_rows);
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
