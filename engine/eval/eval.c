/*
 * The registry of eval tests: families' tables joined into one map, made at
 * first use. See eval.h.
 */
#include "eval/eval.h"

#include <math.h>

#include "base/arena.h"

static const struct eval_test *const families[] = {
	eval_header_tests, eval_relay_tests,	eval_mime_tests,
	eval_html_tests,   eval_image_tests,	eval_body_tests,
	eval_wlbl_tests,   eval_freemail_tests, eval_bounce_tests,
	eval_uri_tests,	   eval_memory_tests,	eval_bayes_tests,
	eval_textcat_tests,
	eval_pdf_tests,	   eval_ole_tests,
	eval_programs_tests, eval_uri_local_bl_tests,
	eval_access_tests, eval_antivirus_tests, eval_auth_results_tests,
	eval_from_name_tests, eval_phishing_tests, eval_short_url_tests,
};

static struct arena *registry_arena;
static struct map registry;

static void fill_registry(void)
{
	registry_arena = arena_new();
	registry = MAP_IN(registry_arena);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (const struct eval_test *t = families[i]; t->name; t++)
			map_set(&registry, str_cstr(t->name), (void *)t);
}

const struct eval_test *eval_find(struct str name)
{
	if (!registry_arena)
		fill_registry();
	return map_get(&registry, name);
}

struct str eval_arg(const struct strs *args, size_t i)
{
	return i < args->n ? args->v[i] : STR("");
}

double eval_arg_num(const struct strs *args, size_t i, double otherwise)
{
	double v;

	if (str_ieq(eval_arg(args, i), STR("inf")))
		return INFINITY;
	return str_to_double(eval_arg(args, i), &v) ? v : otherwise;
}
