/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/capture_read: captures of each kind, and those that end early or lie. */

#include "config.h"

#include <byteswap.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/capture.h"
#include "explain/capture_read.h"

#define MICROSECONDS 0xa1b2c3d4
#define NANOSECONDS 0xa1b23c4d

/* A capture that a test puts together. */
static uint8_t bytes[4096];
static size_t size;
static bool swapped;

static void put32(uint32_t value)
{
	value = swapped ? bswap_32(value) : value;
	memcpy(bytes + size, &value, sizeof(value));
	size += sizeof(value);
}

static void put16(uint16_t value)
{
	value = swapped ? bswap_16(value) : value;
	memcpy(bytes + size, &value, sizeof(value));
	size += sizeof(value);
}

static void begin(bool foreign, uint32_t magic, uint16_t version, uint32_t linktype)
{
	size = 0;
	swapped = foreign;
	put32(magic);
	put16(version);
	put16(4);
	put32(0);
	put32(0);
	put32(262144);
	put32(linktype);
}

static void put_record(uint32_t seconds, uint32_t fraction, uint32_t captured, uint32_t length)
{
	put32(seconds);
	put32(fraction);
	put32(captured);
	put32(length);
	for (uint32_t i = 0; i < captured && size < sizeof(bytes); i++)
		bytes[size++] = (uint8_t)i;
}

static struct capture_reader *open_bytes(size_t length, GError **error)
{
	FILE *file = fmemopen(bytes, length, "r");
	struct capture_reader *reader;

	ck_assert_ptr_nonnull(file);
	reader = capture_reader_new(file, error);
	if (!reader)
		fclose(file);
	return reader;
}

static struct capture_reader *open_good(void)
{
	GError *error = NULL;
	struct capture_reader *reader = open_bytes(size, &error);

	ck_assert_msg(reader != NULL, "%s", error ? error->message : "");
	return reader;
}

static void expect_record(struct capture_reader *reader, int64_t time, size_t captured,
			  size_t length)
{
	struct capture_record record;
	GError *error = NULL;

	ck_assert(capture_reader_next(reader, &record, &error));
	ck_assert_ptr_null(error);
	ck_assert_int_eq(record.time, time);
	ck_assert_uint_eq(record.captured, captured);
	ck_assert_uint_eq(record.length, length);
	for (size_t i = 0; i < captured; i++)
		ck_assert_uint_eq(record.frame[i], (uint8_t)i);
}

static void expect_end(struct capture_reader *reader, bool torn)
{
	struct capture_record record;
	GError *error = NULL;

	ck_assert(!capture_reader_next(reader, &record, &error));
	ck_assert_ptr_null(error);
	ck_assert_int_eq(capture_reader_is_torn(reader), torn);
	capture_reader_free(reader);
}

/* Four kinds: each byte order, each clock. */
START_TEST(each_kind)
{
	bool nanoseconds = _i & 2;
	struct capture_reader *reader;

	begin(_i & 1, nanoseconds ? NANOSECONDS : MICROSECONDS, 2, 1);
	put_record(1700000000, nanoseconds ? 123456789 : 123456, 60, 60);
	put_record(1700000001, 0, 14, 65000);
	put_record(1700000002, 0, 0, 0);
	reader = open_good();
	expect_record(reader, 1700000000123456, 60, 60);
	expect_record(reader, 1700000001000000, 14, 65000);
	expect_record(reader, 1700000002000000, 0, 0);
	expect_end(reader, false);
}
END_TEST

START_TEST(what_the_engine_begins)
{
	FILE *file = tmpfile();
	struct capture_reader *reader;
	GError *error = NULL;

	ck_assert_int_eq(capture_begin(fileno(file)), 0);
	rewind(file);
	reader = capture_reader_new(file, &error);
	ck_assert_ptr_nonnull(reader);
	expect_end(reader, false);
}
END_TEST

/* Cut at each byte: records that are whole come out, and nothing else. */
START_TEST(cut_short)
{
	const size_t header = 24, first = 24 + 16 + 20, second = first + 16 + 5;

	begin(false, MICROSECONDS, 2, 1);
	put_record(1, 2, 20, 20);
	put_record(3, 4, 5, 5);
	for (size_t length = 1; length <= second; length++) {
		GError *error = NULL;
		struct capture_reader *reader = open_bytes(length, &error);

		if (length < header) {
			ck_assert_ptr_null(reader);
			ck_assert_ptr_nonnull(error);
			g_error_free(error);
			continue;
		}
		ck_assert_ptr_nonnull(reader);
		if (length >= first)
			expect_record(reader, 1000002, 20, 20);
		if (length == second)
			expect_record(reader, 3000004, 5, 5);
		expect_end(reader, length != header && length != first && length != second);
	}
}
END_TEST

/* A captured length beyond any frame, and a length below what was captured. */
START_TEST(lying_lengths)
{
	struct capture_reader *reader;
	struct capture_record record;
	GError *error = NULL;

	begin(false, MICROSECONDS, 2, 1);
	put_record(0, 0, 20, 5);
	put32(0);
	put32(0);
	put32(262145);
	put32(262145);
	reader = open_good();
	expect_record(reader, 0, 20, 20);
	ck_assert(!capture_reader_next(reader, &record, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "262145"));
	g_error_free(error);
	capture_reader_free(reader);
}
END_TEST

/* A length of all ones must not be read as a small one. */
START_TEST(longest_lie)
{
	struct capture_reader *reader;
	struct capture_record record;
	GError *error = NULL;

	begin(true, MICROSECONDS, 2, 1);
	put32(UINT32_MAX);
	put32(UINT32_MAX);
	put32(UINT32_MAX);
	put32(UINT32_MAX);
	reader = open_good();
	ck_assert(!capture_reader_next(reader, &record, &error));
	ck_assert_ptr_nonnull(error);
	g_error_free(error);
	capture_reader_free(reader);
}
END_TEST

static const struct {
	uint32_t magic;
	uint16_t version;
	uint32_t linktype;
	const char *complaint;
} strangers[] = {
	{ 0x0a0d0d0a, 2, 1, "not a capture" }, /* pcapng */
	{ 0, 2, 1, "not a capture" },	       { MICROSECONDS, 3, 1, "version 3" },
	{ MICROSECONDS, 2, 101, "Ethernet" },  { NANOSECONDS, 2, 0, "Ethernet" },
};

START_TEST(no_captures_of_ours)
{
	GError *error = NULL;

	begin(false, strangers[_i].magic, strangers[_i].version, strangers[_i].linktype);
	ck_assert_ptr_null(open_bytes(size, &error));
	ck_assert_ptr_nonnull(strstr(error->message, strangers[_i].complaint));
	g_error_free(error);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture_read");
	TCase *tests = tcase_create("capture_read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, each_kind, 0, 4);
	tcase_add_test(tests, what_the_engine_begins);
	tcase_add_test(tests, cut_short);
	tcase_add_test(tests, lying_lengths);
	tcase_add_test(tests, longest_lie);
	tcase_add_loop_test(tests, no_captures_of_ours, 0, G_N_ELEMENTS(strangers));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
