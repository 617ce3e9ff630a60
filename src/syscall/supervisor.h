/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that answers a container's trapped calls. */
#pragma once

/* The life of a supervisor's process, which talks to its session over socket; returns its exit
 * status. */
int supervisor_run(int socket);
