/*
 * Forms: compiles the language of form.h to a list of steps and matches a
 * line by backtracking over them.
 *
 * Backtracking goes at most as deep as a form has steps. A run of bytes is
 * only cut where the literal byte that must follow it stands, so that forms of
 * words and separators are matched in one pass; what remains of backtracking
 * (several gaps in one form, in a line made to provoke it) is paid for with
 * fuel and ends as "does not match" when that is used up.
 */
#include "mail/form.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "mail/ipscan.h"

enum step_kind {
	STEP_END,	/* the form is satisfied */
	STEP_TEXT,	/* literal text */
	STEP_RUN,	/* bytes of a set */
	STEP_IP,
	STEP_LOCALHOST,
	STEP_EITHER,	/* one of several texts */
	STEP_MAYBE,	/* try what follows, else jump to `jump` */
	STEP_OPEN, STEP_CLOSE,	/* of a kept stretch */
	STEP_NOT,	/* this text must not follow */
	STEP_BOUNDARY,
	STEP_EOL,
};

struct step {
	enum step_kind kind;
	int field;		/* to keep in, or -1 */
	struct str text;	/* STEP_TEXT, STEP_NOT, STEP_EITHER ('|') */
	uint8_t set[32];	/* STEP_RUN: one bit a byte */
	size_t min, max;
	bool shortest;
	size_t jump;
};

struct form {
	struct step *steps;
	size_t n, cap;
	bool fold;
	struct arena *arena;
};

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

static void set_add(uint8_t set[32], uint8_t c)
{
	set[c >> 3] |= 1 << (c & 7);
}

static bool set_has(const uint8_t set[32], uint8_t c)
{
	return set[c >> 3] >> (c & 7) & 1;
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
	return f;
}

/* One attempt. */
struct run {
	const struct form *f;
	struct str line;
	struct form_match *m;
	size_t opened;		/* where the innermost {f<} began */
	int opened_field;
};

static bool try_from(struct run *r, size_t step, size_t at);

static bool has_text(const struct run *r, size_t at, struct str text)
{
	struct str here = str_from(r->line, at);

	return r->f->fold ? str_istarts(here, text) : str_starts(here, text);
}

static bool keep_and_go(struct run *r, size_t step, size_t from, size_t to)
{
	int field = r->f->steps[step].field;
	struct str before;

	if (field < 0)
		return try_from(r, step + 1, to);
	before = r->m->field[field];
	r->m->field[field] = str_make(r->line.p + from, to - from);
	if (try_from(r, step + 1, to))
		return true;
	r->m->field[field] = before;
	return false;
}

/* The byte that must follow a run, or -1 where that is not one byte. */
static int byte_after(const struct form *f, size_t step)
{
	const struct step *next = &f->steps[step + 1];

	return next->kind == STEP_TEXT && !f->fold ? (uint8_t)next->text.p[0]
						   : -1;
}

static bool try_run(struct run *r, size_t step, size_t at)
{
	const struct step *s = &r->f->steps[step];
	size_t most = 0, room = r->line.n - at;
	int follows = byte_after(r->f, step);
	const char *p = r->line.p + at;

	if (room > s->max)
		room = s->max;
	while (most < room && set_has(s->set, p[most]))
		most++;
	if (most < s->min)
		return false;
	for (size_t i = s->min; i <= most; i++) {
		size_t len = s->shortest ? i : most - (i - s->min);

		if (follows >= 0 && (at + len >= r->line.n ||
				     (uint8_t)p[len] != follows))
			continue;
		if (keep_and_go(r, step, at, at + len))
			return true;
		if (r->m->fuel == 0)
			return false;
	}
	return false;
}

static bool try_either(struct run *r, size_t step, size_t at)
{
	struct str rest = r->f->steps[step].text, one;

	while (str_next(&rest, '|', &one)) {
		if (str_eq(one, STR("$"))) {
			if (at == r->line.n && try_from(r, step + 1, at))
				return true;
		} else if (has_text(r, at, one) &&
			   try_from(r, step + 1, at + one.n)) {
			return true;
		}
	}
	return false;
}

static bool try_localhost(struct run *r, size_t step, size_t at)
{
	size_t len = 0;

	while ((len = localhost_scan(r->line, at, len)) > 0)
		if (try_from(r, step + 1, at + len))
			return true;
	return false;
}

static bool try_kept(struct run *r, size_t step, size_t at)
{
	const struct step *s = &r->f->steps[step];
	size_t from = r->opened;
	int field = r->opened_field;
	struct str before;

	if (s->kind == STEP_OPEN) {
		r->opened = at;
		r->opened_field = s->field;
		if (try_from(r, step + 1, at))
			return true;
		r->opened = from;
		r->opened_field = field;
		return false;
	}
	before = r->m->field[field];
	r->m->field[field] = str_make(r->line.p + from, at - from);
	if (try_from(r, step + 1, at))
		return true;
	r->m->field[field] = before;
	return false;
}

static bool at_boundary(struct str line, size_t at)
{
	bool before = at > 0 && is_word((uint8_t)line.p[at - 1]);
	bool after = at < line.n && is_word((uint8_t)line.p[at]);

	return before != after;
}

/* A step that consumes a known number of bytes or none; -1 if it does not
 * hold here. */
static ssize_t fixed_step(struct run *r, const struct step *s, size_t at)
{
	switch (s->kind) {
	case STEP_TEXT:
		return has_text(r, at, s->text) ? (ssize_t)s->text.n : -1;
	case STEP_NOT:
		return has_text(r, at, s->text) ? -1 : 0;
	case STEP_BOUNDARY:
		return at_boundary(r->line, at) ? 0 : -1;
	case STEP_EOL:
		return at == r->line.n ? 0 : -1;
	default:
		return -1;
	}
}

static bool try_from(struct run *r, size_t step, size_t at)
{
	for (;; step++) {
		const struct step *s = &r->f->steps[step];
		ssize_t len;

		if (r->m->fuel == 0)
			return false;
		r->m->fuel--;
		switch (s->kind) {
		case STEP_END:
			return true;
		case STEP_RUN:
			return try_run(r, step, at);
		case STEP_EITHER:
			return try_either(r, step, at);
		case STEP_LOCALHOST:
			return try_localhost(r, step, at);
		case STEP_MAYBE:
			if (try_from(r, step + 1, at))
				return true;
			return try_from(r, s->jump, at);
		case STEP_OPEN:
		case STEP_CLOSE:
			return try_kept(r, step, at);
		case STEP_IP:
			len = ip_scan(r->line, at);
			return len > 0 && keep_and_go(r, step, at, at + len);
		default:
			len = fixed_step(r, s, at);
			if (len < 0)
				return false;
			at += len;
		}
	}
}

bool form_match(const struct form *f, struct str line, struct form_match *m)
{
	struct run r = { .f = f, .line = line, .m = m, .opened_field = -1 };

	return try_from(&r, 0, 0);
}

bool form_matches(struct form_lazy *f, struct str text, struct form_match *m)
{
	static struct arena *arena;
	struct form_match own = { 0 };

	if (!f->compiled) {
		if (!arena)
			arena = arena_new();
		f->compiled = form_compile(arena, f->text, f->fold);
	}
	m = m ? m : &own;
	m->fuel = FORM_FUEL;
	return form_match(f->compiled, text, m);
}
