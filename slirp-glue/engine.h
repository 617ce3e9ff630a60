/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet engine: the sandboxed process between the container's link and the host's sockets. */
#pragma once

/* The status of an engine whose link is lost for good: it is not to be started again on it. */
#define ENGINE_EXIT_LINK_LOST 3

/*
 * Runs the engine over socket, the engine's end of the pair (now the engine's), until the session
 * closes its end. The first message must be MESSAGE_CONFIGURE. Returns the process's exit status.
 */
int engine_run(int socket);
