/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's end of the packet path: which kind of device it is. */

#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/device.h"
#include "namespace/netlink.h"
#include "namespace/tap.h"
#include "namespace/veth.h"

/* The kernel's rule for names, and no '%', which makes a pattern of it. */
static bool check_name(const char *name, GError **error)
{
	size_t length = strlen(name);
	bool good = length > 0 && length < IF_NAMESIZE && !strpbrk(name, "/:%") &&
		    strcmp(name, ".") != 0 && strcmp(name, "..") != 0;

	for (size_t i = 0; i < length; i++)
		good = good && !isspace((unsigned char)name[i]);
	if (!good)
		error_set(error, SLIRPWAY_ERROR_USAGE,
			  "invalid interface name: '%s' (1 to %d characters, no space, '/', ':', "
			  "'%%')",
			  name, IF_NAMESIZE - 1);
	return good;
}

static bool open_tap(const char *name, uint32_t mtu, struct device *ret_device, bool *ret_unusable,
		     GError **error)
{
	struct device device;
	int result;

	if (!tap_open(name, &device, ret_unusable, error))
		return false;
	result = netlink_link_set_mtu(if_nametoindex(name), mtu);
	if (result < 0) {
		*ret_unusable = false;
		error_set_errno(error, -result, "can't set the MTU of %s", name);
		descriptor_close(&device.fd);
		return false;
	}
	*ret_device = device;
	return true;
}

static bool open_either(const char *name, uint32_t mtu, struct device *ret_device, GError **error)
{
	g_autoptr(GError) tap_error = NULL;
	bool unusable = false;

	if (open_tap(name, mtu, ret_device, &unusable, &tap_error))
		return true;
	if (!unusable) {
		g_propagate_error(error, g_steal_pointer(&tap_error));
		return false;
	}
	if (veth_open(name, mtu, ret_device, error))
		return true;
	g_prefix_error(error, "%s; and in place of it: ", tap_error->message);
	return false;
}

bool device_open(enum device_kind kind, const char *name, uint32_t mtu, struct device *ret_device,
		 GError **error)
{
	bool unusable;

	if (!check_name(name, error))
		return false;
	switch (kind) {
	case DEVICE_AUTO:
		return open_either(name, mtu, ret_device, error);
	case DEVICE_TAP:
		return open_tap(name, mtu, ret_device, &unusable, error);
	case DEVICE_VETH:
		return veth_open(name, mtu, ret_device, error);
	}
	error_set(error, SLIRPWAY_ERROR_USAGE, "unknown kind of device: %d", (int)kind);
	return false;
}

void device_discard(struct device *device)
{
	if (device->kind == DEVICE_VETH)
		(void)netlink_link_delete(if_nametoindex(device->name));
	descriptor_close(&device->fd);
}

const char *device_kind_name(enum device_kind kind)
{
	switch (kind) {
	case DEVICE_AUTO:
		return "auto";
	case DEVICE_TAP:
		return "tap";
	case DEVICE_VETH:
		return "veth";
	}
	return "unknown";
}
