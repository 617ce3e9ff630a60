/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of one thing. */

#include "config.h"

#include <math.h>
#include <stddef.h>

#include "base/error.h"
#include "base/util.h"
#include "compare/json_fields.h"
#include "compare/sample.h"
#include "control/member.h"

#define TEXT(name)                                                                                 \
	{                                                                                          \
#name, JSON_FIELD_TEXT, offsetof(struct sample, name)                              \
	}
#define NUMBER(name)                                                                               \
	{                                                                                          \
#name, JSON_FIELD_NUMBER, offsetof(struct sample, name)                            \
	}

static const struct json_field fields[] = {
	TEXT(path),  TEXT(workload), TEXT(congestion), TEXT(command), TEXT(why),
	NUMBER(mtu), NUMBER(rtt_ms), NUMBER(round),    NUMBER(value),
};

struct sample *sample_new(void)
{
	struct sample *sample = g_new0(struct sample, 1);

	sample->mtu = sample->rtt_ms = sample->round = sample->value = NAN;
	measures_clear(&sample->measures);
	sample->percentiles = g_array_new(FALSE, FALSE, sizeof(struct percentile));
	return sample;
}

void sample_free(struct sample *sample)
{
	if (!sample)
		return;
	json_fields_clear(fields, ARRAY_SIZE(fields), sample);
	g_array_unref(sample->percentiles);
	g_free(sample);
}

char *sample_format(const struct sample *sample)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_fields_write(object, fields, ARRAY_SIZE(fields), sample);
	measures_write(&sample->measures, "", object);
	json_object_set_array_member(object, "percentiles", percentiles_node(sample->percentiles));
	json_node_take_object(node, object);
	return json_to_string(node, FALSE);
}

struct sample *sample_parse(const char *text, GError **error)
{
	g_autoptr(JsonNode) node = json_from_string(text, error);
	struct sample *sample;
	JsonObject *object;

	if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
		if (node)
			error_set(error, SLIRPWAY_ERROR_SYSTEM, "not a JSON object: %s", text);
		return NULL;
	}
	object = json_node_get_object(node);
	sample = g_new0(struct sample, 1);
	if (!json_fields_read(object, fields, ARRAY_SIZE(fields), sample, error)) {
		g_free(sample);
		return NULL;
	}
	measures_read(object, &sample->measures);
	sample->percentiles = percentiles_read(member_array(object, "percentiles"));
	return sample;
}
