/*
 * A rule as it stands after parsing: data, nothing compiled. What differs
 * from user to user (scores, descriptions, lists, settings) is not here but
 * in struct settings, which overlays.
 */
#ifndef MEKIKI_CONF_RULE_H
#define MEKIKI_CONF_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct meta;

/* The kinds of the reference's section 1.1, in its order of evaluation. */
enum rule_kind {
	RULE_EMPTY,		/* a name only: `reuse`, or a test-less one */
	RULE_HEADER,		/* regex or exists: */
	RULE_HEADER_EVAL,
	RULE_BODY,
	RULE_URI,
	RULE_BODY_EVAL,
	RULE_RAWBODY,
	RULE_RAWBODY_EVAL,
	RULE_FULL,
	RULE_FULL_EVAL,
	RULE_MIMEHEADER,
	RULE_URI_DETAIL,
	RULE_RBL_EVAL,		/* header eval:check_rbl*, check_dns* */
	RULE_ASKDNS,
	RULE_META,
	RULE_LUA,		/* registered by a script */
	RULE_TEXTS,		/* regex over a text_input, in a Lua rule */
	RULE_KINDS
};

enum rule_tflag {
	TF_NET = 1 << 0, TF_NICE = 1 << 1, TF_LEARN = 1 << 2,
	TF_USERCONF = 1 << 3, TF_NOAUTOLEARN = 1 << 4, TF_NOAWL = 1 << 5,
	TF_MULTIPLE = 1 << 6, TF_NOSUBJECT = 1 << 7, TF_PUBLISH = 1 << 8,
	TF_AUTOLEARN_FORCE = 1 << 9, TF_AUTOLEARN_HEADER = 1 << 10,
	TF_AUTOLEARN_BODY = 1 << 11, TF_NOLOG = 1 << 12,
	TF_CONCAT = 1 << 13,
};

/* A regex as the rule file wrote it, delimiters taken off, ReplaceTags done.
 * Letters in mods: i m s x n. */
struct regex_text {
	struct str pattern;
	struct str mods;
	bool pcre;		/* a script's: in PCRE2's syntax, with `flags`
				 * (enum regex_flag) instead of mods */
	unsigned flags;
};

/* What rspamd's regexes are asked about, where SpamAssassin has no such text.
 * Each header, part, word or link is a text of its own. */
enum text_input {
	TEXT_HEADER,		/* each header of a name, decoded */
	TEXT_RAW_HEADER,	/* the same, only unfolded */
	TEXT_ALL_HEADERS,	/* the header block as it came */
	TEXT_MIME_HEADER,	/* headers of a name of the parts of multiparts */
	TEXT_PART,		/* text parts: what is shown, UTF-8 */
	TEXT_RAW_PART,		/* text parts as they came */
	TEXT_WORDS, TEXT_RAW_WORDS, TEXT_STEM_WORDS,
	TEXT_URL,
	TEXT_EMAIL,
	TEXT_INPUTS
};

/* An input and, for headers, which. */
struct text_test {
	enum text_input input;
	struct str header;
	bool exact;		/* letter case of its name matters */
};

/* `header NAME Selector:mod:mod =~ /re/ [if-unset: text]`. */
struct header_test {
	struct str selector;	/* header name, or a pseudo-header */
	struct strs mods;	/* "raw" "addr" "name" "host" "first" ... */
	bool exists;		/* exists:Name; no regex */
	bool negated;		/* !~ */
	struct str if_unset;	/* or STR_NONE */
	struct regex_text re;
};

struct eval_call {
	struct str function;
	struct strs args;	/* quotes taken off */
};

/* One `key =~ /re/` of a uri_detail rule. */
struct detail_test {
	struct str key;		/* raw type cleaned text domain host */
	bool negated;
	struct regex_text re;
};

struct rule {
	struct str name;
	unsigned id;		/* index into ruleset.rules */
	enum rule_kind kind;
	const char *file;	/* where it was (last) defined */
	int line;
	struct str source;	/* the definition as written, after the name */

	struct header_test header;	/* RULE_HEADER, RULE_MIMEHEADER */
	struct regex_text re;		/* RULE_BODY/URI/RAWBODY/FULL/TEXTS */
	struct text_test texts;		/* RULE_TEXTS */
	struct eval_call eval;		/* *_EVAL */
	struct str eval_text;		/* its arguments as written */
	struct detail_test *details;	/* RULE_URI_DETAIL */
	size_t ndetails;
	struct meta *meta;		/* RULE_META */

	unsigned tflags;	/* enum rule_tflag */
	struct str tflags_text;	/* as written */
	int maxhits;		/* maxhits=N of `multiple`; 0: no limit */
	int range_lo, range_hi;	/* range=N-M of mimeheader; 0 0: none */
	bool replaced;		/* named by replace_rules and expanded */
	bool users;		/* (re)defined by a user's own file */
	struct strs captures;	/* names captured by (?<NAME>...) */
	struct strs templates;	/* %{NAME} used by the pattern, as written; of
				 * several the last, as with SpamAssassin */
	bool hidden;		/* a regex inside of a Lua rule: asked, and
				 * listed nowhere */
	int priority;		/* final, with what dependents pull */
	/* Why it can never hit, for `mekiki rules`; NULL if it can. Set by
	 * conf (unknown plugin, network kinds), match (regex refused) and
	 * eval (function missing). A constant or in the ruleset's arena. */
	const char *unlive;
};

/* Name of a kind as the reference's table has it: "body eval". */
const char *rule_kind_name(enum rule_kind kind);

/* True for `__NAME`. */
static inline bool rule_is_sub(const struct rule *r)
{
	return r->name.n >= 2 && r->name.p[0] == '_' && r->name.p[1] == '_';
}

#endif
