/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world of network namespaces that plays a host, an ordinary user on it, and a remote machine.
 *
 * Who is who. The world's root owns the "host" network namespace; a program under test that ran as
 * this root would be privileged over its host, which is just what it must not be. So there is one
 * more user namespace, a child of the world's, in which the user is uid 1000 and has no capability
 * at all once it has executed a program. Over the host's network namespace it has no more rights
 * than any user of a real machine; the user namespaces that it creates itself are its own. Outside,
 * all these ids are one and the same.
 *
 * Nothing leaves the machine: the remote has no other neighbour than the host.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/netlink.h"
#include "world/container_link.h"
#include "world/line.h"
#include "world/setting.h"
#include "world/world.h"

#define OWN_NETNS "/proc/self/ns/net"
#define RESOLV_CONF "/etc/resolv.conf"

#define USER_DEADLINE_MS 10000

struct world {
	int host, remote; /* network namespaces */
	int user;	  /* the user namespace of the ordinary user */
};

static bool check(bool success, const char *step, GError **error)
{
	if (!success)
		error_set_errno(error, errno, "can't %s", step);
	return success;
}

/* Both machines' addresses, as seen from the host. */
static struct line_request line_request(const struct world *world,
					const struct world_request *request)
{
	return (struct line_request){
		.near = { .netns = world->host,
			  .address4 = WORLD_HOST4,
			  .address6 = WORLD_HOST6,
			  .mac = { 0x02, 0, 0, 0, 0, 0x02 } },
		.far = { .netns = world->remote,
			 .address4 = WORLD_REMOTE4,
			 .address6 = WORLD_REMOTE6,
			 .mac = { 0x02, 0, 0, 0, 0, 0x01 } },
		.rtt_ms = request->rtt_ms,
		.relay = request->relay,
	};
}

/* The remote's way to containers that the host routes for. */
static bool add_container_route(const struct world *world, GError **error)
{
	struct address gateway;
	struct netlink_route route = { .gateway = &gateway };
	int result;

	prefix_parse(WORLD_CONTAINERS, &route.prefix);
	address_parse(WORLD_HOST4, &gateway);
	if (!check(setns(world->remote, CLONE_NEWNET) == 0, "enter the remote", error))
		return false;
	result = netlink_route_add(if_nametoindex("uplink"), &route);
	if (!check(setns(world->host, CLONE_NEWNET) == 0, "return to the host", error))
		return false;
	errno = -result;
	return check(result == 0, "set the remote's route to containers", error);
}

static bool build_networks(struct world *world, const struct world_request *request, GError **error)
{
	struct line_request line;

	world->host = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (!check(world->host >= 0, "open the host's network namespace", error) ||
	    !check(unshare(CLONE_NEWNET) == 0, "make the remote's network namespace", error))
		return false;
	world->remote = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (!check(world->remote >= 0, "open the remote's network namespace", error) ||
	    !setting_prepare_namespace(request->congestion, error) ||
	    !check(setns(world->host, CLONE_NEWNET) == 0, "return to the host", error) ||
	    !setting_prepare_namespace(request->congestion, error))
		return false;
	line = line_request(world, request);
	return line_make(&line, error) && add_container_route(world, error);
}

/* The child's whole life: makes the user namespace and sends it. */
static void make_user(int socket)
{
	static const struct {
		const char *path, *text;
	} maps[] = {
		{ "/proc/self/setgroups", "deny" },
		{ "/proc/self/uid_map", "1000 0 1" },
		{ "/proc/self/gid_map", "1000 0 1" },
	};
	CLEANUP_CLOSE int user = -1;

	if (unshare(CLONE_NEWUSER) < 0)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(maps); i++) {
		CLEANUP_CLOSE int fd = open(maps[i].path, O_WRONLY | O_CLOEXEC);

		if (fd < 0 || descriptor_write_all(fd, maps[i].text, strlen(maps[i].text)) < 0)
			return;
	}
	user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	descriptor_send(socket, "", 1, &user, user >= 0);
}

static bool build_user(struct world *world, GError **error)
{
	CLEANUP_CLOSE int parent_end = -1;
	CLEANUP_CLOSE int child_end = -1;
	int fds[DESCRIPTORS_PER_MESSAGE];
	size_t count = 0;
	char byte;
	int pair[2];
	int r = descriptor_pair(pair);
	pid_t pid;

	errno = -r;
	if (!check(r == 0, "make a socket pair", error))
		return false;
	parent_end = pair[0];
	child_end = pair[1];
	pid = fork();
	if (!check(pid >= 0, "fork the maker of the user's namespace", error))
		return false;
	if (pid == 0) {
		make_user(child_end);
		_exit(0);
	}
	descriptor_close(&child_end);
	if (descriptor_wait_readable(parent_end, USER_DEADLINE_MS) == 0 &&
	    descriptor_receive(parent_end, &byte, 1, fds, &count) == 1 && count == 1)
		world->user = fds[0];
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (world->user < 0)
		error_set(error, SLIRPWAY_ERROR_SYSTEM,
			  "can't make the user namespace of the world's ordinary user");
	return world->user >= 0;
}

/* The machine's real servers can't be reached from here. */
static bool replace_resolver(const struct world_request *request, GError **error)
{
	g_autofree char *text = g_strdup_printf("nameserver %s\n", request->nameserver);
	g_autofree char *path = g_build_filename(request->directory, "resolv.conf", NULL);

	if (access(RESOLV_CONF, F_OK) < 0)
		return true;
	return check(g_file_set_contents(path, text, -1, NULL), "write the resolv.conf", error) &&
	       check(mount(path, RESOLV_CONF, NULL, MS_BIND, NULL) == 0, "replace resolv.conf",
		     error);
}

static bool make_directory(const char *directory, const char *name, const char *variable,
			   GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	g_setenv(variable, path, TRUE);
	return check(mkdir(path, 0700) == 0, "make a directory", error);
}

static bool build_files(const struct world_request *request, GError **error)
{
	const char *directory = request->directory;

	return check(mount("world", directory, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") == 0,
		     "mount a tmpfs", error) &&
	       make_directory(directory, "tmp", "TMPDIR", error) &&
	       make_directory(directory, "run", "XDG_RUNTIME_DIR", error) &&
	       replace_resolver(request, error);
}

struct world *world_build(const struct world_request *request, GError **error)
{
	struct world *world = g_new0(struct world, 1);

	world->host = world->remote = world->user = -1;
	if (build_files(request, error) && build_user(world, error) &&
	    build_networks(world, request, error))
		return world;
	descriptor_close(&world->host);
	descriptor_close(&world->remote);
	descriptor_close(&world->user);
	g_free(world);
	return NULL;
}

bool world_enter(const struct world *world, enum world_place place)
{
	switch (place) {
	case WORLD_PLACE_HOST:
		return true;
	case WORLD_PLACE_REMOTE:
		return setns(world->remote, CLONE_NEWNET) == 0;
	case WORLD_PLACE_USER:
		return setns(world->user, CLONE_NEWUSER) == 0;
	}
	errno = EINVAL;
	return false;
}

bool world_add_container(const struct world *world, pid_t pid, guint32 mtu, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/ns/net", (int)pid);
	CLEANUP_CLOSE int netns = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (!check(netns >= 0, "open the container's network namespace", error))
		return false;
	r = container_link_make(world->host, netns, mtu);
	if (r < 0)
		error_set_errno(error, -r, "can't join the container to the host by a veth pair");
	return r == 0;
}
