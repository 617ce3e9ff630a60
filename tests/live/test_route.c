/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live test of src/syscall/route.c, to be run as an ordinary user: a device with the container's
 * address and a second one beside it.
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "call_world.h"
#include "namespace/interface.h"
#include "namespace/netlink.h"
#include "namespace/veth.h"
#include "ordinary_user.h"
#include "syscall/route.h"

/* How a box is set up. */
struct setup {
	bool devices, v6, v4_probe;
};

static struct network network;
static int probe;

/* Adds an address such as "10.7.0.1" of length to the device. */
static int add_address(const char *device, const char *text, uint8_t length)
{
	struct address address;

	if (!address_parse(text, &address))
		return -EINVAL;
	return netlink_address_add(if_nametoindex(device), &address, length, NULL);
}

/* Box task: the devices, as the setup at argument says, and a probe. */
static int make_devices(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct setup setup;
	struct device ours = { .fd = -1 }, other = { .fd = -1 };
	GError *error = NULL;

	memcpy(&setup, argument, sizeof(setup));
	network_plan(NULL, NULL, setup.v6, 1500, &network, NULL);
	*ret_fd = setup.v4_probe ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : route_socket();
	interface_up_loopback(NULL);
	if (!setup.devices)
		return *ret_fd < 0;
	if (veth_open("tap0", 1500, &ours, &error) &&
	    interface_configure("tap0", NULL, &network, &error) &&
	    veth_open("other", 1500, &other, &error))
		return netlink_link_set_up(if_nametoindex("other")) |
		       add_address("other", "10.7.0.1", 24) | add_address("other", "fd07::1", 64) |
		       (*ret_fd < 0);
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	return -1;
}

static void set_up(struct setup setup)
{
	char text[BOX_TEXT_MAX] = "";

	ck_assert(network_plan(NULL, NULL, setup.v6, 1500, &network, NULL));
	ck_assert_msg(box_run(&box, make_devices, &setup, sizeof(setup), text, &probe) == 0, "%s",
		      text);
	ck_assert_int_ge(probe, 0);
}

static void stop(void)
{
	descriptor_close(&probe);
	stop_world();
}

static void check(const char *text, enum route wanted)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	struct endpoint local;
	struct address address;
	enum route route;

	ck_assert(address_parse(text, &address));
	route = route_find(probe, &network, &address);
	ck_assert_msg(route == wanted, "%s: %d instead of %d", text, route, wanted);
	/* The probe keeps no port. */
	ck_assert_int_eq(getsockname(probe, (struct sockaddr *)&storage, &length), 0);
	ck_assert(endpoint_from_sockaddr((struct sockaddr *)&storage, length, &local));
	ck_assert_uint_eq(local.port, 0);
	ck_assert(address_is_unspecified(&local.address));
}

struct row {
	const char *destination;
	enum route v6, without_v6, v4_probe, nothing; /* by setup */
};

#define OUT ROUTE_OUT
#define HERE ROUTE_ELSEWHERE
#define NONE ROUTE_UNREACHABLE

static const struct row rows[] = {
	{ "192.0.2.1", OUT, OUT, OUT, NONE },
	{ "::ffff:192.0.2.1", OUT, OUT, OUT, NONE },
	{ "10.0.2.2", OUT, OUT, OUT, NONE },
	{ "169.254.1.1", OUT, OUT, OUT, NONE },
	{ "10.0.2.100", HERE, HERE, HERE, HERE },
	{ "::ffff:10.0.2.100", HERE, HERE, HERE, HERE },
	{ "127.0.0.1", HERE, HERE, HERE, HERE },
	{ "127.9.9.9", HERE, HERE, HERE, HERE },
	{ "::ffff:127.0.0.1", HERE, HERE, HERE, HERE },
	{ "0.0.0.0", HERE, HERE, HERE, HERE },
	{ "10.7.0.1", HERE, HERE, HERE, NONE },
	{ "10.7.0.9", HERE, HERE, HERE, NONE },
	{ "2001:db8::1", OUT, NONE, NONE, NONE },
	{ "fd00::2", OUT, NONE, NONE, NONE },
	{ "fd00::100", HERE, NONE, HERE, HERE },
	{ "::1", HERE, HERE, NONE, HERE },
	{ "::", HERE, HERE, NONE, HERE },
	{ "fd07::1", HERE, HERE, NONE, NONE },
	{ "fd07::9", HERE, HERE, NONE, NONE },
	{ "fe80::1", HERE, HERE, HERE, HERE },
};

static void check_rows(size_t column)
{
	/* Twice: one answer must not change the next. */
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i % ARRAY_SIZE(rows)];
		const enum route wanted[] = { row->v6, row->without_v6, row->v4_probe,
					      row->nothing };

		check(row->destination, wanted[column]);
	}
}

START_TEST(routes)
{
	static const struct setup setups[] = { { .devices = true, .v6 = true },
					       { .devices = true },
					       { .devices = true, .v6 = true, .v4_probe = true },
					       { .v6 = true } };

	set_up(setups[_i]);
	check_rows((size_t)_i);
}
END_TEST

START_TEST(not_a_socket)
{
	struct address address;

	set_up((struct setup){ 0 });
	ck_assert(address_parse("192.0.2.1", &address));
	ck_assert_int_eq(route_find(proc, &network, &address), ROUTE_ELSEWHERE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("route");
	TCase *cases = tcase_create("route");

	tcase_add_checked_fixture(cases, start_world, stop);
	tcase_add_loop_test(cases, routes, 0, 4);
	tcase_add_test(cases, not_a_socket);
	suite_add_tcase(suite, cases);
	return run_as_ordinary_user(suite);
}
