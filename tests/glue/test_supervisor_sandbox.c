/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of syscall/supervisor_sandbox: what its filter lets through of the calls with many uses. */

#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "base/util.h"
#include "syscall/supervisor_sandbox.h"

/* What a request is made of. */
enum object { TERMINAL, SOCKET, NAMESPACE, OBJECTS };

/* Each in the sandbox, with an argument that is good for all of them. */
static const struct {
	enum object object;
	unsigned long request;
	bool passes; /* to the kernel, whatever that makes of it */
} requests[] = {
	{ TERMINAL, TIOCSTI, false },
	{ TERMINAL, TIOCLINUX, false },
	{ TERMINAL, TIOCSCTTY, false },
	{ TERMINAL, TIOCNOTTY, false },
	{ TERMINAL, TIOCSWINSZ, false },
	{ TERMINAL, TCGETS, false },
	{ TERMINAL, FIONREAD, false },
	{ SOCKET, FIOASYNC, false },
	{ SOCKET, SIOCSIFFLAGS, false },
	{ SOCKET, SIOCSIFADDR, false },
	{ SOCKET, SIOCBRADDBR, false },
	{ SOCKET, SIOCETHTOOL, false },
	{ SOCKET, SIOCGIFFLAGS, true },
	{ SOCKET, SIOCGIFINDEX, true },
	{ SOCKET, SIOCGIFCONF, true },
	{ SOCKET, SIOCGSKNS, true },
	{ SOCKET, SECCOMP_IOCTL_NOTIF_RECV, true },
	{ SOCKET, SECCOMP_IOCTL_NOTIF_SEND, true },
	{ SOCKET, SECCOMP_IOCTL_NOTIF_ID_VALID, true },
	{ SOCKET, SECCOMP_IOCTL_NOTIF_ADDFD, true },
	{ NAMESPACE, NS_GET_USERNS, true },
	{ NAMESPACE, NS_GET_PARENT, true },
	{ NAMESPACE, NS_GET_OWNER_UID, false },
};

/* In the child; the exit status is 0 where the request went as expected. */
static int try_request(int i)
{
	int objects[OBJECTS] = {
		[TERMINAL] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC),
		[SOCKET] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
		[NAMESPACE] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
	};
	union {
		struct ifreq interface;
		struct ifconf list;
		char bytes[512];
	} argument = { .bytes = "" };
	bool refused;

	if (!(supervisor_sandbox_enter() & SANDBOX_FILTER))
		return 2;
	errno = 0;
	refused = ioctl(objects[requests[i].object], requests[i].request, &argument) < 0 &&
		  errno == ENOSYS;
	return refused == requests[i].passes;
}

START_TEST(requests_of_ioctl)
{
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(try_request(_i));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("supervisor_sandbox");
	TCase *cases = tcase_create("supervisor_sandbox");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(cases, requests_of_ioctl, 0, ARRAY_SIZE(requests));
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
