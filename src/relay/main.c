/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins two taps, each in a network namespace of its own, by a line with delay and rate.
 *
 * It stands in for netem where the kernel has none. Both taps take segmentation and checksum
 * offload and frames cross with their vnet header, so 64 KiB go over in one read and one write
 * while the interfaces keep an MTU of 1500. A frame that finds the queue full is dropped and
 * counted.
 *
 * Ends on SIGTERM or SIGINT and prints its counters.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "relay/delay_line.h"

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)
#define READS_PER_EVENT 64
#define HEADER_SIZE sizeof(struct virtio_net_hdr)
#define OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)

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
	struct line *line;
	struct counters counters;
};

struct relay_options {
	const char *netns[2]; /* paths, NULL: the namespace the relay starts in */
	const char *interface[2];
	struct line_settings line;
	int ready_fd;
};

struct relay {
	int tap[2];
	int timer;
	int signals;
	int epoll;
	struct direction directions[2];
};

static bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("slirpway-delay-relay: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return false;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)time.tv_nsec;
}

static bool enter_namespace(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return complain("%s: %s", path, strerror(errno));
	bool entered = setns(fd, CLONE_NEWNET) == 0;
	if (!entered)
		complain("cannot enter %s: %s", path, strerror(errno));
	close(fd);
	return entered;
}

/* Makes the tap in the current namespace; it lasts as long as the descriptor. */
static int create_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		complain("/dev/net/tun: %s", strerror(errno));
		return -1;
	}
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0 || ioctl(fd, TUNSETOFFLOAD, OFFLOADS) < 0) {
		complain("cannot create tap %s: %s", name, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool open_taps(const struct relay_options *options, struct relay *relay)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return complain("/proc/self/ns/net: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		if (options->netns[i] && !enter_namespace(options->netns[i]))
			return false;
		relay->tap[i] = create_tap(options->interface[i]);
		if (relay->tap[i] < 0)
			return false;
		if (setns(home, CLONE_NEWNET) < 0 && options->netns[i])
			return complain("cannot go back to the first namespace: %s",
					strerror(errno));
	}
	close(home);
	return true;
}

static bool watch(const struct relay *relay, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ||
	       complain("epoll: %s", strerror(errno));
}

static bool prepare(const struct relay_options *options, struct relay *relay)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	relay->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	relay->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	relay->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay->signals < 0 || relay->timer < 0 || relay->epoll < 0)
		return complain("cannot set up the loop: %s", strerror(errno));
	if (!open_taps(options, relay))
		return false;
	for (int i = 0; i < 2; i++) {
		relay->directions[i] = (struct direction){
			.from = relay->tap[i],
			.to = relay->tap[1 - i],
			.line = line_new(&options->line),
		};
		if (!relay->directions[i].line)
			return complain("no memory for a queue of %zu bytes",
					options->line.queue_size);
		if (!watch(relay, relay->tap[i]))
			return false;
	}
	return watch(relay, relay->timer) && watch(relay, relay->signals);
}

static void read_frames(struct direction *direction)
{
	static const size_t size = LINE_FRAME_MAX;
	char dropped[256]; /* read(2) on a tap cuts the rest of the frame off */

	for (int i = 0; i < READS_PER_EVENT; i++) {
		void *room = line_reserve(direction->line);
		ssize_t length =
			read(direction->from, room ? room : dropped, room ? size : sizeof(dropped));
		if (length <= 0)
			return;
		if (!room) {
			direction->counters.queue_drops++;
			continue;
		}
		direction->counters.frames++;
		direction->counters.bytes += (uint64_t)length - HEADER_SIZE;
		line_commit(direction->line, (size_t)length, HEADER_SIZE, now());
	}
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

static void run(struct relay *relay)
{
	struct epoll_event events[4];
	uint64_t expirations;

	for (;;) {
		int count = epoll_wait(relay->epoll, events, 4, -1);
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (fd == relay->signals)
				return;
			if (fd == relay->timer && read(fd, &expirations, sizeof(expirations)) < 0)
				continue;
			for (int j = 0; j < 2; j++) {
				if (fd == relay->tap[j])
					read_frames(&relay->directions[j]);
			}
		}
		uint64_t first = write_due(&relay->directions[0]);
		uint64_t second = write_due(&relay->directions[1]);
		uint64_t next = first < second ? first : second;
		if (next != UINT64_MAX)
			arm_timer(relay, next);
	}
}

static void print_counters(const struct relay *relay)
{
	static const char *const names[] = { "a_to_b", "b_to_a" };

	for (int i = 0; i < 2; i++) {
		const struct counters *counters = &relay->directions[i].counters;
		printf("%s\"%s\": {\"frames\": %" PRIu64 ", \"bytes\": %" PRIu64
		       ", \"queue_drops\": %" PRIu64 ", \"write_drops\": %" PRIu64 "}",
		       i == 0 ? "{" : ", ", names[i], counters->frames, counters->bytes,
		       counters->queue_drops, counters->write_drops);
	}
	puts("}");
}

static bool parse_number(const char *text, double min, double max, double *ret_value)
{
	char *end = NULL;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= min && value <= max))
		return complain("\"%s\" is not a number from %g to %g", text, min, max);
	*ret_value = value;
	return true;
}

enum option_code {
	OPTION_NETNS_A,
	OPTION_NETNS_B,
	OPTION_NAME_A,
	OPTION_NAME_B,
	OPTION_DELAY,
	OPTION_RATE,
	OPTION_QUEUE,
	OPTION_READY,
	OPTION_HELP,
};

static const struct option option_table[] = {
	{ "netns-a", required_argument, NULL, OPTION_NETNS_A },
	{ "netns-b", required_argument, NULL, OPTION_NETNS_B },
	{ "name-a", required_argument, NULL, OPTION_NAME_A },
	{ "name-b", required_argument, NULL, OPTION_NAME_B },
	{ "delay-ms", required_argument, NULL, OPTION_DELAY },
	{ "rate-mbit", required_argument, NULL, OPTION_RATE },
	{ "queue-mbyte", required_argument, NULL, OPTION_QUEUE },
	{ "ready-fd", required_argument, NULL, OPTION_READY },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"Usage: slirpway-delay-relay [--netns-a PATH] [--netns-b PATH] [--name-a IF] [--name-b "
	"IF]\n"
	"                   --delay-ms MS [--rate-mbit N] [--queue-mbyte N] [--ready-fd FD]\n"
	"Creates tap IF (relay0) in both namespaces and carries frames between them, each way\n"
	"MS late and at most N Mbit/s fast. The taps are gone when it ends, on SIGTERM.\n"
	"Writes a newline to FD when the taps are there. Prints counters at the end.\n";

static bool apply_option(struct relay_options *options, int code, const char *argument)
{
	double value = 0;

	switch ((enum option_code)code) {
	case OPTION_NETNS_A:
	case OPTION_NETNS_B:
		options->netns[code - OPTION_NETNS_A] = argument;
		return true;
	case OPTION_NAME_A:
	case OPTION_NAME_B:
		options->interface[code - OPTION_NAME_A] = argument;
		return strlen(argument) < IFNAMSIZ || complain("\"%s\" is too long", argument);
	case OPTION_DELAY:
		if (!parse_number(argument, 0, 60000, &value))
			return false;
		options->line.delay = (uint64_t)(value * 1e6);
		return true;
	case OPTION_RATE:
		if (!parse_number(argument, 0.001, 1e6, &value))
			return false;
		options->line.rate = (uint64_t)(value * 1e6);
		return true;
	case OPTION_QUEUE:
		if (!parse_number(argument, 0.01, 4096, &value))
			return false;
		options->line.queue_size = (size_t)(value * 1024 * 1024);
		return true;
	case OPTION_READY:
		if (!parse_number(argument, 0, 1 << 20, &value))
			return false;
		options->ready_fd = (int)value;
		return true;
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	}
	return complain("--help lists the options");
}

int main(int argc, char **argv)
{
	struct relay relay = { 0 };
	struct relay_options options = {
		.interface = { "relay0", "relay0" },
		.line.queue_size = 64 << 20,
		.ready_fd = -1,
	};
	int code;

	while ((code = getopt_long(argc, argv, "", option_table, NULL)) != -1) {
		if (!apply_option(&options, code, optarg))
			return 2;
	}
	if (optind < argc) {
		complain("unexpected argument \"%s\"", argv[optind]);
		return 2;
	}
	if (!prepare(&options, &relay))
		return EXIT_FAILURE;
	if (options.ready_fd >= 0) {
		if (write(options.ready_fd, "\n", 1) != 1)
			complain("--ready-fd: %s", strerror(errno));
		close(options.ready_fd);
	}
	run(&relay);
	print_counters(&relay);
	return EXIT_SUCCESS;
}
