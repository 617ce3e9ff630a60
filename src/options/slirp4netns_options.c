/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the drop-in for slirp4netns(1). */

/*
 * The flags and what they do are those of slirp4netns 1.3.2, and so are the defaults: IPv6 off, an
 * MTU of 1500, the host's loopback reachable. Sandbox and seccomp are always on here, so their
 * flags say nothing new. Callers look in the help text for the names of flags they may use.
 */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "options/slirp4netns_options.h"
#include "options/values.h"

#define MTU_DEFAULT 1500

/* The kernel runs no IPv6 on an interface with a smaller MTU (RFC 8200, section 5). */
#define MTU_MIN_V6 1280

/* How the first operand is to be read. */
enum netns_type { NETNS_DEFAULT, NETNS_PID, NETNS_PATH, NETNS_TAP_FD };

struct arguments {
	struct slirp4netns_invocation invocation;
	const char *cidr;
	uint32_t mtu;
	bool v6;
	bool bess;
	enum netns_type netns_type;
	char *outbound_interface_v4;
	char *outbound_interface_v6;
};

#define IN_ARGUMENTS(field) offsetof(struct arguments, field)
#define IN_INVOCATION(field) offsetof(struct arguments, invocation.field)
#define IN_CONFIG(field) offsetof(struct arguments, invocation.config.field)

/* A flag that asks for what is the case anyway. */
static bool take_nothing(const char *value, void *field, GError **error)
{
	(void)value;
	(void)field;
	(void)error;
	return true;
}

/* Words that are neither "pid" nor "tapfd" all mean a path, "path" among them. */
static bool take_netns_type(const char *value, void *field, GError **error)
{
	enum netns_type *type = field;

	(void)error;
	if (strcmp(value, "pid") == 0)
		*type = NETNS_PID;
	else
		*type = strcmp(value, "tapfd") == 0 ? NETNS_TAP_FD : NETNS_PATH;
	return true;
}

static bool take_target_type(const char *value, void *field, GError **error)
{
	static const struct value_choice types[] = { { "netns", false }, { "bess", true } };
	int bess;

	if (!value_choose(value, types, ARRAY_SIZE(types), &bess, error))
		return false;
	*(bool *)field = bess;
	return true;
}

/* Reads an address of family, or the name of an interface. */
static bool take_outbound(const char *value, sa_family_t family, struct address *address,
			  char **interface, GError **error)
{
	struct address parsed;

	if (address_parse(value, &parsed)) {
		if (parsed.family == family) {
			*address = parsed;
			g_clear_pointer(interface, g_free);
			return true;
		}
	} else if (value_take_interface(value, interface, NULL)) {
		*address = (struct address){ .family = AF_UNSPEC };
		return true;
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "needs an IPv%c address or the name of an interface",
		  family == AF_INET ? '4' : '6');
	return false;
}

static bool take_outbound_v4(const char *value, void *field, GError **error)
{
	struct arguments *arguments = field;

	return take_outbound(value, AF_INET, &arguments->invocation.config.outbound_v4,
			     &arguments->outbound_interface_v4, error);
}

static bool take_outbound_v6(const char *value, void *field, GError **error)
{
	struct arguments *arguments = field;

	return take_outbound(value, AF_INET6, &arguments->invocation.config.outbound_v6,
			     &arguments->outbound_interface_v6, error);
}

/* clang-format off */
static const struct option_spec slirp4netns_options[] = {
	{ 'c', "configure", NULL, value_take_true, IN_CONFIG(configure),
	  "set up the interface: addresses, routes, MTU; and lo" },
	{ 'e', "exit-fd", "FD", value_take_descriptor, IN_INVOCATION(exit_fd),
	  "end when the other side of this descriptor hangs up" },
	{ 'r', "ready-fd", "FD", value_take_descriptor, IN_INVOCATION(ready_fd),
	  "write the byte 1 to this descriptor when the network works" },
	{ 'm', "mtu", "MTU", value_take_mtu, IN_ARGUMENTS(mtu),
	  "MTU of the interface, at most 65521 (default 1500)" },
	{ '6', "enable-ipv6", NULL, value_take_true, IN_ARGUMENTS(v6),
	  "IPv6 too, as " NETWORK_CIDR6_DEFAULT },
	{ 'a', "api-socket", "PATH", value_take_text, IN_INVOCATION(api_socket),
	  "listen here for JSON requests that add, list and remove forwards" },
	{ 0, "cidr", "CIDR", value_take_borrowed, IN_ARGUMENTS(cidr),
	  "IPv4 network (default " NETWORK_CIDR_DEFAULT ")" },
	{ 0, "disable-host-loopback", NULL, value_take_false, IN_CONFIG(host_loopback),
	  "keep the gateway's address from reaching the host's 127.0.0.1" },
	{ 0, "no-host-loopback", NULL, value_take_false, IN_CONFIG(host_loopback), NULL },
	{ 0, "netns-type", "TYPE", take_netns_type, IN_ARGUMENTS(netns_type),
	  "what the first operand is: pid (default), path, or tapfd" },
	{ 0, "userns-path", "PATH", value_take_text, IN_INVOCATION(userns_path),
	  "user namespace to join first (default: the process's)" },
	{ 0, "enable-sandbox", NULL, take_nothing, 0,
	  "accepted: the sandbox of an empty root and no capabilities is always on" },
	{ 0, "create-sandbox", NULL, take_nothing, 0, NULL },
	{ 0, "enable-seccomp", NULL, take_nothing, 0,
	  "accepted: the list of allowed system calls is always on" },
	{ 0, "outbound-addr", "IPv4|IFACE", take_outbound_v4, 0,
	  "source address or interface of outgoing IPv4 connections" },
	{ 0, "outbound-addr6", "IPv6|IFACE", take_outbound_v6, 0,
	  "the same for IPv6" },
	{ 0, "disable-dns", NULL, value_take_false, IN_CONFIG(dns),
	  "don't relay DNS queries to the host's servers" },
	{ 0, "macaddress", "MAC", value_take_mac, IN_CONFIG(mac),
	  "MAC address of the interface; needs -c" },
	{ 0, "target-type", "TYPE", take_target_type, IN_ARGUMENTS(bess),
	  "netns (default), or bess: the operand is the path of a SOCK_SEQPACKET socket that "
	  "frames come over" },
	{ 'v', "version", NULL, value_take_true, IN_INVOCATION(version),
	  "print the version" },
	{ .name = NULL },
};

const struct command_spec slirp4netns_command_spec = {
	"slirp4netns", "[OPTION]... PID|PATH|FD [TAPNAME]",
	"Gives a network to a network namespace, without privileges. This is slirpway under\n"
	"the name slirp4netns.",
	slirp4netns_options, NULL,
};
/* clang-format on */

static void arguments_init(struct arguments *arguments)
{
	*arguments = (struct arguments){
		.invocation.tap_fd = -1,
		.invocation.exit_fd = -1,
		.invocation.ready_fd = -1,
		.mtu = MTU_DEFAULT,
	};
	session_config_init(&arguments->invocation.config);
	arguments->invocation.config.mode = SESSION_MODE_PACKET;
	arguments->invocation.config.host_loopback = true;
	arguments->invocation.config.configure = false;
}

/* The checks that span options. */
static bool check_conflicts(const struct arguments *arguments, GError **error)
{
	const struct slirp4netns_invocation *invocation = &arguments->invocation;
	const char *v4 = arguments->outbound_interface_v4;
	const char *v6 = arguments->outbound_interface_v6;
	const char *problem = NULL;

	if (arguments->bess && invocation->config.configure)
		problem = "--target-type=bess and --configure exclude each other";
	else if (arguments->bess && arguments->netns_type != NETNS_DEFAULT)
		problem = "--target-type=bess and --netns-type exclude each other";
	else if (arguments->bess && invocation->userns_path)
		problem = "--target-type=bess and --userns-path exclude each other";
	else if (invocation->config.mac && !invocation->config.configure)
		problem = "--macaddress needs --configure";
	else if (v4 && v6 && strcmp(v4, v6) != 0)
		problem = "--outbound-addr and --outbound-addr6 must name the same interface";
	if (problem)
		error_set(error, SLIRPWAY_ERROR_USAGE, "%s", problem);
	return !problem;
}

/* Lays out the network, without IPv6 where the MTU is too small for it. */
static bool plan_network(struct arguments *arguments, GString *warnings, GError **error)
{
	bool v6 = arguments->v6;

	if (v6 && arguments->mtu < MTU_MIN_V6) {
		g_string_append_printf(warnings,
				       "WARNING: IPv6 is left out: it needs an MTU of %d or more\n",
				       MTU_MIN_V6);
		v6 = false;
	}
	return value_plan_network(arguments->cidr, NULL, v6, arguments->mtu,
				  &arguments->invocation.config.network, error);
}

static void take_outbound_interface(struct arguments *arguments)
{
	char **place = arguments->outbound_interface_v4 ? &arguments->outbound_interface_v4
							: &arguments->outbound_interface_v6;

	arguments->invocation.config.outbound_interface = g_steal_pointer(place);
}

static bool take_target(const char *target, struct arguments *arguments, GError **error)
{
	struct slirp4netns_invocation *invocation = &arguments->invocation;

	if (arguments->bess) {
		invocation->target = SLIRP4NETNS_BESS;
		return value_take_text(target, &invocation->path, error);
	}
	switch (arguments->netns_type) {
	case NETNS_DEFAULT:
	case NETNS_PID:
		invocation->target = SLIRP4NETNS_PID;
		return value_parse_pid(target, &invocation->pid, error);
	case NETNS_PATH:
		invocation->target = SLIRP4NETNS_PATH;
		return value_take_text(target, &invocation->path, error);
	case NETNS_TAP_FD:
		invocation->target = SLIRP4NETNS_TAP_FD;
		return value_take_descriptor(target, &invocation->tap_fd, error);
	}
	g_return_val_if_reached(false);
}

static bool take_operands(char **operands, struct arguments *arguments, GString *warnings,
			  GError **error)
{
	bool named = !arguments->bess && arguments->netns_type != NETNS_TAP_FD;
	guint count = g_strv_length(operands);

	if (count == 0 || (count == 1 && named)) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "%s is missing",
			  count ? "TAPNAME" : "PID, PATH or FD");
		return false;
	}
	if (count > (arguments->bess ? 1 : 2))
		g_string_append(warnings, "WARNING: too many arguments\n");
	if (!take_target(operands[0], arguments, error)) {
		g_prefix_error(error, "%s: ", operands[0]);
		return false;
	}
	if (count == 1 || arguments->bess)
		return true;
	if (!value_take_interface(operands[1], &arguments->invocation.config.device_name, error)) {
		g_prefix_error(error, "TAPNAME %s: ", operands[1]);
		return false;
	}
	return true;
}

static bool parse(int argc, char **argv, struct arguments *arguments, GString *warnings,
		  GError **error)
{
	g_autofree char **operands = NULL;
	struct slirp4netns_invocation *invocation = &arguments->invocation;

	if (!options_parse(&slirp4netns_command_spec, argc, argv, false, arguments, &operands,
			   &invocation->help, error))
		return false;
	if (invocation->help || invocation->version)
		return true;
	if (!check_conflicts(arguments, error) || !plan_network(arguments, warnings, error))
		return false;
	take_outbound_interface(arguments);
	return take_operands(operands, arguments, warnings, error);
}

bool slirp4netns_options_parse(int argc, char **argv, struct slirp4netns_invocation *ret_invocation,
			       char **ret_warnings, GError **error)
{
	GString *warnings = g_string_new(NULL);
	struct arguments arguments;
	bool parsed;

	arguments_init(&arguments);
	parsed = parse(argc, argv, &arguments, warnings, error);
	*ret_invocation = arguments.invocation;
	*ret_warnings = g_string_free(warnings, warnings->len == 0);
	g_free(arguments.outbound_interface_v4);
	g_free(arguments.outbound_interface_v6);
	return parsed;
}

void slirp4netns_invocation_clear(struct slirp4netns_invocation *invocation)
{
	session_config_clear(&invocation->config);
	g_clear_pointer(&invocation->path, g_free);
	g_clear_pointer(&invocation->userns_path, g_free);
	g_clear_pointer(&invocation->api_socket, g_free);
}
