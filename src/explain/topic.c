/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event of a timeline is an example of. */

#include "config.h"

#include "explain/topic.h"

static const struct {
	const char *name;
	const char *label;
	const char *text;
} rows[] = {
#define TOPIC_ROW(name, label, text) { #name, label, text },
	TOPICS(TOPIC_ROW)
#undef TOPIC_ROW
};

const char *topic_name(enum topic topic)
{
	return rows[topic].name;
}

const char *topic_label(enum topic topic)
{
	return rows[topic].label;
}

const char *topic_text(enum topic topic)
{
	return rows[topic].text;
}
