/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/address: texts, properties, prefixes, socket addresses. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/util.h"

static struct address parsed(const char *text)
{
	struct address address = { 0 };

	ck_assert_msg(address_parse(text, &address), "%s", text);
	return address;
}

static struct prefix parsed_prefix(const char *text)
{
	struct prefix prefix = { 0 };

	ck_assert_msg(prefix_parse(text, &prefix), "%s", text);
	return prefix;
}

/* text, and what it reads when formatted; NULL if it is no address. */
static const char *const address_rows[][2] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "fd00::1", "fd00::1" },
	{ "[fd00::1]", "fd00::1" },
	{ "FD00:0:0:0:0:0:0:1", "fd00::1" },
	{ "::", "::" },
	{ "[::]", "::" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "", NULL },
	{ " 192.0.2.1", NULL },
	{ "192.0.2.1 ", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.1.5", NULL },
	{ "[192.0.2.1]", NULL },
	{ "[]", NULL },
	{ "[", NULL },
	{ "[fd00::1", NULL },
	{ "fd00::1]", NULL },
	{ "fd00::1%eth0", NULL },
	{ "fd00::1::2", NULL },
	{ "12345::1", NULL },
	{ "localhost", NULL },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555555555555555]", NULL },
};

START_TEST(address_texts)
{
	const char *const *row = address_rows[_i];
	struct address address, untouched;
	char text[ADDRESS_TEXT_MAX];

	memset(&address, 0x5a, sizeof(address));
	untouched = address;
	if (!row[1]) {
		ck_assert_msg(!address_parse(row[0], &address), "%s", row[0]);
		ck_assert_mem_eq(&address, &untouched, sizeof(address));
		return;
	}
	ck_assert_msg(address_parse(row[0], &address), "%s", row[0]);
	ck_assert_str_eq(address_format(&address, text), row[1]);
}
END_TEST

START_TEST(no_address)
{
	struct address none = { 0 };
	struct prefix prefix = { 0 };
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_format(&none, text), "none");
	ck_assert_str_eq(prefix_format(&prefix, text), "none");
	ck_assert(!address_is_unspecified(&none));
	ck_assert(!address_is_loopback(&none));
	ck_assert(!address_is_multicast(&none));
	ck_assert(address_equal(&none, &none));
	ck_assert(!prefix_contains(&prefix, &none));
}
END_TEST

START_TEST(made_from_bytes)
{
	struct address text = parsed("192.0.2.1");
	struct address text6 = parsed("fd00::1");
	struct address made = address_from_v4(text.v4);
	struct address made6 = address_from_v6(&text6.v6);

	ck_assert(address_equal(&text, &made));
	ck_assert(address_equal(&text6, &made6));
	ck_assert(!address_equal(&text, &text6));
	ck_assert_mem_eq(&made.bytes[4], (uint8_t[12]){ 0 }, 12);
}
END_TEST

#define UNSPECIFIED 1
#define LOOPBACK 2
#define MULTICAST 4

static const struct {
	const char *text;
	int properties;
} property_rows[] = {
	{ "0.0.0.0", UNSPECIFIED },
	{ "0.0.0.1", 0 },
	{ "::", UNSPECIFIED },
	{ "::1", LOOPBACK },
	{ "::2", 0 },
	{ "127.0.0.0", LOOPBACK },
	{ "127.255.255.255", LOOPBACK },
	{ "126.255.255.255", 0 },
	{ "128.0.0.0", 0 },
	{ "::ffff:127.0.0.1", LOOPBACK },
	{ "::ffff:128.0.0.1", 0 },
	{ "::127.0.0.1", 0 },
	{ "223.255.255.255", 0 },
	{ "224.0.0.0", MULTICAST },
	{ "239.255.255.255", MULTICAST },
	{ "240.0.0.0", 0 },
	{ "ff00::", MULTICAST },
	{ "ff02::1", MULTICAST },
	{ "fe80::1", 0 },
};

START_TEST(properties)
{
	struct address address = parsed(property_rows[_i].text);
	int found = (address_is_unspecified(&address) ? UNSPECIFIED : 0) |
		    (address_is_loopback(&address) ? LOOPBACK : 0) |
		    (address_is_multicast(&address) ? MULTICAST : 0);

	ck_assert_msg(found == property_rows[_i].properties, "%s: %d", property_rows[_i].text,
		      found);
}
END_TEST

START_TEST(unmapped)
{
	static const char *const rows[][2] = {
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "::192.0.2.1", "::192.0.2.1" },
		{ "::fffe:192.0.2.1", "::fffe:c000:201" },
		{ "fd00::1", "fd00::1" },
	};
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct address address = parsed(rows[i][0]);

		address = address_unmapped(&address);
		ck_assert_str_eq(address_format(&address, text), rows[i][1]);
	}
}
END_TEST

static const char *const prefix_rows[][2] = {
	{ "10.0.0.0/8", "10.0.0.0/8" },
	{ "10.0.2.0/24", "10.0.2.0/24" },
	{ "10.0.2.128/25", "10.0.2.128/25" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "192.0.2.1", "192.0.2.1/32" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "192.0.2.0/31", "192.0.2.0/31" },
	{ "::/0", "::/0" },
	{ "fd00::/8", "fd00::/8" },
	{ "fd00::1", "fd00::1/128" },
	{ "[fd00::]/64", "fd00::/64" },
	{ "[fd00::1]", "fd00::1/128" },
	{ "fe80::/10", "fe80::/10" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	{ "10.0.2.1/24", NULL },
	{ "10.0.2.64/25", NULL },
	{ "192.0.2.1/31", NULL },
	{ "1.0.0.0/0", NULL },
	{ "fd00::1/64", NULL },
	{ "fd01::/15", NULL },
	{ "10.0.0.0/33", NULL },
	{ "::/129", NULL },
	{ "10.0.0.0/", NULL },
	{ "10.0.0.0/-1", NULL },
	{ "10.0.0.0/+8", NULL },
	{ "10.0.0.0/8 ", NULL },
	{ "10.0.0.0/ 8", NULL },
	{ "10.0.0.0/8x", NULL },
	{ "10.0.0.0/0008", NULL },
	{ "10.0.0.0/8/8", NULL },
	{ "/8", NULL },
	{ "", NULL },
	{ "10.0.0.0/256", NULL },
	{ "10.0.0.0/4294967304", NULL },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128/////////", NULL },
};

START_TEST(prefix_texts)
{
	const char *const *row = prefix_rows[_i];
	struct prefix prefix, untouched;
	char text[ADDRESS_TEXT_MAX];

	memset(&prefix, 0x5a, sizeof(prefix));
	untouched = prefix;
	if (!row[1]) {
		ck_assert_msg(!prefix_parse(row[0], &prefix), "%s", row[0]);
		ck_assert_mem_eq(&prefix, &untouched, sizeof(prefix));
		return;
	}
	ck_assert_msg(prefix_parse(row[0], &prefix), "%s", row[0]);
	ck_assert_str_eq(prefix_format(&prefix, text), row[1]);
}
END_TEST

static const struct {
	const char *prefix;
	const char *address;
	bool contained;
} contains_rows[] = {
	{ "10.0.0.0/8", "10.0.0.0", true },
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.0.2.128/25", "10.0.2.128", true },
	{ "10.0.2.128/25", "10.0.2.127", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.0", false },
	{ "::/0", "ffff::1", true },
	{ "::/0", "192.0.2.1", false },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false },
	{ "fd00::/64", "fd00::ffff:ffff:ffff:ffff", true },
	{ "fd00::/64", "fd00:0:0:1::", false },
	{ "fd00::1", "fd00::1", true },
	{ "fd00::1", "fd00::2", false },
	{ "10.0.0.0/8", "::ffff:10.0.0.1", false },
};

START_TEST(contains)
{
	struct prefix prefix = parsed_prefix(contains_rows[_i].prefix);
	struct address address = parsed(contains_rows[_i].address);

	ck_assert_msg(prefix_contains(&prefix, &address) == contains_rows[_i].contained, "%s in %s",
		      contains_rows[_i].address, contains_rows[_i].prefix);
}
END_TEST

START_TEST(endpoint_texts)
{
	struct endpoint endpoint = { parsed("192.0.2.1"), 80 };
	struct endpoint endpoint6 = { parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 65535 };
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(endpoint_format(&endpoint, text), "192.0.2.1:80");
	ck_assert_str_eq(endpoint_format(&endpoint6, text),
			 "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}
END_TEST

START_TEST(endpoints_equal)
{
	struct endpoint a = { parsed("192.0.2.1"), 80 };
	struct endpoint b = a;

	ck_assert(endpoint_equal(&a, &b));
	b.port = 81;
	ck_assert(!endpoint_equal(&a, &b));
	b = (struct endpoint){ parsed("192.0.2.2"), 80 };
	ck_assert(!endpoint_equal(&a, &b));
	b = (struct endpoint){ parsed("::ffff:192.0.2.1"), 80 };
	ck_assert(!endpoint_equal(&a, &b));
}
END_TEST

START_TEST(sockaddr_round_trip)
{
	static const char *const texts[] = { "192.0.2.1", "fd00::1" };
	static const socklen_t lengths[] = { sizeof(struct sockaddr_in),
					     sizeof(struct sockaddr_in6) };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct endpoint endpoint = { parsed(texts[i]), 8080 };
		struct endpoint back = { .port = 1 };
		struct sockaddr_storage storage;
		socklen_t length;

		memset(&storage, 0x5a, sizeof(storage));
		length = endpoint_to_sockaddr(&endpoint, &storage);
		ck_assert_uint_eq(length, lengths[i]);
		ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &back));
		ck_assert(endpoint_equal(&endpoint, &back));
		back = (struct endpoint){ .port = 1 };
		for (socklen_t shorter = 0; shorter < length; shorter++)
			ck_assert(!endpoint_from_sockaddr((struct sockaddr *)&storage, shorter,
							  &back));
		ck_assert_uint_eq(back.port, 1);
	}
}
END_TEST

START_TEST(sockaddr_fields)
{
	struct endpoint endpoint = { parsed("192.0.2.1"), 0x1234 };
	struct endpoint none = { .port = 1 };
	struct sockaddr_storage storage;
	struct sockaddr_in in;

	endpoint_to_sockaddr(&endpoint, &storage);
	memcpy(&in, &storage, sizeof(in));
	ck_assert_int_eq(in.sin_family, AF_INET);
	ck_assert_uint_eq(in.sin_port, htons(0x1234));
	ck_assert_uint_eq(in.sin_addr.s_addr, inet_addr("192.0.2.1"));
	ck_assert_uint_eq(endpoint_to_sockaddr(&none, &storage), 0);
	storage.ss_family = AF_UNIX;
	ck_assert(!endpoint_from_sockaddr((struct sockaddr *)&storage, sizeof(storage), &none));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("address");
	TCase *cases = tcase_create("address");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, address_texts, 0, ARRAY_SIZE(address_rows));
	tcase_add_test(cases, no_address);
	tcase_add_test(cases, made_from_bytes);
	tcase_add_loop_test(cases, properties, 0, ARRAY_SIZE(property_rows));
	tcase_add_test(cases, unmapped);
	tcase_add_loop_test(cases, prefix_texts, 0, ARRAY_SIZE(prefix_rows));
	tcase_add_loop_test(cases, contains, 0, ARRAY_SIZE(contains_rows));
	tcase_add_test(cases, endpoint_texts);
	tcase_add_test(cases, endpoints_equal);
	tcase_add_test(cases, sockaddr_round_trip);
	tcase_add_test(cases, sockaddr_fields);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
