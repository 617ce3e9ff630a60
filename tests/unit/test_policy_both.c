/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet path's filter and the syscall path's verdict must reach the same destinations. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "packets.h"
#include "policy_rows.h"
#include "slirp-glue/filter.h"
#include "syscall/verdict.h"

#define CONTAINER 7
#define SWEEP 5000

static const char *const rule_sets[] = {
	"",
	"-any",
	"-any +198.51.100.0/24 +[fd00::/8] +127.0.0.0/8 +[::1]",
	"-10.0.0.0/8 -[2001:db8::/32] -169.254.0.0/16",
};

static struct policy policy;
static struct network network;
static struct packet_bytes packet;
static struct filter *filter;
static struct counters counters;

static void setup_path(const char *rules, int options)
{
	struct filter_config config = { .network = &network,
					.policy = &policy,
					.host_loopback = options & POLICY_LOOPBACK,
					.dns = true,
					.ping = true };

	policy_row_read(rules, options, &policy, &network);
	filter_free(filter);
	filter = filter_new(&config, &counters);
}

static void teardown(void)
{
	filter_free(filter);
	filter = NULL;
}

/* The first packet of a connection, as the container's kernel would make it. */
static enum filter_verdict by_packets(const struct endpoint *destination)
{
	struct address plain = address_unmapped(&destination->address);
	char text[ADDRESS_TEXT_MAX];
	struct frame frame;

	packet_make_tcp(&packet, plain.family == AF_INET6 ? "fd00::100" : "10.0.2.100", 4000,
			address_format(&plain, text), destination->port, PACKET_SYN, 0);
	return filter_input(filter, packet.data, packet.length, NULL, 1, &frame);
}

static struct verdict by_call(const struct endpoint *destination, int options)
{
	struct rules rules = { .network = &network,
			       .policy = &policy,
			       .container_network = CONTAINER,
			       .host_loopback = options & POLICY_LOOPBACK,
			       .packets = true };
	struct socket_facts facts = { .domain = destination->address.family,
				      .type = SOCK_STREAM,
				      .protocol = IPPROTO_TCP,
				      .network = CONTAINER };

	return verdict_connect(&rules, &facts, destination);
}

static struct endpoint read_endpoint(const char *text, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert_msg(address_parse(text, &endpoint.address), "%s", text);
	return endpoint;
}

static enum filter_verdict expected_of_packets(enum policy_outcome outcome)
{
	switch (outcome) {
	case POLICY_OUT:
	case POLICY_TO_LOOPBACK:
		return FILTER_PASS;
	case POLICY_REFUSED:
		return FILTER_REJECT;
	case POLICY_UNREACHABLE:
		return FILTER_UNREACHABLE;
	case POLICY_STAYS:
		break;
	}
	return FILTER_DROP;
}

START_TEST(rows_by_packets)
{
	const struct policy_row *row = &policy_rows[_i];
	struct endpoint destination = read_endpoint(row->destination, row->port);

	setup_path(row->rules, row->options);
	ck_assert_msg(by_packets(&destination) == expected_of_packets(row->outcome),
		      "row %d: \"%s\" %s port %u", _i, row->rules, row->destination, row->port);
}
END_TEST

/* Addresses that the engine itself answers for: they stay, and it may refuse. */
static bool is_engine(const struct endpoint *destination)
{
	struct address plain = address_unmapped(&destination->address);
	struct address v4 = address_from_v4(network.v4_dns);
	struct address v6 = address_from_v6(&network.v6_dns);

	return address_equal(&plain, &v4) || address_equal(&plain, &v6) ||
	       (plain.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&plain.v6));
}

/* What is not the container's own affair must come to the same on both paths. */
static void compare(const struct endpoint *destination, int options)
{
	enum filter_verdict packets = by_packets(destination);
	struct verdict call = by_call(destination, options);
	char text[ADDRESS_TEXT_MAX];

	endpoint_format(destination, text);
	if (is_engine(destination)) {
		ck_assert_msg(call.action == ACTION_CONTAINER, "%s", text);
		return;
	}
	ck_assert_msg((packets == FILTER_PASS) == (call.action == ACTION_HOST),
		      "%s: packets %d, call %s", text, (int)packets, action_name(call.action));
	ck_assert_msg((packets == FILTER_REJECT) == (call.action == ACTION_REFUSE),
		      "%s: packets %d, call %s", text, (int)packets, action_name(call.action));
	if (call.action == ACTION_REFUSE)
		ck_assert_int_eq(call.error, ECONNREFUSED);
}

START_TEST(rows_on_both)
{
	const struct policy_row *row = &policy_rows[_i];
	struct endpoint destination = read_endpoint(row->destination, row->port);

	setup_path(row->rules, row->options);
	compare(&destination, row->options);
}
END_TEST

START_TEST(sweep_on_both)
{
	const char *rules = rule_sets[_i / 4];
	int options = _i % 4;
	char text[INET6_ADDRSTRLEN];

	setup_path(rules, options);
	for (uint32_t n = 0; n < SWEEP; n++) {
		struct endpoint destination;

		policy_sweep_address(n, text);
		destination = read_endpoint(text, (uint16_t)(n % 3 ? 80 : 53));
		compare(&destination, options);
	}
}
END_TEST

START_TEST(engine_is_by_packets)
{
	static const char *const texts[] = { "10.0.2.3", "fd00::3", "::ffff:10.0.2.3", "fe80::2",
					     "fe80::3" };

	setup_path("", 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct endpoint destination = read_endpoint(texts[i], 53);

		compare(&destination, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_both");
	TCase *cases = tcase_create("policy_both");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, NULL, teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, rows_by_packets, 0, (int)policy_row_count);
	tcase_add_loop_test(cases, rows_on_both, 0, (int)policy_row_count);
	tcase_add_loop_test(cases, sweep_on_both, 0, (int)ARRAY_SIZE(rule_sets) * 4);
	tcase_add_test(cases, engine_is_by_packets);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
