/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of published ports: "[HOSTIP:]HOSTPORT:PORT[/tcp|udp]". */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/forward.h"
#include "base/util.h"

/* A spec, and what its first and last forward read as. */
static const struct {
	const char *spec;
	guint count;
	const char *first;
	const char *last;
} good[] = {
	{ "8080:80", 1, "tcp 0.0.0.0:8080 -> container:80", NULL },
	{ "8080:80/tcp", 1, "tcp 0.0.0.0:8080 -> container:80", NULL },
	{ "53:5353/udp", 1, "udp 0.0.0.0:53 -> container:5353", NULL },
	{ "1:65535", 1, "tcp 0.0.0.0:1 -> container:65535", NULL },
	{ "65535:1", 1, "tcp 0.0.0.0:65535 -> container:1", NULL },
	{ "0080:080", 1, "tcp 0.0.0.0:80 -> container:80", NULL },
	{ "127.0.0.1:8080:80", 1, "tcp 127.0.0.1:8080 -> container:80", NULL },
	{ "0.0.0.0:8080:80", 1, "tcp 0.0.0.0:8080 -> container:80", NULL },
	{ "[::1]:8080:80", 1, "tcp [::1]:8080 -> container:80", NULL },
	{ "[::]:8080:80/udp", 1, "udp [::]:8080 -> container:80", NULL },
	{ "[fd00::1:2]:1:2", 1, "tcp [fd00::1:2]:1 -> container:2", NULL },
	{ "[::ffff:127.0.0.1]:1:2", 1, "tcp 127.0.0.1:1 -> container:2", NULL },
	{ "80-80:90-90", 1, "tcp 0.0.0.0:80 -> container:90", NULL },
	{ "8080-8082:80-82", 3, "tcp 0.0.0.0:8080 -> container:80",
	  "tcp 0.0.0.0:8082 -> container:82" },
	{ "[::1]:8080-8081:80-81/udp", 2, "udp [::1]:8080 -> container:80",
	  "udp [::1]:8081 -> container:81" },
	{ "1-65535:1-65535", 65535, "tcp 0.0.0.0:1 -> container:1",
	  "tcp 0.0.0.0:65535 -> container:65535" },
	{ "1-65534:2-65535", 65534, "tcp 0.0.0.0:1 -> container:2",
	  "tcp 0.0.0.0:65534 -> container:65535" },
};

START_TEST(parses)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) forwards = forward_parse(good[_i].spec, &error);
	const char *last = good[_i].last ? good[_i].last : good[_i].first;
	char text[FORWARD_TEXT_MAX];

	ck_assert_msg(forwards != NULL, "%s: %s", good[_i].spec, error ? error->message : "");
	ck_assert_uint_eq(forwards->len, good[_i].count);
	ck_assert_str_eq(forward_format(&g_array_index(forwards, struct forward, 0), text),
			 good[_i].first);
	ck_assert_str_eq(
		forward_format(&g_array_index(forwards, struct forward, forwards->len - 1), text),
		last);
}
END_TEST

/* A spec that is refused, and a part of the reason. */
static const struct {
	const char *spec;
	const char *reason;
} bad[] = {
	{ "", "HOSTPORT:PORT" },
	{ "80", "HOSTPORT:PORT" },
	{ ":80", "HOSTPORT:PORT" },
	{ "/tcp", "HOSTPORT:PORT" },
	{ ":", "HOSTPORT:PORT" },
	{ "80:", "\"\" is not a port" },
	{ "::", "not a port" },
	{ "0:80", "\"0\" is not a port" },
	{ "80:0", "\"0\" is not a port" },
	{ "65536:80", "\"65536\" is not a port" },
	{ "80:118082", "\"118082\" is not a port" },
	{ "80:4294967376", "not a port" },
	{ "99999999999999999999999:80", "not a port" },
	{ "-80:80", "not a port" },
	{ "+80:80", "not a port" },
	{ " 80:80", "not a port" },
	{ "80:80 ", "not a port" },
	{ "0x50:80", "not a port" },
	{ "http:80", "\"http\" is not a port" },
	{ "80:80/sctp", "\"sctp\" is neither tcp nor udp" },
	{ "80:80/TCP", "neither tcp nor udp" },
	{ "80:80/", "neither tcp nor udp" },
	{ "80:80/tcp/udp", "not a port" },
	{ "80-82:80-81", "differ in length" },
	{ "80-82:80", "differ in length" },
	{ "80:80-82", "differ in length" },
	{ "82-80:82-80", "runs backwards" },
	{ "80-:80-", "not a port" },
	{ "80-81-82:80-81-82", "not a port" },
	{ "65530-65536:1-7", "\"65536\" is not a port" },
	{ "::1:8080:80", "needs brackets" },
	{ "[::1:8080:80", "no IP address" },
	{ "[]:8080:80", "no IP address" },
	{ "[127.0.0.1]:8080:80", "no IP address" },
	{ ":8080:80", "no IP address" },
	{ "localhost:8080:80", "no IP address" },
	{ "1.2.3:8080:80", "no IP address" },
	{ "256.0.0.1:8080:80", "no IP address" },
	{ "[::1]", "HOSTPORT:PORT" },
	{ "[::1]:80", "HOSTPORT:PORT" },
};

START_TEST(refuses)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) forwards = forward_parse(bad[_i].spec, &error);

	ck_assert_msg(forwards == NULL, "%s was taken", bad[_i].spec);
	ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_msg(strstr(error->message, bad[_i].reason) != NULL, "%s: %s", bad[_i].spec,
		      error->message);
}
END_TEST

START_TEST(id_is_left_open)
{
	g_autoptr(GArray) forwards = forward_parse("80-81:80-81", NULL);

	for (guint i = 0; i < forwards->len; i++) {
		const struct forward *forward = &g_array_index(forwards, struct forward, i);

		ck_assert_uint_eq(forward->id, 0);
		ck_assert_int_eq(forward->guest.address.family, AF_UNSPEC);
	}
}
END_TEST

static const struct {
	const char *a;
	const char *b;
	bool same;
} pairs[] = {
	{ "80:80", "80:81", true },
	{ "80:80", "0.0.0.0:80:80", true },
	{ "80:80", "81:80", false },
	{ "80:80", "80:80/udp", false },
	{ "80:80", "127.0.0.1:80:80", false },
	{ "80:80", "[::]:80:80", false },
	{ "[::1]:80:80", "[0:0::1]:80:80", true },
};

START_TEST(compares_hosts)
{
	g_autoptr(GArray) a = forward_parse(pairs[_i].a, NULL);
	g_autoptr(GArray) b = forward_parse(pairs[_i].b, NULL);
	const struct forward *left = &g_array_index(a, struct forward, 0);
	const struct forward *right = &g_array_index(b, struct forward, 0);

	ck_assert(forward_same_host(left, right) == pairs[_i].same);
	ck_assert(forward_same_host(right, left) == pairs[_i].same);
}
END_TEST

START_TEST(formats_guest_address)
{
	struct forward forward = { .protocol = IPPROTO_UDP,
				   .host.port = 53,
				   .host.address.family = AF_INET6,
				   .guest.port = 5353 };
	char text[FORWARD_TEXT_MAX];

	ck_assert(address_parse("10.0.2.100", &forward.guest.address));
	ck_assert_str_eq(forward_format(&forward, text), "udp [::]:53 -> 10.0.2.100:5353");
	ck_assert(address_parse("fd00::100", &forward.guest.address));
	ck_assert_str_eq(forward_format(&forward, text), "udp [::]:53 -> [fd00::100]:5353");
}
END_TEST

START_TEST(longest_text_fits)
{
	static const char address[] = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";
	struct forward forward = { .protocol = IPPROTO_TCP, .host.port = 65535 };
	char text[FORWARD_TEXT_MAX];

	forward.guest.port = 65535;
	ck_assert(address_parse(address, &forward.host.address));
	ck_assert(address_parse(address, &forward.guest.address));
	ck_assert_str_eq(forward_format(&forward, text),
			 "tcp [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535 -> "
			 "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535");
}
END_TEST

START_TEST(names_protocols)
{
	ck_assert_str_eq(protocol_name(IPPROTO_TCP), "tcp");
	ck_assert_str_eq(protocol_name(IPPROTO_UDP), "udp");
	ck_assert_str_eq(protocol_name(IPPROTO_ICMP), "unknown");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("forward");
	TCase *tests = tcase_create("forward");

	tcase_add_loop_test(tests, parses, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tests, refuses, 0, ARRAY_SIZE(bad));
	tcase_add_test(tests, id_is_left_open);
	tcase_add_loop_test(tests, compares_hosts, 0, ARRAY_SIZE(pairs));
	tcase_add_test(tests, formats_guest_address);
	tcase_add_test(tests, longest_text_fits);
	tcase_add_test(tests, names_protocols);
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
