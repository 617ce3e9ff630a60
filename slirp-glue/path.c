/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a frame goes.
 *
 * Theory of operation. A turn of the engine is: ask libslirp what to watch, sleep, let libslirp
 * move what came from the host's sockets (its frames go out at once), then take frames from the
 * link until it is empty or FRAMES_PER_TURN were taken. Taking many per turn is what makes the path
 * fast: the walk over all sockets, the sleep and the wake-up are paid once for all of them, and so
 * are the acknowledgements, which the link holds back until the end of the turn.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/limit.h"
#include "base/log.h"
#include "slirp-glue/build.h"
#include "slirp-glue/dns_relay.h"
#include "slirp-glue/echo6.h"
#include "slirp-glue/filter.h"
#include "slirp-glue/link.h"
#include "slirp-glue/path.h"
#include "slirp-glue/pcap.h"
#include "slirp-glue/segment.h"
#include "slirp-glue/tcp_segments.h"
#include "slirp-glue/time_wait.h"
#include "slirp-glue/udp_segments.h"

/* Enough to share the cost of a turn, few enough that host and session don't wait. */
#define FRAMES_PER_TURN 64

/* A turn that moves so much is part of a bulk transfer. */
#define BULK_BYTES (16 * 1024)

/* How long a turn looks on before it sleeps, where little time between events is expected. */
#define LOOK_ON_NS (50 * 1000)

/* Who keeps the processor for so long is not one that is waited for: looking on is left for a
 * while. */
#define KEPT_NS (1000 * 1000)
#define CROWDED_NS (100 * 1000 * 1000)

struct path {
	struct loop *loop;
	struct counters *counters;
	struct link *link;
	struct filter *filter;
	struct stack *stack;
	struct dns_relay *dns;
	struct echo6 *echo6;
	struct pcap *pcap;
	struct time_wait *time_wait;
	bool link_ready;
	bool neighbour_heard;	  /* in the last turn */
	bool bulk;		  /* the last turn moved many bytes */
	bool brisk;		  /* the last wait was short */
	uint64_t crowded_until;	  /* as loop_now() */
	uint8_t piece[FRAME_MAX]; /* of a frame that is cut up */
	bool large_segments;	  /* the link carries TCP segments beyond its MTU */
};

static void capture(struct path *path, const uint8_t *frame, size_t length)
{
	if (path->pcap != NULL)
		pcap_write(path->pcap, frame, length);
}

/* A frame to the container, from libslirp or from us. */
static void send_frame(const uint8_t *frame, size_t length, void *data)
{
	struct path *path = data;

	/* The frame is in its maker's buffer, which libslirp and our builders are done with. */
	uint8_t *writable = (uint8_t *)frame;

	time_wait_note_output(path->time_wait, frame, length);
	filter_output(path->filter, writable, (uint32_t)length, loop_now(path->loop));
	capture(path, frame, length);
	link_write(path->link, writable, length);
}

/* Sends what one of the builders of refusals makes of the frame. */
static void refuse(struct path *path, const struct frame *frame,
		   size_t (*build)(const struct frame *frame, uint8_t *buffer))
{
	uint8_t answer[BUILD_REJECT_MAX];
	size_t length = build(frame, answer);

	if (length > 0)
		send_frame(answer, length, path);
}

/* libslirp takes IPv4 segments of any length, but no IPv6 packet beyond its own MTU. */
static void segment_to_stack(struct path *path, const struct frame *frame)
{
	const uint32_t mtu = STACK_PACKET_MAX;
	struct tcp_segments pieces;
	size_t size;

	if (!tcp_segments_are_needed(frame, mtu)) {
		stack_input(path->stack, frame->data, frame->length);
		return;
	}
	if (!tcp_segments_start(&pieces, frame, mtu)) {
		counter_add(path->counters, bad_transport);
		return;
	}
	while ((size = tcp_segments_next(&pieces, path->piece)) > 0)
		stack_input(path->stack, path->piece, size);
}

static void tcp_to_stack(struct path *path, const struct frame *frame)
{
	uint8_t reset[TIME_WAIT_RESET_MAX];
	size_t length;

	if (path->large_segments)
		segment_raise_mss(frame->data, frame->length, frame->transport_offset,
				  stack_segment_size(path->stack));
	segment_to_stack(path, frame);
	length = time_wait_check_input(path->time_wait, frame->data, frame->length, reset);
	if (length > 0)
		stack_input(path->stack, reset, length);
}

/* ARP or neighbour discovery, which may tell libslirp where to send what it has kept back. */
static bool speaks_of_neighbours(const struct frame *frame)
{
	return frame->ethertype == ETHERTYPE_ARP || frame->protocol == IPPROTO_ICMPV6;
}

static void frame_to_stack(struct path *path, const struct frame *frame)
{
	if (!stack_announce(path->stack, frame)) {
		counter_add(path->counters, flow_limit);
		refuse(path, frame, build_reject);
		return;
	}
	path->neighbour_heard |= speaks_of_neighbours(frame);
	if (frame->protocol == IPPROTO_TCP)
		tcp_to_stack(path, frame);
	else
		stack_input(path->stack, frame->data, frame->length);
}

/* A frame from the container. */
static void take_one(struct path *path, uint8_t *data, uint32_t length,
		     const struct frame_offload *offload)
{
	struct frame frame;

	capture(path, data, length);
	switch (filter_input(path->filter, data, length, offload, loop_now(path->loop), &frame)) {
	case FILTER_PASS:
		frame_to_stack(path, &frame);
		break;
	case FILTER_REJECT:
		refuse(path, &frame, build_reject);
		break;
	case FILTER_UNREACHABLE:
		refuse(path, &frame, build_unreachable);
		break;
	case FILTER_NO_SERVICE:
		refuse(path, &frame, build_port_unreachable);
		break;
	case FILTER_DNS:
		dns_relay_query(path->dns, &frame);
		break;
	case FILTER_ECHO6:
		echo6_request(path->echo6, &frame);
		break;
	case FILTER_DROP:
	case FILTER_HELD:
		break;
	}
}

/* A frame that stands for many datagrams. */
static void take_datagrams(struct path *path, const uint8_t *data, uint32_t length,
			   const struct frame_offload *offload)
{
	static const struct frame_offload none;
	struct udp_segments segments;
	size_t size;

	if (!udp_segments_start(&segments, data, length, offload->datagram_size)) {
		counter_add(path->counters, bad_offload);
		return;
	}
	while ((size = udp_segments_next(&segments, path->piece)) > 0)
		take_one(path, path->piece, (uint32_t)size, &none);
}

static void take_frame(struct path *path, uint8_t *data, uint32_t length,
		       const struct frame_offload *offload)
{
	counter_add(path->counters, frames_in);
	path->counters->value[COUNTER_bytes_in] += length;
	if (offload->datagram_size > 0)
		take_datagrams(path, data, length, offload);
	else
		take_one(path, data, length, offload);
}

/* Returns false when the link is lost. */
static bool drain_link(struct path *path)
{
	for (int i = 0; i < FRAMES_PER_TURN; i++) {
		struct frame_offload offload;
		uint8_t *data;
		ssize_t length = link_read(path->link, &data, &offload);

		if (length < 0) {
			/* Most often the container's end; the session says so where it is not. */
			log_debug("the container's device is gone: %s", strerror((int)-length));
			return false;
		}
		if (length == 0)
			break;
		take_frame(path, data, (uint32_t)length, &offload);
	}
	return true;
}

static void link_is_ready(int fd, uint32_t events, void *data)
{
	struct path *path = data;

	(void)fd;
	(void)events;
	path->link_ready = true;
}

static void flush_capture(struct path *path)
{
	int result = path->pcap != NULL ? pcap_flush(path->pcap) : 0;

	if (result < 0)
		log_warning("the capture stops: %s", strerror(-result));
}

static uint64_t bytes_moved(const struct path *path)
{
	return path->counters->value[COUNTER_bytes_in] + path->counters->value[COUNTER_bytes_out];
}

/*
 * Looks on without sleeping; true if something happened. The processor is offered to others at each
 * look: who waits for it here may be the very one that is waited for. Others may keep it, though;
 * who sleeps gets it back sooner.
 */
static bool look_on(struct path *path, uint64_t begin)
{
	uint64_t now = begin, last;
	int events;

	do {
		sched_yield();
		events = loop_turn(path->loop, 0);
		last = now;
		now = loop_now(path->loop);
		if (now - last > KEPT_NS)
			path->crowded_until = now + CROWDED_NS;
	} while (events == 0 && now - begin < LOOK_ON_NS);
	return events != 0;
}

/*
 * Sleeps until there is something to do. In the middle of a bulk transfer, or of requests and
 * responses that follow each other closely, the next event is a few microseconds away, and a sleep
 * with its wake-up takes several times as long: there it looks on for a while first.
 */
static void wait_for_work(struct path *path, int timeout_ms)
{
	uint64_t begin = loop_read_clock(path->loop);

	if ((path->bulk || path->brisk) && begin >= path->crowded_until && look_on(path, begin))
		return;
	(void)loop_turn(path->loop, timeout_ms);
	counter_add(path->counters, wakeups);
	path->brisk = loop_now(path->loop) - begin < LOOK_ON_NS;
}

bool path_turn(struct path *path)
{
	int timeout_ms = stack_prepare(path->stack);
	uint64_t before = bytes_moved(path);
	bool alive = true;

	/* libslirp looks at what it has kept back in stack_dispatch only. */
	if (path->neighbour_heard)
		timeout_ms = 0;
	path->neighbour_heard = false;
	path->link_ready = false;
	wait_for_work(path, timeout_ms);
	stack_dispatch(path->stack);
	link_send_data(path->link);
	if (path->link_ready)
		alive = drain_link(path);
	link_flush(path->link);
	flush_capture(path);
	path->bulk = bytes_moved(path) - before >= BULK_BYTES;
	return alive;
}

static bool open_capture(struct path *path, int fd, uint32_t snapshot)
{
	if (fd < 0)
		return true;
	path->pcap = pcap_new(fd);
	if (path->pcap == NULL) {
		log_error("the capture can't be written: %s", strerror(errno));
		return false;
	}
	if (snapshot > 0)
		pcap_set_snapshot(path->pcap, snapshot);
	return true;
}

/* True if this process may send echo requests, in one of the two ways that libslirp tries. */
static bool ping_is_allowed(void)
{
	static const int types[] = { SOCK_DGRAM, SOCK_RAW };

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		CLEANUP_CLOSE int fd = socket(AF_INET, types[i] | SOCK_CLOEXEC, IPPROTO_ICMP);

		if (fd >= 0)
			return true;
	}
	return false;
}

/* The parts in the order in which they lean on each other. */
static bool open_parts(struct path *path, const struct engine_config *config,
		       const struct path_descriptors *descriptors)
{
	struct filter_config filter_config = {
		.network = &config->network,
		.policy = &config->policy,
		.host_loopback = config->host_loopback,
		.dns = config->dns,
		.ping = ping_is_allowed(),
	};
	int result;

	path->link = link_new(descriptors->link, (enum link_kind)config->link,
			      config->link_vnet_header, config->network.mtu, path->counters);
	path->large_segments = config->link_vnet_header;
	path->filter = filter_new(&filter_config, path->counters);
	path->dns =
		dns_relay_new(path->loop, config->network.mtu, path->counters, send_frame, path);
	path->time_wait = time_wait_new();
	path->echo6 = echo6_new(path->loop, send_frame, path);
	path->stack = stack_new(config, path->loop, send_frame, path);
	if (path->stack == NULL) {
		log_error("libslirp does not take the configuration");
		return false;
	}
	result = loop_watch(path->loop, descriptors->link, EPOLLIN, link_is_ready, path);
	if (result < 0) {
		g_autofree char *reason = limit_errno_text(-result);

		log_error("watching the container's device: %s", reason);
	}
	return result == 0 && open_capture(path, descriptors->pcap, config->snapshot_length);
}

struct path *path_new(const struct engine_config *config, struct loop *loop,
		      struct counters *counters, const struct path_descriptors *descriptors)
{
	struct path *path = g_new0(struct path, 1);

	path->loop = loop;
	path->counters = counters;
	if (!open_parts(path, config, descriptors)) {
		path_free(path);
		return NULL;
	}
	return path;
}

void path_free(struct path *path)
{
	if (path == NULL)
		return;
	if (path->link != NULL)
		loop_unwatch(path->loop, link_fd(path->link));
	stack_free(path->stack);
	echo6_free(path->echo6);
	dns_relay_free(path->dns);
	filter_free(path->filter);
	link_free(path->link);
	pcap_free(path->pcap);
	time_wait_free(path->time_wait);
	g_free(path);
}

struct stack *path_stack(struct path *path)
{
	return path->stack;
}

void path_set_dns_servers(struct path *path, const struct dns_servers *servers)
{
	dns_relay_set_servers(path->dns, servers);
}

void path_serve_dns_streams(struct path *path, int listener)
{
	int result = dns_relay_serve_streams(path->dns, listener);

	if (result < 0)
		log_warning("DNS over TCP can't be served: %s", strerror(-result));
}
