/*
 * Addresses of a header, read the way rspamd reads them, because scripts look
 * at the details: which text becomes the name of a broken mailbox, which
 * flags it gets, what is dropped. Two passes over each mailbox: the header is
 * cut into mailboxes with their phrases (quotes, comments and brackets are
 * understood, groups are not), then each address is held against the strict
 * form of RFC 5321; what does not have it is split at its last '@' and is not
 * `valid`.
 *
 * Facts about rspamd that are kept: text without '@' before a comma is
 * dropped unless quoted, and quoted text before a comma becomes part of the
 * next name; behind the closing bracket a new mailbox begins; a quote that
 * never ends gives up everything but the last bracket in it; a header of
 * mere words is one empty address with a name.
 */
#include "lua/address.h"

#include "base/buf.h"
#include "base/limits.h"
#include "conf/ruleset.h"
#include "lua/scripts.h"
#include "mail/header.h"
#include "mail/settings.h"

/* ---- one address ---- */

/* atext of RFC 5322. */
static bool is_atom(int c)
{
	return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static void skip_spaces(struct str *s)
{
	*s = str_ltrim(*s);
}

/* Takes an atom with single dots inside off the front. */
static bool take_dot_atom(struct str *s, struct str *out_r)
{
	size_t n = 0;
	bool dot = true;

	for (; n < s->n; n++) {
		int c = (unsigned char)s->p[n];

		if (c == '.' ? dot : !is_atom(c))
			break;
		dot = c == '.';
	}
	if (dot)
		return false;
	*out_r = str_head(*s, n);
	*s = str_from(*s, n);
	return true;
}

/* Takes a quoted string; its text without quotes and escapes. */
static bool take_quoted(struct arena *a, struct str *s, struct str *out_r,
			unsigned *flags)
{
	char *p;
	size_t n = 0;

	if (!s->n || s->p[0] != '"')
		return false;
	p = arena_text(a, s->n);
	for (size_t i = 1; i < s->n; i++) {
		char c = s->p[i];

		if (c == '"') {
			*out_r = str_make(p, n);
			*s = str_from(*s, i + 1);
			*flags |= ADDR_QUOTED;
			return true;
		}
		if (c == '\\' && i + 1 < s->n) {
			*flags |= ADDR_BACKSLASH;
			c = s->p[++i];
		}
		p[n++] = c;
	}
	return false;
}

/* Takes labels of letters, digits, '-' and '_' with dots between; a last dot
 * is dropped. Labels neither begin nor end with '-' or '_'. */
static bool take_host(struct str *s, struct str *out_r)
{
	size_t n = 0;
	int before = '.';

	for (; n < s->n; n++) {
		int c = (unsigned char)s->p[n];
		bool inner = c == '-' || c == '_' || c == '.';

		if (!is_alnum(c) && !inner)
			break;
		if ((inner && before == '.') ||
		    (c == '.' && !is_alnum(before)))
			return false;
		before = c;
	}
	if (!n || (before != '.' && !is_alnum(before)))
		return false;
	*out_r = str_head(*s, n - (before == '.'));
	*s = str_from(*s, n);
	return true;
}

/* What may stand in brackets: four numbers, or "tag:" and anything. */
static bool literal_ok(struct str lit)
{
	struct str rest = lit, number;
	int numbers = 0;
	long value;
	ssize_t colon = str_chr(lit, ':');

	if (colon > 0) {
		for (ssize_t i = 0; i < colon; i++)
			if (!is_alnum((unsigned char)lit.p[i]) &&
			    lit.p[i] != '-')
				return false;
		return lit.n > (size_t)colon + 1;
	}
	for (; str_next(&rest, '.', &number); numbers++)
		if (!number.n || number.n > 3 ||
		    !is_digit((unsigned char)number.p[0]) ||
		    !str_to_long(number, &value))
			return false;
	return numbers == 4;
}

static bool take_domain(struct str *s, struct str *out_r, unsigned *flags)
{
	ssize_t end;

	if (!s->n || s->p[0] != '[')
		return take_host(s, out_r);
	end = str_chr(*s, ']');
	if (end < 0)
		return false;
	*out_r = str_head(str_from(*s, 1), (size_t)end - 1);
	*s = str_from(*s, (size_t)end + 1);
	*flags |= ADDR_IP;
	return literal_ok(*out_r);
}

/* The route of RFC 821, "@a,@b:", says nothing. */
static void skip_route(struct str *s)
{
	struct str rest = *s, host;

	while (rest.n && rest.p[0] == '@') {
		rest = str_from(rest, 1);
		if (!take_host(&rest, &host) || !rest.n)
			return;
		if (rest.p[0] == ':')
			*s = str_from(rest, 1);
		if (rest.p[0] != ',')
			return;
		rest = str_from(rest, 1);
	}
}

static bool read_strict(struct arena *a, struct lua_address *out)
{
	struct str s = str_trim(out->raw);
	unsigned flags = 0;
	bool braced = s.n && s.p[0] == '<';

	if (str_eq(s, STR("<>"))) {
		out->flags = ADDR_EMPTY | ADDR_VALID;
		return true;
	}
	if (braced) {
		s = str_from(s, 1);
		skip_spaces(&s);
		skip_route(&s);
	}
	if (!(braced && take_quoted(a, &s, &out->user, &flags)) &&
	    !take_dot_atom(&s, &out->user))
		return false;
	if (!s.n || s.p[0] != '@')
		return false;
	s = str_from(s, 1);
	if (!take_domain(&s, &out->domain, &flags))
		return false;
	if (braced) {
		skip_spaces(&s);
		if (!str_eq(s, STR(">")))
			return false;
		flags |= ADDR_BRACED;
	} else if (s.n && !is_space((unsigned char)s.p[0])) {
		return false;
	}
	out->addr = str_printf(a, flags & ADDR_IP ? "%.*s@[%.*s]" : "%.*s@%.*s",
			       STR_ARG(out->user), STR_ARG(out->domain));
	out->flags = flags | ADDR_VALID;
	return true;
}

/* What is no address, split as if it were one. */
static void read_lenient(struct lua_address *out)
{
	struct str s = out->raw;
	ssize_t at;

	if (s.n > 1 && s.p[0] == '<') {
		s = str_from(s, 1);
		at = str_chr(s, '>');
		if (at >= 0)
			s = str_head(s, (size_t)at);
	}
	out->addr = s;
	at = str_rchr(s, '@');
	out->user = out->domain = STR("");
	if (at >= 0 && (size_t)at + 1 < s.n) {
		out->user = str_head(s, (size_t)at);
		out->domain = str_from(s, (size_t)at + 1);
	}
	out->flags = 0;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 127)
			out->flags = ADDR_8BIT;
}

static void read_address(struct arena *a, struct lua_address *out)
{
	if (read_strict(a, out)) {
		if (out->flags & ADDR_EMPTY)
			out->addr = out->user = out->domain = STR("");
		return;
	}
	read_lenient(out);
}

struct lua_address lua_address_of(struct arena *a, struct str text)
{
	struct lua_address out = { .raw = str_trim(text), .name = STR("") };

	if (!out.raw.n)
		out.raw = STR("<>");
	read_address(a, &out);
	return out;
}

/* ---- a header of them ---- */

/* Comments are dropped before anything else is looked at, in brackets too but
 * not in quotes; closing parentheses without an opening one are dropped as
 * well, and each of those makes one opening one an ordinary character. */
static struct str without_comments(struct arena *a, struct str s)
{
	char *p;
	size_t n = 0;
	long depth = 0;
	bool quoted = false;

	if (str_chr(s, '(') < 0 && str_chr(s, ')') < 0)
		return s;
	p = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"') {
			quoted = !quoted;
		} else if (c == '(' && !quoted) {
			depth++;
		} else if (c == ')' && !quoted) {
			depth--;
			continue;
		}
		if (c == '\\' && i + 1 < s.n) {
			if (quoted || depth <= 0)
				p[n++] = c;
			c = s.p[++i];
		}
		if (quoted || depth <= 0)
			p[n++] = c;
	}
	return str_make(p, n);
}

struct reader {
	struct arena *a;
	const struct mail_settings *ms;
	struct lua_addresses *out;
	size_t before;		/* entries that were there already */
	struct buf name;	/* of the mailbox being read */
	struct buf bare;	/* text since the last quoted string */
	bool quoted;		/* nothing but spaces came since then */
	bool gap;		/* and there were some */
	bool at;		/* a '@' was seen, be it in the name */
};

/* The name as text: decoded, control characters made visible or blank. */
static struct str clean_name(struct reader *r)
{
	struct str s = str_trim(buf_str(&r->name));
	char *p;

	if (!s.n)
		return STR("");
	s = header_decode(r->a, r->ms, s);
	p = arena_strndup(r->a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (is_space((unsigned char)p[i]))
			p[i] = ' ';
		else if ((unsigned char)p[i] < ' ')
			p[i] = '?';
	}
	return str_trim(str_make(p, s.n));
}

static void start_mailbox(struct reader *r)
{
	buf_in(&r->name, r->a, LIMIT_HEADER_VALUE);
	buf_in(&r->bare, r->a, LIMIT_HEADER_VALUE);
	r->quoted = r->gap = r->at = false;
}

static void emit(struct reader *r, struct str raw)
{
	struct lua_addresses *out = r->out;
	struct lua_address addr = { .raw = raw, .name = clean_name(r) };

	read_address(r->a, &addr);
	if (out->n < LIMIT_LUA_ADDRESSES) {
		out->v = arena_grow(r->a, out->v, out->n, &out->cap,
				    sizeof(out->v[0]));
		out->v[out->n++] = addr;
	}
	start_mailbox(r);
}

static void bare_to_name(struct reader *r)
{
	if (r->gap)
		buf_addc(&r->name, ' ');
	buf_adds(&r->name, buf_str(&r->bare));
	buf_in(&r->bare, r->a, LIMIT_HEADER_VALUE);
	r->quoted = r->gap = false;
}

static void add_bare(struct reader *r, int c, bool first)
{
	if (is_space(c) && r->quoted) {
		r->gap = true;
		return;
	}
	if (is_space(c) && !first && !r->bare.n)
		return;
	if (r->quoted) {
		if (r->gap)
			buf_addc(&r->name, ' ');
		r->quoted = r->gap = false;
	}
	r->at |= c == '@';
	buf_addc(&r->bare, c);
}

/* Where the quoted string at the front of s ends (behind its quote); 0: never.
 * Its text goes to the name. */
static size_t read_quoted(struct reader *r, struct str s)
{
	bare_to_name(r);
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"') {
			r->quoted = true;
			return i + 1;
		}
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_addc(&r->name, (unsigned char)s.p[i]);
	}
	return 0;
}

/* A quote never ends: only what stands in brackets behind it counts. */
static void give_up(struct reader *r, struct str rest)
{
	ssize_t at = str_rchr(rest, '<');

	if (at < 0 || (size_t)at + 1 == rest.n)
		return;
	/* What the unfinished quote put into the name is not one. */
	emit(r, str_from(rest, (size_t)at));
}

static size_t read_braced(struct reader *r, struct str s)
{
	ssize_t end = str_chr(s, '>');
	size_t n = end < 0 ? s.n : (size_t)end + 1;

	bare_to_name(r);
	emit(r, str_head(s, n));
	return n;
}

static void end_of_piece(struct reader *r)
{
	struct str bare = buf_str(&r->bare);

	if (r->at && !r->quoted && bare.n)
		emit(r, str_rtrim(bare));
	buf_in(&r->bare, r->a, LIMIT_HEADER_VALUE);
	r->quoted = r->gap = r->at = false;
}

static void end_of_text(struct reader *r)
{
	struct str bare = buf_str(&r->bare);

	if (r->quoted || !bare.n)
		return;
	if (r->at) {
		emit(r, bare);
	} else if (r->out->n == r->before) {
		bare_to_name(r);
		emit(r, STR("<>"));
		r->out->v[r->out->n - 1].flags = ADDR_EMPTY;
	}
}

void lua_addresses_read(struct arena *a, const struct mail_settings *ms,
			struct str text, struct lua_addresses *out)
{
	struct reader r = { .a = a, .ms = ms, .out = out, .before = out->n };
	bool first = true;
	size_t name_n, n;

	text = without_comments(a, text);
	start_mailbox(&r);
	for (size_t i = 0; i < text.n && out->n < LIMIT_LUA_ADDRESSES; i += n) {
		struct str rest = str_from(text, i);

		n = 1;
		switch (rest.p[0]) {
		case '"':
			name_n = r.name.n + r.bare.n;
			n = read_quoted(&r, rest);
			if (!n) {
				r.name.n = name_n;
				give_up(&r, rest);
				return;
			}
			break;
		case '<':
			n = read_braced(&r, rest);
			first = false;
			break;
		case ',':
			end_of_piece(&r);
			first = false;
			break;
		default:
			add_bare(&r, (unsigned char)rest.p[0], first);
		}
	}
	end_of_text(&r);
}

/* ---- Lua ---- */

static const struct {
	unsigned bit;
	const char *name;
} flag_names[] = {
	{ ADDR_VALID, "valid" }, { ADDR_EMPTY, "empty" },
	{ ADDR_QUOTED, "quoted" }, { ADDR_BRACED, "braced" },
	{ ADDR_IP, "ip" }, { ADDR_BACKSLASH, "backslash" },
	{ ADDR_8BIT, "8bit" },
};

void lua_address_push(lua_State *L, const struct lua_address *addr)
{
	lua_createtable(L, 0, 6);
	lua_field_str(L, "raw", addr->raw);
	lua_field_str(L, "name", addr->name);
	lua_field_str(L, "addr", addr->addr);
	lua_field_str(L, "user", addr->user);
	lua_field_str(L, "domain", addr->domain);
	lua_createtable(L, 0, 2);
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (addr->flags & flag_names[i].bit)
			lua_field_bool(L, flag_names[i].name, true);
	lua_setfield(L, -2, "flags");
}

static void push_all(lua_State *L, const struct lua_addresses *list)
{
	lua_createtable(L, (int)list->n, 0);
	for (size_t i = 0; i < list->n; i++) {
		lua_address_push(L, &list->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

void lua_address_list_push(lua_State *L, const struct lua_addresses *list)
{
	if (!list || (!list->n && !list->shown_empty))
		lua_pushnil(L);
	else
		push_all(L, list);
}

bool lua_addresses_push(lua_State *L, struct str text)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct arena *a = vm->run ? vm->run->arena : vm->arena;
	struct lua_addresses list = { 0 };

	/* Each octet is copied into a name or an address, some twice; the
	 * arena is not given back before the message is over. */
	lua_spend(L, text.n * 8);
	lua_addresses_read(a, &vm->settings->mail, text, &list);
	push_all(L, &list);
	return true;
}
