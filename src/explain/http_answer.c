/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the web server of the test world answers. */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "explain/http_answer.h"

#define BODY_MAX (1ULL << 40)
#define GREETING 64 /* bytes */

bool http_is_whole(const char *request, size_t length)
{
	return g_strstr_len(request, (gssize)length, "\r\n\r\n") ||
	       g_strstr_len(request, (gssize)length, "\n\n");
}

/* The value of a header field of text, for the caller to free, or NULL. */
static char *find_field(const char *text, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	size_t length = strlen(name);

	for (char **line = lines; *line; line++)
		if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':')
			return g_strdup(g_strstrip(*line + length + 1));
	return NULL;
}

static uint64_t parse_count(const char *text)
{
	guint64 number;

	return text && g_ascii_string_to_unsigned(text, 10, 0, BODY_MAX, &number, NULL) ? number
											: 0;
}

static void set_header(struct http_answer *answer, const char *status, const char *more)
{
	g_snprintf(answer->header, sizeof(answer->header),
		   "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %" G_GUINT64_FORMAT
		   "\r\n%sConnection: close\r\n\r\n",
		   status, answer->body, more);
}

/* GET /N: how many bytes are wanted. */
static uint64_t wanted_bytes(const char *target)
{
	bool number = target[0] == '/' && target[1] &&
		      strspn(target + 1, "0123456789") == strlen(target + 1);

	return number ? parse_count(target + 1) : GREETING;
}

void http_answer(const char *request, size_t length, struct http_answer *ret_answer)
{
	g_autofree char *text = g_strndup(request, length);
	g_auto(GStrv) words = g_strsplit_set(text, " \r\n", 3);
	g_autofree char *size = find_field(text, "Content-Length");
	g_autofree char *expect = find_field(text, "Expect");
	const char *method = words[0] ? words[0] : "";

	*ret_answer = (struct http_answer){ .upload = parse_count(size) };
	ret_answer->expects = expect && ret_answer->upload > 0;
	if (strcmp(method, "GET") == 0 && words[1]) {
		ret_answer->body = wanted_bytes(words[1]);
		set_header(ret_answer, "200 OK", "");
	} else if (strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0) {
		set_header(ret_answer, "200 OK", "");
	} else {
		set_header(ret_answer, "405 Method Not Allowed", "Allow: GET, PUT, POST\r\n");
	}
}
