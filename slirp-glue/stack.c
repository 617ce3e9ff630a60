/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The libslirp instance: its configuration, its callbacks and its timers.
 *
 * Theory of operation. libslirp is a library without a loop: frames of the container go in by
 * slirp_input, frames for the container come out of the send_packet callback, possibly from within
 * slirp_input. Between two turns of the loop it is asked which descriptors it wants watched
 * (slirp_pollfds_fill: stack_prepare), and afterwards told which are ready (slirp_pollfds_poll:
 * stack_dispatch).
 *
 * Its idea of the MTU is not the device's. libslirp makes and asks for TCP segments of if_mtu - 40
 * bytes in a window of 64 KiB that it can't scale. With the device's 65520 the window holds a
 * segment and a half, and its tests for a window update can never be true (tcp_output: twice the
 * segment size, more than the window); the container's upload then waits for timers. So it is told
 * a quarter of the window at most as what it may receive (if_mru): for TCP the smaller of the two
 * counts. What it may send (if_mtu) is as large as can be, and the link splits what its device
 * can't carry: IPv6 packets from the container that are larger would be answered with "packet too
 * big".
 */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "base/log.h"
#include "slirp-glue/stack_internal.h"

/*
 * Four segments in one window. 16384 bytes of data, and not a few more or less, because libslirp
 * rounds its buffers of 128 KiB up to whole segments: for any other size it would allocate both
 * anew, and copy them, for each flow.
 */
#define STACK_SEGMENT_SIZE 16384
#define STACK_MTU_MAX (STACK_SEGMENT_SIZE + TCP_IP_HEADERS)

#define NS_PER_MS 1000000ULL

/* The newest form of SlirpConfig that this file fills. */
#define STACK_CONFIG_VERSION 4
_Static_assert(SLIRP_CONFIG_VERSION_MAX >= STACK_CONFIG_VERSION, "libslirp 4.7 or newer");

struct stack_timer {
	struct stack *stack;
	struct loop_timer *timer;
	void *cb_opaque;
	SlirpTimerId id;
};

static ssize_t send_packet(const void *frame, size_t length, void *opaque)
{
	struct stack *stack = opaque;

	stack->sink(frame, length, stack->sink_data);
	return (ssize_t)length;
}

static void guest_error(const char *message, void *opaque)
{
	(void)opaque;
	log_debug("the container sent what libslirp can't use: %s", message);
}

static int64_t clock_get_ns(void *opaque)
{
	struct stack *stack = opaque;

	return (int64_t)loop_now(stack->loop);
}

static void timer_expired(void *data)
{
	struct stack_timer *timer = data;

	slirp_handle_timer(timer->stack->slirp, timer->id, timer->cb_opaque);
}

static void *timer_new_opaque(SlirpTimerId id, void *cb_opaque, void *opaque)
{
	struct stack *stack = opaque;
	struct stack_timer *timer = g_new0(struct stack_timer, 1);

	timer->stack = stack;
	timer->id = id;
	timer->cb_opaque = cb_opaque;
	timer->timer = loop_timer_new(stack->loop, timer_expired, timer);
	return timer;
}

static void timer_free(void *data, void *opaque)
{
	struct stack_timer *timer = data;

	(void)opaque;
	if (timer == NULL)
		return;
	loop_timer_free(timer->timer);
	g_free(timer);
}

static void timer_mod(void *data, int64_t expire_time_ms, void *opaque)
{
	struct stack_timer *timer = data;

	(void)opaque;
	loop_timer_set(timer->timer, expire_time_ms > 0 ? (uint64_t)expire_time_ms * NS_PER_MS : 1);
}

static void notify(void *opaque)
{
	(void)opaque; /* one thread: the loop is not asleep when libslirp runs */
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = stack_poll_register,
	.unregister_poll_fd = stack_poll_unregister,
	.notify = notify,
	.timer_new_opaque = timer_new_opaque,
};

static void set_outbound(struct stack *stack, SlirpConfig *slirp_config)
{
	const struct engine_config *config = stack->config;

	if (config->outbound_v4.family == AF_INET) {
		stack->outbound_v4.sin_family = AF_INET;
		stack->outbound_v4.sin_addr = config->outbound_v4.v4;
		slirp_config->outbound_addr = &stack->outbound_v4;
	}
	if (config->outbound_v6.family == AF_INET6) {
		stack->outbound_v6.sin6_family = AF_INET6;
		stack->outbound_v6.sin6_addr = config->outbound_v6.v6;
		slirp_config->outbound_addr6 = &stack->outbound_v6;
	}
}

/* Where segments may be larger than the device's MTU, libslirp needn't know that at all. */
static uint32_t mtu_for(const struct engine_config *config)
{
	return config->link_vnet_header ? STACK_MTU_MAX : MIN(config->network.mtu, STACK_MTU_MAX);
}

static Slirp *make_slirp(struct stack *stack)
{
	const struct engine_config *config = stack->config;
	const struct network *network = &config->network;
	SlirpConfig slirp_config = {
		.version = STACK_CONFIG_VERSION,
		.in_enabled = true,
		.vnetwork = network->v4_network,
		.vnetmask = network->v4_mask,
		.vhost = network->v4_gateway,
		.vnameserver = network->v4_dns,
		.vdhcp_start = network->v4_dhcp,
		.in6_enabled = network->v6,
		.vprefix_addr6 = network->v6_prefix,
		.vprefix_len = network->v6_length,
		.vhost6 = network->v6_gateway,
		.vnameserver6 = network->v6_dns,
		.if_mtu = STACK_PACKET_MAX,
		.if_mru = mtu_for(config),
		/* The filter closes the host's loopback, but for answers over forwards. */
		.disable_host_loopback = false,
		.disable_dns = !config->dns,
		.disable_dhcp = !config->dhcp,
	};

	set_outbound(stack, &slirp_config);
	return slirp_new(&slirp_config, &callbacks, stack);
}

/* DNS over TCP: the filter takes it to an address of its own, libslirp from there to a socket. */
static void serve_dns_stream(struct stack *stack)
{
	struct in_addr address = stack->config->network.v4_dns_stream;

	if (stack->config->dns && slirp_add_unix(stack->slirp, STACK_DNS_SOCKET, &address, 53) != 0)
		log_warning("DNS over TCP can't be served");
}

struct stack *stack_new(const struct engine_config *config, struct loop *loop, frame_sink sink,
			void *sink_data)
{
	struct stack *stack = g_new0(struct stack, 1);

	stack->config = config;
	stack->loop = loop;
	stack->sink = sink;
	stack->sink_data = sink_data;
	stack->turn = 1;
	stack->forwards = g_array_new(FALSE, FALSE, sizeof(struct forward));
	stack->flows = flow_table_new();
	stack->slirp = make_slirp(stack);
	if (stack->slirp == NULL) {
		stack_free(stack);
		return NULL;
	}
	serve_dns_stream(stack);
	return stack;
}

void stack_free(struct stack *stack)
{
	if (stack == NULL)
		return;
	if (stack->slirp != NULL)
		slirp_cleanup(stack->slirp);
	flow_table_free(stack->flows);
	g_array_unref(stack->forwards);
	g_free(stack->polls);
	g_free(stack);
}

void stack_input(struct stack *stack, const uint8_t *frame, size_t length)
{
	slirp_input(stack->slirp, frame, (int)length);
}

uint16_t stack_segment_size(const struct stack *stack)
{
	return (uint16_t)(mtu_for(stack->config) - TCP_IP_HEADERS);
}
