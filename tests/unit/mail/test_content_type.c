/*
 * Content-Type and Content-Disposition, as SpamAssassin 4.0.1 answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mail/content_type.h"

/* NULL: there is none. */
static const struct type_case {
	const char *value, *type, *boundary, *charset, *name;
} types[] = {
	{ "text/html", "text/html", NULL, NULL, NULL },
	{ "TEXT/HTML; charset=UTF-8", "text/html", NULL, "UTF-8", NULL },
	{ "text/enriched", "text/plain", NULL, NULL, NULL },
	{ "text", "text/plain", NULL, NULL, NULL },
	{ "text/x-vcard", "text/x-vcard", NULL, NULL, NULL },
	{ "text/calendar", "text/calendar", NULL, NULL, NULL },
	{ "textual/x", "textual/x", NULL, NULL, NULL },
	{ "text/plain charset=koi8-r", "text/plain", NULL, "koi8-r", NULL },
	{ "multipart/mixed; boundary=abc", "multipart/mixed", "abc", NULL,
	  NULL },
	{ "multipart/mixed; boundary=\"a b\"", "multipart/mixed", "a b", NULL,
	  NULL },
	{ "multipart/mixed; Boundary = \"open", "multipart/mixed", "open",
	  NULL, NULL },
	{ "multipart/mixed; boundary=a\"b", "multipart/mixed", NULL, NULL,
	  NULL },
	{ "multipart/mixed; boundary=\"\"; boundary=c", "multipart/mixed", "c",
	  NULL, NULL },
	{ "multipart/mixed; xboundary=a", "multipart/mixed", NULL, NULL,
	  NULL },
	{ "image/png; name=\"x.html\"", "image/png", NULL, NULL, "x.html" },
	{ "a/b; name=c; filename=d", "a/b", NULL, NULL, "c" },
	{ "a/b; x=filename=d", "a/b", NULL, NULL, "d" },
	{ "text/plain; charset='utf-8'", "text/plain", NULL, "utf-8", NULL },
	{ "text/plain; charset=\"utf-8\" x; y", "text/plain", NULL,
	  "utf-8\" x", NULL },
	{ "text/plain; charset=", "text/plain", NULL, "", NULL },
	{ "", "text/plain", NULL, "us-ascii", NULL },
	{ "0", "text/plain", NULL, "us-ascii", NULL },
	{ ";x", "text/plain", NULL, NULL, NULL },
	{ "/x", "/x", NULL, NULL, NULL },
	{ "\"text\"/plain", "text/plain", NULL, NULL, NULL },
	{ "a/b/c", "a/b", NULL, NULL, NULL },
	{ "?\?\?", "", NULL, NULL, NULL },
	{ "a/b; name*0=\"a.\"; name*1=\"htm\"", "a/b", NULL, NULL, "a.htm" },
	{ "a/b; name*1=d; filename*0=c", "a/b", NULL, NULL, "cd" },
	{ "a/b; name*1=d; name*0*=c", "a/b", NULL, NULL, NULL },
	{ "a/b; name*0=c; name*99999999999=d", "a/b", NULL, NULL, "c" },
};

static void same(struct str got, const char *want)
{
	if (!want)
		assert_int_equal(got.n, 0);
	else
		assert_true(str_eq(got, str_cstr(want)));
}

static void content_types(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct type_case *c = &types[i];
		struct content_type ct = content_type_parse(a,
			str_cstr(c->value));

		print_message("%s\n", c->value);
		same(ct.type, c->type);
		same(ct.boundary, c->boundary);
		same(ct.charset, c->charset);
		same(ct.name, c->name);
		assert_int_equal(ct.missing, !c->value[0] ||
				 c->value[0] == '0' || c->value[0] == ';');
	}
	arena_free(&a);
}

static void names(void **state)
{
	static const struct { const char *value, *name; } cases[] = {
		{ "attachment; filename=\"a.pdf\"", "a.pdf" },
		{ "attachment; filename=b.shtml; x", "b.shtml" },
		{ "inline; name= \"c.txt\"", "c.txt" },
		{ "x; filename=\"\"; name=d", "d" },
		{ "attachment; filename*=utf-8''e", NULL },
		{ "x; name=  ;", " " }, { "x; NAME=f", "f" }, { "", NULL },
		{ "name=", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s\n", cases[i].value);
		same(disposition_name(str_cstr(cases[i].value)),
		     cases[i].name);
	}
}

/* No value is too long for a glance. */
static void hostile(void **state)
{
	static const char *const units[] = {
		"boundary=", "boundary=\"", "name=", "charset=", "name*0=",
		"charset   ", "boundary=a\"", "filename", "/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		struct arena *a = arena_new();
		struct str unit = str_cstr(units[i]);
		size_t n = 1 << 20;
		char *p = arena_text(a, n);

		for (size_t k = 0; k < n; k++)
			p[k] = unit.p[k % unit.n];
		/* A newline in the middle is what no value spans. */
		p[n - 2] = '\n';
		content_type_parse(a, str_make(p, n));
		disposition_name(str_make(p, n));
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_types),
		cmocka_unit_test(names),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
