/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session is asked to be: filled by the options, read by the session. Plain data. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/forward.h"
#include "base/network.h"
#include "base/policy.h"
#include "namespace/device.h"
#include "namespace/user_map.h"

enum session_mode {
	SESSION_MODE_AUTO,
	SESSION_MODE_HYBRID,
	SESSION_MODE_PACKET,
	SESSION_MODE_SYSCALL,
};

struct session_config {
	char *name; /* NULL: made from the command and the pid */
	enum session_mode mode;
	struct network network;
	struct policy policy;
	GArray *forwards;	    /* struct forward, without ids */
	GArray *dns_servers;	    /* struct endpoint; empty: follow the host's /etc/resolv.conf */
	char *outbound_interface;   /* NULL: any */
	struct address outbound_v4; /* family AF_UNSPEC: any */
	struct address outbound_v6;
	char *pcap_path;	  /* NULL: no capture */
	uint32_t snapshot_length; /* bytes of each frame that go into the capture; 0: all */
	char *trace_path;	  /* NULL: trapped calls are not written down */
	char *device_name;	  /* "tap0" */
	char *mac;		  /* "52:54:00:12:34:56"; NULL: the kernel's choice */
	enum device_kind device;
	enum user_map user_map;
	bool host_loopback;
	bool dns;
	bool dhcp;
	bool virtual_addresses; /* host sockets show the container's addresses */
	bool swap_everything;	/* for tests: no isolation, all TCP sockets are the host's */
	bool configure;		/* bring the interface up with addresses and routes */
};

/* Defaults as the manual page gives them, allocated parts included. */
void session_config_init(struct session_config *config);

/* The word of --mode. */
const char *session_mode_name(enum session_mode mode);

/* Frees what the fields own. */
void session_config_clear(struct session_config *config);
