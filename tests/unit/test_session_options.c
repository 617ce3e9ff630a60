/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the options of run and attach, and of the defaults of a session. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "options/session_options.h"

/* The parser of either command over a line of words. */
struct outcome {
	struct invocation invocation;
	char **words; /* owned: what the invocation borrows from */
	bool parsed;
	GError *error;
};

/* line: "run ..." or "attach ..."; two spaces make an empty word. */
static void outcome_run(struct outcome *outcome, const char *line)
{
	int count;

	*outcome = (struct outcome){ .parsed = false };
	outcome->words = g_strsplit(line, " ", -1);
	count = (int)g_strv_length(outcome->words);
	if (strcmp(outcome->words[0], "run") == 0)
		outcome->parsed = session_options_parse_run(count, outcome->words,
							    &outcome->invocation, &outcome->error);
	else
		outcome->parsed = session_options_parse_attach(
			count, outcome->words, &outcome->invocation, &outcome->error);
}

static void outcome_clear(struct outcome *outcome)
{
	invocation_clear(&outcome->invocation);
	g_strfreev(outcome->words);
	g_clear_error(&outcome->error);
}

/*
 * What came of a line as text: "key=value" for everything that is not as session_config_init leaves
 * it, so that a row of a table can say all that a line does, and nothing else can change unseen.
 */
static void describe(GString *text, const char *key, const char *value)
{
	g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", key, value);
}

static void describe_text(GString *text, const char *key, const char *value, const char *usual)
{
	if (g_strcmp0(value, usual) != 0)
		describe(text, key, value);
}

static void describe_number(GString *text, const char *key, long value, long usual)
{
	g_autofree char *number = g_strdup_printf("%ld", value);

	if (value != usual)
		describe(text, key, number);
}

static void describe_address(GString *text, const char *key, const struct address *address)
{
	char buffer[ADDRESS_TEXT_MAX];

	describe_text(text, key, address_format(address, buffer), "none");
}

static void describe_lists(GString *text, const struct session_config *config)
{
	char buffer[FORWARD_TEXT_MAX];

	for (guint i = 0; i < config->forwards->len; i++)
		describe(text, "forward",
			 forward_format(&g_array_index(config->forwards, struct forward, i),
					buffer));
	for (guint i = 0; i < config->dns_servers->len; i++)
		describe(text, "server",
			 endpoint_format(&g_array_index(config->dns_servers, struct endpoint, i),
					 buffer));
	for (uint32_t i = 0; i < config->policy.count; i++) {
		g_autofree char *rule = policy_rule_format(&config->policy.rules[i]);

		describe(text, config->policy.rules[i].allow ? "allow" : "deny", rule);
	}
}

static void describe_network(GString *text, const struct network *network)
{
	struct prefix v4 = { address_from_v4(network->v4_network), network->v4_length };
	struct prefix v6 = { address_from_v6(&network->v6_prefix), network->v6_length };
	char buffer[ADDRESS_TEXT_MAX];

	describe_text(text, "cidr", prefix_format(&v4, buffer), NETWORK_CIDR_DEFAULT);
	describe_text(text, "cidr6", prefix_format(&v6, buffer), NETWORK_CIDR6_DEFAULT);
	describe_number(text, "mtu", network->mtu, NETWORK_MTU_DEFAULT);
	describe_number(text, "v6", network->v6, true);
}

static char *describe_invocation(const struct invocation *invocation)
{
	const struct session_config *config = &invocation->config;
	g_autofree char *command =
		invocation->command ? g_strjoinv("|", invocation->command) : NULL;
	GString *text = g_string_new(NULL);

	describe_text(text, "command", command, NULL);
	describe_text(text, "netns", invocation->netns_path, NULL);
	describe_text(text, "userns", invocation->userns_path, NULL);
	describe_number(text, "pid", invocation->pid, 0);
	describe_number(text, "ready", invocation->ready_fd, -1);
	describe_number(text, "level", invocation->log_level, LOG_LEVEL_INFO);
	describe_text(text, "name", config->name, NULL);
	describe_number(text, "mode", config->mode, SESSION_MODE_AUTO);
	describe_network(text, &config->network);
	describe_lists(text, config);
	describe_text(text, "interface", config->outbound_interface, NULL);
	describe_address(text, "v4", &config->outbound_v4);
	describe_address(text, "v6", &config->outbound_v6);
	describe_text(text, "pcap", config->pcap_path, NULL);
	describe_number(text, "snapshot", config->snapshot_length, 0);
	describe_text(text, "trace", config->trace_path, NULL);
	describe_number(text, "virtual", config->virtual_addresses, false);
	describe_text(text, "device-name", config->device_name, "tap0");
	describe_text(text, "mac", config->mac, NULL);
	describe_number(text, "device", config->device, DEVICE_AUTO);
	describe_number(text, "map", config->user_map, USER_MAP_ROOT);
	describe_number(text, "loopback", config->host_loopback, false);
	describe_number(text, "dns", config->dns, true);
	describe_number(text, "dhcp", config->dhcp, true);
	describe_number(text, "configure", config->configure, true);
	return g_string_free(text, FALSE);
}

/* A line, and all in it that is not the default. */
static const struct {
	const char *line;
	const char *outcome;
} good[] = {
	{ "run true", "command=true" },
	{ "run -- true", "command=true" },
	{ "run ls -l --help", "command=ls|-l|--help" },
	{ "run --name web ls -p 80:80", "command=ls|-p|80:80 name=web" },
	{ "run -- -x", "command=-x" },
	{ "run ls  x", "command=ls||x" },
	{ "run --mode=auto a", "command=a" },
	{ "run --mode=packet a", "command=a mode=2" },
	{ "run --mode=hybrid a", "command=a mode=1" },
	{ "run --trace t.json a", "command=a trace=t.json" },
	{ "run --trace t.json --mode hybrid a", "command=a mode=1 trace=t.json" },
	{ "attach --mode=auto 1", "pid=1" },
	{ "attach --mode=packet 1", "pid=1 mode=2" },
	{ "run --name=a.b_c-1 a", "command=a name=a.b_c-1" },
	{ "run -p 8080:80 a", "command=a forward=tcp 0.0.0.0:8080 -> container:80" },
	{ "run -p8080:80 a", "command=a forward=tcp 0.0.0.0:8080 -> container:80" },
	{ "run --publish=127.0.0.1:53:53/udp a",
	  "command=a forward=udp 127.0.0.1:53 -> container:53" },
	{ "run -p [::1]:80-81:90-91 a",
	  "command=a forward=tcp [::1]:80 -> container:90 forward=tcp [::1]:81 -> container:91" },
	{ "run -p 80:80 -p 80:80/udp -p 127.0.0.1:80:80 -p [::]:80:80 a",
	  "command=a forward=tcp 0.0.0.0:80 -> container:80 forward=udp 0.0.0.0:80 -> container:80"
	  " forward=tcp 127.0.0.1:80 -> container:80 forward=tcp [::]:80 -> container:80" },
	{ "run --mtu 1500 a", "command=a mtu=1500" },
	{ "run --mtu 1280 a", "command=a mtu=1280" },
	{ "run --mtu 68 --no-ipv6 a", "command=a mtu=68 v6=0" },
	{ "run --snapshot-length 14 --pcap f a", "command=a pcap=f snapshot=14" },
	{ "run --snapshot-length=65589 --pcap f a", "command=a pcap=f snapshot=65589" },
	{ "run --cidr 192.168.0.0/16 a", "command=a cidr=192.168.0.0/16" },
	{ "run --cidr6 fd12::/48 a", "command=a cidr6=fd12::/48" },
	{ "run --no-ipv6 --ipv6 a", "command=a" },
	{ "run --ipv6 --no-ipv6 a", "command=a v6=0" },
	{ "run --host-loopback a", "command=a loopback=1" },
	{ "run --deny any --allow 10.0.0.0/8:1-1023/tcp --deny [fd00::/8]:53/udp a",
	  "command=a deny=any allow=10.0.0.0/8:1-1023/tcp deny=[fd00::/8]:53/udp" },
	{ "run --outbound eth0 a", "command=a interface=eth0" },
	{ "run --outbound 192.0.2.1 --outbound fd00::1 --outbound eth0 a",
	  "command=a interface=eth0 v4=192.0.2.1 v6=fd00::1" },
	{ "run --outbound ::ffff:192.0.2.1 a", "command=a v4=192.0.2.1" },
	{ "run --dns 192.0.2.53 --dns fd00::53 a",
	  "command=a server=192.0.2.53:53 server=[fd00::53]:53" },
	{ "run --dns 192.0.2.53:5353 --dns [fd00::53]:5353 a",
	  "command=a server=192.0.2.53:5353 server=[fd00::53]:5353" },
	{ "run --dns none a", "command=a dns=0" },
	{ "run --device tap a", "command=a device=1" },
	{ "run --device veth --device auto a", "command=a" },
	{ "run --interface eth0 a", "command=a device-name=eth0" },
	{ "run --mac 52:54:00:12:34:56 a", "command=a mac=52:54:00:12:34:56" },
	{ "run --pcap out.pcap a", "command=a pcap=out.pcap" },
	{ "run --ready-fd 4 a", "command=a ready=4" },
	{ "run --log-level debug a", "command=a level=3" },
	{ "run --map-root-user a", "command=a" },
	{ "run --map-current-user a", "command=a map=1" },
	{ "run --map-auto a", "command=a map=2" },
	{ "run --map-auto --map-root-user a", "command=a" },
	{ "run --map-c --inter eth0 a", "command=a device-name=eth0 map=1" },
	{ "attach 123", "pid=123" },
	{ "attach /run/netns/x", "netns=/run/netns/x" },
	{ "attach ./123", "netns=./123" },
	{ "attach 123abc", "netns=123abc" },
	{ "attach 123 --name web", "pid=123 name=web" },
	{ "attach --userns-path /proc/1/ns/user /x", "netns=/x userns=/proc/1/ns/user" },
	{ "attach --no-configure 1", "pid=1 configure=0" },
	{ "attach --ready-fd=3 -p 80:80 1",
	  "pid=1 ready=3 forward=tcp 0.0.0.0:80 -> container:80" },
	{ "attach -- -x", "netns=-x" },
};

START_TEST(takes)
{
	struct outcome outcome;
	g_autofree char *text = NULL;

	outcome_run(&outcome, good[_i].line);
	ck_assert_msg(outcome.parsed, "%s: %s", good[_i].line,
		      outcome.error ? outcome.error->message : "");
	text = describe_invocation(&outcome.invocation);
	ck_assert_str_eq(text, good[_i].outcome);
	outcome_clear(&outcome);
}
END_TEST

/* A line that is refused, and a part of the reason. */
static const struct {
	const char *line;
	const char *reason;
} bad[] = {
	{ "run", "COMMAND is missing" },
	{ "run --", "COMMAND is missing" },
	{ "run --publsh 80:80 a", "did you mean --publish?" },
	{ "run --userns-path /x a", "unknown option --userns-path" },
	{ "attach --map-auto 1", "unknown option --map-auto" },
	{ "run --map a", "ambiguous: --map-root-user, --map-current-user, --map-auto" },
	{ "run --mode=syscall --pcap=f a", "--pcap is about packets" },
	{ "run --mode=syscall --device=tap a", "--device is about packets" },
	{ "run --interface=eth0 --mode=syscall a", "--interface is about packets" },
	{ "run --mode=syscall --mac=52:54:00:12:34:56 a", "--mac is about packets" },
	{ "run --mtu=1500 --mode=syscall a", "--mtu is about packets" },
	{ "run --mode=syscall -p 53:53/udp a", "UDP ports are published by packets" },
	{ "run --mode=syscall --dns=192.0.2.1:5353 a", "--dns with a port other than 53" },
	{ "attach --mode=hybrid 1", "--mode=hybrid: the calls of processes that run already" },
	{ "attach --trace x 1", "--trace: the calls of processes that run already" },
	{ "run --virtual-addresses --mode=packet a", "--virtual-addresses is about sockets" },
	{ "attach --virtual-addresses 1", "--virtual-addresses: the calls of processes" },
	{ "run --mode=fast a", "--mode=fast: use one of: auto, hybrid, packet, syscall" },
	{ "run --trace x --mode=packet a", "--trace tells of trapped calls" },
	{ "run --trace  a", "--trace=: the value is empty" },
	{ "run --name .x a", "--name=.x: a name is" },
	{ "run --name  a", "--name=: a name is" },
	{ "run --name a/b a", "a name is" },
	{ "run -p 80 a", "--publish=80: a published port is written" },
	{ "run -p 65536:80 a", "\"65536\" is not a port" },
	{ "run -p 80:118082 a", "\"118082\" is not a port" },
	{ "run -p  a", "--publish=: a published port is written" },
	{ "run -p", "--publish needs a value: --publish=SPEC" },
	{ "run -p 80:80 -p 80:81 a", "the same host port twice" },
	{ "run -p 80-90:80-90 -p 85:1 a", "tcp 0.0.0.0:85 -> container:" },
	{ "run -p [::1]:80:80 -p [0::1]:80:81 a", "the same host port twice" },
	{ "run -p 1-65535:1-65535 -p 1-65535:1-65535 a", "the same host port twice" },
	{ "run -p [::1]:80:80 --no-ipv6 a", "needs IPv6, which --no-ipv6 switches off" },
	{ "run --no-ipv6 -p 1:1 -p [::]:80:80 a", "tcp [::]:80 -> container:80 needs IPv6" },
	{ "run --snapshot-length=90 a", "which was not given" },
	{ "run --snapshot-length=13 --pcap f a", "14 to 65589" },
	{ "run --snapshot-length=65590 --pcap f a", "14 to 65589" },
	{ "run --mtu 0 a", "MTU must be a positive integer (< 65522)" },
	{ "run --mtu 65522 a", "MTU must be a positive integer (< 65522)" },
	{ "run --mtu x a", "MTU must be a positive integer (< 65522)" },
	{ "run --mtu 1279 a",
	  "--mtu=1279: MTU needs to be 1280-65521 with IPv6, not 1279; an example" },
	{ "run --mtu 67 --no-ipv6 a", "--mtu=67: MTU needs to be 68-" },
	{ "run --cidr 10.0.2.100/24 a",
	  "--cidr=10.0.2.100/24: CIDR needs to be a network address like 10.0.2.0/24" },
	{ "run --cidr 10.0.2.0/26 a", "--cidr=10.0.2.0/26: prefix length needs to be 1-25" },
	{ "run --cidr 10.0.2.0 a",
	  "--cidr=10.0.2.0: invalid CIDR, which is written like 10.0.2.0/24" },
	{ "run --cidr fd00::/64 a",
	  "--cidr=fd00::/64: invalid CIDR, which is written like 10.0.2.0/24" },
	{ "run --cidr6 fd00::/65 a", "--cidr6=fd00::/65: prefix length" },
	{ "run --cidr6 10.0.2.0/24 a",
	  "--cidr6=10.0.2.0/24: invalid CIDR, which is written like fd00::/64" },
	{ "run --allow 10.0.0.1/8 a", "--allow=10.0.0.1/8: " },
	{ "run --deny 10.0.0.0/8:x a", "--deny=10.0.0.0/8:x: " },
	{ "run --deny  a", "--deny=: " },
	{ "run --outbound  a", "--outbound=: an interface's name" },
	{ "run --outbound 0.0.0.0 a", "--outbound=0.0.0.0: needs an address" },
	{ "run --outbound ff02::1 a", "needs an address" },
	{ "run --outbound 1.2.3.4.5.6.7.8.9 a", "an interface's name" },
	{ "run --dns dns.example a", "--dns=dns.example: needs the IP address" },
	{ "run --dns 0.0.0.0 a", "needs the IP address" },
	{ "run --dns 192.0.2.1:0 a", "needs the IP address" },
	{ "run --dns 192.0.2.1:65536 a", "needs the IP address" },
	{ "run --dns :53 a", "needs the IP address" },
	{ "run --dns fe80::1 a", "link-local" },
	{ "run --dns none --dns 192.0.2.1 a", "exclude each other" },
	{ "run --dns 192.0.2.1 --dns none a", "exclude each other" },
	{ "run --dns 1.1.1.1 --dns 1.1.1.1 --dns 1.1.1.1 --dns 1.1.1.1 --dns 1.1.1.1 --dns 1.1.1.1"
	  " --dns 1.1.1.1 --dns 1.1.1.1 --dns 1.1.1.1 a",
	  "at most 8 DNS servers" },
	{ "run --device tun a", "--device=tun: use one of: auto, tap, veth" },
	{ "run --interface tap%d a", "--interface=tap%d: an interface's name" },
	{ "run --mac 01:00:00:00:00:00 a", "multicast" },
	{ "run --pcap  a", "--pcap=: the value is empty" },
	{ "run --ready-fd x a", "--ready-fd=x: a descriptor is a number" },
	{ "run --log-level 3 a", "--log-level=3: use one of" },
	{ "attach", "exactly one PID or NETNS-PATH" },
	{ "attach 1 2", "exactly one PID or NETNS-PATH" },
	{ "attach ", "exactly one PID or NETNS-PATH" },
	{ "attach 0", "PID must be a positive integer" },
	{ "attach 99999999999", "PID must be a positive integer" },
	{ "attach --mac 52:54:00:12:34:56 --no-configure 1", "which --no-configure forbids" },
	{ "attach --userns-path= 1", "the value is empty" },
};

START_TEST(refuses)
{
	struct outcome outcome;

	outcome_run(&outcome, bad[_i].line);
	ck_assert_msg(!outcome.parsed, "%s was taken", bad[_i].line);
	ck_assert(g_error_matches(outcome.error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_msg(strstr(outcome.error->message, bad[_i].reason) != NULL, "%s: %s",
		      bad[_i].line, outcome.error->message);
	ck_assert_ptr_null(strchr(outcome.error->message, '\n'));
	outcome_clear(&outcome);
}
END_TEST

START_TEST(help_needs_nothing_else)
{
	static const char *const helps[] = { "run --help", "run -h", "attach --help",
					     "run --cidr nonsense -h --bogus" };
	struct outcome outcome;

	outcome_run(&outcome, helps[_i]);
	ck_assert(outcome.parsed && outcome.invocation.help);
	outcome_clear(&outcome);
}
END_TEST

/* Each visible row is in the help of both commands, and parses into its field twice without a leak.
 */
START_TEST(help_names_every_row)
{
	const struct command_spec *spec = _i ? &attach_command_spec : &run_command_spec;
	const struct option_spec *tables[] = { spec->options, spec->common };
	g_autofree char *help = options_help(spec, "slirpway");

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct option_spec *row = tables[i]; row->name; row++) {
			g_autofree char *name = g_strdup_printf(" --%s", row->name);

			ck_assert_msg((strstr(help, name) != NULL) == (row->help != NULL), "%s",
				      name);
		}
	}
}
END_TEST

START_TEST(owned_values_are_replaced)
{
	struct outcome outcome;

	outcome_run(&outcome, "run --name a --name b --pcap x --pcap y --trace v --trace w --mac "
			      "52:54:00:12:34:56"
			      " --mac 52:54:00:12:34:57 --interface a --interface b --outbound e0"
			      " --outbound e1 c");
	ck_assert(outcome.parsed);
	ck_assert_str_eq(outcome.invocation.config.name, "b");
	ck_assert_str_eq(outcome.invocation.config.pcap_path, "y");
	ck_assert_str_eq(outcome.invocation.config.outbound_interface, "e1");
	ck_assert_str_eq(outcome.invocation.config.trace_path, "w");
	outcome_clear(&outcome);
	outcome_run(&outcome, "attach --userns-path p --userns-path q 1");
	ck_assert_str_eq(outcome.invocation.userns_path, "q");
	outcome_clear(&outcome);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("session_options");
	TCase *tests = tcase_create("session_options");

	tcase_add_loop_test(tests, takes, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tests, refuses, 0, ARRAY_SIZE(bad));
	tcase_add_loop_test(tests, help_needs_nothing_else, 0, 4);
	tcase_add_loop_test(tests, help_names_every_row, 0, 2);
	tcase_add_test(tests, owned_values_are_replaced);
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
