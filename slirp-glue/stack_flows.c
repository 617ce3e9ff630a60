/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The open flows, read from slirp_connection_info's table: the library has no other way to ask. It
 * prints IPv4 addresses only, so both ends are taken from what we know of the descriptor.
 */

#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "slirp-glue/stack_internal.h"

/* One row of the table, as text and numbers. */
struct row {
	char protocol[16]; /* "TCP[ESTABLISHED]" cut at '[' */
	char state[16];
	int fd;
	struct endpoint source;
	struct endpoint destination;
	unsigned receive_queue;
	unsigned send_queue;
};

static void parse_endpoint(const char *address, const char *port, struct endpoint *ret_endpoint)
{
	*ret_endpoint = (struct endpoint){ 0 };
	if (!address_parse(address, &ret_endpoint->address))
		ret_endpoint->address = address_from_v4((struct in_addr){ 0 });
	ret_endpoint->port = (uint16_t)g_ascii_strtoull(port, NULL, 10);
}

/* "  TCP[ESTABLISHED]    12      10.0.2.100 40000      192.0.2.1    80     0     0" */
static bool parse_row(const char *line, struct row *ret_row)
{
	char source[64], source_port[16], destination[64], destination_port[16];

	if (sscanf(line, " %15[A-Z][%15[^]]] %d %63s %15s %63s %15s %u %u", ret_row->protocol,
		   ret_row->state, &ret_row->fd, source, source_port, destination, destination_port,
		   &ret_row->receive_queue, &ret_row->send_queue) != 9)
		return false;
	parse_endpoint(source, source_port, &ret_row->source);
	parse_endpoint(destination, destination_port, &ret_row->destination);
	return true;
}

static uint8_t protocol_number(const char *name)
{
	if (strcmp(name, "TCP") == 0)
		return IPPROTO_TCP;
	return strcmp(name, "UDP") == 0 ? IPPROTO_UDP : IPPROTO_ICMP;
}

/* True if the socket knows its peer, which is then the flow's far end. */
static bool ask_peer(int fd, struct endpoint *ret_peer)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	return fd >= 0 && getpeername(fd, (struct sockaddr *)&address, &length) == 0 &&
	       endpoint_from_sockaddr((struct sockaddr *)&address, length, ret_peer);
}

static void fill_flow(struct stack *stack, const struct row *row, struct flow *flow)
{
	const struct stack_poll *poll = stack_poll_find(stack, row->fd);

	*flow = (struct flow){ .protocol = protocol_number(row->protocol),
			       .receive_queue = row->receive_queue,
			       .send_queue = row->send_queue };
	g_strlcpy(flow->state, row->state, sizeof(flow->state));
	if (poll != NULL && poll->key.protocol != 0) {
		flow->guest = poll->key.guest;
		flow->remote = poll->key.remote;
	} else {
		flow->guest = row->source;
		flow->remote = row->destination;
	}
	(void)ask_peer(row->fd, &flow->remote);
}

uint32_t stack_list_flows(struct stack *stack, struct flow *flows, uint32_t size,
			  uint32_t *ret_total)
{
	g_autofree char *text = slirp_connection_info(stack->slirp);
	uint32_t count = 0, total = 0;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct row row;

		if (!parse_row(line, &row) || strcmp(row.state, "HOST_FORWARD") == 0)
			continue;
		total++;
		if (count < size)
			fill_flow(stack, &row, &flows[count++]);
	}
	*ret_total = total;
	return count;
}
