/*
 * Filling a Bayes database from a backup, ours or sa-learn's: lines of
 * v(alues), t(okens) and s(een messages), the version first. Times to live
 * vary, from 0.7 to 1.7 of what the settings say, so that not everything
 * expires in one moment. See learn_store.h.
 */
#include "cli/learn_store_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"

/* Commands that are sent together. */
#define AT_ONCE 500

struct restore {
	const struct learn_store *ls;
	struct arena *arena;
	struct store_batch batch;
	long version;
	int64_t nspam, nham;
	size_t tokens, lines, passed;	/* passed over */
	bool dots;
};

static double vary(double ttl)
{
	double v = ttl * (0.7 + (double)rand() / ((double)RAND_MAX + 1));

	return ttl > 0 && v < 1 ? 1 : v;
}

static int flush(struct restore *r, struct err *err)
{
	struct memory_answer answer;
	int rc = 0;

	if (r->batch.n)
		rc = learn_store_ask(r->ls, r->arena, &r->batch, &answer, err);
	arena_reset(r->arena);
	r->batch = (struct store_batch){ 0 };
	return rc;
}

/* The token that a line names: in hexadecimal, or (version 2) by its text. */
static bool token_of(const struct restore *r, struct str text,
		     uint8_t token[BAYES_TOKEN])
{
	uint8_t sum[DIGEST_MAX];
	struct digest d;

	if (r->version < 3) {
		size_t n;

		digest_begin(&d, DIGEST_SHA1, STR_NONE);
		digest_add(&d, text);
		n = digest_end(&d, sum);
		memcpy(token, sum + n - BAYES_TOKEN, BAYES_TOKEN);
		return text.n > 0;
	}
	if (text.n != 2 * BAYES_TOKEN)
		return false;
	for (size_t i = 0; i < BAYES_TOKEN; i++) {
		int hi = hex_value((unsigned char)text.p[2 * i]);
		int lo = hex_value((unsigned char)text.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		token[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

/* SPAM HAM TIME TOKEN. */
static bool take_token(struct restore *r, struct str rest)
{
	struct str spam, ham, when;
	uint8_t token[BAYES_TOKEN];
	long s, h;

	if (!str_next_word(&rest, &spam) || !str_next_word(&rest, &ham) ||
	    !str_next_word(&rest, &when) || !str_to_long(spam, &s) ||
	    !str_to_long(ham, &h) ||
	    !token_of(r, str_ltrim(rest), token))
		return false;
	if (s <= 0 && h <= 0)
		return true;
	bayes_compose_token(r->arena, &r->ls->home,
			    str_make((char *)token, BAYES_TOKEN),
			    s > 0 ? s : 0, h > 0 ? h : 0,
			    vary(r->ls->home.token_ttl), &r->batch);
	r->tokens++;
	return true;
}

/* KIND ID. */
static bool take_seen(struct restore *r, struct str rest)
{
	struct str kind;

	if (!str_next_word(&rest, &kind) || kind.n != 1 ||
	    (kind.p[0] != 's' && kind.p[0] != 'h'))
		return false;
	rest = str_ltrim(rest);
	if (!rest.n)
		return false;
	bayes_compose_seen(r->arena, &r->ls->home, str_dup(r->arena, rest),
			   kind.p[0], vary(r->ls->home.seen_ttl), &r->batch);
	return true;
}

/* NUMBER NAME. */
static bool take_value(struct restore *r, struct str rest)
{
	struct str number, name;
	long v;

	if (!str_next_word(&rest, &number) || !str_next_word(&rest, &name) ||
	    !str_to_long(number, &v))
		return false;
	if (str_eq(name, STR("num_spam")))
		r->nspam = v;
	else if (str_eq(name, STR("num_nonspam")))
		r->nham = v;
	return true;
}

static void take_line(struct restore *r, struct str line)
{
	static const struct {
		char letter;
		bool (*take)(struct restore *r, struct str rest);
	} kinds[] = {
		{ 't', take_token }, { 's', take_seen }, { 'v', take_value },
	};
	bool taken = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (line.n > 1 && line.p[0] == kinds[i].letter &&
		    is_space((unsigned char)line.p[1]))
			taken = kinds[i].take(r, str_from(line, 2));
	if (!taken) {
		r->passed++;
		log_debug("learn", "passed over: %.*s",
			  STR_ARG(str_head(line, 200)));
	}
}

/* "v 3 db_version ...": which tells how tokens are written. */
static int take_version(struct restore *r, struct str line, struct err *err)
{
	struct str v, number, name;

	if (!str_next_word(&line, &v) || !str_eq(v, STR("v")) ||
	    !str_next_word(&line, &number) || !str_next_word(&line, &name) ||
	    !str_starts(name, STR("db_version")) ||
	    !str_to_long(number, &r->version))
		return err_set(err, "the first line must tell the database "
			       "version: is this a backup?");
	if (r->version != 2 && r->version != 3)
		return err_set(err, "backups of version %ld are not supported, "
			       "only 2 and 3", r->version);
	return 0;
}

static int take_lines(struct restore *r, FILE *f, struct err *err)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		if (r->lines++ == 0) {
			rc = take_version(r, str_make(line, (size_t)n), err);
			if (rc == 0)
				rc = learn_clear(r->ls, err);
			continue;
		}
		take_line(r, str_make(line, (size_t)n));
		if (r->batch.n >= AT_ONCE)
			rc = flush(r, err);
		if (r->dots && r->lines % 1000 == 0)
			fputc('.', stderr);
	}
	if (rc == 0 && ferror(f))
		rc = err_set(err, "%s", strerror(errno));
	else if (rc == 0 && r->lines == 0)
		rc = err_set(err, "it is empty");
	free(line);
	return rc;
}

/* The totals last: until then the database is as an empty one to whoever
 * reads it. */
static int finish(struct restore *r, struct err *err)
{
	if (flush(r, err) < 0)
		return -1;
	if (r->nspam <= 0 && r->nham <= 0)
		return err_set(err, "it tells of no message that was learned "
			       "(num_spam, num_nonspam)");
	bayes_compose_totals(r->arena, &r->ls->home,
			     r->nspam > 0 ? r->nspam : 0,
			     r->nham > 0 ? r->nham : 0, &r->batch);
	return flush(r, err);
}

int learn_restore(const struct learn_store *ls, const char *path, bool dots,
		  struct err *err)
{
	struct restore r = { .ls = ls, .dots = dots };
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct err why;
	int rc;

	if (!f)
		return err_set(err, "%s: %s", path, strerror(errno));
	r.arena = arena_new();
	rc = take_lines(&r, f, &why);
	if (rc == 0)
		rc = finish(&r, &why);
	if (rc < 0)
		err_set(err, "%s: %s", path, why.text);
	if (rc == 0 && r.passed)
		log_warn("%s: %zu lines make no sense and were passed over",
			 path, r.passed);
	if (dots)
		fputc('\n', stderr);
	log_debug("learn", "restored %zu tokens", r.tokens);
	arena_free(&r.arena);
	if (f != stdin)
		fclose(f);
	return rc;
}
