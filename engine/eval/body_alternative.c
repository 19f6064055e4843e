/*
 * How much the HTML and the plain text of a multipart/alternative differ:
 * spam puts an innocent text beside its HTML. The words of both sides are
 * counted; a word of the HTML is accounted for if the text has it at least as
 * often. Time and memory are linear in the text.
 */
#include <stdint.h>

#include "base/arena.h"
#include "eval/body.h"
#include "eval/eval.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/unicode.h"

struct words {
	struct map html, text;	/* word -> (void *)(uintptr_t) count */
};

static void count_word(struct map *map, struct str word)
{
	uintptr_t n = (uintptr_t)map_get(map, word);

	map_set(map, word, (void *)(n + 1));
}

/* The words of a rendered text, parted by white space; what has no letter or
 * digit (bullets, rules) is no word. */
static void count_words(struct arena *a, struct map *map, struct part *p)
{
	struct str s = p->rendered;
	bool utf8 = p->rendered_utf8;

	for (size_t i = 0; i < s.n; ) {
		size_t from = i, space = 0;
		struct str word;

		while (i < s.n && !(space = space_at(str_from(s, i), utf8)))
			i++;
		word = str_make(s.p + from, i - from);
		if (text_has_word(word, utf8))
			count_word(map, utf8 ? word : latin1_to_utf8(a, word));
		i += space;
	}
}

/* All text parts below p; the depth is bounded by LIMIT_MIME_DEPTH. */
static void gather(struct arena *a, struct words *w, struct part *p)
{
	struct str t = p->declared_type;

	for (size_t i = 0; i < p->nchildren; i++)
		gather(a, w, p->children[i]);
	if (!str_starts(t, STR("text")) ||
	    (t.n > 4 && is_word((unsigned char)t.p[4])))
		return;
	part_render(p);
	if (!p->rendered.p)
		return;
	if (!str_eq(p->rendered_type, STR("text/html"))) {
		count_words(a, &w->text, p);
		return;
	}
	count_words(a, &w->html, p);
	/* HTML of nothing but images counts as one word that no text has. */
	if (w->html.n == 0 && p->html && map_has(&p->html->inside, STR("img")))
		count_word(&w->html, STR("\n"));
}

static void compare(struct body_facts *f, const struct words *w)
{
	size_t left = 0, i = 0;
	struct map_entry *e;
	double percent;

	if (w->html.n == 0)
		return;
	f->html_words = w->html.n;
	f->text_words = w->text.n;
	while ((e = map_next(&w->html, &i)))
		left += (uintptr_t)map_get(&w->text, e->key) <
			(uintptr_t)e->value;
	percent = (double)left / (double)w->html.n * 100;
	if (percent > f->difference)
		f->difference = percent;
}

static void visit(struct arena *a, struct body_facts *f, struct part *p)
{
	struct str name = STR("multipart/alternative");
	struct words w = { MAP_IN(a), MAP_IN(a) };

	if (str_starts(p->declared_type, name) &&
	    (p->declared_type.n == name.n ||
	     !is_word((unsigned char)p->declared_type.p[name.n]))) {
		gather(a, &w, p);
		compare(f, &w);
	}
	for (size_t i = 0; i < p->nchildren; i++)
		visit(a, f, p->children[i]);
}

/* Meeting requests: HTML beside a calendar, nothing else. */
static bool is_meeting(const struct part *root)
{
	return str_eq(root->declared_type, STR("multipart/alternative")) &&
	       root->nchildren == 2 &&
	       root->children[0]->nchildren == 0 &&
	       root->children[1]->nchildren == 0 &&
	       str_eq(root->children[0]->declared_type, STR("text/html")) &&
	       str_eq(root->children[1]->declared_type, STR("text/calendar"));
}

static const struct body_facts *alternative_facts(struct eval_ctx *c)
{
	struct body_facts *f = body_facts(c);

	if (!f->alternative_made) {
		f->alternative_made = true;
		if (!is_meeting(c->msg->root))
			visit(c->msg->arena, f, c->msg->root);
	}
	return f;
}

int multipart_alternative_difference(struct eval_ctx *c,
				     const struct strs *args)
{
	double difference = alternative_facts(c)->difference;
	double min = eval_arg_num(args, 0, 0);

	return (min == 0 || difference > min) &&
	       (str_eq(eval_arg(args, 1), STR("undef")) ||
		difference <= eval_arg_num(args, 1, 0));
}

int multipart_alternative_difference_count(struct eval_ctx *c,
					   const struct strs *args)
{
	const struct body_facts *f = alternative_facts(c);

	if ((double)f->html_words <= eval_arg_num(args, 1, 0))
		return 0;
	return (double)f->text_words / (double)f->html_words >
	       eval_arg_num(args, 0, 0);
}
