/*
 * The results that other hosts noted in Authentication-Results headers (RFC
 * 8601) and in those of ARC (RFC 8617), for rules that ask how a method ended
 * (SpamAssassin's AuthRes). Only headers that stand above the Received header
 * of the first foreign host count (authres_networks), and of them those of
 * hosts that are trusted and not ignored by name.
 *
 * A header counts in whole or not at all: one unknown method, result, kind of
 * property or property spoils it, so nothing that is half understood is
 * believed. Of several results of a method the first one counts, but for a
 * "pass", which always does.
 *
 * Habits of SpamAssassin's are kept: "none" in the place of a method spoils a
 * header, even behind others; and what cannot be a value is skipped until
 * something can.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "conf/settings.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "match/selector.h"

/* A method, the results it may have, and its properties, "kind.name" each;
 * "kind.*" is any name. */
struct method {
	const char *name;
	const char *results;
	const char *properties;
};

static const struct method methods[] = {
	{ "arc", "fail none pass",
	  "smtp.remote-ip header.oldest-pass arc.chain" },
	{ "auth", "fail none pass permerror temperror",
	  "smtp.auth smtp.mailfrom" },
	{ "dkim", "fail neutral none pass permerror policy temperror",
	  "header.d header.i header.b header.a header.s" },
	{ "dkim-adsp",
	  "discard fail none nxdomain pass permerror temperror unknown",
	  "header.from" },
	{ "dkim-atps", "fail none pass permerror temperror neutral",
	  "header.from" },
	{ "dmarc", "bestguesspass fail none pass permerror temperror",
	  "header.from policy.dmarc" },
	{ "dnswl", "none pass permerror temperror",
	  "dns.zone dns.sec policy.ip policy.txt" },
	{ "domainkeys", "fail neutral none permerror policy pass temperror",
	  "header.d header.from header.sender" },
	{ "iprev", "fail pass permerror temperror", "policy.iprev" },
	{ "rrvs", "fail none pass permerror temperror unknown",
	  "smtp.rcptto" },
	{ "sender-id", "fail hardfail neutral none pass permerror policy "
	  "softfail temperror", "header.*" },
	/* "identifer" is how SpamAssassin spells it, and so do we. */
	{ "smime", "fail neutral none pass permerror policy temperror",
	  "body.smime-part body.smime-identifer body.smime-serial "
	  "body.smime-issuer" },
	{ "spf", "fail hardfail neutral none pass permerror policy softfail "
	  "temperror",
	  "smtp.mailfrom smtp.mfrom smtp.helo smtp.rcpttodomain" },
	{ "vbr", "fail none pass permerror temperror", "header.md header.mv" },
};

#define NMETHODS (sizeof(methods) / sizeof(methods[0]))

/* By method; STR_NONE: there is no result. */
struct auth_results {
	struct str result[NMETHODS];
};

/* Is word one of the words of list, or "kind.*" for one of its kind? */
static bool has_word(const char *list, struct str word)
{
	struct str rest = str_cstr(list), one;

	while (str_next_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

/* Does the method have properties of this kind? */
static bool has_kind(const struct method *m, struct str kind)
{
	struct str rest = str_cstr(m->properties), one;

	while (str_next_word(&rest, &one))
		if (one.n > kind.n && one.p[kind.n] == '.' &&
		    str_starts(one, kind))
			return true;
	return false;
}

/* --- Reading from the front of *s --- */

/* White space and one comment, in which others may nest. False if it does not
 * end; '\\' means nothing there. */
static bool skip_space(struct str *s)
{
	size_t depth = 0, i = 0;

	*s = str_ltrim(*s);
	if (!s->n || s->p[0] != '(')
		return true;
	for (; i < s->n; i++) {
		depth += s->p[i] == '(';
		depth -= s->p[i] == ')';
		if (depth == 0)
			break;
	}
	if (i == s->n)
		return false;
	*s = str_ltrim(str_from(*s, i + 1));
	return true;
}

typedef bool byte_test(int c);

static bool take_bytes(struct str *s, byte_test *is, struct str *out_r)
{
	size_t n = 0;

	while (n < s->n && is((unsigned char)s->p[n]))
		n++;
	*out_r = str_head(*s, n);
	*s = str_from(*s, n);
	return n > 0;
}

static bool is_token(int c)
{
	return c > 0x1f && c < 0x80 && !is_space(c) &&
	       !strchr("()<>@,;:/[]?=\"", c);
}

static bool is_name(int c)
{
	return is_word(c) || c == '-';
}

/* What a value that is no quoted string may end with. */
static bool ends_value(int c)
{
	return is_token(c) || (c && strchr("@/=?", c));
}

static bool take_byte(struct str *s, int c)
{
	if (!s->n || (unsigned char)s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* A word in any case, nothing of a longer one. */
static bool take_word(struct str *s, struct str word)
{
	if (!str_istarts(*s, word) ||
	    (s->n > word.n && is_word((unsigned char)s->p[word.n])))
		return false;
	*s = str_from(*s, word.n);
	return true;
}

/* A quoted string; its closing quote may be missing. */
static bool take_quoted(struct str *s)
{
	size_t i = 1;

	if (!s->n || s->p[0] != '"')
		return false;
	while (i < s->n && s->p[i] != '"') {
		/* A backslash must have something to quote: the string ends
		 * before one that has not. */
		if (s->p[i] == '\\' &&
		    (i + 1 >= s->n || s->p[i + 1] == '\n'))
			break;
		i += s->p[i] == '\\' ? 2 : 1;
	}
	if (i < s->n && s->p[i] == '"')
		i++;
	*s = str_from(*s, i);
	return true;
}

/* A value that is no quoted string: what is no value in front of it is skipped,
 * even over white space and ';' (SpamAssassin anchors only quoted strings). */
static bool take_value(struct str *s)
{
	if (take_quoted(s))
		return true;
	for (size_t i = 0; i < s->n; i++) {
		int next = i + 1 < s->n ? (unsigned char)s->p[i + 1] : ';';

		if ((next == ';' || is_space(next)) &&
		    ends_value((unsigned char)s->p[i])) {
			*s = str_from(*s, i + 1);
			return true;
		}
	}
	return false;
}

/* A quoted string, or the first token, wherever it is. */
static bool take_remark(struct str *s)
{
	struct str token;

	if (take_quoted(s))
		return true;
	while (s->n && !is_token((unsigned char)s->p[0]))
		*s = str_from(*s, 1);
	return take_bytes(s, is_token, &token);
}

static bool take_digits(struct str *s)
{
	struct str digits;

	return take_bytes(s, is_digit, &digits);
}

/* --- The grammar --- */

/* "i=N;" in front of what an ARC header says. */
static bool take_instance(struct str *s)
{
	struct str digits;
	long n;

	return str_starts(*s, STR("i")) && take_word(s, STR("i")) &&
	       skip_space(s) && take_byte(s, '=') && skip_space(s) &&
	       take_bytes(s, is_digit, &digits) && str_to_long(digits, &n) && n >= 1 && n <= 50 &&
	       skip_space(s) && take_byte(s, ';') && skip_space(s);
}

static bool is_believed(struct eval_ctx *c, struct str server)
{
	const struct strs *trusted, *ignored;

	trusted = settings_list(c->settings, STR("authres_trusted_authserv"));
	ignored = settings_list(c->settings, STR("authres_ignored_authserv"));
	if (trusted && trusted->n && !strs_has(trusted, server))
		return false;
	return !ignored || !strs_has(ignored, server);
}

/* The host's name and maybe a version. */
static bool take_server(struct eval_ctx *c, struct str *s, struct str *server_r)
{
	struct str name;

	if (!take_bytes(s, is_token, &name) || take_byte(s, '='))
		return false;
	*server_r = str_lower(c->arena, name);
	if (!is_believed(c, *server_r) || !skip_space(s))
		return false;
	if (take_digits(s) && !skip_space(s))
		return false;
	return take_byte(s, ';') && skip_space(s);
}

/* Some hosts repeat their name in front of a method. */
static bool skip_server(struct str *s, struct str server)
{
	struct str rest;

	if (!str_starts(*s, server))
		return true;
	rest = str_ltrim(str_from(*s, server.n));
	if (!take_byte(&rest, ';'))
		return true;
	*s = rest;
	return skip_space(s);
}

/* "reason=..." or "action=...", which say nothing to rules. */
static bool skip_remark(struct str *s, struct str word)
{
	if (!take_word(s, word))
		return true;
	return skip_space(s) && take_byte(s, '=') && skip_space(s) &&
	       take_remark(s) && skip_space(s);
}

static const struct method *method_named(struct eval_ctx *c, struct str name)
{
	name = str_lower(c->arena, name);
	for (size_t i = 0; i < NMETHODS; i++)
		if (str_eq(name, str_cstr(methods[i].name)))
			return &methods[i];
	return NULL;
}

/* "kind.name=value" */
static bool take_property(struct eval_ctx *c, struct str *s,
			  const struct method *m)
{
	struct str kind, name, both;

	if (!take_bytes(s, is_name, &kind))
		return false;
	kind = str_lower(c->arena, kind);
	if (!has_kind(m, kind) || !skip_space(s) || !take_byte(s, '.') ||
	    !skip_space(s) || !take_bytes(s, is_name, &name))
		return false;
	both = str_printf(c->arena, "%.*s.%.*s", STR_ARG(kind),
			  STR_ARG(str_lower(c->arena, name)));
	if (!has_word(m->properties, both) &&
	    !has_word(m->properties, str_cat(c->arena, kind, STR(".*"))))
		return false;
	return skip_space(s) && take_byte(s, '=') && skip_space(s) &&
	       take_value(s) && skip_space(s);
}

/* The properties up to the ';' or the end that closes a method. */
static bool take_properties(struct eval_ctx *c, struct str *s,
			    const struct method *m)
{
	while (s->n) {
		if (take_byte(s, ';'))
			return skip_space(s);
		if (!take_property(c, s, m))
			return false;
	}
	return true;
}

/* "method[/version]=result ..." */
static bool take_method(struct eval_ctx *c, struct str *s,
			const struct method **method_r, struct str *result_r)
{
	struct str name;

	if (take_word(s, STR("none")) || !take_bytes(s, is_name, &name))
		return false;
	*method_r = method_named(c, name);
	if (!*method_r || !skip_space(s))
		return false;
	if (take_byte(s, '/') &&
	    (!skip_space(s) || !take_digits(s) || !skip_space(s)))
		return false;
	return take_byte(s, '=') && skip_space(s) &&
	       take_bytes(s, is_word, result_r) &&
	       has_word((*method_r)->results, *result_r) && skip_space(s) &&
	       skip_remark(s, STR("reason")) &&
	       skip_remark(s, STR("action")) &&
	       take_properties(c, s, *method_r);
}

/* Keeps what a header says, if all of it is understood. */
static void read_header(struct eval_ctx *c, struct str s, bool arc,
			struct auth_results *into)
{
	struct auth_results found = *into;
	const struct method *m;
	struct str server, result, *to;

	if ((arc && !take_instance(&s)) || !take_server(c, &s, &server))
		return;
	while (s.n) {
		if (!skip_server(&s, server) ||
		    !take_method(c, &s, &m, &result))
			return;
		to = &found.result[m - methods];
		if (!to->p || str_eq(result, STR("pass")))
			*to = result;
	}
	*into = found;
}

/* --- Which headers --- */

/* The text of the headers that count. */
static struct str believed_headers(struct eval_ctx *c)
{
	struct str nets = settings_option(c->settings,
					  STR("authres_networks"));

	if (str_eq(nets, STR("internal")))
		return message_headers_of_side(c->msg, RELAY_INTERNAL, false);
	if (str_eq(nets, STR("trusted")))
		return message_headers_of_side(c->msg, RELAY_TRUSTED, false);
	return message_all_headers(c->msg);
}

/* Reads one line that begins with the name of such a header. */
static void read_line(struct eval_ctx *c, struct str line,
		      struct auth_results *into)
{
	bool arc = str_istarts(line, STR("ARC-"));
	static const struct str name = STR("Authentication-Results:");
	struct str s = str_from(line, arc ? 4 : 0);

	if (!str_istarts(s, name))
		return;
	s = str_ltrim(str_from(s, name.n));
	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n)
		read_header(c, s, arc, into);
}

static const struct auth_results *auth_results(struct eval_ctx *c)
{
	struct message *m = c->msg;
	struct auth_results *r = m->memo[MEMO_AUTH_RESULTS];
	struct str rest, line;

	if (r)
		return r;
	r = arena_alloc(m->arena, sizeof(*r));
	rest = believed_headers(c);
	while (str_next_line(&rest, &line))
		read_line(c, line, r);
	m->memo[MEMO_AUTH_RESULTS] = r;
	return r;
}

/* check_authres_result(method, result); "missing" is a result, too. */
static int check_authres_result(struct eval_ctx *c, const struct strs *args)
{
	const struct auth_results *r = auth_results(c);
	struct str wanted = str_lower(c->arena, eval_arg(args, 1));
	struct str found = STR_NONE;

	for (size_t i = 0; i < NMETHODS; i++)
		if (str_eq(eval_arg(args, 0), str_cstr(methods[i].name)))
			found = r->result[i];
	if (str_eq(wanted, STR("missing")))
		return !found.p;
	return found.p && str_eq(found, wanted);
}

const struct eval_test eval_auth_results_tests[] = {
	{ "check_authres_result", EVAL_HEADER, check_authres_result, NULL,
	  "a trusted host noted that result of an authentication method" },
	{ NULL, 0, NULL, NULL, NULL },
};
