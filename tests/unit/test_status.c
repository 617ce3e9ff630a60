/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session as JSON: what is there, what is left out, and text that nobody vouches for. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/status.h"
#include "syscall/call_counters.h"

static struct session_config config;
static GArray *forwards;
static bool device_gone;
static const struct supervisor_status *supervisor;

static void set_up(void)
{
	session_config_init(&config);
	config.name = g_strdup("web");
	config.device = DEVICE_TAP;
	device_gone = false;
	supervisor = NULL;
	forwards = g_array_new(FALSE, TRUE, sizeof(struct session_forward));
}

static void tear_down(void)
{
	session_config_clear(&config);
	g_array_unref(forwards);
}

static JsonObject *build(const struct engine_status *engine, const struct flow *flows,
			 char *const *command)
{
	const struct status_source source = {
		.config = &config,
		.command = command,
		.forwards = forwards,
		.engine_pid = engine != NULL ? 4711 : 0,
		.device_gone = device_gone,
		.engine_restarts = 3,
		.mode = supervisor != NULL ? SESSION_MODE_HYBRID : SESSION_MODE_PACKET,
		.supervisor_pid = supervisor != NULL ? 4712 : 0,
		.walled = supervisor != NULL,
		.workers = { engine, flows, supervisor },
	};
	JsonNode *node = status_node(&source);
	JsonObject *object = json_object_ref(json_node_get_object(node));

	json_node_unref(node);
	return object;
}

static char *text_of(JsonObject *object, const char *member)
{
	return json_to_string(json_object_get_member(object, member), FALSE);
}

static void check_member(JsonObject *object, const char *member, const char *expected)
{
	g_autofree char *text = text_of(object, member);

	ck_assert_msg(strcmp(text, expected) == 0, "%s: %s", member, text);
}

static void add_forward(uint32_t id, uint8_t protocol, const char *host, const char *guest)
{
	struct session_forward row = { .forward = { .id = id, .protocol = protocol },
				       .path = FORWARD_BY_PACKETS };

	ck_assert(address_parse(host, &row.forward.host.address));
	if (guest != NULL)
		ck_assert(address_parse(guest, &row.forward.guest.address));
	row.forward.host.port = 8080;
	row.forward.guest.port = 80;
	if (id == 5)
		row.path = FORWARD_BY_SOCKETS;
	g_array_append_val(forwards, row);
}

START_TEST(tells_the_session)
{
	char *command[] = { (char *)"sh", (char *)"-c", (char *)"\xff", NULL };
	g_autoptr(JsonObject) object = build(NULL, NULL, command);

	check_member(object, "name", "\"web\"");
	ck_assert_int_eq(json_object_get_int_member(object, "pid"), getpid());
	check_member(object, "mode", "\"packet\"");
	check_member(object, "supervisor_pid", "null");
	check_member(object, "engine_restarts", "3");
	check_member(object, "supervisor_restarts", "0");
	check_member(object, "walled", "false");
	check_member(object, "command", "[\"sh\",\"-c\",\"\xef\xbf\xbd\"]");
	check_member(object, "device",
		     "{\"kind\":\"tap\",\"name\":\"tap0\",\"mtu\":65520,\"gone\":false}");
	check_member(object, "network",
		     "{\"cidr\":\"10.0.2.0/24\",\"gateway\":\"10.0.2.2\",\"dns\":\"10.0.2.3\","
		     "\"guest\":\"10.0.2.100\",\"cidr6\":\"fd00::/64\",\"gateway6\":\"fd00::2\","
		     "\"dns6\":\"fd00::3\",\"guest6\":\"fd00::100\"}");
	check_member(object, "forwards", "[]");
}
END_TEST

START_TEST(leaves_out_what_is_not)
{
	g_autoptr(JsonObject) object = NULL;

	network_plan(NULL, NULL, false, 1500, &config.network, NULL);
	config.device = DEVICE_AUTO;
	object = build(NULL, NULL, NULL);
	check_member(object, "command", "null");
	check_member(object, "engine_pid", "null");
	check_member(object, "device",
		     "{\"kind\":null,\"name\":\"tap0\",\"mtu\":1500,\"gone\":false}");
	check_member(object, "network",
		     "{\"cidr\":\"10.0.2.0/24\",\"gateway\":\"10.0.2.2\",\"dns\":\"10.0.2.3\","
		     "\"guest\":\"10.0.2.100\"}");
	ck_assert(!json_object_has_member(object, "counters"));
	ck_assert(!json_object_has_member(object, "flows"));
	ck_assert(!json_object_has_member(object, "flows_total"));
	ck_assert(!json_object_has_member(object, "sandbox"));
	ck_assert(!json_object_has_member(object, "calls"));
}
END_TEST

START_TEST(tells_that_the_device_is_gone)
{
	g_autoptr(JsonObject) object = NULL;

	device_gone = true;
	object = build(NULL, NULL, NULL);
	check_member(object, "engine_pid", "null");
	check_member(object, "device",
		     "{\"kind\":\"tap\",\"name\":\"tap0\",\"mtu\":65520,\"gone\":true}");
}
END_TEST

START_TEST(lists_forwards)
{
	g_autoptr(JsonObject) object = NULL;

	add_forward(1, IPPROTO_TCP, "0.0.0.0", NULL);
	add_forward(4, IPPROTO_UDP, "::1", NULL);
	add_forward(5, IPPROTO_TCP, "127.0.0.1", "10.0.2.15");
	object = build(NULL, NULL, NULL);
	check_member(object, "forwards",
		     "[{\"id\":1,\"proto\":\"tcp\",\"host_addr\":\"0.0.0.0\",\"host_port\":8080,"
		     "\"guest_addr\":\"10.0.2.100\",\"guest_port\":80,"
		     "\"path\":\"packet\"},"
		     "{\"id\":4,\"proto\":\"udp\",\"host_addr\":\"::1\",\"host_port\":8080,"
		     "\"guest_addr\":\"fd00::100\",\"guest_port\":80,"
		     "\"path\":\"packet\"},"
		     "{\"id\":5,\"proto\":\"tcp\",\"host_addr\":\"127.0.0.1\",\"host_port\":8080,"
		     "\"guest_addr\":\"10.0.2.15\",\"guest_port\":80,"
		     "\"path\":\"syscall\"}]");
}
END_TEST

/* The engine may have been taken over: its text need not end, nor be text. */
START_TEST(distrusts_the_engine)
{
	struct engine_status engine = {
		.sandbox = SANDBOX_CAPS | SANDBOX_FILTER | 0x80000000,
		.flows_total = 9,
		.flows_sent = 2,
	};
	struct flow flows[2] = { { .protocol = IPPROTO_ICMPV6 }, { .protocol = 255 } };
	g_autoptr(JsonObject) object = NULL;

	memset(engine.slirp_version, '7', sizeof(engine.slirp_version));
	memset(&engine.counters, 0xff, sizeof(engine.counters));
	memset(flows[0].state, 'x', sizeof(flows[0].state));
	memcpy(flows[1].state, "\xff\n", 3);
	flows[0].guest.address = (struct address){ .family = AF_INET };
	object = build(&engine, flows, NULL);
	check_member(object, "engine_pid", "4711");
	check_member(object, "sandbox", "[\"caps\",\"filter\"]");
	check_member(object, "slirp_version", "\"7777777777777777\"");
	check_member(object, "flows_total", "9");
	check_member(object, "flows",
		     "[{\"proto\":\"icmp6\",\"state\":\"xxxxxxxxxxxxxxx\",\"guest\":\"0.0.0.0:0\","
		     "\"remote\":\"none:0\",\"receive_queue\":0,\"send_queue\":0},"
		     "{\"proto\":\"unknown\",\"state\":\"\xef\xbf\xbd\\n\",\"guest\":\"none:0\","
		     "\"remote\":\"none:0\",\"receive_queue\":0,\"send_queue\":0}]");
	ck_assert_uint_eq(json_object_get_size(json_object_get_object_member(object, "counters")),
			  COUNTER_COUNT);
}
END_TEST

START_TEST(tells_of_the_calls)
{
	struct supervisor_status status = { .sandbox = SANDBOX_FILTER, .waiting = 2 };
	g_autoptr(JsonObject) object = NULL;
	JsonObject *calls;

	memset(status.counters, 0xff, sizeof(status.counters));
	status.counters[CALL_COUNTER_swapped] = 12;
	supervisor = &status;
	object = build(NULL, NULL, NULL);
	check_member(object, "mode", "\"hybrid\"");
	check_member(object, "supervisor_pid", "4712");
	check_member(object, "walled", "true");
	check_member(object, "calls_waiting", "2");
	check_member(object, "supervisor_sandbox", "[\"filter\"]");
	calls = json_object_get_object_member(object, "calls");
	ck_assert_uint_eq(json_object_get_size(calls), CALL_COUNTER_COUNT);
	ck_assert_int_eq(json_object_get_int_member(calls, "swapped"), 12);
	ck_assert_int_eq(json_object_get_int_member(calls, "connect"), G_MAXINT64);
}
END_TEST

static Suite *status_suite(void)
{
	Suite *suite = suite_create("status");
	TCase *group = tcase_create("status");

	tcase_add_checked_fixture(group, set_up, tear_down);
	tcase_add_test(group, tells_the_session);
	tcase_add_test(group, leaves_out_what_is_not);
	tcase_add_test(group, tells_that_the_device_is_gone);
	tcase_add_test(group, lists_forwards);
	tcase_add_test(group, distrusts_the_engine);
	tcase_add_test(group, tells_of_the_calls);
	suite_add_tcase(suite, group);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(status_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
