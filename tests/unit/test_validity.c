/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the rule which runs count. */

#include "config.h"

#include <check.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/validity.h"

#define MEBIBYTES 1048576.0

/* A bulk transfer over each path, as it should be. */
static struct evidence good(enum proof proof)
{
	struct evidence evidence = {
		.proof = proof,
		.bytes = 100 * MEBIBYTES,
		.connections = 1,
		.frames = NAN,
		.frame_bytes = NAN,
		.swaps = NAN,
		.trapped = NAN,
		.device_bytes = 101 * MEBIBYTES,
		.loopback_bytes = 0,
		.restarts = 0,
		.wanted = "cubic",
		.client = "cubic",
		.server = "cubic",
	};

	if (proof == PROOF_FRAMES) {
		evidence.frames = 2000;
		evidence.frame_bytes = 101 * MEBIBYTES;
		evidence.swaps = evidence.trapped = 0;
	} else if (proof == PROOF_SWAPS || proof == PROOF_CALLS) {
		evidence.frames = 3;
		evidence.frame_bytes = 270;
		evidence.swaps = 1;
		evidence.trapped = 2;
	} else if (proof == PROOF_LOOPBACK) {
		evidence.loopback_bytes = 101 * MEBIBYTES;
		evidence.device_bytes = 90;
	}
	return evidence;
}

static void expect_valid(const struct evidence *evidence)
{
	g_autofree char *why = validity_judge(evidence);

	ck_assert_msg(!why, "%s", why);
}

/* Not counted, for a reason that has this text in it. */
static void expect_invalid(const struct evidence *evidence, const char *text)
{
	g_autofree char *why = validity_judge(evidence);

	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, text) != NULL, "%s", why);
}

START_TEST(what_goes_its_own_way_counts)
{
	for (int proof = PROOF_NONE; proof <= PROOF_LOOPBACK; proof++) {
		struct evidence evidence = good(proof);

		expect_valid(&evidence);
	}
}
END_TEST

START_TEST(packets_asked_for_but_sockets_taken)
{
	struct evidence evidence = good(PROOF_SWAPS);

	evidence.proof = PROOF_FRAMES;
	expect_invalid(&evidence, "not by packets");
}
END_TEST

START_TEST(packets_and_a_swap_too)
{
	struct evidence evidence = good(PROOF_FRAMES);

	evidence.swaps = 1;
	expect_invalid(&evidence, "not by packets alone");
	evidence.mixed = true; /* datagrams in mode hybrid: only their TCP connection is swapped */
	expect_valid(&evidence);
}
END_TEST

START_TEST(sockets_asked_for_but_packets_taken)
{
	struct evidence evidence = good(PROOF_FRAMES);

	evidence.proof = PROOF_SWAPS;
	expect_invalid(&evidence, "not by sockets of the host");
}
END_TEST

/* One of eight connections went by packets, or the swapped ones were not used. */
START_TEST(some_by_sockets_and_some_by_packets)
{
	struct evidence evidence = good(PROOF_SWAPS);

	evidence.connections = 8;
	evidence.swaps = 7;
	expect_invalid(&evidence, "not by sockets of the host");
	evidence.swaps = 8;
	expect_valid(&evidence);
	evidence.frames = 200;
	evidence.frame_bytes = 12 * MEBIBYTES;
	expect_invalid(&evidence, "packets carried it");
}
END_TEST

/* Little payload hides in headers: then frames are counted, not bytes. */
START_TEST(small_requests_are_counted_by_frames)
{
	struct evidence evidence = good(PROOF_SWAPS);

	evidence.bytes = 20000;
	evidence.exchanges = 10000;
	expect_valid(&evidence);
	evidence.frames = 20000;
	evidence.frame_bytes = 1200000;
	expect_invalid(&evidence, "packets carried it");
	evidence.proof = PROOF_FRAMES;
	evidence.swaps = 0;
	expect_valid(&evidence);
	evidence.frames = 100;
	expect_invalid(&evidence, "not by packets");
}
END_TEST

START_TEST(a_mode_without_an_engine_has_no_frames)
{
	struct evidence evidence = good(PROOF_SWAPS);

	evidence.frames = evidence.frame_bytes = NAN;
	expect_valid(&evidence);
	evidence.proof = PROOF_CALLS;
	expect_valid(&evidence);
	evidence.trapped = 0;
	expect_invalid(&evidence, "none was trapped");
}
END_TEST

START_TEST(what_tells_no_counters_proves_nothing)
{
	struct evidence evidence = good(PROOF_FRAMES);

	evidence.frames = NAN;
	expect_invalid(&evidence, "no counters");
	evidence = good(PROOF_SWAPS);
	evidence.swaps = NAN;
	expect_invalid(&evidence, "no counters");
	evidence = good(PROOF_DEVICE);
	evidence.device_bytes = NAN;
	expect_invalid(&evidence, "no counters");
	evidence = good(PROOF_LOOPBACK);
	evidence.device_bytes = NAN;
	expect_invalid(&evidence, "no counters");
}
END_TEST

START_TEST(a_peer_that_goes_past_its_interface)
{
	struct evidence evidence = good(PROOF_DEVICE);

	evidence.device_bytes = 5000;
	expect_invalid(&evidence, "not over the container's interface");
	evidence = good(PROOF_LOOPBACK);
	evidence.device_bytes = evidence.bytes;
	expect_invalid(&evidence, "not over the container's loopback alone");
}
END_TEST

START_TEST(a_worker_that_died_in_it)
{
	struct evidence evidence = good(PROOF_FRAMES);

	evidence.restarts = 1;
	expect_invalid(&evidence, "started again");
}
END_TEST

START_TEST(another_congestion_control_than_asked_for)
{
	struct evidence evidence = good(PROOF_NONE);

	evidence.client = "bbr";
	expect_invalid(&evidence, "of the client was bbr, not cubic");
	evidence.client = NULL; /* datagrams have none */
	evidence.server = "reno";
	expect_invalid(&evidence, "of the server was reno, not cubic");
	evidence.wanted = NULL;
	expect_valid(&evidence);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("validity");
	TCase *tests = tcase_create("validity");

	tcase_add_test(tests, what_goes_its_own_way_counts);
	tcase_add_test(tests, packets_asked_for_but_sockets_taken);
	tcase_add_test(tests, packets_and_a_swap_too);
	tcase_add_test(tests, sockets_asked_for_but_packets_taken);
	tcase_add_test(tests, some_by_sockets_and_some_by_packets);
	tcase_add_test(tests, small_requests_are_counted_by_frames);
	tcase_add_test(tests, a_mode_without_an_engine_has_no_frames);
	tcase_add_test(tests, what_tells_no_counters_proves_nothing);
	tcase_add_test(tests, a_peer_that_goes_past_its_interface);
	tcase_add_test(tests, a_worker_that_died_in_it);
	tcase_add_test(tests, another_congestion_control_than_asked_for);
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
