/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attacks by bind(2) and listen(2): a place on the host that nobody published. */

#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

#include "tests/tools/attack.h"
#include "tests/tools/attack_socket.h"

static enum attack_result is_reached(int fd, struct attack_report *report)
{
	uint16_t port = local_port(fd);

	if (port != 0 && dialled_back(port)) {
		attack_say(report, "reached at port %u of the host", port);
		return ATTACK_BROKEN;
	}
	attack_say(report, "port %u: not reached", port);
	return ATTACK_HELD;
}

static enum attack_result try_listen_used(const void *data, struct attack_report *report)
{
	const int *protocol = data;
	int fd = stream_given_up(*protocol);

	if (fd < 0)
		return attack_lacks(report, "no socket");
	if (listen(fd, 4) < 0)
		attack_say(report, "%s;", strerror(errno));
	return is_reached(fd, report);
}

static enum attack_result try_bind_used(const void *data, struct attack_report *report)
{
	const int *protocol = data;
	const struct target local = target_make("0.0.0.0", PORT_TAKEN);
	int fd = stream_given_up(*protocol);

	if (fd < 0)
		return attack_lacks(report, "no socket");
	if (bind(fd, (const struct sockaddr *)&local.address, local.length) < 0 ||
	    listen(fd, 4) < 0)
		attack_say(report, "%s;", strerror(errno));
	return is_reached(fd, report);
}

/* Port 0, and the published port's neighbours. */
static enum attack_result try_bind_fresh(const void *data, struct attack_report *report)
{
	static const uint16_t ports[] = { 0, PORT_PUBLISHED + 1, PORT_PUBLISHED - 1, PORT_TAKEN };
	enum attack_result result = ATTACK_HELD;

	(void)data;
	for (size_t i = 0; i < 4; i++) {
		struct target local = target_make(i % 2 ? "0.0.0.0" : "::", ports[i]);
		int fd = stream_open(local.address.ss_family, 0);

		bind(fd, (struct sockaddr *)&local.address, local.length);
		listen(fd, 4);
		if (is_reached(fd, report) == ATTACK_BROKEN)
			result = ATTACK_BROKEN;
		close(fd);
	}
	return result;
}

static int published_listener(void)
{
	const struct target local = target_make("0.0.0.0", PORT_PUBLISHED);
	const int on = 1;
	int fd = stream_open(AF_INET, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&local.address, local.length) == 0 &&
	    listen(fd, 4) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A listener that was published is stopped, dissolved, and listens again: anywhere. */
static enum attack_result try_published_again(const void *data, struct attack_report *report)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = published_listener();

	(void)data;
	if (fd < 0)
		return attack_lacks(report, "the published port can't be had");
	shutdown(fd, SHUT_RDWR);
	connect(fd, &none, sizeof(none));
	if (local_port(fd) == PORT_PUBLISHED) {
		attack_say(report, "still at the published port:");
		listen(fd, 4);
		is_reached(fd, report);
		return ATTACK_HELD;
	}
	listen(fd, 4);
	return is_reached(fd, report);
}

/* A connection that such a listener took is given up, and listens. */
static enum attack_result try_listen_accepted(const void *data, struct attack_report *report)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int listener = published_listener(), fd;

	(void)data;
	if (listener < 0 || !dialled_back(PORT_PUBLISHED))
		return attack_lacks(report, "the published port is not reached");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	shutdown(fd, SHUT_RDWR);
	connect(fd, &none, sizeof(none));
	if (local_port(fd) == PORT_PUBLISHED)
		attack_say(report, "keeps its port:");
	listen(fd, 4);
	return local_port(fd) == PORT_PUBLISHED ? ATTACK_HELD : is_reached(fd, report);
}

/* -- a right that the caller has elsewhere only -------------------------------------------------
 */

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	return syscall(SYS_capset, &header, none) == 0;
}

/* Without capabilities, then with all of them in a user namespace of its own: port 80 is neither's.
 */
static enum attack_result try_privileged_port(const void *data, struct attack_report *report)
{
	const bool *nested = data;
	const struct target local = target_make("0.0.0.0", 80);
	int fd = stream_open(AF_INET, 0);

	if (!drop_capabilities() || (*nested && unshare(CLONE_NEWUSER) < 0))
		return attack_lacks(report, "capabilities can't be dropped");
	if (bind(fd, (const struct sockaddr *)&local.address, local.length) == 0) {
		attack_say(report, "bound");
		return ATTACK_BROKEN;
	}
	attack_say(report, "%s", strerror(errno));
	return errno == EACCES ? ATTACK_HELD : ATTACK_BROKEN;
}

static const int tcp = 0, multipath = IPPROTO_MPTCP;

const struct attack attacks_by_listening[] = {
	{ "listen/used-socket", PROOF_PLAIN, try_listen_used, &tcp },
	{ "listen/used-multipath", PROOF_PLAIN, try_listen_used, &multipath },
	{ "listen/bound-used-socket", PROOF_PLAIN, try_bind_used, &tcp },
	{ "listen/bound-used-multipath", PROOF_PLAIN, try_bind_used, &multipath },
	{ "listen/unpublished-ports", PROOF_PLAIN, try_bind_fresh, NULL },
	{ "listen/published-again", PROOF_NONE, try_published_again, NULL },
	{ "listen/accepted-connection", PROOF_NONE, try_listen_accepted, NULL },
	{ "listen/privileged-port", PROOF_SAME, try_privileged_port, &(const bool){ false } },
	{ "listen/privileged-port-nested", PROOF_SAME, try_privileged_port, &(const bool){ true } },
	{ NULL, PROOF_NONE, NULL, NULL },
};
