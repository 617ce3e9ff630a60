/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client processes that hand their results over in shared memory. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload/clients.h"

#define MAX_CLIENTS 256

bool client_repeat(const struct workload_options *options, struct client_result *result,
		   operation_func operation, void *data)
{
	uint64_t before = workload_now();
	/* A count, when one is given, replaces the time limit. */
	uint64_t deadline = options->count == NO_LIMIT ? before + options->duration : NO_LIMIT;

	result->start = before;
	while (before < deadline && result->operations < options->count) {
		if (!operation(options, data))
			return false;
		uint64_t after = workload_now();
		histogram_add(&result->latency, after - before);
		result->operations++;
		before = after;
	}
	result->end = before;
	return true;
}

static bool start_clients(const struct workload_options *options, client_func one,
			  struct client_result *results)
{
	if (options->flows == 1) {
		results[0].done = one(options, &results[0]);
		return true;
	}
	for (uint64_t i = 0; i < options->flows; i++) {
		pid_t pid = fork();
		if (pid < 0)
			return workload_complain("fork: %s", strerror(errno));
		if (pid == 0) {
			/* Nobody would read the result. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			results[i].done = one(options, &results[i]);
			_exit(EXIT_SUCCESS);
		}
	}
	return true;
}

static bool add_up(const struct client_result *results, uint64_t count,
		   struct client_result *ret_total)
{
	bool done = true;

	*ret_total = (struct client_result){ .start = NO_LIMIT };
	histogram_init(&ret_total->latency);
	for (uint64_t i = 0; i < count; i++) {
		done = done && results[i].done;
		ret_total->operations += results[i].operations;
		ret_total->not_found += results[i].not_found;
		histogram_merge(&ret_total->latency, &results[i].latency);
		if (results[i].start < ret_total->start)
			ret_total->start = results[i].start;
		if (results[i].end > ret_total->end)
			ret_total->end = results[i].end;
	}
	ret_total->done = done;
	return done;
}

bool clients_run(const struct workload_options *options, client_func one,
		 struct client_result *ret_total)
{
	size_t size = options->flows * sizeof(struct client_result);

	if (options->flows > MAX_CLIENTS)
		return workload_complain("--flows is at most %d here", MAX_CLIENTS);
	struct client_result *results =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED)
		return workload_complain("memory: %s", strerror(errno));
	for (uint64_t i = 0; i < options->flows; i++)
		histogram_init(&results[i].latency);
	bool started = start_clients(options, one, results);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	bool done = add_up(results, options->flows, ret_total);
	munmap(results, size);
	return started && done;
}

void clients_report(const struct workload_options *options, const struct client_result *total,
		    struct report *report)
{
	double seconds = (double)(total->end - total->start) / (double)NANOSECONDS_PER_SECOND;

	report_count(report, "clients", options->flows);
	report_count(report, "operations", total->operations);
	report_number(report, "seconds", seconds);
	report_number(report, "rate", seconds > 0 ? (double)total->operations / seconds : 0);
	report_latency(report, &total->latency);
}
