/*
 * Queries; see query.h. A user's name is cut as Perl's split at @ does: the
 * mailbox ends at the first one, the domain at the second, and what is empty
 * at the end is not there at all.
 */
#include "prefs/query.h"

#include "base/arena.h"
#include "base/buf.h"

#define QUERY_BYTES 65536

static const char usual[] = "select preference, value from _TABLE_ where "
	"username = _USERNAME_ or username = '@GLOBAL' order by username asc";

static const struct {
	struct str text;
	int word;		/* enum query_word; -1: the table */
} words[] = {
	{ { "_USERNAME_", 10 }, QUERY_USERNAME },
	{ { "_MAILBOX_", 9 }, QUERY_MAILBOX },
	{ { "_DOMAIN_", 8 }, QUERY_DOMAIN },
	{ { "_TABLE_", 7 }, -1 },
};

#define WORDS (sizeof(words) / sizeof(*words))

int query_make(struct arena *a, struct str custom, bool dollars,
	       struct query *out_r, struct err *err)
{
	struct str s = custom.p ? custom : str_cstr(usual);
	struct buf b;

	*out_r = (struct query){ .nparams = 0 };
	buf_in(&b, a, QUERY_BYTES);
	while (s.n) {
		size_t i = 0;

		while (i < WORDS && !str_starts(s, words[i].text))
			i++;
		if (i == WORDS) {
			buf_addc(&b, s.p[0]);
			s = str_from(s, 1);
			continue;
		}
		s = str_from(s, words[i].text.n);
		if (words[i].word < 0) {
			buf_adds(&b, STR("userpref"));
			continue;
		}
		if (out_r->nparams == QUERY_PARAMS)
			return err_set(err, "the query has more than %d words",
				       QUERY_PARAMS);
		out_r->params[out_r->nparams++] =
			(enum query_word)words[i].word;
		if (dollars)
			buf_addf(&b, "$%zu", out_r->nparams);
		else
			buf_addc(&b, '?');
	}
	if (b.full)
		return err_set(err, "the query is too long");
	out_r->sql = arena_strndup(a, b.p ? b.p : "", b.n);
	return 0;
}

struct str query_value(enum query_word word, struct str user)
{
	struct str name = user, domain = STR_NONE;
	ssize_t at;

	if (word == QUERY_USERNAME)
		return user;
	while (name.n && name.p[name.n - 1] == '@')
		name.n--;
	at = str_chr(name, '@');
	if (at >= 0) {
		domain = str_from(name, (size_t)at + 1);
		name = str_head(name, (size_t)at);
		at = str_chr(domain, '@');
		if (at >= 0)
			domain = str_head(domain, (size_t)at);
	}
	if (word == QUERY_DOMAIN)
		return domain;
	return name.n || domain.p ? name : STR_NONE;
}
