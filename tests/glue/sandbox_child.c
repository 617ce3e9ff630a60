/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes that shut themselves in, for the sandbox's tests. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "slirp-glue/sandbox.h"
#include "tests/glue/sandbox_child.h"

#define NOBODY 65534

void child_fail(const char *file, int line, const char *condition)
{
	dprintf(STDERR_FILENO, "%s:%d: %s: %s\n", file, line, condition, strerror(errno));
	_exit(1);
}

/* The situations that an engine may start in. */

static void as_we_are(void)
{
}

/* What execve takes from an ordinary user. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (int number = 0; number < 64; number++)
		(void)prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
	DEMAND(syscall(SYS_capset, &header, none) == 0);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	DEMAND(fd >= 0);
	DEMAND(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* A user namespace in which the user that we are has the given id. */
static void make_user_namespace(unsigned id)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	char text[64];

	DEMAND(unshare(CLONE_NEWUSER) == 0);
	write_text("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", id, user);
	write_text("/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "%u %u 1", id, group);
	write_text("/proc/self/gid_map", text);
}

/* An ordinary user, who needs a user namespace. */
static void as_user(void)
{
	if (geteuid() == 0) {
		/* Where the tests are root of a user namespace, no other user may be there. */
		if (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0)
			DEMAND(setresuid(NOBODY, NOBODY, NOBODY) == 0);
		else
			make_user_namespace(1000);
	}
	drop_capabilities();
	/* As after the execve of a real start: else /proc/self is not its own. */
	DEMAND(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
}

/* The root of a rootless container. */
static void as_namespace_root(void)
{
	as_user();
	make_user_namespace(0);
}

/* An ordinary user of it. */
static void as_namespace_user(void)
{
	as_user();
	make_user_namespace(1000);
	drop_capabilities();
}

/* Where /tmp and the like are missing: an empty root with nothing but /proc and /dev. */
static void as_scratch_image(void)
{
	as_namespace_root();
	DEMAND(unshare(CLONE_NEWNS) == 0);
	DEMAND(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	DEMAND(mount("none", "/mnt", "tmpfs", 0, NULL) == 0);
	DEMAND(mkdir("/mnt/dev", 0755) == 0);
	DEMAND(chroot("/mnt") == 0 && chdir("/") == 0);
}

/* A user to whom unshare is refused. */
static void without_namespaces(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	as_user();
	DEMAND(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) == 0);
	DEMAND(seccomp_load(filter) == 0);
	seccomp_release(filter);
}

const struct situation situations[SITUATION_COUNT] = {
	[SITUATION_ROOT_IF_WE_ARE] = { as_we_are, ALL_LAYERS, true },
	[SITUATION_USER] = { as_user, ALL_LAYERS, false },
	[SITUATION_NAMESPACE_ROOT] = { as_namespace_root, ALL_LAYERS, true },
	[SITUATION_NAMESPACE_USER] = { as_namespace_user, ALL_LAYERS, false },
	[SITUATION_SCRATCH_IMAGE] = { as_scratch_image, ALL_LAYERS, true },
	[SITUATION_NO_NAMESPACES] = { without_namespaces, ALL_LAYERS & ~SANDBOX_ROOT, false },
};

uint32_t child_seal(uint32_t layers)
{
	const char *reason = "";

	layers = sandbox_seal(layers, &reason);
	if (*reason)
		dprintf(STDERR_FILENO, "sealing: %s\n", reason);
	return layers;
}

void child_shut_in(const struct situation *situation)
{
	const char *reason = "";
	uint32_t layers;

	situation->enter();
	layers = sandbox_enter_root(&reason);
	if (layers != (situation->layers & SANDBOX_ROOT))
		dprintf(STDERR_FILENO, "entering: %s\n", reason);
	DEMAND(layers == (situation->layers & SANDBOX_ROOT));
	DEMAND(child_seal(layers) == situation->layers);
}

int child_run(const struct situation *situation, void (*body)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		if (situation)
			child_shut_in(situation);
		body();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status;
}
