/*
 * Template tags: what _SCORE_, _TESTS(,)_, _HEADER(From)_ and kin stand for
 * (reference 5.1). One row a tag; what rules captured and tests noted come
 * after the table; an unknown tag stays as it is written.
 */
#include "scan/scan_int.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mail/message.h"
#include "match/selector.h"
#include "scan/identity.h"
#include "scan/tags_bayes.h"
#include "scan/tags_relays.h"

#define EXPANDED_MAX ((size_t)4 << 20)

/* The argument is STR_NONE when the tag has none. */
typedef struct str tag_fn(struct scan *s, struct str arg);

/* As in Perl, where "0" is false too. */
static bool is_true(struct str s)
{
	return s.n && !str_eq(s, STR("0"));
}

static struct str or_else(struct str arg, const char *otherwise)
{
	return is_true(arg) ? arg : str_cstr(otherwise);
}

static struct str tag_yesno(struct scan *s, struct str arg)
{
	ssize_t comma = arg.p ? str_chr(arg, ',') : -1;
	struct str yes = arg.n ? arg : STR("Yes");
	struct str no = STR("No");

	if (comma >= 0) {
		yes = str_head(arg, (size_t)comma);
		no = str_from(arg, (size_t)comma + 1);
	}
	return s->is_spam ? yes : no;
}

static struct str tag_yesnocaps(struct scan *s, struct str arg)
{
	return str_upper(s->arena, tag_yesno(s, arg));
}

static struct str tag_score(struct scan *s, struct str pad)
{
	struct str score = scan_score_text(s);
	size_t width = pad.n + 3;

	if (pad.n == 0 || score.n >= width)
		return score;
	for (size_t i = 0; i < pad.n; i++)
		if (pad.p[i] != pad.p[0] || !memchr("0 ", pad.p[i], 2))
			return score;
	return str_cat(s->arena, str_head(pad, width - score.n), score);
}

static struct str tag_reqd(struct scan *s, struct str arg)
{
	(void)arg;
	return scan_required_text(s);
}

static struct str tag_version(struct scan *s, struct str arg)
{
	(void)s, (void)arg;
	return identity_version();
}

static struct str tag_subversion(struct scan *s, struct str arg)
{
	(void)s, (void)arg;
	return identity_subversion();
}

static struct str tag_rulesversion(struct scan *s, struct str arg)
{
	struct str version = s->engine->rules->rules_version;

	(void)arg;
	return version.p ? version : STR("");
}

static struct str tag_hostname(struct scan *s, struct str arg)
{
	struct str own = settings_option(s->settings, STR("report_hostname"));

	(void)arg;
	return is_true(own) ? own : identity_hostname();
}

static struct str tag_remotehostname(struct scan *s, struct str arg)
{
	(void)arg;
	return or_else(str_cstr(s->options->remote_host), "localhost");
}

static struct str tag_remotehostaddr(struct scan *s, struct str arg)
{
	(void)arg;
	return or_else(str_cstr(s->options->remote_addr), "127.0.0.1");
}

static struct str tag_contactaddress(struct scan *s, struct str arg)
{
	(void)arg;
	return settings_option(s->settings, STR("report_contact"));
}

static struct str tag_date(struct scan *s, struct str arg)
{
	(void)arg;
	return identity_date(s->arena, clock_now());
}

static struct str tag_stars(struct scan *s, struct str arg)
{
	struct str star = or_else(arg, "*");
	int n = s->score > 50 ? 50 : (int)s->score;
	struct buf out;

	buf_in(&out, s->arena, 50 * star.n + 1);
	for (int i = 0; i < n; i++)
		buf_adds(&out, star);
	return buf_str(&out);
}

static struct str tag_autolearn(struct scan *s, struct str arg)
{
	(void)arg;
	return scan_autolearn(s);
}

static struct str tag_autolearnscore(struct scan *s, struct str arg)
{
	(void)arg;
	return str_printf(s->arena, "%.15g", scan_autolearn_points(s));
}

static struct str joined(struct scan *s, const struct strs *list,
			 struct str sep)
{
	return list->n ? strs_join(s->arena, list, or_else(sep, ","))
		       : STR("none");
}

static struct str tag_tests(struct scan *s, struct str arg)
{
	return joined(s, &s->tests, arg);
}

static struct str tag_subtests(struct scan *s, struct str arg)
{
	return joined(s, &s->subtests, arg);
}

static struct str tag_subtestscollapsed(struct scan *s, struct str arg)
{
	struct strs list = { 0 };
	const struct strs *all = &s->subtests;

	/* SpamAssassin joins with "," whatever the argument: its own list is
	 * one string already. */
	(void)arg;
	for (size_t i = 0, n; i < all->n; i += n) {
		for (n = 1; i + n < all->n &&
			    str_eq(all->v[i], all->v[i + n]);)
			n++;
		strs_add(s->arena, &list,
			 n == 1 ? all->v[i]
				: str_printf(s->arena, "%.*s(%zu)",
					     STR_ARG(all->v[i]), n));
	}
	return joined(s, &list, STR(","));
}

/* The score that stands beside a test's name: what is configured, even where it
 * counted once a hit (surprise 44). */
static double shown_score(const struct scan *s, struct str name)
{
	const struct rule *r = ruleset_find(s->engine->rules, name);

	for (size_t i = 0; i < s->nhits; i++)
		if (s->hits[i].own_score && str_eq(s->hits[i].name, name))
			return s->hits[i].score;
	return r ? scan_rule_score(s, r) : 0.001;
}

static struct str tag_testsscores(struct scan *s, struct str arg)
{
	struct strs list = { 0 };

	for (size_t i = 0; i < s->tests.n; i++)
		strs_add(s->arena, &list,
			 str_printf(s->arena, "%.*s=%.7g",
				    STR_ARG(s->tests.v[i]),
				    shown_score(s, s->tests.v[i])));
	return joined(s, &list, arg);
}

static struct str tag_preview(struct scan *s, struct str arg)
{
	(void)arg;
	return report_preview(s);
}

static struct str tag_report(struct scan *s, struct str arg)
{
	(void)arg;
	report_summarise(s);
	return str_cat(s->arena, STR("\n"), s->report_text);
}

static struct str tag_summary(struct scan *s, struct str arg)
{
	(void)arg;
	report_summarise(s);
	return s->summary_text;
}

static struct str tag_subjprefix(struct scan *s, struct str arg)
{
	(void)arg;
	return s->subjprefix;
}

/* Of pieces of headers (addresses, hosts) a tag has the first one only. */
static bool gives_pieces(struct str selector)
{
	struct str rest = selector, mod;

	if (str_eq(selector, STR("EnvelopeFrom")))
		return true;
	str_next(&rest, ':', &mod);
	while (str_next(&rest, ':', &mod))
		if (!str_eq(mod, STR("raw")) && !str_eq(mod, STR("first")) &&
		    !str_eq(mod, STR("last")))
			return true;
	return false;
}

static struct str tag_header(struct scan *s, struct str arg)
{
	struct str v = is_true(arg) ? selector_get_text(s->msg, arg) : STR("");
	ssize_t eol = str_chr(v, '\n');

	if (eol >= 0 && gives_pieces(arg))
		v.n = (size_t)eol;
	return v.p ? v : STR("");
}

static struct str tag_addedheaderham(struct scan *s, struct str arg)
{
	(void)arg;
	return rewrite_added_headers(s, false);
}

static struct str tag_addedheaderspam(struct scan *s, struct str arg)
{
	(void)arg;
	return rewrite_added_headers(s, true);
}

static struct str tag_addedheader(struct scan *s, struct str arg)
{
	(void)arg;
	return rewrite_added_headers(s, s->is_spam);
}

/* Known, but empty until somebody sets them (or until their issue). */
static struct str tag_empty(struct scan *s, struct str arg)
{
	(void)s, (void)arg;
	return STR("");
}

static const struct {
	const char *name;
	tag_fn *fn;
} table[] = {
	{ "ADDEDHEADER", tag_addedheader },
	{ "ADDEDHEADERHAM", tag_addedheaderham },
	{ "ADDEDHEADERSPAM", tag_addedheaderspam },
	{ "AUTOLEARN", tag_autolearn },
	{ "AUTOLEARNSCORE", tag_autolearnscore },
	{ "BAYES", tag_bayes },
	{ "BAYESTC", tag_bayestc },
	{ "BAYESTCHAMMY", tag_bayestchammy },
	{ "BAYESTCLEARNED", tag_bayestclearned },
	{ "BAYESTCSPAMMY", tag_bayestcspammy },
	{ "CONTACTADDRESS", tag_contactaddress },
	{ "DATE", tag_date },
	{ "FIRSTTRUSTEDIP", tag_firsttrustedip },
	{ "FIRSTTRUSTEDREVIP", tag_firsttrustedrevip },
	{ "HAMMYTOKENS", tag_hammytokens },
	{ "HEADER", tag_header },
	{ "HITS", tag_score },
	{ "HOSTNAME", tag_hostname },
	{ "LASTEXTERNALHELO", tag_lastexternalhelo },
	{ "LASTEXTERNALIP", tag_lastexternalip },
	{ "LASTEXTERNALRDNS", tag_lastexternalrdns },
	{ "LASTEXTERNALREVIP", tag_lastexternalrevip },
	{ "PREVIEW", tag_preview },
	{ "RELAYSEXTERNAL", tag_relaysexternal },
	{ "RELAYSINTERNAL", tag_relaysinternal },
	{ "RELAYSTRUSTED", tag_relaystrusted },
	{ "RELAYSUNTRUSTED", tag_relaysuntrusted },
	{ "REMOTEHOSTADDR", tag_remotehostaddr },
	{ "REMOTEHOSTNAME", tag_remotehostname },
	{ "REPORT", tag_report },
	{ "REQD", tag_reqd },
	{ "RULESVERSION", tag_rulesversion },
	{ "SCORE", tag_score },
	{ "SPAMMYTOKENS", tag_spammytokens },
	{ "STARS", tag_stars },
	{ "SUBJPREFIX", tag_subjprefix },
	{ "SUBTESTS", tag_subtests },
	{ "SUBTESTSCOLLAPSED", tag_subtestscollapsed },
	{ "SUBVERSION", tag_subversion },
	{ "SUMMARY", tag_summary },
	{ "TESTS", tag_tests },
	{ "TESTSSCORES", tag_testsscores },
	{ "TIMING", tag_empty },
	{ "TOKENSUMMARY", tag_tokensummary },
	{ "VERSION", tag_version },
	{ "YESNO", tag_yesno },
	{ "YESNOCAPS", tag_yesnocaps },
};

/* Tags that plug-ins fill; they render empty while nothing did. */
static const char *const predeclared[] = {
	"ASN", "ASNCIDR", "AWL", "AWLCOUNT", "AWLMEAN", "AWLPRESCORE",
	"DCCB", "DCCR", "DCCREP", "DKIMDOMAIN", "DKIMIDENTITY", "DKIMSELECTOR",
	"EXTRACTTEXTCHARS", "EXTRACTTEXTEXTENSIONS", "EXTRACTTEXTFLAGS",
	"EXTRACTTEXTTOOLS", "EXTRACTTEXTTYPES", "EXTRACTTEXTURIS",
	"EXTRACTTEXTWORDS", "LANGUAGES", "PYZOR", "RBL",
};

static tag_fn *find_fn(struct str name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(name, str_cstr(table[i].name)))
			return table[i].fn;
	return NULL;
}

/* The value of tag (without underscores), or STR_NONE if nobody knows it. */
static struct str tag_value(struct scan *s, struct str name, struct str arg)
{
	tag_fn *fn = find_fn(name);
	const struct strs *captured = map_get(&s->captures, name);
	const struct str *set = map_get(&s->tags, name);
	struct str v;

	if (fn) {
		v = fn(s, arg);
		return v.p ? v : STR("");
	}
	if (set)
		return *set;
	if (captured)
		return strs_join(s->arena, captured, STR(" "));
	v = tag_of_hosts(s, name);
	for (size_t i = 0; !v.p && i < sizeof(predeclared) /
					 sizeof(predeclared[0]); i++)
		if (str_eq(name, str_cstr(predeclared[i])))
			v = STR("");
	return v;
}

/* Length of the longest word of a tag's form at the start of t: groups of
 * capitals and digits joined by single underscores. */
static size_t word_length(struct str t)
{
	size_t n = 0;

	if (t.n == 0 || !is_upper((unsigned char)t.p[0]))
		return 0;
	for (;;) {
		size_t m = n;

		while (m < t.n && (is_upper((unsigned char)t.p[m]) ||
				   is_digit((unsigned char)t.p[m])))
			m++;
		if (m == n)
			return n - 1;	/* the underscore before it closes */
		n = m;
		if (n + 1 >= t.n || t.p[n] != '_')
			return n;
		n++;
	}
}

/* A tag at the start of t, which follows an underscore: its name, argument
 * and length with the closing underscore; 0 if there is none. */
static size_t parse_tag(struct str t, struct str *name_r, struct str *arg_r)
{
	size_t n = word_length(t);

	*arg_r = STR_NONE;
	if (n && n < t.n && t.p[n] == '(') {
		struct str rest = str_from(t, n + 1);
		ssize_t close = str_find(rest, STR(")_"));
		ssize_t eol = str_chr(rest, '\n');

		if (close >= 0 && (eol < 0 || close < eol)) {
			*name_r = str_head(t, n);
			*arg_r = str_head(rest, (size_t)close);
			return n + 1 + (size_t)close + 2;
		}
	}
	/* The last underscore of the word may be the closing one. */
	for (; n > 0; n--)
		if (n < t.n && t.p[n] == '_' && t.p[n - 1] != '_') {
			*name_r = str_head(t, n);
			return n + 1;
		}
	return 0;
}

/* Inside an added header these would call themselves. */
static bool is_recursive(struct str name)
{
	return str_starts(name, STR("ADDEDHEADER")) && find_fn(name);
}

struct str tags_expand(struct scan *s, struct str text)
{
	struct buf out;

	buf_in(&out, s->arena, EXPANDED_MAX);
	for (size_t i = 0; i < text.n;) {
		struct str name, arg, v = STR_NONE;
		size_t n = 0;

		if (text.p[i] == '_')
			n = parse_tag(str_from(text, i + 1), &name, &arg);
		if (!n) {
			buf_addc(&out, text.p[i++]);
			continue;
		}
		if (!is_recursive(name))
			v = tag_value(s, name, arg);
		if (v.p)
			buf_adds(&out, v);
		else
			buf_adds(&out, str_make(text.p + i, n + 1));
		i += n + 1;
	}
	return buf_str(&out);
}

struct str scan_tag(struct scan *s, struct str tag)
{
	return tags_expand(s, tag);
}
