/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of features and rights. */

#include "config.h"

#include <string.h>

#include "base/util.h"
#include "namespace/device.h"
#include "probe/attempts.h"
#include "probe/feature.h"

/* clang-format off */
/* What it is to packet, hybrid and syscall. */
#define NEEDED_BY_ALL { FEATURE_NEEDED, FEATURE_NEEDED, FEATURE_NEEDED }
#define USED_BY_ALL { FEATURE_USED, FEATURE_USED, FEATURE_USED }
#define NEEDED_FOR_PACKETS { FEATURE_NEEDED, FEATURE_NEEDED, FEATURE_UNUSED }
#define USED_FOR_PACKETS { FEATURE_USED, FEATURE_USED, FEATURE_UNUSED }
#define NEEDED_FOR_CALLS { FEATURE_UNUSED, FEATURE_NEEDED, FEATURE_NEEDED }
#define USED_FOR_CALLS { FEATURE_UNUSED, FEATURE_USED, FEATURE_USED }
#define USED_BY_NONE { FEATURE_UNUSED, FEATURE_UNUSED, FEATURE_UNUSED }

#define OF_CALLS(feature) attempt_syscall_feature, feature

const struct feature features[] = {
	{ "namespaces", "user namespaces", "user_namespaces", NEEDED_BY_ALL, NULL,
	  "run does not work at all, and attach only as root",
	  "the row \"no limit on them\" tells which setting forbids it; kernel option "
	  "CONFIG_USER_NS",
	  attempt_user_namespace, 0 },
	{ "namespaces", "network and mount", "network_namespaces", NEEDED_BY_ALL, "user_namespaces",
	  "run does not work at all",
	  "sysctl -w user.max_net_namespaces=15000 user.max_mnt_namespaces=15000; in a container: "
	  "let it make namespaces and mounts (--security-opt seccomp=unconfined,apparmor=unconfined)",
	  attempt_network_namespace, 0 },
	{ "namespaces", "no limit on them", "namespace_settings", USED_BY_ALL, NULL,
	  "namespaces can't be made, unless a profile of the security module allows them to this "
	  "program",
	  "set it as the message says, or install such a profile",
	  attempt_namespace_settings, 0 },
	{ "namespaces", "subordinate ids", "subordinate_ids", USED_BY_ALL, "user_namespaces",
	  "--map-auto does not work, the other mappings do",
	  "apt-get install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
	  "USER",
	  attempt_subordinate_ids, 0 },

	{ "network device", "tap or veth", "device", NEEDED_FOR_PACKETS, "network_namespaces",
	  "nothing can go by packets; --mode=syscall makes do without",
	  "one of the next two rows",
	  attempt_device, DEVICE_AUTO },
	{ "network device", "tap device", "tap_device", USED_FOR_PACKETS, "network_namespaces",
	  "a veth pair is used where that can be had",
	  "modprobe tun; chmod 0666 /dev/net/tun; in a container: --device /dev/net/tun",
	  attempt_device, DEVICE_TAP },
	{ "network device", "veth pair", "veth_device", USED_FOR_PACKETS, "network_namespaces",
	  "nothing where there is a tap device",
	  "modprobe veth; kernel option CONFIG_VETH",
	  attempt_device, DEVICE_VETH },
	{ "network device", "large segments, tap", "tap_segments", USED_FOR_PACKETS, "tap_device",
	  "programs send frames no larger than the MTU, which takes more time for each byte",
	  "a kernel whose tun device knows IFF_VNET_HDR and TUN_F_TSO4",
	  attempt_large_segments, DEVICE_TAP },
	{ "network device", "large segments, veth", "veth_segments", USED_FOR_PACKETS,
	  "veth_device",
	  "programs send frames no larger than the MTU, which takes more time for each byte",
	  "a kernel whose packet sockets know PACKET_VNET_HDR",
	  attempt_large_segments, DEVICE_VETH },

	{ "trapped calls", "seccomp notification", "seccomp_notification", NEEDED_FOR_CALLS, NULL,
	  "no call can be trapped: all connections go by packets, which is slower",
	  "Linux 5.0 with CONFIG_SECCOMP_FILTER; in a container: a seccomp profile that allows "
	  "seccomp(2)",
	  OF_CALLS(FEATURE_NOTIFICATION) },
	{ "trapped calls", "no other listener", "seccomp_only_listener", NEEDED_FOR_CALLS,
	  "seccomp_notification",
	  "no call can be trapped: a program, such as a container runtime or another session of "
	  "slirpway, gets the calls already, and there can be only one",
	  "start slirpway outside of it",
	  OF_CALLS(FEATURE_ONLY_LISTENER) },
	{ "trapped calls", "ADDFD", "seccomp_addfd", NEEDED_FOR_CALLS, "seccomp_only_listener",
	  "sockets of the host can't be put in a program's place",
	  "Linux 5.9",
	  OF_CALLS(FEATURE_PUT_DESCRIPTOR) },
	{ "trapped calls", "ADDFD_SEND", "seccomp_addfd_send", USED_FOR_CALLS,
	  "seccomp_only_listener",
	  "--virtual-addresses does not work",
	  "Linux 5.14",
	  OF_CALLS(FEATURE_ADD_DESCRIPTOR) },
	{ "trapped calls", "WAIT_KILLABLE_RECV", "seccomp_wait_killable", USED_FOR_CALLS, NULL,
	  "a signal that comes just as a connect begins makes it begin again, and "
	  "--virtual-addresses does not work",
	  "Linux 5.19",
	  OF_CALLS(FEATURE_WAIT_KILLABLE) },
	{ "trapped calls", "SYNC_WAKE_UP", "seccomp_synchronous", USED_FOR_CALLS,
	  "seccomp_only_listener",
	  "each trapped call takes some microseconds longer",
	  "Linux 6.6",
	  OF_CALLS(FEATURE_SYNCHRONOUS) },
	{ "trapped calls", "Landlock TCP rules", "landlock_network", USED_FOR_CALLS, NULL,
	  "sockets of the host are tied to the device that they go out by instead, and a hostile "
	  "program can win a race against --deny",
	  "Linux 6.7 with CONFIG_SECURITY_LANDLOCK, and landlock in the boot option lsm=",
	  OF_CALLS(FEATURE_NETWORK_RULES) },

	{ "other processes", "pidfd_open", "pidfd_open", NEEDED_BY_ALL, NULL,
	  "the engine and the supervisor can't be watched",
	  "Linux 5.3; in a container: a seccomp profile that allows pidfd_open(2)",
	  attempt_pidfd, 0 },
	{ "other processes", "pidfd_getfd", "pidfd_getfd", NEEDED_FOR_CALLS, NULL,
	  "a program's sockets can't be got at",
	  "Linux 5.6; in a container: a seccomp profile that allows pidfd_getfd(2)",
	  OF_CALLS(FEATURE_TAKE_DESCRIPTOR) },
	{ "other processes", "process_vm_readv", "process_vm_readv", NEEDED_FOR_CALLS, NULL,
	  "the addresses that a program connects to can't be read",
	  "kernel option CONFIG_CROSS_MEMORY_ATTACH; in a container: a seccomp profile that allows "
	  "process_vm_readv(2)",
	  OF_CALLS(FEATURE_READ_MEMORY) },
	{ "other processes", "SO_NETNS_COOKIE", "netns_cookie", NEEDED_FOR_CALLS, NULL,
	  "the container's sockets can't be told from the host's",
	  "Linux 5.14",
	  OF_CALLS(FEATURE_NETWORK_COOKIE) },
	{ "other processes", "shared memory", "supervisor_memory", NEEDED_FOR_CALLS, NULL,
	  "a supervisor that takes over could not know the calls that wait",
	  "raise the limit of file sizes (ulimit -f, LimitFSIZE)",
	  OF_CALLS(FEATURE_MEMORY) },
	{ "other processes", "PIDFD_THREAD", "pidfd_thread", USED_FOR_CALLS, NULL,
	  "of a program whose threads have descriptor tables of their own, only the first thread "
	  "gets sockets of the host",
	  "Linux 6.9",
	  OF_CALLS(FEATURE_THREAD_PIDFD) },
	{ "other processes", "kcmp", "kcmp", USED_FOR_CALLS, NULL,
	  "copies of a socket under other numbers are not found, and stay in the container",
	  "kernel option CONFIG_KCMP; in a container: a seccomp profile that allows kcmp(2)",
	  OF_CALLS(FEATURE_COMPARE) },

	{ "rights", "Landlock", "landlock", USED_BY_ALL, NULL,
	  "the engine's sandbox has one layer less",
	  "Linux 5.13 with CONFIG_SECURITY_LANDLOCK, and landlock in the boot option lsm=",
	  attempt_landlock, 0 },
	{ "rights", "ping sockets", "ping_sockets", USED_FOR_PACKETS, NULL,
	  "ping gets no answer from outside, everything else works",
	  "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"",
	  attempt_ping_socket, 0 },
	{ "rights", "port 80", "low_ports", USED_BY_ALL, NULL,
	  "ports below 1024 of the host can't be published",
	  "sysctl -w net.ipv4.ip_unprivileged_port_start=80",
	  attempt_low_ports, 0 },
	{ "rights", "open files", "open_files", USED_BY_ALL, NULL,
	  "each open connection takes a file descriptor, and a busy container runs out of them",
	  "raise the hard limit (LimitNOFILE, limits.conf)",
	  attempt_open_files, 0 },
	{ "rights", "io_uring", "io_uring", USED_BY_NONE, NULL,
	  "nothing: slirpway has no use for it, and with hybrid and syscall programs inside find "
	  "none, whatever the host has",
	  "sysctl -w kernel.io_uring_disabled=0; kernel option CONFIG_IO_URING",
	  attempt_io_uring, 0 },
};
/* clang-format on */

const size_t feature_count = ARRAY_SIZE(features);

const struct feature *feature_find(const char *json)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (strcmp(features[i].json, json) == 0)
			return &features[i];
	return NULL;
}

const char *feature_mode_name(enum feature_mode mode)
{
	static const char *const names[] = { "packet", "hybrid", "syscall" };

	return names[mode];
}

const char *feature_use_name(enum feature_use use)
{
	static const char *const names[] = { "-", "used", "needed" };

	return names[use];
}
