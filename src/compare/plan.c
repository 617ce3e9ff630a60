/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is measured, and in which order.
 *
 * A world has one round-trip time and one congestion control. In a world all things are measured
 * once, then once more, and so on: A B C, B C A, C A B, for what a path leaves behind (namespaces
 * that the kernel takes down, a core that is busy) is the next one's burden. So the paths of one
 * thing are measured within seconds of each other and can be compared pair by pair, the runs of one
 * path lie far apart and show how much a noisy machine changes, and who ends it early has something
 * of everything.
 */

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "compare/plan.h"
#include "compare/witnesses.h"

#define DEFAULT_MTU 65520
#define DEFAULT_FLOWS 8
#define DEFAULT_SECONDS 1.0
#define DEFAULT_REPEAT 5

#define QUICK_SECONDS 0.2
#define QUICK_REPEAT 5

/* Less than a minute, for what comes before and after. */
#define QUICK_BUDGET 52.0

static const char *const own_paths[] = { "host", "packet", "hybrid", "syscall", NULL };
static const char *const preferred_congestions[] = { "cubic", "bbr", NULL };

static bool has_words(char *const *words)
{
	return words && words[0];
}

/* Appends the path of a name unless it is there. */
static bool add_path(struct plan *plan, const char *name, bool peers, GError **error)
{
	const struct path *path = path_find(name);
	g_autofree char *names = NULL;

	if (path && (path->kind == PATH_PEER) == peers) {
		if (!g_ptr_array_find(plan->paths, path, NULL))
			g_ptr_array_add(plan->paths, (gpointer)path);
		return true;
	}
	if (path) {
		error_set(error, SLIRPWAY_ERROR_USAGE, "%s: that is one of --%s", name,
			  peers ? "paths" : "peers");
		return false;
	}
	names = path_names(peers);
	error_set(error, SLIRPWAY_ERROR_USAGE, "there is no %s %s; there are %s",
		  peers ? "peer" : "path", name, names);
	return false;
}

static bool is_word(char *const *words, const char *word)
{
	return words && words[0] && !words[1] && strcmp(words[0], word) == 0;
}

static bool add_peers(struct plan *plan, char *const *names, GError **error)
{
	const struct path *path;

	if (is_word(names, "none"))
		return true;
	if (has_words(names) && !is_word(names, "all")) {
		for (; *names; names++)
			if (!add_path(plan, *names, true, error))
				return false;
		return true;
	}
	for (guint i = 0; (path = path_at(i)); i++)
		if (path->kind == PATH_PEER)
			g_ptr_array_add(plan->paths, (gpointer)path);
	return true;
}

static bool choose_paths(struct plan *plan, const struct plan_request *request, GError **error)
{
	const char *const *names =
		has_words(request->paths) ? (const char *const *)request->paths : own_paths;

	for (; *names; names++)
		if (!add_path(plan, *names, false, error))
			return false;
	return add_peers(plan, request->peers, error);
}

/* Appends a workload unless there is one of its name. */
static void add_workload(struct plan *plan, struct workload *workload)
{
	for (guint i = 0; i < plan->workloads->len; i++) {
		const struct workload *other = plan->workloads->pdata[i];

		if (strcmp(other->name, workload->name) == 0) {
			workload_free(workload);
			return;
		}
	}
	g_ptr_array_add(plan->workloads, workload);
}

/* The numbers of flows or connections that were asked for; NULL if it is left to us. */
static const GArray *numbers_of(const struct workload_kind *kind,
				const struct plan_request *request)
{
	const GArray *numbers = kind->counts_connections ? request->connections : request->flows;

	return kind->number && numbers && numbers->len > 0 ? numbers : NULL;
}

static void add_numbers(struct plan *plan, const struct workload_kind *kind, const GArray *numbers)
{
	for (guint i = 0; i < numbers->len; i++)
		add_workload(plan, workload_new(kind, g_array_index(numbers, guint32, i)));
}

/* What is measured where nobody named workloads. */
static void add_default(struct plan *plan, const struct workload_kind *kind,
			const struct plan_request *request)
{
	const GArray *numbers = numbers_of(kind, request);

	if (numbers) {
		add_numbers(plan, kind, numbers);
		return;
	}
	add_workload(plan, workload_new(kind, kind->number_default));
	if (kind->number && !kind->counts_connections && !request->quick)
		add_workload(plan, workload_new(kind, DEFAULT_FLOWS));
}

/* A plain name stands for all numbers that were asked for. */
static bool add_named(struct plan *plan, const char *name, const struct plan_request *request,
		      GError **error)
{
	struct workload *workload = workload_parse(name, error);
	const GArray *numbers;

	if (!workload)
		return false;
	if (workload->kind->needs_world && request->remote) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "%s can't be measured with --server: names are answered in a world only",
			  workload->name);
		workload_free(workload);
		return false;
	}
	numbers = numbers_of(workload->kind, request);
	if (!numbers || strcmp(name, workload->kind->name) != 0) {
		add_workload(plan, workload);
		return true;
	}
	add_numbers(plan, workload->kind, numbers);
	workload_free(workload);
	return true;
}

static bool choose_workloads(struct plan *plan, const struct plan_request *request, GError **error)
{
	const struct workload_kind *kind;

	plan->all_rtts = has_words(request->workloads);

	for (guint i = 0; request->workloads && request->workloads[i]; i++)
		if (!add_named(plan, request->workloads[i], request, error))
			return false;
	if (has_words(request->workloads))
		return true;
	for (guint i = 0; (kind = workload_kind_at(i)); i++)
		if ((kind->quick || !request->quick) && !(kind->needs_world && request->remote))
			add_default(plan, kind, request);
	return true;
}

/* Each behind the workload of ours that it does too, so that they are measured close together. */
static void add_witnesses(struct plan *plan)
{
	const struct workload_kind *kind;

	for (guint i = plan->workloads->len; i > 0; i--) {
		const struct workload *workload = plan->workloads->pdata[i - 1];

		for (guint j = 0; (kind = witness_kind_at(j)); j++)
			if (strcmp(kind->witness->of, workload->name) == 0)
				g_ptr_array_insert(plan->workloads, (gint)i, workload_new(kind, 0));
	}
}

static bool check_congestion(const char *name, const struct plan_request *request, GError **error)
{
	g_autofree char *words = request->allowed ? g_strjoinv(", ", request->allowed) : NULL;

	if (!request->allowed || g_strv_contains((const char *const *)request->allowed, name))
		return true;
	if (request->remote)
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "congestion control %s: with --server it is that of this machine, %s",
			  name, words);
	else
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "congestion control %s can't be set in new network namespaces, only: %s"
			  " (root may change net.ipv4.tcp_allowed_congestion_control)",
			  name, words);
	return false;
}

/* Those of cubic and bbr that are allowed, or else the first that is. */
static char **default_congestions(const struct plan_request *request)
{
	GStrvBuilder *builder = g_strv_builder_new();
	guint count = 0;
	char **names;

	for (size_t i = 0; preferred_congestions[i] && !(request->quick && count > 0); i++) {
		if (request->allowed && !g_strv_contains((const char *const *)request->allowed,
							 preferred_congestions[i]))
			continue;
		g_strv_builder_add(builder, preferred_congestions[i]);
		count++;
	}
	if (count == 0 && has_words(request->allowed))
		g_strv_builder_add(builder, request->allowed[0]);
	names = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return names;
}

static bool choose_congestions(struct plan *plan, const struct plan_request *request,
			       GError **error)
{
	plan->all_congestions = has_words(request->congestions);
	if (!plan->all_congestions) {
		plan->congestions = default_congestions(request);
		return true;
	}
	for (char **name = request->congestions; *name; name++)
		if (!check_congestion(*name, request, error))
			return false;
	plan->congestions = g_strdupv(request->congestions);
	return true;
}

static void choose_numbers(struct plan *plan, const struct plan_request *request)
{
	const guint32 mtu = DEFAULT_MTU;
	const double rtt = 0;

	plan->mtus = g_array_new(FALSE, FALSE, sizeof(guint32));
	plan->rtts = g_array_new(FALSE, FALSE, sizeof(double));
	if (request->mtus && request->mtus->len > 0)
		g_array_append_vals(plan->mtus, request->mtus->data, request->mtus->len);
	else
		g_array_append_val(plan->mtus, mtu);
	if (request->rtts && request->rtts->len > 0)
		g_array_append_vals(plan->rtts, request->rtts->data, request->rtts->len);
	else
		g_array_append_val(plan->rtts, rtt);
	plan->seconds = request->quick ? QUICK_SECONDS : DEFAULT_SECONDS;
	if (request->seconds > 0)
		plan->seconds = request->seconds;
	plan->repeat = request->quick ? QUICK_REPEAT : DEFAULT_REPEAT;
	if (request->repeat > 0)
		plan->repeat = request->repeat;
	plan->budget = request->quick ? QUICK_BUDGET : 0;
}

static bool check_remote(const struct plan_request *request, GError **error)
{
	if (request->remote && request->witness) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--witness and --server exclude each other: the witnesses' servers are"
			  " started in a world");
		return false;
	}
	for (guint i = 0; request->remote && request->rtts && i < request->rtts->len; i++) {
		if (g_array_index(request->rtts, double, i) == 0)
			continue;
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "--rtt and --server exclude each other: a delay line is part of the"
			  " world that is made where no server is given");
		return false;
	}
	return true;
}

static void drop_what_needs_world(struct plan *plan)
{
	for (guint i = plan->paths->len; i > 0; i--) {
		const struct path *path = plan->paths->pdata[i - 1];

		if (path->loopback)
			g_ptr_array_remove_index(plan->paths, i - 1);
	}
}

struct plan *plan_new(const struct plan_request *request, GError **error)
{
	struct plan *plan = g_new0(struct plan, 1);

	plan->paths = g_ptr_array_new();
	plan->workloads = g_ptr_array_new_with_free_func((GDestroyNotify)workload_free);
	choose_numbers(plan, request);
	if (!check_remote(request, error) || !choose_paths(plan, request, error) ||
	    !choose_workloads(plan, request, error) || !choose_congestions(plan, request, error)) {
		plan_free(plan);
		return NULL;
	}
	if (request->witness)
		add_witnesses(plan);
	if (request->remote)
		drop_what_needs_world(plan);
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->paths);
	g_ptr_array_unref(plan->workloads);
	g_array_unref(plan->mtus);
	g_array_unref(plan->rtts);
	g_strfreev(plan->congestions);
	g_free(plan);
}

bool plan_is_named(const struct plan_request *request, const struct path *path)
{
	char *const *names = path->kind == PATH_PEER ? request->peers : request->paths;

	return names && g_strv_contains((const char *const *)names, path->name);
}

void plan_drop_workload(struct plan *plan, struct workload *workload)
{
	g_ptr_array_remove(plan->workloads, workload);
}

void plan_drop_path(struct plan *plan, const struct path *path)
{
	g_ptr_array_remove(plan->paths, (gpointer)path);
}

/* A bypass of the host's loopback has no far end, and takes TCP. */
static bool can_carry(const struct path *path, const struct workload *workload, double rtt)
{
	return !path->loopback || (rtt == 0 && !workload->kind->datagrams);
}

/* Whether it is measured in a world at all. */
static bool is_wanted(const struct plan *plan, const struct plan_cell *cell, double rtt,
		      guint congestion)
{
	const struct workload_kind *kind = cell->workload->kind;

	if (congestion > 0 && !plan->all_congestions && !kind->congestion_matters)
		return false;
	if (kind->near_only && !plan->all_rtts && rtt != g_array_index(plan->rtts, double, 0))
		return false;
	return can_carry(cell->path, cell->workload, rtt);
}

GArray *plan_round(const struct plan *plan, double rtt, guint congestion, guint round)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(struct plan_cell));
	const guint cells = plan->workloads->len * plan->mtus->len * plan->paths->len;

	for (guint i = 0; i < cells; i++) {
		const struct plan_cell cell = {
			.path = plan->paths->pdata[(i + round) % plan->paths->len],
			.mtu = g_array_index(plan->mtus, guint32,
					     i / plan->paths->len % plan->mtus->len),
			.workload = plan->workloads->pdata[i / plan->paths->len / plan->mtus->len],
		};

		if (is_wanted(plan, &cell, rtt, congestion))
			g_array_append_val(array, cell);
	}
	return array;
}

guint plan_count(const struct plan *plan)
{
	guint count = 0;

	for (guint i = 0; i < plan->rtts->len; i++) {
		for (guint j = 0; plan->congestions[j]; j++) {
			g_autoptr(GArray) round =
				plan_round(plan, g_array_index(plan->rtts, double, i), j, 0);

			count += round->len * plan->repeat;
		}
	}
	return count;
}
