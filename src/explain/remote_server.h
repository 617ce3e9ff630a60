/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers of the test world's remote machine: web pages (http_answer.h) and names. */
#pragma once

/* The ports of the web server. */
#define REMOTE_SERVER_PORTS "80 and 8000"

/*
 * Serves until it is killed. ready is a descriptor, the call's, into which a byte is written when
 * all sockets listen; where they can't, it is closed, and errno values come back as -errno.
 */
int remote_server_run(int ready);
