/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the kernel who listens, sock_diag(7). */

#include "config.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "syscall/socket_diag.h"

#define BUFFER_SIZE 1024

int socket_diag_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

/* An exact question for the socket at local whose peer is remote; NULL: nowhere in particular. */
static void put_request(struct nlmsghdr *message, const struct endpoint *local,
			const struct endpoint *remote)
{
	struct inet_diag_req_v2 *request;
	size_t size = local->address.family == AF_INET6 ? 16 : 4;

	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	message->nlmsg_flags = NLM_F_REQUEST;
	request = mnl_nlmsg_put_extra_header(message, sizeof(*request));
	request->sdiag_family = (uint8_t)local->address.family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = UINT32_MAX;
	request->id.idiag_sport = htons(local->port);
	memcpy(request->id.idiag_src, local->address.bytes, size);
	if (remote) {
		request->id.idiag_dport = htons(remote->port);
		memcpy(request->id.idiag_dst, remote->address.bytes, size);
	}
	request->id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	request->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* Returns false if there is no such socket, else its cookie and whether it listens. */
static bool ask(int diag, const struct endpoint *local, const struct endpoint *remote,
		uint64_t *ret_cookie, bool *ret_listens)
{
	char buffer[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	const struct inet_diag_msg *found;
	ssize_t length;

	put_request(message, local, remote);
	if (send(diag, message, message->nlmsg_len, 0) < 0)
		return false;
	length = recv(diag, buffer, sizeof(buffer), 0);
	if (length < 0 || !mnl_nlmsg_ok(message, (int)length) ||
	    message->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*found))
		return false;
	found = mnl_nlmsg_get_payload(message);
	*ret_cookie = (uint64_t)found->id.idiag_cookie[1] << 32 | found->id.idiag_cookie[0];
	*ret_listens = found->idiag_state == TCP_LISTEN;
	return true;
}

bool socket_diag_find_listener(int diag, const struct endpoint *endpoint, uint64_t *ret_cookie)
{
	uint64_t cookie;
	bool listens;

	if (!ask(diag, endpoint, NULL, &cookie, &listens) || !listens)
		return false;
	*ret_cookie = cookie;
	return true;
}

bool socket_diag_find_connection(int diag, const struct endpoint *local,
				 const struct endpoint *remote, uint64_t *ret_cookie)
{
	struct endpoint here = { address_unmapped(&local->address), local->port };
	struct endpoint there = { address_unmapped(&remote->address), remote->port };
	uint64_t cookie;
	bool listens;

	if (!ask(diag, &here, &there, &cookie, &listens) || listens)
		return false;
	*ret_cookie = cookie;
	return true;
}
