/*
 * SpamAssassin's plug-in TextCat: which languages a message may be in. Its text
 * (the body that rules see, without what looks like links and addresses) is
 * compared with models of languages before the first rule runs. What it finds are
 * the metadata X-Languages and X-Languages-Length, which rules read like headers,
 * the tags _LANGUAGES_ and _TEXTCATRESULTS_, and whether somebody who only reads
 * ok_languages wants the mail (check_language).
 *
 * Models are read from the file `languages` where SpamAssassin finds it. What of
 * the text is left out is written here as loops where SpamAssassin has regexes:
 * one pass a line, and no more lines than are looked at.
 */
#include "eval/textcat.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/ruleset.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "mail/message.h"

#define LANGUAGES STR("X-Languages")
#define LENGTH STR("X-Languages-Length")

/* Shorter texts say too little. */
#define TEXT_MIN 256
/* Languages that _TEXTCATRESULTS_ tells. */
#define TOLD_MAX 20

struct textcat {
	struct textcat_models *models;	/* NULL: the file has none */
};

static void *load(struct arena *a, struct ruleset *rs)
{
	const char *path = ruleset_support_file(rs, "languages");
	struct textcat *t = arena_alloc(a, sizeof(*t));
	struct str text;

	if (!path) {
		diag_add(&rs->diags, DIAG_WARN, "", 0,
			 "TextCat: there is no file `languages` beside the "
			 "rules: no language is known");
		return NULL;
	}
	if (load_slurp(a, path, &text) < 0)
		diag_add(&rs->diags, DIAG_WARN, path, 0,
			 "TextCat: cannot be read: %s", strerror(errno));
	else
		t->models = textcat_models_new(a, text);
	if (!t->models)
		diag_add(&rs->diags, DIAG_WARN, path, 0,
			 "TextCat: no model of a language is in it");
	return t;
}

/* ---- what of the text is looked at ---- */

/* How many octets from `at` on are no white space, max at most. */
static size_t run_length(struct str s, size_t at, size_t max)
{
	size_t n = 0;

	while (n < max && at + n < s.n &&
	       !is_space((unsigned char)s.p[at + n]))
		n++;
	return n;
}

/* The end of "http://x" and kin at *start, or 0. */
static size_t link_at(struct str s, size_t from, size_t *start)
{
	static const struct str joints[] = {
		STR("://"), STR(":&#x2F;&#x2F;"), STR("%3A%2F%2F"),
	};
	size_t at = *start + strlen("http");

	(void)from;
	at += at < s.n && s.p[at] == 's';
	for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++) {
		size_t n;

		if (!str_starts(str_from(s, at), joints[i]))
			continue;
		n = run_length(s, at + joints[i].n, 1024);
		return n ? at + joints[i].n + n : 0;
	}
	return 0;
}

/* The end of "www.x" at *start, or 0. */
static size_t host_at(struct str s, size_t from, size_t *start)
{
	size_t at = *start, n;

	(void)from;
	if (at && is_word((unsigned char)s.p[at - 1]))
		return 0;
	n = run_length(s, at + strlen("www."), 128);
	return n ? at + strlen("www.") + n : 0;
}

/* s with a blank for whatever has `first` in it: end_at says where it ends (0:
 * it is none), and may move *start, where `first` stands, back to `from`. */
static struct str cut(struct arena *a, struct str s, struct str first,
		      size_t (*end_at)(struct str s, size_t from,
				       size_t *start))
{
	size_t from = 0, at = 0;
	struct buf out;

	buf_in(&out, a, s.n + 1);
	for (;;) {
		ssize_t next = str_find(str_from(s, at), first);
		size_t start, end;

		if (next < 0)
			break;
		start = at += (size_t)next;
		end = end_at(s, from, &start);
		if (!end) {
			at++;
			continue;
		}
		buf_add(&out, s.p + from, start - from);
		buf_addc(&out, ' ');
		from = at = end;
	}
	if (!from)
		return s;
	buf_adds(&out, str_from(s, from));
	return buf_str(&out);
}

/* The end of "@x..." at `at`, or 0. */
static size_t domain_at(struct str s, size_t at)
{
	size_t n;

	if (at + 1 >= s.n || !is_alpha((unsigned char)s.p[at + 1]))
		return 0;
	n = run_length(s, at + 2, 128);
	return n ? at + 2 + n : 0;
}

/* The end of an address around the "@" at *start: 1 to 64 octets before it,
 * and what follows; or 0. */
static size_t address_at(struct str s, size_t from, size_t *start)
{
	size_t at = *start, end = domain_at(s, at);

	while (*start > from && at - *start < 64 &&
	       !is_space((unsigned char)s.p[*start - 1]))
		--*start;
	return *start == at ? 0 : end;
}

/* Words with a colon at the start of the text ("Re: Fwd:") are left out, with the
 * white space behind each, newlines too. */
struct prefixes {
	int n;
	bool over;		/* something else came */
};

#define PREFIXES_MAX 10

static struct str cut_prefixes(struct prefixes *p, struct str line)
{
	while (!p->over) {
		size_t n = 0;

		if (p->n) {
			line = str_ltrim(line);
			if (line.n == 0)
				break;
		}
		while (n < line.n && is_alpha((unsigned char)line.p[n]))
			n++;
		p->over = p->n == PREFIXES_MAX || n < 2 || n > 12 ||
			  n >= line.n || line.p[n] != ':';
		if (!p->over) {
			p->n++;
			line = str_from(line, n + 1);
		}
	}
	return line;
}

static struct str text_of(struct eval_ctx *c)
{
	const struct strs *body = message_body(c->msg);
	struct prefixes prefixes = { 0 };
	struct buf out;

	buf_in(&out, c->arena, TEXTCAT_TEXT_MAX);
	for (size_t i = 0; i < body->n && out.n < TEXTCAT_TEXT_MAX; i++) {
		bool eaten = prefixes.n && !prefixes.over;
		struct str line = cut_prefixes(&prefixes, body->v[i]);

		/* Lines are parted by one more newline than they have. */
		if (i && !eaten)
			buf_addc(&out, '\n');
		line = cut(c->arena, line, STR("http"), link_at);
		line = cut(c->arena, line, STR("@"), address_at);
		line = cut(c->arena, line, STR("www."), host_at);
		buf_adds(&out, line);
	}
	return buf_str(&out);
}

/* ---- looking at a message ---- */

static void set_tag(struct eval_ctx *c, struct str name, struct str value)
{
	struct str *copy = arena_alloc(c->arena, sizeof(*copy));

	*copy = value;
	map_set(c->tags, name, copy);
}

static struct strs words_of(struct eval_ctx *c, const char *option)
{
	struct str rest = settings_option(c->settings, str_cstr(option)), word;
	struct strs list = { 0 };

	while (str_next_word(&rest, &word))
		strs_add(c->arena, &list, word);
	return list;
}

static struct strs languages_to_skip(struct eval_ctx *c)
{
	struct strs inactive = words_of(c, "inactive_languages");
	struct strs wanted = words_of(c, "ok_languages"), skip = { 0 };

	for (size_t i = 0; i < inactive.n; i++)
		if (!strs_has(&wanted, inactive.v[i]))
			strs_add(c->arena, &skip, inactive.v[i]);
	return skip;
}

static struct str told_results(struct eval_ctx *c,
			       const struct textcat_result *r, size_t n)
{
	struct strs list = { 0 };

	for (size_t i = 0; i < n && i < TOLD_MAX; i++) {
		struct str share = STR("unknown");

		if (r[0].distance != 0)
			share = str_printf(c->arena, "%.2f",
					   r[i].distance / r[0].distance);
		strs_add(c->arena, &list,
			 str_printf(c->arena, "%.*s:%.15g(%.*s)",
				    STR_ARG(r[i].language), r[i].distance,
				    STR_ARG(share)));
	}
	return list.n ? strs_join(c->arena, &list, STR(" ")) : STR("");
}

/* The languages that are near enough, or none if they are too many. */
static struct str classify(struct eval_ctx *c, const struct textcat *t,
			   struct str text)
{
	struct strs skip = languages_to_skip(c), answers = { 0 };
	struct textcat_how how = {
		.max_ngrams = settings_number(c->settings,
					      STR("textcat_max_ngrams")),
		.optimal_ngrams = settings_number(c->settings,
					STR("textcat_optimal_ngrams")),
		.skip = &skip,
	};
	double near = settings_number(c->settings,
				      STR("textcat_acceptable_score"));
	struct textcat_result *r;
	size_t n;

	r = textcat_compare(c->arena, t->models, text, &how, &n);
	set_tag(c, STR("TEXTCATRESULTS"), told_results(c, r, n));
	for (size_t i = 0; i < n; i++) {
		if (i && r[i].distance >= near * r[0].distance)
			break;
		strs_add(c->arena, &answers, r[i].language);
	}
	if (!answers.n || (double)answers.n >
		settings_number(c->settings, STR("textcat_max_languages")))
		return STR("");
	return strs_join(c->arena, &answers, STR(" "));
}

static void look(struct eval_ctx *c, void *data)
{
	const struct textcat *t = data;
	struct str text = text_of(c), found = STR("");

	message_set_metadata(c->msg, LENGTH,
			     str_printf(c->arena, "%zu", text.n));
	if (text.n >= TEXT_MIN && t->models)
		found = classify(c, t, text);
	message_set_metadata(c->msg, LANGUAGES, found);
	set_tag(c, STR("LANGUAGES"), found);
}

const struct eval_plugin eval_textcat_plugin = {
	.name = "TextCat",
	.load = load,
	.look = look,
};

/* ---- the tests ---- */

/* Scots is taken for English where so little text says so little. */
static struct str mistakable(struct str language, bool doubtful)
{
	return doubtful && str_eq(language, STR("sco")) ? STR("en") : language;
}

static struct str family(struct str language)
{
	ssize_t dot = str_chr(language, '.');

	return dot < 0 ? language : str_head(language, (size_t)dot);
}

static int check_language(struct eval_ctx *c, const struct strs *args)
{
	struct strs wanted = words_of(c, "ok_languages"), found = { 0 };
	struct str rest = message_metadata(c->msg, LANGUAGES), word;
	double length = 0;
	bool doubtful;

	(void)args;
	if (!eval_plugin_data(c, "TextCat") || strs_has(&wanted, STR("all")))
		return 0;
	while (str_next_word(&rest, &word))
		strs_add(c->arena, &found, family(word));
	if (!found.n)
		return 0;
	str_to_double(message_metadata(c->msg, LENGTH), &length);
	doubtful = length < 1024 * (double)found.n;
	for (size_t i = 0; i < found.n; i++) {
		found.v[i] = mistakable(found.v[i], doubtful);
		for (size_t k = 0; k < wanted.n; k++)
			if (str_eq(found.v[i],
				   mistakable(wanted.v[k], doubtful)))
				return 0;
	}
	strs_add(c->arena, c->log,
		 str_cat(c->arena, STR("Languages detected: "),
			 strs_join(c->arena, &found, STR(" "))));
	return 1;
}

/* Languages whose texts have 8-bit octets side by side. */
static const char *const eight_bit[] = {
	"am", "ar", "be", "bg", "cs", "el", "et", "fa", "fi", "he", "hi", "hy",
	"is", "ja", "ka", "ko", "mr", "pt", "ru", "ta", "th", "tr", "uk", "vi",
	"yi", "zh",
};

static bool expects_8bits(const struct strs *languages)
{
	for (size_t i = 0; i < sizeof(eight_bit) / sizeof(eight_bit[0]); i++)
		if (strs_has(languages, str_cstr(eight_bit[i])))
			return true;
	return strs_has(languages, STR("all"));
}

static int check_body_8bits(struct eval_ctx *c, const struct strs *args)
{
	struct strs wanted = words_of(c, "ok_languages");
	const struct strs *body = message_body(c->msg);

	(void)args;
	if (!eval_plugin_data(c, "TextCat") || expects_8bits(&wanted))
		return 0;
	for (size_t i = 0; i < body->n; i++) {
		size_t run = 0;

		for (size_t k = 0; k < body->v[i].n && run < 8; k++)
			run = (unsigned char)body->v[i].p[k] >= 0x80 ? run + 1
								     : 0;
		if (run == 8)
			return 1;
	}
	return 0;
}

const struct eval_test eval_textcat_tests[] = {
	{ "check_language",
	  EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL,
	  check_language, NULL,
	  "the text is in none of the languages of ok_languages" },
	{ "check_body_8bits", EVAL_BODY, check_body_8bits, NULL,
	  "8 octets of 8 bits in a row, and no language of ok_languages has "
	  "such" },
	{ NULL, 0, NULL, NULL, NULL },
};
