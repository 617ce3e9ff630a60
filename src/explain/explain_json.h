/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explanation as JSON; doc/explain.schema.json says what it is made of. */
#pragma once

#include <json-glib/json-glib.h>

#include "explain/explanation.h"

/* The caller frees it with json_node_unref. */
JsonNode *explain_json(const struct explanation *explanation);
