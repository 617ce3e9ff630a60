/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of pages as texts: nothing is loaded, and no text of a stranger becomes HTML or script. */

#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "page/compare.h"
#include "page/escape.h"
#include "page/explain.h"
#include "page/page.h"

#define DATA_BEGIN "<script type=\"application/json\" id=\"data\">"
#define HOSTILE "</script><script>alert(1)</script><!--<script>]]>&quot;'\"`{{script}}"

static JsonNode *parse(const char *json)
{
	g_autoptr(GError) error = NULL;
	JsonNode *node = json_from_string(json, &error);

	ck_assert_msg(node != NULL, "%s", error != NULL ? error->message : "empty");
	return node;
}

static char *page_of(JsonNode *results)
{
	g_autoptr(GError) error = NULL;
	char *page = page_compare(results, &error);

	ck_assert_msg(page != NULL, "%s", error != NULL ? error->message : "");
	return page;
}

static char *page_of_text(const char *json)
{
	g_autoptr(JsonNode) results = parse(json);

	return page_of(results);
}

/* What is between the data's tags. */
static char *data_of(const char *page)
{
	const char *begin = strstr(page, DATA_BEGIN);
	const char *end;

	ck_assert_ptr_nonnull(begin);
	begin += strlen(DATA_BEGIN);
	end = strstr(begin, "</script>");
	ck_assert_ptr_nonnull(end);
	return g_strndup(begin, (gsize)(end - begin));
}

static guint count(const char *text, const char *part)
{
	guint found = 0;

	while ((text = strstr(text, part)) != NULL) {
		found++;
		text += strlen(part);
	}
	return found;
}

/* A run in which every text is the hostile one. */
static JsonNode *hostile_results(const char *text)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "format");
	json_builder_add_string_value(builder, "slirpway-compare");
	json_builder_set_member_name(builder, text);
	json_builder_add_string_value(builder, text);
	json_builder_set_member_name(builder, "verdict");
	json_builder_begin_array(builder);
	json_builder_add_string_value(builder, text);
	json_builder_end_array(builder);
	json_builder_set_member_name(builder, "rows");
	json_builder_begin_array(builder);
	json_builder_begin_object(builder);
	for (const char *const *name = (const char *const[]){ "path", "workload", "unit", "why",
							      "command", "congestion", NULL };
	     *name != NULL; name++) {
		json_builder_set_member_name(builder, *name);
		json_builder_add_string_value(builder, text);
	}
	json_builder_end_object(builder);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}

START_TEST(json_is_escaped_for_a_script_element)
{
	g_autoptr(JsonNode) value = parse("{\"a\":[1,2.5,true,null,\"<!--&>\\u2028\\u2029\\u0085"
					  "\\u007f\\n\\u0001\\\"\\\\ \\u00e4\"]}");
	g_autofree char *text = escape_json(value);

	ck_assert_str_eq(text, "{\"a\":[1,2.5,true,null,\"\\u003c!--\\u0026\\u003e\\u2028\\u2029"
			       "\\u0085\\u007f\\n\\u0001\\\"\\\\ \xc3\xa4\"]}");
}
END_TEST

START_TEST(invalid_utf8_becomes_a_replacement)
{
	g_autoptr(JsonNode) value = json_node_new(JSON_NODE_VALUE);
	g_autofree char *text = NULL;

	json_node_set_string(value, "a\xff\xfe"
				    "b");
	text = escape_json(value);
	ck_assert_str_eq(text, "\"a\xef\xbf\xbd\xef\xbf\xbd"
			       "b\"");
}
END_TEST

START_TEST(html_is_escaped)
{
	g_autoptr(GString) html = g_string_new("<b>");

	escape_html(html, "<i> & \"x\" 'y'");
	escape_html(html, NULL);
	ck_assert_str_eq(html->str, "<b>&lt;i&gt; &amp; &quot;x&quot; &apos;y&apos;");
}
END_TEST

START_TEST(hostile_texts_stay_data)
{
	g_autoptr(JsonNode) hostile = hostile_results(HOSTILE);
	g_autoptr(JsonNode) harmless = hostile_results("harmless");
	g_autofree char *page = page_of(hostile);
	g_autofree char *reference = page_of(harmless);

	ck_assert_uint_eq(count(page, "<script"), count(reference, "<script"));
	ck_assert_uint_eq(count(page, "</script"), count(reference, "</script"));
	ck_assert_uint_eq(count(page, "<!--"), count(reference, "<!--"));
	ck_assert_uint_eq(count(page, "alert(1)</"), 0);
	ck_assert_uint_eq(count(page, "\"use strict\""), count(reference, "\"use strict\""));
}
END_TEST

START_TEST(data_come_back_unchanged)
{
	g_autoptr(JsonNode) results = hostile_results(HOSTILE "\xe2\x80\xa8\x01\x7f");
	g_autofree char *page = page_of(results);
	g_autofree char *data = data_of(page);
	g_autoptr(JsonNode) again = parse(data);

	ck_assert(json_node_equal(results, again));
}
END_TEST

/* Nothing is loaded: no address, no element or rule that fetches, and a policy that forbids it. */
START_TEST(page_is_self_contained)
{
	static const char *const loads[] = { " src=",	"srcset",  "<link",   "<img",	  "<iframe",
					     "<object", "<embed",  "@import", "fetch(",	  "import(",
					     "import ", "XMLHttp", "https:",  "WebSocket" };
	g_autofree char *page = page_of_text("{\"format\":\"slirpway-compare\"}");

	for (guint i = 0; i < G_N_ELEMENTS(loads); i++)
		ck_assert_msg(strstr(page, loads[i]) == NULL, "the page has %s", loads[i]);
	/* Patterns of the page itself are named so, too. */
	ck_assert_uint_eq(count(page, "url("), count(page, "url(#"));
	/* The name of SVG's namespace looks like an address, but is not looked up. */
	ck_assert_uint_eq(count(page, "http:"), count(page, "http://www.w3.org/2000/svg"));
	ck_assert_ptr_nonnull(strstr(page, "default-src 'none'; script-src 'sha256-"));
	ck_assert_ptr_null(strstr(page, "{{"));
}
END_TEST

START_TEST(any_member_may_be_missing_or_of_another_kind)
{
	static const char *const results[] = {
		"{\"format\":\"slirpway-compare\"}",
		"{\"format\":\"slirpway-compare\",\"version\":1,\"rows\":null,\"verdict\":7}",
		"{\"format\":\"slirpway-compare\",\"rows\":[null,7,[],{},{\"path\":{}}]}",
		"{\"format\":\"slirpway-compare\",\"rows\":[{\"value\":\"x\",\"valid\":7}]}",
		"{\"format\":\"slirpway-compare\",\"verdict\":[null,{},[],7,true]}",
		"{\"format\":\"slirpway-compare-pair\"}",
		("{\"format\":\"slirpway-compare-pair\","
		 "\"runs\":[{\"format\":\"slirpway-compare\"}]}"),
	};

	for (guint i = 0; i < G_N_ELEMENTS(results); i++) {
		g_autofree char *page = page_of_text(results[i]);

		ck_assert_ptr_nonnull(strstr(page, "</html>"));
	}
}
END_TEST

START_TEST(other_json_is_refused)
{
	static const char *const others[] = {
		"[]",
		"7",
		"{}",
		"{\"format\":\"slirpway-explain\"}",
		"{\"format\":\"slirpway-compare\",\"version\":2}",
		"{\"format\":\"slirpway-compare-pair\",\"runs\":[{}]}",
		"{\"format\":\"slirpway-compare-pair\",\"runs\":[7]}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(JsonNode) results = parse(others[i]);
		g_autoptr(GError) error = NULL;

		ck_assert_msg(page_compare(results, &error) == NULL, "%s", others[i]);
		ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	}
}
END_TEST

START_TEST(readers_without_javascript_have_a_table)
{
	g_autofree char *page = page_of_text(
		"{\"format\":\"slirpway-compare\",\"verdict\":[\"It is <fast>.\"],\"rows\":["
		"{\"path\":\"packet\",\"workload\":\"upload\",\"value\":10.9456,\"valid\":true,"
		"\"mtu\":65520},{\"path\":\"hybrid\",\"valid\":false,\"why\":\"no swap\"}]}");
	const char *fallback = strstr(page, "<noscript>");

	ck_assert_ptr_nonnull(fallback);
	ck_assert_ptr_nonnull(strstr(fallback, "<p>It is &lt;fast&gt;.</p>"));
	ck_assert_ptr_nonnull(strstr(fallback, "<tr><td>upload</td><td>packet</td><td>65520</td>"));
	ck_assert_ptr_nonnull(strstr(fallback, "<td>10.9</td>"));
	ck_assert_ptr_nonnull(strstr(fallback, "<tr class=\"invalid\"><td></td><td>hybrid</td>"));
	ck_assert_ptr_nonnull(strstr(fallback, "<td>no swap</td>"));
}
END_TEST

START_TEST(a_missing_asset_is_an_error)
{
	static const char *const none[] = { NULL };
	static const char *const missing[] = { "missing.js", NULL };
	g_autoptr(JsonNode) data = parse("{}");
	g_autoptr(GError) error = NULL;
	struct page_parts parts = {
		.title = "x", .styles = none, .scripts = missing, .without_script = ""
	};

	ck_assert_ptr_null(page_render(&parts, data, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

/* Explain's page: hostile texts in both of its forms, what is missing, and what it refuses. */
START_TEST(page_of_explain)
{
	static const char *const good[] = {
		"{\"format\":\"slirpway-explain\"}",
		"{\"format\":\"slirpway-explain\",\"version\":1,\"paths\":7}",
		"{\"format\":\"slirpway-explain\",\"paths\":[null,{\"events\":[3,{}]}]}",
		"{\"format\":\"slirpway-explain\",\"paths\":[{\"path\":\"</"
		"script><script>alert(1)\","
		"\"present\":true,\"events\":[{\"time\":1,\"text\":\"<script>alert(1)</script>\"}],"
		"\"table\":[{\"title\":\"<script>alert(1)</script>\"}]}]}",
	};
	static const char *const bad[] = {
		"7",
		"{}",
		"{\"format\":\"slirpway-compare\"}",
		"{\"format\":\"slirpway-explain\",\"version\":2}",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(JsonNode) data = parse(good[i]);
		g_autofree char *page = page_explain(data, NULL);

		ck_assert_ptr_nonnull(page);
		ck_assert_uint_eq(count(page, "<script>alert"), 0);
		ck_assert_uint_eq(count(page, "</script"), 2);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(JsonNode) data = parse(bad[i]);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(page_explain(data, &error));
		ck_assert(g_error_matches(error, SLIRPWAY_ERROR, SLIRPWAY_ERROR_USAGE));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *tests = tcase_create("page");

	tcase_add_test(tests, json_is_escaped_for_a_script_element);
	tcase_add_test(tests, invalid_utf8_becomes_a_replacement);
	tcase_add_test(tests, html_is_escaped);
	tcase_add_test(tests, hostile_texts_stay_data);
	tcase_add_test(tests, data_come_back_unchanged);
	tcase_add_test(tests, page_is_self_contained);
	tcase_add_test(tests, any_member_may_be_missing_or_of_another_kind);
	tcase_add_test(tests, other_json_is_refused);
	tcase_add_test(tests, readers_without_javascript_have_a_table);
	tcase_add_test(tests, a_missing_asset_is_an_error);
	tcase_add_test(tests, page_of_explain);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
