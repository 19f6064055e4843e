/*
 * What the matcher reports for rules of every kind over one message. The
 * expected hits are those of SpamAssassin 4.0.1 with the same rules, except
 * where the comment says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "conf/ruleset.h"
#include "mail/message.h"
#include "match/matcher.h"

static const char rules[] =
	"util_rb_tld com org net\n"
	"loadplugin Mail::SpamAssassin::Plugin::Check\n"
	"loadplugin Mail::SpamAssassin::Plugin::MIMEHeader\n"
	"loadplugin Mail::SpamAssassin::Plugin::URIDetail\n"
	"redirector_pattern /^http:\\/\\/redir\\.com\\/\\?u=(.*)$/i\n"
	"header H_NEG Subject !~ /zzz/\n"
	"header H_NEG_NOT Subject !~ /hello/\n"
	"header H_NEG_MULTIPLE Subject !~ /zzz/\n"
	"tflags H_NEG_MULTIPLE multiple maxhits=3\n"
	"header H_MULTIPLE Subject =~ /o/\n"
	"tflags H_MULTIPLE multiple\n"
	"header H_MAXHITS Subject =~ /o/\n"
	"tflags H_MAXHITS multiple maxhits=2\n"
	"header H_MISSING X-None =~ /^$/\n"
	"header H_UNSET X-None =~ /abc/ [if-unset: xabcx]\n"
	"header H_EXISTS exists:X-Empty\n"
	"header H_EXISTS_NOT exists:X-None\n"
	"header H_ADDR To:addr =~ /^b@c\\.com$/m\n"
	"header H_CATCH To:addr =~ /(?<CAUGHT>[a-z]+@[a-z.]+)/\n"
	"tflags H_CATCH multiple\n"
	"body B_CAUGHT /%{CAUGHT}/\n"
	"uri U_CAUGHT /%{CAUGHT}/\n"
	"body B_NOT_CAUGHT /%{NEVER}/\n"
	"body B_MULTIPLE /foo/\n"
	"tflags B_MULTIPLE multiple\n"
	"body B_ONCE /foo/\n"
	"body B_SUBJECT /^subject word/\n"
	"body B_NOSUBJECT /subject word/\n"
	"tflags B_NOSUBJECT nosubject\n"
	"body B_REFUSED /(?<=a+)b/\n"
	"rawbody R_MULTIPLE /o/\n"
	"tflags R_MULTIPLE multiple maxhits=5\n"
	"full F_HEADER /X-Spam-Foo: yes/\n"
	"uri U_REDIRECTED /^http:\\/\\/target\\.net\\/$/\n"
	"mimeheader M_PARTS Content-Type =~ /text/\n"
	"mimeheader M_FIRST_PART_ONLY Content-Type =~ /t/\n"
	"tflags M_FIRST_PART_ONLY multiple\n"
	"mimeheader M_NEG_ALWAYS Content-Type !~ /text/\n"
	"mimeheader M_RANGE Content-Type =~ /html/\n"
	"tflags M_RANGE range=3\n"
	"mimeheader M_RANGE_NOT Content-Type =~ /html/\n"
	"tflags M_RANGE_NOT range=1-2\n"
	"mimeheader M_CONCAT Content-Type =~ /plain.*html/s\n"
	"tflags M_CONCAT concat\n"
	"mimeheader M_UNSET X-Nope =~ /abc/ [if-unset: abc]\n"
	"mimeheader M_UNSET_NOT X-Nope:raw =~ /abc/ [if-unset: abc]\n"
	"mimeheader M_RAW X-Fold:raw =~ /a\\n\\tb/\n"
	"mimeheader M_ALL_RAW ALL:raw =~ /^X-Fold:  a b/m\n"
	"mimeheader M_HIDDEN X-Spam-Foo =~ /./\n"
	"uri_detail D_RAW raw =~ /example/ type =~ /^a$/\n"
	"uri_detail D_TEXT text =~ /click/ cleaned !~ /click/\n"
	"uri_detail D_NEG domain !~ /^example\\.com$/\n"
	"uri_detail D_NOT domain =~ /^example\\.com$/ type =~ /^img$/\n";

static const char mail[] =
	"From: Aa <a@b.com>\n"
	"To: Bee <b@c.com>, \"Dee\" <d@e.org>\n"
	"Subject: subject word hello foo, oo\n"
	"X-Empty:\n"
	"X-Fold: a\n"
	"\tb\n"
	"X-Spam-Foo: yes\n"
	"MIME-Version: 1.0\n"
	"Content-Type: multipart/alternative; boundary=xx\n"
	"\n"
	"--xx\n"
	"Content-Type: text/plain\n"
	"\n"
	"foo foo foo b@c.com foo\n"
	"http://a.net/?d@e.org http://redir.com/?u=http://target.net/\n"
	"--xx\n"
	"Content-Type: text/html\n"
	"\n"
	"<p>foo <a href=\"http://www.example.com/x\">click here</a></p>\n"
	"--xx--\n";

/* Each hit rule with its hits, in alphabetical order. */
static const char want[] =
	"B_CAUGHT 1\nB_MULTIPLE 6\nB_ONCE 1\nB_SUBJECT 1\n"
	"D_NEG 1\nD_RAW 1\nD_TEXT 1\nF_HEADER 1\n"
	"H_ADDR 1\nH_CATCH 2\nH_EXISTS 1\nH_MAXHITS 2\nH_MISSING 1\n"
	"H_MULTIPLE 6\nH_NEG 1\nH_NEG_MULTIPLE 3\nH_UNSET 1\n"
	"M_ALL_RAW 1\nM_CONCAT 1\nM_FIRST_PART_ONLY 4\nM_NEG_ALWAYS 1\n"
	"M_PARTS 1\nM_RANGE 1\nM_RAW 1\nM_UNSET 1\n"
	"R_MULTIPLE 5\nU_CAUGHT 1\nU_REDIRECTED 1\n";

static char dir[] = "/tmp/mekiki-matcher-XXXXXX";
static struct arena *arena;
static struct ruleset *rs;
static struct matcher *matcher;

static int setup(void **state)
{
	struct load_options opt = {
		.rules_dir = dir, .site_dir = dir, .local_only = true,
	};
	char path[128];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/rules.cf", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(rules, f);
	fclose(f);
	arena = arena_new();
	rs = ruleset_load(arena, &opt);
	matcher = matcher_new(rs);
	unlink(path);
	rmdir(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

struct seen {
	size_t *hits;		/* by rule id */
	size_t looks;		/* at the clock, until it says stop */
};

static void on_hit(void *ctx, const struct rule *rule, struct str matched)
{
	struct seen *seen = ctx;

	(void)matched;
	seen->hits[rule->id]++;
}

static bool stop_at_once(void *ctx)
{
	struct seen *seen = ctx;

	seen->looks++;
	return true;
}

static const int kinds[] = {
	RULE_HEADER, RULE_BODY, RULE_URI, RULE_RAWBODY, RULE_FULL,
	RULE_MIMEHEADER, RULE_URI_DETAIL,
};

static void run_all(struct match_run *run)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		matcher_run(run, kinds[i]);
}

static struct match_run new_run(struct arena *a, struct seen *seen)
{
	struct rule_bits *wanted = arena_alloc(a, sizeof(*wanted));
	struct map *captures = arena_alloc(a, sizeof(*captures));

	*captures = MAP_IN(a);
	wanted->n = rs->nrules / 64 + 1;
	wanted->words = arena_alloc(a, wanted->n * sizeof(*wanted->words));
	memset(wanted->words, 0xff, wanted->n * sizeof(*wanted->words));
	*seen = (struct seen){
		.hits = arena_alloc(a, rs->nrules * sizeof(*seen->hits)),
	};
	return (struct match_run){
		.matcher = matcher, .arena = a, .wanted = wanted,
		.msg = message_parse(a, &rs->site->mail, STR(mail)),
		.captures = captures, .hit = on_hit, .ctx = seen,
	};
}

/* "NAME hits\n" of all that hit. */
static struct str report(struct arena *a, const struct seen *seen)
{
	struct strs lines = { 0 };

	for (size_t i = 0; i < rs->nrules; i++) {
		if (seen->hits[i])
			strs_add(a, &lines,
				 str_printf(a, "%.*s %zu\n",
					    STR_ARG(rs->rules[i].name),
					    seen->hits[i]));
	}
	strs_sort(&lines);
	return strs_join(a, &lines, STR(""));
}

static void hits_like_spamassassin(void **state)
{
	struct arena *a = arena_new();
	struct seen seen;
	struct match_run run = new_run(a, &seen);

	(void)state;
	run_all(&run);
	assert_string_equal(report(a, &seen).p, want);
	arena_free(&a);
}

static void refused_rules_are_told(void **state)
{
	const struct rule *r = ruleset_find(rs, STR("B_REFUSED"));

	(void)state;
	assert_non_null(r);
	assert_non_null(r->unlive);
	assert_non_null(strstr(r->unlive, "look-behind"));
}

static void only_wanted_rules_are_asked(void **state)
{
	struct arena *a = arena_new();
	struct seen seen;
	struct match_run run = new_run(a, &seen);
	struct rule_bits wanted = *run.wanted;

	(void)state;
	memset(wanted.words, 0, wanted.n * sizeof(*wanted.words));
	rule_bits_set(&wanted, ruleset_find(rs, STR("B_ONCE"))->id);
	run_all(&run);
	assert_string_equal(report(a, &seen).p, "B_ONCE 1\n");
	arena_free(&a);
}

static void a_run_can_be_stopped(void **state)
{
	struct arena *a = arena_new();
	struct seen seen;
	struct match_run run = new_run(a, &seen);

	(void)state;
	run.stop = stop_at_once;
	run_all(&run);
	assert_string_equal(report(a, &seen).p, "");
	assert_true(seen.looks >= 6);
	arena_free(&a);
}

/* Other than in SpamAssassin, whose /o keeps the first message's values for
 * the life of the process: each message has its own. */
static void captures_are_of_one_message(void **state)
{
	const struct rule *r = ruleset_find(rs, STR("B_CAUGHT"));

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct arena *a = arena_new();
		struct seen seen;
		struct match_run run = new_run(a, &seen);
		const struct strs *caught;

		if (i == 0)
			run.msg = message_parse(a, &rs->site->mail,
				STR("To: q@r.com\n\nno such address\n"));
		run_all(&run);
		caught = map_get(run.captures, STR("CAUGHT"));
		assert_int_equal(caught->n, i ? 2 : 1);
		assert_int_equal(seen.hits[r->id], i);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_like_spamassassin),
		cmocka_unit_test(refused_rules_are_told),
		cmocka_unit_test(only_wanted_rules_are_asked),
		cmocka_unit_test(a_run_can_be_stopped),
		cmocka_unit_test(captures_are_of_one_message),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
