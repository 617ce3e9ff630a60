/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzzes the text of policy rules: what is read must print as a rule that decides the same. */

#include "config.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/policy.h"
#include "base/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* Endpoints in and around the rule's prefix and ports. */
static void require_same_verdicts(const struct policy *a, const struct policy *b)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
					     IPPROTO_ICMPV6 };
	const struct policy_rule *rule = &a->rules[0];
	struct endpoint destination = { .address = rule->prefix.address };
	uint16_t ports[] = { rule->port_first, rule->port_last, (uint16_t)(rule->port_first - 1),
			     (uint16_t)(rule->port_last + 1) };

	if (destination.address.family == AF_UNSPEC)
		destination.address.family = AF_INET;
	for (size_t flip = 0; flip < 128; flip += 7) {
		destination.address.bytes[flip / 8] ^= (uint8_t)(1 << flip % 8);
		for (size_t i = 0; i < ARRAY_SIZE(ports) * ARRAY_SIZE(protocols); i++) {
			uint8_t protocol = protocols[i % ARRAY_SIZE(protocols)];

			destination.port = ports[i / ARRAY_SIZE(protocols)];
			require(policy_allows(a, protocol, &destination) ==
				policy_allows(b, protocol, &destination));
		}
	}
}

static void check_rule(const char *text)
{
	struct policy policy = { 0 };
	struct policy again = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *printed = NULL;
	g_autofree char *reprinted = NULL;

	if (!policy_add(&policy, text, false, &error)) {
		require(error && strlen(error->message) > strlen(text) && policy.count == 0);
		return;
	}
	require(!error && policy.count == 1);
	printed = policy_rule_format(&policy.rules[0]);
	require(policy_add(&again, printed, false, NULL));
	reprinted = policy_rule_format(&again.rules[0]);
	require(strcmp(printed, reprinted) == 0);
	require_same_verdicts(&policy, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);

	check_rule(text);
	return 0;
}
