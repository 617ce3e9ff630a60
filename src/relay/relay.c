/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins two taps, each in a network namespace of its own, by a line with delay and rate.
 *
 * It stands in for netem where the kernel has none. Both taps take segmentation and checksum
 * offload and frames cross with their vnet header, so 64 KiB go over in one read and one write
 * while the interfaces keep an MTU of 1500. A frame that finds the queue full is dropped and
 * counted.
 */

#include "config.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <linux/virtio_net.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/network.h"
#include "base/util.h"
#include "namespace/join.h"
#include "relay/relay.h"

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)
#define READS_PER_EVENT 64
#define TAP_MTU 1500

struct counters {
	uint64_t frames;
	uint64_t bytes;
	uint64_t queue_drops; /* the line was full */
	uint64_t write_drops; /* the far tap refused the frame */
};

/* One direction: what is read from tap `from` is written to tap `to` when it is due. */
struct direction {
	int from;
	int to;
	size_t header; /* bytes before each frame that are not on the line */
	struct line *line;
	struct counters counters;
};

struct relay {
	struct device taps[END_COUNT];
	int timer;
	int signals;
	int epoll;
	struct direction directions[END_COUNT];
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)time.tv_nsec;
}

static bool watch(const struct relay *relay, int fd, GError **error)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return true;
	error_set_errno(error, errno, "epoll");
	return false;
}

static bool open_tap(const struct relay_options *options, int end, struct device *ret_tap,
		     GError **error)
{
	static const struct network network = { .mtu = TAP_MTU };
	const struct namespace_target target = {
		.netns_path = options->netns[end],
		.userns_optional = true,
	};
	const struct device_request request = {
		.kind = DEVICE_TAP,
		.name = options->interface[end],
		.network = &network,
	};

	return target.netns_path ? namespaces_open_device(&target, &request, ret_tap, error)
				 : namespaces_open_device_here(&request, ret_tap, error);
}

static bool open_taps(const struct relay_options *options, struct relay *relay, GError **error)
{
	for (int i = 0; i < END_COUNT; i++) {
		if (!open_tap(options, i, &relay->taps[i], error))
			return false;
	}
	if (relay->taps[0].vnet_header == relay->taps[1].vnet_header)
		return true;
	error_set(error, SLIRPWAY_ERROR_SYSTEM, "only one of the taps has a vnet header");
	return false;
}

static bool make_directions(const struct relay_options *options, struct relay *relay,
			    GError **error)
{
	for (int i = 0; i < END_COUNT; i++) {
		relay->directions[i] = (struct direction){
			.from = relay->taps[i].fd,
			.to = relay->taps[1 - i].fd,
			.header = relay->taps[i].vnet_header ? sizeof(struct virtio_net_hdr) : 0,
			.line = line_new(&options->line),
		};
		if (!relay->directions[i].line) {
			error_set(error, SLIRPWAY_ERROR_SYSTEM,
				  "no memory for a queue of %zu bytes", options->line.queue_size);
			return false;
		}
		if (!watch(relay, relay->taps[i].fd, error))
			return false;
	}
	return true;
}

static bool open_loop(struct relay *relay, GError **error)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	relay->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	relay->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	relay->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay->signals < 0 || relay->timer < 0 || relay->epoll < 0) {
		error_set_errno(error, errno, "cannot set up the loop");
		return false;
	}
	return watch(relay, relay->timer, error) && watch(relay, relay->signals, error);
}

struct relay *relay_new(const struct relay_options *options, GError **error)
{
	struct relay *relay = g_new0(struct relay, 1);

	relay->timer = relay->signals = relay->epoll = -1;
	relay->taps[0].fd = relay->taps[1].fd = -1;
	if (open_loop(relay, error) && open_taps(options, relay, error) &&
	    make_directions(options, relay, error))
		return relay;
	relay_free(relay);
	return NULL;
}

void relay_free(struct relay *relay)
{
	for (int i = 0; i < END_COUNT; i++) {
		line_free(relay->directions[i].line);
		descriptor_close(&relay->taps[i].fd);
	}
	descriptor_close(&relay->timer);
	descriptor_close(&relay->signals);
	descriptor_close(&relay->epoll);
	g_free(relay);
}

/* Returns false when the tap has been deleted. */
static bool read_frames(struct direction *direction)
{
	static const size_t size = LINE_FRAME_MAX;
	char dropped[256]; /* read(2) on a tap cuts the rest of the frame off */

	for (int i = 0; i < READS_PER_EVENT; i++) {
		void *room = line_reserve(direction->line);
		ssize_t length =
			read(direction->from, room ? room : dropped, room ? size : sizeof(dropped));
		if (length <= 0)
			return length == 0 || errno != EBADFD;
		if (!room) {
			direction->counters.queue_drops++;
			continue;
		}
		direction->counters.frames++;
		direction->counters.bytes += (uint64_t)length - direction->header;
		line_commit(direction->line, (size_t)length, direction->header, now());
	}
	return true;
}

/* Writes the frames that are due; returns when the next one is, or UINT64_MAX. */
static uint64_t write_due(struct direction *direction)
{
	uint64_t time = now();
	uint64_t due;
	size_t length;
	const void *frame;

	while ((frame = line_head(direction->line, &length, &due)) != NULL) {
		if (due > time)
			return due;
		if (write(direction->to, frame, length) < 0)
			direction->counters.write_drops++;
		line_pop(direction->line);
	}
	return UINT64_MAX;
}

static void arm_timer(const struct relay *relay, uint64_t when)
{
	const struct itimerspec time = {
		.it_value.tv_sec = (time_t)(when / NANOSECONDS_PER_SECOND),
		.it_value.tv_nsec = (long)(when % NANOSECONDS_PER_SECOND),
	};

	timerfd_settime(relay->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

void relay_run(struct relay *relay)
{
	struct epoll_event events[4];
	uint64_t expirations;

	for (;;) {
		int count = epoll_wait(relay->epoll, events, 4, -1);
		if (count < 0 && errno != EINTR)
			return;
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (fd == relay->signals)
				return;
			if (fd == relay->timer && read(fd, &expirations, sizeof(expirations)) < 0)
				continue;
			for (int j = 0; j < END_COUNT; j++) {
				if (fd == relay->taps[j].fd && !read_frames(&relay->directions[j]))
					return;
			}
		}
		uint64_t first = write_due(&relay->directions[0]);
		uint64_t second = write_due(&relay->directions[1]);
		uint64_t next = first < second ? first : second;
		if (next != UINT64_MAX)
			arm_timer(relay, next);
	}
}

static void add_counters(JsonBuilder *builder, const char *name, const struct counters *counters)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "frames", counters->frames },
		{ "bytes", counters->bytes },
		{ "queue_drops", counters->queue_drops },
		{ "write_drops", counters->write_drops },
	};

	json_builder_set_member_name(builder, name);
	json_builder_begin_object(builder);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_builder_set_member_name(builder, rows[i].name);
		json_builder_add_int_value(builder, (gint64)rows[i].value);
	}
	json_builder_end_object(builder);
}

void relay_print_counters(const struct relay *relay)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	add_counters(builder, "a_to_b", &relay->directions[0].counters);
	add_counters(builder, "b_to_a", &relay->directions[1].counters);
	json_builder_end_object(builder);
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	g_autofree char *text = json_to_string(root, FALSE);
	puts(text);
}
