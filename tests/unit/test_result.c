/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of results as JSON, CSV and text. */

#include "config.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/json_fields.h"
#include "compare/notes.h"
#include "compare/result.h"
#include "compare/result_csv.h"
#include "compare/result_table.h"
#include "compare/row.h"

static const char text[] =
	"{ \"format\": \"slirpway-compare\", \"version\": 1, \"started\": \"2026-11-27T12:00:00Z\","
	"  \"workloads\": [ { \"name\": \"rr\", \"title\": \"Request and response\" } ],"
	"  \"rows\": ["
	"   { \"path\": \"host\", \"workload\": \"rr\", \"mtu\": 1500, \"rtt_ms\": 0.5,"
	"     \"congestion\": \"cubic\", \"flows\": null, \"value\": 20, \"unit\": \"us\","
	"     \"better\": \"lower\", \"minimum\": 19, \"maximum\": 21.5, \"ratio\": 1,"
	"     \"ratio_minimum\": 1, \"ratio_maximum\": 1, \"samples\": [19, null, 21.5],"
	"     \"valid\": true, \"why\": \"\", \"command\": \"a, \\\"b\\\"\","
	"     \"percentiles\": [ { \"percent\": 50, \"microseconds\": 20 } ],"
	"     \"cpu\": { \"unit\": \"us/request\", \"program\": 1.5, \"engine\": null, \"total\": "
	"3 },"
	"     \"memory_bytes\": null, \"counters\": { \"packets\": 7, \"swaps\": 0 } },"
	"   { \"path\": \"pasta\", \"workload\": \"rr\", \"mtu\": 1500, \"rtt_ms\": 0.5,"
	"     \"congestion\": \"cubic\", \"unit\": \"us\", \"better\": \"lower\","
	"     \"valid\": false, \"why\": \"did not start\" } ],"
	"  \"verdict\": [ \"host wins.\" ] }";

static struct result *read_text(const char *json)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) node = json_from_string(json, &error);
	struct result *result;

	ck_assert_msg(node != NULL, "%s", error ? error->message : "no JSON");
	result = result_read(node, &error);
	ck_assert_msg(result != NULL, "%s", error ? error->message : "");
	return result;
}

static void refused(const char *json, const char *reason)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(result_read(node, &error));
	ck_assert_msg(strstr(error->message, reason) != NULL, "%s", error->message);
}

START_TEST(rows_are_read)
{
	struct result *result = read_text(text);
	const struct row *row = result->rows->pdata[0];

	ck_assert_uint_eq(result->rows->len, 2);
	ck_assert_str_eq(row->path, "host");
	ck_assert_double_eq(row->rtt_ms, 0.5);
	ck_assert(isnan(row->flows) && isnan(row->connections));
	ck_assert_uint_eq(row->samples->len, 3);
	ck_assert(isnan(g_array_index(row->samples, double, 1)));
	ck_assert_str_eq(row->cpu_unit, "us/request");
	ck_assert_double_eq(row->measures.value[MEASURE_CPU_TOTAL], 3);
	ck_assert(isnan(row->measures.value[MEASURE_CPU_ENGINE]));
	ck_assert(isnan(row->measures.value[MEASURE_MEMORY_ENGINE]));
	ck_assert_double_eq(row->measures.value[MEASURE_PACKETS], 7);
	ck_assert_double_eq(row->measures.value[MEASURE_SWAPS], 0);
	ck_assert_str_eq(result_title(result, "rr"), "Request and response");
	ck_assert_str_eq(result_title(result, "unknown"), "unknown");
	result_free(result);
}
END_TEST

START_TEST(what_was_written_is_read_as_it_was)
{
	struct result *result = read_text(text);
	g_autoptr(JsonNode) once = result_write(result);
	g_autofree char *first = json_to_string(once, TRUE);
	struct result *again = read_text(first);
	g_autoptr(JsonNode) twice = result_write(again);

	ck_assert(json_node_equal(once, twice));
	ck_assert_str_eq(json_object_get_string_member(again->facts, "started"),
			 "2026-11-27T12:00:00Z");
	result_free(result);
	result_free(again);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
	refused("[]", "no results");
	refused("{}", "no results");
	refused("{\"format\": 1}", "no results");
	refused("{\"format\": \"slirpway-compare-pair\", \"version\": 1}", "no results");
	refused("{\"format\": \"slirpway-compare\", \"version\": 2, \"rows\": []}", "version 2");
	refused("{\"format\": \"slirpway-compare\", \"rows\": []}", "version");
	refused("{\"format\": \"slirpway-compare\", \"version\": 1}", "no array");
	refused("{\"format\": \"slirpway-compare\", \"version\": 1, \"rows\": [7]}", "row 0");
	refused("{\"format\": \"slirpway-compare\", \"version\": 1, \"rows\": [{}]}",
		"without a path");
	refused("{\"format\": \"slirpway-compare\", \"version\": 1,"
		" \"rows\": [{\"path\": 7, \"workload\": \"rr\"}]}",
		"\"path\" is not a text");
	refused("{\"format\": \"slirpway-compare\", \"version\": 1,"
		" \"rows\": [{\"path\": \"host\", \"workload\": \"rr\", \"mtu\": \"x\"}]}",
		"\"mtu\" is not a number");
}
END_TEST

START_TEST(files_that_are_none_are_told_by_name)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(result_load("/nonexistent/file.json", &error));
	ck_assert_ptr_nonnull(strstr(error->message, "/nonexistent/file.json"));
}
END_TEST

/* Deep enough to overflow the stack of a parser that calls itself. */
START_TEST(files_that_are_nested_too_deeply_are_refused)
{
	static char deep[1000000];
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("test-result-XXXXXX", &path, NULL);

	memset(deep, '[', sizeof(deep));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, deep, sizeof(deep)), sizeof(deep));
	close(fd);
	ck_assert_ptr_null(result_load(path, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "nested"));
	unlink(path);
}
END_TEST

START_TEST(brackets_in_texts_are_no_nesting)
{
	g_autofree char *brackets = g_strnfill(1000, '[');
	g_autofree char *flat = g_strdup_printf("[\"\\\"%s\", \"\\\\\", []]", brackets);
	g_autofree char *deep = g_strdup_printf("[\"\\\\\", %s", brackets);

	ck_assert(json_is_shallow(flat, strlen(flat)));
	ck_assert(!json_is_shallow(deep, strlen(deep)));
}
END_TEST

START_TEST(values_with_commas_are_quoted)
{
	struct result *result = read_text(text);
	g_autofree char *csv = result_csv(result->rows);
	g_auto(GStrv) lines = g_strsplit(csv, "\r\n", -1);

	ck_assert_uint_eq(g_strv_length(lines), 4); /* the last one is empty */
	ck_assert(g_str_has_prefix(lines[0], "workload,path,mtu,rtt_ms,congestion,"));
	ck_assert(g_str_has_prefix(lines[1], "rr,host,1500,0.5,cubic,,,1,1,1,20,us,19,21.5,lower,"
					     "true,,us/request,1.5,"));
	ck_assert(g_str_has_suffix(lines[1], ",\"a, \"\"b\"\"\""));
	ck_assert(g_str_has_prefix(lines[2], "rr,pasta,1500,0.5,cubic,,,,,,,us,,,lower,false,"
					     "did not start,"));
	result_free(result);
}
END_TEST

START_TEST(the_table_begins_with_the_ratio)
{
	struct result *result = read_text(text);
	g_autofree char *table = result_table(result);

	ck_assert_str_eq(
		table,
		"Request and response (MTU 1500, RTT 0.5 ms, cubic)\n"
		"PATH   x HOST  FIGURE  SPREAD    CPU us/request  MEMORY\n"
		"host   1.00    20 us   19..21.5  3               -\n"
		"pasta  -       - us    -         -               -       DOES NOT COUNT: did not "
		"start\n\n"
		"x HOST: the median of the ratios to the host's run of the same round\n\n"
		"host wins.\n");
	result_free(result);
}
END_TEST

/* A file that somebody has edited by hand. */
START_TEST(witnesses_without_texts_are_borne)
{
	struct result *result = read_text(
		"{ \"format\": \"slirpway-compare\", \"version\": 1, \"rows\": [],"
		"  \"witnesses\": [ 7, {}, { \"program\": null, \"workload\": 5, \"value\": \"x\","
		"    \"agrees\": 1, \"unit\": {}, \"why\": [] } ] }");
	g_autofree char *table = result_table(result);

	ck_assert_ptr_nonnull(strstr(table, "WITNESS"));
	result_free(result);
}
END_TEST

START_TEST(rounds_that_were_left_out_are_told)
{
	struct result *result = read_text(text);
	const double none[] = { NAN, NAN, NAN, NAN };
	g_autofree char *left_out = NULL;
	g_autofree char *all = NULL;

	ck_assert_uint_eq(note_rounds_done(result->rows), 0);
	g_array_append_vals(((struct row *)result->rows->pdata[1])->samples, none, 4);
	ck_assert_uint_eq(note_rounds_done(result->rows), 3);
	left_out = note_rounds(result->rows, 5);
	all = note_rounds(result->rows, 3);
	ck_assert_str_eq(left_out, "The 4th round would not have ended in time; figures are medians"
				   " of 3 runs.");
	ck_assert_ptr_null(all);
	result_free(result);
}
END_TEST

START_TEST(a_busy_machine_is_told)
{
	g_autoptr(JsonObject) machine = json_object_new();
	g_autofree char *unknown = note_busy(machine);
	g_autofree char *idle = NULL;
	g_autofree char *busy = NULL;

	json_object_set_int_member(machine, "cores", 2);
	json_object_set_double_member(machine, "load_average", 1.5);
	idle = note_busy(machine);
	json_object_set_double_member(machine, "load_average", 2.5);
	busy = note_busy(machine);
	ck_assert(!unknown && !idle);
	ck_assert_ptr_nonnull(strstr(busy, "a load average of 2.5 on 2 cores"));
}
END_TEST

START_TEST(two_results_side_by_side)
{
	struct result *results[2] = { read_text(text), read_text(text) };
	const char *const labels[2] = { "old", "new" };
	g_autofree char *table = NULL;
	g_autoptr(JsonNode) pair = NULL;
	JsonObject *object;

	((struct row *)results[1]->rows->pdata[0])->value = 10;
	table = result_table_of_two(results, labels);
	ck_assert_ptr_nonnull(strstr(table, "A: old\nB: new\n"));
	ck_assert_ptr_nonnull(strstr(table, "20 us  10 us  0.50"));
	pair = result_pair(results, labels);
	object = json_node_get_object(pair);
	ck_assert_str_eq(json_object_get_string_member(object, "format"), "slirpway-compare-pair");
	ck_assert_uint_eq(json_array_get_length(json_object_get_array_member(object, "runs")), 2);
	result_free(results[0]);
	result_free(results[1]);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("result");
	TCase *tests = tcase_create("result");

	tcase_add_test(tests, rows_are_read);
	tcase_add_test(tests, what_was_written_is_read_as_it_was);
	tcase_add_test(tests, what_is_none_is_refused);
	tcase_add_test(tests, files_that_are_none_are_told_by_name);
	tcase_add_test(tests, files_that_are_nested_too_deeply_are_refused);
	tcase_add_test(tests, brackets_in_texts_are_no_nesting);
	tcase_add_test(tests, values_with_commas_are_quoted);
	tcase_add_test(tests, the_table_begins_with_the_ratio);
	tcase_add_test(tests, witnesses_without_texts_are_borne);
	tcase_add_test(tests, rounds_that_were_left_out_are_told);
	tcase_add_test(tests, a_busy_machine_is_told);
	tcase_add_test(tests, two_results_side_by_side);
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
