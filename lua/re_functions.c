/*
 * The functions of config['regexp'] expressions. What each answers is what
 * rspamd's answers: to which parts it looks, what counts as equal, from how
 * many recipients on it says something.
 */
#include "lua/re_functions.h"

#include "conf/ruleset.h"
#include "lua/re_message.h"
#include "mail/ctype.h"
#include "mail/dom.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/text_part.h"
#include "match/regex.h"

/* Recipients from which on their likeness tells something, and octets of an
 * address that must be alike. */
#define MIN_RECIPIENTS 7
#define ALIKE_OCTETS 3

/* An argument against a text: a regex is searched, other text must be equal
 * but for case. */
static bool fits(const struct expr_arg *arg, struct str text)
{
	return arg->bound ? regex_hits(arg->bound, text) :
		str_ieq(arg->text, text);
}

static double number_of(const struct expr_arg *arg)
{
	double v = 0;

	return str_to_double(arg->text, &v) ? v : 0;
}

/* ---- headers ---- */

static double header_exists(struct lua_run *run, const struct expr_arg *args,
			    size_t n)
{
	const struct headers *hs = message_headers_named(run->msg,
							 args[0].text);

	(void)n;
	return headers_find(hs, args[0].text, 0) < hs->n;
}

static double check_smtp_data(struct lua_run *run,
			      const struct expr_arg *args, size_t n)
{
	struct strs values = re_smtp_data(run, args[0].text);

	if (n < 2)
		return values.n > 0;
	for (size_t i = 0; i < values.n; i++)
		if (fits(&args[1], values.v[i]))
			return 1;
	return 0;
}

static double compare_recipients_distance(struct lua_run *run,
					  const struct expr_arg *args,
					  size_t n)
{
	const struct strs *all = re_recipients(run);
	size_t counts = 0, hits = 0, pairs = 0, same = 0;
	struct strs keys = { 0 };

	(void)n;
	if (all->n < MIN_RECIPIENTS)
		return 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].n > ALIKE_OCTETS)
			strs_add(run->arena, &keys, str_lower(run->arena,
				 str_head(all->v[i], ALIKE_OCTETS)));
	/* Pairs of equal keys, without looking at every pair. */
	strs_sort(&keys);
	counts = keys.n;
	for (size_t i = 1; i < counts; i++) {
		same = str_eq(keys.v[i], keys.v[i - 1]) ? same + 1 : 0;
		hits += same;
	}
	pairs = counts * (counts ? counts - 1 : 0) / 2;
	return pairs && (double)(hits * counts) / 2 / (double)pairs >=
		number_of(&args[0]);
}

static double is_recipients_sorted(struct lua_run *run,
				   const struct expr_arg *args, size_t n)
{
	const struct strs *all = re_recipients(run);

	(void)args;
	(void)n;
	if (all->n < MIN_RECIPIENTS)
		return 0;
	for (size_t i = 1; i < all->n; i++)
		if (str_icmp(all->v[i], all->v[i - 1]) <= 0)
			return 0;
	return 1;
}

/* ---- the content type ---- */

/* Calls holds for the first part, and for all parts if the second argument
 * says "true" or it is a multipart. */
static bool some_part(struct lua_run *run, const struct expr_arg *args,
		      const struct expr_arg *all,
		      bool (*holds)(const struct ctype *ct,
				    const struct expr_arg *args))
{
	const struct mail_texts *texts = message_texts(run->msg);
	bool deep = all && str_ieq(all->text, STR("true"));

	for (size_t i = 0; i < texts->nnodes; i++) {
		const struct ctype *ct = re_ctype(run, texts->nodes[i]->part);

		if (holds(ct, args))
			return true;
		if (!all && str_eq(ct->type, STR("multipart")))
			deep = true;
		if (!deep)
			return false;
	}
	return false;
}

static bool type_is(const struct ctype *ct, const struct expr_arg *args)
{
	return fits(&args[0], ct->type);
}

static bool subtype_is(const struct ctype *ct, const struct expr_arg *args)
{
	return fits(&args[0], ct->subtype);
}

static struct str param_of(const struct ctype *ct, const struct expr_arg *arg)
{
	char lower[64];
	struct str name = str_head(arg->text, sizeof(lower));

	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)to_lower((unsigned char)name.p[i]);
	return ctype_param(ct, str_make(lower, name.n));
}

static bool has_param(const struct ctype *ct, const struct expr_arg *args)
{
	return param_of(ct, &args[0]).p != NULL;
}

static bool param_is(const struct ctype *ct, const struct expr_arg *args)
{
	struct str value = param_of(ct, &args[0]);

	return value.p && fits(&args[1], value);
}

static double content_type_is_type(struct lua_run *run,
				   const struct expr_arg *args, size_t n)
{
	return some_part(run, args, n > 1 ? &args[1] : NULL, type_is);
}

static double content_type_is_subtype(struct lua_run *run,
				      const struct expr_arg *args, size_t n)
{
	return some_part(run, args, n > 1 ? &args[1] : NULL, subtype_is);
}

static double content_type_has_param(struct lua_run *run,
				     const struct expr_arg *args, size_t n)
{
	return some_part(run, args, n > 1 ? &args[1] : NULL, has_param);
}

static double content_type_compare_param(struct lua_run *run,
					 const struct expr_arg *args,
					 size_t n)
{
	return some_part(run, args, n > 2 ? &args[2] : NULL, param_is);
}

static double compare_transfer_encoding(struct lua_run *run,
					const struct expr_arg *args, size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);

	(void)n;
	for (size_t i = 0; i < texts->nnodes; i++) {
		struct part *p = texts->nodes[i]->part;

		if (part_is_leaf(p) && str_ieq(re_encoding(p), args[0].text))
			return 1;
	}
	return 0;
}

/* rspamd's looks at nothing. */
static double compare_encoding(struct lua_run *run,
			       const struct expr_arg *args, size_t n)
{
	(void)run;
	(void)args;
	(void)n;
	return 1;
}

/* ---- parts ---- */

static bool is_attached(const struct text_part *t)
{
	return str_istarts(str_ltrim(part_header(t->part,
			   STR("content-disposition"))), STR("attachment"));
}

/* The first text is the one that shows: HTML in front of its plain form is
 * what a reader without HTML would see. */
static double has_only_html_part(struct lua_run *run,
				 const struct expr_arg *args, size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);

	(void)args;
	(void)n;
	return texts->ntexts && texts->texts[0]->html &&
		!is_attached(texts->texts[0]);
}

static double is_empty_body(struct lua_run *run, const struct expr_arg *args,
			    size_t n)
{
	const struct message *m = run->msg;

	(void)args;
	(void)n;
	for (size_t i = 0; i < m->nleaves; i++)
		if (part_content(run->arena, m->leaves[i]).n > 0)
			return 0;
	return 1;
}

static double has_content_part_len(struct lua_run *run,
				   const struct expr_arg *args, size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);
	double min = n > 2 ? number_of(&args[2]) : 0;
	double max = n > 3 ? number_of(&args[3]) : 0;

	for (size_t i = 0; i < texts->nnodes; i++) {
		struct part *p = texts->nodes[i]->part;
		const struct ctype *ct = re_ctype(run, p);
		double len;

		if (!fits(&args[0], ct->type) ||
		    (n > 1 && !fits(&args[1], ct->subtype)))
			continue;
		if (min == 0 && max == 0)
			return 1;
		len = part_is_leaf(p) ?
			(double)part_content(run->arena, p).n : 0;
		if (len >= min && (max == 0 || len <= max))
			return 1;
	}
	return 0;
}

static double has_content_part(struct lua_run *run,
			       const struct expr_arg *args, size_t n)
{
	return has_content_part_len(run, args, n < 2 ? n : 2);
}

/* How much of one text is in the other, in per cent. */
static double compare_parts_distance(struct lua_run *run,
				     const struct expr_arg *args, size_t n)
{
	struct mail_texts *texts = message_texts(run->msg);
	double low = number_of(&args[0]), high, alike;

	if (!texts->distance_known)
		mail_texts_compare(run->arena, texts);
	if (!texts->distance_known)
		return 0;
	alike = (1 - texts->distance) * 100;
	if (n < 2)
		return alike <= low;
	high = number_of(&args[1]);
	return alike >= (low < high ? low : high) &&
	       alike < (low < high ? high : low);
}

/* ---- HTML ---- */

static double has_html_tag(struct lua_run *run, const struct expr_arg *args,
			   size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);
	struct str name = str_lower(run->arena, args[0].text);

	(void)n;
	for (size_t i = 0; i < texts->ntexts; i++) {
		const struct dom *dom = texts->texts[i]->dom;

		if (dom && map_has(&dom->seen, name))
			return 1;
	}
	return 0;
}

static double is_html_balanced(struct lua_run *run,
			       const struct expr_arg *args, size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);

	(void)args;
	(void)n;
	for (size_t i = 0; i < texts->ntexts; i++) {
		const struct dom *dom = texts->texts[i]->dom;

		if (dom && (dom->flags & DOM_UNBALANCED))
			return 0;
	}
	return 1;
}

/* Said to be HTML, and there is next to no tag in it. */
static double has_fake_html(struct lua_run *run, const struct expr_arg *args,
			    size_t n)
{
	const struct mail_texts *texts = message_texts(run->msg);

	(void)args;
	(void)n;
	for (size_t i = 0; i < texts->ntexts; i++) {
		const struct text_part *t = texts->texts[i];

		if (t->html && (!t->dom || t->dom->n < 2))
			return 1;
	}
	return 0;
}

/* ---- the scan ---- */

static double has_symbol(struct lua_run *run, const struct expr_arg *args,
			 size_t n)
{
	const struct rule *r = ruleset_find(run->host.rules, args[0].text);
	struct lua_result res;

	(void)n;
	return r && run->host.result(run->host.ctx, r, &res) && res.hit;
}

static double has_flag(struct lua_run *run, const struct expr_arg *args,
		       size_t n)
{
	(void)n;
	return re_has_flag(run, args[0].text);
}

static const struct re_function functions[] = {
	{ "check_smtp_data", 1, 2, check_smtp_data },
	{ "compare_encoding", 1, 1, compare_encoding },
	{ "compare_parts_distance", 1, 2, compare_parts_distance },
	{ "compare_recipients_distance", 1, 1, compare_recipients_distance },
	{ "compare_transfer_encoding", 1, 1, compare_transfer_encoding },
	{ "content_type_compare_param", 2, 3, content_type_compare_param },
	{ "content_type_has_param", 1, 2, content_type_has_param },
	{ "content_type_is_subtype", 1, 2, content_type_is_subtype },
	{ "content_type_is_type", 1, 2, content_type_is_type },
	{ "has_content_part", 1, 2, has_content_part },
	{ "has_content_part_len", 3, 4, has_content_part_len },
	{ "has_fake_html", 0, 0, has_fake_html },
	{ "has_flag", 1, 1, has_flag },
	{ "has_html_tag", 1, 1, has_html_tag },
	{ "has_only_html_part", 0, 0, has_only_html_part },
	{ "has_symbol", 1, 1, has_symbol },
	{ "header_exists", 1, 1, header_exists },
	{ "is_empty_body", 0, 0, is_empty_body },
	{ "is_html_balanced", 0, 0, is_html_balanced },
	{ "is_recipients_sorted", 0, 0, is_recipients_sorted },
	{ "raw_header_exists", 1, 1, header_exists },
};
#define FUNCTIONS (sizeof(functions) / sizeof(*functions))

const struct re_function *re_function_find(struct str name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (str_eq(name, str_cstr(functions[i].name)))
			return &functions[i];
	return NULL;
}

const char *const *re_function_names(void)
{
	static const char *names[FUNCTIONS + 1];

	for (size_t i = 0; i < FUNCTIONS; i++)
		names[i] = functions[i].name;
	return names;
}
