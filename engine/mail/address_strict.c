/*
 * The second opinion on an address header: what Email::Address::XS, which
 * Debian installs with SpamAssassin, makes of it. It is an RFC 5322 parser
 * that also takes groups, routes, nested comments and blanks around dots. It
 * stops at the first syntax error and keeps what it had of that mailbox, so
 * an entry may lack its user or its host. An entry that names nothing at all
 * gets the whole header as its name; that is SpamAssassin's doing.
 */
#include "mail/address_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/domain.h"

/* How deep comments may nest; the original has no bound. */
#define MAX_NESTING 1000

/* What a step of the parser found. */
enum step {
	STEP_ERROR = -1,
	STEP_END = 0,		/* fine, and the input is used up */
	STEP_MORE = 1,		/* fine, and something follows */
};

struct strict {
	struct arena *a;
	struct str s;
	size_t i;
	struct buf comment;	/* the last one that was skipped */
};

/* One mailbox in the making. p NULL: not found. */
struct mailbox {
	struct str user, host, phrase, comment;
};

static int here(const struct strict *p)
{
	return p->i < p->s.n ? (unsigned char)p->s.p[p->i] : -1;
}

static enum step at_end(const struct strict *p)
{
	return p->i < p->s.n ? STEP_MORE : STEP_END;
}

static bool is_atext(int c)
{
	return c >= 0x80 || is_alnum(c) ||
		(c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* A comment, nested ones in it included, at '('. Line ends in it go. Of one
 * that is not closed, what stands before the last line end or backslash is
 * kept. */
static bool skip_comment(struct strict *p)
{
	struct buf *out = &p->comment;
	size_t kept = 0;
	int depth = 1;

	out->n = 0;
	for (p->i++; here(p) >= 0; p->i++) {
		int c = here(p);

		if (c == '(' && ++depth > MAX_NESTING)
			break;
		if (c == ')' && --depth == 0) {
			p->i++;
			return true;
		}
		if (c == '\n' || c == '\\') {
			if (c == '\n' && out->n && out->p[out->n - 1] == '\r')
				out->n--;
			if (c == '\\' && p->i + 1 == p->s.n)
				break;
			kept = out->n;
			if (c == '\n')
				continue;
			p->i++;
			c = here(p);
		}
		buf_addc(out, c);
	}
	out->n = kept;
	return false;
}

static enum step skip_blanks(struct strict *p)
{
	for (;;) {
		int c = here(p);

		if (c == '(') {
			if (!skip_comment(p))
				return STEP_ERROR;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			p->i++;
		} else {
			return at_end(p);
		}
	}
}

/* A quoted string at '"', without its quotes. */
static enum step read_quoted(struct strict *p, struct buf *out)
{
	for (p->i++; here(p) >= 0; p->i++) {
		int c = here(p);

		if (c == '"') {
			p->i++;
			return skip_blanks(p);
		}
		if (c == '\\') {
			p->i++;
			c = here(p);
			if (c < 0)
				return STEP_ERROR;
		}
		buf_addc(out, c);
	}
	return STEP_ERROR;
}

/* A run of atom characters, dots too if `dots`. */
static enum step read_atom(struct strict *p, struct buf *out, bool dots)
{
	size_t from = p->i;

	while (is_atext(here(p)) || (dots && here(p) == '.'))
		buf_addc(out, p->s.p[p->i++]);
	if (p->i == from)
		return STEP_ERROR;
	return skip_blanks(p);
}

/* Words with one blank between them. */
static enum step read_phrase(struct strict *p, struct buf *out)
{
	if (here(p) == '.')
		return STEP_ERROR;
	for (;;) {
		enum step step = here(p) == '"' ? read_quoted(p, out) :
			read_atom(p, out, true);

		if (step != STEP_MORE)
			return step;
		if (!is_atext(here(p)) && here(p) != '"' && here(p) != '.')
			return STEP_MORE;
		buf_addc(out, ' ');
	}
}

/* Atoms with dots between, blanks around the dots dropped. */
static enum step read_dotted(struct strict *p, struct buf *out)
{
	enum step step = STEP_MORE;

	if (!is_atext(here(p)))
		return STEP_ERROR;
	while (step == STEP_MORE) {
		if (here(p) == '.') {
			buf_addc(out, '.');
			p->i++;
			step = skip_blanks(p);
		} else if (is_atext(here(p)) &&
			   (out->n == 0 || out->p[out->n - 1] == '.')) {
			step = read_atom(p, out, false);
		} else {
			break;
		}
	}
	return step;
}

static enum step read_user(struct strict *p, struct mailbox *m)
{
	struct buf user;
	enum step step;

	buf_in(&user, p->a, LIMIT_HEADER_VALUE);
	step = here(p) == '"' ? read_quoted(p, &user) :
		read_dotted(p, &user);
	if (step != STEP_ERROR)
		m->user = buf_str(&user);
	return step;
}

/* "[1.2.3.4]" at '['; line ends in it go, backslashes stay. */
static enum step read_literal(struct strict *p, struct buf *out)
{
	buf_addc(out, '[');
	for (p->i++; here(p) >= 0; p->i++) {
		int c = here(p);

		if (c == '[')
			return STEP_ERROR;
		if (c == '\n') {
			if (out->p[out->n - 1] == '\r')
				out->n--;
			continue;
		}
		buf_addc(out, c);
		if (c == ']') {
			p->i++;
			return skip_blanks(p);
		}
		if (c == '\\' && p->i + 1 < p->s.n) {
			p->i++;
			buf_addc(out, here(p));
		}
	}
	return STEP_ERROR;
}

/* What stands behind an '@'. */
static enum step read_host(struct strict *p, struct str *host_r)
{
	struct buf host;
	enum step step;

	p->i++;
	step = skip_blanks(p);
	if (step != STEP_MORE)
		return STEP_ERROR;
	buf_in(&host, p->a, LIMIT_HEADER_VALUE);
	step = here(p) == '[' ? read_literal(p, &host) :
		read_dotted(p, &host);
	if (step != STEP_ERROR)
		*host_r = buf_str(&host);
	return step;
}

/* "@a,@b:" before an address: skipped. */
static enum step skip_route(struct strict *p)
{
	struct str host;
	enum step step;

	while (here(p) == '@') {
		step = read_host(p, &host);
		if (step != STEP_MORE)
			return STEP_ERROR;
		while (here(p) == ',') {
			p->i++;
			if (skip_blanks(p) != STEP_MORE)
				return STEP_ERROR;
		}
	}
	if (here(p) != ':')
		return STEP_ERROR;
	p->i++;
	return skip_blanks(p);
}

/* "<...>" at '<'. */
static enum step read_angle(struct strict *p, struct mailbox *m)
{
	enum step step;

	p->i++;
	step = skip_blanks(p);
	if (step != STEP_MORE)
		return STEP_ERROR;
	if (here(p) == '@' && skip_route(p) != STEP_MORE)
		return STEP_ERROR;
	if (here(p) != '>') {
		step = read_user(p, m);
		if (step != STEP_MORE)
			return STEP_ERROR;
		if (here(p) == '@' && read_host(p, &m->host) != STEP_MORE)
			return STEP_ERROR;
	}
	if (here(p) != '>')
		return STEP_ERROR;
	p->i++;
	return skip_blanks(p);
}

/* Whether what was read as a user is a mere phrase, since no host came: a
 * whole word at the end of the header, or one whose dots forbid it. */
static bool is_phrase(const struct mailbox *m, enum step user, bool at_sign)
{
	bool dot = str_ends(m->user, STR("."));

	if (!m->user.p || m->host.p)
		return false;
	if (str_find(m->user, STR("..")) >= 0)
		return true;
	return at_sign ? dot : user == STEP_END && !dot;
}

/* "user@host", or just a word. */
static enum step read_plain(struct strict *p, struct mailbox *m)
{
	enum step user, host;
	bool at_sign;

	p->comment.n = 0;
	user = host = read_user(p, m);
	at_sign = here(p) == '@';
	if (at_sign)
		host = read_host(p, &m->host);
	if (is_phrase(m, user, at_sign)) {
		m->phrase = m->user;
		m->user = STR_NONE;
	}
	return user == STEP_ERROR ? user : host;
}

static struct str copy_comment(struct strict *p)
{
	return p->comment.n ? str_dup(p->a, buf_str(&p->comment)) : STR_NONE;
}

static enum step read_mailbox(struct strict *p, struct mailbox *m)
{
	size_t start = p->i;
	struct buf phrase;
	enum step step = STEP_MORE;

	*m = (struct mailbox){ .user = STR_NONE };
	buf_in(&phrase, p->a, LIMIT_HEADER_VALUE);
	p->comment.n = 0;
	if (here(p) == ',')
		return STEP_MORE;
	if (here(p) != '<')
		step = read_phrase(p, &phrase);
	if (step == STEP_MORE && here(p) == '<') {
		if (phrase.n)
			m->phrase = buf_str(&phrase);
		p->comment.n = 0;
		step = read_angle(p, m);
	} else {
		p->i = start;
		step = read_plain(p, m);
	}
	m->comment = copy_comment(p);
	return step;
}

/* user@host, the user quoted where it is no dotted atom. */
static struct str compose(struct arena *a, const struct mailbox *m)
{
	bool plain = true;
	struct buf b;

	if (m->user.n == 0 || m->host.n == 0)
		return STR_NONE;
	for (size_t i = 0; i < m->user.n; i++) {
		int c = (unsigned char)m->user.p[i];

		if (!is_atext(c) && (c != '.' || i == 0 ||
				     i + 1 == m->user.n))
			plain = false;
	}
	if (plain)
		return str_cat(a, str_cat(a, m->user, STR("@")), m->host);
	buf_in(&b, a, 2 * LIMIT_HEADER_VALUE);
	buf_addc(&b, '"');
	for (size_t i = 0; i < m->user.n; i++) {
		if (m->user.p[i] && strchr("\"\\\n\r", m->user.p[i]))
			buf_addc(&b, '\\');
		buf_addc(&b, m->user.p[i]);
	}
	buf_adds(&b, STR("\"@"));
	buf_adds(&b, m->host);
	return buf_str(&b);
}

/* A lone phrase that is an address with a sound host is one. */
static bool phrase_is_address(struct str phrase)
{
	ssize_t at = str_chr(phrase, '@');
	struct str host;

	if (at <= 0 || !address_plausible(phrase))
		return false;
	for (size_t i = 0; i < phrase.n; i++) {
		if (is_space((unsigned char)phrase.p[i]))
			return false;
	}
	host = str_from(phrase, (size_t)at + 1);
	return host.n && str_chr(host, '@') < 0 && host_is_valid(host);
}

static void add(struct strict *p, const struct mailbox *m,
		struct addresses *out)
{
	struct str addr = compose(p->a, m), name = m->phrase;

	if (!addr.p && !m->user.p && !m->comment.p && name.p &&
	    phrase_is_address(name)) {
		addr = name;
		name = STR_NONE;
	}
	if (!name.p)
		name = m->comment;
	if (!name.p && !addr.p)
		name = p->s;
	addresses_add(p->a, out, addr, name);
}

/* A group's name and colon, if one starts here: skipped. */
static bool skip_group_name(struct strict *p)
{
	size_t start = p->i;
	struct buf phrase;

	buf_in(&phrase, p->a, LIMIT_HEADER_VALUE);
	if ((here(p) != ':' && read_phrase(p, &phrase) != STEP_MORE) ||
	    here(p) != ':') {
		p->i = start;
		return false;
	}
	p->i++;
	return true;
}

static enum step read_list(struct strict *p, bool group,
			   struct addresses *out);

/* A group behind its name: mailboxes and ';'. */
static enum step read_group(struct strict *p, struct addresses *out)
{
	enum step step = skip_blanks(p);

	if (step == STEP_MORE && here(p) != ';')
		step = read_list(p, true, out);
	if (step != STEP_MORE || here(p) != ';')
		return step;
	p->i++;
	return skip_blanks(p);
}

/* Mailboxes (and groups, outside of one) up to the end or to something else
 * than a comma. */
static enum step read_list(struct strict *p, bool group,
			   struct addresses *out)
{
	struct mailbox m;
	enum step step;

	do {
		if (!group && skip_group_name(p)) {
			step = read_group(p, out);
		} else {
			step = read_mailbox(p, &m);
			add(p, &m, out);
		}
		if (here(p) != ',')
			return step == STEP_MORE && group ? step : STEP_ERROR;
		p->i++;
	} while (skip_blanks(p) != STEP_END);
	return STEP_END;
}

void addresses_strict(struct arena *a, struct str s, struct addresses *out)
{
	struct strict p = { .a = a, .s = address_without_pairs(a, s) };

	buf_in(&p.comment, a, LIMIT_HEADER_VALUE);
	if (skip_blanks(&p) == STEP_MORE)
		read_list(&p, false, out);
}
