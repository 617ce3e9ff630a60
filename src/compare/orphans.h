/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes that a child of ours leaves behind (PR_SET_CHILD_SUBREAPER of prctl(2)). */
#pragma once

/* From now on what our children leave behind becomes ours. */
void orphans_adopt(void);

/* Ends every process below us: by SIGTERM, then by SIGKILL; reaps them. */
void orphans_end(void);
