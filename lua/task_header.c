/*
 * The task's headers and octets. X-Spam-* headers, which SpamAssassin hides
 * from rules, are seen when they are asked for by name.
 */
#include "lua/task.h"

#include "lua/headers.h"
#include "mail/date.h"
#include "mail/message.h"

/* The block in which headers called `name` are. */
static struct headers *block_of(lua_State *L, struct str name)
{
	return message_headers_named(task_arg(L)->msg, name);
}

static struct headers *block_arg(lua_State *L)
{
	return block_of(L, lua_str_arg(L, 2));
}

static const struct header *first(lua_State *L, struct str name)
{
	size_t from = 0;

	return lua_headers_next(L, block_of(L, name), name, false, &from);
}

/* task:get_header(name [, case_sensitive]) -> string or nil
 * The decoded text of the first header called name, on one line and without
 * the white space at its front. It is always UTF-8, with U+FFFD for octets
 * that are none. Letter case of the name counts only if case_sensitive is
 * true.
 * > assert(task:get_header("subject") == "Hello")
 * > assert(task:get_header("X-Test") == "one")
 * > assert(task:get_header("subject", true) == nil)
 * > assert(task:get_header("X-None") == nil)
 */
int task_get_header(lua_State *L)
{
	return lua_headers_text(L, block_arg(L));
}

/* task:get_header_raw(name [, case_sensitive]) -> string or nil
 * The same as it was written: unfolded, but not decoded.
 * > assert(task:get_header_raw("From") == '"Alice Example" <alice@example.com>')
 */
int task_get_header_raw(lua_State *L)
{
	return lua_headers_raw(L, block_arg(L));
}

/* task:get_header_full(name [, case_sensitive]) -> list or nil
 * All headers called name, each a table of `name` and `raw` (as written),
 * `value` (unfolded), `decoded`, `order` (0 is the first header of the
 * message), `separator` (the white space behind the colon; nil if the line
 * ends there), `tab_separated` and `empty_separator`.
 * > local all = task:get_header_full("X-Test")
 * > assert(#all == 2 and all[2].decoded == "café")
 * > assert(all[2].value == "=?UTF-8?Q?caf=C3=A9?=")
 * > assert(all[1].raw == "X-Test: one\n" and all[1].separator == " ")
 * > assert(not all[1].tab_separated and not all[1].empty_separator)
 * > assert(all[2].order == all[1].order + 1)
 */
int task_get_header_full(lua_State *L)
{
	return lua_headers_full(L, block_arg(L));
}

/* task:get_header_count(name [, case_sensitive]) -> number
 * > assert(task:get_header_count("Received") == 3)
 * > assert(task:get_header_count("X-None") == 0)
 */
int task_get_header_count(lua_State *L)
{
	return lua_headers_count(L, block_arg(L));
}

/* task:has_header(name [, case_sensitive]) -> boolean
 * > assert(task:has_header("list-unsubscribe"))
 * > assert(not task:has_header("X-None"))
 */
int task_has_header(lua_State *L)
{
	return lua_headers_has(L, block_arg(L));
}

/* task:get_headers() -> list
 * All headers in their order, each as get_header_full gives it.
 * > local all = task:get_headers()
 * > assert(all[1].name == "Return-Path" and all[1].order == 0)
 */
int task_get_headers(lua_State *L)
{
	const struct headers *hs = &task_arg(L)->msg->headers;

	lua_newtable(L);
	for (size_t i = 0; i < hs->n; i++) {
		lua_header_push(L, hs, i);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* task:headers_foreach(callback [, {full = boolean, regexp = re}])
 * Calls callback(name, decoded) for each header, with full = true
 * callback(name, table) with the table of get_header_full; regexp limits it to
 * names that match. It ends when the callback returns true.
 * > local names = {}
 * > task:headers_foreach(function(name, text)
 * >   names[#names + 1] = name
 * >   return #names == 3
 * > end)
 * > assert(table.concat(names, " ") == "Return-Path Delivered-To Received")
 */
int task_headers_foreach(lua_State *L)
{
	return lua_headers_foreach(L, &task_arg(L)->msg->headers);
}

/* The length of the header block without the blank line that ends it. */
static size_t header_length(const struct message *m)
{
	struct str h = m->pristine_header;

	if (str_ends(h, STR("\r\n\r\n")))
		return h.n - 2;
	if (str_ends(h, STR("\n\n")))
		return h.n - 1;
	return str_eq(h, STR("\n")) || str_eq(h, STR("\r\n")) ? 0 : h.n;
}

/* task:get_raw_headers() -> text
 * The header block as received, without the blank line that ends it.
 * > assert(tostring(task:get_raw_headers()):sub(1, 12) == "Return-Path:")
 */
int task_get_raw_headers(lua_State *L)
{
	struct message *m = task_arg(L)->msg;

	lua_text_push(L, str_head(m->pristine, header_length(m)));
	return 1;
}

/* task:get_rawbody() -> text
 * Everything behind the header block as received; it begins with the blank
 * line.
 * > assert(tostring(task:get_rawbody()):sub(1, 10) == "\nThis text")
 */
int task_get_rawbody(lua_State *L)
{
	struct message *m = task_arg(L)->msg;

	lua_text_push(L, str_from(m->pristine, header_length(m)));
	return 1;
}

/* task:get_content() -> text
 * The whole message as received, undecoded.
 * > assert(#task:get_content() == task:get_size())
 */
int task_get_content(lua_State *L)
{
	lua_text_push(L, task_arg(L)->msg->pristine);
	return 1;
}

/* task:get_size() -> number
 * The octets of the message.
 * > assert(task:get_size() > 2000)
 */
int task_get_size(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)task_arg(L)->msg->pristine.n);
	return 1;
}

/* task:get_newlines_type() -> "lf" or "crlf"
 * How the lines of the message end.
 * > assert(task:get_newlines_type() == "lf")
 */
int task_get_newlines_type(lua_State *L)
{
	lua_pushstring(L, task_arg(L)->msg->crlf ? "crlf" : "lf");
	return 1;
}

/* task:get_subject() -> string or nil
 * > assert(task:get_subject() == "Hello")
 */
int task_get_subject(lua_State *L)
{
	const struct header *h = first(L, STR("Subject"));

	if (!h)
		return 0;
	lua_header_push_text(L, h);
	return 1;
}

/* task:get_message_id() -> string
 * Without its angle brackets; "undef" if there is none or it is empty. White
 * space and control characters in it become "?".
 * > assert(task:get_message_id() == "20261124100000.1@example.com")
 */
int task_get_message_id(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct header *h = first(L, STR("Message-ID"));
	struct str s = h ? str_trim(header_unfold(run->arena, h->raw)) :
		STR("");
	char *p;

	if (!s.n) {
		lua_pushstring(L, "undef");
		return 1;
	}
	lua_spend(L, s.n);
	if (s.p[0] == '<')
		s = str_from(s, 1);
	if (str_ends(s, STR(">")))
		s.n--;
	p = arena_strndup(run->arena, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] <= ' ' || p[i] == 127)
			p[i] = '?';
	lua_push_str(L, str_make(p, s.n));
	return 1;
}

/* task:get_date([{format = "message" or "connect", gmt = boolean}]) -> number
 * Seconds since 1970, in UTC: with "message" what the Date header says (0 if
 * there is none that can be read), else when the message came here.
 * > assert(task:get_date{format = "message"} == 1795514400)
 * > assert(task:get_date() > 1700000000)
 */
int task_get_date(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct header *h;
	time_t when = 0;
	struct str format = STR_NONE;

	if (task_table_arg(L, 2)) {
		lua_getfield(L, 2, "format");
		format = lua_str_opt(L, -1);
	}
	if (!str_eq(format, STR("message"))) {
		lua_pushnumber(L, (lua_Number)task_arrival(run));
		return 1;
	}
	h = first(L, STR("Date"));
	if (h && !date_parse(header_unfold(run->arena, h->raw), &when))
		when = 0;
	lua_pushinteger(L, (lua_Integer)when);
	return 1;
}
