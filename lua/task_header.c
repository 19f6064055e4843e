/*
 * The task's headers and octets. rspamd's view differs from SpamAssassin's in
 * three ways that scripts rely on: the first header of a name is the one that
 * is meant (SpamAssassin joins all), every header is RFC 2047 decoded, and
 * control characters in what was decoded are made visible, so that no header
 * holds a line end. X-Spam-* headers, which SpamAssassin hides from rules,
 * are seen here.
 *
 * What is not RFC 2047 but has octets over 127 is converted to UTF-8 as
 * SpamAssassin does; rspamd leaves it as it is.
 */
#include "lua/task.h"

#include "base/buf.h"
#include "mail/date.h"
#include "mail/message.h"

/* The header called `name` from index `from` on, or NULL. With `exact` the
 * case of its letters counts. */
static struct header *find(lua_State *L, struct message *m, struct str name,
			   bool exact, size_t *from)
{
	struct headers *hs = message_headers_named(m, name);
	size_t i = headers_find(hs, name, *from);

	lua_spend(L, hs->n);
	while (exact && i < hs->n && !str_eq(hs->v[i].name, name))
		i = headers_find(hs, name, i + 1);
	*from = i + 1;
	return i < hs->n ? &hs->v[i] : NULL;
}

static struct header *find_arg(lua_State *L, struct lua_run *run)
{
	struct str name = lua_str_arg(L, 2);
	size_t from = 0;

	return find(L, run->msg, name, lua_toboolean(L, 3), &from);
}

/* s without comments, which nest; a parenthesis that closes nothing stays. */
static struct str without_comments(struct arena *a, struct str s)
{
	size_t depth = 0, n = 0;
	char *p;

	if (str_chr(s, '(') < 0)
		return s;
	p = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && depth)
			depth--;
		else if (s.p[i] == '\\' && depth)
			i++;
		else if (!depth)
			p[n++] = s.p[i];
	}
	return str_trim(str_make(p, n));
}

/* Decoded, on one line. Of an identifier rspamd shows no comments ("<1@b.c>
 * (added by postmaster@b.c)"). */
static struct str decoded(struct lua_run *run, struct header *h)
{
	struct message *m = run->msg;
	struct str s = str_trim(header_text(m->arena, m->settings, h));
	bool clean = true;
	char *p;

	if (str_ieq(h->name, STR("Message-ID")))
		s = without_comments(m->arena, s);
	for (size_t i = 0; i < s.n; i++)
		clean &= (unsigned char)s.p[i] >= ' ';
	if (clean)
		return s.p ? s : STR("");
	p = arena_strndup(m->arena, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)p[i] < ' ')
			p[i] = is_space((unsigned char)p[i]) ? ' ' : '?';
	return str_make(p, s.n);
}

/* The value as written but unfolded: white space stays at its end only. */
static struct str value_of(struct lua_run *run, const struct header *h)
{
	struct str raw = h->raw, middle = header_unfold(run->arena, raw);
	size_t tail = 0;

	while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
		raw.n--;
	while (tail < raw.n && (raw.p[raw.n - 1 - tail] == ' ' ||
				raw.p[raw.n - 1 - tail] == '\t'))
		tail++;
	if (!tail || !middle.n)
		return middle.p ? middle : STR("");
	return str_cat(run->arena, middle, str_from(raw, raw.n - tail));
}

/* The white space behind the colon; STR_NONE if the line ends there. */
static struct str separator_of(const struct header *h)
{
	size_t n = 0;

	while (n < h->raw.n && (h->raw.p[n] == ' ' || h->raw.p[n] == '\t'))
		n++;
	if (!n && (!h->raw.n || h->raw.p[0] == '\n'))
		return STR_NONE;
	return str_make(h->raw.p, n);
}

/* As it was written, with the message's line ends. */
static struct str raw_of(struct lua_run *run, const struct header *h)
{
	struct str rest = h->raw, line;
	struct buf b;

	buf_in(&b, run->arena, 3 * (h->name.n + h->raw.n + 10));
	buf_adds(&b, h->name);
	buf_addc(&b, ':');
	while (str_next_line(&rest, &line)) {
		bool crlf = run->msg->crlf && str_ends(line, STR("\n"));

		buf_adds(&b, crlf ? str_head(line, line.n - 1) : line);
		if (crlf)
			buf_adds(&b, STR("\r\n"));
	}
	return buf_str(&b);
}

static void push_full(lua_State *L, struct lua_run *run, struct header *h)
{
	struct str raw = h->raw;
	bool tab = raw.n && raw.p[0] == '\t';

	lua_spend(L, raw.n * 4 + 100);
	lua_createtable(L, 0, 8);
	lua_field_str(L, "name", h->name);
	lua_field_str(L, "value", value_of(run, h));
	lua_field_str(L, "decoded", decoded(run, h));
	lua_field_str(L, "raw", raw_of(run, h));
	lua_field_str(L, "separator", separator_of(h));
	lua_field_bool(L, "tab_separated", tab);
	lua_field_bool(L, "empty_separator",
		       !tab && !(raw.n && raw.p[0] == ' '));
	lua_field_int(L, "order", h - run->msg->headers.v);
}

/* task:get_header(name [, case_sensitive]) -> string or nil
 * The decoded text of the first header called name, on one line and without
 * the white space around it. Letter case of the name counts only if
 * case_sensitive is true.
 * > assert(task:get_header("subject") == "Hello")
 * > assert(task:get_header("X-Test") == "one")
 * > assert(task:get_header("subject", true) == nil)
 * > assert(task:get_header("X-None") == nil)
 */
int task_get_header(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct header *h = find_arg(L, run);
	struct str s;

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	s = decoded(run, h);
	lua_push_str(L, s);
	return 1;
}

/* task:get_header_raw(name [, case_sensitive]) -> string or nil
 * The same as it was written: unfolded, but not decoded.
 * > assert(task:get_header_raw("From") == '"Alice Example" <alice@example.com>')
 */
int task_get_header_raw(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct header *h = find_arg(L, run);

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	lua_push_str(L, value_of(run, h));
	return 1;
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
	struct lua_run *run = task_arg(L);
	struct str name = lua_str_arg(L, 2);
	bool exact = lua_toboolean(L, 3);
	struct header *h;
	lua_Integer n = 0;

	for (size_t from = 0; (h = find(L, run->msg, name, exact, &from));) {
		if (!n)
			lua_newtable(L);
		push_full(L, run, h);
		lua_rawseti(L, -2, ++n);
	}
	return n > 0;
}

/* task:get_header_count(name [, case_sensitive]) -> number
 * > assert(task:get_header_count("Received") == 3)
 * > assert(task:get_header_count("X-None") == 0)
 */
int task_get_header_count(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str name = lua_str_arg(L, 2);
	lua_Integer n = 0;

	for (size_t from = 0;
	     find(L, run->msg, name, lua_toboolean(L, 3), &from);)
		n++;
	lua_pushinteger(L, n);
	return 1;
}

/* task:has_header(name [, case_sensitive]) -> boolean
 * > assert(task:has_header("list-unsubscribe"))
 * > assert(not task:has_header("X-None"))
 */
int task_has_header(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	lua_pushboolean(L, find_arg(L, run) != NULL);
	return 1;
}

/* task:get_headers() -> list
 * All headers in their order, each as get_header_full gives it.
 * > local all = task:get_headers()
 * > assert(all[1].name == "Return-Path" and all[1].order == 0)
 */
int task_get_headers(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct headers *hs = &run->msg->headers;

	lua_newtable(L);
	for (size_t i = 0; i < hs->n; i++) {
		push_full(L, run, &hs->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* Asks options.regexp, at stack index 3, about the header's name. */
static bool name_matches(lua_State *L, struct str name)
{
	bool yes;

	if (lua_isnoneornil(L, 3) || lua_getfield(L, 3, "regexp") == LUA_TNIL) {
		lua_settop(L, 3);
		return true;
	}
	lua_getfield(L, -1, "match");
	lua_insert(L, -2);
	lua_push_str(L, name);
	lua_call(L, 2, 1);
	yes = lua_toboolean(L, -1);
	lua_settop(L, 3);
	return yes;
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
	struct lua_run *run = task_arg(L);
	struct headers *hs = &run->msg->headers;
	bool full = false;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 3);
	if (task_table_arg(L, 3)) {
		lua_getfield(L, 3, "full");
		full = lua_toboolean(L, -1);
		lua_settop(L, 3);
	}
	for (size_t i = 0; i < hs->n; i++) {
		if (!name_matches(L, hs->v[i].name))
			continue;
		lua_pushvalue(L, 2);
		lua_push_str(L, hs->v[i].name);
		if (full)
			push_full(L, run, &hs->v[i]);
		else
			lua_push_str(L, decoded(run, &hs->v[i]));
		lua_spend(L, hs->v[i].raw.n);
		lua_call(L, 2, 1);
		if (lua_toboolean(L, -1))
			break;
		lua_settop(L, 3);
	}
	return 0;
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
	struct lua_run *run = task_arg(L);
	size_t from = 0;
	struct header *h = find(L, run->msg, STR("Subject"), false, &from);

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	lua_push_str(L, decoded(run, h));
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
	size_t from = 0;
	struct header *h = find(L, run->msg, STR("Message-ID"), false, &from);
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
	size_t from = 0;
	struct header *h;
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
	h = find(L, run->msg, STR("Date"), false, &from);
	if (h && !date_parse(header_unfold(run->arena, h->raw), &when))
		when = 0;
	lua_pushinteger(L, (lua_Integer)when);
	return 1;
}
