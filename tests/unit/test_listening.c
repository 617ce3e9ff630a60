/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program listens, by tables as the kernel prints them (proc_net(5)). */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/util.h"
#include "session/listening.h"

#define HEADING                                                                                    \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define REST " 00000000:00000000 00:00000000 00000000  1000        0 12345 1\n"

/* A line each: what it says, what is asked for. */
static const struct {
	const char *address; /* as text */
	const char *port;    /* as the table has it */
	const char *state;
	const char *asked;
	uint16_t asked_port;
	bool expected;
} rows[] = {
	{ "0.0.0.0", "1F90", "0A", "10.0.2.100", 8080, true },
	{ "10.0.2.100", "1F90", "0A", "10.0.2.100", 8080, true },
	{ "127.0.0.1", "1F90", "0A", "10.0.2.100", 8080, false },
	{ "0.0.0.0", "1F90", "0A", "10.0.2.100", 8081, false },
	{ "0.0.0.0", "1F90", "01", "10.0.2.100", 8080, false },
	{ "0.0.0.0", "1F90", "07", "10.0.2.100", 8080, false },
	{ "0.0.0.0", "1F90", "0A", "fd00::100", 8080, false },
	{ "::", "1F90", "0A", "fd00::100", 8080, true },
	{ "::", "1F90", "0A", "10.0.2.100", 8080, true },
	{ "::1", "1F90", "0A", "fd00::100", 8080, false },
	{ "fd00::100", "1F90", "0A", "fd00::100", 8080, true },
	{ "fd00::100", "1F90", "0A", "10.0.2.100", 8080, false },
	{ "::ffff:10.0.2.100", "1F90", "0A", "10.0.2.100", 8080, true },
	{ "::ffff:0.0.0.0", "1F90", "0A", "10.0.2.100", 8080, true },
	{ "::ffff:0.0.0.0", "1F90", "0A", "fd00::100", 8080, false },
	{ "::", "FFFF", "0A", "fd00::100", 65535, true },
};

/* The address as the kernel prints it: words of this machine. */
static void print_address(GString *text, const char *address)
{
	uint32_t words[4];
	int count = strchr(address, ':') ? 4 : 1;

	ck_assert_int_eq(inet_pton(count == 4 ? AF_INET6 : AF_INET, address, words), 1);
	for (int i = 0; i < count; i++)
		g_string_append_printf(text, "%08X", words[i]);
}

static struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert(address_parse(address, &endpoint.address));
	return endpoint;
}

START_TEST(judges_a_line)
{
	const struct endpoint asked = endpoint_of(rows[_i].asked, rows[_i].asked_port);
	GString *text = g_string_new(HEADING "   0: ");

	print_address(text, rows[_i].address);
	g_string_append_printf(text, ":%s ", rows[_i].port);
	print_address(text, strchr(rows[_i].address, ':') ? "::" : "0.0.0.0");
	g_string_append_printf(text, ":0000 %s" REST, rows[_i].state);
	ck_assert_msg(listening_in_table(text->str, &asked) == rows[_i].expected, "%s", text->str);
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(finds_any_line)
{
	const struct endpoint asked = endpoint_of("10.0.2.100", 80);
	static const char table[] = HEADING "   0: 00000000:1F90 00000000:0000 0A" REST
					    "  12: 00000000:0050 00000000:0000 0A" REST
					    "1234: 00000000:0051 00000000:0000 0A" REST;
	const struct endpoint other = endpoint_of("10.0.2.100", 0x52);

	ck_assert(listening_in_table(table, &asked));
	ck_assert(!listening_in_table(table, &other));
}
END_TEST

static const char *const oddities[] = {
	"",
	"\n",
	"\n\n\n",
	HEADING,
	"   0:",
	"   0: 0000000:0050 00000000:0000 0A" REST,
	"   0: 000000000:0050 00000000:0000 0A" REST,
	"   0: 0000000000000000:0050 00000000:0000 0A" REST,
	"   0: 0000000000000000000000000000000000000000000000000:0050 0:0000 0A" REST,
	"   0: 00000000:0050",
	"   0: 00000000:0050 00000000:0000 ",
	"   0: ZZZZZZZZ:0050 00000000:0000 0A" REST,
};

START_TEST(survives_oddities)
{
	const struct endpoint asked = endpoint_of("10.0.2.100", 80);

	ck_assert(!listening_in_table(oddities[_i], &asked));
}
END_TEST

START_TEST(finds_own_socket)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t length = sizeof(name);
	struct endpoint endpoint;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, length), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	endpoint = endpoint_of("127.0.0.1", ntohs(name.sin_port));
	ck_assert(!listening_in_process(getpid(), &endpoint));
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert(listening_in_process(getpid(), &endpoint));
	close(fd);
	ck_assert(!listening_in_process(getpid(), &endpoint));
	ck_assert(!listening_in_process(0x7fffffff, &endpoint));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("listening");
	TCase *cases = tcase_create("listening");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, judges_a_line, 0, ARRAY_SIZE(rows));
	tcase_add_test(cases, finds_any_line);
	tcase_add_loop_test(cases, survives_oddities, 0, ARRAY_SIZE(oddities));
	tcase_add_test(cases, finds_own_socket);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
