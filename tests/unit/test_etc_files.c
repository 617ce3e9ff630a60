/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of namespace/etc_files: the texts. (The mounts are tested live.) */

#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "base/network.h"
#include "base/util.h"
#include "namespace/etc_files.h"

static struct network network, network_v4;

static void plan(void)
{
	ck_assert(network_plan("10.9.0.0/16", NULL, true, 1500, &network, NULL));
	ck_assert(network_plan("10.9.0.0/16", NULL, false, 1500, &network_v4, NULL));
}

static const struct {
	const char *host, *text;
} resolv_rows[] = {
	{ NULL, "nameserver 10.9.0.3\n" },
	{ "", "nameserver 10.9.0.3\n" },
	{ "nameserver 127.0.0.53\n", "nameserver 10.9.0.3\n" },
	{ "# search no.example\nnameserver 192.0.2.1\nsearch a.example b.example\n"
	  "options edns0 trust-ad\n",
	  "nameserver 10.9.0.3\nsearch a.example b.example\noptions edns0 trust-ad\n" },
	{ "domain a.example", "nameserver 10.9.0.3\ndomain a.example\n" },
	{ "search\ta.example\r\n", "nameserver 10.9.0.3\nsearch\ta.example\n" },
	{ "searching x\noptionsx\nsortlist 192.0.2.0\n", "nameserver 10.9.0.3\n" },
};

START_TEST(resolv_conf)
{
	char *text = etc_resolv_conf_text(resolv_rows[_i].host, &network);

	ck_assert_str_eq(text, resolv_rows[_i].text);
	g_free(text);
}
END_TEST

#define LOCAL "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
#define GUEST "10.9.0.100\tbox\nfd00::100\tbox\n"
#define GATEWAY "10.9.0.2\thost.slirpway.internal\n"

static const struct {
	const char *host, *name, *text;
} hosts_rows[] = {
	{ NULL, "box", LOCAL GUEST GATEWAY },
	{ NULL, NULL, LOCAL GATEWAY },
	{ NULL, "", LOCAL GATEWAY },
	{ NULL, "box\n192.0.2.1 bank.example", LOCAL GATEWAY },
	{ NULL, "a box", LOCAL GATEWAY },
	{ "127.0.0.1 localhost\n127.0.1.1 box\n::1 localhost\n# 192.0.2.9 no\n\n"
	  "192.0.2.1 a.example a\n  2001:db8::1\tb.example # comment\nff02::1 ip6-allnodes\n",
	  "box",
	  LOCAL GUEST GATEWAY
	  "192.0.2.1 a.example a\n2001:db8::1\tb.example # comment\nff02::1 ip6-allnodes\n" },
	{ "::ffff:127.0.0.1 mapped\n0.0.0.0 ads.example\n:: ads.example\nnonsense x\n"
	  "192.0.2.3 last",
	  "box", LOCAL GUEST GATEWAY "192.0.2.3 last\n" },
};

START_TEST(hosts)
{
	char *text = etc_hosts_text(hosts_rows[_i].host, hosts_rows[_i].name, &network);

	ck_assert_str_eq(text, hosts_rows[_i].text);
	g_free(text);
}
END_TEST

START_TEST(hosts_without_ipv6)
{
	char *text = etc_hosts_text(NULL, "box", &network_v4);

	ck_assert_str_eq(text, LOCAL "10.9.0.100\tbox\n" GATEWAY);
	g_free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("etc_files");
	TCase *cases = tcase_create("texts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, plan, NULL);
	tcase_add_loop_test(cases, resolv_conf, 0, ARRAY_SIZE(resolv_rows));
	tcase_add_loop_test(cases, hosts, 0, ARRAY_SIZE(hosts_rows));
	tcase_add_test(cases, hosts_without_ipv6);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
