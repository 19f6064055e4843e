/*
 * rspamd_http.request: a question to a web server. Nothing is fetched here:
 * the question goes to the scan, which has it done by a process of its own
 * and waits for it with all other questions; which addresses may be reached is
 * a setting there.
 */
#include "lua/http.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"

#define BODY_MAX ((size_t)8 << 20)
#define HEADERS_MAX 100

/* ---- answers ---- */

/* Header names in lower case, as rspamd has them: { name = value }. */
static void push_headers(lua_State *L, const struct ask_answer *answer)
{
	struct arena *a = lua_run_of(L)->arena;

	lua_newtable(L);
	for (size_t i = 0; i < answer->headers.n; i++) {
		struct str line = answer->headers.v[i];
		ssize_t colon = str_chr(line, ':');

		if (colon <= 0)
			continue;
		lua_push_str(L, str_lower(a, str_head(line, (size_t)colon)));
		lua_push_str(L, str_trim(str_from(line, (size_t)colon + 1)));
		lua_rawset(L, -3);
	}
}

static void push_error(lua_State *L, const struct ask_answer *answer)
{
	lua_push_str(L, answer->error.n ? answer->error :
		     answer->status == ASK_TIMEOUT ? STR("timeout") :
		     STR("the request failed"));
}

static void push_body(lua_State *L, const struct ask_answer *answer, bool text)
{
	struct str body = answer->body.p ? answer->body : STR("");

	lua_spend(L, body.n);
	if (text)
		lua_text_push_copy(L, body);
	else
		lua_push_str(L, body);
}

/* For a callback: error, code, body, headers. */
static int deliver_to(lua_State *L, const struct ask_answer *answer, bool text)
{
	if (answer->status != ASK_OK) {
		push_error(L, answer);
		return 1;
	}
	lua_pushnil(L);
	lua_pushinteger(L, answer->code);
	push_body(L, answer, text);
	push_headers(L, answer);
	return 4;
}

static int deliver(lua_State *L, const struct ask_answer *answer)
{
	return deliver_to(L, answer, false);
}

static int deliver_text(lua_State *L, const struct ask_answer *answer)
{
	return deliver_to(L, answer, true);
}

/* For the one who waited: error, response. */
static int result_of(lua_State *L, const struct ask_answer *answer, bool text)
{
	if (answer->status != ASK_OK) {
		push_error(L, answer);
		lua_pushnil(L);
		return 2;
	}
	lua_pushnil(L);
	lua_createtable(L, 0, 3);
	lua_field_int(L, "code", answer->code);
	push_body(L, answer, text);
	lua_setfield(L, -2, "content");
	push_headers(L, answer);
	lua_setfield(L, -2, "headers");
	return 2;
}

static int result(lua_State *L, const struct ask_answer *answer)
{
	return result_of(L, answer, false);
}

static int result_text(lua_State *L, const struct ask_answer *answer)
{
	return result_of(L, answer, true);
}

/* ---- questions ---- */

static bool field_true(lua_State *L, const char *key)
{
	bool yes;

	lua_getfield(L, 1, key);
	yes = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return yes;
}

static double field_number(lua_State *L, const char *key, double otherwise)
{
	double v = otherwise;

	lua_getfield(L, 1, key);
	if (lua_isnumber(L, -1))
		v = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return isfinite(v) && v > 0 ? v : otherwise;
}

/* A field's text, in the message's arena; STR_NONE if it is nil. */
static struct str field_text(lua_State *L, struct arena *a, const char *key)
{
	struct str s = STR_NONE;

	lua_getfield(L, 1, key);
	if (!lua_isnil(L, -1)) {
		s = lua_str_arg(L, -1);
		lua_spend(L, s.n);
		s = str_dup(a, s);
	}
	lua_pop(L, 1);
	return s;
}

/* A text, or a list of texts that belong together. */
static struct str read_body(lua_State *L, struct arena *a)
{
	struct buf b;
	lua_Integer n;

	if (lua_getfield(L, 1, "body") != LUA_TTABLE) {
		lua_pop(L, 1);
		return field_text(L, a, "body");
	}
	buf_in(&b, a, BODY_MAX);
	n = (lua_Integer)lua_rawlen(L, -1);
	for (lua_Integer i = 1; i <= n; i++) {
		struct str piece;

		lua_rawgeti(L, -1, i);
		piece = lua_str_arg(L, -1);
		lua_spend(L, piece.n + 1);
		buf_adds(&b, piece);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	if (b.full)
		luaL_error(L, "rspamd_http.request: the body is too large");
	return buf_str(&b);
}

/* A line break would begin another header. */
static void add_header(lua_State *L, struct arena *a, struct strs *headers,
		       struct str name, struct str value)
{
	if (str_chr(name, '\n') >= 0 || str_chr(name, '\r') >= 0 ||
	    str_chr(value, '\n') >= 0 || str_chr(value, '\r') >= 0 ||
	    memchr(value.p ? value.p : "", '\0', value.n) ||
	    str_chr(name, ':') >= 0 || name.n == 0)
		luaL_error(L, "rspamd_http.request: a header must be one line");
	if (headers->n >= HEADERS_MAX)
		luaL_error(L, "rspamd_http.request: more than %d headers",
			   HEADERS_MAX);
	lua_spend(L, name.n + value.n);
	strs_add(a, headers, str_printf(a, "%.*s: %.*s", STR_ARG(name),
					STR_ARG(value)));
}

/* { name = value } or { name = { value, value } } */
static void read_headers(lua_State *L, struct arena *a, struct strs *headers)
{
	if (lua_getfield(L, 1, "headers") != LUA_TTABLE) {
		lua_pop(L, 1);
		return;
	}
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		struct str name;

		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		name = lua_str_arg(L, -2);
		if (lua_type(L, -1) != LUA_TTABLE) {
			add_header(L, a, headers, name, lua_str_arg(L, -1));
			continue;
		}
		for (lua_Integer i = 1; i <= HEADERS_MAX; i++) {
			if (lua_rawgeti(L, -1, i) == LUA_TNIL) {
				lua_pop(L, 1);
				break;
			}
			add_header(L, a, headers, name, lua_str_arg(L, -1));
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

static void read_question(lua_State *L, struct arena *a, struct ask *ask)
{
	struct str type;

	ask->kind = ASK_HTTP;
	ask->url = field_text(L, a, "url");
	ask->method = field_text(L, a, "method");
	ask->body = read_body(L, a);
	ask->timeout = field_number(L, "timeout", 5);
	ask->max_size = (uint32_t)fmin(field_number(L, "max_size", 0), 1e9);
	ask->redirects = (uint32_t)fmin(field_number(L, "redirects", 0), 100);
	ask->no_ssl_verify = field_true(L, "no_ssl_verify");
	if (!ask->url.n)
		luaL_error(L, "rspamd_http.request: there is no url");
	if (!ask->method.n)
		ask->method = ask->body.p ? STR("POST") : STR("GET");
	read_headers(L, a, &ask->headers);
	type = field_text(L, a, "mime_type");
	if (type.p)
		add_header(L, a, &ask->headers, STR("Content-Type"), type);
}

/* rspamd_http.request{url=, task=, callback=, ...} -> boolean, or error, response
 * Asks a web server. With callback the call returns true at once, and
 * callback(error, code, body, headers) is called when the answer is there; an
 * error is nil or a text. Without one the rule waits: error, response, the
 * latter { code =, content =, headers = }. Fields: url (http or https);
 * method (GET; POST with a body); headers, a table; body, a text or a list of
 * them; mime_type; timeout in seconds (5); no_ssl_verify; max_size of the
 * answer in octets; redirects, how many to follow (none, three at most); opaque_body, if the body shall be an rspamd_text. gzip and
 * keepalive are accepted and mean nothing. Local and private addresses are
 * refused unless a setting (lua_http_allow) names them.
 * > local sent = rspamd_http.request{ task = task, url = "http://127.0.0.1:9/",
 * >   timeout = 0.1, callback = function(err, code) assert(err and not code) end }
 * > assert(sent == true)
 */
static int http_request(lua_State *L)
{
	struct arena *a = lua_run_of(L)->arena;
	struct ask ask = { 0 };
	bool text;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	read_question(L, a, &ask);
	text = field_true(L, "opaque_body");
	if (lua_getfield(L, 1, "callback") == LUA_TNIL)
		return lua_ask(L, &ask, 0, text ? result_text : result);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_ask(L, &ask, 2, text ? deliver_text : deliver);
	lua_pushboolean(L, 1);
	return 1;
}

static const struct lua_row functions[] = {
	{ "request", http_request },
	{ 0 },
};

const struct lua_module lua_http_module = {
	.name = "rspamd_http",
	.functions = functions,
};
