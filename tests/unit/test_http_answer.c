/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of explain/http_answer: what requests get, and those of nobody's browser. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "explain/http_answer.h"

static const struct {
	const char *request;
	const char *status; /* the start of the header */
	uint64_t body;
	uint64_t upload;
	bool expects;
} rows[] = {
	{ "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", 64, 0, false },
	{ "GET /page HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", 64, 0, false },
	{ "GET /1000000 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1000000, 0, false },
	{ "GET /0 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 0, 0, false },
	{ "GET /10x HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 64, 0, false },
	{ "GET /99999999999999999999999 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 0, 0, false },
	{ "GET /5\n\n", "HTTP/1.1 200 OK\r\n", 5, 0, false },
	{ "PUT /x HTTP/1.1\r\ncontent-length: 77\r\nExpect: 100-continue\r\n\r\n",
	  "HTTP/1.1 200 OK\r\n", 0, 77, true },
	{ "POST /x HTTP/1.1\r\nContent-Length:  5 \r\n\r\n", "HTTP/1.1 200 OK\r\n", 0, 5, false },
	{ "PUT /x HTTP/1.1\r\nContent-Length: -5\r\nExpect: y\r\n\r\n", "HTTP/1.1 200 OK\r\n", 0, 0,
	  false },
	{ "DELETE / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ", 0, 0, false },
	{ "GET\r\n\r\n", "HTTP/1.1 200 OK\r\n", 64, 0, false },
	{ "\r\n\r\n", "HTTP/1.1 405 ", 0, 0, false },
	{ "\x80\xff\n\n", "HTTP/1.1 405 ", 0, 0, false },
};

START_TEST(requests)
{
	struct http_answer answer;
	size_t length = strlen(rows[_i].request);
	char *copy = malloc(length);

	memcpy(copy, rows[_i].request, length);
	ck_assert(http_is_whole(copy, length));
	ck_assert(!http_is_whole(copy, length - 1));
	http_answer(copy, length, &answer);
	ck_assert_msg(strncmp(answer.header, rows[_i].status, strlen(rows[_i].status)) == 0, "%s",
		      answer.header);
	ck_assert(http_is_whole(answer.header, strlen(answer.header)));
	ck_assert_uint_eq(answer.body, rows[_i].body);
	ck_assert_uint_eq(answer.upload, rows[_i].upload);
	ck_assert_int_eq(answer.expects, rows[_i].expects);
	free(copy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("http_answer");
	TCase *tests = tcase_create("http_answer");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, requests, 0, sizeof(rows) / sizeof(*rows));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
