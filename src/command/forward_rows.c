/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forwards of a session as a text table. */

#include "config.h"

#include "base/table.h"
#include "base/util.h"
#include "command/forward_rows.h"
#include "control/member.h"

char *forward_rows_text(JsonArray *array)
{
	static const char *const headings[] = { "ID", "PROTO", "HOST", "CONTAINER", "PATH" };
	struct table *table = table_new(ARRAY_SIZE(headings));
	guint length = array ? json_array_get_length(array) : 0;
	char *text;

	table_add(table, headings);
	for (guint i = 0; i < length; i++) {
		JsonObject *forward = member_row(array, i);
		g_autofree char *id =
			g_strdup_printf("%" G_GINT64_FORMAT, member_number(forward, "id"));
		g_autofree char *host = member_endpoint(forward, "host_addr", "host_port");
		g_autofree char *guest = member_endpoint(forward, "guest_addr", "guest_port");

		g_autofree char *path = g_strdup_printf(
			"%s%s", member_text(forward, "path"),
			member_truth(forward, "at_next_bind") ? ", at next bind" : "");

		table_add(table, (const char *const[]){ id, member_text(forward, "proto"), host,
							guest, path });
	}
	text = table_format(table);
	table_free(table);
	return text;
}
