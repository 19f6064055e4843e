/*
 * What lines say about rules by name: score, describe, tflags, priority,
 * subjprefix, the tags of ReplaceTags. The name need not be defined, now or
 * ever; later lines win.
 */
#include <math.h>

#include "base/err.h"
#include "conf/loader.h"
#include "conf/regex_text.h"
#include "conf/setters.h"

/* -?digits[.digits] */
static bool plain_number(struct str s, double *value_r)
{
	struct str digits = s;
	ssize_t dot;

	if (digits.n && digits.p[0] == '-')
		digits = str_from(digits, 1);
	dot = str_chr(digits, '.');
	if (digits.n == 0 || dot == 0 || dot == (ssize_t)digits.n - 1)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (!is_digit((unsigned char)digits.p[i]) && (ssize_t)i != dot)
			return false;
	return str_to_double(s, value_r);
}

/* The numbers behind a score line's name. How many, or -1 with a fault's
 * expectation noted; *relative_r if one was in brackets. */
static int take_scores(struct loader *ld, struct str rest, double v[4],
		       bool *relative_r)
{
	struct str word;
	bool more = false;
	int n = 0;

	*relative_r = false;
	for (; str_next_word(&rest, &word); n++) {
		more = n == 4;
		if (more)
			break;
		if (word.n > 2 && word.p[0] == '(' &&
		    word.p[word.n - 1] == ')') {
			word = str_head(str_from(word, 1), word.n - 2);
			*relative_r = true;
		}
		if (!plain_number(word, &v[n])) {
			load_expected(ld, "a number or (number), got '%.*s'",
				      STR_ARG(str_head(word, 40)));
			return -1;
		}
	}
	if ((n != 1 && n != 4) || more) {
		load_expected(ld, "a rule name and 1 or 4 numbers");
		return -1;
	}
	return n;
}

/* What is known of a name's scores: lines before this one, or for a user's
 * file the site's answer. */
static bool old_scores(struct loader *ld, struct str rule, double v[4])
{
	const struct raw_score *raw = map_get(&ld->scores, rule);
	const struct rule *r;

	if (raw) {
		memcpy(v, raw->set, sizeof(raw->set));
		return true;
	}
	r = ld->user ? ruleset_find(ld->rs, rule) : NULL;
	for (int i = 0; r && i < 4; i++)
		v[i] = settings_score(ld->set, r->id, i);
	return r != NULL;
}

enum kw_result set_score(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	double v[4], old[4] = { 0 };
	struct raw_score *s;
	struct str rule;
	bool relative;
	int n;

	(void)kw;
	if (!str_next_word(&value, &rule))
		return KW_MISSING;
	n = take_scores(ld, value, v, &relative);
	if (n < 0)
		return KW_INVALID;
	if (relative && !old_scores(ld, rule, old))
		return load_expected(ld, "a score set before: (n) is added to "
				     "it");
	s = arena_alloc(ld->a, sizeof(*s));
	for (int i = 0; i < 4; i++)
		s->set[i] = v[n == 1 ? 0 : i] + old[i];
	map_set(&ld->scores, str_dup(ld->a, rule), s);
	return KW_OK;
}

/* "key text" into a map; the value must not be empty. */
static enum kw_result set_pair(struct loader *ld, struct map *map,
			       struct str value)
{
	struct str key, *text;

	if (!str_next_word(&value, &key))
		return KW_MISSING;
	value = str_trim(value);
	if (!value.n)
		return KW_MISSING;
	text = arena_alloc(ld->a, sizeof(*text));
	*text = str_dup(ld->a, value);
	map_set(map, str_dup(ld->a, key), text);
	return KW_OK;
}

enum kw_result set_describe(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	(void)kw;
	return set_pair(ld, &ld->set->describe, value);
}

enum kw_result set_subjprefix(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	(void)kw;
	return set_pair(ld, &ld->set->subjprefix, value);
}

enum kw_result set_tflags(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	(void)kw;
	return set_pair(ld, &ld->tflags, value);
}

enum kw_result set_priority(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct str rule, number;
	long n;

	(void)kw;
	if (!str_next_word(&value, &rule))
		return KW_MISSING;
	number = str_trim(value);
	if (!number.n)
		return KW_MISSING;
	if (!rule_name_ok(rule) || number.p[0] == '+' ||
	    !str_to_long(number, &n) || n < -1000000 || n > 1000000)
		return load_expected(ld, "a rule name and a whole number");
	rule_set_priority(ld, rule, (int)n);
	return KW_OK;
}

enum kw_result set_replace(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	const struct { const char *name; struct map *map; } to[] = {
		{ "replace_tag", &ld->replace_tag },
		{ "replace_pre", &ld->replace_pre },
		{ "replace_inter", &ld->replace_inter },
		{ "replace_post", &ld->replace_post },
	};

	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		if (strcmp(kw->name, to[i].name) == 0)
			return set_pair(ld, to[i].map, value);
	return KW_INVALID;
}

enum kw_result set_replace_rules(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	struct str rule;

	(void)kw;
	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &rule))
		strs_add(ld->a, &ld->replace_rules, rule);
	return KW_OK;
}

enum kw_result set_redirector(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	struct ruleset *rs = ld->rs;
	struct regex_text re;
	struct err err;

	(void)kw;
	if (!value.n)
		return KW_MISSING;
	if (regex_text_split(ld->a, value, &re, &err) < 0)
		return load_expected(ld, "a regex (%s)", err.text);
	rs->redirectors = arena_grow(ld->a, rs->redirectors, rs->nredirectors,
				     &rs->redirectors_cap,
				     sizeof(rs->redirectors[0]));
	rs->redirectors[rs->nredirectors++] = re;
	return KW_OK;
}

/* `shortcircuit RULE ham|spam|on|off`: the abbreviations ham and spam also
 * raise the rule's priority and keep it from the learner. */
enum kw_result set_shortcircuit(struct loader *ld, const struct keyword *kw,
				struct str value)
{
	struct str rule, type, rest = value, *old, *flags;
	const int *priority;

	if (!value.n)
		return KW_MISSING;
	if (!str_next_word(&rest, &rule) || !str_next_word(&rest, &type) ||
	    str_trim(rest).n || !rule_name_ok(rule) ||
	    (!str_eq(type, STR("ham")) && !str_eq(type, STR("spam")) &&
	     !str_eq(type, STR("on")) && !str_eq(type, STR("off"))))
		return load_expected(ld, "a rule name and ham, spam, on or "
				     "off");
	strs_add(ld->a, strings_for_change(ld, str_cstr(kw->name)), value);
	if (str_eq(type, STR("on")) || str_eq(type, STR("off")) || ld->user)
		return KW_OK;
	priority = map_get(&ld->priority, rule);
	if (!priority || *priority == 0)
		rule_set_priority(ld, rule, -200);
	old = map_get(&ld->tflags, rule);
	flags = arena_alloc(ld->a, sizeof(*flags));
	*flags = str_printf(ld->a, "%.*s%s%snoautolearn",
			    old ? (int)old->n : 0, old ? old->p : "",
			    old ? " " : "",
			    str_eq(type, STR("ham")) ? "nice " : "");
	map_set(&ld->tflags, str_dup(ld->a, rule), flags);
	return KW_OK;
}
