/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of session/resolver: the reading of resolv.conf, and that its changes are seen. */

#include "config.h"

#include <check.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "session/resolver.h"

/* -- reading -- */

/* A host with one interface. */
static unsigned int index_of(const char *name)
{
	return strcmp(name, "eth0") == 0 ? 7 : 0;
}

/* servers: each as "ADDRESS:53" or "[ADDRESS]:53", with "%INDEX" behind it where it has a scope. */
static const struct {
	const char *text, *servers;
	uint32_t named;
} parse_rows[] = {
	{ "", "127.0.0.1:53", 1 },
	{ "search a.example\noptions ndots:1\n", "127.0.0.1:53", 1 },
	{ "nameserver 192.0.2.1\n", "192.0.2.1:53", 1 },
	{ "nameserver 192.0.2.1", "192.0.2.1:53", 1 },
	{ "nameserver\t192.0.2.1 \t\n", "192.0.2.1:53", 1 },
	{ "nameserver  192.0.2.1\r\n", "192.0.2.1:53", 1 },
	{ "nameserver 192.0.2.1 # the first\nnameserver 192.0.2.2;second\n",
	  "192.0.2.1:53 192.0.2.2:53", 2 },
	{ "nameserver 2001:db8::1\nnameserver 127.0.0.53\n", "[2001:db8::1]:53 127.0.0.53:53", 2 },
	{ "nameserver fe80::1%eth0\n", "[fe80::1]:53%7", 1 },
	{ "nameserver fe80::1%12\n", "[fe80::1]:53%12", 1 },
	{ "nameserver fe80::1%wlan9\nnameserver 192.0.2.1\n", "192.0.2.1:53", 1 },
	{ "nameserver fe80::1%0\n", "127.0.0.1:53", 1 },
	{ "nameserver fe80::1%\n", "127.0.0.1:53", 1 },
	/* What the C library does not take for a nameserver line is none. */
	{ " nameserver 192.0.2.1\n#nameserver 192.0.2.2\n;nameserver 192.0.2.3\n", "127.0.0.1:53",
	  1 },
	{ "nameservers 192.0.2.1\nnameserver192.0.2.2\nNAMESERVER 192.0.2.3\n", "127.0.0.1:53", 1 },
	{ "nameserver\nnameserver \nnameserver dns.example\nnameserver 192.0.2\n", "127.0.0.1:53",
	  1 },
	{ "nameserver 192.0.2.1 192.0.2.2\n", "192.0.2.1:53", 1 },
	{ "nameserver 192.0.2.1\nnameserver 192.0.2.1\n", "192.0.2.1:53 192.0.2.1:53", 2 },
	{ "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
	  "nameserver 192.0.2.4\nnameserver 192.0.2.5\nnameserver 192.0.2.6\n"
	  "nameserver 192.0.2.7\nnameserver 192.0.2.8\nnameserver 192.0.2.9\n",
	  "192.0.2.1:53 192.0.2.2:53 192.0.2.3:53 192.0.2.4:53 192.0.2.5:53 192.0.2.6:53 "
	  "192.0.2.7:53 192.0.2.8:53",
	  9 },
};

static char *servers_text(const struct dns_servers *servers)
{
	GString *text = g_string_new(NULL);
	char buffer[ADDRESS_TEXT_MAX];

	ck_assert_uint_le(servers->count, DNS_SERVERS_MAX);
	for (uint32_t i = 0; i < servers->count; i++) {
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
				       endpoint_format(&servers->servers[i], buffer));
		if (servers->scope[i])
			g_string_append_printf(text, "%%%u", servers->scope[i]);
	}
	return g_string_free(text, FALSE);
}

START_TEST(parse)
{
	struct dns_servers servers;
	uint32_t named = resolver_parse(parse_rows[_i].text, index_of, &servers);
	char *text = servers_text(&servers);

	ck_assert_str_eq(text, parse_rows[_i].servers);
	ck_assert_uint_eq(named, parse_rows[_i].named);
	g_free(text);
}
END_TEST

/* -- watching -- */

#define CHANGE_TIMEOUT_SECONDS 5

/* Each test has a directory of its own, with a file and with links and files elsewhere. */
static struct {
	char *directory;
	char *path; /* of "resolv.conf" in it */
	GMainLoop *loop;
	struct resolver *resolver;
	unsigned int changes;
} world;

static char *path_of(const char *name)
{
	return g_build_filename(world.directory, name, NULL);
}

/* Writes the file in place. */
static void write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	g_free(path);
}

/* Replaces a file by another one, as services do. */
static void replace_file(const char *name, const char *text)
{
	char *from = path_of("new"), *to = path_of(name);

	write_file("new", text);
	ck_assert_int_eq(rename(from, to), 0);
	g_free(from);
	g_free(to);
}

static void make_directory(const char *name)
{
	char *path = path_of(name);

	ck_assert_int_eq(g_mkdir(path, 0700), 0);
	g_free(path);
}

static void make_link(const char *name, const char *target)
{
	char *path = path_of(name), *next = path_of("next");

	ck_assert_int_eq(symlink(target, next), 0);
	ck_assert_int_eq(rename(next, path), 0);
	g_free(path);
	g_free(next);
}

static void changed(void *data)
{
	ck_assert_ptr_eq(data, &world);
	world.changes++;
	g_main_loop_quit(world.loop);
}

static void start(void)
{
	world.resolver = resolver_new(world.path, changed, &world);
}

static gboolean too_late(void *data)
{
	*(bool *)data = true;
	g_main_loop_quit(world.loop);
	return G_SOURCE_CONTINUE;
}

static gboolean enough(void *data)
{
	(void)data;
	g_main_loop_quit(world.loop);
	return G_SOURCE_REMOVE;
}

/* Waits for the change and compares what the servers are then. */
static void expect_change(const char *expected)
{
	bool late = false;
	guint timer = g_timeout_add_seconds(CHANGE_TIMEOUT_SECONDS, too_late, &late);
	char *text;

	g_main_loop_run(world.loop);
	g_source_remove(timer);
	ck_assert_msg(!late, "no change was seen");
	text = servers_text(resolver_servers(world.resolver));
	ck_assert_str_eq(text, expected);
	g_free(text);
}

static void set_up(void)
{
	world.directory = g_dir_make_tmp("resolver-XXXXXX", NULL);
	ck_assert_ptr_nonnull(world.directory);
	world.path = path_of("resolv.conf");
	world.loop = g_main_loop_new(NULL, FALSE);
	world.changes = 0;
	log_set_level(LOG_LEVEL_ERROR);
}

static void remove_tree(const char *path)
{
	GDir *directory =
		g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (directory && (name = g_dir_read_name(directory))) {
		char *inner = g_build_filename(path, name, NULL);

		remove_tree(inner);
		g_free(inner);
	}
	if (directory)
		g_dir_close(directory);
	remove(path);
}

static void tear_down(void)
{
	resolver_free(world.resolver);
	remove_tree(world.directory);
	g_free(world.directory);
	g_free(world.path);
	g_main_loop_unref(world.loop);
}

START_TEST(sees_replacement)
{
	write_file("resolv.conf", "nameserver 192.0.2.1\n");
	start();
	replace_file("resolv.conf", "nameserver 192.0.2.2\n");
	expect_change("192.0.2.2:53");
	replace_file("resolv.conf", "nameserver 192.0.2.3\n");
	expect_change("192.0.2.3:53");
}
END_TEST

START_TEST(sees_writing_in_place)
{
	write_file("resolv.conf", "nameserver 192.0.2.1\n");
	start();
	write_file("resolv.conf", "nameserver 192.0.2.2\n");
	expect_change("192.0.2.2:53");
}
END_TEST

START_TEST(sees_replacement_behind_links)
{
	make_directory("run");
	write_file("run/stub", "nameserver 192.0.2.1\n");
	make_link("run/link", "stub");
	make_link("resolv.conf", "run/link");
	start();
	replace_file("run/stub", "nameserver 192.0.2.2\n");
	expect_change("192.0.2.2:53");
}
END_TEST

START_TEST(follows_link_elsewhere)
{
	make_directory("one");
	make_directory("other");
	write_file("one/file", "nameserver 192.0.2.1\n");
	write_file("other/file", "nameserver 192.0.2.2\n");
	make_link("resolv.conf", "one/file");
	start();
	make_link("resolv.conf", "other/file");
	expect_change("192.0.2.2:53");
	replace_file("other/file", "nameserver 192.0.2.3\n");
	expect_change("192.0.2.3:53");
}
END_TEST

START_TEST(sees_file_in_new_directory)
{
	make_link("resolv.conf", "run/service/file");
	start();
	make_directory("run");
	make_directory("run/service");
	write_file("run/service/file", "nameserver 192.0.2.2\n");
	expect_change("192.0.2.2:53");
}
END_TEST

START_TEST(falls_back_without_file)
{
	write_file("resolv.conf", "nameserver 192.0.2.1\n");
	start();
	ck_assert_int_eq(unlink(world.path), 0);
	expect_change("127.0.0.1:53");
	write_file("resolv.conf", "nameserver 192.0.2.1\n");
	expect_change("192.0.2.1:53");
}
END_TEST

START_TEST(is_quiet_where_servers_stay)
{
	write_file("resolv.conf", "nameserver 192.0.2.1\n");
	start();
	write_file("other", "nameserver 192.0.2.9\n");
	replace_file("resolv.conf", "nameserver 192.0.2.1\nsearch a.example\n");
	replace_file("resolv.conf", "search a.example\nnameserver 192.0.2.1\n");
	/* The change after those is the first that is told. */
	g_timeout_add(300, enough, NULL);
	g_main_loop_run(world.loop);
	ck_assert_uint_eq(world.changes, 0);
	replace_file("resolv.conf", "nameserver 192.0.2.2\n");
	expect_change("192.0.2.2:53");
	ck_assert_uint_eq(world.changes, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resolver");
	TCase *reading = tcase_create("reading");
	TCase *watching = tcase_create("watching");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(reading, parse, 0, ARRAY_SIZE(parse_rows));
	suite_add_tcase(suite, reading);
	tcase_add_checked_fixture(watching, set_up, tear_down);
	tcase_set_timeout(watching, 30);
	tcase_add_test(watching, sees_replacement);
	tcase_add_test(watching, sees_writing_in_place);
	tcase_add_test(watching, sees_replacement_behind_links);
	tcase_add_test(watching, follows_link_elsewhere);
	tcase_add_test(watching, sees_file_in_new_directory);
	tcase_add_test(watching, falls_back_without_file);
	tcase_add_test(watching, is_quiet_where_servers_stay);
	suite_add_tcase(suite, watching);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
