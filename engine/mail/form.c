/*
 * Forms: matches a line by backtracking over the steps of a compiled form.
 *
 * Backtracking goes at most as deep as a form has steps. A run of bytes is
 * only cut where something stands that may follow it, so that forms of words
 * and separators are matched in one pass; what remains of backtracking
 * (several gaps in one form, in a line made to provoke it) is paid for with
 * fuel and ends as "does not match" when that is used up.
 */
#include "mail/form.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "mail/form_int.h"
#include "mail/ipscan.h"

/* Looking at so many bytes of a run costs as much as a step. */
#define FORM_BYTES_PER_STEP 32

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

/* Where the run that is len bytes long so far may end: the length at or after
 * len (for runs that take as few bytes as possible) with the right text
 * behind it; SIZE_MAX if there is none. */
static size_t next_end(const struct run *r, const struct step *s, size_t at,
		       size_t len)
{
	ssize_t hit;

	if (!s->next_text.n)
		return len;
	hit = str_find(str_from(r->line, at + len), s->next_text);
	return hit < 0 ? SIZE_MAX : len + hit;
}

static void burn(struct run *r, size_t steps)
{
	r->m->fuel -= steps < r->m->fuel ? steps : r->m->fuel;
}

static size_t run_length(const struct run *r, const struct step *s, size_t at)
{
	size_t n = 0, room = r->line.n - at;

	if (room > s->max)
		room = s->max;
	if (s->any)
		return room;
	while (n < room && set_has(s->set, r->line.p[at + n]))
		n++;
	return n;
}

static bool try_run(struct run *r, size_t step, size_t at)
{
	const struct step *s = &r->f->steps[step];
	size_t most = run_length(r, s, at);

	burn(r, most / FORM_BYTES_PER_STEP);
	for (size_t i = s->min; i <= most; i++) {
		size_t len;

		if (s->shortest) {
			i = next_end(r, s, at, i);
			if (i > most)
				return false;
		}
		len = s->shortest ? i : most - (i - s->min);
		if (s->filtered && (at + len == r->line.n ||
				    !set_has(s->next, r->line.p[at + len])))
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
	m->fuel = FORM_FUEL + 4 * text.n;
	return form_match(f->compiled, text, m);
}
