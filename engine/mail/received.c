/*
 * One Received line, from its text to a relay.
 *
 * First come the things that any line may carry, wherever it does: id, HELO,
 * "by", signs of a login, the envelope sender. Then the tables of forms
 * (received_forms.c) are asked who wrote the line and where the address and
 * the names stand; what a form yields overrides what was picked up before.
 * A line that no form knows is still good for an address in square brackets
 * if it has a "by". The relay's fields are cleaned of the bytes that the
 * pseudo-headers use as punctuation, as SpamAssassin does, so that a HELO
 * cannot pretend to be another field.
 */
#include "mail/received.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/form.h"
#include "mail/network.h"
#include "mail/received_forms.h"
#include "mail/relay.h"

/* A line on its way. */
struct work {
	struct arena *arena;
	const struct received_tables *tables;
	struct str line;
	struct form_match m;
	struct str auth;
	bool looked_up;
};

/* Perl's truth of a string. */
static bool is_true(struct str s)
{
	return s.n > 0 && !(s.n == 1 && s.p[0] == '0');
}

/* White space to single spaces, none at the ends, no dangling semicolons. */
static struct str normalise(struct arena *a, struct str line)
{
	char *out = arena_text(a, line.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (!is_space((unsigned char)line.p[i]))
			out[n++] = line.p[i];
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	while (n > 0 && out[n - 1] == ';') {
		n--;
		if (n > 0 && out[n - 1] == ' ')
			n--;
	}
	return str_make(out, n);
}

/* One of the forms that stand alone; its fields go to w->m. */
static bool lone(struct work *w, const struct form *f)
{
	return form_match(f, w->line, &w->m);
}

/* "[1.2.3.4]": a host that gave its address for its name. */
static bool is_bracketed_number(struct str s)
{
	if (s.n < 3 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i < s.n - 1; i++)
		if (!is_digit(s.p[i]) && s.p[i] != '.')
			return false;
	return true;
}

/* Lines that need no closer look. */
static bool tells_nothing(struct work *w)
{
	const struct received_lone *l = &w->tables->lone;

	if (!str_istarts(w->line, STR("from ")) &&
	    !str_istarts(w->line, STR("(from ")))
		return true;
	if (lone(w, l->local_for))
		return true;
	if (lone(w, l->bare)) {
		struct str host = w->m.field[FIELD_SUB];

		w->m.field[FIELD_SUB] = STR_NONE;
		return !is_bracketed_number(host);
	}
	return false;
}

/* Drops the date at the end and parts ")by", which some programs write. */
static void tidy(struct work *w)
{
	ssize_t at;
	char *out;

	if (lone(w, w->tables->lone.dated)) {
		w->line = w->m.field[FIELD_SUB];
		w->m.field[FIELD_SUB] = STR_NONE;
	}
	at = str_find(w->line, STR(")by "));
	if (at < 0)
		return;
	out = arena_text(w->arena, w->line.n + 1);
	memcpy(out, w->line.p, at + 1);
	out[at + 1] = ' ';
	memcpy(out + at + 2, w->line.p + at + 1, w->line.n - at - 1);
	w->line = str_make(out, w->line.n + 1);
}

/* The text of an auth row with what it kept put in. */
static struct str auth_text(struct work *w, const char *text)
{
	struct buf b;

	buf_in(&b, w->arena, LIMIT_HEADER_VALUE);
	for (; *text; text++) {
		if (*text == '\1')
			buf_adds(&b, w->m.field[FIELD_AUTH]);
		else if (*text == '\2')
			buf_adds(&b, w->m.field[FIELD_AUTH2]);
		else
			buf_addc(&b, *text);
	}
	return buf_str(&b);
}

static void find_auth(struct work *w)
{
	for (size_t i = 0; i < w->tables->nauths; i++) {
		const struct auth_row *row = &w->tables->auths[i];

		if (row->also && !lone(w, row->also_compiled))
			continue;
		if (!lone(w, row->compiled))
			continue;
		w->auth = auth_text(w, row->text);
		return;
	}
}

static void find_common(struct work *w)
{
	const struct received_lone *l = &w->tables->lone;

	lone(w, l->id);
	if (!lone(w, l->helo))
		lone(w, l->helo_word);
	lone(w, l->by);
	find_auth(w);
}

/* The first "key value" in s whose value is not empty, or may be; the value
 * ends at a space. */
static bool find_item(struct str s, struct str key, bool may_be_empty,
		      struct str *before_r, struct str *value_r)
{
	ssize_t at;

	for (size_t from = 0; (at = str_find(str_from(s, from), key)) >= 0;) {
		struct str value = str_from(s, from + at + key.n);
		ssize_t end = str_chr(value, ' ');

		if (end >= 0)
			value.n = end;
		from += at + key.n;
		if (value.n == 0 && !may_be_empty)
			continue;
		*before_r = str_head(s, from - key.n);
		*value_r = value;
		return true;
	}
	return false;
}

/* Reads an item out of a list of pieces of text, which is cut there. */
static void take_item(struct strs *pieces, struct arena *a, struct str key,
		      bool may_be_empty, struct str *value_r)
{
	for (size_t i = 0; i < pieces->n; i++) {
		struct str s = pieces->v[i], before;

		if (!find_item(s, key, may_be_empty, &before, value_r))
			continue;
		pieces->v[i] = before;
		strs_add(a, pieces,
			 str_from(s, before.n + key.n + value_r->n));
		return;
	}
}

static void read_sub(struct work *w)
{
	struct strs pieces = { 0 };

	strs_add(w->arena, &pieces, w->m.field[FIELD_SUB]);
	take_item(&pieces, w->arena, STR("helo="), false,
		  &w->m.field[FIELD_HELO]);
	take_item(&pieces, w->arena, STR("ident="), true,
		  &w->m.field[FIELD_IDENT]);
}

/* "IDENT:user@host" or "user@host" where a host is expected. */
static void split_ident(struct work *w)
{
	struct str *rdns = &w->m.field[FIELD_RDNS];
	struct str *ident = &w->m.field[FIELD_IDENT];
	ssize_t at = str_chr(*rdns, '@');

	if (at < 0)
		return;
	*ident = str_head(*rdns, at);
	*rdns = str_from(*rdns, at + 1);
	if (!str_starts(*ident, STR("IDENT:")))
		return;
	*ident = str_from(*ident, 6);
	at = str_chr(*rdns, '@');
	if (at < 0)
		return;
	*ident = str_head(*rdns, at);
	*rdns = str_from(*rdns, at + 1);
}

static void apply_notes(struct work *w, unsigned notes)
{
	struct str *field = w->m.field;

	if (notes & FORM_LOOKED_UP)
		w->looked_up = true;
	if (notes & FORM_HELO_IS_RDNS)
		field[FIELD_HELO] = field[FIELD_RDNS];
	if (notes & FORM_NO_ID)
		field[FIELD_ID] = STR_NONE;
	if (notes & FORM_NO_BY)
		field[FIELD_BY] = STR_NONE;
	if (notes & FORM_NO_HELO)
		field[FIELD_HELO] = STR_NONE;
	if (notes & FORM_SUB)
		read_sub(w);
	if (notes & FORM_IDENT_IN_RDNS)
		split_ident(w);
	if (notes & FORM_UNKNOWN_RDNS) {
		if (str_eq(field[FIELD_RDNS], STR("unknown")))
			field[FIELD_RDNS] = STR_NONE;
		else
			w->looked_up = true;
	}
	if (notes & FORM_XMAIL) {
		lone(w, w->tables->lone.xmail_id);
		lone(w, w->tables->lone.xmail_from);
	}
}

static enum form_family family_of(struct work *w)
{
	for (size_t i = 0; i < w->tables->nfamilies; i++)
		if (lone(w, w->tables->families[i].compiled))
			return w->tables->families[i].family;
	return FAMILY_ANY;
}

/* Goes through a table; FORM_NOTE if no row decided. */
static enum form_action try_rows(struct work *w,
				 const struct received_row *rows, size_t n,
				 enum form_family family)
{
	for (size_t i = 0; i < n; i++) {
		const struct received_row *row = &rows[i];
		bool hit;

		if (row->family != FAMILY_ANY && row->family != family)
			continue;
		hit = lone(w, row->compiled);
		if (row->action == FORM_ONLY || row->action == FORM_NOT) {
			if (hit != (row->action == FORM_ONLY))
				i += row->rows;
			continue;
		}
		if (!hit)
			continue;
		apply_notes(w, row->notes);
		if (row->action == FORM_TAKE_IF_IP) {
			if (is_true(w->m.field[FIELD_IP]))
				return FORM_TAKE;
		} else if (row->action != FORM_NOTE) {
			return row->action;
		}
	}
	return FORM_NOTE;
}

static enum form_action try_tables(struct work *w)
{
	const struct received_tables *t = w->tables;
	enum form_action action = FORM_NOTE;

	if (str_starts(w->line, STR("from "))) {
		w->line = str_from(w->line, 5);
		lone(w, t->lone.envfrom);
		action = try_rows(w, t->from, t->nfrom, family_of(w));
		if (action == FORM_NOTE && !is_true(w->m.field[FIELD_HELO]))
			lone(w, t->lone.first_word);
	} else if (str_starts(w->line, STR("FROM "))) {
		w->line = str_from(w->line, 5);
		action = try_rows(w, t->simta, t->nsimta, FAMILY_ANY);
		if (action == FORM_TAKE &&
		    str_eq(w->m.field[FIELD_RDNS], STR("unverified")))
			w->m.field[FIELD_RDNS] = STR_NONE;
	} else if (str_starts(w->line, STR("(from "))) {
		w->line = str_from(w->line, 6);
		action = try_rows(w, t->paren, t->nparen, FAMILY_ANY);
	}
	if (action != FORM_NOTE)
		return action;
	if (!is_true(w->m.field[FIELD_IP]))
		lone(w, t->lone.bracketed);
	if (is_true(w->m.field[FIELD_IP]) && is_true(w->m.field[FIELD_BY]))
		return FORM_TAKE;
	return FORM_NOTE;
}

/* A copy with the bytes that would break the pseudo-headers made visible. */
static struct str cleaned(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		out[i] = is_space(c) || c == 0 || strchr("#[]()<>|", c) ? '!'
									: c;
	}
	out[s.n] = '\0';
	return str_make(out, s.n);
}

/* "::ffff:1.2.3.4" in any spelling of its zeros, to "1.2.3.4". */
static struct str unmap(struct str ip)
{
	size_t at = 0, colons = 0;
	struct str tail;

	while (at < ip.n && (ip.p[at] == '0' || ip.p[at] == ':'))
		colons += ip.p[at++] == ':';
	if (colons < 2 || at == 0 || ip.p[at - 1] != ':' ||
	    !str_istarts(str_from(ip, at), STR("ffff:")))
		return ip;
	tail = str_from(ip, at + 5);
	return ip_is_dotted(tail) ? tail : ip;
}

/* The address without prefix, brackets, zone and mapping. */
static struct str plain_ip(struct str ip)
{
	ssize_t at;

	if (str_istarts(ip, STR("ipv6:")))
		ip = str_from(ip, 5);
	if (str_starts(ip, STR("[")))
		ip = str_from(ip, 1);
	if (str_ends(ip, STR("]")))
		ip.n--;
	at = str_chr(ip, '%');
	return unmap(at < 0 ? ip : str_head(ip, at));
}

/* What a line calls the name of a host: none where it says so. */
static struct str plain_rdns(struct str rdns)
{
	while (str_ends(rdns, STR(".")))
		rdns.n--;
	if (str_istarts(rdns, STR("unknown")) && rdns.n == 7)
		return STR_NONE;
	return str_starts(rdns, STR("[")) ? STR_NONE : rdns;
}

static struct str plain_envfrom(struct str s)
{
	while (s.n > 0 && s.p[0] == '<')
		s = str_from(s, 1);
	while (s.n > 0 && s.p[s.n - 1] == '>')
		s.n--;
	return s;
}

static void fill_relay(struct work *w, struct relay *r)
{
	struct arena *a = w->arena;
	const struct str *f = w->m.field;
	struct str by = f[FIELD_BY];

	*r = (struct relay){ .auth = w->auth };
	if (str_ends(by, STR(";")))
		by.n--;
	r->ip = cleaned(a, plain_ip(f[FIELD_IP]));
	r->rdns = cleaned(a, plain_rdns(f[FIELD_RDNS]));
	r->helo = cleaned(a, f[FIELD_HELO]);
	r->by = cleaned(a, by);
	r->ident = cleaned(a, f[FIELD_IDENT]);
	r->id = f[FIELD_ID].p ? str_dup(a, f[FIELD_ID]) : STR("");
	if (f[FIELD_ENVFROM].p)
		r->envfrom = cleaned(a, plain_envfrom(f[FIELD_ENVFROM]));
	r->lc_by = str_lower(a, r->by);
	r->lc_helo = str_lower(a, r->helo);
	r->lc_rdns = str_lower(a, r->rdns);
	r->no_reverse_dns = r->rdns.n == 0 && w->looked_up;
	r->ip_private = ip_is_private(r->ip);
}

enum received_kind received_parse(struct arena *a, struct str line,
				  struct relay *relay,
				  struct str *scanner_r)
{
	struct work w = {
		.arena = a, .tables = received_tables(),
		.line = normalise(a, str_head(line, LIMIT_HEADER_VALUE)),
		.m.fuel = FORM_FUEL, .auth = STR(""),
	};

	if (tells_nothing(&w))
		return RECEIVED_IGNORED;
	tidy(&w);
	find_common(&w);
	switch (try_tables(&w)) {
	case FORM_TAKE:
		fill_relay(&w, relay);
		return RECEIVED_RELAY;
	case FORM_FETCHED:
		return RECEIVED_FETCHED;
	case FORM_SCANNED:
		if (w.m.field[FIELD_ENVFROM].p)
			*scanner_r = cleaned(a, plain_envfrom(
						     w.m.field[FIELD_ENVFROM]));
		return RECEIVED_IGNORED;
	case FORM_DROP:
		return RECEIVED_IGNORED;
	default:
		return RECEIVED_UNPARSEABLE;
	}
}

struct str relay_to_text(struct arena *a, const struct relay *r)
{
	const struct {
		const char *key;
		struct str value;
	} items[] = {
		{ "[ ip=", r->ip }, { " rdns=", r->rdns },
		{ " helo=", r->helo }, { " by=", r->by },
		{ " ident=", r->ident },
		{ " envfrom=", is_true(r->envfrom) ? r->envfrom : STR("") },
		{ " intl=", r->internal ? STR("1") : STR("0") },
		{ " id=", r->id }, { " auth=", r->auth },
		{ " msa=", r->msa ? STR("1") : STR("0") },
	};
	struct buf b;

	buf_in(&b, a, 16 * LIMIT_HEADER_VALUE);
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		buf_adds(&b, str_cstr(items[i].key));
		buf_adds(&b, items[i].value);
	}
	buf_adds(&b, STR(" ]"));
	return buf_str(&b);
}
