/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tap interface and its descriptor. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/tap.h"

#define TUN_PATH "/dev/net/tun"

/* struct virtio_net_hdr without num_buffers; in the machine's byte order, as the kernel has it. */
#define VNET_HEADER_SIZE 10

/*
 * What the kernel may leave undone in frames that it hands over: checksums, and the cutting up of
 * TCP segments. Where frames have no header to say so, they are whole.
 */
#define TAP_OFFLOAD (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

struct remedy {
	int number; /* errno */
	const char *text;
};

static const struct remedy open_remedies[] = {
	{ ENOENT, "load the module tun (modprobe tun) or use --device=veth" },
	{ ENODEV, "load the module tun (modprobe tun) or use --device=veth" },
	{ ENXIO, "load the module tun (modprobe tun) or use --device=veth" },
	{ EACCES, "chmod 0666 " TUN_PATH " as root, or use --device=veth" },
	{ EPERM, "allow the device to this container or control group, or use --device=veth" },
	{ ENOTTY, "it is not the tun device; use --device=veth" },
};

static const struct remedy attach_remedies[] = {
	{ EBUSY, "another process is attached to it" },
	{ EINVAL, "an interface of that name exists and is no tap with one queue" },
	{ EPERM, "CAP_NET_ADMIN over the network namespace is needed" },
};

static const char *find_remedy(const struct remedy *remedies, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (remedies[i].number == number)
			return remedies[i].text;
	return NULL;
}

/* Opens /dev/net/tun and asks for the flags it knows; a file that isn't the device fails too. */
static int open_tun(unsigned int *ret_features)
{
	CLEANUP_CLOSE int fd = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, TUNGETFEATURES, ret_features) < 0)
		return -errno;
	return descriptor_steal(&fd);
}

static int tap_set_offload(int fd, unsigned int flags)
{
	return ioctl(fd, TUNSETOFFLOAD, (unsigned long)flags) < 0 ? -errno : 0;
}

/* A tap that was there before may have been left with any header size and offload. */
static int set_vnet_header(int fd)
{
	int size = VNET_HEADER_SIZE;

	return ioctl(fd, TUNSETVNETHDRSZ, &size) < 0 ? -errno : 0;
}

/* Ties fd to the interface. Never IFF_MULTI_QUEUE: a tap made with "ip tuntap add" refuses it. */
static int attach(int fd, const char *name, bool vnet_header)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int result;

	if (vnet_header)
		request.ifr_flags |= IFF_VNET_HDR;
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		return -errno;
	result = vnet_header ? set_vnet_header(fd) : 0;
	return result < 0 ? result : tap_set_offload(fd, vnet_header ? TAP_OFFLOAD : 0);
}

static void set_error(GError **error, const char *what, int number, const char *remedy)
{
	if (remedy)
		error_set_errno(error, number, "%s (%s)", what, remedy);
	else
		error_set_errno(error, number, "%s", what);
}

bool tap_open(const char *name, struct device *ret_device, bool *ret_unusable, GError **error)
{
	unsigned int features = 0;
	CLEANUP_CLOSE int fd = open_tun(&features);
	g_autofree char *what = NULL;
	bool vnet_header;
	int result;

	if (fd < 0) {
		const char *remedy = find_remedy(open_remedies, ARRAY_SIZE(open_remedies), -fd);

		*ret_unusable = remedy != NULL;
		set_error(error, "can't open " TUN_PATH, -fd, remedy);
		return false;
	}
	vnet_header = features & IFF_VNET_HDR;
	result = attach(fd, name, vnet_header);
	if (result < 0) {
		/* Without CAP_NET_ADMIN it is EPERM: EACCES comes from a security module. */
		*ret_unusable = result == -EACCES;
		what = g_strdup_printf("can't open the tap %s", name);
		set_error(error, what, -result,
			  find_remedy(attach_remedies, ARRAY_SIZE(attach_remedies), -result));
		return false;
	}
	*ret_device = (struct device){ .kind = DEVICE_TAP, .vnet_header = vnet_header };
	strncpy(ret_device->name, name, sizeof(ret_device->name) - 1);
	ret_device->fd = descriptor_steal(&fd);
	return true;
}
