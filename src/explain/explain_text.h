/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An explanation as text for a terminal of 80 columns. Pure. */
#pragma once

#include <stdbool.h>

#include "explain/explanation.h"

/* The whole text, for the caller to free. */
char *explain_text(const struct explanation *explanation, bool colours);
