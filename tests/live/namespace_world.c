/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of src/namespace share: a box, a device in it, and a datagram through that.
 */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "namespace/join.h"
#include "namespace_world.h"

struct box box;
struct device device;

const struct device_order kinds[KINDS] = {
	{ DEVICE_VETH, true, true, 65520, "tap0", "" },
	{ DEVICE_VETH, true, false, 1500, "eth0", "52:54:00:12:34:56" },
	{ DEVICE_TAP, true, true, 65520, "tap0", "" },
	{ DEVICE_TAP, true, false, 1500, "eth0", "52:54:00:12:34:56" },
	{ DEVICE_AUTO, true, true, 1500, "tap0", "" },
};

void start_box(void)
{
	device.fd = -1;
	box_start(&box, USER_MAP_ROOT);
}

void stop_box(void)
{
	descriptor_close(&device.fd);
	box_stop(&box);
}

struct in_addr gateway(void)
{
	return (struct in_addr){ .s_addr = inet_addr("10.0.2.2") };
}

/* Opens the device as the order says, in the calling process's namespaces or those of target. */
static bool open_device(const struct namespace_target *target, const struct device_order *order,
			struct device *ret_device, GError **error)
{
	struct network network;
	struct device_request request = { .kind = order->kind,
					  .name = order->name,
					  .mac = *order->mac ? order->mac : NULL,
					  .configure = order->configure,
					  .network = &network };

	if (!network_plan(NULL, NULL, order->v6, order->mtu, &network, error))
		return false;
	if (target)
		return namespaces_open_device(target, &request, ret_device, error);
	return namespaces_open_device_here(&request, ret_device, error);
}

/* Box task: opens a device. The text is the struct device, or on failure the error's. */
static int open_device_task(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct device opened;
	GError *error = NULL;
	int code;

	if (open_device(NULL, argument, &opened, &error)) {
		memcpy(text, &opened, sizeof(opened));
		*ret_fd = opened.fd;
		return -1;
	}
	code = error->code;
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return code;
}

void open_in_box(const struct device_order *order, struct device *ret_device)
{
	char text[BOX_TEXT_MAX];
	int fd;

	if (box_run(&box, open_device_task, order, sizeof(*order), text, &fd) >= 0)
		ck_abort_msg("%s", text);
	memcpy(ret_device, text, sizeof(*ret_device));
	ret_device->fd = fd;
}

int open_in_box_fails(const struct device_order *order, char *text)
{
	return box_run(&box, open_device_task, order, sizeof(*order), text, NULL);
}

int open_from_outside(const struct device_order *order, struct device *ret_device, char *text)
{
	struct namespace_target target = { .pid = box.pid };
	GError *error = NULL;
	int code;

	*text = '\0';
	if (open_device(&target, order, ret_device, &error))
		return -1;
	code = error->code;
	g_strlcpy(text, error->message, BOX_TEXT_MAX);
	g_error_free(error);
	return code;
}

int cover_tun_by_null(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return mount("/dev/null", "/dev/net/tun", NULL, MS_BIND, NULL) == 0 ? 0 : errno;
}

int cover_tun_by_forbidden(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return mount("/etc/shadow", "/dev/net/tun", NULL, MS_BIND, NULL) == 0 ? 0 : errno;
}

int cover_tun_by_nothing(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	(void)argument;
	(void)text;
	(void)ret_fd;
	return mount("none", "/dev/net", "tmpfs", 0, NULL) == 0 ? 0 : errno;
}

int connect_gateway(const void *argument, char text[static BOX_TEXT_MAX], int *ret_fd)
{
	struct sockaddr_in peer = { .sin_family = AF_INET,
				    .sin_port = htons(9),
				    .sin_addr = gateway() };
	int type;

	(void)text;
	memcpy(&type, argument, sizeof(type));
	*ret_fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (connect(*ret_fd, (struct sockaddr *)&peer, sizeof(peer)) == 0 || errno == EINPROGRESS)
		return 0;
	return errno;
}

void answer_arp(void)
{
	struct in_addr peer = gateway();
	struct wire_frame request, reply;

	ck_assert(wire_await(&device, wire_is_arp_request, &peer, &request));
	ck_assert_int_eq(request.header.flags, 0);
	wire_answer_arp(&request, &reply);
	wire_send(&device, &reply);
}

/* Has the box send a datagram, answers the ARP request for it, and reads the datagram. */
int send_datagram(struct wire_frame *ret_packet)
{
	struct in_addr peer = gateway();
	int type = SOCK_DGRAM, fd;

	ck_assert_int_eq(box_run(&box, connect_gateway, &type, sizeof(type), NULL, &fd), 0);
	ck_assert_int_eq(send(fd, PAYLOAD, strlen(PAYLOAD), 0), strlen(PAYLOAD));
	answer_arp();
	ck_assert(wire_await(&device, wire_is_udp, &peer, ret_packet));
	return fd;
}

/* The header must say what is left to do, and nothing else may be. */
void check_packet(const struct wire_frame *packet)
{
	size_t length;
	const uint8_t *payload = wire_payload(packet, &length);

	ck_assert_uint_eq(length, strlen(PAYLOAD));
	ck_assert_mem_eq(payload, PAYLOAD, length);
	ck_assert_int_eq(packet->header.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	ck_assert_int_eq(packet->header.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	ck_assert_uint_eq(packet->header.csum_start, WIRE_TRANSPORT);
	ck_assert_uint_eq(packet->header.csum_offset, WIRE_UDP_CHECKSUM);
	ck_assert_uint_ne(wire_checksum_given(packet), wire_checksum(packet));
}
