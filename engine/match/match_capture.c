/*
 * Named groups and the templates made of them: a rule with (?<NAME>...) lends
 * the texts it caught to rules that say %{NAME}. As in SpamAssassin the
 * values stand quoted in one alternation, and a rule whose value is missing is
 * not asked. Other than there the value is that of the message at hand:
 * SpamAssassin's /o keeps the first message's for the life of a process.
 */
#include "match/match_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* Values that one rule may catch in a message. */
#define MAX_VALUES 1000

bool capture_name_valid(struct str name)
{
	bool letter_next = true;

	for (size_t i = 0; i < name.n; i++) {
		int c = (unsigned char)name.p[i];

		if (c == '_' && !letter_next && i + 1 < name.n &&
		    name.p[i + 1] != '_')
			continue;
		if (!is_upper(c) && (!is_digit(c) || i == 0))
			return false;
		letter_next = false;
	}
	return name.n > 0;
}

void capture_note(struct asking *q, const struct regex_match *m)
{
	struct arena *a = q->run->arena;

	q->caught.arena = a;
	for (size_t i = 0; i < q->p->nnames; i++) {
		struct str value = STR_NONE;
		void **slot;
		struct strs *list;

		if (q->p->numbers[i] < m->ngroups)
			value = m->group[q->p->numbers[i]];
		if (value.n == 0)
			continue;
		slot = map_slot(&q->caught, q->p->names[i]);
		if (!*slot)
			*slot = arena_alloc(a, sizeof(struct strs));
		list = *slot;
		if (list->n < MAX_VALUES && !strs_has(list, value))
			strs_add(a, list, value);
	}
}

void capture_publish(struct asking *q)
{
	const struct map_entry *e;

	if (!q->run->captures)
		return;
	for (size_t i = 0; (e = map_next(&q->caught, &i)); )
		map_set(q->run->captures, e->key, e->value);
}

/* As Perl's quotemeta for octets: everything but word characters gets a
 * backslash. A NUL cannot have one in PCRE2's reading. */
static void quote(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (is_word(c))
			buf_addc(out, c);
		else
			buf_addf(out, "\\x{%02x}", c);
	}
}

/* The values as one alternation. */
static bool put_values(struct match_run *run, struct str name,
		       struct buf *out)
{
	const struct strs *values = map_get(run->captures, name);
	bool any = false;

	for (size_t i = 0; values && i < values->n; i++) {
		if (values->v[i].n == 0)
			continue;
		buf_adds(out, any ? STR("|") : STR("(?:"));
		quote(out, values->v[i]);
		any = true;
	}
	buf_adds(out, any ? STR(")") : STR(""));
	return any;
}

/* The length of "%{NAME}" or "%\{NAME\}" at the start of s, 0 if it is none;
 * *name_r is what stands in it. */
static size_t template_at(struct str s, struct str *name_r)
{
	size_t open, close;
	ssize_t end;

	if (str_starts(s, STR("%{")))
		open = 2;
	else if (str_starts(s, STR("%\\{")))
		open = 3;
	else
		return 0;
	end = str_chr(s, '}');
	if (end < 0)
		return 0;
	close = (size_t)end;
	if (open == 3 && s.p[close - 1] == '\\')
		close--;
	*name_r = str_make(s.p + open, close - open);
	return (size_t)end + 1;
}

bool capture_expand(struct match_run *run, const struct rule *rule,
		    struct str *text_r)
{
	bool header = rule->kind == RULE_HEADER;
	struct str s = header ? rule->header.re.pattern : rule->re.pattern;
	struct buf out;

	if (!run->captures)
		return false;
	buf_in(&out, run->arena, LIMIT_RULE_LINE);
	for (size_t i = 0; i < s.n; ) {
		struct str name;
		size_t n = template_at(str_from(s, i), &name);

		if (n == 0 || !strs_has(&rule->templates, name) ||
		    (i > 0 && s.p[i - 1] == '\\')) {
			buf_addc(&out, s.p[i++]);
			continue;
		}
		if (!put_values(run, name, &out))
			return false;
		i += n;
	}
	*text_r = buf_str(&out);
	return !out.full;
}
