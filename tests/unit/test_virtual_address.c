/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of virtual_address.c: rows of (socket, truth, name) and what is to be seen. */

#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "base/util.h"
#include "syscall/virtual_address.h"

static struct network network;
static struct forward forwards[5];
static struct rules rules;

/* "192.0.2.1:80" or "[fd00::1]:80" */
static struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;
	g_autofree char *address = g_strdup(text);
	char *colon = strrchr(address, ':');

	*colon = '\0';
	ck_assert_msg(address_parse(address, &endpoint.address), "%s", text);
	endpoint.port = (uint16_t)atoi(colon + 1);
	return endpoint;
}

static struct forward forward_of(uint8_t protocol, const char *host, uint16_t port)
{
	return (struct forward){ .protocol = protocol,
				 .host = endpoint_of(host),
				 .guest = { { .family = AF_UNSPEC }, port } };
}

static void set_up(void)
{
	GError *error = NULL;

	ck_assert(network_plan(NULL, NULL, true, 1500, &network, &error));
	forwards[0] = forward_of(IPPROTO_TCP, "0.0.0.0:8080", 80);
	forwards[1] = forward_of(IPPROTO_TCP, "127.0.0.1:8080", 81);
	forwards[2] = forward_of(IPPROTO_TCP, "[::]:8080", 82);
	forwards[3] = forward_of(IPPROTO_TCP, "198.51.100.2:2222", 22);
	forwards[4] = forward_of(IPPROTO_UDP, "0.0.0.0:5353", 53);
	rules = (struct rules){ .network = &network,
				.forwards = forwards,
				.forward_count = ARRAY_SIZE(forwards) };
}

struct row {
	int domain;
	int type;
	enum virtual_name name;
	const char *truth, *seen;
};

#define V4 AF_INET, SOCK_STREAM
#define V6 AF_INET6, SOCK_STREAM
#define UDP AF_INET, SOCK_DGRAM
#define UNKNOWN VIRTUAL_UNKNOWN
#define WILDCARD VIRTUAL_WILDCARD
#define LOOPBACK VIRTUAL_LOOPBACK
#define OWN VIRTUAL_OWN

static const struct row local_rows[] = {
	/* Connected, or about to be. */
	{ V4, UNKNOWN, "198.51.100.2:40000", "10.0.2.100:40000" },
	{ V6, UNKNOWN, "[2001:db8::2]:40000", "[fd00::100]:40000" },
	{ V6, UNKNOWN, "[::ffff:198.51.100.2]:40000", "10.0.2.100:40000" },
	{ UDP, UNKNOWN, "198.51.100.2:40000", "10.0.2.100:40000" },
	/* To the gateway, which is the host's loopback. */
	{ V4, UNKNOWN, "127.0.0.1:40000", "10.0.2.100:40000" },
	{ V6, UNKNOWN, "[::1]:40000", "[fd00::100]:40000" },
	/* Nowhere yet, or no more. */
	{ V4, UNKNOWN, "0.0.0.0:0", "0.0.0.0:0" },
	{ V6, UNKNOWN, "[::]:0", "[::]:0" },
	{ V4, UNKNOWN, "0.0.0.0:40000", "0.0.0.0:40000" },
	/* Published: as the program bound it. */
	{ V4, WILDCARD, "0.0.0.0:8080", "0.0.0.0:80" },
	{ V4, OWN, "0.0.0.0:8080", "10.0.2.100:80" },
	{ V4, WILDCARD, "127.0.0.1:8080", "0.0.0.0:81" },
	{ V4, OWN, "127.0.0.1:8080", "10.0.2.100:81" },
	{ V4, WILDCARD, "198.51.100.2:2222", "0.0.0.0:22" },
	{ V6, WILDCARD, "[::]:8080", "[::]:82" },
	{ V6, OWN, "[::]:8080", "[fd00::100]:82" },
	{ V6, WILDCARD, "[::ffff:0.0.0.0]:8080", "[::]:80" },
	{ V6, WILDCARD, "[::ffff:127.0.0.1]:8080", "[::]:81" },
	/* Accepted there. */
	{ V4, UNKNOWN, "198.51.100.2:8080", "10.0.2.100:80" },
	{ V4, UNKNOWN, "127.0.0.1:8080", "10.0.2.100:81" },
	{ V4, UNKNOWN, "198.51.100.2:2222", "10.0.2.100:22" },
	{ V4, UNKNOWN, "198.51.100.3:2222", "10.0.2.100:2222" },
	{ V6, UNKNOWN, "[2001:db8::2]:8080", "[fd00::100]:82" },
	{ V6, UNKNOWN, "[::ffff:198.51.100.2]:8080", "10.0.2.100:80" },
	/* The forward is of another protocol. */
	{ V4, UNKNOWN, "198.51.100.2:5353", "10.0.2.100:5353" },
	{ UDP, UNKNOWN, "198.51.100.2:5353", "10.0.2.100:53" },
	{ UDP, UNKNOWN, "198.51.100.2:8080", "10.0.2.100:8080" },
	/* Both ends are in the container: the client, and what it reached. */
	{ V4, LOOPBACK, "127.0.0.1:40000", "127.0.0.1:40000" },
	{ V4, LOOPBACK, "127.0.0.1:8080", "127.0.0.1:81" },
	{ V4, LOOPBACK, "198.51.100.2:2222", "127.0.0.1:22" },
	{ V4, OWN, "127.0.0.1:8080", "10.0.2.100:81" },
	{ V6, LOOPBACK, "[::1]:8080", "[::1]:82" },
	{ V6, LOOPBACK, "[::ffff:127.0.0.1]:8080", "127.0.0.1:81" },
};

static const struct row peer_rows[] = {
	{ V4, UNKNOWN, "203.0.113.9:443", "203.0.113.9:443" },
	{ V4, UNKNOWN, "198.51.100.2:443", "198.51.100.2:443" },
	{ V6, UNKNOWN, "[2001:db8::9]:443", "[2001:db8::9]:443" },
	{ V6, UNKNOWN, "[::ffff:203.0.113.9]:443", "203.0.113.9:443" },
	/* A port is the peer's own, whatever is published. */
	{ V4, UNKNOWN, "203.0.113.9:8080", "203.0.113.9:8080" },
	{ V4, UNKNOWN, "127.0.0.1:8080", "10.0.2.2:8080" },
	/* The host's loopback is the gateway, in both directions. */
	{ V4, UNKNOWN, "127.0.0.1:443", "10.0.2.2:443" },
	{ V4, UNKNOWN, "127.0.0.53:53", "10.0.2.2:53" },
	{ V6, UNKNOWN, "[::1]:443", "[fd00::2]:443" },
	{ V6, UNKNOWN, "[::ffff:127.0.0.1]:443", "10.0.2.2:443" },
	/* Both ends are in the container: the client's peer, and the client. */
	{ V4, LOOPBACK, "127.0.0.1:8080", "127.0.0.1:81" },
	{ V4, OWN, "127.0.0.1:8080", "10.0.2.100:81" },
	{ V4, LOOPBACK, "198.51.100.2:2222", "127.0.0.1:22" },
	{ V4, LOOPBACK, "127.0.0.1:40000", "127.0.0.1:40000" },
	{ V4, OWN, "127.0.0.1:40000", "10.0.2.100:40000" },
	{ V6, LOOPBACK, "[::1]:8080", "[::1]:82" },
	{ V6, OWN, "[::1]:40000", "[fd00::100]:40000" },
};

typedef struct endpoint (*view_func)(const struct rules *rules, const struct socket_facts *facts,
				     enum virtual_name name, const struct endpoint *truth);

static void check_row(const struct row *row, view_func view)
{
	const struct socket_facts facts = { .domain = row->domain, .type = row->type };
	struct endpoint truth = endpoint_of(row->truth);
	struct endpoint seen = view(&rules, &facts, row->name, &truth);
	char text[ADDRESS_TEXT_MAX];

	ck_assert_msg(strcmp(endpoint_format(&seen, text), row->seen) == 0,
		      "%s by name %d: %s instead of %s", row->truth, (int)row->name, text,
		      row->seen);
}

START_TEST(local_addresses)
{
	check_row(&local_rows[_i], virtual_address_local);
}
END_TEST

START_TEST(peer_addresses)
{
	check_row(&peer_rows[_i], virtual_address_peer);
}
END_TEST

START_TEST(without_forwards_a_port_is_a_port)
{
	const struct row row = { V4, LOOPBACK, "127.0.0.1:8080", "127.0.0.1:8080" };

	rules.forward_count = 0;
	rules.forwards = NULL;
	check_row(&row, virtual_address_local);
	check_row(&row, virtual_address_peer);
}
END_TEST

START_TEST(names_of_addresses)
{
	static const struct {
		const char *endpoint;
		enum virtual_name name;
	} rows[] = {
		{ "0.0.0.0:1", WILDCARD },
		{ "[::]:1", WILDCARD },
		{ "[::ffff:0.0.0.0]:1", WILDCARD },
		{ "127.0.0.1:1", LOOPBACK },
		{ "127.9.9.9:1", LOOPBACK },
		{ "[::1]:1", LOOPBACK },
		{ "[::ffff:127.0.0.1]:1", LOOPBACK },
		{ "10.0.2.100:1", OWN },
		{ "[fd00::100]:1", OWN },
		{ "[::ffff:10.0.2.100]:1", OWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = endpoint_of(rows[i].endpoint);

		ck_assert_msg(virtual_name_of(&endpoint.address) == rows[i].name, "%s",
			      rows[i].endpoint);
	}
}
END_TEST

START_TEST(connections_that_stay_on_the_host)
{
	static const struct {
		const char *local, *peer;
		bool is_local;
	} rows[] = {
		{ "127.0.0.1:1", "127.0.0.1:2", true },
		{ "[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:2", true },
		{ "[::1]:1", "[::1]:2", true },
		{ "198.51.100.2:1", "198.51.100.2:2", true },
		{ "[::ffff:198.51.100.2]:1", "198.51.100.2:2", true },
		{ "198.51.100.2:1", "198.51.100.3:2", false },
		{ "[2001:db8::1]:1", "[2001:db8::2]:2", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint local = endpoint_of(rows[i].local);
		struct endpoint peer = endpoint_of(rows[i].peer);

		ck_assert_msg(virtual_address_is_local(&local, &peer) == rows[i].is_local,
			      "%s to %s", rows[i].local, rows[i].peer);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("virtual_address");
	TCase *cases = tcase_create("virtual_address");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, set_up, NULL);
	tcase_add_loop_test(cases, local_addresses, 0, ARRAY_SIZE(local_rows));
	tcase_add_loop_test(cases, peer_addresses, 0, ARRAY_SIZE(peer_rows));
	tcase_add_test(cases, without_forwards_a_port_is_a_port);
	tcase_add_test(cases, names_of_addresses);
	tcase_add_test(cases, connections_that_stay_on_the_host);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
