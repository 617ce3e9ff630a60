/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the session and its packet engine say to each other over a SOCK_SEQPACKET pair: one struct
 * message_header and one body per packet, both in the layout of this machine, for both ends are the
 * same program. The session asks; the engine answers each request once, in order, with the
 * request's serial. The session checks every length, for the engine may have been taken over by
 * what a container sent it.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/counters.h"
#include "base/forward.h"
#include "base/network.h"
#include "base/policy.h"

enum message_type {
	/* Requests. Each is answered by MESSAGE_RESULT, MESSAGE_STATUS by MESSAGE_STATUS_REPLY. */
	MESSAGE_CONFIGURE = 1,	/* struct engine_config; descriptors: link, then pcap if any */
	MESSAGE_FORWARD_ADD,	/* struct forward */
	MESSAGE_FORWARD_REMOVE, /* struct forward */
	MESSAGE_DNS_SERVERS,	/* struct dns_servers */
	MESSAGE_STATUS,		/* no body */
	MESSAGE_SUPERVISE, /* struct supervisor_config, for a supervisor; descriptors: listener,
			      shared state, route probe, container sockets, trace file if any */
	/* Answers. */
	MESSAGE_RESULT,	      /* struct message_result */
	MESSAGE_STATUS_REPLY, /* struct engine_status, then as many struct flow as flows_sent says
			       */
	MESSAGE_SUPERVISOR_STATUS, /* struct supervisor_status: a supervisor's answer to
				      MESSAGE_STATUS */
};

struct message_header {
	uint32_t type;
	uint32_t serial;
};

/* 0, or a positive errno value. */
struct message_result {
	int32_t error;
};

/* How frames come and go on the link's descriptor. */
enum link_kind {
	LINK_TAP,    /* one frame per read or write */
	LINK_PACKET, /* AF_PACKET socket on a veth end */
	LINK_SOCKET, /* SOCK_SEQPACKET: one frame per packet, no offload (BESS) */
};

struct engine_config {
	struct network network;
	struct policy policy;
	struct address
		outbound_v4; /* source of outgoing flows; family AF_UNSPEC: the kernel chooses */
	struct address outbound_v6;
	char outbound_interface[IF_NAMESIZE]; /* device that outgoing flows are bound to; "" for any
					       */
	uint32_t link;			      /* enum link_kind */
	bool link_vnet_header;		      /* each frame starts with a struct virtio_net_hdr */
	bool host_loopback;		      /* the gateway reaches the host's loopback */
	bool dns;			      /* serve DNS on the network's DNS addresses */
	bool dhcp;
	bool configured; /* the container was given network's addresses, and didn't choose its own
			  */
	uint32_t snapshot_length; /* bytes of each frame that a capture keeps; 0: all */
	uint32_t flows_max;	  /* sockets that containers' flows may hold open together */
};

#define DNS_SERVERS_MAX 8

struct dns_servers {
	uint32_t count;
	struct endpoint servers[DNS_SERVERS_MAX]; /* in order of preference */
	uint32_t scope[DNS_SERVERS_MAX]; /* interface index of a link-local server, else 0 */
};

#define FLOWS_PER_STATUS 1024

/* One open flow as status shows it. */
struct flow {
	uint8_t protocol;
	char state[15];
	struct endpoint guest;
	struct endpoint remote;
	uint32_t receive_queue; /* bytes */
	uint32_t send_queue;
};

/* The layers of the engine's sandbox that hold, as bits. */
enum sandbox_layer {
	SANDBOX_ROOT = 1 << 0,	 /* an empty, read-only root directory of its own */
	SANDBOX_CAPS = 1 << 1,	 /* no capabilities */
	SANDBOX_FILTER = 1 << 2, /* seccomp allow-list */
	SANDBOX_LIMITS = 1 << 3, /* resource limits */
};

struct engine_status {
	struct counters counters;
	uint32_t sandbox;     /* enum sandbox_layer bits */
	uint32_t flows_total; /* open flows; more than flows_sent when they did not fit */
	uint32_t flows_sent;
	char slirp_version[16];
};

/* What a supervisor of the syscall path is to be; see src/syscall. */
struct supervisor_config {
	struct network network;
	struct policy policy;
	struct address outbound_v4; /* as in struct engine_config */
	struct address outbound_v6;
	char outbound_interface[IF_NAMESIZE];
	bool host_loopback;
	bool packets;		/* there is a packet path beside it */
	bool walled;		/* the container's tasks can't connect and bind TCP themselves */
	bool virtual_addresses; /* the container sees its own addresses */
	bool everything;	/* for tests: no TCP socket stays in the container */
	struct dns_servers dns; /* the host's, where there is no packet path */
};

/* Room for the counters of a supervisor (call_counters.h). */
#define CALL_COUNTERS_MAX 64

/* Forwards that a status names; what is beyond it is not told. */
#define LATE_FORWARDS_MAX 256

struct supervisor_status {
	uint64_t counters[CALL_COUNTERS_MAX];
	uint32_t sandbox; /* enum sandbox_layer bits */
	uint32_t waiting; /* calls that wait for a connection */
	/* Ids of the forwards that open at the next bind only of a program that has its port at
	 * another place of the host already. */
	uint32_t late_count;
	uint32_t late[LATE_FORWARDS_MAX];
};

/* No packet is larger. */
#define MESSAGE_MAX                                                                                \
	(sizeof(struct message_header) + sizeof(struct engine_status) +                            \
	 FLOWS_PER_STATUS * sizeof(struct flow) + sizeof(struct engine_config))
