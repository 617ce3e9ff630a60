/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the way from runs to rows and to a verdict. */

#include "config.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/row.h"
#include "compare/sample.h"
#include "compare/summary.h"
#include "compare/testimony.h"
#include "compare/verdict.h"
#include "compare/witnesses.h"
#include "compare/workloads.h"

/* Appends a run; why "" for one that counts. */
static struct sample *add(GPtrArray *samples, const char *path, guint round, double value,
			  const char *why)
{
	struct sample *sample = sample_new();

	sample->path = g_strdup(path);
	sample->workload = g_strdup("upload");
	sample->congestion = g_strdup("cubic");
	sample->command = g_strdup_printf("run %s", path);
	sample->why = g_strdup(why);
	sample->mtu = 65520;
	sample->rtt_ms = 0;
	sample->round = round;
	sample->value = value;
	sample->measures.value[MEASURE_CPU_ENGINE] = value / 10;
	g_ptr_array_add(samples, sample);
	return sample;
}

static GPtrArray *new_samples(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)sample_free);
}

static GPtrArray *rows_of(const GPtrArray *samples)
{
	g_autoptr(GPtrArray) workloads =
		g_ptr_array_new_with_free_func((GDestroyNotify)workload_free);

	g_ptr_array_add(workloads, workload_parse("upload", NULL));
	return summary_rows(samples, workloads);
}

static const char *title(const char *workload, const void *data)
{
	(void)data;
	return workload;
}

/* The verdict's sentences on lines. */
static char *verdict_of(const GPtrArray *rows)
{
	g_autoptr(GPtrArray) sentences = verdict_sentences(rows, title, NULL);

	g_ptr_array_add(sentences, NULL);
	return g_strjoinv("\n", (char **)sentences->pdata);
}

START_TEST(runs_become_rows)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	const struct row *row;

	for (guint round = 0; round < 3; round++) {
		add(samples, "host", round, 10 + round, "");
		add(samples, "packet", round, (10 + round) / 2.0, "");
	}
	rows = rows_of(samples);
	ck_assert_uint_eq(rows->len, 2);
	row = rows->pdata[1];
	ck_assert_str_eq(row->path, "packet");
	ck_assert_str_eq(row->command, "run packet");
	ck_assert_str_eq(row->unit, "Gbit/s");
	ck_assert_str_eq(row->better, "higher");
	ck_assert(row->valid);
	ck_assert_double_eq(row->value, 5.5);
	ck_assert_double_eq(row->minimum, 5);
	ck_assert_double_eq(row->maximum, 6);
	ck_assert_double_eq(row->ratio, 0.5);
	ck_assert_double_eq(row->ratio_maximum, 0.5);
	ck_assert_double_eq(row->flows, 1);
	ck_assert(isnan(row->connections));
	ck_assert_double_eq(row->measures.value[MEASURE_CPU_ENGINE], 0.55);
	ck_assert(isnan(row->measures.value[MEASURE_LOSS]));
}
END_TEST

/* It carried more than the host, but not that way. */
START_TEST(a_row_over_the_wrong_path_is_rejected)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *verdict = NULL;
	const struct row *row;

	for (guint round = 0; round < 3; round++) {
		add(samples, "host", round, 10, "");
		add(samples, "hybrid", round, 20, "packets carried it");
	}
	rows = rows_of(samples);
	row = rows->pdata[1];
	ck_assert(!row->valid);
	ck_assert_str_eq(row->why, "packets carried it");
	ck_assert(isnan(row->value));
	ck_assert(isnan(row->ratio));
	verdict = verdict_of(rows);
	ck_assert_str_eq(verdict, "1 of 2 rows does not count; each says why.");
}
END_TEST

START_TEST(one_bad_run_spoils_its_row)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	const struct row *row;

	add(samples, "host", 0, 10, "");
	add(samples, "pasta", 0, NAN, "did not start");
	add(samples, "pasta", 1, 4, "");
	add(samples, "pasta", 2, NAN, "did not end");
	rows = rows_of(samples);
	row = rows->pdata[1];
	ck_assert(!row->valid);
	ck_assert_str_eq(row->why, "did not start; did not end");
	ck_assert_double_eq(row->value, 4);
	ck_assert_uint_eq(row->samples->len, 3);
	ck_assert(isnan(g_array_index(row->samples, double, 0)));
	ck_assert(isnan(row->ratio)); /* the host has no run of that round */
}
END_TEST

START_TEST(without_a_host_there_are_no_ratios)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;

	add(samples, "packet", 0, 10, "");
	rows = rows_of(samples);
	ck_assert(isnan(((struct row *)rows->pdata[0])->ratio));
}
END_TEST

START_TEST(runs_that_agree_tell_an_order)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *verdict = NULL;

	/* A machine that gets slower and slower, but all paths alike. */
	for (guint round = 0; round < 3; round++) {
		add(samples, "packet", round, 20.0 / (1 << round), "");
		add(samples, "host", round, 40.0 / (1 << round), "");
	}
	rows = rows_of(samples);
	verdict = verdict_of(rows);
	ck_assert_str_eq(verdict, "upload (MTU 65520, RTT 0 ms, cubic): host, then packet (0.50).");
}
END_TEST

START_TEST(runs_that_do_not_agree_tell_none)
{
	const double hybrid[] = { 9, 11, 9 };
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *verdict = NULL;

	for (guint round = 0; round < 3; round++) {
		add(samples, "host", round, 10, "");
		add(samples, "hybrid", round, hybrid[round], "");
		add(samples, "packet", round, 3, "");
	}
	rows = rows_of(samples);
	verdict = verdict_of(rows);
	ck_assert(g_str_has_prefix(verdict, "upload (MTU 65520, RTT 0 ms, cubic): host ~ hybrid "
					    "(0.90), then packet (0.30).\nNumbers are ratios"));
}
END_TEST

START_TEST(two_runs_are_too_few)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	g_autofree char *verdict = NULL;

	for (guint round = 0; round < 2; round++) {
		add(samples, "host", round, 10, "");
		add(samples, "packet", round, 1, "");
	}
	rows = rows_of(samples);
	verdict = verdict_of(rows);
	ck_assert(g_str_has_prefix(verdict, "upload (MTU 65520, RTT 0 ms, cubic): host ~ packet "
					    "(0.10).\n"));
}
END_TEST

START_TEST(percentiles_are_medians_too)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) rows = NULL;
	const struct row *row;

	for (guint round = 0; round < 3; round++) {
		const struct percentile p50 = { 50, 10 + round }, p99 = { 99, 100 - round };
		struct sample *sample = add(samples, "host", round, 1, "");

		g_array_append_val(sample->percentiles, p50);
		g_array_append_val(sample->percentiles, p99);
	}
	rows = rows_of(samples);
	row = rows->pdata[0];
	ck_assert_uint_eq(row->percentiles->len, 2);
	ck_assert_double_eq(g_array_index(row->percentiles, struct percentile, 0).microseconds, 11);
	ck_assert_double_eq(g_array_index(row->percentiles, struct percentile, 1).microseconds, 99);
}
END_TEST

/* Adds three runs of a witness, value and a little more or less. */
static void add_witness(GPtrArray *samples, const char *path, double value)
{
	for (guint round = 0; round < 3; round++) {
		struct sample *sample = add(samples, path, round, value + round * 0.1, "");

		g_free(sample->workload);
		sample->workload = g_strdup("iperf3-upload");
	}
}

START_TEST(witnesses_are_no_rows)
{
	g_autoptr(GPtrArray) samples = new_samples();
	g_autoptr(GPtrArray) workloads =
		g_ptr_array_new_with_free_func((GDestroyNotify)workload_free);
	g_autoptr(GHashTable) versions = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(JsonArray) witnesses = NULL;
	g_autofree char *sentence = NULL;
	JsonObject *first;

	g_hash_table_insert(versions, (gpointer) "iperf3", (gpointer) "iperf 3.12");
	g_ptr_array_add(workloads, workload_parse("upload", NULL));
	g_ptr_array_add(workloads, workload_new(witness_kind_at(0), 0));
	for (guint round = 0; round < 3; round++) {
		add(samples, "host", round, 10 + round, "");
		add(samples, "packet", round, 4, "");
	}
	add_witness(samples, "host", 11);
	add_witness(samples, "packet", 6);
	rows = summary_rows(samples, workloads);
	witnesses = testimony_take(rows, workloads, versions);
	ck_assert_uint_eq(rows->len, 2);
	ck_assert_uint_eq(json_array_get_length(witnesses), 2);
	first = json_array_get_object_element(witnesses, 0);
	ck_assert_str_eq(json_object_get_string_member(first, "program"), "iperf3");
	ck_assert_str_eq(json_object_get_string_member(first, "version"), "iperf 3.12");
	ck_assert_str_eq(json_object_get_string_member(first, "workload"), "upload");
	ck_assert_double_eq(json_object_get_double_member(first, "ours"), 11);
	ck_assert(json_object_get_boolean_member(first, "agrees"));
	ck_assert(!json_object_get_boolean_member(json_array_get_object_element(witnesses, 1),
						  "agrees"));
	sentence = testimony_sentence(witnesses);
	ck_assert_str_eq(sentence, "1 of 2 measurements of witnesses agree with ours.");
}
END_TEST

START_TEST(a_run_survives_its_line)
{
	g_autoptr(GPtrArray) samples = new_samples();
	const struct percentile p50 = { 50, 12.5 };
	struct sample *sample = add(samples, "pasta", 4, 1.25, "a \"reason\"\nof two lines");
	g_autofree char *line = NULL;
	struct sample *read;

	g_array_append_val(sample->percentiles, p50);
	line = sample_format(sample);
	ck_assert_ptr_null(strchr(line, '\n'));
	read = sample_parse(line, NULL);
	ck_assert_str_eq(read->path, "pasta");
	ck_assert_str_eq(read->why, sample->why);
	ck_assert_double_eq(read->value, 1.25);
	ck_assert_double_eq(read->round, 4);
	ck_assert_double_eq(read->measures.value[MEASURE_CPU_ENGINE], 0.125);
	ck_assert(isnan(read->measures.value[MEASURE_PACKETS]));
	ck_assert_uint_eq(read->percentiles->len, 1);
	sample_free(read);
	ck_assert_ptr_null(sample_parse("[]", NULL));
	ck_assert_ptr_null(sample_parse("{\"path\": 7}", NULL));
	ck_assert_ptr_null(sample_parse("{", NULL));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("summary");
	TCase *tests = tcase_create("summary");

	tcase_add_test(tests, runs_become_rows);
	tcase_add_test(tests, a_row_over_the_wrong_path_is_rejected);
	tcase_add_test(tests, one_bad_run_spoils_its_row);
	tcase_add_test(tests, without_a_host_there_are_no_ratios);
	tcase_add_test(tests, runs_that_agree_tell_an_order);
	tcase_add_test(tests, runs_that_do_not_agree_tell_none);
	tcase_add_test(tests, two_runs_are_too_few);
	tcase_add_test(tests, percentiles_are_medians_too);
	tcase_add_test(tests, witnesses_are_no_rows);
	tcase_add_test(tests, a_run_survives_its_line);
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
