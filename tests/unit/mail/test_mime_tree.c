/*
 * The MIME tree: what SpamAssassin 4.0.1 makes of regular and of malformed
 * structure (the expected trees are its own), that GMime and the line reader
 * see the same, and that long runs of blank lines are cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"

#define NO_SEPARATOR MSG_MISSING_HEAD_BODY_SEPARATOR
#define NO_MIME_SEPARATOR MSG_MISSING_MIME_HEAD_BODY_SEPARATOR
#define NO_MIME_HEADERS MSG_MISSING_MIME_HEADERS
#define EPILOGUE MSG_MIME_EPILOGUE_EXISTS

/* A tree as text: type(children) or type'undecoded text'. */
static void show(struct buf *b, const struct part *p)
{
	buf_adds(b, p->declared_type);
	if (part_is_leaf(p)) {
		buf_addf(b, "'%.*s'", STR_ARG(p->raw));
		return;
	}
	buf_addc(b, '(');
	for (size_t i = 0; i < p->nchildren; i++) {
		if (i)
			buf_addc(b, ' ');
		show(b, p->children[i]);
	}
	buf_addc(b, ')');
}

static char *tree_of(struct arena *a, struct str raw, bool by_lines,
		     struct message **m_r)
{
	struct mail_settings *ms = arena_alloc(a, sizeof(*ms));
	struct buf b;

	mail_settings_init(ms);
	ms->mime_by_lines = by_lines;
	*m_r = message_parse(a, ms, raw);
	buf_in(&b, a, 1 << 20);
	show(&b, (*m_r)->root);
	return arena_strndup(a, b.p, b.n);
}

static const struct tree_case {
	const char *name;
	const char *mail;
	const char *tree;
	unsigned flags;
	bool open;		/* a boundary is missing */
} cases[] = {
	{ "no header at all",
	  "just text\nmore\n",
	  "text/plain''",
	  NO_SEPARATOR, false },
	{ "header only",
	  "Subject: x\n",
	  "text/plain''",
	  NO_SEPARATOR, false },
	{ "empty",
	  "",
	  "text/plain''",
	  0, false },
	{ "three bad lines",
	  "bad\nbad\nbad\nSubject: x\n\ntext\n",
	  "text/plain'text\n'",
	  0, false },
	{ "four bad lines",
	  "bad\nbad\nbad\nbad\nSubject: x\n\ntext\n",
	  "text/plain'bad\nSubject: x\n\ntext\n'",
	  NO_SEPARATOR, false },
	{ "dashes end the header",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "--b\nContent-Type: text/plain\n\none\n--b--\n",
	  "multipart/mixed(text/plain'one')",
	  NO_SEPARATOR, false },
	{ "regular",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/plain\n\none\n--b\n"
	  "Content-Type: text/html\n\ntwo\n--b--\n",
	  "multipart/mixed(text/plain'one' text/html'two')",
	  0, false },
	{ "preamble and epilogue",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\npre\n--b\nContent-Type: text/plain\n\none\n"
	  "--b--\nepi\n",
	  "multipart/mixed(text/plain'one')",
	  EPILOGUE, false },
	{ "dots are no epilogue",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/plain\n\none\n--b--\n"
	  " . \n",
	  "multipart/mixed(text/plain'one')",
	  0, false },
	{ "not closed",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/plain\n\none\n",
	  "multipart/mixed(text/plain'one\n')",
	  0, true },
	{ "no boundary line",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\ntext\nmore\n",
	  "multipart/mixed(text/plain'text\nmore\n')",
	  0, false },
	{ "no boundary line, header-like",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\nA: b\n\nmore\n",
	  "multipart/mixed(text/plain'A: b\n\nmore\n"
	  "')",
	  0, false },
	{ "only an end",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\ntext\n--b--\nepi\n",
	  "multipart/mixed(text/plain'text')",
	  EPILOGUE, true },
	{ "boundary with blanks",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b  \nContent-Type: text/plain\n\none\n"
	  "--b-- 	\n",
	  "multipart/mixed(text/plain'one')",
	  0, false },
	{ "longer boundary is none",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/plain\n\none\n--bc\n"
	  "two\n--b--\n",
	  "multipart/mixed(text/plain'one\n--bc\ntwo')",
	  0, false },
	{ "no header in a part",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\n\none\n--b--\n",
	  "multipart/mixed(text/plain'one')",
	  NO_MIME_HEADERS, false },
	{ "no empty line",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/html\none\n--b--\n",
	  "multipart/mixed(text/html'one')",
	  NO_MIME_SEPARATOR, false },
	{ "header lost before boundary",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/html\n--b\n\ntwo\n"
	  "--b--\n",
	  "multipart/mixed(text/plain'' text/plain'two')",
	  NO_MIME_HEADERS, false },
	{ "header lost at the end",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: text/html\n",
	  "multipart/mixed(text/plain'Content-Type: text/html\n"
	  "')",
	  0, true },
	{ "blank before colon hides",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type : text/html\n\none\n--b--\n",
	  "multipart/mixed(text/plain'one')",
	  NO_MIME_HEADERS, false },
	{ "nested",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: multipart/alternative; boundary=c\n"
	  "\n--c\nContent-Type: text/plain\n\none\n--c--\n"
	  "--b\nContent-Type: text/plain\n\ntwo\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'one') text/plain'two')",
	  0, false },
	{ "nested with an epilogue",
	  "Content-Type: multipart/mixed; boundary=b\n\n"
	  "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
	  "--c\nContent-Type: text/plain\n\none\n--c--\nepi\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'one'))",
	  EPILOGUE, false },
	{ "nested inherits boundary",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: multipart/alternative\n"
	  "\none\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'one'))",
	  0, false },
	{ "nested has the same boundary",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: multipart/alternative; boundary=b\n"
	  "\n--b\nContent-Type: text/plain\n\none\n--b--\n"
	  "--b\nContent-Type: text/plain\n\ntwo\n--b--\n",
	  "multipart/mixed(multipart/alternative(text/plain'one') text/plain'two')",
	  0, false },
	{ "digest",
	  "Content-Type: multipart/digest; boundary=b\n"
	  "\n--b\n\nSubject: x\n\none\n--b--\n",
	  "multipart/digest(message/rfc822(text/plain'one'))",
	  NO_MIME_HEADERS, false },
	{ "mail in a part",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n--b\nContent-Type: message/rfc822\n\nSubject: x\n"
	  "\none\n--b--\n",
	  "multipart/mixed(message/rfc822(text/plain'one'))",
	  0, false },
	{ "mail in base64",
	  "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n"
	  "\nU3ViamVjdDogeAoKb25lCg==\n",
	  "message/rfc822(text/plain'one\n')",
	  0, false },
	{ "partial is not opened",
	  "Content-Type: message/partial\n\nSubject: x\n"
	  "\none\n",
	  "message/partial'Subject: x\n\none\n'",
	  0, false },
	{ "without boundary",
	  "Content-Type: multipart/mixed\n\none\ntwo\n",
	  "text/plain'\none\ntwo\n'",
	  0, false },
	{ "without boundary, header-like",
	  "Content-Type: multipart/mixed\n\nA: b\n\n"
	  "two\n",
	  "text/plain'\nA: b\n\ntwo\n'",
	  0, false },
	{ "crlf",
	  "Content-Type: multipart/mixed; boundary=b\r\n"
	  "\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
	  "one\r\n--b--\r\n",
	  "multipart/mixed(text/plain'one')",
	  0, false },
	{ "crlf body in lf mail",
	  "Subject: x\n\none\r\ntwo\n",
	  "text/plain'one\r\ntwo\n'",
	  0, false },
	{ "crlf by the last line",
	  "Subject: x\n\none\ntwo\r\n",
	  "text/plain'one\ntwo\n'",
	  0, false },
	{ "mbox",
	  "From me\nSubject: x\n\none\n",
	  "text/plain'one\n'",
	  0, false },
	{ "no mbox",
	  "From : me\n\none\n",
	  "text/plain'one\n'",
	  0, false },
	{ "boundary 0",
	  "Content-Type: multipart/mixed; boundary=0\n"
	  "\n--0\nContent-Type: multipart/mixed; boundary=0\n"
	  "\none\n--0--\n",
	  "multipart/mixed(multipart/mixed(text/plain'one'))",
	  NO_MIME_SEPARATOR, true },
	{ "empty multipart",
	  "Content-Type: multipart/mixed; boundary=b\n"
	  "\n",
	  "multipart/mixed()",
	  0, false },
	{ "odd type",
	  "Content-Type: ?\??\n\none\n",
	  "'one\n'",
	  0, false },
	{ "folded header in a part",
	  "Content-Type: multipart/mixed; boundary=\"b\"\n"
	  "\n--b\nContent-Type: text/html;\n charset=x\n"
	  "\none\n--b--\n",
	  "multipart/mixed(text/html'one')",
	  0, false },
};

static void check_case(const struct tree_case *c, bool by_lines)
{
	struct arena *a = arena_new();
	struct message *m;
	const char *tree = tree_of(a, str_cstr(c->mail), by_lines, &m);

	print_message("%s (%s)\n", c->name, by_lines ? "lines" : "gmime");
	assert_string_equal(tree, c->tree);
	assert_int_equal(m->flags, c->flags);
	assert_int_equal(m->missing_boundary, c->open);
	arena_free(&a);
}

static void trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		check_case(&cases[i], false);
		check_case(&cases[i], true);
	}
}

/* A run of n blank lines leaves this many in the body. */
static void blank_runs(void **state)
{
	static const struct { bool top; int n, left; } runs[] = {
		{ false, 19, 19 }, { false, 20, 20 }, { false, 21, 20 },
		{ false, 200, 20 }, { true, 20, 20 }, { true, 21, 21 },
		{ true, 22, 21 }, { true, 200, 21 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		struct arena *a = arena_new();
		struct message *m;
		struct buf b;
		int left = 0;

		buf_in(&b, a, 4096);
		buf_addf(&b, "A: b\n\n%s", runs[i].top ? "" : "one\n");
		for (int k = 0; k < runs[i].n; k++)
			buf_addc(&b, '\n');
		buf_addf(&b, "two\n");
		for (const char *p = tree_of(a, buf_str(&b), false, &m); *p; p++)
			left += *p == '\n';
		assert_int_equal(left, runs[i].left + 1 + !runs[i].top);
		/* What was received is kept. */
		assert_int_equal(m->pristine.n, b.n);
		arena_free(&a);
	}
}

/* Random structure: lines of a small vocabulary, so that most boundaries are
 * in the wrong place. */
static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

static void random_mail(struct buf *b, unsigned seed)
{
	static const char *const lines[] = {
		"--b", "--b", "--b--", "--c", "--c--", "--b ", "", "", "",
		"text", "more text", "Content-Type: text/plain",
		"Content-Type: text/html", "Content-Type: multipart/mixed;",
		" boundary=c", "Content-Type: multipart/mixed; boundary=c",
		"Content-Type: multipart/mixed; boundary=b",
		"Content-Type: message/rfc822", "A: b", "not a header",
	};
	unsigned n = 3 + next_random(&seed) % 30;

	buf_addf(b, "Content-Type: multipart/mixed; boundary=b\n\n");
	while (n--)
		buf_addf(b, "%s\n", lines[next_random(&seed) %
					  (sizeof(lines) / sizeof(*lines))]);
}

static void both_readers_agree(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 3000; seed++) {
		struct arena *a = arena_new();
		struct message *m, *l;
		const char *by_gmime, *by_lines;
		struct buf b;

		buf_in(&b, a, 4096);
		random_mail(&b, seed);
		by_gmime = tree_of(a, buf_str(&b), false, &m);
		by_lines = tree_of(a, buf_str(&b), true, &l);
		if (strcmp(by_gmime, by_lines) != 0 || m->flags != l->flags)
			print_message("seed %u:\n%.*s\n", seed,
				      STR_ARG(buf_str(&b)));
		assert_string_equal(by_gmime, by_lines);
		assert_int_equal(m->flags, l->flags);
		assert_int_equal(m->nleaves, l->nleaves);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),
		cmocka_unit_test(blank_runs),
		cmocka_unit_test(both_readers_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
