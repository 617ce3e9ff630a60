/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what compare reads and prints in small: output of clients, interfaces, command lines,
 * progress. */

#include "config.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/shell.h"
#include "compare/client_output.h"
#include "compare/device_counters.h"
#include "compare/measures.h"
#include "compare/progress.h"
#include "compare/witnesses.h"

static struct client_output *parse(const char *text, const char *name)
{
	struct workload *workload = workload_parse(name, NULL);
	struct client_output *output = client_output_parse(text, workload, NULL);

	workload_free(workload);
	return output;
}

START_TEST(a_stream_is_judged_by_its_bytes)
{
	struct client_output *output =
		parse("{\"gbit_per_second\": 8.5, \"bytes\": 1000, \"cpu_seconds\": 0.5,"
		      " \"congestion\": \"bbr\", \"server_congestion\": \"cubic\"}",
		      "upload-8");

	ck_assert_double_eq(output->value, 8.5);
	ck_assert_double_eq(output->bytes, 1000);
	ck_assert_double_eq(output->exchanges, 0);
	ck_assert_double_eq(output->connections, 8);
	ck_assert_double_eq(output->cpu_seconds, 0.5);
	ck_assert(isnan(output->loss) && isnan(output->server_cpu_seconds));
	ck_assert_str_eq(output->congestion, "bbr");
	ck_assert_str_eq(output->server_congestion, "cubic");
	client_output_free(output);
}
END_TEST

START_TEST(requests_are_counted)
{
	struct client_output *output =
		parse("{\"rate\": 100, \"operations\": 50, \"percentiles\":"
		      " [{\"percent\": 50, \"microseconds\": 9}, {\"percent\": 99}, 3]}",
		      "connect");

	ck_assert_double_eq(output->exchanges, 50);
	ck_assert_double_eq(output->connections, 50);
	ck_assert_double_eq(output->bytes, 100);
	ck_assert_uint_eq(output->percentiles->len, 1);
	ck_assert_ptr_null(output->congestion);
	client_output_free(output);
}
END_TEST

START_TEST(output_without_a_figure_is_refused)
{
	ck_assert_ptr_null(parse("no JSON", "rr"));
	ck_assert_ptr_null(parse("[]", "rr"));
	ck_assert_ptr_null(parse("{\"operations\": 5}", "rr"));
	ck_assert_ptr_null(parse("{\"p50_us\": 5, \"operations\": 0}", "rr"));
	ck_assert_ptr_null(parse("{\"gbit_per_second\": \"fast\", \"bytes\": 1}", "upload"));
}
END_TEST

static struct client_output *parse_witness(const char *text, guint index)
{
	struct workload *workload = workload_new(witness_kind_at(index), 0);
	struct client_output *output = client_output_parse(text, workload, NULL);

	workload_free(workload);
	return output;
}

START_TEST(witnesses_are_understood)
{
	struct client_output *iperf3 =
		parse_witness("{\"end\": {\"sum_received\": {\"bits_per_second\": 2e9, \"bytes\":"
			      " 5}, \"sender_tcp_congestion\": \"bbr\"}}",
			      0);
	struct client_output *sockperf =
		parse_witness("{\"value_us\": 13.5, \"operations\": 100, \"bytes\": 2800}", 2);

	ck_assert_double_eq(iperf3->value, 2);
	ck_assert_str_eq(iperf3->congestion, "bbr");
	ck_assert_double_eq(sockperf->value, 13.5);
	ck_assert_double_eq(sockperf->exchanges, 100);
	ck_assert_ptr_null(parse_witness("{\"error\": \"unable to connect\"}", 0));
	ck_assert_ptr_null(parse_witness("{\"end\": {}}", 0));
	client_output_free(iperf3);
	client_output_free(sockperf);
}
END_TEST

START_TEST(interfaces_are_added_up)
{
	struct device_counters counters = { 0 };

	ck_assert(!device_counters_take(&counters, "Inter-|   Receive            |  Transmit"));
	ck_assert(!device_counters_take(&counters, " face |bytes    packets errs drop fifo frame"));
	ck_assert(!counters.seen);
	ck_assert(device_counters_take(&counters, "    lo: 100 2 0 0 0 0 0 0 100 2 0 0 0 0 0 0"));
	ck_assert(device_counters_take(&counters, "  tap0: 30 3 0 0 0 0 0 0 4000 5 0 0 0 0 0 0"));
	ck_assert(device_counters_take(&counters, "a.b-c: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0"));
	ck_assert(counters.seen);
	ck_assert_double_eq(counters.loopback_bytes, 100);
	ck_assert_double_eq(counters.bytes, 4033);
	ck_assert_double_eq(counters.packets, 11);
}
END_TEST

START_TEST(words_are_quoted_where_they_must_be)
{
	char *const words[] = { (char *)"a-b=c/d:1", (char *)"two words", (char *)"",
				(char *)"it's", NULL };
	g_autofree char *line = shell_join(words);
	g_auto(GStrv) again = NULL;

	ck_assert(g_shell_parse_argv(line, NULL, &again, NULL));
	ck_assert_uint_eq(g_strv_length(again), 4);
	for (int i = 0; i < 4; i++)
		ck_assert_str_eq(again[i], words[i]);
	ck_assert(g_str_has_prefix(line, "a-b=c/d:1 "));
}
END_TEST

START_TEST(a_script_needs_a_shell_and_words_need_none)
{
	g_autofree char *plain = shell_wrap("run --mtu=1 -- client 'a b'");
	g_autofree char *script = shell_wrap("a; b");

	ck_assert_str_eq(plain, "run --mtu=1 -- client 'a b'");
	ck_assert_str_eq(script, "sh -c 'a; b'");
}
END_TEST

START_TEST(progress_tells_what_is_left)
{
	g_autofree char *none = progress_text(0, 10, 0, "x");
	g_autofree char *half = progress_text(5, 10, 300, "rr over host");
	g_autofree char *all = progress_text(10, 10, 20, "x");

	ck_assert_ptr_nonnull(strstr(none, "[........................]   0%"));
	ck_assert_ptr_nonnull(strstr(half, "[############............]  50%  5 min left  rr over"));
	ck_assert_ptr_nonnull(strstr(all, "100%  0 s left"));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("compare_text");
	TCase *tests = tcase_create("compare_text");

	tcase_add_test(tests, a_stream_is_judged_by_its_bytes);
	tcase_add_test(tests, requests_are_counted);
	tcase_add_test(tests, output_without_a_figure_is_refused);
	tcase_add_test(tests, witnesses_are_understood);
	tcase_add_test(tests, interfaces_are_added_up);
	tcase_add_test(tests, words_are_quoted_where_they_must_be);
	tcase_add_test(tests, a_script_needs_a_shell_and_words_need_none);
	tcase_add_test(tests, progress_tells_what_is_left);
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
