/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the drop-in's options: what callers of slirp4netns pass must read as it does there. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "options/slirp4netns_options.h"

/* The parser over a line of words; two spaces make an empty word. */
struct outcome {
	struct slirp4netns_invocation invocation;
	char **words;
	char *warnings;
	bool parsed;
	GError *error;
};

static void outcome_run(struct outcome *outcome, const char *line)
{
	g_autofree char *whole = g_strconcat("slirp4netns ", line, NULL);

	*outcome = (struct outcome){ .parsed = false };
	outcome->words = g_strsplit(line[0] ? whole : "slirp4netns", " ", -1);
	outcome->parsed = slirp4netns_options_parse((int)g_strv_length(outcome->words),
						    outcome->words, &outcome->invocation,
						    &outcome->warnings, &outcome->error);
}

static void outcome_clear(struct outcome *outcome)
{
	slirp4netns_invocation_clear(&outcome->invocation);
	g_free(outcome->warnings);
	g_strfreev(outcome->words);
	g_clear_error(&outcome->error);
}

static void describe(GString *text, const char *key, const char *value)
{
	if (value)
		g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", key, value);
}

/* Adds the key alone where a switch is not as it is without options. */
static void describe_switch(GString *text, const char *key, bool value, bool usual)
{
	if (value != usual)
		g_string_append_printf(text, "%s%s", text->len ? " " : "", key);
}

static void describe_descriptor(GString *text, const char *key, int fd)
{
	g_autofree char *number = g_strdup_printf("%d", fd);

	describe(text, key, fd >= 0 ? number : NULL);
}

static void describe_network(GString *text, const struct network *network)
{
	struct prefix v4 = { address_from_v4(network->v4_network), network->v4_length };
	g_autofree char *mtu = g_strdup_printf("%u", network->mtu);
	char buffer[ADDRESS_TEXT_MAX];

	prefix_format(&v4, buffer);
	describe(text, "cidr", strcmp(buffer, NETWORK_CIDR_DEFAULT) == 0 ? NULL : buffer);
	describe(text, "mtu", network->mtu == 1500 ? NULL : mtu);
	describe_switch(text, "ipv6", network->v6, false);
}

static void describe_address(GString *text, const char *key, const struct address *address)
{
	char buffer[ADDRESS_TEXT_MAX];

	address_format(address, buffer);
	describe(text, key, address->family == AF_UNSPEC ? NULL : buffer);
}

/* Everything that is not as it is without options. */
static char *describe_invocation(const struct slirp4netns_invocation *invocation)
{
	static const char *const targets[] = { "pid", "path", "tapfd", "bess" };
	const struct session_config *config = &invocation->config;
	GString *text = g_string_new(targets[invocation->target]);

	if (invocation->pid)
		g_string_append_printf(text, "=%d", invocation->pid);
	if (invocation->path)
		g_string_append_printf(text, "=%s", invocation->path);
	if (invocation->tap_fd >= 0)
		g_string_append_printf(text, "=%d", invocation->tap_fd);
	describe(text, "tap",
		 strcmp(config->device_name, "tap0") == 0 ? NULL : config->device_name);
	describe_network(text, &config->network);
	describe_switch(text, "configure", config->configure, false);
	describe_switch(text, "no-loopback", config->host_loopback, true);
	describe_switch(text, "no-dns", config->dns, true);
	describe_switch(text, "no-dhcp", config->dhcp, true);
	describe_descriptor(text, "exit", invocation->exit_fd);
	describe_descriptor(text, "ready", invocation->ready_fd);
	describe(text, "api", invocation->api_socket);
	describe(text, "userns", invocation->userns_path);
	describe(text, "mac", config->mac);
	describe(text, "interface", config->outbound_interface);
	describe_address(text, "v4", &config->outbound_v4);
	describe_address(text, "v6", &config->outbound_v6);
	return g_string_free(text, FALSE);
}

/* A line, and all in it that is not the default. */
static const struct {
	const char *line;
	const char *outcome;
} good[] = {
	{ "123 tap0", "pid=123" },
	{ "123 tap1", "pid=123 tap=tap1" },
	/* Podman */
	{ "--disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6 -c "
	  "-e 3 -r 4 --netns-type=path /run/netns/x tap0",
	  "path=/run/netns/x mtu=65520 ipv6 configure no-loopback exit=3 ready=4" },
	{ "--mtu=65520 --cidr=10.9.0.0/16 --enable-ipv6 --outbound-addr=192.0.2.1 "
	  "--outbound-addr6=fd00::9 -c -r 3 -e 4 --api-socket /tmp/c.net --netns-type=path /n tap0",
	  "path=/n cidr=10.9.0.0/16 mtu=65520 ipv6 configure exit=4 ready=3 api=/tmp/c.net "
	  "v4=192.0.2.1 v6=fd00::9" },
	/* buildah */
	{ "--mtu 65520 -r 3 -c 77 tap0", "pid=77 mtu=65520 configure ready=3" },
	/* RootlessKit */
	{ "--mtu 65520 -r 3 --disable-host-loopback --cidr 10.41.0.0/16 --api-socket /s.sock "
	  "--enable-sandbox --enable-seccomp --enable-ipv6 99 tap0",
	  "pid=99 cidr=10.41.0.0/16 mtu=65520 ipv6 no-loopback ready=3 api=/s.sock" },
	{ "--mtu 65520 -r 3 --userns-path=/proc/9/ns/user --netns-type=path /d tap0",
	  "path=/d mtu=65520 ready=3 userns=/proc/9/ns/user" },
	/* each in turn */
	{ "-c 1 tap0", "pid=1 configure" },
	{ "--configure 1 tap0", "pid=1 configure" },
	{ "-e0 1 tap0", "pid=1 exit=0" },
	{ "--exit-fd=5 1 tap0", "pid=1 exit=5" },
	{ "-r 5 1 tap0", "pid=1 ready=5" },
	{ "--ready-fd 5 1 tap0", "pid=1 ready=5" },
	{ "-m 9000 1 tap0", "pid=1 mtu=9000" },
	{ "-m65521 1 tap0", "pid=1 mtu=65521" },
	{ "-6 1 tap0", "pid=1 ipv6" },
	{ "-6c 1 tap0", "pid=1 ipv6 configure" },
	{ "-a /s 1 tap0", "pid=1 api=/s" },
	{ "--cidr=192.168.0.0/25 1 tap0", "pid=1 cidr=192.168.0.0/25" },
	{ "--no-host-loopback 1 tap0", "pid=1 no-loopback" },
	{ "--netns-type=pid 1 tap0", "pid=1" },
	{ "--netns-type=whatever /n tap0", "path=/n" },
	{ "--netns-type=path 123 tap0", "path=123" },
	{ "--netns-type=tapfd 7", "tapfd=7" },
	{ "--netns-type=tapfd 0 eth7", "tapfd=0 tap=eth7" },
	{ "--create-sandbox 1 tap0", "pid=1" },
	{ "--outbound-addr=eth0 1 tap0", "pid=1 interface=eth0" },
	{ "--outbound-addr6=eth0 1 tap0", "pid=1 interface=eth0" },
	{ "--outbound-addr=eth0 --outbound-addr6=eth0 1 tap0", "pid=1 interface=eth0" },
	{ "--outbound-addr=eth0 --outbound-addr=192.0.2.1 1 tap0", "pid=1 v4=192.0.2.1" },
	{ "--outbound-addr=192.0.2.1 --outbound-addr=eth0 1 tap0", "pid=1 interface=eth0" },
	{ "--disable-dns 1 tap0", "pid=1 no-dns" },
	{ "-c --macaddress=52:54:00:12:34:56 1 tap0", "pid=1 configure mac=52:54:00:12:34:56" },
	{ "--target-type=netns 1 tap0", "pid=1" },
	{ "--target-type=bess /tmp/bess.sock", "bess=/tmp/bess.sock" },
	/* the order of words, and short forms */
	{ "1 tap0 -c", "pid=1 configure" },
	{ "1 -c tap0 --mtu 2000", "pid=1 mtu=2000 configure" },
	{ "-c -- 1 tap0", "pid=1 configure" },
	{ "--disable-h --enable-i --conf 1 tap0", "pid=1 ipv6 configure no-loopback" },
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
	ck_assert_ptr_null(outcome.warnings);
	ck_assert_int_eq(outcome.invocation.config.device, DEVICE_AUTO);
	outcome_clear(&outcome);
}
END_TEST

/* A line that is refused, and a part of the reason. */
static const struct {
	const char *line;
	const char *reason;
} bad[] = {
	{ "", "PID, PATH or FD is missing" },
	{ "1", "TAPNAME is missing" },
	{ "--netns-type=path /n", "TAPNAME is missing" },
	{ "--netns-type=tapfd", "PID, PATH or FD is missing" },
	{ "abc tap0", "abc: PID must be a positive integer" },
	{ "0 tap0", "0: PID must be a positive integer" },
	{ "-1 tap0", "unknown option -1" },
	{ "--netns-type=tapfd x", "x: a descriptor is a number" },
	{ "--netns-type=path  tap0", "empty" },
	{ "1 tap%d", "TAPNAME tap%d: " },
	{ "1 sixteen--letters", "TAPNAME sixteen--letters: " },
	{ "-m 0 1 tap0", "MTU must be a positive integer (< 65522)" },
	{ "-m 65522 1 tap0", "MTU must be a positive integer (< 65522)" },
	{ "-m -5 1 tap0", "MTU must be a positive integer (< 65522)" },
	{ "-m", "--mtu needs a value: --mtu=MTU" },
	{ "-e x 1 tap0", "--exit-fd=x: a descriptor" },
	{ "-r -1 1 tap0", "--ready-fd=-1: a descriptor" },
	{ "--cidr=10.0.2.0 1 tap0",
	  "--cidr=10.0.2.0: invalid CIDR, which is written like 10.0.2.0/24" },
	{ "--cidr=10.0.2.0/29 1 tap0", "prefix length needs to be 1-25" },
	{ "--cidr=10.0.2.0/0 1 tap0", "prefix length needs to be 1-25" },
	{ "--cidr=10.0.2.100/24 1 tap0",
	  "--cidr=10.0.2.100/24: CIDR needs to be a network address like 10.0.2.0/24, not like " },
	{ "--cidr= 1 tap0", "empty" },
	{ "--outbound-addr=fd00::1 1 tap0", "--outbound-addr=fd00::1: needs an IPv4 address or" },
	{ "--outbound-addr6=192.0.2.1 1 tap0", "--outbound-addr6=192.0.2.1: needs an IPv6 addr" },
	{ "--outbound-addr= 1 tap0", "needs an IPv4 address" },
	{ "--outbound-addr=eth0 --outbound-addr6=eth1 1 tap0", "must name the same interface" },
	{ "--macaddress=52:54:00:12:34:56 1 tap0", "--macaddress needs --configure" },
	{ "-c --macaddress=52:54 1 tap0", "a MAC address is written like" },
	{ "--target-type=vm 1 tap0", "--target-type=vm: use one of: netns, bess" },
	{ "--target-type=bess -c /s", "--target-type=bess and --configure exclude each other" },
	{ "--target-type=bess --netns-type=path /s", "and --netns-type exclude each other" },
	{ "--target-type=bess --userns-path=/u /s", "and --userns-path exclude each other" },
	{ "--target-type=bess", "missing" },
	{ "--api-socket= 1 tap0", "empty" },
	{ "--configure=1 1 tap0", "--configure takes no value" },
	{ "--enable-s 1 tap0", "ambiguous: --enable-sandbox, --enable-seccomp" },
	{ "--enable-ipv7 1 tap0", "did you mean --enable-ipv6?" },
	{ "-T 1 tap0", "unknown option -T" },
};

START_TEST(refuses)
{
	struct outcome outcome;

	outcome_run(&outcome, bad[_i].line);
	ck_assert_msg(!outcome.parsed, "%s was taken", bad[_i].line);
	ck_assert(g_error_matches(outcome.error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	ck_assert_msg(strstr(outcome.error->message, bad[_i].reason) != NULL, "%s: %s",
		      bad[_i].line, outcome.error->message);
	outcome_clear(&outcome);
}
END_TEST

START_TEST(too_many_operands_are_a_warning)
{
	struct outcome outcome;

	outcome_run(&outcome, "1 tap0 more");
	ck_assert(outcome.parsed);
	ck_assert_str_eq(outcome.warnings, "WARNING: too many arguments\n");
	outcome_clear(&outcome);
}
END_TEST

START_TEST(small_mtu_leaves_ipv6_out)
{
	struct outcome outcome;

	outcome_run(&outcome, "-6 -m 1279 1 tap0");
	ck_assert(outcome.parsed);
	ck_assert(!outcome.invocation.config.network.v6);
	ck_assert(g_str_has_prefix(outcome.warnings, "WARNING: IPv6 is left out"));
	outcome_clear(&outcome);
	outcome_run(&outcome, "-6 -m 1280 1 tap0");
	ck_assert(outcome.parsed && outcome.invocation.config.network.v6);
	ck_assert_ptr_null(outcome.warnings);
	outcome_clear(&outcome);
}
END_TEST

START_TEST(help_and_version_need_no_operands)
{
	struct outcome outcome;

	outcome_run(&outcome, _i ? "-v" : "-h");
	ck_assert(outcome.parsed);
	ck_assert(outcome.invocation.help == !_i);
	ck_assert(outcome.invocation.version == !!_i);
	outcome_clear(&outcome);
}
END_TEST

/* The names that Podman, RootlessKit and Docker's scripts look for in the help text. */
START_TEST(help_holds_what_callers_look_for)
{
	static const char *const names[] = {
		"--disable-host-loopback",
		"--mtu",
		"--enable-sandbox",
		"--enable-seccomp",
		"--cidr",
		"--outbound-addr",
		"--enable-ipv6",
		"--netns-type",
		"--api-socket",
		"--configure",
		"--exit-fd",
		"--ready-fd",
		"--userns-path",
		"--disable-dns",
		"--macaddress",
		"--target-type",
	};
	g_autofree char *help = options_help(&slirp4netns_command_spec, "slirp4netns");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_msg(strstr(help, names[i]) != NULL, "%s", names[i]);
	ck_assert_ptr_null(strstr(help, "--no-host-loopback"));
	ck_assert_ptr_null(strstr(help, "--create-sandbox"));
	ck_assert(g_str_has_prefix(help, "usage: slirp4netns [OPTION]... PID|PATH|FD [TAPNAME]"));
}
END_TEST

/* Every letter of slirp4netns's option string, with a value where it takes one. */
START_TEST(letters_are_those_of_slirp4netns)
{
	static const char letters[] = "ce:r:m:a:6hv";

	for (size_t i = 0; letters[i]; i++) {
		const struct option_spec *row = slirp4netns_command_spec.options;

		if (letters[i] == ':' || letters[i] == 'h')
			continue;
		while (row->name && row->letter != letters[i])
			row++;
		ck_assert_msg(row->name != NULL, "-%c", letters[i]);
		ck_assert((row->argument != NULL) == (letters[i + 1] == ':'));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("slirp4netns_options");
	TCase *tests = tcase_create("slirp4netns_options");

	tcase_add_loop_test(tests, takes, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tests, refuses, 0, ARRAY_SIZE(bad));
	tcase_add_test(tests, too_many_operands_are_a_warning);
	tcase_add_test(tests, small_mtu_leaves_ipv6_out);
	tcase_add_loop_test(tests, help_and_version_need_no_operands, 0, 2);
	tcase_add_test(tests, help_holds_what_callers_look_for);
	tcase_add_test(tests, letters_are_those_of_slirp4netns);
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
