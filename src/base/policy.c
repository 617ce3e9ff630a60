/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which destinations a container may reach: parsing and judging the rules of --allow and --deny. */

/*
 * A rule is three conditions, each of which may be left out: a prefix, a range of ports, a
 * protocol. Rules are kept in the order given and the last that matches decides, so that a narrow
 * exception follows the wide rule that it is about: "--deny 10.0.0.0/8 --allow 10.1.2.3:443/tcp".
 *
 * An IPv4 destination is the same destination when it is written as an IPv6 address, so both the
 * rules and what is judged by them are turned into plain IPv4 first. A rule that names ports is
 * about protocols that have some: it never matches ICMP.
 */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/policy.h"
#include "base/util.h"

#define PORT_MAX 65535
#define V4_MAPPED_BITS 96

static const struct {
	const char *name;
	uint8_t protocol;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
};

/* Takes "/tcp" off the end of text. Returns false if there is a name that is no protocol's. */
static bool take_protocol(char *text, uint8_t *ret_protocol)
{
	char *slash = strrchr(text, '/');

	*ret_protocol = 0;
	if (!slash || (slash[1] >= '0' && slash[1] <= '9'))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(slash + 1, protocols[i].name) == 0) {
			*ret_protocol = protocols[i].protocol;
			*slash = '\0';
			return true;
		}
	}
	return false;
}

/* Cuts text into the prefix and what follows the colon before the ports (NULL if none does). */
static char *take_ports(char *text)
{
	char *start = text;
	char *colon;

	/* The colons of an IPv6 address end at the bracket, or else at the slash. */
	if (text[0] == '[')
		start = strchr(text, ']');
	else if (strchr(text, '/'))
		start = strchr(text, '/');
	else if (strchr(text, ':') != strrchr(text, ':'))
		return NULL;
	if (!start)
		return NULL;
	colon = strchr(start, ':');
	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

/* Reads "[fd00::/8]" as well as all that prefix_parse takes. */
static bool parse_prefix(char *text, struct prefix *ret_prefix)
{
	size_t length = strlen(text);

	if (length > 2 && text[0] == '[' && text[1] != '[' && text[length - 1] == ']' &&
	    strchr(text, ':')) {
		text[length - 1] = '\0';
		text++;
	}
	if (!prefix_parse(text, ret_prefix))
		return false;
	if (ret_prefix->length >= V4_MAPPED_BITS && ret_prefix->address.family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&ret_prefix->address.v6)) {
		ret_prefix->address = address_unmapped(&ret_prefix->address);
		ret_prefix->length -= V4_MAPPED_BITS;
	}
	return true;
}

static bool parse_port(const char *text, const char *end, uint16_t *ret_port)
{
	unsigned long port = 0;

	if (text == end || end - text > 5)
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return false;
		port = port * 10 + (unsigned long)(*text - '0');
	}
	if (port < 1 || port > PORT_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* Reads "53" or "1-1023". */
static bool parse_ports(const char *text, uint16_t *ret_first, uint16_t *ret_last)
{
	const char *end = text + strlen(text);
	const char *dash = strchr(text, '-');

	if (!parse_port(text, dash ? dash : end, ret_first) ||
	    !parse_port(dash ? dash + 1 : text, end, ret_last))
		return false;
	return *ret_first <= *ret_last;
}

/* Fills rule from text, which is cut up. Returns NULL, or what is wrong with it. */
static const char *parse_rule(char *text, struct policy_rule *rule)
{
	char *ports;

	rule->port_last = PORT_MAX;
	if (!take_protocol(text, &rule->protocol))
		return "the protocol must be tcp, udp or icmp";
	ports = take_ports(text);
	if (ports && !parse_ports(ports, &rule->port_first, &rule->port_last))
		return "ports are a number from 1 to 65535, or a range such as 1-1023";
	if (ports && rule->protocol == IPPROTO_ICMP)
		return "ICMP has no ports";
	if (strcmp(text, "any") != 0 && !parse_prefix(text, &rule->prefix))
		return "the destination must be \"any\", an address, or a prefix whose host bits "
		       "are zero, such as 10.0.0.0/8 or [fd00::/8]";
	return NULL;
}

bool policy_add(struct policy *policy, const char *text, bool allow, GError **error)
{
	g_autofree char *copy = g_strdup(text);
	struct policy_rule rule = { .allow = allow };
	const char *problem;

	problem = parse_rule(copy, &rule);
	if (problem) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "bad rule \"%s\": %s", text, problem);
		return false;
	}
	if (policy->count >= POLICY_RULES_MAX) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "no room for rule \"%s\": a policy holds at most %d rules", text,
			  POLICY_RULES_MAX);
		return false;
	}
	policy->rules[policy->count++] = rule;
	return true;
}

static bool rule_names_ports(const struct policy_rule *rule)
{
	return rule->port_first > 0 || rule->port_last < PORT_MAX;
}

/* protocol is IPPROTO_ICMP for either family's. */
static bool rule_matches(const struct policy_rule *rule, uint8_t protocol,
			 const struct endpoint *destination)
{
	if (rule->protocol && rule->protocol != protocol)
		return false;
	if (protocol == IPPROTO_ICMP) {
		if (rule_names_ports(rule))
			return false;
	} else if (destination->port < rule->port_first || destination->port > rule->port_last) {
		return false;
	}
	return rule->prefix.address.family == AF_UNSPEC ||
	       prefix_contains(&rule->prefix, &destination->address);
}

bool policy_allows(const struct policy *policy, uint8_t protocol,
		   const struct endpoint *destination)
{
	struct endpoint plain = *destination;

	plain.address = address_unmapped(&destination->address);
	if (protocol == IPPROTO_ICMPV6)
		protocol = IPPROTO_ICMP;
	for (uint32_t i = policy->count; i > 0; i--)
		if (rule_matches(&policy->rules[i - 1], protocol, &plain))
			return policy->rules[i - 1].allow;
	return true;
}

static void append_destination(GString *text, const struct policy_rule *rule)
{
	char buffer[ADDRESS_TEXT_MAX];

	switch (rule->prefix.address.family) {
	case AF_UNSPEC:
		g_string_append(text, "any");
		break;
	case AF_INET6:
		g_string_append_printf(text, "[%s]", prefix_format(&rule->prefix, buffer));
		break;
	default:
		g_string_append(text, prefix_format(&rule->prefix, buffer));
	}
}

char *policy_rule_format(const struct policy_rule *rule)
{
	GString *text = g_string_new(NULL);

	append_destination(text, rule);
	if (rule_names_ports(rule)) {
		g_string_append_printf(text, ":%u", rule->port_first);
		if (rule->port_last != rule->port_first)
			g_string_append_printf(text, "-%u", rule->port_last);
	}
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].protocol == rule->protocol)
			g_string_append_printf(text, "/%s", protocols[i].name);
	return g_string_free(text, FALSE);
}
