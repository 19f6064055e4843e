/*
 * Lines that define rules: header, body, rawbody, full, uri, meta and their
 * eval forms, reuse. A definition is parsed completely before it takes a
 * name, so that a faulty line leaves an older rule of that name as it was;
 * a good one replaces it whatever its kind, and the number (id) stays.
 *
 * What other lines say about a name (score, tflags, priority, describe) is
 * kept by name and put together after the last line, so their order does not
 * matter.
 */
#include "base/err.h"
#include "conf/loader.h"
#include "conf/regex_text.h"
#include "conf/setters.h"

#define RULE_NAME_MAX 100	/* SpamAssassin's */
#define RULE_NAME_LONG 40	/* it complains under --lint */
#define CAPTURE_PRIORITY (-10000)

bool rule_name_ok(struct str name)
{
	if (name.n == 0 || name.n > 128 || is_digit((unsigned char)name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_word((unsigned char)name.p[i]))
			return false;
	return true;
}

struct rule *rule_of(struct loader *ld, struct str name)
{
	size_t id = (size_t)map_get(&ld->ids, name);

	return id ? &ld->rs->rules[id - 1] : NULL;
}

/* A new rule without a test. */
static struct rule *rule_new(struct loader *ld, struct str name)
{
	struct ruleset *rs = ld->rs;
	struct rule *r;

	rs->rules = arena_grow(ld->a, rs->rules, rs->nrules, &rs->rules_cap,
			       sizeof(rs->rules[0]));
	r = &rs->rules[rs->nrules];
	*r = (struct rule){ .name = str_dup(ld->a, name),
			    .id = (unsigned)rs->nrules };
	map_set(&ld->ids, r->name, (void *)(rs->nrules + 1));
	rs->nrules++;
	return r;
}

unsigned rule_add(struct loader *ld, struct str name, const struct rule *def)
{
	struct rule *r = rule_of(ld, name), old;
	unsigned id;

	if (!r)
		r = rule_new(ld, name);
	name = r->name;
	id = r->id;
	old = *r;
	*r = *def;
	r->name = name;
	r->id = id;
	if (ld->user) {
		/* Of the site's rule, what other lines said of it stays. */
		r->users = true;
		r->tflags = old.tflags;
		r->tflags_text = old.tflags_text;
		r->maxhits = old.maxhits;
		r->range_lo = old.range_lo;
		r->range_hi = old.range_hi;
		r->priority = old.priority;
	}
	return id;
}

bool rule_define(struct loader *ld, struct str name, const struct rule *def)
{
	struct rule *r;
	unsigned id;
	bool subtle = str_starts(name, STR("__")) ||
		      str_starts(name, STR("T_"));

	if (!rule_name_ok(name)) {
		load_fault(ld, DIAG_ERROR, "the rule name '%.*s' will not do: "
			   "expected letters, digits and underscores, no "
			   "digit first", STR_ARG(str_head(name, 150)));
		return false;
	}
	if (name.n > RULE_NAME_MAX) {
		load_fault(ld, DIAG_ERROR, "the rule name %.*s is longer than "
			   "%d characters", STR_ARG(name), RULE_NAME_MAX);
		return false;
	}
	if (ld->lint && name.n > RULE_NAME_LONG && !subtle)
		load_fault(ld, DIAG_ERROR, "the rule name %.*s is longer than "
			   "%d characters (22 are recommended)",
			   STR_ARG(name), RULE_NAME_LONG);
	if (!overlay_may_define(ld))
		return false;
	id = rule_add(ld, name, def);
	r = &ld->rs->rules[id];
	r->file = ld->file;
	r->line = ld->line;
	return true;
}

bool rule_take_name(struct str *value, struct str *name_r)
{
	struct str rest = *value;

	if (!str_next_word(&rest, name_r))
		return false;
	*value = str_trim(rest);
	return value->n > 0;
}

bool rule_regex(struct loader *ld, struct str name, struct str text,
		struct regex_text *re_r)
{
	struct err err;
	const char *why = NULL;

	if (regex_text_split(ld->a, text, re_r, &err) < 0) {
		load_fault(ld, DIAG_ERROR, "the regex of %.*s is refused: %s",
			   STR_ARG(name), err.text);
		return false;
	}
	if (ld->lint ||
	    settings_bool(ld->set, STR("ignore_always_matching_regexps")))
		why = regex_text_always_matches(re_r->pattern);
	if (why) {
		load_fault(ld, DIAG_ERROR, "the regex of %.*s %s, so it would "
			   "match anything", STR_ARG(name), why);
		return false;
	}
	return true;
}

void rule_set_priority(struct loader *ld, struct str name, int priority)
{
	int *p = map_get(&ld->priority, name);

	if (!p) {
		p = arena_alloc(ld->a, sizeof(*p));
		map_set(&ld->priority, str_dup(ld->a, name), p);
	}
	*p = priority;
}

/* Notes what the pattern captures and uses; capture rules go first. */
static void note_captures(struct loader *ld, struct str name,
			  struct rule *def, struct str pattern)
{
	if (regex_text_names(ld->a, pattern, &def->captures, &def->templates))
		rule_set_priority(ld, name, CAPTURE_PRIORITY);
}

/* `function(args)` behind "eval:". */
static bool take_eval(struct loader *ld, struct str call, struct rule *def)
{
	size_t n = 0;

	while (n < call.n && is_word((unsigned char)call.p[n]))
		n++;
	if (n == 0 || n == call.n || call.p[n] != '(' ||
	    call.p[call.n - 1] != ')') {
		load_expected(ld, "eval:function() or eval:function(args)");
		return false;
	}
	def->eval.function = str_head(call, n);
	/* The arguments are looked at in the end: a fault there leaves the
	 * rule defined, but never run. */
	def->eval_text = str_head(str_from(call, n + 1), call.n - n - 2);
	return true;
}

/* A regex or eval rule whose input is a text. */
static enum kw_result text_rule(struct loader *ld, struct str value,
				enum rule_kind regex_kind,
				enum rule_kind eval_kind)
{
	struct rule def = { .kind = regex_kind };
	struct str name;

	if (!rule_take_name(&value, &name))
		return load_expected(ld, "a rule name and its test");
	def.source = value;
	if (eval_kind != RULE_EMPTY && str_starts(value, STR("eval:"))) {
		def.kind = eval_kind;
		if (!take_eval(ld, str_from(value, 5), &def))
			return KW_INVALID;
		rule_define(ld, name, &def);
		return KW_OK;
	}
	if (!rule_regex(ld, name, value, &def.re))
		return KW_SAID;
	if (rule_define(ld, name, &def)) {
		struct rule *r = rule_of(ld, name);

		note_captures(ld, name, r, r->re.pattern);
	}
	return KW_OK;
}

enum kw_result set_body(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	(void)kw;
	return text_rule(ld, value, RULE_BODY, RULE_BODY_EVAL);
}

enum kw_result set_rawbody(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	(void)kw;
	return text_rule(ld, value, RULE_RAWBODY, RULE_RAWBODY_EVAL);
}

enum kw_result set_full(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	(void)kw;
	return text_rule(ld, value, RULE_FULL, RULE_FULL_EVAL);
}

enum kw_result set_uri(struct loader *ld, const struct keyword *kw,
		       struct str value)
{
	(void)kw;
	return text_rule(ld, value, RULE_URI, RULE_EMPTY);
}

static bool is_header_name_char(int c)
{
	return is_word(c) || c == '.' || c == '-';
}

/* "Selector", "Selector:", "Selector:mod:mod" at the start of *s. False, with
 * a fault noted, if a modifier is unknown. */
static bool take_selector(struct loader *ld, struct str name, struct str *s,
			  struct header_test *t)
{
	static const char *const mods[] = { "raw", "addr", "name", "host",
		"domain", "ip", "revip", "first", "last" };
	size_t n = 0;

	while (n < s->n && is_header_name_char((unsigned char)s->p[n]))
		n++;
	t->selector = str_head(*s, n);
	*s = str_from(*s, n);
	while (s->n && s->p[0] == ':' && t->mods.n < 2) {
		struct str mod;
		bool known = false;

		for (n = 1; n < s->n && is_lower((unsigned char)s->p[n]); n++)
			;
		mod = str_head(str_from(*s, 1), n - 1);
		*s = str_from(*s, n);
		if (mod.n == 0)
			break;
		for (size_t i = 0; i < sizeof(mods) / sizeof(mods[0]); i++)
			known |= str_eq(mod, str_cstr(mods[i]));
		if (!known) {
			load_fault(ld, DIAG_ERROR, "%.*s: ':%.*s' is no header "
				   "modifier: expected raw, addr, name, host, "
				   "domain, ip, revip, first or last",
				   STR_ARG(name), STR_ARG(mod));
			return false;
		}
		strs_add(ld->a, &t->mods, mod);
	}
	return true;
}

struct str rule_take_if_unset(struct str *pattern)
{
	static const struct str mark = { "[if-unset:", 10 };
	struct str s = *pattern, text;
	size_t at = 0;
	ssize_t i;

	if (s.n == 0 || s.p[s.n - 1] != ']')
		return STR_NONE;
	while ((i = str_find(str_from(s, at), mark)) >= 0) {
		at += (size_t)i;
		text = str_from(s, at + mark.n);
		text = str_head(text, text.n - 1);
		if (at > 0 && is_space((unsigned char)s.p[at - 1]) &&
		    text.n > 1 && is_space((unsigned char)text.p[0])) {
			*pattern = str_rtrim(str_head(s, at));
			/* At least one byte is the text's, even a space. */
			text = str_from(text, 1);
			return str_ltrim(text).n ? str_ltrim(text)
						 : str_from(text, text.n - 1);
		}
		at += mark.n;
	}
	return STR_NONE;
}

/* `exists:Name`. */
static bool exists_test(struct loader *ld, struct str name, struct str hdr,
			struct header_test *t)
{
	if (hdr.n && hdr.p[hdr.n - 1] == ':')
		hdr.n--;
	t->selector = hdr;
	t->exists = true;
	for (size_t i = 0; i < hdr.n; i++)
		if (!is_header_name_char((unsigned char)hdr.p[i]))
			hdr.n = 0;
	if (hdr.n)
		return true;
	load_fault(ld, DIAG_ERROR, "%.*s: expected exists: and a header's name",
		   STR_ARG(name));
	return false;
}

/* `Selector =~ /re/ [if-unset: text]`. */
static bool header_test(struct loader *ld, struct str name, struct str value,
			struct header_test *t)
{
	struct str s = value;

	if (!take_selector(ld, name, &s, t))
		return false;
	s = str_ltrim(s);
	if (t->selector.n == 0 || s.n < 3 || s.p[1] != '~' ||
	    (s.p[0] != '=' && s.p[0] != '!')) {
		load_fault(ld, DIAG_ERROR, "%.*s: expected Header =~ /regex/, "
			   "Header !~ /regex/ or exists:Header",
			   STR_ARG(name));
		return false;
	}
	t->negated = s.p[0] == '!';
	s = str_ltrim(str_from(s, 2));
	t->if_unset = rule_take_if_unset(&s);
	return rule_regex(ld, name, s, &t->re);
}

/* eval: and rbleval: of header lines. */
static enum kw_result header_eval(struct loader *ld, struct str name,
				  struct str call, struct rule *def)
{
	if (!take_eval(ld, call, def))
		return KW_INVALID;
	def->kind = RULE_HEADER_EVAL;
	if (str_starts(def->eval.function, STR("check_rbl")) ||
	    str_starts(def->eval.function, STR("check_dns")))
		def->kind = RULE_RBL_EVAL;
	rule_define(ld, name, def);
	return KW_OK;
}

enum kw_result set_header(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	struct rule def = { .kind = RULE_HEADER };
	struct str name;

	(void)kw;
	if (!rule_take_name(&value, &name))
		return load_expected(ld, "a rule name and its test");
	def.source = value;
	if (str_starts(value, STR("eval:")))
		return header_eval(ld, name, str_from(value, 5), &def);
	if (str_starts(value, STR("rbleval:")))
		return header_eval(ld, name, str_from(value, 8), &def);
	if (str_starts(value, STR("exists:"))) {
		if (!exists_test(ld, name, str_from(value, 7), &def.header))
			return KW_SAID;
	} else if (!header_test(ld, name, value, &def.header)) {
		return KW_SAID;
	}
	if (rule_define(ld, name, &def)) {
		struct rule *r = rule_of(ld, name);

		note_captures(ld, name, r, r->header.re.pattern);
	}
	return KW_OK;
}

enum kw_result set_meta(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	struct rule def = { .kind = RULE_META };
	struct str name;

	(void)kw;
	if (!rule_take_name(&value, &name))
		return load_expected(ld, "a rule name and an expression");
	for (size_t i = 0, stars = 0; i < value.n; i++) {
		if (is_space((unsigned char)value.p[i]))
			continue;
		stars = value.p[i] == '*' ? stars + 1 : 0;
		if (stars == 2)
			return load_expected(ld, "no '**' in a meta");
	}
	def.source = value;
	if (!rule_name_ok(name) || meta_check(ld, name, value))
		rule_define(ld, name, &def);
	return KW_OK;
}

/* `reuse NAME OLD...` declares NAME; the older names matter to mass-check
 * only. The name is the first word of the last run of plain words. */
enum kw_result set_reuse(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	struct rule def = { .kind = RULE_EMPTY };
	struct str name;
	size_t from = value.n;

	(void)kw;
	while (from && (is_word((unsigned char)value.p[from - 1]) ||
			is_space((unsigned char)value.p[from - 1])))
		from--;
	value = str_from(value, from);
	if (!str_next_word(&value, &name))
		return load_expected(ld, "the name of a rule");
	if (!rule_of(ld, name))
		rule_define(ld, name, &def);
	return KW_OK;
}
