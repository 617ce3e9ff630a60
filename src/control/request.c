/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of the control protocol: which requests there are, and what their arguments may be.
 */

#include "config.h"

#include <json-glib/json-glib.h>
#include <netinet/in.h>
#include <string.h>

#include "base/error.h"
#include "base/util.h"
#include "control/request.h"

/* Takes one byte into the scan's state; false if nesting gets too deep. */
static bool scan_step(struct control_scan *scan, char byte)
{
	if (scan->escape) {
		scan->escape = false;
	} else if (scan->string) {
		scan->escape = byte == '\\';
		scan->string = byte != '"';
	} else if (byte == '"') {
		scan->string = true;
	} else if (byte == '{' || byte == '[') {
		return ++scan->depth <= CONTROL_NESTING_MAX;
	} else if ((byte == '}' || byte == ']') && scan->depth > 0) {
		scan->depth--;
	}
	return true;
}

ssize_t control_request_scan(struct control_scan *scan, const char *data, size_t length)
{
	for (; scan->position < length; scan->position++) {
		char byte = data[scan->position];

		if (scan->depth == 0) {
			if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
				continue;
			if (byte != '{')
				return -1;
		}
		if (byte == '\0' || !scan_step(scan, byte))
			return -1;
		if (scan->depth == 0)
			return (ssize_t)++scan->position;
	}
	return 0;
}

/* True if the JSON parser may see the text: bounded nesting, valid UTF-8 without NUL. */
static bool text_is_safe(const char *data, size_t length)
{
	struct control_scan scan = { 0 };

	if (!g_utf8_validate_len(data, length, NULL))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!scan_step(&scan, data[i]))
			return false;
	}
	return true;
}

static bool refuse(GError **error, const char *text)
{
	error_set(error, SLIRPWAY_ERROR_USAGE, "bad request: %s", text);
	return false;
}

/* The member called name, NULL if it is missing or null. */
static JsonNode *member(JsonObject *object, const char *name)
{
	JsonNode *node = object == NULL ? NULL : json_object_get_member(object, name);

	return node == NULL || JSON_NODE_HOLDS_NULL(node) ? NULL : node;
}

/* Reads a string; a missing one is "". */
static bool read_string(JsonObject *object, const char *name, const char **ret_text)
{
	JsonNode *node = member(object, name);

	if (node != NULL && json_node_get_value_type(node) != G_TYPE_STRING)
		return false;
	*ret_text = node == NULL ? "" : json_node_get_string(node);
	return *ret_text != NULL;
}

/* Reads a whole number from 1 to max; "8080" and 8080.0 are none. */
static bool read_number(JsonObject *object, const char *name, uint32_t max, uint32_t *ret_number)
{
	JsonNode *node = member(object, name);
	int64_t number;

	if (node == NULL || json_node_get_value_type(node) != G_TYPE_INT64)
		return false;
	number = json_node_get_int(node);
	if (number < 1 || number > max)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static bool read_port(JsonObject *object, const char *name, uint16_t *ret_port)
{
	uint32_t number;

	if (!read_number(object, name, UINT16_MAX, &number))
		return false;
	*ret_port = (uint16_t)number;
	return true;
}

/* Reads "proto"; the family is AF_UNSPEC for a name that leaves it to the address. */
static bool read_protocol(JsonObject *object, uint8_t *ret_protocol, sa_family_t *ret_family)
{
	static const struct {
		const char *name;
		uint8_t protocol;
		sa_family_t family;
	} rows[] = {
		{ "tcp", IPPROTO_TCP, AF_UNSPEC }, { "tcp4", IPPROTO_TCP, AF_INET },
		{ "tcp6", IPPROTO_TCP, AF_INET6 }, { "udp", IPPROTO_UDP, AF_UNSPEC },
		{ "udp4", IPPROTO_UDP, AF_INET },  { "udp6", IPPROTO_UDP, AF_INET6 },
	};
	const char *text;

	if (!read_string(object, "proto", &text))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(text, rows[i].name) == 0) {
			*ret_protocol = rows[i].protocol;
			*ret_family = rows[i].family;
			return true;
		}
	}
	return false;
}

/* Reads "host_addr"; a missing one is the wildcard, of IPv4 unless the protocol says otherwise. */
static bool read_host_address(JsonObject *object, sa_family_t family, struct address *ret_address)
{
	struct address address;
	const char *text;

	if (!read_string(object, "host_addr", &text))
		return false;
	if (*text == '\0')
		text = family == AF_INET6 ? "::" : "0.0.0.0";
	if (!address_parse(text, &address) || (family != AF_UNSPEC && address.family != family))
		return false;
	*ret_address = address;
	return true;
}

/* Reads "guest_addr"; missing or a wildcard, it is the container's own. */
static bool read_guest_address(JsonObject *object, sa_family_t family, struct address *ret_address)
{
	struct address address = { .family = AF_UNSPEC };
	const char *text;

	if (!read_string(object, "guest_addr", &text))
		return false;
	if (*text != '\0' && (!address_parse(text, &address) || address.family != family))
		return false;
	if (address_is_unspecified(&address))
		address = (struct address){ .family = AF_UNSPEC };
	*ret_address = address;
	return true;
}

static bool parse_forward_add(JsonObject *arguments, struct control_request *request,
			      GError **error)
{
	struct forward *forward = &request->forward;
	const char *bad = NULL;
	sa_family_t family;

	if (!read_protocol(arguments, &forward->protocol, &family))
		bad = "add_hostfwd: bad arguments.proto";
	else if (!read_host_address(arguments, family, &forward->host.address))
		bad = "add_hostfwd: bad arguments.host_addr";
	else if (!read_port(arguments, "host_port", &forward->host.port))
		bad = "add_hostfwd: bad arguments.host_port";
	else if (!read_guest_address(arguments, forward->host.address.family,
				     &forward->guest.address))
		bad = "add_hostfwd: bad arguments.guest_addr";
	else if (!read_port(arguments, "guest_port", &forward->guest.port))
		bad = "add_hostfwd: bad arguments.guest_port";
	return bad == NULL || refuse(error, bad);
}

static bool parse_forward_remove(JsonObject *arguments, struct control_request *request,
				 GError **error)
{
	if (!read_number(arguments, "id", UINT32_MAX, &request->id))
		return refuse(error, "remove_hostfwd: bad arguments.id");
	return true;
}

/* The verbs; those without arguments have no function to parse them. */
static const struct verb_row {
	const char *name;
	enum control_verb verb;
	bool (*parse)(JsonObject *arguments, struct control_request *request, GError **error);
} verb_rows[] = {
	{ "add_hostfwd", CONTROL_FORWARD_ADD, parse_forward_add },
	{ "remove_hostfwd", CONTROL_FORWARD_REMOVE, parse_forward_remove },
	{ "list_hostfwd", CONTROL_FORWARD_LIST, NULL },
	{ "status", CONTROL_STATUS, NULL },
	{ "stop", CONTROL_STOP, NULL },
};

static bool parse_object(JsonObject *object, struct control_request *ret_request, GError **error)
{
	struct control_request request = { 0 };
	JsonNode *arguments = member(object, "arguments");
	const char *execute = "";

	if (member(object, "execute") == NULL || !read_string(object, "execute", &execute))
		return refuse(error, "no execute found");
	for (size_t i = 0; i < ARRAY_SIZE(verb_rows); i++) {
		const struct verb_row *row = &verb_rows[i];

		if (strcmp(execute, row->name) != 0)
			continue;
		request.verb = row->verb;
		if (row->parse != NULL &&
		    !row->parse(arguments != NULL && JSON_NODE_HOLDS_OBJECT(arguments)
					? json_node_get_object(arguments)
					: NULL,
				&request, error))
			return false;
		*ret_request = request;
		return true;
	}
	return refuse(error, "unknown execute");
}

bool control_request_parse(const char *data, size_t length, struct control_request *ret_request,
			   GError **error)
{
	g_autoptr(JsonParser) parser = NULL;
	JsonNode *root;

	if (length > CONTROL_REQUEST_MAX)
		return refuse(error, "too large message");
	if (length == 0 || !text_is_safe(data, length))
		return refuse(error, "cannot parse JSON");
	parser = json_parser_new();
	if (!json_parser_load_from_data(parser, data, (gssize)length, NULL) ||
	    (root = json_parser_get_root(parser)) == NULL)
		return refuse(error, "cannot parse JSON");
	if (!JSON_NODE_HOLDS_OBJECT(root))
		return refuse(error, "json_object() failed");
	return parse_object(json_node_get_object(root), ret_request, error);
}
