/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and joining namespaces. The only code that calls setns(2) and unshare(2) for containers
 * (device_open() does so for the hidden namespace of a veth pair).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/network.h"
#include "namespace/device.h"

/* Namespaces that exist already. */
struct namespace_target {
	pid_t pid;		 /* > 0: that process's namespaces, unless a path says otherwise */
	const char *netns_path;	 /* NULL: the process's */
	const char *userns_path; /* NULL: the one that the network namespace belongs to */
	bool userns_optional;	 /* go on without the user namespace if it can't be joined */
};

/* Namespaces held open, to be joined; close-on-exec. */
struct namespaces {
	int user; /* -1: ours, or unknown */
	int network;
	bool user_optional;
	bool of_process; /* network was found by a process */
};

/* How the container's device is to be made. */
struct device_request {
	enum device_kind kind;
	const char *name;	       /* of the interface */
	const char *mac;	       /* NULL: unchanged */
	bool configure;		       /* lo up, addresses, routes; else the device is only made */
	const struct network *network; /* its mtu is used in either case */
};

/*
 * Makes a new user, network and mount namespace for the calling process (single-threaded), with
 * mount propagation cut. The id maps are then to be written from outside. Returns false with error
 * set; where user namespaces are forbidden the text names the switch that forbids them.
 */
bool namespaces_unshare(GError **error);

/* Makes a new user namespace alone for the calling process. Returns false with error set. */
bool namespaces_unshare_user(GError **error);

/* Opens the namespaces of target, for the caller to close. Returns false with error set. */
bool namespaces_open(const struct namespace_target *target, struct namespaces *ret_namespaces,
		     GError **error);

/* Closes both; those of namespaces_open only. */
void namespaces_close(struct namespaces *namespaces);

/* Changes the calling process's namespaces for good. Returns false with error set. */
bool namespaces_join(const struct namespaces *namespaces, GError **error);

/*
 * A socket of the network namespace, made by a helper (at most ten seconds) like socket(2);
 * close-on-exec, the caller's. Returns -errno; -EIO if the helper couldn't do its work.
 */
int namespaces_open_socket(const struct namespaces *namespaces, int domain, int type, int protocol);

/*
 * Forks a helper that joins target, opens the device and sends its descriptor back; waits for it
 * (at most ten seconds) and reaps it. The caller's own namespaces stay as they are. Nobody else may
 * reap children of unknown pid meanwhile.
 */
bool namespaces_open_device(const struct namespace_target *target,
			    const struct device_request *request, struct device *ret_device,
			    GError **error);

/* The same in the calling process's own namespaces, without a helper (for a container's first
 * process). */
bool namespaces_open_device_here(const struct device_request *request, struct device *ret_device,
				 GError **error);
