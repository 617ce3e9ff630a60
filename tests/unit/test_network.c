/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/network: the layout of addresses and what is refused. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/network.h"
#include "base/util.h"

static const char *v4_text(struct in_addr address)
{
	static char text[INET_ADDRSTRLEN];

	return inet_ntop(AF_INET, &address, text, sizeof(text));
}

static const char *v6_text(const struct in6_addr *address)
{
	static char text[INET6_ADDRSTRLEN];

	return inet_ntop(AF_INET6, address, text, sizeof(text));
}

START_TEST(defaults)
{
	struct network network;
	GError *error = NULL;

	ck_assert(network_plan(NULL, NULL, true, NETWORK_MTU_DEFAULT, &network, &error));
	ck_assert_ptr_null(error);
	ck_assert_str_eq(v4_text(network.v4_network), "10.0.2.0");
	ck_assert_str_eq(v4_text(network.v4_mask), "255.255.255.0");
	ck_assert_str_eq(v4_text(network.v4_gateway), "10.0.2.2");
	ck_assert_str_eq(v4_text(network.v4_dns), "10.0.2.3");
	ck_assert_str_eq(v4_text(network.v4_dns_stream), "10.0.2.4");
	ck_assert_str_eq(v4_text(network.v4_dhcp), "10.0.2.15");
	ck_assert_str_eq(v4_text(network.v4_guest), "10.0.2.100");
	ck_assert_str_eq(v4_text(network.v4_broadcast), "10.0.2.255");
	ck_assert_str_eq(v6_text(&network.v6_prefix), "fd00::");
	ck_assert_str_eq(v6_text(&network.v6_gateway), "fd00::2");
	ck_assert_str_eq(v6_text(&network.v6_dns), "fd00::3");
	ck_assert_str_eq(v6_text(&network.v6_guest), "fd00::100");
	ck_assert_uint_eq(network.v4_length, 24);
	ck_assert_uint_eq(network.v6_length, 64);
	ck_assert_uint_eq(network.mtu, 65520);
	ck_assert(network.v6);
}
END_TEST

static const struct {
	const char *cidr;
	const char *mask, *guest, *broadcast;
} v4_rows[] = {
	{ "10.0.0.0/8", "255.0.0.0", "10.0.0.100", "10.255.255.255" },
	{ "10.41.0.0/16", "255.255.0.0", "10.41.0.100", "10.41.255.255" },
	{ "192.168.7.0/25", "255.255.255.128", "192.168.7.100", "192.168.7.127" },
	{ "192.168.7.128/25", "255.255.255.128", "192.168.7.228", "192.168.7.255" },
	{ "128.0.0.0/1", "128.0.0.0", "128.0.0.100", "255.255.255.255" },
};

START_TEST(v4_layout)
{
	struct network network;

	ck_assert(network_plan(v4_rows[_i].cidr, NULL, false, 1500, &network, NULL));
	ck_assert_str_eq(v4_text(network.v4_mask), v4_rows[_i].mask);
	ck_assert_str_eq(v4_text(network.v4_guest), v4_rows[_i].guest);
	ck_assert_str_eq(v4_text(network.v4_broadcast), v4_rows[_i].broadcast);
	ck_assert(!network.v6);
}
END_TEST

static const struct {
	const char *cidr;
	const char *gateway, *guest;
} v6_rows[] = {
	{ "fd00:1:2:3::/64", "fd00:1:2:3::2", "fd00:1:2:3::100" },
	{ "2001:db8::/32", "2001:db8::2", "2001:db8::100" },
	{ "8000::/1", "8000::2", "8000::100" },
};

START_TEST(v6_layout)
{
	struct network network;

	ck_assert(network_plan(NULL, v6_rows[_i].cidr, true, 1500, &network, NULL));
	ck_assert_str_eq(v6_text(&network.v6_gateway), v6_rows[_i].gateway);
	ck_assert_str_eq(v6_text(&network.v6_guest), v6_rows[_i].guest);
}
END_TEST

static const struct {
	const char *cidr, *cidr6;
	bool v6;
	uint32_t mtu;
	const char *message;
} refused_rows[] = {
	{ "foo", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "/24", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0/", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0/24x", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0/24/24", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2/24", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.256/24", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "fd00::/24", NULL, true, 1500, "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0/99999999999", NULL, true, 1500,
	  "invalid CIDR, which is written like 10.0.2.0/24" },
	{ "10.0.2.0/26", NULL, true, 1500,
	  "prefix length needs to be 1-25, not 26; an example is 10.0.2.0/24" },
	{ "10.0.2.0/0", NULL, true, 1500,
	  "prefix length needs to be 1-25, not 0; an example is 10.0.2.0/24" },
	{ "10.0.2.0/-1", NULL, true, 1500,
	  "prefix length needs to be 1-25, not -1; an example is 10.0.2.0/24" },
	{ "10.0.2.5/24", NULL, true, 1500,
	  "CIDR needs to be a network address like 10.0.2.0/24, not like 10.0.2.5/24" },
	{ "10.0.2.100/16", NULL, true, 1500,
	  "CIDR needs to be a network address like 10.0.0.0/16, not like 10.0.2.100/16" },
	{ NULL, "fd00::", true, 1500, "invalid CIDR, which is written like fd00::/64" },
	{ NULL, "10.0.2.0/24", true, 1500, "invalid CIDR, which is written like fd00::/64" },
	{ NULL, "fd00::/65", true, 1500,
	  "prefix length needs to be 1-64, not 65; an example is fd00::/64" },
	{ NULL, "fd00::1/64", true, 1500,
	  "CIDR needs to be a network address like fd00::/64, not like fd00::1/64" },
	{ NULL, NULL, true, 1279,
	  "MTU needs to be 1280-65521 with IPv6, not 1279; an example is 1500" },
	{ NULL, NULL, false, 67, "MTU needs to be 68-65521, not 67; an example is 1500" },
	{ NULL, NULL, false, 65522, "MTU needs to be 68-65521, not 65522; an example is 1500" },
};

START_TEST(refused)
{
	struct network network, before;
	GError *error = NULL;

	memset(&network, 0x5a, sizeof(network));
	before = network;
	ck_assert(!network_plan(refused_rows[_i].cidr, refused_rows[_i].cidr6, refused_rows[_i].v6,
				refused_rows[_i].mtu, &network, &error));
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_str_eq(error->message, refused_rows[_i].message);
	ck_assert_mem_eq(&network, &before, sizeof(network));
	g_error_free(error);
}
END_TEST

START_TEST(mtu_limits)
{
	struct network network;

	ck_assert(network_plan(NULL, NULL, false, 68, &network, NULL));
	ck_assert(network_plan(NULL, NULL, true, 1280, &network, NULL));
	ck_assert(network_plan(NULL, NULL, true, 65521, &network, NULL));
	ck_assert_uint_eq(network.mtu, 65521);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("network");
	TCase *cases = tcase_create("plan");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, defaults);
	tcase_add_loop_test(cases, v4_layout, 0, ARRAY_SIZE(v4_rows));
	tcase_add_loop_test(cases, v6_layout, 0, ARRAY_SIZE(v6_rows));
	tcase_add_loop_test(cases, refused, 0, ARRAY_SIZE(refused_rows));
	tcase_add_test(cases, mtu_limits);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
