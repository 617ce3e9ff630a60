/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live tests: opening devices and sockets in the namespaces of other processes. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/join.h"
#include "namespace_cases.h"
#include "namespace_world.h"

static ino_t own_netns;

static ino_t netns_inode(void)
{
	struct stat found;

	return stat("/proc/self/ns/net", &found) == 0 ? found.st_ino : 0;
}

static void start(void)
{
	own_netns = netns_inode();
	start_box();
}

/* Whatever happened: we are where we were, and no child is left but the box. */
static void stop(void)
{
	ck_assert_uint_eq(netns_inode(), own_netns);
	stop_box();
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static const struct device_order veth = { DEVICE_VETH, true, true, 1500, "tap0", "" };

static struct device_order order_of(enum device_kind kind)
{
	struct device_order order = veth;

	order.kind = kind;
	return order;
}

/* Box task: 0 if the interface is there with an address, as only a configured one is. */
static int has_route(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	FILE *file = fopen("/proc/thread-self/net/route", "re");
	int result = ENOENT;

	(void)ret_fd;
	while (file && fgets(text, BOX_TEXT_MAX, file))
		if (g_str_has_prefix(text, argument))
			result = 0;
	if (file)
		fclose(file);
	return result;
}

static void check_joined(enum device_kind kind)
{
	struct device_order order = order_of(kind);
	char text[BOX_TEXT_MAX];

	if (open_from_outside(&order, &device, text) >= 0)
		ck_abort_msg("%s", text);
	ck_assert_int_ne(fcntl(device.fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_str_eq(device.name, "tap0");
	ck_assert_int_eq(box_run(&box, has_route, "tap0", sizeof("tap0"), text, NULL), 0);
}

START_TEST(join_veth)
{
	check_joined(DEVICE_VETH);
	ck_assert_int_eq(device.kind, DEVICE_VETH);
}
END_TEST

START_TEST(join_tap)
{
	check_joined(DEVICE_TAP);
	ck_assert_int_eq(device.kind, DEVICE_TAP);
}
END_TEST

/* Box task: the process goes on into a user namespace that has no power over its network. */
static int unshare_user(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
}

START_TEST(join_from_inner_userns)
{
	ck_assert_int_eq(box_run(&box, unshare_user, NULL, 0, NULL, NULL), 0);
	check_joined(DEVICE_VETH);
}
END_TEST

/* Box task: opens the device by the path of the box's own network namespace, as podman does it. */
static int open_by_own_path(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct namespace_target target = { .netns_path = "/proc/self/ns/net",
					   .userns_path = argument,
					   .userns_optional = true };
	struct network network;
	struct device_request request = {
		.kind = DEVICE_VETH, .name = "tap0", .configure = true, .network = &network
	};
	struct device opened;
	GError *error = NULL;

	if (!*target.userns_path)
		target.userns_path = NULL;
	network_plan(NULL, NULL, true, 1500, &network, NULL);
	if (namespaces_open_device(&target, &request, &opened, &error)) {
		*ret_fd = opened.fd;
		return 0;
	}
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return 1;
}

START_TEST(join_by_path)
{
	static const char *const userns_paths[] = { "", "/proc/self/ns/user", "/proc/1/ns/user",
						    "/nonexistent" };
	const char *path = userns_paths[_i];
	char text[BOX_TEXT_MAX];

	if (box_run(&box, open_by_own_path, path, strlen(path) + 1, text, &device.fd) != 0)
		ck_abort_msg("%s", text);
	ck_assert_int_eq(box_run(&box, has_route, "tap0", sizeof("tap0"), text, NULL), 0);
}
END_TEST

START_TEST(join_by_outer_path)
{
	char *path = g_strdup_printf("/proc/%d/ns/net", (int)box.pid);
	struct namespace_target target = { .netns_path = path };
	struct network network;
	struct device_request request = { .kind = DEVICE_VETH,
					  .name = "tap0",
					  .network = &network };
	char text[BOX_TEXT_MAX];
	GError *error = NULL;

	ck_assert(network_plan(NULL, NULL, true, 1500, &network, NULL));
	if (!namespaces_open_device(&target, &request, &device, &error))
		ck_abort_msg("%s", error->message);
	/* It was not to be configured. */
	ck_assert_int_eq(box_run(&box, has_route, "tap0", sizeof("tap0"), text, NULL), ENOENT);
	g_free(path);
}
END_TEST

/* Tries to open a device, and wants an error with these words. */
static void check_refused(const struct namespace_target *target, int code, const char *words)
{
	struct network network;
	struct device_request request = { .kind = DEVICE_VETH,
					  .name = "tap0",
					  .network = &network };
	GError *error = NULL;

	ck_assert(network_plan(NULL, NULL, true, 1500, &network, NULL));
	ck_assert(!namespaces_open_device(target, &request, &device, &error));
	ck_assert_int_eq(error->code, code);
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
	ck_assert_int_eq(device.fd, -1);
	g_error_free(error);
}

/* Of the first process, which is mostly root's. */
static const char *words_about_first(void)
{
	struct stat status;

	ck_assert_int_eq(stat("/proc/1", &status), 0);
	return status.st_uid == geteuid() ? "can't" : "of process 1, which is another user's: ";
}

START_TEST(refused)
{
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(gone, NULL, 0), gone);
	check_refused(&(struct namespace_target){ 0 }, SLIRPWAY_ERROR_USAGE, "no process");
	check_refused(&(struct namespace_target){ .pid = gone }, SLIRPWAY_ERROR_NOT_FOUND,
		      "can't find the process");
	check_refused(&(struct namespace_target){ .netns_path = "/nonexistent" },
		      SLIRPWAY_ERROR_NOT_FOUND, "/nonexistent");
	check_refused(&(struct namespace_target){ .netns_path = "/dev/null" },
		      SLIRPWAY_ERROR_SYSTEM, "can't join the network namespace");
	check_refused(&(struct namespace_target){ .pid = box.pid, .userns_path = "/nonexistent" },
		      SLIRPWAY_ERROR_NOT_FOUND, "/nonexistent");
	/* Somebody else's namespaces, and the host's. */
	check_refused(&(struct namespace_target){ .pid = 1 }, SLIRPWAY_ERROR_DENIED,
		      words_about_first());
	check_refused(&(struct namespace_target){ .pid = getpid() }, SLIRPWAY_ERROR_DENIED,
		      "still in your own network namespace");
	check_refused(&(struct namespace_target){ .netns_path = "/proc/self/ns/net" },
		      SLIRPWAY_ERROR_DENIED, "that is your own network namespace");
}
END_TEST

START_TEST(error_travels)
{
	struct device_order order = veth;
	char text[BOX_TEXT_MAX];

	g_strlcpy(order.name, "lo", sizeof(order.name));
	ck_assert_int_eq(open_from_outside(&order, &device, text), SLIRPWAY_ERROR_IN_USE);
	ck_assert_str_eq(text, "can't make the veth interface lo: one of that name exists");
}
END_TEST

START_TEST(no_descriptor_leaks)
{
	struct device_order order = { DEVICE_VETH, false, true, 1500, "tap0", "" };
	char text[BOX_TEXT_MAX];
	int before = dup(0), after;

	close(before);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(open_from_outside(&order, &device, text), -1);
		descriptor_close(&device.fd);
		snprintf(order.name, sizeof(order.name), "tap%d", i + 1);
	}
	g_strlcpy(order.name, "lo", sizeof(order.name));
	ck_assert_int_ge(open_from_outside(&order, &device, text), 0);
	after = dup(0);
	close(after);
	ck_assert_int_eq(after, before);
}
END_TEST

static uint64_t network_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length);
	return cookie;
}

/* Namespaces that are held open outlive the process that they were found by. */
START_TEST(opens_sockets)
{
	const struct namespace_target target = { .pid = box.pid };
	struct namespaces namespaces;
	int own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int first, second, type = 0;
	socklen_t length = sizeof(type);

	ck_assert(namespaces_open(&target, &namespaces, NULL));
	first = namespaces_open_socket(&namespaces, AF_INET, SOCK_STREAM, 0);
	box_stop(&box);
	second = namespaces_open_socket(&namespaces, AF_INET6, SOCK_DGRAM, 0);
	box_start(&box, USER_MAP_ROOT);
	ck_assert_int_ge(first, 0);
	ck_assert_int_ge(second, 0);
	ck_assert_int_ne(fcntl(second, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(getsockopt(second, SOL_SOCKET, SO_TYPE, &type, &length), 0);
	ck_assert_int_eq(type, SOCK_DGRAM);
	ck_assert(network_cookie(first) == network_cookie(second));
	ck_assert(network_cookie(own) == 0 || network_cookie(first) != network_cookie(own));
	ck_assert_int_eq(namespaces_open_socket(&namespaces, AF_INET, SOCK_STREAM, IPPROTO_UDP),
			 -EPROTONOSUPPORT);
	namespaces_close(&namespaces);
	ck_assert_int_eq(namespaces.network, -1);
	close(first);
	close(second);
	close(own);
}
END_TEST

TCase *namespace_join_cases(bool have_tun)
{
	TCase *cases = tcase_create("join");

	tcase_add_checked_fixture(cases, start, stop);
	tcase_set_timeout(cases, 30);
	tcase_add_test(cases, join_veth);
	if (have_tun)
		tcase_add_test(cases, join_tap);
	tcase_add_test(cases, join_from_inner_userns);
	tcase_add_loop_test(cases, join_by_path, 0, 4);
	tcase_add_test(cases, join_by_outer_path);
	tcase_add_test(cases, refused);
	tcase_add_test(cases, error_travels);
	tcase_add_test(cases, no_descriptor_leaks);
	tcase_add_test(cases, opens_sockets);
	return cases;
}
