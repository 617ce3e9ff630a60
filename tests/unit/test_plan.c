/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what compare measures and in which order, and of its tables. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compare/plan.h"

static char **words(const char *text)
{
	return g_strsplit(text, ",", -1);
}

/* The order of one round as "path/workload/mtu ...". */
static char *order_of(const struct plan *plan, double rtt, guint congestion)
{
	g_autoptr(GArray) round = plan_round(plan, rtt, congestion, 0);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < round->len; i++) {
		const struct plan_cell *cell = &g_array_index(round, struct plan_cell, i);

		g_string_append_printf(text, "%s%s/%s/%u", i ? " " : "", cell->path->name,
				       cell->workload->name, cell->mtu);
	}
	return g_string_free(text, FALSE);
}

static void refused(struct plan_request *request, const char *text)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(plan_new(request, &error));
	ck_assert_msg(strstr(error->message, text) != NULL, "%s", error->message);
}

START_TEST(paths_of_one_thing_are_neighbours)
{
	const guint32 mtus[] = { 65520, 1500 };
	g_auto(GStrv) paths = words("host,hybrid");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("upload,rr");
	g_autoptr(GArray) mtu = g_array_new(FALSE, FALSE, sizeof(guint32));
	struct plan_request request = {
		.paths = paths, .peers = peers, .workloads = workloads, .mtus = mtu, .repeat = 3
	};
	struct plan *plan;
	g_autofree char *order = NULL;

	g_array_append_vals(mtu, mtus, 2);
	plan = plan_new(&request, NULL);
	order = order_of(plan, 0, 0);
	ck_assert_str_eq(order, "host/upload/65520 hybrid/upload/65520 "
				"host/upload/1500 hybrid/upload/1500 "
				"host/rr/65520 hybrid/rr/65520 host/rr/1500 hybrid/rr/1500");
	plan_free(plan);
}
END_TEST

START_TEST(each_round_begins_with_another_path)
{
	g_auto(GStrv) paths = words("host,packet,hybrid");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("rr");
	struct plan_request request = { .paths = paths, .peers = peers, .workloads = workloads };
	struct plan *plan = plan_new(&request, NULL);

	for (guint i = 0; i < 4; i++) {
		g_autoptr(GArray) round = plan_round(plan, 0, 0, i);

		ck_assert_uint_eq(round->len, 3);
		ck_assert_str_eq(g_array_index(round, struct plan_cell, 0).path->name,
				 paths[i % 3]);
	}
	plan_free(plan);
}
END_TEST

START_TEST(congestion_control_is_varied_where_it_matters)
{
	g_auto(GStrv) paths = words("host");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("upload,rr");
	g_auto(GStrv) allowed = words("reno,cubic,bbr");
	struct plan_request request = { .paths = paths,
					.peers = peers,
					.workloads = workloads,
					.allowed = allowed,
					.repeat = 2 };
	struct plan *plan = plan_new(&request, NULL);
	g_autofree char *first = order_of(plan, 0, 0);
	g_autofree char *second = order_of(plan, 0, 1);

	ck_assert_str_eq(plan->congestions[0], "cubic");
	ck_assert_str_eq(plan->congestions[1], "bbr");
	ck_assert_ptr_null(plan->congestions[2]);
	ck_assert_str_eq(first, "host/upload/65520 host/rr/65520");
	ck_assert_str_eq(second, "host/upload/65520");
	ck_assert_uint_eq(plan_count(plan), 6);
	plan_free(plan);
}
END_TEST

START_TEST(congestion_control_that_was_asked_for_is_for_all)
{
	g_auto(GStrv) paths = words("host");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("rr");
	g_auto(GStrv) congestions = words("cubic,bbr");
	struct plan_request request = { .paths = paths,
					.peers = peers,
					.workloads = workloads,
					.congestions = congestions,
					.repeat = 1 };
	struct plan *plan = plan_new(&request, NULL);

	ck_assert_uint_eq(plan_count(plan), 2);
	plan_free(plan);
}
END_TEST

START_TEST(only_what_is_allowed_is_a_default)
{
	g_auto(GStrv) allowed = words("reno,vegas");
	struct plan_request request = { .allowed = allowed };
	struct plan *plan = plan_new(&request, NULL);

	ck_assert_str_eq(plan->congestions[0], "reno");
	ck_assert_ptr_null(plan->congestions[1]);
	plan_free(plan);
}
END_TEST

START_TEST(numbers_of_flows_make_workloads)
{
	const guint32 numbers[] = { 1, 4 };
	g_auto(GStrv) paths = words("host");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("upload,download-16,upload-4,idle");
	g_autoptr(GArray) flows = g_array_new(FALSE, FALSE, sizeof(guint32));
	struct plan_request request = {
		.paths = paths, .peers = peers, .workloads = workloads, .flows = flows
	};
	struct plan *plan;
	g_autofree char *order = NULL;

	g_array_append_vals(flows, numbers, 2);
	plan = plan_new(&request, NULL);
	order = order_of(plan, 0, 0);
	ck_assert_str_eq(order, "host/upload/65520 host/upload-4/65520 host/download-16/65520 "
				"host/idle/65520");
	plan_free(plan);
}
END_TEST

START_TEST(a_bypass_of_loopback_has_no_far_end_and_no_datagrams)
{
	g_auto(GStrv) paths = words("host");
	g_auto(GStrv) peers = words("pasta-splice");
	g_auto(GStrv) workloads = words("rr,names");
	struct plan_request request = { .paths = paths, .peers = peers, .workloads = workloads };
	struct plan *plan = plan_new(&request, NULL);
	g_autofree char *near = order_of(plan, 0, 0);
	g_autofree char *far = order_of(plan, 10, 0);

	ck_assert_str_eq(near, "host/rr/65520 pasta-splice/rr/65520 host/names/65520");
	ck_assert_str_eq(far, "host/rr/65520 host/names/65520");
	plan_drop_path(plan, path_find("host"));
	ck_assert_uint_eq(plan->paths->len, 1);
	plan_free(plan);
}
END_TEST

START_TEST(a_thousand_connections_are_made_at_one_distance)
{
	const double distances[] = { 0, 10 };
	g_auto(GStrv) paths = words("host");
	g_auto(GStrv) peers = words("none");
	g_auto(GStrv) workloads = words("idle");
	g_autoptr(GArray) rtts = g_array_new(FALSE, FALSE, sizeof(double));
	struct plan_request request = { .paths = paths, .peers = peers, .rtts = rtts };
	struct plan *plan;
	g_autofree char *near = NULL, *far = NULL, *named = NULL;

	g_array_append_vals(rtts, distances, 2);
	plan = plan_new(&request, NULL);
	near = order_of(plan, 0, 0);
	far = order_of(plan, 10, 0);
	ck_assert(strstr(near, "idle") && !strstr(far, "idle"));
	plan_free(plan);
	request.workloads = workloads;
	plan = plan_new(&request, NULL);
	named = order_of(plan, 10, 0);
	ck_assert_str_eq(named, "host/idle/65520");
	plan_free(plan);
}
END_TEST

START_TEST(quick_is_less)
{
	struct plan_request request = { .quick = true };
	struct plan_request full = { .quick = false };
	struct plan *plan = plan_new(&request, NULL);
	struct plan *other = plan_new(&full, NULL);

	ck_assert_uint_lt(plan_count(plan), plan_count(other));
	ck_assert(plan->seconds < other->seconds);
	ck_assert(plan->budget > 0 && plan->budget < 60);
	ck_assert(other->budget == 0);
	plan_free(plan);
	plan_free(other);
}
END_TEST

START_TEST(mistakes_are_told_with_what_there_is)
{
	const double rtt = 10;
	g_auto(GStrv) wrong = words("nothing");
	g_auto(GStrv) peer = words("pasta");
	g_auto(GStrv) names = words("names");
	g_auto(GStrv) zero = words("upload-0");
	g_auto(GStrv) allowed = words("cubic,bbr");
	g_autoptr(GArray) rtts = g_array_new(FALSE, FALSE, sizeof(double));

	g_array_append_val(rtts, rtt);
	refused(&(struct plan_request){ .paths = wrong },
		"no path nothing; there are host, packet");
	refused(&(struct plan_request){ .paths = peer }, "pasta: that is one of --peers");
	refused(&(struct plan_request){ .peers = wrong }, "no peer nothing; there are slirp4netns");
	refused(&(struct plan_request){ .workloads = wrong }, "there are upload");
	refused(&(struct plan_request){ .workloads = zero }, "no workload upload-0");
	refused(&(struct plan_request){ .congestions = wrong, .allowed = allowed },
		"only: cubic, bbr");
	refused(&(struct plan_request){ .rtts = rtts, .remote = true }, "exclude each other");
	refused(&(struct plan_request){ .workloads = names, .remote = true }, "with --server");
}
END_TEST

START_TEST(templates_are_filled_in)
{
	const struct path_words values = { "client '{mtu}'", 1500, "--name=x ", 80 };
	g_autofree char *line = path_fill("run {session}-m {mtu} -p {port} {command}", &values);

	ck_assert_str_eq(line, "run --name=x -m 1500 -p 80 client '{mtu}'");
}
END_TEST

START_TEST(every_path_can_be_run_or_says_why_not)
{
	const struct path *path;

	for (guint i = 0; (path = path_at(i)); i++) {
		ck_assert_ptr_eq(path_find(path->name), path);
		ck_assert((path->run == NULL) != (path->why == NULL));
		ck_assert_ptr_nonnull(path->about);
		ck_assert(!path->run || strstr(path->run, "{command}"));
	}
}
END_TEST

START_TEST(a_client_is_told_all_it_needs)
{
	struct workload *workload = workload_parse("download-3", NULL);
	g_auto(GStrv) client = workload_client_words(workload, "192.0.2.1", 5202, 0.25);
	g_autofree char *line = g_strjoinv(" ", client);

	ck_assert_str_eq(line, "slirpway-workload client stream --direction down --address "
			       "192.0.2.1 --port 5202 --time 0.25 --flows 3");
	ck_assert_str_eq(workload->title, "Download, 3 flows");
	ck_assert_str_eq(workload_cpu_unit(workload->kind), "s/GiB");
	workload_free(workload);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tests = tcase_create("plan");

	tcase_add_test(tests, paths_of_one_thing_are_neighbours);
	tcase_add_test(tests, each_round_begins_with_another_path);
	tcase_add_test(tests, congestion_control_is_varied_where_it_matters);
	tcase_add_test(tests, congestion_control_that_was_asked_for_is_for_all);
	tcase_add_test(tests, only_what_is_allowed_is_a_default);
	tcase_add_test(tests, numbers_of_flows_make_workloads);
	tcase_add_test(tests, a_bypass_of_loopback_has_no_far_end_and_no_datagrams);
	tcase_add_test(tests, a_thousand_connections_are_made_at_one_distance);
	tcase_add_test(tests, quick_is_less);
	tcase_add_test(tests, mistakes_are_told_with_what_there_is);
	tcase_add_test(tests, templates_are_filled_in);
	tcase_add_test(tests, every_path_can_be_run_or_says_why_not);
	tcase_add_test(tests, a_client_is_told_all_it_needs);
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
