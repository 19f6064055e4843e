/*
 * Compiles the language of form.h to a list of steps. Forms are tables of the
 * program, so a malformed one is a broken invariant.
 */
#include "mail/form.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "mail/form_int.h"

static const char *const field_names[FIELD_COUNT] = {
	[FIELD_HELO] = "helo",	 [FIELD_RDNS] = "rdns", [FIELD_IP] = "ip",
	[FIELD_BY] = "by",	 [FIELD_IDENT] = "ident", [FIELD_ID] = "id",
	[FIELD_ENVFROM] = "envfrom", [FIELD_SUB] = "sub",
	[FIELD_AUTH] = "auth",	 [FIELD_AUTH2] = "auth2",
};

/* The field called name; -1 for "". */
static int field_of(struct str name)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (str_eq(name, str_cstr(field_names[i])))
			return i;
	must(name.n == 0);
	return -1;
}

static struct step *add_step(struct form *f, enum step_kind kind)
{
	struct step *s;

	f->steps = arena_grow(f->arena, f->steps, f->n, &f->cap,
			      sizeof(*f->steps));
	s = &f->steps[f->n++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->field = -1;
	return s;
}

static struct step *add_run(struct form *f, struct str chars, bool others)
{
	struct step *s = add_step(f, STEP_RUN);

	s->min = 1;
	s->max = SIZE_MAX;
	for (size_t i = 0; i < chars.n; i++) {
		uint8_t last = chars.p[i];

		if (i + 2 < chars.n && chars.p[i + 1] == '-')
			last = chars.p[i + 2];
		for (unsigned c = (uint8_t)chars.p[i]; c <= last; c++)
			set_add(s->set, c);
		if (last != (uint8_t)chars.p[i])
			i += 2;
	}
	for (size_t i = 0; others && i < sizeof(s->set); i++)
		s->set[i] = ~s->set[i];
	return s;
}

/* Cuts "/min-max" and "?" off the end of a run's description. */
static struct str take_repeat(struct str body, size_t *min_r, size_t *max_r,
			      bool *shortest_r)
{
	long n;
	ssize_t slash, dash;

	*min_r = 1;
	*max_r = SIZE_MAX;
	*shortest_r = str_ends(body, STR("?"));
	if (*shortest_r)
		body.n--;
	slash = str_rchr(body, '/');
	if (slash < 0)
		return body;
	dash = str_chr(str_from(body, slash), '-') + slash;
	must(str_to_long(str_make(body.p + slash + 1, dash - slash - 1), &n));
	*min_r = n;
	if (str_to_long(str_from(body, dash + 1), &n))
		*max_r = n;
	return str_head(body, slash);
}

/* {f}, {f!set}, {f:set} with their suffixes. */
static void compile_run(struct form *f, struct str body)
{
	size_t min, max, name = 0;
	bool shortest;
	struct step *s;

	body = take_repeat(body, &min, &max, &shortest);
	while (name < body.n && is_alnum(body.p[name]))
		name++;
	if (name == body.n)
		s = add_run(f, STR(" \t\n\v\f\r"), true);
	else
		s = add_run(f, str_from(body, name + 1), body.p[name] == '!');
	s->field = field_of(str_head(body, name));
	s->min = min;
	s->max = max;
	s->shortest = shortest;
}

static void compile_brace(struct form *f, struct str body)
{
	if (str_eq(body, STR("ip")) || str_eq(body, STR("addr"))) {
		struct step *s = add_step(f, STEP_IP);

		s->field = body.p[0] == 'i' ? FIELD_IP : -1;
	} else if (str_eq(body, STR("localhost"))) {
		add_step(f, STEP_LOCALHOST);
	} else if (str_eq(body, STR("b"))) {
		add_step(f, STEP_BOUNDARY);
	} else if (str_eq(body, STR(">"))) {
		add_step(f, STEP_CLOSE);
	} else if (body.n > 0 && body.p[0] == '/' && !is_digit(body.p[1])) {
		add_step(f, STEP_NOT)->text = str_from(body, 1);
	} else if (body.n > 0 && body.p[body.n - 1] == '<') {
		struct step *s = add_step(f, STEP_OPEN);

		s->field = field_of(str_head(body, body.n - 1));
	} else if (str_chr(body, '|') >= 0) {
		add_step(f, STEP_EITHER)->text = body;
	} else {
		compile_run(f, body);
	}
}

/* Adds c to the literal text that the form is in the middle of. */
static void add_byte(struct form *f, const char *c)
{
	struct step *s = f->n ? &f->steps[f->n - 1] : NULL;

	/* The end of an optional part is a place one can jump to. */
	for (size_t i = 0; s && i < f->n; i++)
		if (f->steps[i].kind == STEP_MAYBE && f->steps[i].jump == f->n)
			s = NULL;
	if (!s || s->kind != STEP_TEXT) {
		s = add_step(f, STEP_TEXT);
		s->text = str_make(c, 0);
	}
	s->text.n++;
}

static void add_letter(const struct form *f, uint8_t set[32], uint8_t c)
{
	set_add(set, c);
	if (f->fold) {
		set_add(set, to_lower(c));
		set_add(set, to_upper(c));
	}
}

static void add_chars(uint8_t set[32], const char *chars)
{
	for (; *chars; chars++)
		set_add(set, *chars);
}

/* Adds the bytes with which the text of {one|two} may begin; false if it may
 * be empty. */
static bool add_either(const struct form *f, const struct step *s,
		       uint8_t set[32])
{
	struct str rest = s->text, one;

	while (str_next(&rest, '|', &one)) {
		if (one.n == 0 || str_eq(one, STR("$")))
			return false;
		add_letter(f, set, one.p[0]);
	}
	return true;
}

/* Adds the bytes that can stand where step begins. False if nothing can be
 * said, since it may match without a byte. */
static bool add_first(const struct form *f, size_t step, uint8_t set[32])
{
	const struct step *s = &f->steps[step];

	switch (s->kind) {
	case STEP_TEXT:
		add_letter(f, set, s->text.p[0]);
		return true;
	case STEP_RUN:
		for (size_t i = 0; i < 32; i++)
			set[i] |= s->set[i];
		return s->min > 0 || add_first(f, step + 1, set);
	case STEP_IP:
		add_chars(set, "0123456789abcdefABCDEF:Ii");
		return true;
	case STEP_LOCALHOST:
		add_chars(set, "lL0123456789:Ii");
		return true;
	case STEP_EITHER:
		return add_either(f, s, set);
	case STEP_MAYBE:
		return add_first(f, step + 1, set) &&
		       add_first(f, s->jump, set);
	case STEP_OPEN:
	case STEP_CLOSE:
	case STEP_NOT:
	case STEP_BOUNDARY:
		return add_first(f, step + 1, set);
	default:
		return false;
	}
}

/* What a run needs to know about what follows it. */
static void look_ahead(struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct step *s = &f->steps[i];
		size_t next = i + 1;

		if (s->kind != STEP_RUN)
			continue;
		s->any = true;
		for (size_t k = 0; k < 32; k++)
			s->any &= s->set[k] == 0xff;
		s->filtered = add_first(f, next, s->next);
		while (f->steps[next].kind == STEP_OPEN ||
		       f->steps[next].kind == STEP_BOUNDARY)
			next++;
		if (f->steps[next].kind == STEP_TEXT && !f->fold)
			s->next_text = f->steps[next].text;
	}
}

struct form *form_compile(struct arena *a, const char *text, bool fold)
{
	struct form *f = arena_alloc(a, sizeof(*f));
	size_t open[4], nopen = 0;

	f->arena = a;
	f->fold = fold;
	for (const char *p = text; *p; p++) {
		if (*p == '~' || *p == '*') {
			struct step *s = add_run(f, STR(""), true);

			s->min = 0;
			s->shortest = *p == '~';
		} else if (*p == '#') {
			add_run(f, STR("0-9"), false);
		} else if (*p == '$') {
			add_step(f, STEP_EOL);
		} else if (p[0] == '{' && p[1] == '?') {
			must(nopen < 4);
			open[nopen++] = f->n;
			add_step(f, STEP_MAYBE);
			p++;
		} else if (p[0] == '?' && p[1] == '}') {
			must(nopen > 0);
			f->steps[open[--nopen]].jump = f->n;
			p++;
		} else if (*p == '{') {
			const char *end = strchr(p, '}');

			must(end != NULL);
			compile_brace(f, str_make(p + 1, end - p - 1));
			p = end;
		} else {
			add_byte(f, p);
		}
	}
	must(nopen == 0);
	add_step(f, STEP_END);
	look_ahead(f);
	return f;
}
