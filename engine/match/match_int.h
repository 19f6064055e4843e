/*
 * What the files match_*.c share: the compiled rules by kind, and the asking
 * of one pattern about one text. Nobody else includes this.
 */
#ifndef MEKIKI_MATCH_MATCH_INT_H
#define MEKIKI_MATCH_MATCH_INT_H

#include "conf/rule.h"
#include "match/matcher.h"
#include "match/regex.h"

/* A compiled rule. */
struct pattern {
	const struct rule *rule;
	struct regex *re;	/* NULL: exists:, or has %{NAME} and is
				 * compiled for each message */
	bool multiple;
	long max_hits;		/* of one message */
	bool nosubject;
	bool templated;
	/* Named groups whose text later rules may use as %{NAME}. */
	size_t nnames;
	struct str *names;
	unsigned *numbers;
	int window;		/* its number in patterns.windows, or -1 */
	/* uri_detail: regexes of rule->details, in its order. */
	struct regex **details;
};

struct patterns {
	struct pattern *v;
	size_t n, cap;
	struct window_set *windows;	/* of those that have one, or NULL */
};

/* Header rules that ask about the same text. */
struct header_group {
	struct str selector;
	const struct strs *mods;
	struct patterns rules;
};

/* Rules of RULE_TEXTS that ask about the same texts. */
struct text_group {
	struct text_test test;
	struct patterns rules;
};

struct matcher {
	struct ruleset *rs;
	bool brief;		/* compile for little use: a user's rules */
	struct patterns kinds[RULE_KINDS];	/* but for RULE_HEADER and
						 * RULE_TEXTS: see groups */
	struct text_group *text_groups;
	size_t ntext_groups, text_groups_cap;
	struct header_group *groups;
	size_t ngroups, groups_cap;
	struct regex **redirectors;
	size_t nredirectors;
};

/* A set of octets: those that occur in a text. */
struct octets {
	uint64_t w[4];
};

void octets_of(struct octets *o, struct str text);

/* False if re cannot match a text of n octets that has just these. */
bool octets_allow(const struct octets *o, size_t n,
		  const struct regex_needs *needs);

/* What one pattern did so far in one message. */
struct asking {
	struct match_run *run;
	const struct pattern *p;
	struct regex *re;	/* p->re, or what %{NAME} made of it */
	long hits;
	size_t searched;	/* octets since the last look at the clock */
	struct map caught;	/* NAME -> struct strs * */
};

/* Starts asking p: false if it is not wanted or a %{NAME} has no value. */
bool asking_begin(struct asking *q, struct match_run *run,
		  const struct pattern *p);

/* Asks about one text and reports hits. True if p is done with the message:
 * it hit and is not `multiple`, or has all its hits, or time is up. */
bool asking_text(struct asking *q, struct str text);

/* Reports one hit that no text stands for (!~, exists:); true if p is done. */
bool asking_hit(struct asking *q, struct str matched);

/* Makes what named groups caught available to later rules. */
void asking_end(struct asking *q);

/* A search on behalf of a rule that reports a limit that was met. */
bool match_search(struct match_run *run, const struct rule *rule,
		  const struct regex *re, struct str text);

/* True if the run shall stop; asks run->stop each time. */
bool match_stopped(const struct match_run *run);

/* match_capture.c: remembers the named groups of a match; the pattern text
 * of a templated rule with the values of this message put in (false: one has
 * no value, the rule is not asked). */
void capture_note(struct asking *q, const struct regex_match *m);
void capture_publish(struct asking *q);
bool capture_expand(struct match_run *run, const struct rule *rule,
		    struct str *text_r);
bool capture_name_valid(struct str name);

/* One function an input. */
void match_header(struct match_run *run);
void match_texts(struct match_run *run, const struct patterns *ps,
		 const struct strs *texts);
void match_full(struct match_run *run);
void match_mimeheader(struct match_run *run);
void match_detail(struct match_run *run);
void match_inputs(struct match_run *run);

/* match_inputs.c: the group of a RULE_TEXTS rule. */
struct patterns *match_text_group(struct matcher *m,
				  const struct text_test *t);

/* Is some rule of ps wanted? */
bool match_any_wanted(const struct match_run *run, const struct patterns *ps);

#endif
