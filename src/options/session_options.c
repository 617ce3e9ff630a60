/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of run and attach. */

/*
 * Each row of the tables takes one value into the place where it belongs; nothing is compared with
 * anything else until all are read, so that the order of options never matters. Then the checks
 * that span options follow, in check_arguments.
 */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "options/session_options.h"
#include "options/session_values.h"
#include "options/values.h"

/* What the rows fill; texts of the network are read once all of them are known. */
struct arguments {
	struct invocation invocation;
	const char *cidr;
	const char *cidr6;
	uint32_t mtu;
	bool v6;
};

#define DNS_PORT 53

#define IN_ARGUMENTS(field) offsetof(struct arguments, field)
#define IN_INVOCATION(field) offsetof(struct arguments, invocation.field)
#define IN_CONFIG(field) offsetof(struct arguments, invocation.config.field)

/* clang-format off */
static const struct option_spec common_options[] = {
	{ 0, "mode", "MODE", session_take_mode, IN_CONFIG(mode),
	  "auto, hybrid (TCP by sockets of the host, the rest by packets), packet, or syscall (TCP and "
	  "UDP by sockets, nothing else) (default auto: hybrid where the kernel allows it)" },
	{ 0, "name", "NAME", session_take_name, IN_CONFIG(name),
	  "what list, status, stop and port call the session" },
	{ 'p', "publish", "SPEC", session_take_publish, IN_CONFIG(forwards),
	  "publish ports: [HOSTIP:]HOSTPORT:PORT[/tcp|udp], ranges as a-b:c-d, IPv6 as [v6]; repeatable" },
	{ 0, "mtu", "N", value_take_mtu, IN_ARGUMENTS(mtu),
	  "MTU of the container's interface (default 65520)" },
	{ 0, "cidr", "CIDR", value_take_borrowed, IN_ARGUMENTS(cidr),
	  "IPv4 network (default " NETWORK_CIDR_DEFAULT ")" },
	{ 0, "cidr6", "CIDR", value_take_borrowed, IN_ARGUMENTS(cidr6),
	  "IPv6 network (default " NETWORK_CIDR6_DEFAULT ")" },
	{ 0, "ipv6", NULL, value_take_true, IN_ARGUMENTS(v6), "IPv6 on (the default)" },
	{ 0, "no-ipv6", NULL, value_take_false, IN_ARGUMENTS(v6), "IPv6 off" },
	{ 0, "host-loopback", NULL, value_take_true, IN_CONFIG(host_loopback),
	  "let the gateway's address reach the host's 127.0.0.1" },
	{ 0, "allow", "RULE", session_take_allow, IN_CONFIG(policy),
	  "allow destinations: CIDR[:PORTS][/PROTO]; repeatable, the last match wins" },
	{ 0, "deny", "RULE", session_take_deny, IN_CONFIG(policy),
	  "deny destinations, written in the same way" },
	{ 0, "outbound", "IFACE|ADDR", session_take_outbound, IN_INVOCATION(config),
	  "interface or source address of outgoing connections; an address of each family can be given" },
	{ 0, "dns", "ADDR", session_take_dns, IN_INVOCATION(config),
	  "DNS server to ask in place of the host's, ADDR[:PORT]; repeatable; none: no DNS" },
	{ 0, "device", "KIND", session_take_device, IN_CONFIG(device),
	  "auto, tap or veth (default auto: tap where /dev/net/tun can be opened)" },
	{ 0, "interface", "NAME", value_take_interface, IN_CONFIG(device_name),
	  "name of the container's interface (default tap0)" },
	{ 0, "mac", "MAC", value_take_mac, IN_CONFIG(mac),
	  "MAC address of the container's interface" },
	{ 0, "pcap", "FILE", value_take_text, IN_CONFIG(pcap_path),
	  "write the container's frames to FILE, for tcpdump and Wireshark" },
	{ 0, "snapshot-length", "N", value_take_snapshot, IN_CONFIG(snapshot_length),
	  "write no more than the first N bytes of each frame (with --pcap)" },
	{ 0, "trace", "FILE", value_take_text, IN_CONFIG(trace_path),
	  "write a line of JSON to FILE for each trapped call (not in mode packet)" },
	{ 0, "virtual-addresses", NULL, value_take_true, IN_CONFIG(virtual_addresses),
	  "sockets of the host show the container's addresses, not the host's (not in mode packet)" },
	/* For tests: no isolation. Sockets of the container's loopback become the host's, too. */
	{ 0, "swap-everything", NULL, value_take_true, IN_CONFIG(swap_everything), NULL },
	{ 0, "ready-fd", "FD", value_take_descriptor, IN_INVOCATION(ready_fd),
	  "write the byte 1 to this descriptor when the network works" },
	{ 0, "log-level", "LEVEL", value_take_log_level, IN_INVOCATION(log_level),
	  "error, warning, info or debug (default info)" },
	{ .name = NULL },
};

static const struct option_spec run_options[] = {
	{ 0, "map-root-user", NULL, session_take_map_root, IN_CONFIG(user_map),
	  "be root inside (the default)" },
	{ 0, "map-current-user", NULL, session_take_map_current, IN_CONFIG(user_map),
	  "keep the own user and group ids inside" },
	{ 0, "map-auto", NULL, session_take_map_auto, IN_CONFIG(user_map),
	  "be root inside, with the subordinate ids of /etc/subuid and /etc/subgid" },
	{ .name = NULL },
};

static const struct option_spec attach_options[] = {
	{ 0, "userns-path", "PATH", value_take_text, IN_INVOCATION(userns_path),
	  "user namespace to join first (default: the process's)" },
	{ 0, "no-configure", NULL, value_take_false, IN_CONFIG(configure),
	  "only make the interface; addresses, routes and flags are left to the caller" },
	{ .name = NULL },
};

const struct command_spec run_command_spec = {
	"run", "[OPTIONS] [--] COMMAND [ARG...]",
	"Runs COMMAND in new user, network and mount namespaces, with network.",
	run_options, common_options,
};

const struct command_spec attach_command_spec = {
	"attach", "[OPTIONS] PID|NETNS-PATH",
	"Gives a network to namespaces that exist, until they end.",
	attach_options, common_options,
};
/* clang-format on */

static void arguments_init(struct arguments *arguments)
{
	*arguments = (struct arguments){
		.invocation.ready_fd = -1,
		.invocation.log_level = LOG_LEVEL_INFO,
		.mtu = NETWORK_MTU_DEFAULT,
		.v6 = true,
	};
	session_config_init(&arguments->invocation.config);
}

/* Orders forwards so that those of the same host endpoint are neighbours. */
static gint compare_hosts(gconstpointer left, gconstpointer right)
{
	const struct forward *a = left;
	const struct forward *b = right;

	if (a->protocol != b->protocol)
		return a->protocol - b->protocol;
	if (a->host.port != b->host.port)
		return a->host.port - b->host.port;
	if (a->host.address.family != b->host.address.family)
		return a->host.address.family - b->host.address.family;
	return memcmp(a->host.address.bytes, b->host.address.bytes, sizeof(a->host.address.bytes));
}

static bool check_forwards(const GArray *forwards, bool v6, GError **error)
{
	g_autoptr(GArray) sorted = g_array_copy((GArray *)forwards);
	const struct forward *rows = (const struct forward *)sorted->data;
	char text[FORWARD_TEXT_MAX], other[FORWARD_TEXT_MAX];

	g_array_sort(sorted, compare_hosts);
	for (guint i = 0; i < sorted->len; i++) {
		if (i > 0 && forward_same_host(&rows[i - 1], &rows[i])) {
			error_set(error, SLIRPWAY_ERROR_USAGE,
				  "--publish takes the same host port twice: %s and %s",
				  forward_format(&rows[i - 1], text),
				  forward_format(&rows[i], other));
			return false;
		}
		if (!v6 && rows[i].host.address.family == AF_INET6) {
			error_set(error, SLIRPWAY_ERROR_USAGE,
				  "--publish %s needs IPv6, which --no-ipv6 switches off",
				  forward_format(&rows[i], text));
			return false;
		}
	}
	return true;
}

static bool check_syscall_path(const struct session_config *config, GError **error)
{
	if (config->trace_path && config->mode == SESSION_MODE_PACKET) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--trace tells of trapped calls, of which there are none with "
			  "--mode=packet");
		return false;
	}
	if (config->swap_everything && config->mode == SESSION_MODE_PACKET) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--swap-everything swaps sockets, which --mode=packet leaves alone");
		return false;
	}
	if (config->virtual_addresses && config->mode == SESSION_MODE_PACKET) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--virtual-addresses is about sockets of the host, of which there are "
			  "none with --mode=packet");
		return false;
	}
	return true;
}

/* Which of the options that are about packets was given; NULL for none. */
static const char *packet_option(const struct arguments *arguments)
{
	const struct session_config *config = &arguments->invocation.config;
	const struct {
		const char *name;
		bool given;
	} rows[] = {
		{ "--pcap", config->pcap_path != NULL },
		{ "--device", config->device != DEVICE_AUTO },
		{ "--interface", strcmp(config->device_name, "tap0") != 0 },
		{ "--mac", config->mac != NULL },
		{ "--mtu", arguments->mtu != NETWORK_MTU_DEFAULT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].given)
			return rows[i].name;
	return NULL;
}

/* What there is none of in mode syscall. */
static bool check_without_packets(const struct arguments *arguments, GError **error)
{
	const struct session_config *config = &arguments->invocation.config;
	const char *option = packet_option(arguments);
	char text[FORWARD_TEXT_MAX];

	if (config->mode != SESSION_MODE_SYSCALL)
		return true;
	if (option) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "%s is about packets, of which there are none with --mode=syscall",
			  option);
		return false;
	}
	for (guint i = 0; i < config->forwards->len; i++) {
		const struct forward *forward = &g_array_index(config->forwards, struct forward, i);

		if (forward->protocol == IPPROTO_TCP)
			continue;
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--publish %s: UDP ports are published by packets, of which there are "
			  "none with --mode=syscall",
			  forward_format(forward, text));
		return false;
	}
	for (guint i = 0; i < config->dns_servers->len; i++) {
		if (g_array_index(config->dns_servers, struct endpoint, i).port == DNS_PORT)
			continue;
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--dns with a port other than 53: with --mode=syscall programs ask the "
			  "servers themselves, and resolv.conf has no word for ports");
		return false;
	}
	return true;
}

/* No filter can be put on what runs already. */
static bool check_attach(const struct session_config *config, GError **error)
{
	if (config->mode == SESSION_MODE_HYBRID || config->mode == SESSION_MODE_SYSCALL) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--mode=%s: the calls of processes that run already can't be trapped; "
			  "use run, or --mode=packet",
			  session_mode_name(config->mode));
		return false;
	}
	if (config->trace_path || config->swap_everything || config->virtual_addresses) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--%s: the calls of processes that run already can't be trapped",
			  config->trace_path	    ? "trace"
			  : config->swap_everything ? "swap-everything"
						    : "virtual-addresses");
		return false;
	}
	return true;
}

/* The checks that span options; lays out the network. */
static bool check_arguments(struct arguments *arguments, GError **error)
{
	struct session_config *config = &arguments->invocation.config;

	if (!value_plan_network(arguments->cidr, arguments->cidr6, arguments->v6, arguments->mtu,
				&config->network, error))
		return false;
	if (!config->dns && config->dns_servers->len > 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--dns none and --dns ADDR exclude each other");
		return false;
	}
	if (config->mac && !config->configure) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--mac sets up the interface, which --no-configure forbids");
		return false;
	}
	if (config->snapshot_length > 0 && !config->pcap_path) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--snapshot-length cuts what --pcap writes, which was not given");
		return false;
	}
	return check_syscall_path(config, error) && check_without_packets(arguments, error) &&
	       check_forwards(config->forwards, arguments->v6, error);
}

bool session_options_parse_run(int argc, char **argv, struct invocation *ret_invocation,
			       GError **error)
{
	g_autofree char **operands = NULL;
	struct arguments arguments;
	bool parsed;

	arguments_init(&arguments);
	parsed = options_parse(&run_command_spec, argc, argv, true, &arguments, &operands,
			       &arguments.invocation.help, error) &&
		 (arguments.invocation.help || check_arguments(&arguments, error));
	*ret_invocation = arguments.invocation;
	if (!parsed || arguments.invocation.help)
		return parsed;
	if (!operands[0]) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "COMMAND is missing; --help tells more");
		return false;
	}
	ret_invocation->command = g_steal_pointer(&operands);
	return true;
}

/* A number is a process; anything else, "./123" too, is a path. */
static bool take_target(char **operands, struct invocation *invocation, GError **error)
{
	const char *target = operands[0];

	if (!target || !target[0] || operands[1]) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "exactly one PID or NETNS-PATH is needed; --help tells more");
		return false;
	}
	if (strspn(target, "0123456789") == strlen(target))
		return value_parse_pid(target, &invocation->pid, error);
	invocation->netns_path = g_strdup(target);
	return true;
}

bool session_options_parse_attach(int argc, char **argv, struct invocation *ret_invocation,
				  GError **error)
{
	g_autofree char **operands = NULL;
	struct arguments arguments;
	bool parsed;

	arguments_init(&arguments);
	parsed = options_parse(&attach_command_spec, argc, argv, false, &arguments, &operands,
			       &arguments.invocation.help, error) &&
		 (arguments.invocation.help ||
		  (check_arguments(&arguments, error) &&
		   check_attach(&arguments.invocation.config, error) &&
		   take_target(operands, &arguments.invocation, error)));
	*ret_invocation = arguments.invocation;
	return parsed;
}

void invocation_clear(struct invocation *invocation)
{
	session_config_clear(&invocation->config);
	g_clear_pointer(&invocation->command, g_free);
	g_clear_pointer(&invocation->netns_path, g_free);
	g_clear_pointer(&invocation->userns_path, g_free);
}
