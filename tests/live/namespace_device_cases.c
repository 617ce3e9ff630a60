/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: taps and veths, and frames through them. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace_cases.h"
#include "namespace_world.h"

/* Box task: what the interface has, "ADDRESS ADDRESS mtu MTU mac MAC up". */
static int describe(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	GString *found = g_string_new(NULL);
	struct ifaddrs *list = NULL;
	struct ifreq request = { 0 };
	char buffer[INET6_ADDRSTRLEN];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)ret_fd;
	getifaddrs(&list);
	for (struct ifaddrs *next = list; next; next = next->ifa_next) {
		int family = next->ifa_addr ? next->ifa_addr->sa_family : AF_UNSPEC;
		const struct sockaddr_in *v4 = (void *)next->ifa_addr;
		const struct sockaddr_in6 *v6 = (void *)next->ifa_addr;

		if (strcmp(next->ifa_name, argument) != 0)
			continue;
		if (family == AF_INET)
			inet_ntop(family, &v4->sin_addr, buffer, sizeof(buffer));
		else if (family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
			inet_ntop(family, &v6->sin6_addr, buffer, sizeof(buffer));
		else
			continue;
		g_string_append_printf(found, "%s ", buffer);
	}
	freeifaddrs(list);
	g_strlcpy(request.ifr_name, argument, sizeof(request.ifr_name));
	ioctl(fd, SIOCGIFMTU, &request);
	g_string_append_printf(found, "mtu %d mac ", request.ifr_mtu);
	ioctl(fd, SIOCGIFHWADDR, &request);
	for (int i = 0; i < 6; i++)
		g_string_append_printf(found, "%02x%s", (uint8_t)request.ifr_hwaddr.sa_data[i],
				       i < 5 ? ":" : "");
	ioctl(fd, SIOCGIFFLAGS, &request);
	g_string_append(found, request.ifr_flags & IFF_UP ? " up" : " down");
	close(fd);
	g_strlcpy(text, found->str, BOX_TEXT_MAX);
	g_string_free(found, TRUE);
	return 0;
}

/* Box task: the lines of default routes. */
static int list_routes(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	FILE *pipe = popen("ip route show default; ip -6 route show default", "re");
	size_t length = pipe ? fread(text, 1, BOX_TEXT_MAX - 1, pipe) : 0;

	(void)argument;
	(void)ret_fd;
	text[length] = '\0';
	return pipe ? pclose(pipe) : -1;
}

START_TEST(configure)
{
	const struct device_order *order = &kinds[_i];
	char text[BOX_TEXT_MAX], *mtu = g_strdup_printf(" mtu %u mac %s", order->mtu, order->mac);

	open_in_box(order, &device);
	ck_assert_int_eq(device.kind, order->kind == DEVICE_VETH ? DEVICE_VETH : DEVICE_TAP);
	ck_assert_str_eq(device.name, order->name);
	ck_assert(device.vnet_header);
	ck_assert_int_ne(fcntl(device.fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(device.fd, F_GETFD) & FD_CLOEXEC, 0);
	box_run(&box, describe, order->name, sizeof(order->name), text, NULL);
	ck_assert_msg(g_str_has_prefix(text, "10.0.2.100 "), "%s", text);
	ck_assert_msg((strstr(text, " fd00::100 ") != NULL) == order->v6, "%s", text);
	ck_assert_msg(strstr(text, mtu) != NULL, "%s, not %s", text, mtu);
	ck_assert_msg(g_str_has_suffix(text, " up"), "%s", text);
	box_run(&box, describe, "lo", sizeof("lo"), text, NULL);
	ck_assert_msg(g_str_has_prefix(text, "127.0.0.1 "), "%s", text);
	ck_assert_int_eq(box_run(&box, list_routes, NULL, 0, text, NULL), 0);
	ck_assert_msg(strstr(text, "default via 10.0.2.2 dev ") != NULL, "%s", text);
	ck_assert_msg((strstr(text, "default via fd00::2 dev ") != NULL) == order->v6, "%s", text);
	g_free(mtu);
}
END_TEST

static const struct {
	struct device_order order;
	int code;
	const char *words;
} refused_rows[] = {
	{ { DEVICE_VETH, true, true, 1500, "", "" }, SLIRPWAY_ERROR_USAGE, "interface name" },
	{ { DEVICE_VETH, true, true, 1500, "a/b", "" }, SLIRPWAY_ERROR_USAGE, "interface name" },
	{ { DEVICE_VETH, true, true, 1500, "tap%d", "" }, SLIRPWAY_ERROR_USAGE, "interface name" },
	{ { DEVICE_VETH, true, true, 1500, "a b", "" }, SLIRPWAY_ERROR_USAGE, "interface name" },
	{ { DEVICE_VETH, true, true, 1500, "lo", "" }, SLIRPWAY_ERROR_IN_USE, "exists" },
	{ { DEVICE_VETH, true, true, 1500, "tap0", "52:54" }, SLIRPWAY_ERROR_USAGE, "MAC" },
	{ { DEVICE_VETH, true, true, 1500, "tap0", "01:00:00:00:00:01" },
	  SLIRPWAY_ERROR_USAGE,
	  "MAC" },
	{ { DEVICE_VETH, true, true, 1500, "tap0", "02:00:00:00:00:01x" },
	  SLIRPWAY_ERROR_USAGE,
	  "MAC" },
	{ { DEVICE_TAP, true, true, 1500, "lo", "" }, SLIRPWAY_ERROR_SYSTEM, "no tap" },
};

#define REFUSED_WITHOUT_TAP 8

START_TEST(refused)
{
	char text[BOX_TEXT_MAX];

	ck_assert_int_eq(open_in_box_fails(&refused_rows[_i].order, text), refused_rows[_i].code);
	ck_assert_msg(strstr(text, refused_rows[_i].words) != NULL, "%s", text);
	/* A device whose configuration failed does not stay behind. */
	if (strcmp(refused_rows[_i].order.name, "tap0") == 0)
		open_in_box(&kinds[0], &device);
}
END_TEST

/* Box task: makes a tap that stays without a process, of one queue, as "ip tuntap add" does. */
static int make_persistent_tap(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	CLEANUP_CLOSE int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	(void)text;
	(void)ret_fd;
	g_strlcpy(request.ifr_name, argument, sizeof(request.ifr_name));
	return ioctl(fd, TUNSETIFF, &request) == 0 && ioctl(fd, TUNSETPERSIST, 1UL) == 0 ? 0
											 : errno;
}

START_TEST(attach_to_tap)
{
	struct device_order order = kinds[2];
	struct wire_frame packet;
	char text[BOX_TEXT_MAX];

	ck_assert_int_eq(box_run(&box, make_persistent_tap, "tap0", sizeof("tap0"), NULL, NULL), 0);
	open_in_box(&order, &device);
	ck_assert(device.vnet_header);
	close(send_datagram(&packet));
	check_packet(&packet);
	/* One process at a time, and then the next one finds everything as it needs it. */
	ck_assert_int_eq(open_in_box_fails(&order, text), SLIRPWAY_ERROR_SYSTEM);
	ck_assert_msg(strstr(text, "another process is attached") != NULL, "%s", text);
	descriptor_close(&device.fd);
	order.configure = false;
	open_in_box(&order, &device);
	close(send_datagram(&packet));
	check_packet(&packet);
}
END_TEST

static const struct {
	box_task *cover;
	int code;
	const char *words;
} covers[] = {
	{ cover_tun_by_null, SLIRPWAY_ERROR_SYSTEM, "not the tun device" },
	{ cover_tun_by_forbidden, SLIRPWAY_ERROR_DENIED, "chmod 0666 /dev/net/tun" },
	{ cover_tun_by_nothing, SLIRPWAY_ERROR_NOT_FOUND, "modprobe tun" },
};

START_TEST(without_tun)
{
	struct device_order order = kinds[2];
	char text[BOX_TEXT_MAX];

	ck_assert_int_eq(box_run(&box, covers[_i].cover, NULL, 0, NULL, NULL), 0);
	ck_assert_int_eq(open_in_box_fails(&order, text), covers[_i].code);
	ck_assert_msg(strstr(text, covers[_i].words) != NULL, "%s", text);
	ck_assert_msg(strstr(text, "--device=veth") != NULL, "%s", text);
	order.kind = DEVICE_AUTO;
	open_in_box(&order, &device);
	ck_assert_int_eq(device.kind, DEVICE_VETH);
	close(send_datagram(&(struct wire_frame){ 0 }));
}
END_TEST

/* Box task: a socket that hears of changes of links. */
static int listen_to_links(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	(void)argument;
	(void)text;
	*ret_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return bind(*ret_fd, (struct sockaddr *)&address, sizeof(address));
}

/* Waits for the news that a link is gone. */
static bool hear_of_deletion(int fd)
{
	char buffer[8192];

	while (descriptor_wait_readable(fd, 3000) == 0) {
		const struct nlmsghdr *header = (const void *)buffer;
		ssize_t length = recv(fd, buffer, sizeof(buffer), 0);

		if (length >= (ssize_t)sizeof(*header) && header->nlmsg_type == RTM_DELLINK)
			return true;
	}
	return false;
}

START_TEST(device_ends_with_socket)
{
	int fd;

	open_in_box(&kinds[_i], &device);
	ck_assert_int_eq(box_run(&box, listen_to_links, NULL, 0, NULL, &fd), 0);
	descriptor_close(&device.fd);
	ck_assert(hear_of_deletion(fd));
	close(fd);
}
END_TEST

static void add_common(TCase *cases, int first, int end)
{
	tcase_add_checked_fixture(cases, start_box, stop_box);
	tcase_set_timeout(cases, 30);
	tcase_add_loop_test(cases, configure, first, end);
	tcase_add_loop_test(cases, device_ends_with_socket, first, end);
}

TCase *namespace_veth_cases(void)
{
	TCase *cases = tcase_create("veth");

	add_common(cases, 0, KINDS_WITHOUT_TAP);
	tcase_add_loop_test(cases, refused, 0, REFUSED_WITHOUT_TAP);
	tcase_add_loop_test(cases, without_tun, 0, ARRAY_SIZE(covers));
	return cases;
}

TCase *namespace_device_cases(bool have_tun)
{
	TCase *cases = tcase_create("tap");

	if (!have_tun)
		return cases;
	add_common(cases, KINDS_WITHOUT_TAP, KINDS);
	tcase_add_loop_test(cases, refused, REFUSED_WITHOUT_TAP, ARRAY_SIZE(refused_rows));
	tcase_add_test(cases, attach_to_tap);
	return cases;
}
