/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control protocol's requests: what is accepted, what is refused and in which words. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "control/request.h"

#define ADD(arguments) "{\"execute\":\"add_hostfwd\",\"arguments\":{" arguments "}}"

static bool parse(const char *text, struct control_request *request, GError **error)
{
	return control_request_parse(text, strlen(text), request, error);
}

static const struct {
	const char *text;
	const char *forward; /* as forward_format writes it */
} add_rows[] = {
	{ ADD("\"proto\":\"tcp\",\"host_port\":8080,\"guest_port\":80"),
	  "tcp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"udp\",\"host_addr\":\"127.0.0.1\",\"host_port\":1,\"guest_addr\":"
	      "\"10.0.2.100\",\"guest_port\":65535"),
	  "udp 127.0.0.1:1 10.0.2.100:65535" },
	{ ADD("\"proto\":\"tcp\",\"host_addr\":\"\",\"host_port\":8080,\"guest_addr\":\"\","
	      "\"guest_port\":80"),
	  "tcp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"tcp\",\"host_addr\":null,\"host_port\":8080,\"guest_addr\":null,"
	      "\"guest_port\":80"),
	  "tcp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"tcp4\",\"host_port\":8080,\"guest_port\":80"),
	  "tcp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"tcp6\",\"host_port\":8080,\"guest_port\":80"), "tcp [::]:8080 none:80" },
	{ ADD("\"proto\":\"udp4\",\"host_port\":8080,\"guest_port\":80"),
	  "udp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"udp6\",\"host_addr\":\"::1\",\"host_port\":8080,\"guest_port\":80"),
	  "udp [::1]:8080 none:80" },
	{ ADD("\"proto\":\"tcp\",\"host_addr\":\"::\",\"host_port\":8080,\"guest_addr\":"
	      "\"fd00::100\",\"guest_port\":80"),
	  "tcp [::]:8080 [fd00::100]:80" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":8080,\"guest_addr\":\"0.0.0.0\",\"guest_port\":80"),
	  "tcp 0.0.0.0:8080 none:80" },
	{ "{\"id\":7,\"arguments\":{\"new\":[1,{\"x\":null}],\"guest_port\":80,\"host_port\":8080,"
	  "\"proto\":\"tcp\"},\"execute\":\"add_hostfwd\"}",
	  "tcp 0.0.0.0:8080 none:80" },
	{ ADD("\"proto\":\"udp\",\"proto\":\"tcp\",\"host_port\":1,\"host_port\":2,\"guest_port\":"
	      "80"),
	  "tcp 0.0.0.0:2 none:80" },
	{ " \t\r\n" ADD(" \"\\u0070roto\" : \"t\\u0063p\" , \"host_port\":2,\"guest_port\":80"),
	  "tcp 0.0.0.0:2 none:80" },
};

START_TEST(accepts_forward)
{
	struct control_request request;
	GError *error = NULL;
	char host[ADDRESS_TEXT_MAX], guest[ADDRESS_TEXT_MAX];
	g_autofree char *got = NULL;

	ck_assert_msg(parse(add_rows[_i].text, &request, &error), "%s: %s", add_rows[_i].text,
		      error != NULL ? error->message : "");
	ck_assert_int_eq(request.verb, CONTROL_FORWARD_ADD);
	endpoint_format(&request.forward.host, host);
	endpoint_format(&request.forward.guest, guest);
	got = g_strdup_printf("%s %s %s", request.forward.protocol == IPPROTO_TCP ? "tcp" : "udp",
			      host, guest);
	ck_assert_str_eq(got, add_rows[_i].forward);
	ck_assert_uint_eq(request.forward.id, 0);
}
END_TEST

static const struct {
	const char *text;
	enum control_verb verb;
	uint32_t id;
} verb_rows[] = {
	{ "{\"execute\":\"list_hostfwd\"}", CONTROL_FORWARD_LIST, 0 },
	{ "{\"execute\":\"list_hostfwd\",\"arguments\":{}}", CONTROL_FORWARD_LIST, 0 },
	{ "{\"execute\":\"list_hostfwd\",\"arguments\":null}", CONTROL_FORWARD_LIST, 0 },
	{ "{\"execute\":\"list_hostfwd\",\"arguments\":[]}", CONTROL_FORWARD_LIST, 0 },
	{ "{\"execute\":\"status\"}\n", CONTROL_STATUS, 0 },
	{ "{\"execute\":\"stop\"}", CONTROL_STOP, 0 },
	{ "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":1}}", CONTROL_FORWARD_REMOVE, 1 },
	{ "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":4294967295}}",
	  CONTROL_FORWARD_REMOVE, 4294967295 },
};

START_TEST(accepts_verb)
{
	struct control_request request;

	ck_assert(parse(verb_rows[_i].text, &request, NULL));
	ck_assert_int_eq(request.verb, verb_rows[_i].verb);
	ck_assert_uint_eq(request.id, verb_rows[_i].id);
}
END_TEST

#define NO_JSON "cannot parse JSON"
#define NO_EXECUTE "no execute found"
#define BAD_ADD "add_hostfwd: bad arguments."
#define BAD_ID "remove_hostfwd: bad arguments.id"
#define REMOVE(id) "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":" id "}}"

static const struct {
	const char *text;
	const char *desc; /* after "bad request: " */
} refused_rows[] = {
	{ "", NO_JSON },
	{ " ", NO_JSON },
	{ "badjson", NO_JSON },
	{ "{", NO_JSON },
	{ "{\"execute\":\"status\"", NO_JSON },
	{ "{\"execute\":\"status\"}}", NO_JSON },
	{ "{\"execute\":\"sta\xfftus\"}", NO_JSON },
	{ "{\"execute\":\"sta\xed\xa0\x80tus\"}", NO_JSON },
	{ "{]", NO_JSON },
	{ "[1]", "json_object() failed" },
	{ "42", "json_object() failed" },
	{ "\"status\"", "json_object() failed" },
	{ "null", "json_object() failed" },
	{ "{}", NO_EXECUTE },
	{ "{\"unexpectedjson\": 42}", NO_EXECUTE },
	{ "{\"execute\":null}", NO_EXECUTE },
	{ "{\"execute\":42}", NO_EXECUTE },
	{ "{\"execute\":{}}", NO_EXECUTE },
	{ "{\"execute\":[\"status\"]}", NO_EXECUTE },
	{ "{\"execute\":\"bad\"}", "unknown execute" },
	{ "{\"execute\":\"\"}", "unknown execute" },
	{ "{\"execute\":\"Status\"}", "unknown execute" },
	{ "{\"execute\":\"add_hostfwd\"}", BAD_ADD "proto" },
	{ "{\"execute\":\"add_hostfwd\",\"arguments\":[]}", BAD_ADD "proto" },
	{ "{\"execute\":\"add_hostfwd\",\"arguments\":\"tcp\"}", BAD_ADD "proto" },
	{ ADD(""), BAD_ADD "proto" },
	{ ADD("\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":\"bad\",\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":\"\",\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":\"TCP\",\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":6,\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":[\"tcp\"],\"host_port\":8080,\"guest_port\":80"), BAD_ADD "proto" },
	{ ADD("\"proto\":\"tcp\",\"host_addr\":\"nowhere\",\"host_port\":8080,\"guest_port\":80"),
	  BAD_ADD "host_addr" },
	{ ADD("\"proto\":\"tcp\",\"host_addr\":1,\"host_port\":8080,\"guest_port\":80"),
	  BAD_ADD "host_addr" },
	{ ADD("\"proto\":\"tcp6\",\"host_addr\":\"0.0.0.0\",\"host_port\":8080,\"guest_port\":80"),
	  BAD_ADD "host_addr" },
	{ ADD("\"proto\":\"udp4\",\"host_addr\":\"::\",\"host_port\":8080,\"guest_port\":80"),
	  BAD_ADD "host_addr" },
	{ ADD("\"proto\":\"tcp\",\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":0,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":-1,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":65536,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":118082,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":\"8080\",\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":8080.0,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":true,\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":[8080],\"guest_port\":80"), BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":18446744073709551617,\"guest_port\":80"),
	  BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":4294967376,\"guest_port\":80"),
	  BAD_ADD "host_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":80,\"guest_addr\":\"10.0.2\",\"guest_port\":80"),
	  BAD_ADD "guest_addr" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":80,\"guest_addr\":\"fd00::100\",\"guest_port\":80"),
	  BAD_ADD "guest_addr" },
	{ ADD("\"proto\":\"tcp6\",\"host_port\":80,\"guest_addr\":\"10.0.2.100\",\"guest_port\":"
	      "80"),
	  BAD_ADD "guest_addr" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":80"), BAD_ADD "guest_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":80,\"guest_port\":0"), BAD_ADD "guest_port" },
	{ ADD("\"proto\":\"tcp\",\"host_port\":80,\"guest_port\":65536"), BAD_ADD "guest_port" },
	{ "{\"execute\":\"remove_hostfwd\"}", BAD_ID },
	{ REMOVE("0"), BAD_ID },
	{ REMOVE("-1"), BAD_ID },
	{ REMOVE("1.5"), BAD_ID },
	{ REMOVE("\"1\""), BAD_ID },
	{ REMOVE("4294967296"), BAD_ID },
	{ REMOVE("null"), BAD_ID },
};

START_TEST(refuses)
{
	struct control_request request, untouched;
	GError *error = NULL;
	g_autofree char *expected = g_strdup_printf("bad request: %s", refused_rows[_i].desc);

	memset(&request, 0x5a, sizeof(request));
	untouched = request;
	ck_assert_msg(!parse(refused_rows[_i].text, &request, &error), "%s", refused_rows[_i].text);
	ck_assert_msg(strcmp(error->message, expected) == 0, "%s: %s", refused_rows[_i].text,
		      error->message);
	ck_assert_mem_eq(&request, &untouched, sizeof(request));
	g_error_free(error);
}
END_TEST

START_TEST(refuses_nul_and_size)
{
	static const char nul[] = "{\"execute\":\"status\0\"}";
	g_autofree char *big = g_strnfill(CONTROL_REQUEST_MAX + 1, ' ');
	struct control_request request;
	GError *error = NULL;

	ck_assert(!control_request_parse(nul, sizeof(nul) - 1, &request, NULL));
	ck_assert(!control_request_parse(big, CONTROL_REQUEST_MAX + 1, &request, &error));
	ck_assert_str_eq(error->message, "bad request: too large message");
	g_error_free(error);
}
END_TEST

/* An object with depth arrays within each other beside "execute". */
static GString *nested(size_t depth)
{
	GString *text = g_string_new("{\"execute\":\"status\",\"x\":");

	for (size_t i = 0; i < depth; i++)
		g_string_append_c(text, '[');
	for (size_t i = 0; i < depth; i++)
		g_string_append_c(text, ']');
	g_string_append_c(text, '}');
	return text;
}

START_TEST(bounds_nesting)
{
	static const struct {
		size_t depth;
		bool ok;
	} rows[] = { { 1, true },
		     { CONTROL_NESTING_MAX - 1, true },
		     { CONTROL_NESTING_MAX, false },
		     { 30000, false } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		GString *text = nested(rows[i].depth);
		struct control_scan scan = { 0 };
		struct control_request request;
		ssize_t length = control_request_scan(&scan, text->str, text->len);

		ck_assert_int_eq(length, rows[i].ok ? (ssize_t)text->len : -1);
		ck_assert(parse(text->str, &request, NULL) == rows[i].ok);
		g_string_free(text, TRUE);
	}
}
END_TEST

/* Brackets that are never closed, and none in an object at all, go the same way. */
START_TEST(bounds_open_nesting)
{
	g_autofree char *brackets = g_strnfill(CONTROL_REQUEST_MAX, '[');
	struct control_request request;

	ck_assert(!control_request_parse(brackets, CONTROL_REQUEST_MAX, &request, NULL));
	memset(brackets, '{', CONTROL_REQUEST_MAX);
	ck_assert(!control_request_parse(brackets, CONTROL_REQUEST_MAX, &request, NULL));
}
END_TEST

static const struct {
	const char *text;
	ssize_t length;
} scan_rows[] = {
	{ "", 0 },	    { " \r\n\t", 0 },	  { "{", 0 },
	{ "{}", 2 },	    { "  {}", 4 },	  { "{}{}", 2 },
	{ "{}garbage", 2 }, { "{\"a\":{}}", 8 },  { "{\"a\":{}", 0 },
	{ "{\"}\"}", 5 },   { "{\"\\\"}\"}", 7 }, { "{\"\\\\\"}", 6 },
	{ "{\"\\", 0 },	    { "{\"[[[[\"}", 8 },  { "{[}", 0 },
	{ "{]", 2 },	    { "}", -1 },	  { "[]", -1 },
	{ "x", -1 },	    { "\"", -1 },	  { "\xef\xbb\xbf{}", -1 },
};

/* Whole, and one byte at a time. */
START_TEST(scans)
{
	const char *text = scan_rows[_i].text;
	struct control_scan whole = { 0 }, bytewise = { 0 };
	ssize_t length = 0;

	ck_assert_int_eq(control_request_scan(&whole, text, strlen(text)), scan_rows[_i].length);
	for (size_t i = 1; i <= strlen(text) && length == 0; i++)
		length = control_request_scan(&bytewise, text, i);
	ck_assert_int_eq(length, scan_rows[_i].length);
}
END_TEST

START_TEST(scan_refuses_nul)
{
	struct control_scan scan = { 0 };

	ck_assert_int_eq(control_request_scan(&scan, "\0{}", 3), -1);
	scan = (struct control_scan){ 0 };
	ck_assert_int_eq(control_request_scan(&scan, "{\"\0\"}", 5), -1);
}
END_TEST

static Suite *request_suite(void)
{
	Suite *suite = suite_create("request");
	TCase *group = tcase_create("request");

	tcase_add_loop_test(group, accepts_forward, 0, ARRAY_SIZE(add_rows));
	tcase_add_loop_test(group, accepts_verb, 0, ARRAY_SIZE(verb_rows));
	tcase_add_loop_test(group, refuses, 0, ARRAY_SIZE(refused_rows));
	tcase_add_test(group, refuses_nul_and_size);
	tcase_add_test(group, bounds_nesting);
	tcase_add_test(group, bounds_open_nesting);
	tcase_add_loop_test(group, scans, 0, ARRAY_SIZE(scan_rows));
	tcase_add_test(group, scan_refuses_nul);
	suite_add_tcase(suite, group);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(request_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
