/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of slirp-glue/flow_table. */

#include "config.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "slirp-glue/flow_table.h"

static struct endpoint endpoint(const char *address, uint16_t port)
{
	struct endpoint result = { .port = port };

	ck_assert(address_parse(address, &result.address));
	return result;
}

static struct flow_key tcp_key(const char *guest, uint16_t port, const char *remote,
			       uint16_t remote_port)
{
	return (struct flow_key){ IPPROTO_TCP, endpoint(guest, port),
				  endpoint(remote, remote_port) };
}

START_TEST(flows_are_told_apart)
{
	struct flow_key keys[] = {
		tcp_key("10.0.2.100", 1, "192.0.2.1", 80),
		tcp_key("10.0.2.100", 2, "192.0.2.1", 80),
		tcp_key("10.0.2.101", 1, "192.0.2.1", 80),
		tcp_key("10.0.2.100", 1, "192.0.2.2", 80),
		tcp_key("10.0.2.100", 1, "192.0.2.1", 81),
		tcp_key("fd00::100", 1, "fd00::2", 80),
		tcp_key("fd00::100", 1, "fd00::3", 80),
		tcp_key("10.0.2.100", 1, "192.0.2.1", 80),
	};
	size_t count = sizeof(keys) / sizeof(keys[0]);
	struct flow_table *table = flow_table_new();

	keys[count - 1].protocol = IPPROTO_UDP;
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(flow_table_find(table, &keys[i]), -1);
		flow_table_add(table, &keys[i], (int)i);
	}
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(flow_table_find(table, &keys[i]), (int)i);
	flow_table_free(table);
}
END_TEST

/* Two descriptors may have carried one flow, one after the other. */
START_TEST(only_the_owner_removes)
{
	struct flow_key key = tcp_key("10.0.2.100", 1, "192.0.2.1", 80);
	struct flow_table *table = flow_table_new();

	flow_table_remove(table, &key, 7);
	flow_table_add(table, &key, 7);
	flow_table_add(table, &key, 8);
	flow_table_remove(table, &key, 7);
	ck_assert_int_eq(flow_table_find(table, &key), 8);
	flow_table_remove(table, &key, 8);
	ck_assert_int_eq(flow_table_find(table, &key), -1);
	flow_table_free(table);
	flow_table_free(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow_table");
	TCase *cases = tcase_create("flow_table");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, cases);
	tcase_add_test(cases, flows_are_told_apart);
	tcase_add_test(cases, only_the_owner_removes);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
