/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an interface may leave to the other side of the wire. */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "base/util.h"
#include "namespace/offload.h"

#define BITS_PER_BLOCK 32

/* Segmentation that is left to us; compare TAP_OFFLOAD of a tap. */
static const char *const kept[] = { "tx-tcp-segmentation", "tx-tcp6-segmentation" };

/* What else is switched off, beside all other segmentation. */
static const char *const unwanted[] = { "tx-checksum-sctp", "tx-gso-list", "tx-gso-partial" };

static bool is_in(const char *name, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool is_unwanted(const char *name)
{
	if (g_str_has_prefix(name, "tx-") && g_str_has_suffix(name, "-segmentation"))
		return !is_in(name, kept, ARRAY_SIZE(kept));
	return is_in(name, unwanted, ARRAY_SIZE(unwanted));
}

/* Runs one ethtool command; returns 0 or -errno. */
static int run_command(int fd, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* Asks how many features this kernel knows; returns that or -errno. */
static int count_features(int fd, const char *name)
{
	union {
		struct ethtool_sset_info info;
		char room[sizeof(struct ethtool_sset_info) + sizeof(uint32_t)];
	} command = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	uint32_t count;
	int result = run_command(fd, name, &command);

	if (result < 0)
		return result;
	memcpy(&count, command.room + sizeof(command.info), sizeof(count));
	return command.info.sset_mask != 0 ? (int)count : -EOPNOTSUPP;
}

/* Gets the features' names, each ETH_GSTRING_LEN bytes; the caller frees what it gets. */
static struct ethtool_gstrings *get_names(int fd, const char *name, unsigned int count)
{
	struct ethtool_gstrings *names = g_malloc0(sizeof(*names) + count * ETH_GSTRING_LEN);

	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	if (run_command(fd, name, names) == 0 && names->len == count)
		return names;
	g_free(names);
	return NULL;
}

/* Switches the unwanted ones of the features off, and leaves the others as they are. */
static int switch_off(int fd, const char *name, const struct ethtool_gstrings *names)
{
	unsigned int blocks = (names->len + BITS_PER_BLOCK - 1) / BITS_PER_BLOCK;
	g_autofree struct ethtool_sfeatures *features =
		g_malloc0(sizeof(*features) + blocks * sizeof(features->features[0]));

	features->cmd = ETHTOOL_SFEATURES;
	features->size = blocks;
	for (unsigned int bit = 0; bit < names->len; bit++) {
		g_autofree char *feature = g_strndup(
			(const char *)names->data + bit * ETH_GSTRING_LEN, ETH_GSTRING_LEN);

		if (is_unwanted(feature))
			features->features[bit / BITS_PER_BLOCK].valid |= 1U
									  << bit % BITS_PER_BLOCK;
	}
	return run_command(fd, name, features);
}

int offload_limit(const char *name)
{
	CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_autofree struct ethtool_gstrings *names = NULL;
	int count;

	if (fd < 0)
		return -errno;
	count = count_features(fd, name);
	if (count < 0)
		return count;
	names = get_names(fd, name, (unsigned int)count);
	return names ? switch_off(fd, name, names) : -EOPNOTSUPP;
}
