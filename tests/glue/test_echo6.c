/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the ICMPv6 echo relay, in a network namespace of their own with loopback only. */

#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "slirp-glue/checksum.h"
#include "slirp-glue/echo6.h"
#include "slirp-glue/wire.h"
#include "tests/glue/fake_clock.h"

#define SECOND (1000ULL * 1000 * 1000)
#define HEADERS (ETHERNET_SIZE + IP6_SIZE + ICMP_SIZE)
#define REMOTE "2001:db8::1"
#define OTHER "2001:db8::2"
#define GROUPS "/proc/sys/net/ipv4/ping_group_range"
#define IGNORE "/proc/sys/net/ipv6/icmp/echo_ignore_all"

static struct loop *loop;
static struct echo6 *echo6;
static uint8_t request[FRAME_MAX];
static struct frame frame;
static uint8_t reply[FRAME_MAX];
static size_t reply_length;
static int replies;

/* What the tests stand on. */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static bool map_root(uid_t user, gid_t group)
{
	char text[64];

	snprintf(text, sizeof(text), "0 %u 1", user);
	if (!write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/uid_map", text))
		return false;
	snprintf(text, sizeof(text), "0 %u 1", group);
	return write_text("/proc/self/gid_map", text);
}

/* As in linux/ipv6.h, which does not go with the C library's headers. */
struct address_request {
	struct in6_addr address;
	uint32_t prefix_length;
	int interface;
};

static bool add_address(int fd, const char *text)
{
	struct address_request wanted = { .prefix_length = 128,
					  .interface = (int)if_nametoindex("lo") };

	return inet_pton(AF_INET6, text, &wanted.address) == 1 &&
	       (ioctl(fd, SIOCSIFADDR, &wanted) == 0 || errno == EEXIST);
}

/* A worker of the kernel makes a new address usable, some time after the ioctl has returned. */
static bool await_address(const char *text)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = -1;

	inet_pton(AF_INET6, text, &address.sin6_addr);
	for (int turn = 0; fd >= 0 && result < 0 && turn < 5000; turn++) {
		result = bind(fd, (struct sockaddr *)&address, sizeof(address));
		if (result < 0)
			poll(NULL, 0, 1);
	}
	if (fd >= 0)
		close(fd);
	return result == 0;
}

static bool make_world(void)
{
	struct ifreq interface = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	uid_t user = geteuid();
	gid_t group = getegid();
	int fd;
	bool made;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || !map_root(user, group))
		return false;
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	made = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &interface) == 0 && add_address(fd, REMOTE) &&
	       add_address(fd, OTHER) && await_address(REMOTE) && await_address(OTHER) &&
	       write_text(GROUPS, "0 0");
	if (fd >= 0)
		close(fd);
	return made;
}

static void take_frame(const uint8_t *data, size_t length, void *marker)
{
	ck_assert_ptr_eq(marker, &replies);
	memcpy(reply, data, length);
	reply_length = length;
	replies++;
}

static void setup(void)
{
	replies = 0;
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	echo6 = echo6_new(loop, take_frame, &replies);
	ck_assert(write_text(GROUPS, "0 0") && write_text(IGNORE, "0"));
}

static void teardown(void)
{
	echo6_free(echo6);
	loop_free(loop);
}

static void settle(void)
{
	for (int idle = 0; idle < 3;)
		idle = loop_turn(loop, 1) == 0 ? idle + 1 : 0;
}

/* On a busy machine a kernel thread carries what goes over loopback, when it has its turn. */
static void await_replies(int count)
{
	for (int turn = 0; replies < count && turn < 3000; turn++)
		loop_turn(loop, 1);
	settle();
	ck_assert_int_eq(replies, count);
}

/* Prepares an echo request of the container's, with the given hop limit and size of data. */
static void make_request(const char *destination, uint16_t id, uint8_t hop_limit, size_t size)
{
	uint8_t *ip = request + ETHERNET_SIZE;
	uint8_t *icmp = ip + IP6_SIZE;

	memset(request, 0, HEADERS);
	memcpy(request, "\x52\x55\x0a\x00\x02\x02\x52\x55\x0a\x00\x02\x64\x86\xdd", 14);
	ip[IP6_VERSION] = 0x60;
	wire_put16(ip + IP6_LENGTH, (uint16_t)(ICMP_SIZE + size));
	ip[IP6_NEXT_HEADER] = IPPROTO_ICMPV6;
	ip[IP6_HOP_LIMIT] = hop_limit;
	ck_assert_int_eq(inet_pton(AF_INET6, "fd00::100", ip + IP6_SOURCE), 1);
	ck_assert_int_eq(inet_pton(AF_INET6, destination, ip + IP6_DESTINATION), 1);
	icmp[ICMP_KIND] = ICMP6_ECHO_REQUEST;
	wire_put16(icmp + ICMP_IDENTIFIER, id);
	wire_put16(icmp + ICMP_SEQUENCE, 7);
	for (size_t i = 0; i < size; i++)
		icmp[ICMP_SIZE + i] = (uint8_t)i;
	frame = (struct frame){ .data = request,
				.length = (uint32_t)(HEADERS + size),
				.ethertype = ETHERTYPE_IPV6,
				.transport_offset = ETHERNET_SIZE + IP6_SIZE,
				.protocol = IPPROTO_ICMPV6 };
}

static void ping(const char *destination, uint16_t id)
{
	make_request(destination, id, 64, 16);
	echo6_request(echo6, &frame);
}

/* Checks the last reply against what is in request now. */
static void check_reply(size_t size)
{
	const uint8_t *ip = reply + ETHERNET_SIZE;
	const uint8_t *asked = request + ETHERNET_SIZE;
	const uint8_t *icmp = ip + IP6_SIZE;
	uint32_t sum = checksum_pseudo_header(ip, IPPROTO_ICMPV6, (uint32_t)(ICMP_SIZE + size));

	ck_assert_uint_eq(reply_length, HEADERS + size);
	ck_assert_mem_eq(reply, request + ETHERNET_SOURCE, 6);
	ck_assert_mem_eq(reply + ETHERNET_SOURCE, request, 6);
	ck_assert_mem_eq(ip + IP6_SOURCE, asked + IP6_DESTINATION, 16);
	ck_assert_mem_eq(ip + IP6_DESTINATION, asked + IP6_SOURCE, 16);
	ck_assert_uint_eq(icmp[ICMP_KIND], ICMP6_ECHO_REPLY);
	ck_assert_mem_eq(icmp + ICMP_IDENTIFIER, asked + IP6_SIZE + ICMP_IDENTIFIER, 4 + size);
	ck_assert_uint_eq(checksum_finish(checksum_add(sum, icmp, ICMP_SIZE + size)), 0);
}

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

START_TEST(reply_comes_back)
{
	static const size_t sizes[] = { 0, 1, 56, 1400, 60000 };

	make_request(REMOTE, 0x1234, 64, sizes[_i]);
	echo6_request(echo6, &frame);
	await_replies(1);
	check_reply(sizes[_i]);
}
END_TEST

START_TEST(pings_are_told_apart)
{
	static const char *const destinations[] = { REMOTE, OTHER, REMOTE };
	static const uint16_t ids[] = { 1, 1, 2 };
	int before = count_descriptors();

	for (int round = 1; round <= 3; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
			replies = 0;
			ping(destinations[i], ids[i]);
			await_replies(1);
			check_reply(16);
		}
		ck_assert_int_eq(count_descriptors(), before + 3);
	}
}
END_TEST

START_TEST(sockets_go_after_a_while)
{
	int before = count_descriptors();

	ping(REMOTE, 1);
	settle();
	fake_clock_pass(9 * SECOND);
	settle();
	ck_assert_int_eq(count_descriptors(), before + 1);
	/* Each request starts the time anew. */
	ping(REMOTE, 1);
	fake_clock_pass(9 * SECOND);
	settle();
	ck_assert_int_eq(count_descriptors(), before + 1);
	fake_clock_pass(SECOND);
	settle();
	ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* A raw socket sees what goes over loopback, and plays a host that answers in odd ways. */
static int open_observer(uint8_t kind)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	struct icmp6_filter filter;
	int on = 1;

	ck_assert_int_ge(fd, 0);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(kind, &filter);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)), 0);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof(on)), 0);
	return fd;
}

/* Waits for one message; returns its length or -1, and its hop limit. */
static ssize_t observe(int fd, uint8_t *data, size_t size, struct sockaddr_in6 *from,
		       int *ret_hop_limit)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector = { data, size };
	struct msghdr message = { .msg_name = from,
				  .msg_namelen = sizeof(*from),
				  .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control) };
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	ssize_t length = poll(&readable, 1, 3000) == 1 ? recvmsg(fd, &message, 0) : -1;
	struct cmsghdr *item = length < 0 ? NULL : CMSG_FIRSTHDR(&message);

	if (item)
		memcpy(ret_hop_limit, CMSG_DATA(item), sizeof(*ret_hop_limit));
	return length;
}

START_TEST(hop_limit_is_passed_on_less_one)
{
	struct sockaddr_in6 from;
	uint8_t data[200];
	int observer = open_observer(ICMP6_ECHO_REQUEST);
	int hop_limit = 0;

	make_request(REMOTE, 1, 64, 16);
	echo6_request(echo6, &frame);
	ck_assert_int_eq(observe(observer, data, sizeof(data), &from, &hop_limit), 24);
	ck_assert_int_eq(hop_limit, 63);
	make_request(REMOTE, 1, 2, 16);
	echo6_request(echo6, &frame);
	ck_assert_int_eq(observe(observer, data, sizeof(data), &from, &hop_limit), 24);
	ck_assert_int_eq(hop_limit, 1);
	await_replies(2);
	make_request(REMOTE, 1, 1, 16);
	echo6_request(echo6, &frame);
	make_request(REMOTE, 1, 0, 16);
	echo6_request(echo6, &frame);
	settle();
	ck_assert_int_eq(recv(observer, data, sizeof(data), 0), -1);
	ck_assert_int_eq(replies, 2);
	close(observer);
}
END_TEST

/* Answers the request in data from the given address. */
static void answer_from(const char *source, uint8_t *data, size_t length,
			const struct sockaddr_in6 *to)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	struct sockaddr_in6 asker = *to;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	ck_assert_int_eq(inet_pton(AF_INET6, source, &from.sin6_addr), 1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	asker.sin6_port = 0;
	data[ICMP_KIND] = ICMP6_ECHO_REPLY;
	ck_assert_int_eq(sendto(fd, data, length, 0, (struct sockaddr *)&asker, sizeof(asker)),
			 (ssize_t)length);
	close(fd);
}

START_TEST(oldest_ping_makes_room)
{
	struct sockaddr_in6 from;
	uint8_t requests[2][200];
	int observer = open_observer(ICMP6_ECHO_REQUEST);
	int before = count_descriptors();
	int hop_limit;

	ck_assert(write_text(IGNORE, "1"));
	for (uint16_t id = 0; id < ECHO6_PINGS; id++) {
		ping(REMOTE, id);
		if (id < 2)
			ck_assert_int_eq(observe(observer, requests[id], sizeof(requests[id]),
						 &from, &hop_limit),
					 24);
	}
	/* The first is now not the oldest any more: the second goes. */
	ping(REMOTE, 0);
	ping(REMOTE, 1000);
	ck_assert_int_eq(count_descriptors(), before + ECHO6_PINGS);
	answer_from(REMOTE, requests[1], 24, &from);
	settle();
	ck_assert_int_eq(replies, 0);
	answer_from(REMOTE, requests[0], 24, &from);
	await_replies(1);
	close(observer);
}
END_TEST

START_TEST(reply_from_elsewhere_is_not_taken)
{
	struct sockaddr_in6 from;
	uint8_t data[200];
	int observer = open_observer(ICMP6_ECHO_REQUEST);
	int hop_limit;

	ck_assert(write_text(IGNORE, "1"));
	ping(REMOTE, 1);
	ck_assert_int_eq(observe(observer, data, sizeof(data), &from, &hop_limit), 24);
	answer_from(OTHER, data, 24, &from);
	settle();
	ck_assert_int_eq(replies, 0);
	answer_from(REMOTE, data, 24, &from);
	await_replies(1);
	check_reply(16);
	close(observer);
}
END_TEST

START_TEST(what_is_no_request_is_dropped)
{
	int before = count_descriptors();

	make_request(REMOTE, 1, 64, 16);
	request[frame.transport_offset] = ICMP6_ECHO_REPLY;
	echo6_request(echo6, &frame);
	make_request(REMOTE, 1, 64, 16);
	frame.fragment = true;
	echo6_request(echo6, &frame);
	make_request(REMOTE, 1, 64, 16);
	frame.protocol = IPPROTO_UDP;
	echo6_request(echo6, &frame);
	make_request(REMOTE, 1, 64, 16);
	frame.length = HEADERS - 1;
	echo6_request(echo6, &frame);
	settle();
	ck_assert_int_eq(replies, 0);
	ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

static void check_rejected(void)
{
	ck_assert_int_eq(replies, 1);
	ck_assert_uint_eq(reply[ETHERNET_SIZE + IP6_SIZE + ICMP_KIND], ICMP6_DST_UNREACH);
	ck_assert_uint_eq(reply[ETHERNET_SIZE + IP6_SIZE + ICMP_CODE], ICMP6_DST_UNREACH_ADMIN);
	ck_assert_mem_eq(reply + HEADERS, request + ETHERNET_SIZE, IP6_SIZE + ICMP_SIZE + 16);
}

START_TEST(without_ping_sockets_requests_are_rejected)
{
	/* A fresh network namespace allows them to no group. */
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	ping(REMOTE, 1);
	check_rejected();
}
END_TEST

START_TEST(unreachable_destinations_are_rejected)
{
	/* no route; IPv4 in disguise; a link-local address without a link */
	static const char *const destinations[] = { "2001:db9::1", "::ffff:127.0.0.1", "fe80::1" };
	int before = count_descriptors();

	ping(destinations[_i], 1);
	check_rejected();
	ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(freed_with_pings_waiting)
{
	ck_assert(write_text(IGNORE, "1"));
	for (uint16_t id = 0; id < 10; id++)
		ping(REMOTE, id);
	settle();
	ck_assert_int_eq(replies, 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("echo6");
	TCase *tests = tcase_create("echo6");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, reply_comes_back, 0, 5);
	tcase_add_test(tests, pings_are_told_apart);
	tcase_add_test(tests, sockets_go_after_a_while);
	tcase_add_test(tests, oldest_ping_makes_room);
	tcase_add_test(tests, hop_limit_is_passed_on_less_one);
	tcase_add_test(tests, reply_from_elsewhere_is_not_taken);
	tcase_add_test(tests, what_is_no_request_is_dropped);
	tcase_add_test(tests, without_ping_sockets_requests_are_rejected);
	tcase_add_loop_test(tests, unreachable_destinations_are_rejected, 0, 3);
	tcase_add_test(tests, freed_with_pings_waiting);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner;
	int failed;

	if (!make_world()) {
		fprintf(stderr, "no user and network namespace with IPv6 to be had: %s\n",
			strerror(errno));
		return g_getenv("SLIRPWAY_MUST_WORK") ? EXIT_FAILURE : 77;
	}
	runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
