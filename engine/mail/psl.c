/*
 * The Public Suffix List, from libpsl and the list that is built into it.
 *
 * libpsl's own "registrable domain" takes any last label for a suffix, known
 * or not; rspamd, whose rules this is for, answers with the whole name then.
 * So the labels are walked here and libpsl is only asked about each rest of
 * the name. The longest rest that is a suffix decides.
 *
 * No rule of the list has more than five labels. Only the last eight are
 * looked at, which bounds the work for names that are nothing but dots.
 */
#include "mail/psl.h"

#include <libpsl.h>
#include <stddef.h>

#define LABELS_MAX 8
#define TAIL_MAX (LABELS_MAX * 64)

static const psl_ctx_t *list(void)
{
	/* Compiled into the library: a pointer to constant data. */
	return psl_builtin();
}

void psl_preload(void)
{
	psl_is_public_suffix2(list(), "com", PSL_TYPE_ANY);
}

static bool is_suffix(const char *name)
{
	return psl_is_public_suffix2(list(), name, PSL_TYPE_ANY |
				     PSL_TYPE_NO_STAR_RULE) == 1;
}

/* Where the last labels of host (which ends at its last letter) begin. */
static size_t tail_start(struct str host)
{
	size_t dots = 0, at = host.n;

	while (at > 0) {
		if (host.p[at - 1] == '.' && ++dots == LABELS_MAX)
			break;
		at--;
	}
	return at;
}

/* The tail with letters made small, as libpsl wants it. False if it cannot
 * be a name. */
static bool lower_tail(struct str tail, char out[TAIL_MAX + 1])
{
	if (tail.n == 0 || tail.n > TAIL_MAX)
		return false;
	for (size_t i = 0; i < tail.n; i++) {
		char c = tail.p[i];

		if (c == '\0' || is_space(c))
			return false;
		out[i] = to_lower(c);
	}
	out[tail.n] = '\0';
	return true;
}

struct str psl_registrable(struct str host)
{
	char name[TAIL_MAX + 1];
	size_t end = host.n, start, label;

	while (end > 0 && host.p[end - 1] == '.')
		end--;
	start = tail_start(str_head(host, end));
	if (!lower_tail(str_make(host.p + start, end - start), name))
		return host;
	end -= start;
	label = 0;
	for (size_t at = 0; at < end; at++) {
		if (at > 0 && name[at - 1] != '.')
			continue;
		if (name[at] != '.' && is_suffix(name + at))
			return at == 0 && start == 0 ? host :
				str_from(host, start + label);
		/* Empty labels are no labels. */
		if (name[at] != '.')
			label = at;
	}
	return host;
}
