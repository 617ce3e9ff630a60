/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The four kinds of links that slirp4netns(1) can be pointed at. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/log.h"
#include "command/slirp4netns_link.h"
#include "control/socket_address.h"
#include "namespace/join.h"

/* struct virtio_net_hdr without the count of buffers, as the engine reads it. */
#define VNET_HEADER_SIZE 10

/*
 * A namespace that exists. Joining its user namespace may fail: Podman and RootlessKit start us
 * within it.
 */
static bool open_namespace(struct slirp4netns_invocation *invocation, struct session_link *ret_link,
			   GError **error)
{
	struct session_config *config = &invocation->config;
	const struct namespace_target target = {
		.pid = invocation->pid,
		.netns_path = invocation->path,
		.userns_path = invocation->userns_path,
		.userns_optional = true,
	};
	const struct device_request request = {
		.kind = config->device,
		.name = config->device_name,
		.mac = config->mac,
		.configure = config->configure,
		.network = &config->network,
	};
	struct device device;

	if (!namespaces_open_device(&target, &request, &device, error))
		return false;
	config->device = device.kind;
	*ret_link = (struct session_link){
		.kind = device.kind == DEVICE_VETH ? LINK_PACKET : LINK_TAP,
		.vnet_header = device.vnet_header,
		.fd = device.fd,
		.name = config->device_name,
	};
	return true;
}

/* True for a socket that keeps the boundaries of frames. */
static bool is_frame_socket(int fd)
{
	int type;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
	       (type == SOCK_SEQPACKET || type == SOCK_DGRAM);
}

/* Asks a tap of whoever made it for what the engine understands: no offload, a short header. */
static bool adopt_tap(int fd, short flags, GError **error)
{
	int size = VNET_HEADER_SIZE;

	if ((flags & IFF_TAP) == 0 || (flags & IFF_NO_PI) == 0) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "descriptor %d must be a tap that was opened with IFF_TAP | IFF_NO_PI",
			  fd);
		return false;
	}
	if (((flags & IFF_VNET_HDR) != 0 && ioctl(fd, TUNSETVNETHDRSZ, &size) < 0) ||
	    ioctl(fd, TUNSETOFFLOAD, 0UL) < 0) {
		error_set_errno(error, errno, "can't set up the tap at descriptor %d", fd);
		return false;
	}
	return true;
}

/* A tap, or a socket that carries frames, that somebody else has opened. */
static bool open_descriptor(struct slirp4netns_invocation *invocation,
			    struct session_link *ret_link, GError **error)
{
	struct session_config *config = &invocation->config;
	struct ifreq request = { 0 };
	int fd = invocation->tap_fd;
	bool tap = ioctl(fd, TUNGETIFF, &request) == 0;
	int result;

	if (!tap && !is_frame_socket(fd)) {
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "descriptor %d must be a tap or a socket that keeps frames apart", fd);
		return false;
	}
	if (tap && !adopt_tap(fd, request.ifr_flags, error))
		return false;
	result = descriptor_set_nonblocking(fd);
	if (result == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		result = -errno;
	if (result < 0) {
		error_set_errno(error, -result, "can't use descriptor %d", fd);
		return false;
	}
	if (tap) {
		g_free(config->device_name);
		config->device_name = g_strndup(request.ifr_name, IFNAMSIZ);
		config->device = DEVICE_TAP;
	}
	*ret_link = (struct session_link){
		.kind = tap ? LINK_TAP : LINK_SOCKET,
		.vnet_header = tap && (request.ifr_flags & IFF_VNET_HDR) != 0,
		.fd = fd,
		.name = config->device_name,
	};
	return true;
}

/* Makes the SOCK_SEQPACKET socket that a BESS client connects to; returns -1 with error set. */
static int listen_for_bess(const char *path, GError **error)
{
	CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int result = 0;

	if (fd < 0 || (unlink(path) < 0 && errno != ENOENT))
		result = -errno;
	if (result == 0)
		result = socket_address_bind(fd, path);
	if (result == 0 && listen(fd, 1) < 0)
		result = -errno;
	if (result < 0) {
		error_set_errno(error, -result, "can't listen at the BESS socket %s", path);
		return -1;
	}
	return descriptor_steal(&fd);
}

/* The one client that connects to the path. */
static bool open_bess(struct slirp4netns_invocation *invocation, struct session_link *ret_link,
		      GError **error)
{
	CLEANUP_CLOSE int listener = listen_for_bess(invocation->path, error);
	int fd;

	if (listener < 0)
		return false;
	log_info("waiting for a connection to %s", invocation->path);
	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	if (fd < 0) {
		error_set_errno(error, errno, "can't take the connection to %s", invocation->path);
		return false;
	}
	*ret_link = (struct session_link){
		.kind = LINK_SOCKET,
		.fd = fd,
		.name = invocation->config.device_name,
	};
	return true;
}

bool slirp4netns_link_open(struct slirp4netns_invocation *invocation, struct session_link *ret_link,
			   GError **error)
{
	switch (invocation->target) {
	case SLIRP4NETNS_PID:
	case SLIRP4NETNS_PATH:
		return open_namespace(invocation, ret_link, error);
	case SLIRP4NETNS_TAP_FD:
		return open_descriptor(invocation, ret_link, error);
	case SLIRP4NETNS_BESS:
		return open_bess(invocation, ret_link, error);
	}
	g_return_val_if_reached(false);
}
