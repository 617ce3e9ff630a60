/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the capture writer. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/capture.h"
#include "slirp-glue/pcap.h"

#define HEADER_SIZE 24
#define RECORD_SIZE 16

static int file;

static void setup(void)
{
	char path[] = "/tmp/test_pcap.XXXXXX";

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	file = mkstemp(path);
	ck_assert_int_ge(file, 0);
	unlink(path);
	ck_assert_int_eq(capture_begin(file), 0);
}

static void teardown(void)
{
	close(file);
}

/* The capture takes a duplicate, so that the test can read the file afterwards. */
static struct pcap *start(void)
{
	struct pcap *pcap = pcap_new(fcntl(file, F_DUPFD_CLOEXEC, 0));

	ck_assert_ptr_nonnull(pcap);
	return pcap;
}

static uint32_t word_at(const uint8_t *data, size_t offset)
{
	uint32_t word;

	memcpy(&word, data + offset, sizeof(word));
	return word;
}

static size_t read_file(uint8_t *data, size_t size)
{
	ssize_t length = pread(file, data, size, 0);

	ck_assert_int_ge(length, 0);
	return (size_t)length;
}

/* Walks through a capture; the number of its records, or -1 if it is torn or not a capture. */
static int count_records(const uint8_t *data, size_t length)
{
	size_t offset = HEADER_SIZE;
	int count = 0;

	if (length < HEADER_SIZE || word_at(data, 0) != 0xa1b2c3d4)
		return -1;
	while (offset < length) {
		if (length - offset < RECORD_SIZE ||
		    length - offset - RECORD_SIZE < word_at(data, offset + 8))
			return -1;
		offset += RECORD_SIZE + word_at(data, offset + 8);
		count++;
	}
	return count;
}

START_TEST(header_and_records_are_exact)
{
	static const uint8_t header[HEADER_SIZE] = {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		0xd4,
		0xc3,
		0xb2,
		0xa1,
		2,
		0,
		4,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		4,
		0,
		1,
		0,
		0,
		0,
#else
		0xa1,
		0xb2,
		0xc3,
		0xd4,
		0,
		2,
		0,
		4,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		4,
		0,
		0,
		0,
		0,
		0,
		1,
#endif
	};
	static const uint8_t frame[] = "fourteen bytes and some";
	uint8_t data[200];
	struct pcap *pcap = start();
	time_t before = time(NULL);

	/* The header is there at once. */
	ck_assert_uint_eq(read_file(data, sizeof(data)), HEADER_SIZE);
	ck_assert_mem_eq(data, header, HEADER_SIZE);
	pcap_write(pcap, frame, sizeof(frame));
	pcap_write(pcap, frame, 14);
	ck_assert_uint_eq(read_file(data, sizeof(data)), HEADER_SIZE);
	ck_assert_int_eq(pcap_flush(pcap), 0);
	ck_assert_uint_eq(read_file(data, sizeof(data)),
			  HEADER_SIZE + 2 * RECORD_SIZE + sizeof(frame) + 14);
	ck_assert_uint_ge(word_at(data, 24), (uint32_t)before);
	/* time(2) may lag behind clock_gettime(2) by a tick. */
	ck_assert_uint_le(word_at(data, 24), (uint32_t)time(NULL) + 1);
	ck_assert_uint_lt(word_at(data, 28), 1000000);
	ck_assert_uint_eq(word_at(data, 32), sizeof(frame));
	ck_assert_uint_eq(word_at(data, 36), sizeof(frame));
	ck_assert_mem_eq(data + 40, frame, sizeof(frame));
	ck_assert_uint_eq(word_at(data, 40 + sizeof(frame) + 8), 14);
	ck_assert_uint_eq(pcap_left_out(pcap), 0);
	pcap_free(pcap);
}
END_TEST

START_TEST(a_frame_is_cut_to_the_snapshot)
{
	static const uint8_t frame[] = "fourteen bytes and some";
	uint8_t data[200];
	struct pcap *pcap = start();

	pcap_set_snapshot(pcap, 14);
	pcap_write(pcap, frame, sizeof(frame));
	pcap_write(pcap, frame, 5);
	pcap_free(pcap);
	ck_assert_uint_eq(read_file(data, sizeof(data)), HEADER_SIZE + 2 * RECORD_SIZE + 14 + 5);
	ck_assert_uint_eq(word_at(data, 32), 14);
	ck_assert_uint_eq(word_at(data, 36), sizeof(frame));
	ck_assert_mem_eq(data + 40, frame, 14);
	ck_assert_uint_eq(word_at(data, 54 + 8), 5);
	ck_assert_uint_eq(word_at(data, 54 + 12), 5);
}
END_TEST

START_TEST(large_frames_fill_the_buffer_many_times)
{
	uint8_t *frame = g_malloc0(65549);
	uint8_t *data = g_malloc(8 * 1024 * 1024);
	struct pcap *pcap = start();

	for (int i = 0; i < 100; i++)
		pcap_write(pcap, frame, 65549);
	pcap_free(pcap);
	ck_assert_int_eq(count_records(data, read_file(data, 8 * 1024 * 1024)), 100);
	g_free(frame);
	g_free(data);
}
END_TEST

START_TEST(overlong_frame_is_cut)
{
	uint8_t *frame = g_malloc0(500000);
	uint8_t *data = g_malloc(1024 * 1024);
	struct pcap *pcap = start();

	pcap_write(pcap, frame, 500000);
	pcap_free(pcap);
	ck_assert_int_eq(count_records(data, read_file(data, 1024 * 1024)), 1);
	ck_assert_uint_lt(word_at(data, 32), 500000);
	ck_assert_uint_eq(word_at(data, 36), 500000);
	g_free(frame);
	g_free(data);
}
END_TEST

START_TEST(capture_goes_on_at_its_end)
{
	uint8_t data[400];
	struct pcap *pcap;

	for (int i = 0; i < 3; i++) {
		/* Wherever the last owner left the offset. */
		lseek(file, 3, SEEK_SET);
		pcap = start();
		pcap_write(pcap, data, 20);
		pcap_free(pcap);
	}
	ck_assert_int_eq(count_records(data, read_file(data, sizeof(data))), 3);
}
END_TEST

START_TEST(other_content_is_left_alone)
{
	static const char *const contents[] = { "", "short", "a text that is no capture at all\n" };
	uint8_t data[100];

	for (size_t i = 0; i < G_N_ELEMENTS(contents); i++) {
		ck_assert_int_eq(ftruncate(file, 0), 0);
		ck_assert_int_eq(pwrite(file, contents[i], strlen(contents[i]), 0),
				 strlen(contents[i]));
		errno = 0;
		ck_assert_ptr_null(pcap_new(file));
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_uint_eq(read_file(data, sizeof(data)), strlen(contents[i]));
		/* Still the caller's, and open. */
		ck_assert_int_ge(fcntl(file, F_GETFD), 0);
	}
	errno = 0;
	ck_assert_ptr_null(pcap_new(-1));
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(full_disk_is_told_once_and_leaves_whole_records)
{
	struct rlimit limit = { 100000, RLIM_INFINITY };
	uint8_t *frame = g_malloc0(30000);
	uint8_t *data = g_malloc(1024 * 1024);
	struct pcap *pcap = start();

	pcap_write(pcap, frame, 30000);
	ck_assert_int_eq(pcap_flush(pcap), 0);
	/* A limit on the size stands for the full disk: the last write is cut short. */
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 30; i++)
		pcap_write(pcap, frame, 30000);
	ck_assert_int_eq(pcap_flush(pcap), -EFBIG);
	ck_assert_int_eq(pcap_flush(pcap), 0);
	pcap_write(pcap, frame, 30000);
	ck_assert_int_eq(pcap_flush(pcap), 0);
	pcap_free(pcap);
	ck_assert_int_eq(count_records(data, read_file(data, 1024 * 1024)), 1);
	g_free(frame);
	g_free(data);
}
END_TEST

START_TEST(slow_reader_loses_whole_frames_only)
{
	uint8_t *frame = g_malloc0(10000);
	uint8_t *data = g_malloc(2 * 1024 * 1024);
	size_t length = 0;
	ssize_t more;
	int ends[2];
	struct pcap *pcap;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(capture_begin(ends[1]), 0);
	pcap = pcap_new(ends[1]);
	ck_assert_ptr_nonnull(pcap);
	/* Nobody reads: no call may block. */
	for (int i = 0; i < 100; i++)
		pcap_write(pcap, frame, 10000);
	ck_assert_int_eq(pcap_flush(pcap), 0);
	ck_assert_uint_gt(pcap_left_out(pcap), 10);
	ck_assert_uint_lt(pcap_left_out(pcap), 90);
	/* Now the reader wakes up. */
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	do {
		ck_assert_int_eq(pcap_flush(pcap), 0);
		more = read(ends[0], data + length, 65536);
		length += more > 0 ? (size_t)more : 0;
	} while (more > 0);
	ck_assert_int_eq(count_records(data, length), 100 - (int)pcap_left_out(pcap));
	pcap_free(pcap);
	close(ends[0]);
	g_free(frame);
	g_free(data);
}
END_TEST

/* As when an engine takes over from a lost one: the reader sees one capture. */
START_TEST(pipe_has_one_header)
{
	uint8_t frame[100] = { 0 };
	uint8_t data[400];
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(capture_begin(ends[1]), 0);
	for (int i = 0; i < 2; i++) {
		struct pcap *pcap = pcap_new(fcntl(ends[1], F_DUPFD_CLOEXEC, 0));

		ck_assert_ptr_nonnull(pcap);
		pcap_write(pcap, frame, sizeof(frame));
		pcap_free(pcap);
	}
	ck_assert_int_eq(count_records(data, (size_t)read(ends[0], data, sizeof(data))), 2);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(beginning_fails_on_a_full_device)
{
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(full, 0);
	ck_assert_int_eq(capture_begin(full), -ENOSPC);
	close(full);
}
END_TEST

START_TEST(reader_gone_is_told_once)
{
	uint8_t frame[100] = { 0 };
	int ends[2];
	struct pcap *pcap;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pcap = pcap_new(ends[1]);
	ck_assert_ptr_nonnull(pcap);
	close(ends[0]);
	pcap_write(pcap, frame, sizeof(frame));
	ck_assert_int_eq(pcap_flush(pcap), -EPIPE);
	pcap_write(pcap, frame, sizeof(frame));
	ck_assert_int_eq(pcap_flush(pcap), 0);
	pcap_free(pcap);
	pcap_free(NULL);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pcap");
	TCase *tests = tcase_create("pcap");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_frame_is_cut_to_the_snapshot);
	tcase_add_test(tests, header_and_records_are_exact);
	tcase_add_test(tests, large_frames_fill_the_buffer_many_times);
	tcase_add_test(tests, overlong_frame_is_cut);
	tcase_add_test(tests, capture_goes_on_at_its_end);
	tcase_add_test(tests, other_content_is_left_alone);
	tcase_add_test(tests, full_disk_is_told_once_and_leaves_whole_records);
	tcase_add_test(tests, slow_reader_loses_whole_frames_only);
	tcase_add_test(tests, pipe_has_one_header);
	tcase_add_test(tests, beginning_fails_on_a_full_device);
	tcase_add_test(tests, reader_gone_is_told_once);
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
