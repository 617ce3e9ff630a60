/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What joins the world's two machines.
 *
 * Both ends know each other's link address from the start. Otherwise the first IPv6 packet waits a
 * second: the kernel may notice a new carrier that late, and answers no solicitation before.
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/address.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/netlink.h"
#include "world/line.h"

#define LINE_NAME "uplink"

/* As Ethernet has it. */
#define LINE_MTU 1500

/* Packets: more than a sender has on its way over the longest line. */
#define RELAY_QUEUE_LENGTH 10000

#define RELAY_DEADLINE_MS 10000
#define LENGTH4 24
#define LENGTH6 64

static bool check(int result, const char *step, GError **error)
{
	if (result == 0)
		return true;
	error_set_errno(error, -result, "can't %s of the world's line", step);
	return false;
}

static bool make_veth(int far_netns, GError **error)
{
	struct netlink_veth veth = { .near_name = LINE_NAME,
				     .far_name = LINE_NAME,
				     .far_netns = far_netns,
				     .mtu = LINE_MTU };
	int result = netlink_veth_add(&veth);

	if (result < 0)
		error_set_errno(error, -result, "can't make the veth pair of the world%s",
				result == -EOPNOTSUPP ? " (modprobe veth)" : "");
	return result == 0;
}

/* The child's whole life; the relay says by a line that its interfaces are there. */
static void execute_relay(const struct line_request *request, int ready)
{
	g_autofree char *netns = g_strdup_printf("/proc/self/fd/%d", request->far.netns);
	g_autofree char *delay = g_strdup_printf("%g", request->rtt_ms / 2);
	g_autofree char *number = g_strdup_printf("%d", ready);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	descriptor_keep_over_exec(request->far.netns);
	descriptor_keep_over_exec(ready);
	execl(request->relay, request->relay, "--netns-b", netns, "--name-a", LINE_NAME, "--name-b",
	      LINE_NAME, "--delay-ms", delay, "--ready-fd", number, NULL);
}

static bool start_relay(const struct line_request *request, GError **error)
{
	CLEANUP_CLOSE int parent_end = -1;
	CLEANUP_CLOSE int child_end = -1;
	int pair[2];
	int r = descriptor_pair(pair);
	char byte;
	pid_t pid;

	if (!request->relay) {
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND,
			  "a line with a delay needs the program slirpway-delay-relay");
		return false;
	}
	if (!check(r, "make the socket pair", error))
		return false;
	parent_end = pair[0];
	child_end = pair[1];
	pid = fork();
	if (!check(pid < 0 ? -errno : 0, "fork the relay", error))
		return false;
	if (pid == 0) {
		execute_relay(request, child_end);
		_exit(EXIT_FAILURE);
	}
	descriptor_close(&child_end);
	if (descriptor_wait_readable(parent_end, RELAY_DEADLINE_MS) == 0 &&
	    read(parent_end, &byte, 1) == 1)
		return true;
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "the delay relay %s did not start", request->relay);
	return false;
}

/* In the namespace of self. */
static bool configure_end(const struct line_end *self, const struct line_end *peer, GError **error)
{
	const unsigned int index = if_nametoindex(LINE_NAME);
	struct address own4, own6, peer4, peer6;

	if (!address_parse(self->address4, &own4) || !address_parse(self->address6, &own6) ||
	    !address_parse(peer->address4, &peer4) || !address_parse(peer->address6, &peer6) ||
	    index == 0) {
		error_set(error, SLIRPWAY_ERROR_SYSTEM, "the world's line has no such end");
		return false;
	}
	/* Without IPv6 in the kernel these fail; what needs it says so itself. */
	(void)netlink_address_add(index, &own6, LENGTH6, NULL);
	if (!check(netlink_link_set_mac(index, self->mac), "set a MAC address", error) ||
	    !check(netlink_link_set_queue_length(index, RELAY_QUEUE_LENGTH), "set the queue",
		   error) ||
	    !check(netlink_address_add(index, &own4, LENGTH4, NULL), "set an address", error) ||
	    !check(netlink_link_set_up(index), "bring up an end", error) ||
	    !check(netlink_neighbour_add(index, &peer4, peer->mac), "set a neighbour", error))
		return false;
	(void)netlink_neighbour_add(index, &peer6, peer->mac);
	return true;
}

static bool add_default_routes(const struct line_end *gateway, GError **error)
{
	const unsigned int index = if_nametoindex(LINE_NAME);
	struct address address4, address6;

	if (address_parse(gateway->address6, &address6))
		(void)netlink_route_add_default(index, &address6);
	return address_parse(gateway->address4, &address4) &&
	       check(netlink_route_add_default(index, &address4), "set the default route", error);
}

static bool enter(int netns, GError **error)
{
	return check(setns(netns, CLONE_NEWNET) < 0 ? -errno : 0, "enter an end", error);
}

bool line_make(const struct line_request *request, GError **error)
{
	bool made = request->rtt_ms > 0 ? start_relay(request, error)
					: make_veth(request->far.netns, error);
	bool configured;

	if (!made || !enter(request->far.netns, error))
		return false;
	configured = configure_end(&request->far, &request->near, error);
	return enter(request->near.netns, configured ? error : NULL) && configured &&
	       configure_end(&request->near, &request->far, error) &&
	       add_default_routes(&request->far, error);
}
