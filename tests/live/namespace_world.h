/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of src/namespace share: a box, a device in it, and a datagram through that.
 */
#pragma once

#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "box.h"
#include "namespace/device.h"
#include "wire.h"

/* What is to be opened in a box; the network is 10.0.2.0/24. */
struct device_order {
	enum device_kind kind;
	bool configure;
	bool v6;
	uint32_t mtu;
	char name[16];
	char mac[20]; /* "": unchanged */
};

/* The rows of the tests that go over kinds of device; the first ones need no tap. */
#define KINDS 5
#define KINDS_WITHOUT_TAP 2
extern const struct device_order kinds[KINDS];

/* The fixture: each test has one box, and at most one device there. */
extern struct box box;
extern struct device device;
void start_box(void);
void stop_box(void);

/* Opens the device in the box without a helper; fails the test if that fails. */
void open_in_box(const struct device_order *order, struct device *ret_device);

/* The same, for orders that fail: writes the error to text and returns its code, or -1 if none. */
int open_in_box_fails(const struct device_order *order, char *text);

/* Opens it through namespaces_open_device() for the box's process; the code of the error or -1. */
int open_from_outside(const struct device_order *order, struct device *ret_device, char *text);

/* Box tasks without an argument: cover /dev/net/tun by something that is not the device. */
box_task cover_tun_by_null;
box_task cover_tun_by_forbidden;
box_task cover_tun_by_nothing;

/* The peer of the datagrams: the gateway, 10.0.2.2. */
struct in_addr gateway(void);

/* Box task: a socket of the type at argument that connects to port 9 of the gateway. */
box_task connect_gateway;

/* Waits for the ARP request for the gateway, and answers it. */
void answer_arp(void);

/* What the datagrams hold. */
#define PAYLOAD "a payload of odd length"

/*
 * Has the box send a datagram to port 9 of the gateway, answers the ARP request for it, and reads
 * the datagram. Returns the box's socket, connected, the caller's.
 */
int send_datagram(struct wire_frame *ret_packet);

/* Checks the datagram, and that its header says what is left to do and nothing else is. */
void check_packet(const struct wire_frame *packet);
