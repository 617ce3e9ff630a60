/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slirpway probe: what this kernel and user allow, and which mode auto takes. */

#include "config.h"

#include <stdlib.h>

#include "command/client_options.h"
#include "command/commands.h"
#include "command/probe_report.h"
#include "command/report.h"
#include "probe/survey.h"

static const struct command_spec probe_command_spec = {
	.name = "probe",
	.synopsis = "[--json]",
	.summary =
		"Tries what this kernel and user allow, and shows what each thing is to each "
		"mode,\n"
		"how to get what is missing, and which mode auto takes. The exit status is 1 if\n"
		"that finds none.",
	.options = client_option_rows,
};

static int print_json(const struct survey *survey)
{
	g_autoptr(JsonNode) node = probe_node(survey);

	return report_json("probe", node);
}

static int print_text(const struct survey *survey)
{
	g_autofree char *text = probe_text(survey);

	return report_text("probe", text);
}

int command_probe(int argc, char **argv)
{
	struct client_options options;
	struct survey *survey;
	int status;

	if (!client_options_read(&probe_command_spec, argc, argv, 0, 0, &options, &status))
		return status;
	g_free(options.operands);
	survey = survey_new();
	status = options.json ? print_json(survey) : print_text(survey);
	if (!survey->mode)
		status = EXIT_FAILURE;
	survey_free(survey);
	return status;
}
