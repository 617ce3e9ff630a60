/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container's seccomp filter.
 *
 * It does what can be told from the registers of a call; the supervisor is asked about the rest. A
 * call can take a host socket somewhere without connect(2) in two ways: TCP fast open, which is
 * refused as by a kernel that has it turned off, and io_uring, which is absent. Of ioctl(2) the
 * family 0x89xx is trapped, for a host socket would tell of the host's interfaces; its first
 * members are about the socket itself, and ordinary programs use them.
 *
 * The calls of the other instruction set that the processor runs (32-bit programs) can't be trapped
 * alike: there socketcall(2) has its arguments in memory, and structures differ. Such a program
 * finds no sockets, as under a kernel without networking; everything else it does goes on. An ABI
 * that is not known here finds no system calls at all.
 */

#include "config.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/util.h"
#include "syscall/filter.h"
#include "syscall/option_table.h"

/* Since Linux 5.19; not in older headers. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* The level of libseccomp that knows notification: what the kernel knows is found out below. */
#define API_WITH_NOTIFICATION 5

#define REFUSE(number) SCMP_ACT_ERRNO(number)

/* What one argument must be; all of a rule's must hold. */
struct condition {
	unsigned int argument;
	enum scmp_compare compare;
	uint64_t mask; /* of SCMP_CMP_MASKED_EQ; else the value */
	uint64_t value;
};

#define CONDITIONS 3

struct rule {
	int call;
	uint32_t action;
	size_t condition_count;
	struct condition conditions[CONDITIONS];
};

/* No condition; flags with or without MSG_FASTOPEN; an argument; a family of ioctl requests. */
/* clang-format off */
#define ALWAYS 0, { { 0 } }
#define FASTOPEN(argument) { argument, SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, MSG_FASTOPEN }
#define NO_FASTOPEN(argument) { argument, SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0 }
#define NOT_ZERO(argument) { argument, SCMP_CMP_NE, 0, 0 }
#define AT_LEAST(argument, value) { argument, SCMP_CMP_GE, value, 0 }
#define WORD(argument, value) { argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, value }
#define SHARED_TABLE { 0, SCMP_CMP_MASKED_EQ, CLONE_FILES | CLONE_THREAD, CLONE_FILES }
#define REQUEST(mask, value) 1, { { 1, SCMP_CMP_MASKED_EQ, mask, value } }
/* clang-format on */

/* For all kinds. Requests of ioctl(2): 0x8900 to 0x8907 are left out. */
static const struct rule native_rules[] = {
	{ SCMP_SYS(connect), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(bind), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(listen), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(epoll_create), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(epoll_create1), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(ioctl), SCMP_ACT_NOTIFY, REQUEST(0xfff8, 0x8908) },
	{ SCMP_SYS(ioctl), SCMP_ACT_NOTIFY, REQUEST(0xfff0, 0x8910) },
	{ SCMP_SYS(ioctl), SCMP_ACT_NOTIFY, REQUEST(0xffe0, 0x8920) },
	{ SCMP_SYS(ioctl), SCMP_ACT_NOTIFY, REQUEST(0xffc0, 0x8940) },
	{ SCMP_SYS(ioctl), SCMP_ACT_NOTIFY, REQUEST(0xff80, 0x8980) },
	{ SCMP_SYS(sendto), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(3) } },
	{ SCMP_SYS(sendmsg), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(2) } },
	{ SCMP_SYS(sendmmsg), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(3) } },
	{ SCMP_SYS(io_uring_setup), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(io_uring_enter), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(io_uring_register), REFUSE(ENOSYS), ALWAYS },
};

/*
 * For FILTER_TABLES: who can change what the numbers of a caller mean (leave_to_kernel.h). clone3
 * has its flags in memory, and programs go on to clone without it.
 */
static const struct rule table_rules[] = {
	{ SCMP_SYS(clone), SCMP_ACT_NOTIFY, 1, { SHARED_TABLE } },
	{ SCMP_SYS(clone3), REFUSE(ENOSYS), ALWAYS },
};

/*
 * For FILTER_SYSCALL: sendmsg may or may not have an address, in memory. No address of fewer than
 * 16 bytes is one of the Internet, but netlink's is.
 */
static const struct rule send_rules[] = {
	{ SCMP_SYS(sendto), SCMP_ACT_NOTIFY, 3, { NO_FASTOPEN(3), NOT_ZERO(4), AT_LEAST(5, 16) } },
	{ SCMP_SYS(sendmsg), SCMP_ACT_NOTIFY, 1, { NO_FASTOPEN(2) } },
	{ SCMP_SYS(sendmmsg), SCMP_ACT_NOTIFY, 1, { NO_FASTOPEN(3) } },
};

/* For FILTER_NAMES. Nothing about the 32-bit ABI: there the host's addresses are seen. */
static const struct rule name_rules[] = {
	{ SCMP_SYS(getsockname), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(getpeername), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(accept), SCMP_ACT_NOTIFY, ALWAYS },
	{ SCMP_SYS(accept4), SCMP_ACT_NOTIFY, ALWAYS },
};

/*
 * The 32-bit ABI. ENOSYS, and not EPERM, for programs take the latter for a matter of rights and
 * the former for what it is; libraries that know two ways to a call go on to the other one.
 * Sockets that such a program was given by a 64-bit one can be used, but taken nowhere.
 */
static const struct rule foreign_rules[] = {
	{ SCMP_SYS(socketcall), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(socket), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(connect), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(bind), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(listen), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(sendto), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(3) } },
	{ SCMP_SYS(sendmsg), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(2) } },
	{ SCMP_SYS(sendmmsg), REFUSE(EOPNOTSUPP), 1, { FASTOPEN(3) } },
	{ SCMP_SYS(io_uring_setup), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(io_uring_enter), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(io_uring_register), REFUSE(ENOSYS), ALWAYS },
	{ SCMP_SYS(ioctl), REFUSE(ENOTTY), REQUEST(0xfff8, 0x8908) },
	{ SCMP_SYS(ioctl), REFUSE(ENOTTY), REQUEST(0xfff0, 0x8910) },
	{ SCMP_SYS(ioctl), REFUSE(ENOTTY), REQUEST(0xffe0, 0x8920) },
	{ SCMP_SYS(ioctl), REFUSE(ENOTTY), REQUEST(0xffc0, 0x8940) },
	{ SCMP_SYS(ioctl), REFUSE(ENOTTY), REQUEST(0xff80, 0x8980) },
};

/* What FILTER_TABLES and FILTER_SYSCALL add to that. */
static const struct rule foreign_table_rules[] = {
	{ SCMP_SYS(clone), REFUSE(EINVAL), 1, { SHARED_TABLE } },
	{ SCMP_SYS(clone3), REFUSE(ENOSYS), ALWAYS },
};
static const struct rule foreign_send_rules[] = {
	{ SCMP_SYS(sendto), REFUSE(ENOSYS), 2, { NO_FASTOPEN(3), NOT_ZERO(4) } },
	{ SCMP_SYS(sendmsg), REFUSE(ENOSYS), 1, { NO_FASTOPEN(2) } },
	{ SCMP_SYS(sendmmsg), REFUSE(ENOSYS), 1, { NO_FASTOPEN(3) } },
};

/* Which 32-bit ABI comes with which. x32 has no entry: as most kernels do, we know no such call. */
static const struct {
	uint32_t native, foreign;
} architectures[] = {
	{ SCMP_ARCH_X86_64, SCMP_ARCH_X86 },
	{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
};

static int add_rule(scmp_filter_ctx context, const struct rule *rule)
{
	struct scmp_arg_cmp comparisons[CONDITIONS];

	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *condition = &rule->conditions[i];

		comparisons[i] = (struct scmp_arg_cmp){ .arg = condition->argument,
							.op = condition->compare,
							.datum_a = condition->mask,
							.datum_b = condition->value };
	}
	return seccomp_rule_add_array(context, rule->action, rule->call,
				      (unsigned int)rule->condition_count, comparisons);
}

static int add_rules(scmp_filter_ctx context, const struct rule *rules, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = add_rule(context, &rules[i]);
	return error;
}

/* The calls that set one of the options that are rarely set; the kernel looks at ints only. */
static int add_option_rules(scmp_filter_ctx context)
{
	int error = 0;

	for (size_t i = 0; i < option_table_size() && error == 0; i++) {
		const struct option_row *row = option_table_row(i);
		const struct rule rule = {
			SCMP_SYS(setsockopt),
			SCMP_ACT_NOTIFY,
			2,
			{ WORD(1, (unsigned int)row->level), WORD(2, (unsigned int)row->name) },
		};

		if (!row->often)
			error = add_rule(context, &rule);
	}
	return error;
}

/* A context that knows the one architecture. NULL where libseccomp refuses. */
static scmp_filter_ctx new_context(uint32_t architecture)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	if (!context)
		return NULL;
	if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, REFUSE(ENOSYS)) == 0 &&
	    (architecture == seccomp_arch_native() ||
	     (seccomp_arch_remove(context, SCMP_ARCH_NATIVE) == 0 &&
	      seccomp_arch_add(context, architecture) == 0)))
		return context;
	seccomp_release(context);
	return NULL;
}

/* Adds the rules of the other ABI to context. */
static int add_foreign(scmp_filter_ctx context, enum filter_kind kind, uint32_t architecture)
{
	scmp_filter_ctx foreign = new_context(architecture);
	int error;

	if (!foreign)
		return -ENOMEM;
	error = add_rules(foreign, foreign_rules, ARRAY_SIZE(foreign_rules));
	if (error == 0 && (kind & FILTER_TABLES))
		error = add_rules(foreign, foreign_table_rules, ARRAY_SIZE(foreign_table_rules));
	if (error == 0 && (kind & FILTER_SYSCALL))
		error = add_rules(foreign, foreign_send_rules, ARRAY_SIZE(foreign_send_rules));
	/* Takes foreign over if it succeeds. */
	if (error == 0)
		error = seccomp_merge(context, foreign);
	if (error < 0)
		seccomp_release(foreign);
	return error;
}

static int fill_context(scmp_filter_ctx context, enum filter_kind kind, uint32_t foreign)
{
	int error = add_rules(context, native_rules, ARRAY_SIZE(native_rules));

	if (error == 0)
		error = add_option_rules(context);
	if (error == 0 && (kind & FILTER_TABLES))
		error = add_rules(context, table_rules, ARRAY_SIZE(table_rules));
	if (error == 0 && (kind & FILTER_SYSCALL))
		error = add_rules(context, send_rules, ARRAY_SIZE(send_rules));
	if (error == 0 && (kind & FILTER_NAMES))
		error = add_rules(context, name_rules, ARRAY_SIZE(name_rules));
	if (error == 0)
		error = add_foreign(context, kind, foreign);
	return error;
}

/* A memfd with the program of the filter; -errno. */
static int export_program(scmp_filter_ctx context)
{
	CLEANUP_CLOSE int fd = memfd_create("slirpway-filter", MFD_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = seccomp_export_bpf(context, fd);
	return error < 0 ? error : descriptor_steal(&fd);
}

/* The other ABI of this processor, 0 where none is known. */
static uint32_t foreign_architecture(void)
{
	uint32_t native = seccomp_arch_native();

	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (architectures[i].native == native)
			return architectures[i].foreign;
	return 0;
}

/* Makes the program; returns a memfd that holds it, or -errno (-ENOTSUP: not for this processor).
 */
static int build_program(enum filter_kind kind)
{
	uint32_t foreign = foreign_architecture();
	scmp_filter_ctx context;
	int result;

	if (foreign == 0)
		return -ENOTSUP;
	seccomp_api_set(API_WITH_NOTIFICATION);
	context = new_context(seccomp_arch_native());
	if (!context)
		return -ENOMEM;
	result = fill_context(context, kind, foreign);
	if (result == 0)
		result = export_program(context);
	seccomp_release(context);
	return result;
}

/* The listener or -errno. */
static int install_flags(const struct sock_fprog *program, unsigned long flags)
{
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);

	return fd < 0 ? -errno : (int)fd;
}

/*
 * Without SPEC_ALLOW kernels before 5.16 slow every task under a filter down (mitigations against
 * reading other tasks' memory by speculation), though this one is no boundary of that kind.
 */
static int install_program(int memfd)
{
	struct sock_filter *code;
	struct sock_fprog program;
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	off_t length = lseek(memfd, 0, SEEK_END);
	int listener;

	if (length < 0)
		return -errno;
	code = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, memfd, 0);
	if (code == MAP_FAILED)
		return -errno;
	program.filter = code;
	program.len = (unsigned short)((size_t)length / sizeof(*code));
	listener = install_flags(&program, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (listener == -EINVAL)
		listener = install_flags(&program, flags);
	munmap(code, (size_t)length);
	return listener;
}

/* Whether the kernel's notifications fit our structures; it may use longer ones some day. */
static int check_sizes(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif > sizeof(struct seccomp_notif) ||
	    sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp))
		return -EOVERFLOW;
	return 0;
}

/* What an error means; NULL where it speaks for itself. */
static const char *explain(int number)
{
	switch (number) {
	case EBUSY:
		return "another program already watches this process's system calls by seccomp, "
		       "and there can be only one";
	case EACCES:
		return "it takes CAP_SYS_ADMIN in the container's user namespace";
	case ENOTSUP:
		return "it is not known for this processor";
	case EOVERFLOW:
		return "this kernel's notifications are longer than those this program was built "
		       "for";
	case EINVAL:
	case ENOSYS:
		return "this kernel has no seccomp notification (Linux 5.9 and later), or what "
		       "started us forbids it";
	case EPERM:
		return "what started us forbids it, such as the seccomp profile of a container "
		       "around us";
	default:
		return NULL;
	}
}

bool filter_install(enum filter_kind kind, int *ret_listener, GError **error)
{
	CLEANUP_CLOSE int program = -1;
	int result = check_sizes();
	const char *meaning;

	if (result == 0)
		result = program = build_program(kind);
	if (result >= 0)
		result = install_program(program);
	if (result >= 0) {
		*ret_listener = result;
		return true;
	}
	meaning = explain(-result);
	if (result == -EBUSY)
		error_set(error, SLIRPWAY_ERROR_IN_USE,
			  "can't trap system calls of the container: %s", meaning);
	else if (meaning)
		error_set_errno(error, -result, "can't trap system calls of the container (%s)",
				meaning);
	else
		error_set_errno(error, -result, "can't trap system calls of the container");
	return false;
}
