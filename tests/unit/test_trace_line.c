/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/trace_line: whatever is in a call, the line is one line of JSON that says it. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "syscall/call.h"
#include "syscall/trace_line.h"

static GString *text;

static void setup(void)
{
	text = g_string_new(NULL);
}

static void teardown(void)
{
	g_string_free(text, TRUE);
	text = NULL;
}

/* The text's only line, parsed; the caller unrefs it. */
static JsonObject *parse(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) node = NULL;

	ck_assert_uint_gt(text->len, 0);
	ck_assert_ptr_eq(strchr(text->str, '\n'), text->str + text->len - 1);
	for (size_t i = 0; i < text->len - 1; i++)
		ck_assert_msg(text->str[i] >= 0x20 && text->str[i] < 0x7f, "byte %zu", i);
	node = json_from_string(text->str, &error);
	ck_assert_msg(node && JSON_NODE_HOLDS_OBJECT(node), "%s: %s", text->str,
		      error ? error->message : "no object");
	return json_node_dup_object(node);
}

static struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert(address_parse(address, &endpoint.address));
	return endpoint;
}

START_TEST(everything)
{
	struct endpoint endpoint = endpoint_of("2001:db8::1", 443);
	struct trace_line line = { .time = 1706702400000001,
				   .pid = 71,
				   .comm = "curl",
				   .call = "connect",
				   .address = &endpoint,
				   .verdict = "refuse",
				   .reason = "denied by policy",
				   .error = ECONNREFUSED,
				   .microseconds = 41 };

	trace_line_append(text, &line);
	ck_assert_str_eq(text->str,
			 "{\"time\":\"2024-01-31T12:00:00.000001Z\",\"pid\":71,\"comm\":\"curl\","
			 "\"call\":\"connect\",\"address\":\"[2001:db8::1]:443\","
			 "\"verdict\":\"refuse\",\"reason\":\"denied by policy\","
			 "\"error\":\"ECONNREFUSED\",\"microseconds\":41}\n");
	json_object_unref(parse());
}
END_TEST

START_TEST(nothing_to_say)
{
	static const char *const absent[] = { "address", "verdict", "reason", "error" };
	struct endpoint none = { .address.family = AF_UNSPEC };
	struct trace_line line = { .comm = "", .call = "listen", .address = &none };

	for (int i = 0; i < 2; i++) {
		g_autoptr(JsonObject) object = NULL;

		g_string_truncate(text, 0);
		line.address = i ? NULL : &none;
		trace_line_append(text, &line);
		object = parse();
		for (size_t j = 0; j < ARRAY_SIZE(absent); j++)
			ck_assert(!json_object_has_member(object, absent[j]));
		ck_assert_str_eq(json_object_get_string_member(object, "comm"), "");
		ck_assert_str_eq(json_object_get_string_member(object, "time"),
				 "1970-01-01T00:00:00.000000Z");
	}
}
END_TEST

START_TEST(lines_are_appended)
{
	struct trace_line line = { .comm = "a", .call = "bind" };
	size_t length;

	trace_line_append(text, &line);
	length = text->len;
	trace_line_append(text, &line);
	ck_assert_uint_eq(text->len, 2 * length);
	ck_assert_mem_eq(text->str, text->str + length, length);
}
END_TEST

START_TEST(extreme_numbers)
{
	static const struct {
		int64_t time;
		const char *text;
	} times[] = {
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ -1000000, "1969-12-31T23:59:59.000000Z" },
		{ 253402300799999999, "9999-12-31T23:59:59.999999Z" },
		{ INT64_MAX, NULL },
		{ INT64_MIN, NULL },
	};
	struct trace_line line = { .pid = -1, .comm = "a", .call = "b", .microseconds = INT64_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		g_autoptr(JsonObject) object = NULL;

		g_string_truncate(text, 0);
		line.time = times[i].time;
		trace_line_append(text, &line);
		object = parse();
		if (times[i].text)
			ck_assert_str_eq(json_object_get_string_member(object, "time"),
					 times[i].text);
		ck_assert_int_eq(json_object_get_int_member(object, "pid"), -1);
		ck_assert_int_eq(json_object_get_int_member(object, "microseconds"), INT64_MAX);
	}
}
END_TEST

/* Among them those that the C library has no name for. */
START_TEST(errors_by_name)
{
	static const struct {
		int error;
		const char *name;
	} rows[] = {
		{ ETIMEDOUT, "ETIMEDOUT" },
		{ RESTART_CALL, "ERESTARTSYS" },
		{ 513, "513" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trace_line line = { .comm = "a", .call = "connect", .error = rows[i].error };
		g_autoptr(JsonObject) object = NULL;

		g_string_truncate(text, 0);
		trace_line_append(text, &line);
		object = parse();
		ck_assert_str_eq(json_object_get_string_member(object, "error"), rows[i].name);
	}
}
END_TEST

/* What a hostile name reads after the JSON is parsed. */
static const struct {
	const char *comm;
	const char *read;
} names[] = {
	{ "plain", "plain" },
	{ "\"},{\"a\":\"", "\"},{\"a\":\"" },
	{ "\\", "\\" },
	{ "\\\"", "\\\"" },
	{ "\\u0041", "\\u0041" },
	{ "a\nb\r\tc", "a\nb\r\tc" },
	{ "\x1b[2J\x7f\a\b", "\x1b[2J\x7f\a\b" },
	{ "\xc2\x9b"
	  "31m",
	  "\xc2\x9b"
	  "31m" },
	{ "\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac" },
	{ "\xe2\x80\xae\xe2\x80\xa8", "\xe2\x80\xae\xe2\x80\xa8" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
	{ "\xef\xbf\xbf", "\xef\xbf\xbf" },
	/* Not UTF-8: stray, cut, overlong, surrogate, too large. */
	{ "a\x80z", "a\xef\xbf\xbdz" },
	{ "a\xffz", "a\xef\xbf\xbdz" },
	{ "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf0\x9f\x98", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xe2\x82\"", "\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(hostile_names)
{
	struct trace_line line = { .comm = names[_i].comm, .call = "connect" };
	g_autoptr(JsonObject) object = NULL;

	trace_line_append(text, &line);
	object = parse();
	ck_assert_str_eq(json_object_get_string_member(object, "comm"), names[_i].read);
	ck_assert_uint_eq(json_object_get_size(object), 5);
}
END_TEST

START_TEST(every_pair_of_bytes)
{
	char comm[3] = "";
	struct trace_line line = { .comm = comm, .call = "connect" };

	for (unsigned int pair = 0x0101; pair <= 0xffff; pair += pair % 256 < 128 ? 3 : 7) {
		g_autoptr(JsonObject) object = NULL;

		comm[0] = (char)(pair >> 8);
		comm[1] = (char)pair;
		g_string_truncate(text, 0);
		trace_line_append(text, &line);
		object = parse();
		if (g_utf8_validate(comm, -1, NULL))
			ck_assert_str_eq(json_object_get_string_member(object, "comm"), comm);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trace_line");
	TCase *cases = tcase_create("trace_line");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(cases, setup, teardown);
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, everything);
	tcase_add_test(cases, nothing_to_say);
	tcase_add_test(cases, lines_are_appended);
	tcase_add_test(cases, extreme_numbers);
	tcase_add_test(cases, errors_by_name);
	tcase_add_loop_test(cases, hostile_names, 0, ARRAY_SIZE(names));
	tcase_add_test(cases, every_pair_of_bytes);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
