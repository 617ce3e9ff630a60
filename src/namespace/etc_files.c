/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container's /etc/resolv.conf and /etc/hosts. */

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/address.h"
#include "base/error.h"
#include "base/util.h"
#include "namespace/etc_files.h"

#define GATEWAY_NAME "host.slirpway.internal"

static const char no_hosts[] =
	"/etc/hosts does not exist, so the container has none either: its programs may not know "
	"localhost, nor " GATEWAY_NAME;

/* True if the line is one of the keyword's: as resolv.conf(5) has it, at the start of the line. */
static bool has_keyword(const char *line, const char *keyword)
{
	size_t length = strlen(keyword);

	return strncmp(line, keyword, length) == 0 && (line[length] == ' ' || line[length] == '\t');
}

char *etc_resolv_conf_text(const char *host_text, const struct network *network)
{
	const struct address dns = address_from_v4(network->v4_dns);

	return etc_resolv_conf_text_of(host_text, &dns, 1);
}

char *etc_resolv_conf_text_of(const char *host_text, const struct address *servers, size_t count)
{
	static const char *const kept[] = { "search", "domain", "options" };
	GString *text = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(host_text ? host_text : "", "\n", -1);
	char buffer[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < count; i++)
		g_string_append_printf(text, "nameserver %s\n",
				       address_format(&servers[i], buffer));
	for (char **line = lines; *line; line++)
		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			if (has_keyword(*line, kept[i]))
				g_string_append_printf(text, "%s\n", g_strchomp(*line));
	return g_string_free(text, FALSE);
}

/* A host name that can stand in a line without changing it; the kernel lets one hold anything. */
static bool is_plain_name(const char *name)
{
	if (!name || !*name)
		return false;
	return name[strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "._-")] == '\0';
}

/* True for a line of the host's file that makes sense in the container too. */
static bool is_entry_to_keep(const char *line)
{
	g_autofree char *first = g_strndup(line, strcspn(line, " \t#\r"));
	struct address address;

	if (!address_parse(first, &address))
		return false;
	address = address_unmapped(&address);
	return !address_is_loopback(&address) && !address_is_unspecified(&address);
}

static void append_entry(GString *text, const struct address *address, const char *name)
{
	char buffer[ADDRESS_TEXT_MAX];

	g_string_append_printf(text, "%s\t%s\n", address_format(address, buffer), name);
}

char *etc_hosts_text(const char *host_text, const char *hostname, const struct network *network)
{
	GString *text = g_string_new("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
				     "ip6-loopback\n");
	struct address guest = address_from_v4(network->v4_guest);
	struct address guest6 = address_from_v6(&network->v6_guest);
	struct address gateway = address_from_v4(network->v4_gateway);
	g_auto(GStrv) lines = g_strsplit(host_text ? host_text : "", "\n", -1);

	if (is_plain_name(hostname)) {
		append_entry(text, &guest, hostname);
		if (network->v6)
			append_entry(text, &guest6, hostname);
	}
	append_entry(text, &gateway, GATEWAY_NAME);
	for (char **line = lines; *line; line++)
		if (is_entry_to_keep(g_strstrip(*line)))
			g_string_append_printf(text, "%s\n", *line);
	return g_string_free(text, FALSE);
}

/* Finds the file that path means; the error says what to do about one that isn't there. */
static char *resolve_target(const char *path, GError **error)
{
	char *target = realpath(path, NULL);
	g_autofree char *link = NULL;
	int number = errno;

	if (target)
		return target;
	link = g_file_read_link(path, NULL);
	if (number == ENOENT && link)
		error_set(
			error, SLIRPWAY_ERROR_NOT_FOUND,
			"%s is a symbolic link to %s, which does not exist: make the link point to "
			"a file",
			path, link);
	else if (number == ENOENT)
		error_set(error, SLIRPWAY_ERROR_NOT_FOUND,
			  "%s does not exist: make an empty file for the container's to go over "
			  "(touch %s, as root)",
			  path, path);
	else
		error_set_errno(error, number, "can't find out what %s is", path);
	return NULL;
}

static bool mount_file(const char *directory, const char *name, GError **error)
{
	g_autofree char *source = g_strdup_printf("%s/%s", directory, name);
	g_autofree char *path = g_strdup_printf("/etc/%s", name);
	char *target = resolve_target(path, error);
	bool mounted;

	if (!target)
		return false;
	mounted = mount(source, target, NULL, MS_BIND, NULL) == 0;
	if (!mounted)
		error_set_errno(error, errno, "can't bind %s over %s", source, target);
	free(target);
	return mounted;
}

/* Programs live without a hosts file; without resolv.conf they would ask for names in vain. */
bool etc_files_mount(const char *directory, char **ret_warning, GError **error)
{
	g_autofree char *warning = NULL;

	if (!mount_file(directory, "resolv.conf", error))
		return false;
	if (access("/etc/hosts", F_OK) < 0 && errno == ENOENT)
		warning = g_strdup(no_hosts);
	else if (!mount_file(directory, "hosts", error))
		return false;
	*ret_warning = g_steal_pointer(&warning);
	return true;
}
