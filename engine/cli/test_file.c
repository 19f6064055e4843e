/*
 * Reads files of rule tests; see test_file.h. A statement is a line, its
 * first word names it, and a table the words.
 */
#include "cli/test_file.h"

#include "base/arena.h"

struct reading {
	struct arena *a;
	struct test_file *file;
	const char *path;
	struct str rest;
	int line;
	struct err *err;
};

static struct rule_test *current(struct reading *r)
{
	return r->file->n ? &r->file->tests[r->file->n - 1] : NULL;
}

static int fault(struct reading *r, const char *what)
{
	return err_set(r->err, "%s:%d: %s", r->path, r->line, what);
}

static int on_cf(struct reading *r, struct str value)
{
	if (r->file->n)
		return fault(r, "cf lines stand before the first test");
	strs_add(r->a, &r->file->cf, str_dup(r->a, value));
	return 0;
}

static int on_test(struct reading *r, struct str value)
{
	struct test_file *f = r->file;
	struct rule_test *t;

	f->tests = arena_grow(r->a, f->tests, f->n, &f->cap, sizeof(*t));
	t = &f->tests[f->n++];
	*t = (struct rule_test){ .name = value, .line = r->line,
				 .message = STR_NONE, .file = STR_NONE };
	return 0;
}

static int on_file(struct reading *r, struct str value)
{
	struct str path = str_cstr(r->path);
	ssize_t slash = str_rchr(path, '/');

	if (slash >= 0 && !str_starts(value, STR("/")))
		value = str_cat(r->a, str_head(path, (size_t)slash + 1),
				value);
	current(r)->file = str_dup(r->a, value);
	return 0;
}

/* message <<WORD: all lines up to one that is WORD. */
static int on_message(struct reading *r, struct str value)
{
	struct str start = r->rest, line, end;

	if (!str_starts(value, STR("<<")) || value.n == 2)
		return fault(r, "expected: message <<WORD");
	end = str_from(value, 2);
	while (str_next_line(&r->rest, &line)) {
		r->line++;
		if (!str_eq(str_rtrim(line), end))
			continue;
		current(r)->message = str_head(start,
					       (size_t)(line.p - start.p));
		return 0;
	}
	return fault(r, "the message has no end");
}

static void add_words(struct reading *r, struct strs *list, struct str value)
{
	struct str word;

	while (str_next_word(&value, &word))
		strs_add(r->a, list, word);
}

static int on_expect(struct reading *r, struct str value)
{
	add_words(r, &current(r)->expect, value);
	return 0;
}

static int on_forbid(struct reading *r, struct str value)
{
	add_words(r, &current(r)->forbid, value);
	return 0;
}

static int on_min(struct reading *r, struct str value)
{
	current(r)->has_min = str_to_double(value, &current(r)->min);
	return current(r)->has_min ? 0 : fault(r, "expected a score");
}

static int on_max(struct reading *r, struct str value)
{
	current(r)->has_max = str_to_double(value, &current(r)->max);
	return current(r)->has_max ? 0 : fault(r, "expected a score");
}

static int on_verdict(struct reading *r, struct str value)
{
	if (!str_eq(value, STR("spam")) && !str_eq(value, STR("ham")))
		return fault(r, "expected spam or ham");
	current(r)->verdict = value;
	return 0;
}

static int on_rcpt(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	strs_add(r->a, &current(r)->rcpts, value);
	return 0;
}

static int on_from(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	current(r)->envelope.from = value;
	return 0;
}

static int on_ip(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	current(r)->envelope.ip = value;
	return 0;
}

static int on_helo(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	current(r)->envelope.helo = value;
	return 0;
}

static int on_hostname(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	current(r)->envelope.hostname = value;
	return 0;
}

static int on_user(struct reading *r, struct str value)
{
	current(r)->has_envelope = true;
	current(r)->envelope.user = value;
	return 0;
}

static const struct {
	const char *word;
	int (*read)(struct reading *r, struct str value);
	bool outside;		/* needs no test to belong to */
} statements[] = {
	{ "cf", on_cf, true }, { "test", on_test, true },
	{ "file", on_file, false }, { "message", on_message, false },
	{ "expect", on_expect, false }, { "forbid", on_forbid, false },
	{ "min", on_min, false }, { "max", on_max, false },
	{ "verdict", on_verdict, false },
	{ "from", on_from, false }, { "rcpt", on_rcpt, false },
	{ "ip", on_ip, false }, { "helo", on_helo, false },
	{ "hostname", on_hostname, false }, { "user", on_user, false },
};

static int statement(struct reading *r, struct str line)
{
	struct str word, rest = line;

	if (!str_next_word(&rest, &word) || word.p[0] == '#')
		return 0;
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		if (!str_eq(word, str_cstr(statements[i].word)))
			continue;
		if (!statements[i].outside && !r->file->n)
			return fault(r, "it stands in no test");
		return statements[i].read(r, str_trim(rest));
	}
	return err_set(r->err, "%s:%d: unknown statement '%.*s'", r->path,
		       r->line, STR_ARG(str_head(word, 60)));
}

/* A test must have a message, and ask something of it. */
static int check(struct reading *r)
{
	for (size_t i = 0; i < r->file->n; i++) {
		struct rule_test *t = &r->file->tests[i];

		r->line = t->line;
		if (!t->message.p && !t->file.p)
			return fault(r, "the test has no message");
		if (!t->expect.n && !t->forbid.n && !t->has_min &&
		    !t->has_max && !t->verdict.n)
			return fault(r, "the test expects nothing");
		t->envelope.rcpts = t->rcpts.n ? &t->rcpts : NULL;
	}
	return 0;
}

int test_file_parse(struct arena *a, struct test_file *f, const char *path,
		    struct str text, struct err *err)
{
	struct reading r = { .a = a, .file = f, .path = path, .rest = text,
			     .err = err };
	struct str line;

	*f = (struct test_file){ 0 };
	while (str_next_line(&r.rest, &line)) {
		r.line++;
		if (statement(&r, line) < 0)
			return -1;
	}
	return check(&r);
}
