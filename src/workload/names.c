/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client mode names: lookups by the C library's resolver, as programs do them.
 *
 * Every name is asked for only once, so that nobody on the way can answer from a cache. Who says
 * that there is no such name has answered, too: that counts, and is counted.
 */

#include "config.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "workload/clients.h"
#include "workload/modes.h"
#include "workload/run_cost.h"

#define NAME_SIZE 256
#define ANSWER_SIZE 1500

struct lookups {
	struct __res_state state;
	uint32_t client; /* random: names of different runs and clients differ */
	uint64_t asked;
	uint64_t not_found;
};

/*
 * The C library has no call for this. The array of res_state that is public holds addresses of
 * IPv4, its extension those of IPv6, where the other's place says that it has no family.
 */
static bool use_resolver(struct __res_state *state, const struct workload_options *options)
{
	struct sockaddr_in *v4 = &state->nsaddr_list[0];
	struct sockaddr_in6 *v6 = calloc(1, sizeof(*v6));

	if (!v6)
		return workload_complain("no memory");
	*v4 = (struct sockaddr_in){ .sin_port = htons(options->resolver_port) };
	*v6 = (struct sockaddr_in6){ .sin6_port = htons(options->resolver_port) };
	if (inet_pton(AF_INET, options->resolver, &v4->sin_addr) == 1)
		v4->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, options->resolver, &v6->sin6_addr) == 1)
		v6->sin6_family = AF_INET6;
	free(state->_u._ext.nsaddrs[0]);
	state->_u._ext.nsaddrs[0] = NULL;
	state->_u._ext.nscount = 0;
	if (v6->sin6_family) {
		state->_u._ext.nsaddrs[0] = v6; /* freed by res_nclose */
		state->_u._ext.nscount = 1;
	} else {
		free(v6);
	}
	state->nscount = 1;
	return true;
}

static bool look_up(const struct workload_options *options, void *data)
{
	struct lookups *lookups = data;
	char name[NAME_SIZE];
	unsigned char answer[ANSWER_SIZE];

	snprintf(name, sizeof(name), "n%" PRIu64 "-%08" PRIx32 ".%s", lookups->asked++,
		 lookups->client, options->domain);
	if (res_nquery(&lookups->state, name, ns_c_in, ns_t_a, answer, sizeof(answer)) >= 0)
		return true;
	if (lookups->state.res_h_errno != HOST_NOT_FOUND && lookups->state.res_h_errno != NO_DATA)
		return workload_complain("looking up %s: %s", name,
					 hstrerror(lookups->state.res_h_errno));
	lookups->not_found++;
	return true;
}

static bool names_client(const struct workload_options *options, struct client_result *result)
{
	struct lookups lookups = { 0 };
	bool done = false;

	if (getrandom(&lookups.client, sizeof(lookups.client), 0) < 0 ||
	    res_ninit(&lookups.state) < 0)
		return workload_complain("cannot set up the resolver");
	/* The first one is not measured: it proves that there is somebody who answers. */
	if (!options->resolver || use_resolver(&lookups.state, options))
		done = look_up(options, &lookups);
	lookups.not_found = 0;
	done = done && client_repeat(options, result, look_up, &lookups);
	result->not_found = lookups.not_found;
	res_nclose(&lookups.state);
	return done;
}

bool workload_names(const struct workload_options *options)
{
	struct client_result total;
	struct run_cost cost;
	bool done = run_cost_begin(&cost, options) && clients_run(options, names_client, &total) &&
		    run_cost_end(&cost);

	if (done) {
		struct report *report = report_begin("names", options);
		report_text(report, "resolver",
			    options->resolver ? options->resolver : "/etc/resolv.conf");
		report_text(report, "domain", options->domain);
		clients_report(options, &total, report);
		report_count(report, "not_found", total.not_found);
		run_cost_report(&cost, report);
		done = report_end(report);
	}
	run_cost_close(&cost);
	return done;
}
