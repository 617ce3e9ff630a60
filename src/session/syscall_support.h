/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the syscall path needs of the kernel, found out by trying. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "syscall/filter.h"

enum syscall_feature {
	/* Without these there is no syscall path. */
	FEATURE_NOTIFICATION,	 /* trapped calls come to a listener */
	FEATURE_ONLY_LISTENER,	 /* and no other one has them already */
	FEATURE_PUT_DESCRIPTOR,	 /* SECCOMP_IOCTL_NOTIF_ADDFD */
	FEATURE_TAKE_DESCRIPTOR, /* pidfd_getfd(2) from a process of a user namespace of ours */
	FEATURE_READ_MEMORY,	 /* process_vm_readv(2) of such a process */
	FEATURE_NETWORK_COOKIE,	 /* SO_NETNS_COOKIE */
	FEATURE_MEMORY,		 /* a file in memory that supervisors share: RLIMIT_FSIZE */
	/* These make it better. */
	FEATURE_ADD_DESCRIPTOR, /* SECCOMP_ADDFD_FLAG_SEND; FILTER_NAMES needs it */
	FEATURE_THREAD_PIDFD,	/* PIDFD_THREAD */
	FEATURE_COMPARE,	/* kcmp(2) of such a process */
	FEATURE_WAIT_KILLABLE,	/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; FILTER_NAMES needs it */
	FEATURE_SYNCHRONOUS,	/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
	FEATURE_NETWORK_RULES,	/* Landlock for TCP */
	FEATURE_COUNT,
};

#define FEATURES_NEEDED (FEATURE_MEMORY + 1)

struct syscall_support {
	int error[FEATURE_COUNT];    /* errno of the attempt; 0: it works */
	char notification_text[256]; /* why there is no notification; "" where there is */
};

/*
 * Tries each feature in a child, so that nothing stays. Returns false with error set if not even
 * that could be done. To be called while this process has one thread.
 */
bool syscall_support_try(struct syscall_support *ret_support, GError **error);

/* True if feature works; else error says why not, and names it. */
bool syscall_support_has(const struct syscall_support *support, enum syscall_feature feature,
			 GError **error);

/*
 * True if support has all that the syscall path needs with such a filter; else error names the
 * first that it lacks. Pure.
 */
bool syscall_support_suffices(const struct syscall_support *support, enum filter_kind kind,
			      GError **error);
