/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/policy: what rules read, what they are refused for, and what they decide. */

#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/policy.h"
#include "base/util.h"

/* text, and how it is formatted. */
static const char *const rule_rows[][2] = {
	{ "any", "any" },
	{ "any/tcp", "any/tcp" },
	{ "any/icmp", "any/icmp" },
	{ "any:53", "any:53" },
	{ "any:53/udp", "any:53/udp" },
	{ "any:1-65535", "any:1-65535" },
	{ "192.0.2.1", "192.0.2.1/32" },
	{ "192.0.2.1:80", "192.0.2.1/32:80" },
	{ "192.0.2.1/tcp", "192.0.2.1/32/tcp" },
	{ "192.0.2.1:80/tcp", "192.0.2.1/32:80/tcp" },
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "10.0.0.0/8/udp", "10.0.0.0/8/udp" },
	{ "10.0.0.0/8:1-1023/tcp", "10.0.0.0/8:1-1023/tcp" },
	{ "10.0.0.0/8:80-80", "10.0.0.0/8:80" },
	{ "0.0.0.0/0:25", "0.0.0.0/0:25" },
	{ "fd00::/8", "[fd00::/8]" },
	{ "fd00::/8/tcp", "[fd00::/8]/tcp" },
	{ "fd00::/8:53", "[fd00::/8]:53" },
	{ "fd00::/8:53/udp", "[fd00::/8]:53/udp" },
	{ "[fd00::/8]:53/udp", "[fd00::/8]:53/udp" },
	{ "[fd00::]/8:53/udp", "[fd00::/8]:53/udp" },
	{ "[fd00::/8]", "[fd00::/8]" },
	{ "fd00::1", "[fd00::1/128]" },
	{ "[fd00::1]", "[fd00::1/128]" },
	{ "[fd00::1]:1-2", "[fd00::1/128]:1-2" },
	{ "fd00::1/icmp", "[fd00::1/128]/icmp" },
	{ "fd00::1:53", "[fd00::1:53/128]" },
	{ "::", "[::/128]" },
	{ "::/0", "[::/0]" },
	{ "::ffff:10.0.0.0/104", "10.0.0.0/8" },
	{ "[::ffff:192.0.2.1]:80", "192.0.2.1/32:80" },
	{ "::ffff:0:0/96", "0.0.0.0/0" },
};

START_TEST(rules_read)
{
	g_autofree char *text = NULL;
	g_autofree char *again = NULL;
	struct policy policy = { 0 };
	GError *error = NULL;

	ck_assert_msg(policy_add(&policy, rule_rows[_i][0], _i % 2, &error), "%s: %s",
		      rule_rows[_i][0], error ? error->message : "");
	ck_assert_ptr_null(error);
	ck_assert_uint_eq(policy.count, 1);
	ck_assert_int_eq(policy.rules[0].allow, _i % 2);
	text = policy_rule_format(&policy.rules[0]);
	ck_assert_str_eq(text, rule_rows[_i][1]);
	/* What is printed can be read again, and says the same. */
	ck_assert(policy_add(&policy, text, true, NULL));
	again = policy_rule_format(&policy.rules[1]);
	ck_assert_str_eq(again, text);
}
END_TEST

/* text, and a piece of what is said about it. */
static const char *const bad_rows[][2] = {
	{ "", "destination must be" },
	{ "10.0.0.1/8", "host bits" },
	{ "10.0.0.0/33", "destination must be" },
	{ "10.0.0.0/8/6", "destination must be" },
	{ "all", "destination must be" },
	{ "any/8", "destination must be" },
	{ "ANY", "destination must be" },
	{ "example.org", "destination must be" },
	{ "[10.0.0.0/8]:80", "destination must be" },
	{ "[fd00::/8", "destination must be" },
	{ "fd00::/8]", "destination must be" },
	{ "[[fd00::]]", "destination must be" },
	{ "[]", "destination must be" },
	{ "[fd00::1]80", "destination must be" },
	{ ":80", "destination must be" },
	{ "10.0.0.0/8/", "protocol must be" },
	{ "10.0.0.0/8/sctp", "protocol must be" },
	{ "10.0.0.0/8/TCP", "protocol must be" },
	{ "10.0.0.0/8/tcp ", "protocol must be" },
	{ "any/", "protocol must be" },
	{ "any:", "ports are" },
	{ "any:0", "ports are" },
	{ "any:65536", "ports are" },
	{ "any:123456", "ports are" },
	{ "any:-1", "ports are" },
	{ "any:1-", "ports are" },
	{ "any:-", "ports are" },
	{ "any:2-1", "ports are" },
	{ "any:1-2-3", "ports are" },
	{ "any:1,2", "ports are" },
	{ "any:+1", "ports are" },
	{ "any: 1", "ports are" },
	{ "any:http", "ports are" },
	{ "any:0x50", "ports are" },
	{ "10.0.0.0/8:1:2", "ports are" },
	{ "any:53/icmp", "ICMP has no ports" },
};

START_TEST(rules_refused)
{
	struct policy policy = { 0 };
	struct policy before = policy;
	g_autofree char *quoted = g_strdup_printf("\"%s\"", bad_rows[_i][0]);
	GError *error = NULL;

	ck_assert_msg(!policy_add(&policy, bad_rows[_i][0], true, &error), "%s", bad_rows[_i][0]);
	ck_assert_ptr_nonnull(error);
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_msg(strstr(error->message, bad_rows[_i][1]) != NULL, "%s", error->message);
	ck_assert_msg(strstr(error->message, quoted) != NULL, "%s", error->message);
	ck_assert_ptr_null(strchr(error->message, '\n'));
	ck_assert_mem_eq(&policy, &before, sizeof(policy));
	g_error_free(error);
	/* The error may be not wanted. */
	ck_assert(!policy_add(&policy, bad_rows[_i][0], true, NULL));
}
END_TEST

START_TEST(a_full_policy_says_so)
{
	struct policy *policy = g_new0(struct policy, 1);
	GError *error = NULL;

	for (int i = 0; i < POLICY_RULES_MAX; i++)
		ck_assert(policy_add(policy, "any", true, NULL));
	ck_assert(!policy_add(policy, "10.0.0.0/8", false, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "at most 256 rules"));
	ck_assert_uint_eq(policy->count, POLICY_RULES_MAX);
	g_error_free(error);
	g_free(policy);
}
END_TEST

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP
#define ICMP IPPROTO_ICMP
#define ICMP6 IPPROTO_ICMPV6

/* Rules separated by spaces, '+' for allow and '-' for deny before each; then who asks. */
static const struct {
	const char *rules;
	uint8_t protocol;
	const char *address;
	uint16_t port;
	bool allowed;
} verdict_rows[] = {
	{ "", TCP, "192.0.2.1", 80, true },
	{ "", ICMP6, "fd00::1", 0, true },
	{ "-any", TCP, "192.0.2.1", 80, false },
	{ "-any", UDP, "fd00::1", 80, false },
	{ "-any", ICMP, "192.0.2.1", 0, false },
	{ "-any", ICMP6, "fd00::1", 0, false },
	{ "-any -any +any", TCP, "192.0.2.1", 80, true },
	/* The last that matches decides. */
	{ "-10.0.0.0/8 +10.1.2.3:443/tcp", TCP, "10.1.2.3", 443, true },
	{ "-10.0.0.0/8 +10.1.2.3:443/tcp", TCP, "10.1.2.3", 444, false },
	{ "-10.0.0.0/8 +10.1.2.3:443/tcp", UDP, "10.1.2.3", 443, false },
	{ "-10.0.0.0/8 +10.1.2.3:443/tcp", TCP, "10.1.2.4", 443, false },
	{ "-10.0.0.0/8 +10.1.2.3:443/tcp", TCP, "11.1.2.3", 443, true },
	{ "+10.1.2.3:443/tcp -10.0.0.0/8", TCP, "10.1.2.3", 443, false },
	{ "-any +192.0.2.0/24 -192.0.2.128/25", TCP, "192.0.2.1", 1, true },
	{ "-any +192.0.2.0/24 -192.0.2.128/25", TCP, "192.0.2.129", 1, false },
	{ "-any +192.0.2.0/24 -192.0.2.128/25", TCP, "192.0.3.1", 1, false },
	/* Families. */
	{ "-0.0.0.0/0", TCP, "192.0.2.1", 80, false },
	{ "-0.0.0.0/0", TCP, "fd00::1", 80, true },
	{ "-::/0", TCP, "fd00::1", 80, false },
	{ "-::/0", TCP, "192.0.2.1", 80, true },
	{ "-192.0.2.1", TCP, "::ffff:192.0.2.1", 80, false },
	{ "-::ffff:192.0.2.1", TCP, "192.0.2.1", 80, false },
	{ "-::/0", TCP, "::ffff:192.0.2.1", 80, true },
	{ "-::ffff:0:0/96", TCP, "::ffff:192.0.2.1", 80, false },
	/* Ports. */
	{ "-any:1-1023", TCP, "192.0.2.1", 1, false },
	{ "-any:1-1023", TCP, "192.0.2.1", 1023, false },
	{ "-any:1-1023", UDP, "192.0.2.1", 512, false },
	{ "-any:1-1023", TCP, "192.0.2.1", 1024, true },
	{ "-any:1-1023", TCP, "192.0.2.1", 0, true },
	{ "-any", TCP, "192.0.2.1", 0, false },
	{ "-any:65535", TCP, "192.0.2.1", 65535, false },
	{ "-any:65535", TCP, "192.0.2.1", 65534, true },
	/* Protocols; ICMP is of either family and has no ports. */
	{ "-any/udp", UDP, "192.0.2.1", 53, false },
	{ "-any/udp", TCP, "192.0.2.1", 53, true },
	{ "-any/icmp", ICMP, "192.0.2.1", 0, false },
	{ "-any/icmp", ICMP6, "fd00::1", 0, false },
	{ "-any/icmp", TCP, "192.0.2.1", 1, true },
	{ "-any:1-65535", ICMP, "192.0.2.1", 8, true },
	{ "-any +any:1-65535", ICMP, "192.0.2.1", 8, false },
	{ "-any/icmp", ICMP, "192.0.2.1", 65535, false },
	{ "-any +any/tcp", ICMP, "192.0.2.1", 0, false },
};

START_TEST(verdicts)
{
	struct policy policy = { 0 };
	g_auto(GStrv) rules = g_strsplit(verdict_rows[_i].rules, " ", 0);
	struct endpoint destination = { .port = verdict_rows[_i].port };

	for (size_t i = 0; rules[i] && rules[i][0]; i++)
		ck_assert(policy_add(&policy, rules[i] + 1, rules[i][0] == '+', NULL));
	ck_assert(address_parse(verdict_rows[_i].address, &destination.address));
	ck_assert_msg(policy_allows(&policy, verdict_rows[_i].protocol, &destination) ==
			      verdict_rows[_i].allowed,
		      "row %d: %s", _i, verdict_rows[_i].rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy");
	TCase *cases = tcase_create("policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, rules_read, 0, ARRAY_SIZE(rule_rows));
	tcase_add_loop_test(cases, rules_refused, 0, ARRAY_SIZE(bad_rows));
	tcase_add_test(cases, a_full_policy_says_so);
	tcase_add_loop_test(cases, verdicts, 0, ARRAY_SIZE(verdict_rows));
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
