/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's DNS servers: reads its resolv.conf and tells when they change.
 *
 * resolv.conf is often a symbolic link into a directory of a service, which replaces the file by
 * rename(2) at each change; where a container engine made it, it is a mount point and written in
 * place. So three things are watched by inotify(7): each directory that holds a link or the file
 * (for the names in question only), the nearest directory that exists where one of them does not,
 * and the file itself. After each event everything is looked up afresh, for a link may now lead
 * elsewhere.
 */

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/limit.h"
#include "base/log.h"
#include "session/resolver.h"

#define DNS_PORT 53
#define SPACE " \t"
#define LINKS_MAX 16
#define SETTLE_MS 100

#define DIRECTORY_EVENTS                                                                           \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_MODIFY)
#define FILE_EVENTS (IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB)

/* One name in one directory. */
struct watch {
	int descriptor; /* of inotify */
	char *name;	/* NULL: whatever happens to the file itself */
};

struct resolver {
	char *path;
	void (*changed)(void *data);
	void *data;
	struct dns_servers servers;
	int inotify;	 /* -1: nothing is watched */
	GArray *watches; /* struct watch */
	guint source;
	guint timer;
};

/* Reads the rest of a nameserver line into row number index. */
static bool parse_server(const char *rest, resolver_index_func index_of,
			 struct dns_servers *servers, uint32_t index)
{
	g_autofree char *text = g_strndup(rest, strcspn(rest, SPACE "#;\r"));
	char *scope = strchr(text, '%');
	struct endpoint server = { .port = DNS_PORT };
	guint64 number = 0;

	if (scope)
		*scope++ = '\0';
	if (!address_parse(text, &server.address))
		return false;
	if (scope && server.address.family == AF_INET6) {
		number = index_of(scope);
		if (number == 0 &&
		    !g_ascii_string_to_unsigned(scope, 10, 1, INT_MAX, &number, NULL))
			return false;
	}
	if (index < DNS_SERVERS_MAX) {
		servers->servers[index] = server;
		servers->scope[index] = (uint32_t)number;
	}
	return true;
}

/* What follows "nameserver" and the space after it; NULL for any other line. */
static const char *match_nameserver(const char *line)
{
	static const char keyword[] = "nameserver";
	const char *rest = line + strlen(keyword);

	if (!g_str_has_prefix(line, keyword) || strspn(rest, SPACE) == 0)
		return NULL;
	return rest + strspn(rest, SPACE);
}

uint32_t resolver_parse(const char *text, resolver_index_func index_of,
			struct dns_servers *ret_servers)
{
	struct dns_servers servers = { 0 };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	uint32_t named = 0;

	for (size_t i = 0; lines[i]; i++) {
		const char *rest = match_nameserver(lines[i]);

		if (rest && parse_server(rest, index_of, &servers, named))
			named++;
	}
	if (named == 0)
		parse_server("127.0.0.1", index_of, &servers, named++);
	servers.count = MIN(named, DNS_SERVERS_MAX);
	*ret_servers = servers;
	return named;
}

static bool servers_equal(const struct dns_servers *a, const struct dns_servers *b)
{
	bool equal = a->count == b->count;

	for (uint32_t i = 0; equal && i < a->count; i++)
		equal = endpoint_equal(&a->servers[i], &b->servers[i]) &&
			a->scope[i] == b->scope[i];
	return equal;
}

/* Returns true if the servers are others than before. */
static bool resolver_read(struct resolver *resolver)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	struct dns_servers servers;
	uint32_t named;

	if (!g_file_get_contents(resolver->path, &text, NULL, &error))
		log_debug("%s", error->message);
	named = resolver_parse(text ? text : "", if_nametoindex, &servers);
	if (servers_equal(&servers, &resolver->servers))
		return false;
	if (named > DNS_SERVERS_MAX)
		log_warning("%s names %u DNS servers; the first %d are used", resolver->path, named,
			    DNS_SERVERS_MAX);
	resolver->servers = servers;
	return true;
}

static void resolver_add_watch(struct resolver *resolver, int descriptor, const char *name)
{
	struct watch watch = { .descriptor = descriptor, .name = g_strdup(name) };

	g_array_append_val(resolver->watches, watch);
}

/* Watches for path's last name in its directory, or for the first that is missing on the way there.
 */
static void resolver_watch_name(struct resolver *resolver, const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *directory = g_path_get_dirname(path);
	int descriptor = inotify_add_watch(resolver->inotify, directory, DIRECTORY_EVENTS);

	if (descriptor >= 0)
		resolver_add_watch(resolver, descriptor, name);
	else if (errno == ENOENT && strcmp(directory, path) != 0)
		resolver_watch_name(resolver, directory);
	else
		log_warning("watching %s for new DNS servers: %s", directory, g_strerror(errno));
}

/* Watches path and whatever it is a link to; returns where it ends, for the caller to free. */
static char *resolver_watch_links(struct resolver *resolver)
{
	char *path = g_strdup(resolver->path);

	for (unsigned int i = 0; i < LINKS_MAX; i++) {
		g_autofree char *directory = g_path_get_dirname(path);
		g_autofree char *target = g_file_read_link(path, NULL);

		resolver_watch_name(resolver, path);
		if (!target)
			break;
		g_free(path);
		path = g_path_is_absolute(target) ? g_strdup(target)
						  : g_build_filename(directory, target, NULL);
	}
	return path;
}

static void resolver_watch(struct resolver *resolver)
{
	g_autofree char *file = NULL;
	int descriptor;

	for (guint i = 0; i < resolver->watches->len; i++) {
		struct watch *watch = &g_array_index(resolver->watches, struct watch, i);

		inotify_rm_watch(resolver->inotify, watch->descriptor);
		g_free(watch->name);
	}
	g_array_set_size(resolver->watches, 0);
	file = resolver_watch_links(resolver);
	descriptor = inotify_add_watch(resolver->inotify, file, FILE_EVENTS);
	if (descriptor >= 0)
		resolver_add_watch(resolver, descriptor, NULL);
}

static gboolean resolver_settled(void *data)
{
	struct resolver *resolver = data;

	/* Watching comes first, so that nothing is missed between the two. */
	resolver->timer = 0;
	resolver_watch(resolver);
	if (resolver_read(resolver))
		resolver->changed(resolver->data);
	return G_SOURCE_REMOVE;
}

static bool resolver_cares(const struct resolver *resolver, const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->mask & IN_IGNORED)
		return false;
	for (guint i = 0; i < resolver->watches->len; i++) {
		struct watch *watch = &g_array_index(resolver->watches, struct watch, i);

		if (watch->descriptor == event->wd &&
		    (!watch->name || (event->len > 0 && strcmp(watch->name, event->name) == 0)))
			return true;
	}
	return false;
}

static gboolean resolver_notified(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct resolver *resolver = data;
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t length;

	while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event = (const void *)(buffer + at);

			/* Not put off by further events: a file that never rests is read anyway. */
			if (!resolver->timer && resolver_cares(resolver, event))
				resolver->timer =
					g_timeout_add(SETTLE_MS, resolver_settled, resolver);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return G_SOURCE_CONTINUE;
}

struct resolver *resolver_new(const char *path, void (*changed)(void *data), void *data)
{
	struct resolver *resolver = g_new0(struct resolver, 1);

	resolver->path = g_strdup(path);
	resolver->changed = changed;
	resolver->data = data;
	resolver->watches = g_array_new(FALSE, FALSE, sizeof(struct watch));
	resolver->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (resolver->inotify >= 0) {
		resolver->source =
			g_unix_fd_add(resolver->inotify, G_IO_IN, resolver_notified, resolver);
		resolver_watch(resolver);
	} else {
		const int number = errno;
		g_autofree char *reason = limit_errno_text(number);

		log_warning("changes of %s will not be seen: inotify_init1: %s%s", path, reason,
			    number == EMFILE ? "; or see fs.inotify.max_user_instances" : "");
	}
	resolver_read(resolver);
	return resolver;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	g_clear_handle_id(&resolver->source, g_source_remove);
	g_clear_handle_id(&resolver->timer, g_source_remove);
	descriptor_close(&resolver->inotify);
	for (guint i = 0; i < resolver->watches->len; i++)
		g_free(g_array_index(resolver->watches, struct watch, i).name);
	g_array_free(resolver->watches, TRUE);
	g_free(resolver->path);
	g_free(resolver);
}

const struct dns_servers *resolver_servers(const struct resolver *resolver)
{
	return &resolver->servers;
}
