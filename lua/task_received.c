/*
 * Received headers as rspamd's scripts see them: each line by itself, in
 * words. Who is to be trusted, and what the oddities of a hundred mail
 * servers mean, is the business of task:get_relays().
 *
 * A line is words, comments in parentheses and, behind the last ';', a date.
 * The words "from", "by", "with", "for" name what follows; the comment behind
 * the from-host holds what the server saw of the client.
 */
#include "lua/task.h"

#include "lua/ip.h"
#include "mail/date.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/network.h"

struct received_line {
	struct str from, comment, by, with, target;
	struct str date;		/* or STR_NONE */
	struct str real_host, real_ip;
	struct str bare_ip;		/* "[1.2.3.4]" behind the from-host */
};

static size_t comment_length(struct str s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_space((unsigned char)s.p[n]) &&
	       s.p[n] != '(' && s.p[n] != ';')
		n++;
	return n ? n : 1;
}

/* Where the word behind this one goes; NULL if nowhere. */
static struct str *place_of(struct received_line *r, struct str word)
{
	struct {
		struct str word;
		struct str *place;
	} places[] = {
		{ STR("from"), &r->from }, { STR("by"), &r->by },
		{ STR("with"), &r->with }, { STR("for"), &r->target },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_ieq(word, places[i].word) && !places[i].place->p)
			return places[i].place;
	return NULL;
}

/* "[1.2.3.4]" or "[IPv6:::1]" in s: the address; STR_NONE if there is none. */
static struct str bracketed_ip(struct str s)
{
	ssize_t open = str_chr(s, '['), close = str_chr(s, ']');
	struct ip_addr ip;
	struct str inner;

	if (open < 0 || close < open)
		return STR_NONE;
	inner = str_head(str_from(s, (size_t)open + 1),
			 (size_t)(close - open - 1));
	if (str_istarts(inner, STR("IPv6:")))
		inner = str_from(inner, 5);
	return ip_parse(inner, &ip) ? inner : STR_NONE;
}

static void read_words(struct received_line *r, struct str s)
{
	struct str *place = NULL, word;
	bool behind_from = false;

	while ((s = str_ltrim(s)).n) {
		size_t n = s.p[0] == '(' ? comment_length(s) : word_length(s);

		word = str_head(s, n);
		s = str_from(s, n);
		if (word.p[0] == '(') {
			if (behind_from && !r->comment.p)
				r->comment = str_trim(str_from(str_head(word,
						word.n - 1), 1));
			behind_from = false;
			continue;
		}
		/* fetchmail writes the address without parentheses. */
		if (behind_from && word.p[0] == '[' && !r->comment.p)
			r->bare_ip = bracketed_ip(word);
		behind_from = place == &r->from;
		if (place) {
			*place = word;
			place = NULL;
		} else {
			place = place_of(r, word);
		}
	}
}

/* A host without a dot is nobody's name in DNS. */
static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '.')
			return false;
	return str_chr(s, '.') > 0;
}

/* What the comment says of the client: "host [address]". */
static void read_comment(struct received_line *r)
{
	struct str rest = r->comment, word;
	struct str ip = bracketed_ip(r->from);
	struct ip_addr addr;

	if (!ip.p && ip_parse(r->from, &addr))
		ip = r->from;
	if (ip.p)
		r->from = r->real_ip = ip;
	ip = bracketed_ip(r->comment);
	if (!ip.p && str_next_word(&rest, &word) && ip_parse(word, &addr))
		ip = word;
	if (!ip.p) {
		if (!r->real_ip.p)
			r->real_host = r->from;
		if (r->bare_ip.p)
			r->real_ip = r->bare_ip;
		return;
	}
	r->real_ip = ip;
	rest = r->comment;
	if (str_next_word(&rest, &word) && is_host(word) &&
	    !ip_parse(word, &addr))
		r->real_host = word;
}

static struct received_line read_line(struct str s)
{
	struct received_line r = { 0 };
	ssize_t semicolon = str_rchr(s, ';');

	if (semicolon >= 0) {
		r.date = str_trim(str_from(s, (size_t)semicolon + 1));
		s = str_head(s, (size_t)semicolon);
	}
	read_words(&r, s);
	read_comment(&r);
	return r;
}

/* Protocols by name, and what they say of the connection. */
static const struct {
	const char *word, *name;
	bool ssl, auth;
} protocols[] = {
	{ "smtp", "smtp", false, false },
	{ "esmtp", "esmtp", false, false },
	{ "esmtpa", "esmtpa", false, true },
	{ "esmtps", "esmtps", true, false },
	{ "esmtpsa", "esmtpsa", true, true },
	{ "lmtp", "lmtp", false, false },
	{ "imap", "imap", false, false },
	{ "local", "local", false, false },
	{ "http", "http", false, false },
	{ "https", "http", true, false },
};

static void push_protocol(lua_State *L, struct str with, bool artificial)
{
	size_t n = sizeof(protocols) / sizeof(protocols[0]), i = 0;

	while (i < n && !str_ieq(with, str_cstr(protocols[i].word)))
		i++;
	lua_field_str(L, "proto", i < n ? str_cstr(protocols[i].name) :
		      STR("unknown"));
	lua_createtable(L, 0, 3);
	lua_field_bool(L, "ssl", i < n && protocols[i].ssl);
	lua_field_bool(L, "authenticated", i < n && protocols[i].auth);
	lua_field_bool(L, "artificial", artificial);
	lua_setfield(L, -2, "flags");
}

static void push_ip(lua_State *L, struct str ip)
{
	if (!ip.p)
		return;
	lua_field_str(L, "from_ip", ip);
	lua_ip_push(L, ip);
	lua_setfield(L, -2, "real_ip");
}

static void field_host(lua_State *L, struct lua_run *run, const char *key,
		       struct str host)
{
	if (host.n)
		lua_field_str(L, key, str_lower(run->arena, host));
}

static lua_Integer date_of(struct str date)
{
	time_t when;

	if (!date.p)
		return 0;
	return date_parse(date, &when) ? (lua_Integer)when : -1;
}

/* Pushes one line as a table; false, with nothing pushed, if it names neither
 * who gave nor who took the message. */
static bool push_line(lua_State *L, struct lua_run *run, struct str text)
{
	struct received_line r = read_line(text);

	if (!r.from.p && !r.by.p)
		return false;
	lua_createtable(L, 0, 11);
	field_host(L, run, "from_hostname", r.from);
	field_host(L, run, "real_hostname", r.real_host);
	field_host(L, run, "by_hostname", r.by);
	push_ip(L, r.real_ip);
	field_host(L, run, "for", r.target);
	lua_field_str(L, "raw", text);
	lua_field_int(L, "timestamp", date_of(r.date));
	push_protocol(L, r.with, false);
	return true;
}

/* The connection that brought the message, if a protocol told of it. */
static bool push_artificial(lua_State *L, struct lua_run *run)
{
	const struct lua_envelope *e = run->host.envelope;

	if (!e || !e->ip.n)
		return false;
	lua_createtable(L, 0, 8);
	field_host(L, run, "from_hostname", e->helo);
	field_host(L, run, "real_hostname", e->hostname);
	push_ip(L, e->ip);
	lua_field_int(L, "timestamp", 0);
	push_protocol(L, e->user.n ? STR("esmtpa") : STR("esmtp"), true);
	return true;
}

/* task:get_received_headers() -> list
 * The Received headers, newest first, each a table of `from_hostname` (how the
 * client greeted), `real_hostname` (its name in DNS), `from_ip` (string),
 * `real_ip` (ip), `by_hostname`, `proto` ("smtp", "esmtps", ... or
 * "unknown"), `for`, `timestamp` (0: none, -1: unreadable), `raw` (unfolded)
 * and `flags`: `ssl`, `authenticated`, `artificial` (made from what the
 * protocol told about the connection). What a line does not say is missing.
 * > local r = task:get_received_headers()
 * > assert(#r == 3 and r[2].from_hostname == "mail.example.com")
 * > assert(tostring(r[2].real_ip) == "198.18.7.25" and r[2].flags.ssl)
 * > assert(r[3].flags.authenticated and r[3].proto == "esmtpsa")
 * > assert(r[1].by_hostname == "imap.example.net" and r[1].timestamp == 1795514405)
 */
int task_get_received_headers(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct headers *hs = &run->msg->headers;
	struct str name = STR("Received");
	lua_Integer n = 0;

	lua_newtable(L);
	if (push_artificial(L, run))
		lua_rawseti(L, -2, ++n);
	for (size_t i = headers_find(hs, name, 0); i < hs->n;
	     i = headers_find(hs, name, i + 1)) {
		lua_spend(L, hs->v[i].raw.n * 4 + 100);
		if (push_line(L, run, header_unfold(run->arena, hs->v[i].raw)))
			lua_rawseti(L, -2, ++n);
	}
	return 1;
}
