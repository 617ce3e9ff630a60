/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways from a container to the network that are compared. */

#include "config.h"

#include <string.h>

#include "base/util.h"
#include "compare/paths.h"

/*
 * slirp4netns needs the process id of the container, which must not begin before it is ready. It
 * writes "1" to its ready descriptor and closes it; it closes it without where it fails. The
 * background's standard input is not the caller's, so the container is in front.
 */
#define SLIRP4NETNS_RUN                                                                            \
	"d=$(mktemp -d); mkfifo \"$d/pid\" \"$d/go\"; "                                            \
	"{ read -r pid <\"$d/pid\"; exec slirp4netns --configure --mtu={mtu} --ready-fd=3 "        \
	"\"$pid\" tap0 3>\"$d/go\"; } >/dev/null & "                                               \
	"unshare --user --map-root-user --net sh -c 'echo $$ >\"$0/pid\"; read -r go <\"$0/go\"; " \
	"[ \"$go\" = 1 ] || exit 1; exec \"$@\"' \"$d\" {command}; s=$?; "                         \
	"kill $! 2>/dev/null; rm -r \"$d\"; exit $s"

#define PASTA                                                                                      \
	"pasta --foreground --quiet --config-net --ipv4-only --address 10.0.2.100 "                \
	"--netmask 24 --gateway 10.0.2.2 --no-map-gw --mtu {mtu} --tcp-ports none "                \
	"--udp-ports none --udp-ns none "

/* Whoever joins the container to the host is told its process id, and says when that is done. */
#define VETH_RUN                                                                                   \
	"unshare --user --map-root-user --net sh -c 'echo \"pid $$\"; "                            \
	"read -r go; exec \"$@\"' - {command}"

static const struct path paths[] = {
	{
		.name = "host",
		.kind = PATH_HOST,
		.about = "The plain host: no container at all, the most that can be had.",
		.run = "{command}",
		.proof = PROOF_NONE,
		.proof_of_datagrams = PROOF_NONE,
	},
	{
		.name = "packet",
		.kind = PATH_SLIRPWAY,
		.about = "slirpway's packet path: a tap, and libslirp in the engine.",
		.run = "slirpway run --log-level=warning {session}--mode=packet --mtu={mtu} -- "
		       "{command}",
		.processes = "slirpway",
		.proof = PROOF_FRAMES,
		.proof_of_datagrams = PROOF_FRAMES,
	},
	{
		.name = "hybrid",
		.kind = PATH_SLIRPWAY,
		.about = "slirpway's default: sockets of the host for TCP, packets for the rest.",
		.run = "slirpway run --log-level=warning {session}--mode=hybrid --mtu={mtu} -- "
		       "{command}",
		.processes = "slirpway",
		.proof = PROOF_SWAPS,
		.proof_of_datagrams = PROOF_FRAMES,
	},
	{
		.name = "syscall",
		.kind = PATH_SLIRPWAY,
		.about = "slirpway's syscall path alone: sockets of the host, no packets at all.",
		.run = "slirpway run --log-level=warning {session}--mode=syscall -- {command}",
		.processes = "slirpway",
		.proof = PROOF_SWAPS,
		.proof_of_datagrams = PROOF_CALLS,
	},
	{
		.name = "slirp4netns",
		.kind = PATH_PEER,
		.about = "slirp4netns: a tap and libslirp in one process.",
		.program = "slirp4netns",
		.imitated = true,
		.run = SLIRP4NETNS_RUN,
		.processes = "slirp4netns",
		.proof = PROOF_DEVICE,
		.proof_of_datagrams = PROOF_DEVICE,
	},
	{
		.name = "pasta",
		.kind = PATH_PEER,
		.about = "pasta of passt over its tap, which translates packets to sockets.",
		.program = "pasta",
		.run = PASTA "--tcp-ns none -- {command}",
		.processes = "pas",
		.proof = PROOF_DEVICE,
		.proof_of_datagrams = PROOF_DEVICE,
	},
	{
		.name = "pasta-splice",
		.kind = PATH_PEER,
		.about = "pasta's bypass: the host's loopback ports at the container's own "
			 "loopback, "
			 "by splice(2); TCP to services of the host only.",
		.program = "pasta",
		.run = PASTA "--tcp-ns {port} -- {command}",
		.processes = "pas",
		.proof = PROOF_LOOPBACK,
		.proof_of_datagrams = PROOF_LOOPBACK,
		.loopback = true,
	},
	{
		.name = "veth",
		.kind = PATH_PEER,
		.about = "A veth pair to the host, which routes: what root makes of a network, "
			 "without a bridge or address translation.",
		.run = VETH_RUN,
		.proof = PROOF_DEVICE,
		.proof_of_datagrams = PROOF_DEVICE,
		.needs_world = true,
	},
	{
		.name = "bypass4netns",
		.kind = PATH_PEER,
		.about = "bypass4netns: swaps sockets for a container of runc or crun.",
		.program = "bypass4netns",
		.why = "it works only behind a container runtime that sends it a seccomp listener; "
		       "compare does not drive one",
		.processes = "bypass4netns",
		.proof = PROOF_DEVICE,
		.proof_of_datagrams = PROOF_DEVICE,
	},
	{
		.name = "lxc-user-nic",
		.kind = PATH_PEER,
		.about = "lxc-user-nic: a set-uid helper that joins a container to a bridge.",
		.program = "lxc-user-nic",
		.why = "it needs a bridge and a line in /etc/lxc/lxc-usernet, which only the "
		       "machine's root can give; the path veth shows the same kind of device",
		.proof = PROOF_DEVICE,
		.proof_of_datagrams = PROOF_DEVICE,
	},
};

const struct path *path_at(guint index)
{
	return index < ARRAY_SIZE(paths) ? &paths[index] : NULL;
}

const struct path *path_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (strcmp(paths[i].name, name) == 0)
			return &paths[i];
	return NULL;
}

char *path_names(bool peers)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if ((paths[i].kind == PATH_PEER) == peers)
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", paths[i].name);
	return g_string_free(text, FALSE);
}

const char *path_kind_name(enum path_kind kind)
{
	switch (kind) {
	case PATH_HOST:
		return "host";
	case PATH_SLIRPWAY:
		return "slirpway";
	case PATH_PEER:
		return "peer";
	}
	return "unknown";
}

char *path_fill(const char *template, const struct path_words *words)
{
	g_autofree char *mtu = g_strdup_printf("%u", words->mtu);
	g_autofree char *port = g_strdup_printf("%u", words->port);
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "{mtu}", mtu },
		{ "{port}", port },
		{ "{session}", words->session },
		{ "{command}", words->command }, /* last: what it holds is nobody's to fill in */
	};
	GString *text = g_string_new(template);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		g_string_replace(text, rows[i].name, rows[i].value, 0);
	return g_string_free(text, FALSE);
}
