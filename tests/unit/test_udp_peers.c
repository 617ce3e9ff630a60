/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/udp_peers: who is remembered, and for how long. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>

#include "slirp-glue/udp_peers.h"

#define SECOND 1000000000ULL

static struct endpoint endpoint4(uint32_t address, uint16_t port)
{
	return (struct endpoint){ address_from_v4((struct in_addr){ htonl(address) }), port };
}

START_TEST(only_who_sent)
{
	struct udp_peers *peers = udp_peers_new();
	struct endpoint guest = endpoint4(0x0a000264, 53);
	struct endpoint remote = endpoint4(0xc6336407, 4000);
	struct endpoint other_port = endpoint4(0xc6336407, 4001);
	struct endpoint other_host = endpoint4(0xc6336408, 4000);
	struct endpoint other_guest = endpoint4(0x0a000264, 54);

	ck_assert(!udp_peers_may_answer(peers, &guest, &remote, 0));
	udp_peers_learn(peers, &guest, &remote, 0);
	ck_assert(udp_peers_may_answer(peers, &guest, &remote, 0));
	ck_assert(!udp_peers_may_answer(peers, &guest, &other_port, 0));
	ck_assert(!udp_peers_may_answer(peers, &guest, &other_host, 0));
	ck_assert(!udp_peers_may_answer(peers, &other_guest, &remote, 0));
	ck_assert(!udp_peers_may_answer(peers, &remote, &guest, 0));
	udp_peers_free(peers);
}
END_TEST

START_TEST(forgotten_when_quiet)
{
	struct udp_peers *peers = udp_peers_new();
	struct endpoint guest = endpoint4(1, 1);
	struct endpoint a = endpoint4(2, 2);
	struct endpoint b = endpoint4(3, 3);

	udp_peers_learn(peers, &guest, &a, 0);
	udp_peers_learn(peers, &guest, &b, 0);
	ck_assert(udp_peers_may_answer(peers, &guest, &a, 180 * SECOND));
	ck_assert(!udp_peers_may_answer(peers, &guest, &b, 180 * SECOND + 1));
	/* a's answer counted as life; so does another datagram. */
	udp_peers_learn(peers, &guest, &a, 300 * SECOND);
	ck_assert(udp_peers_may_answer(peers, &guest, &a, 480 * SECOND));
	ck_assert(!udp_peers_may_answer(peers, &guest, &a, 661 * SECOND));
	udp_peers_free(peers);
}
END_TEST

START_TEST(bounded_by_forgetting_the_quietest)
{
	struct udp_peers *peers = udp_peers_new();
	struct endpoint guest = endpoint4(1, 1);
	struct endpoint kept = endpoint4(0, 9);
	struct endpoint first = endpoint4(1, 9);
	struct endpoint last = endpoint4(UDP_PEERS_MAX, 9);

	udp_peers_learn(peers, &guest, &kept, 0);
	for (uint32_t i = 1; i < UDP_PEERS_MAX; i++) {
		struct endpoint remote = endpoint4(i, 9);

		udp_peers_learn(peers, &guest, &remote, i);
	}
	ck_assert(udp_peers_may_answer(peers, &guest, &kept, UDP_PEERS_MAX));
	udp_peers_learn(peers, &guest, &last, UDP_PEERS_MAX);
	ck_assert(udp_peers_may_answer(peers, &guest, &kept, UDP_PEERS_MAX));
	ck_assert(udp_peers_may_answer(peers, &guest, &last, UDP_PEERS_MAX));
	ck_assert(!udp_peers_may_answer(peers, &guest, &first, UDP_PEERS_MAX));
	udp_peers_free(peers);
}
END_TEST

START_TEST(a_flood)
{
	struct udp_peers *peers = udp_peers_new();
	struct endpoint guest = endpoint4(1, 1);

	for (uint32_t i = 0; i < 100000; i++) {
		struct endpoint remote = endpoint4(i, (uint16_t)i);

		udp_peers_learn(peers, &guest, &remote, i);
		ck_assert(udp_peers_may_answer(peers, &guest, &remote, i));
	}
	udp_peers_free(peers);
	udp_peers_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("udp_peers");
	TCase *cases = tcase_create("udp_peers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, only_who_sent);
	tcase_add_test(cases, forgotten_when_quiet);
	tcase_add_test(cases, bounded_by_forgetting_the_quietest);
	tcase_add_test(cases, a_flood);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
