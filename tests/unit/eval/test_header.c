/*
 * The header and relay families against a table of SpamAssassin's answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "conf/settings.h"
#include "eval/eval.h"
#include "header_cases.h"
#include "mail/domain.h"
#include "mail/message.h"

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct header_case *c = &cases[i];
		struct arena *a = arena_new();
		struct domains domains = { .tlds = MAP_IN(a) };
		struct settings settings = { .arena = a };
		struct eval_ctx ctx = { .arena = a, .settings = &settings };
		const struct eval_test *t = eval_find(str_cstr(c->test));
		struct strs args = { 0 };

		print_message("%s: %s\n", c->test, c->name);
		domains_add(a, &domains, 1, STR("com"));
		domains_add(a, &domains, 1, STR("org"));
		mail_settings_init(&settings.mail);
		settings.mail.domains = &domains;
		for (size_t k = 0; k < 3 && c->args[k]; k++)
			strs_add(a, &args, str_cstr(c->args[k]));
		ctx.msg = message_parse(a, &settings.mail,
					str_cat(a, str_cstr(c->headers),
						STR("\nbody\n")));
		assert_non_null(t);
		assert_int_equal(t->fn(&ctx, &args), c->hits);
		/* What is kept with the message changes no answer. */
		assert_int_equal(t->fn(&ctx, &args), c->hits);
		arena_free(&a);
	}
}

/* Each test of both families is one of SpamAssassin's and has a sentence. */
static void tables(void **state)
{
	const struct eval_test *const families[] = { eval_header_tests,
						     eval_relay_tests };
	const size_t sizes[] = { 29, 11 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t n = 0;

		for (const struct eval_test *t = families[i]; t->name; t++) {
			assert_ptr_equal(eval_find(str_cstr(t->name)), t);
			assert_true(strlen(t->what) > 10);
			assert_true(t->kinds & EVAL_HEADER);
			n++;
		}
		assert_int_equal(n, sizes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
