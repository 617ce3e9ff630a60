/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/verdict: each rule of connect, bind and send, and who tries to get around it. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "policy_rows.h"
#include "syscall/verdict.h"

#define CONTAINER 4142
#define HOST 3
#define NESTED 77
#define SWEEP 5000
#define FORWARDS_MAX 6

/* Options of a row besides those of policy_rows.h. */
#define LOOPBACK POLICY_LOOPBACK
#define NO_V6 POLICY_NO_V6
#define NO_PACKETS 4
#define ON_HOST 8    /* a socket of the host */
#define ON_NESTED 16 /* a socket of a third namespace */
#define V6_ONLY 32

/* The kinds of sockets. */
enum kind { TCP4, TCP6, MPTCP4, MPTCP6, UDP4, UDP6, PING4, RAW4, SCTP4, UNIX, NETLINK };

static const struct socket_facts kinds[] = {
	[TCP4] = { AF_INET, SOCK_STREAM, IPPROTO_TCP, 0, 0 },
	[TCP6] = { AF_INET6, SOCK_STREAM, IPPROTO_TCP, 0, 0 },
	[MPTCP4] = { AF_INET, SOCK_STREAM, IPPROTO_MPTCP, 0, 0 },
	[MPTCP6] = { AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, 0, 0 },
	[UDP4] = { AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0, 0 },
	[UDP6] = { AF_INET6, SOCK_DGRAM, IPPROTO_UDP, 0, 0 },
	[PING4] = { AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0, 0 },
	[RAW4] = { AF_INET, SOCK_RAW, IPPROTO_TCP, 0, 0 },
	[SCTP4] = { AF_INET, SOCK_STREAM, IPPROTO_SCTP, 0, 0 },
	[UNIX] = { AF_UNIX, SOCK_STREAM, 0, 0, 0 },
	[NETLINK] = { AF_NETLINK, SOCK_RAW, 0, 0, 0 },
};

static struct policy policy;
static struct network network;
static struct rules rules;
static struct forward forwards[FORWARDS_MAX];

static void setup_rules(const char *text, int options)
{
	policy_row_read(text, options, &policy, &network);
	rules = (struct rules){ .network = &network,
				.policy = &policy,
				.forwards = forwards,
				.container_network = CONTAINER,
				.host_network = HOST,
				.host_loopback = options & LOOPBACK,
				.packets = !(options & NO_PACKETS) };
}

static struct socket_facts facts_of(enum kind kind, int options)
{
	struct socket_facts facts = kinds[kind];

	facts.network = options & ON_HOST ? HOST : options & ON_NESTED ? NESTED : CONTAINER;
	return facts;
}

static struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	ck_assert_msg(address_parse(address, &endpoint.address), "%s", address);
	return endpoint;
}

/* Forwards as "HOSTIP:HOSTPORT:PORT[=GUESTIP]", separated by spaces; their ids are 1, 2, ... */
static void setup_forwards(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 0);

	rules.forward_count = 0;
	for (size_t i = 0; words[i] && words[i][0]; i++) {
		g_auto(GStrv) sides = g_strsplit(words[i], "=", 2);
		g_autoptr(GArray) parsed = forward_parse(sides[0], NULL);
		struct forward *forward = &forwards[i];

		ck_assert_msg(parsed && parsed->len == 1, "bad forward %s", words[i]);
		ck_assert_uint_lt(i, FORWARDS_MAX);
		*forward = g_array_index(parsed, struct forward, 0);
		forward->id = (uint32_t)i + 1;
		if (sides[1])
			ck_assert(address_parse(sides[1], &forward->guest.address));
		rules.forward_count++;
	}
}

/* Action, errno and target as one text, "host 192.0.2.1:80" or "refuse 101". */
static char *describe(const struct verdict *verdict)
{
	char target[ADDRESS_TEXT_MAX];

	ck_assert_ptr_nonnull(verdict->reason);
	ck_assert_uint_gt(strlen(verdict->reason), 0);
	ck_assert((verdict->error != 0) == (verdict->action == ACTION_REFUSE));
	if (verdict->action == ACTION_REFUSE)
		return g_strdup(verdict->error == ECONNREFUSED	? "refused"
				: verdict->error == ENETUNREACH ? "unreachable"
								: "?");
	if (verdict->action == ACTION_HOST)
		return g_strdup_printf("host %s%s", endpoint_format(&verdict->target, target),
				       verdict->v6_only ? " v6only" : "");
	ck_assert_int_eq(verdict->target.address.family, AF_UNSPEC);
	return g_strdup(action_name(verdict->action));
}

static enum kind kind_for(const struct endpoint *destination)
{
	return destination->address.family == AF_INET6 ? TCP6 : TCP4;
}

/* -- connect: the table that both paths share ----------------------------------------------- */

static void check_row(const struct policy_row *row, const struct verdict *verdict,
		      const struct endpoint *destination)
{
	bool is_v6 = address_unmapped(&destination->address).family == AF_INET6;
	struct address target = address_unmapped(&verdict->target.address);
	struct address loopback = endpoint_of(is_v6 ? "::1" : "127.0.0.1", 0).address;

	switch (row->outcome) {
	case POLICY_OUT:
		ck_assert_int_eq(verdict->action, ACTION_HOST);
		ck_assert(endpoint_equal(&verdict->target, destination));
		break;
	case POLICY_TO_LOOPBACK:
		ck_assert_int_eq(verdict->action, ACTION_HOST);
		ck_assert_int_eq(verdict->target.address.family, destination->address.family);
		ck_assert(address_equal(&target, &loopback));
		ck_assert_uint_eq(verdict->target.port, row->port);
		break;
	case POLICY_REFUSED:
		ck_assert_int_eq(verdict->action, ACTION_REFUSE);
		ck_assert_int_eq(verdict->error, ECONNREFUSED);
		break;
	case POLICY_UNREACHABLE:
	case POLICY_STAYS:
		ck_assert_int_eq(verdict->action, ACTION_CONTAINER);
		break;
	}
	ck_assert_uint_eq(verdict->forward, 0);
	ck_assert(!verdict->v6_only);
}

START_TEST(connect_policy_rows)
{
	const struct policy_row *row = &policy_rows[_i];
	struct endpoint destination = endpoint_of(row->destination, row->port);

	setup_rules(row->rules, row->options);
	for (int on_host = 0; on_host < 2; on_host++) {
		enum kind kind = kind_for(&destination);
		struct socket_facts facts = facts_of(kind, on_host ? ON_HOST : 0);
		struct verdict verdict = verdict_connect(&rules, &facts, &destination);

		check_row(row, &verdict, &destination);
		facts.protocol = IPPROTO_MPTCP;
		verdict = verdict_connect(&rules, &facts, &destination);
		check_row(row, &verdict, &destination);
	}
}
END_TEST

/* Without a packet path what packets would have decided is "network unreachable". */
START_TEST(connect_policy_rows_without_packets)
{
	const struct policy_row *row = &policy_rows[_i];
	struct endpoint destination = endpoint_of(row->destination, row->port);
	struct socket_facts facts = facts_of(kind_for(&destination), 0);
	struct verdict verdict;

	setup_rules(row->rules, row->options | NO_PACKETS);
	verdict = verdict_connect(&rules, &facts, &destination);
	if (row->outcome == POLICY_UNREACHABLE) {
		ck_assert_int_eq(verdict.action, ACTION_REFUSE);
		ck_assert_int_eq(verdict.error, ENETUNREACH);
	} else if (row->outcome == POLICY_STAYS) {
		ck_assert(verdict.action == ACTION_CONTAINER ||
			  (verdict.action == ACTION_REFUSE && verdict.error == ENETUNREACH));
	} else {
		check_row(row, &verdict, &destination);
	}
}
END_TEST

/* -- connect: the rest ------------------------------------------------------------------------ */

static const struct connect_row {
	int options;
	const char *rules;
	enum kind kind;
	const char *destination;
	uint16_t port;
	const char *verdict;
} connect_rows[] = {
	/* 1. Not an Internet socket. */
	{ 0, "", UNIX, "127.0.0.1", 80, "continue" },
	{ 0, "-any", NETLINK, "198.51.100.7", 80, "continue" },
	{ ON_NESTED, "", UNIX, "198.51.100.7", 80, "continue" },
	{ NO_PACKETS, "", UNIX, "198.51.100.7", 80, "continue" },
	/* 2. Of another namespace. */
	{ ON_NESTED, "", TCP4, "198.51.100.7", 80, "container" },
	{ ON_NESTED, "-any", TCP4, "198.51.100.7", 80, "container" },
	{ ON_NESTED | LOOPBACK, "", TCP4, "10.0.2.2", 80, "container" },
	{ ON_NESTED | NO_PACKETS, "", TCP4, "198.51.100.7", 80, "container" },
	{ ON_NESTED | NO_PACKETS, "", UDP4, "198.51.100.7", 80, "container" },
	{ ON_NESTED | NO_PACKETS, "", TCP4, "240.0.0.1", 80, "container" },
	/* 3. Not TCP. */
	{ 0, "", UDP4, "198.51.100.7", 80, "container" },
	{ 0, "-any", UDP4, "198.51.100.7", 80, "container" },
	{ 0, "", UDP6, "2001:db8::7", 80, "container" },
	{ 0, "", PING4, "198.51.100.7", 0, "container" },
	{ 0, "", RAW4, "198.51.100.7", 0, "container" },
	{ 0, "", SCTP4, "198.51.100.7", 80, "container" },
	{ ON_HOST, "", UDP4, "198.51.100.7", 80, "container" },
	{ NO_PACKETS, "", PING4, "198.51.100.7", 0, "container" },
	{ NO_PACKETS, "", RAW4, "198.51.100.7", 0, "container" },
	{ NO_PACKETS, "", SCTP4, "198.51.100.7", 80, "container" },
	{ NO_PACKETS, "", UDP4, "198.51.100.7", 80, "host 198.51.100.7:80" },
	{ NO_PACKETS, "", UDP6, "2001:db8::7", 80, "host [2001:db8::7]:80" },
	{ NO_PACKETS, "", UDP6, "198.51.100.7", 80, "host 198.51.100.7:80" },
	{ NO_PACKETS, "-any/udp", UDP4, "198.51.100.7", 80, "refused" },
	{ NO_PACKETS, "-any/tcp", UDP4, "198.51.100.7", 80, "host 198.51.100.7:80" },
	{ NO_PACKETS, "-any/udp", TCP4, "198.51.100.7", 80, "host 198.51.100.7:80" },
	/* 4. The host's DNS servers are 127.0.0.53:53 and [2001:db8::53]:53 in these rows. */
	{ NO_PACKETS, "", UDP4, "127.0.0.53", 53, "host 127.0.0.53:53" },
	{ NO_PACKETS, "", TCP4, "127.0.0.53", 53, "host 127.0.0.53:53" },
	{ NO_PACKETS, "", TCP6, "::ffff:127.0.0.53", 53, "host [::ffff:127.0.0.53]:53" },
	{ NO_PACKETS, "", TCP4, "127.0.0.53", 54, "container" },
	{ NO_PACKETS, "", TCP4, "127.0.0.54", 53, "container" },
	{ NO_PACKETS, "", PING4, "127.0.0.53", 53, "container" },
	{ NO_PACKETS, "-any", UDP4, "127.0.0.53", 53, "refused" },
	{ NO_PACKETS, "-any +127.0.0.53:53", UDP4, "127.0.0.53", 53, "host 127.0.0.53:53" },
	{ NO_PACKETS | NO_V6, "", UDP6, "2001:db8::53", 53, "host [2001:db8::53]:53" },
	{ NO_PACKETS | ON_NESTED, "", UDP4, "127.0.0.53", 53, "container" },
	{ 0, "", UDP4, "127.0.0.53", 53, "container" },
	{ 0, "", TCP4, "127.0.0.53", 53, "container" },
	{ ON_HOST, "", TCP4, "127.0.0.53", 53, "container" },
	/* 5., 6. The container's own, also without a packet path. */
	{ NO_PACKETS | LOOPBACK, "", TCP4, "127.0.0.1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP4, "127.255.255.254", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP4, "0.0.0.0", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "::", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "::1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "::ffff:127.0.0.1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "::ffff:0.0.0.0", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", UDP4, "127.0.0.1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", UDP6, "::1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", UDP4, "224.0.0.251", 5353, "container" },
	{ NO_PACKETS | LOOPBACK, "", UDP6, "ff02::fb", 5353, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "fe80::1", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP4, "10.0.2.100", 80, "container" },
	{ NO_PACKETS | LOOPBACK, "", TCP6, "fd00::100", 80, "container" },
	{ NO_PACKETS | LOOPBACK | ON_HOST, "", TCP4, "127.0.0.1", 80, "container" },
	{ LOOPBACK | ON_HOST, "+any", TCP6, "::ffff:127.0.0.1", 80, "container" },
	/* 7. */
	{ NO_PACKETS, "", TCP4, "0.0.0.1", 80, "unreachable" },
	{ NO_PACKETS, "", TCP4, "240.0.0.1", 80, "unreachable" },
	{ NO_PACKETS, "", UDP4, "255.255.255.255", 67, "unreachable" },
	{ NO_PACKETS, "", TCP6, "::127.0.0.1", 80, "unreachable" },
	{ NO_PACKETS, "", TCP6, "::10.0.2.2", 80, "unreachable" },
	{ NO_PACKETS | NO_V6, "", TCP6, "2001:db8::7", 80, "unreachable" },
	{ NO_PACKETS | NO_V6, "", TCP6, "::1", 80, "container" },
	{ NO_PACKETS | NO_V6, "", TCP6, "::ffff:198.51.100.7", 80,
	  "host [::ffff:198.51.100.7]:80" },
	/* 8. */
	{ NO_PACKETS, "", TCP4, "10.0.2.2", 80, "unreachable" },
	{ NO_PACKETS, "", TCP4, "10.0.2.3", 53, "unreachable" },
	{ NO_PACKETS, "", TCP4, "10.0.2.101", 80, "unreachable" },
	{ NO_PACKETS, "", TCP6, "fd00::3", 53, "unreachable" },
	{ 0, "", TCP4, "10.0.2.3", 53, "container" },
	{ 0, "-any", TCP4, "10.0.2.3", 53, "container" },
	{ 0, "", TCP6, "::ffff:10.0.2.3", 53, "container" },
	{ LOOPBACK, "", TCP4, "10.0.2.2", 80, "host 127.0.0.1:80" },
	{ LOOPBACK, "", TCP6, "::ffff:10.0.2.2", 80, "host [::ffff:127.0.0.1]:80" },
	{ LOOPBACK, "", TCP6, "fd00::2", 80, "host [::1]:80" },
	{ LOOPBACK | ON_HOST, "", TCP4, "10.0.2.2", 80, "host 127.0.0.1:80" },
	{ LOOPBACK | NO_PACKETS, "", UDP4, "10.0.2.2", 80, "host 127.0.0.1:80" },
	{ LOOPBACK | NO_PACKETS, "", UDP6, "fd00::2", 80, "host [::1]:80" },
	{ LOOPBACK | NO_PACKETS, "-10.0.2.2/udp", UDP4, "10.0.2.2", 80, "refused" },
	{ LOOPBACK | NO_V6, "", TCP6, "::ffff:10.0.2.2", 80, "host [::ffff:127.0.0.1]:80" },
	/* 9., 10. A socket of the host is judged like any. */
	{ ON_HOST, "", TCP4, "198.51.100.7", 80, "host 198.51.100.7:80" },
	{ ON_HOST, "-any", TCP4, "198.51.100.7", 80, "refused" },
	{ 0, "", MPTCP4, "198.51.100.7", 80, "host 198.51.100.7:80" },
	{ 0, "-any/tcp", MPTCP6, "2001:db8::7", 80, "refused" },
};

static GArray *dns_servers(void)
{
	GArray *servers = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	struct endpoint v4 = endpoint_of("127.0.0.53", 53);
	struct endpoint v6 = endpoint_of("2001:db8::53", 53);

	g_array_append_val(servers, v4);
	g_array_append_val(servers, v6);
	return servers;
}

START_TEST(connect_verdicts)
{
	const struct connect_row *row = &connect_rows[_i];
	struct socket_facts facts = facts_of(row->kind, row->options);
	struct endpoint destination = endpoint_of(row->destination, row->port);
	g_autoptr(GArray) servers = dns_servers();
	g_autofree char *text = NULL;
	struct verdict verdict;

	setup_rules(row->rules, row->options);
	rules.dns_servers = servers;
	verdict = verdict_connect(&rules, &facts, &destination);
	text = describe(&verdict);
	ck_assert_msg(strcmp(text, row->verdict) == 0, "row %d: %s port %u: %s (%s), not %s", _i,
		      row->destination, row->port, text, verdict.reason, row->verdict);
	if (row->kind == UDP4 || row->kind == UDP6) {
		struct verdict send = verdict_send(&rules, &facts, &destination);

		ck_assert_mem_eq(&send.target, &verdict.target, sizeof(send.target));
		ck_assert_int_eq(send.action, verdict.action);
		ck_assert_int_eq(send.error, verdict.error);
	}
}
END_TEST

START_TEST(no_address)
{
	struct socket_facts facts = facts_of(TCP4, ON_HOST);
	struct endpoint none = { .port = 80 };

	setup_rules("", LOOPBACK);
	ck_assert_int_eq(verdict_connect(&rules, &facts, &none).action, ACTION_CONTAINER);
	ck_assert_int_eq(verdict_bind(&rules, &facts, &none, false).action, ACTION_CONTAINER);
	setup_rules("", LOOPBACK | NO_PACKETS);
	facts = facts_of(UDP6, 0);
	ck_assert_int_eq(verdict_send(&rules, &facts, &none).action, ACTION_CONTAINER);
}
END_TEST

START_TEST(send_of_others)
{
	static const enum kind others[] = { TCP4, TCP6, MPTCP4, PING4, RAW4, SCTP4 };
	struct endpoint destination = endpoint_of("198.51.100.7", 80);
	struct socket_facts udp;

	setup_rules("", NO_PACKETS);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct socket_facts facts = facts_of(others[i], ON_HOST);

		ck_assert_int_eq(verdict_send(&rules, &facts, &destination).action,
				 ACTION_CONTAINER);
	}
	setup_rules("", 0);
	udp = facts_of(UDP4, 0);
	ck_assert_int_eq(verdict_send(&rules, &udp, &destination).action, ACTION_CONTAINER);
}
END_TEST

/* Where the kernel has no cookies (before Linux 5.14) all are 0. */
START_TEST(no_cookies)
{
	struct socket_facts facts = facts_of(TCP4, 0);
	struct endpoint destination = endpoint_of("198.51.100.7", 80);

	setup_rules("", 0);
	facts.network = rules.container_network = rules.host_network = 0;
	ck_assert_int_eq(verdict_connect(&rules, &facts, &destination).action, ACTION_HOST);
}
END_TEST

/* Nothing but the gateway leads to the host's loopback, whatever the options. */
START_TEST(never_the_loopback_of_the_host)
{
	int options = _i;
	struct address gateway4, gateway6;
	char text[INET6_ADDRSTRLEN];

	setup_rules("", options);
	gateway4 = address_from_v4(network.v4_gateway);
	gateway6 = address_from_v6(&network.v6_gateway);
	for (uint32_t n = 0; n < SWEEP; n++) {
		struct endpoint destination, target;
		struct socket_facts facts;
		struct verdict verdict;
		struct address plain;

		policy_sweep_address(n, text);
		destination = endpoint_of(text, 80);
		facts = facts_of(kind_for(&destination), n % 2 ? ON_HOST : 0);
		if (n % 3 == 0) {
			facts.type = SOCK_DGRAM;
			facts.protocol = IPPROTO_UDP;
		}
		verdict = verdict_connect(&rules, &facts, &destination);
		if (verdict.action != ACTION_HOST)
			continue;
		target = verdict.target;
		ck_assert(!address_is_unspecified(&target.address));
		ck_assert(!address_is_multicast(&target.address));
		plain = address_unmapped(&destination.address);
		if (address_is_loopback(&target.address))
			ck_assert((options & LOOPBACK) && (address_equal(&plain, &gateway4) ||
							   address_equal(&plain, &gateway6)));
	}
}
END_TEST

/* -- connect: the ports that the container publishes ------------------------------------------ */

static const struct forward_row {
	const char *forwards;
	enum kind kind;
	const char *destination;
	uint16_t port;
	uint32_t first, second; /* ids */
} forward_rows[] = {
	{ "0.0.0.0:8080:80", TCP4, "127.0.0.1", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP4, "127.0.0.2", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP4, "0.0.0.0", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP4, "10.0.2.100", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP6, "::1", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP6, "::", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP6, "::ffff:127.0.0.1", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP6, "::ffff:10.0.2.100", 80, 1, 0 },
	{ "0.0.0.0:8080:80", TCP6, "fd00::100", 80, 1, 0 },
	{ "0.0.0.0:8080:80", MPTCP4, "127.0.0.1", 80, 1, 0 },
	/* It is the container's port that counts, and TCP. */
	{ "0.0.0.0:8080:80", TCP4, "127.0.0.1", 8080, 0, 0 },
	{ "0.0.0.0:8080:80", UDP4, "127.0.0.1", 80, 0, 0 },
	{ "0.0.0.0:8080:80/udp", TCP4, "127.0.0.1", 80, 0, 0 },
	{ "", TCP4, "127.0.0.1", 80, 0, 0 },
	/* Others than the container itself. */
	{ "0.0.0.0:8080:80", TCP4, "198.51.100.7", 80, 0, 0 },
	{ "0.0.0.0:8080:80", TCP4, "10.0.2.2", 80, 0, 0 },
	{ "0.0.0.0:8080:80", TCP4, "10.0.2.3", 80, 0, 0 },
	{ "0.0.0.0:8080:80", TCP4, "10.0.2.101", 80, 0, 0 },
	{ "0.0.0.0:8080:80", TCP4, "224.0.0.1", 80, 0, 0 },
	{ "0.0.0.0:8080:80", TCP6, "fe80::1", 80, 0, 0 },
	/* All that serve the port are candidates. */
	{ "0.0.0.0:8080:80 [::]:8080:80", TCP4, "127.0.0.1", 80, 1, 2 },
	{ "0.0.0.0:1:81 127.0.0.1:8080:80 0.0.0.0:2:82 [::1]:9090:80", TCP4, "127.0.0.1", 80, 2,
	  4 },
	{ "0.0.0.0:53:53/udp 0.0.0.0:53:53/tcp", TCP4, "127.0.0.1", 53, 2, 0 },
};

START_TEST(forwards_of_connect)
{
	const struct forward_row *row = &forward_rows[_i / 2];
	struct socket_facts facts = facts_of(row->kind, 0);
	struct endpoint destination = endpoint_of(row->destination, row->port);
	struct verdict verdict;

	setup_rules("-any", _i % 2 ? NO_PACKETS : 0);
	setup_forwards(row->forwards);
	verdict = verdict_connect(&rules, &facts, &destination);
	ck_assert_msg(verdict.forward == row->first, "row %d: %u", _i / 2, verdict.forward);
	if (row->first == 0)
		return;
	ck_assert_int_eq(verdict.action, ACTION_CONTAINER);
	ck_assert_uint_eq(verdict_next_forward(&rules, &destination, 0), row->first);
	ck_assert_uint_eq(verdict_next_forward(&rules, &destination, row->first), row->second);
	if (row->second != 0)
		ck_assert_uint_eq(verdict_next_forward(&rules, &destination, row->second), 0);
	ck_assert_uint_eq(verdict_next_forward(&rules, &destination, 99), 0);
}
END_TEST

/* -- bind ------------------------------------------------------------------------------------- */

#define PAIR "0.0.0.0:8080:80 [::]:8080:80"

static const struct bind_row {
	int options;
	const char *forwards;
	enum kind kind;
	const char *local;
	uint16_t port;
	const char *verdict;
	uint32_t id;
} bind_rows[] = {
	/* 1. to 4. */
	{ 0, PAIR, UNIX, "0.0.0.0", 80, "continue", 0 },
	{ ON_NESTED, PAIR, TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, PAIR, UDP4, "0.0.0.0", 80, "container", 0 },
	{ NO_PACKETS, PAIR, UDP4, "0.0.0.0", 80, "container", 0 },
	{ 0, PAIR, SCTP4, "0.0.0.0", 80, "container", 0 },
	{ 0, PAIR, RAW4, "0.0.0.0", 80, "container", 0 },
	{ 0, PAIR, TCP4, "127.0.0.1", 80, "container", 0 },
	{ 0, PAIR, TCP4, "127.3.2.1", 80, "container", 0 },
	{ 0, PAIR, TCP6, "::1", 80, "container", 0 },
	{ 0, PAIR, TCP6, "::ffff:127.0.0.1", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80=127.0.0.1", TCP4, "127.0.0.1", 80, "container", 0 },
	/* 5. Which forwards fit. */
	{ 0, "", TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, PAIR, TCP4, "0.0.0.0", 81, "container", 0 },
	{ 0, PAIR, TCP4, "0.0.0.0", 8080, "container", 0 },
	{ 0, PAIR, TCP4, "0.0.0.0", 0, "container", 0 },
	{ 0, "0.0.0.0:8080:80/udp", TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80", TCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "0.0.0.0:8080:80", MPTCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "127.0.0.1:8080:80", TCP4, "0.0.0.0", 80, "host 127.0.0.1:8080", 1 },
	{ 0, "192.0.2.1:8080:80", TCP4, "10.0.2.100", 80, "host 192.0.2.1:8080", 1 },
	{ 0, "0.0.0.0:8080:80", TCP4, "10.0.2.101", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80", TCP4, "10.0.2.15", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80=10.0.2.15", TCP4, "10.0.2.15", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "0.0.0.0:8080:80=10.0.2.15", TCP4, "10.0.2.100", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80=10.0.2.15", TCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "0.0.0.0:8080:80=0.0.0.0", TCP4, "10.0.2.100", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "0.0.0.0:8080:80=fd00::100", TCP6, "::", 80, "container", 0 },
	{ 0, "0.0.0.0:53:53/udp 0.0.0.0:53:53/tcp", TCP4, "0.0.0.0", 53, "host 0.0.0.0:53", 2 },
	{ ON_HOST, "0.0.0.0:8080:80", TCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	{ NO_PACKETS, "0.0.0.0:8080:80", TCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	/* 6. Sockets for IPv4. */
	{ 0, PAIR, TCP4, "0.0.0.0", 80, "host 0.0.0.0:8080", 1 },
	{ 0, "[::]:8080:80", TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, "[::]:8080:80", TCP4, "10.0.2.100", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80 0.0.0.0:9090:80", TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, "127.0.0.1:8080:80 192.0.2.1:8080:80", TCP4, "0.0.0.0", 80, "container", 0 },
	{ 0, "0.0.0.0:1:80=10.0.2.15 0.0.0.0:2:80=10.0.2.16", TCP4, "10.0.2.16", 80,
	  "host 0.0.0.0:2", 2 },
	{ 0, "0.0.0.0:1:80=10.0.2.15 0.0.0.0:2:80=10.0.2.16", TCP4, "0.0.0.0", 80, "container", 0 },
	/* Sockets for IPv6 alone. */
	{ V6_ONLY, PAIR, TCP6, "::", 80, "host [::]:8080 v6only", 2 },
	{ V6_ONLY, "0.0.0.0:8080:80", TCP6, "::", 80, "container", 0 },
	{ V6_ONLY, "[2001:db8::1]:8080:80", TCP6, "::", 80, "host [2001:db8::1]:8080 v6only", 1 },
	{ V6_ONLY, "[::]:8080:80 [::1]:9090:80", TCP6, "::", 80, "container", 0 },
	{ V6_ONLY, PAIR, TCP6, "::ffff:0.0.0.0", 80, "container", 0 },
	{ V6_ONLY, PAIR, TCP6, "::ffff:10.0.2.100", 80, "container", 0 },
	/* Sockets for both. */
	{ 0, PAIR, TCP6, "::", 80, "host [::]:8080", 2 },
	{ 0, PAIR, MPTCP6, "::", 80, "host [::]:8080", 2 },
	{ 0, "[::]:8080:80 0.0.0.0:8080:80", TCP6, "::", 80, "host [::]:8080", 1 },
	{ 0, "0.0.0.0:8080:80", TCP6, "::", 80, "host [::ffff:0.0.0.0]:8080", 1 },
	{ 0, "192.0.2.1:8080:80", TCP6, "::", 80, "host [::ffff:192.0.2.1]:8080", 1 },
	/* One that is published over IPv6 only must not be reached over the host's IPv4. */
	{ 0, "[::]:8080:80", TCP6, "::", 80, "host [::]:8080 v6only", 1 },
	{ 0, "[::1]:8080:80", TCP6, "::", 80, "host [::1]:8080 v6only", 1 },
	{ 0, "0.0.0.0:8080:80 [::]:9090:80", TCP6, "::", 80, "container", 0 },
	{ 0, "127.0.0.1:8080:80 [::1]:8080:80", TCP6, "::", 80, "container", 0 },
	{ 0, "127.0.0.1:8080:80 [::]:8080:80", TCP6, "::", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80 [::1]:8080:80", TCP6, "::", 80, "container", 0 },
	{ 0, PAIR " 0.0.0.0:9090:80", TCP6, "::", 80, "container", 0 },
	{ 0, PAIR " [::]:9090:80", TCP6, "::", 80, "container", 0 },
	/* Bound to an address of one family. */
	{ 0, PAIR, TCP6, "fd00::100", 80, "host [::]:8080 v6only", 2 },
	{ 0, PAIR, TCP6, "fd00::101", 80, "container", 0 },
	{ 0, PAIR, TCP6, "::ffff:10.0.2.100", 80, "host [::ffff:0.0.0.0]:8080", 1 },
	{ 0, PAIR, TCP6, "::ffff:0.0.0.0", 80, "host [::ffff:0.0.0.0]:8080", 1 },
	{ 0, "[::]:8080:80", TCP6, "::ffff:10.0.2.100", 80, "container", 0 },
	{ 0, "0.0.0.0:8080:80", TCP6, "fd00::100", 80, "container", 0 },
};

START_TEST(bind_verdicts)
{
	const struct bind_row *row = &bind_rows[_i];
	struct socket_facts facts = facts_of(row->kind, row->options);
	struct endpoint local = endpoint_of(row->local, row->port);
	g_autofree char *text = NULL;
	struct verdict verdict;

	/* What goes out is no matter to what comes in. */
	setup_rules("-any", row->options);
	setup_forwards(row->forwards);
	verdict = verdict_bind(&rules, &facts, &local, row->options & V6_ONLY);
	text = describe(&verdict);
	ck_assert_msg(strcmp(text, row->verdict) == 0, "row %d: %s at %s port %u: %s (%s), not %s",
		      _i, row->forwards, row->local, row->port, text, verdict.reason, row->verdict);
	ck_assert_uint_eq(verdict.forward, row->id);
}
END_TEST

/* forward_parse makes no such forward; a program that lets the kernel choose must not get it. */
START_TEST(port_of_the_kernels_choice)
{
	struct socket_facts facts = facts_of(TCP4, 0);
	struct endpoint local = endpoint_of("0.0.0.0", 0);

	setup_rules("", 0);
	setup_forwards("0.0.0.0:8080:80");
	forwards[0].guest.port = 0;
	ck_assert_int_eq(verdict_bind(&rules, &facts, &local, false).action, ACTION_CONTAINER);
}
END_TEST

START_TEST(names_of_actions)
{
	ck_assert_str_eq(action_name(ACTION_CONTINUE), "continue");
	ck_assert_str_eq(action_name(ACTION_CONTAINER), "container");
	ck_assert_str_eq(action_name(ACTION_HOST), "host");
	ck_assert_str_eq(action_name(ACTION_REFUSE), "refuse");
	ck_assert_str_eq(action_name((enum action)99), "unknown");
}
END_TEST

static void add_tests(TCase *cases)
{
	tcase_add_loop_test(cases, connect_policy_rows, 0, (int)policy_row_count);
	tcase_add_loop_test(cases, connect_policy_rows_without_packets, 0, (int)policy_row_count);
	tcase_add_loop_test(cases, connect_verdicts, 0, ARRAY_SIZE(connect_rows));
	tcase_add_test(cases, no_address);
	tcase_add_test(cases, send_of_others);
	tcase_add_test(cases, no_cookies);
	tcase_add_loop_test(cases, never_the_loopback_of_the_host, 0, 8);
	tcase_add_loop_test(cases, forwards_of_connect, 0, 2 * ARRAY_SIZE(forward_rows));
	tcase_add_loop_test(cases, bind_verdicts, 0, ARRAY_SIZE(bind_rows));
	tcase_add_test(cases, port_of_the_kernels_choice);
	tcase_add_test(cases, names_of_actions);
}

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *cases = tcase_create("verdict");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(cases, 60);
	add_tests(cases);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
