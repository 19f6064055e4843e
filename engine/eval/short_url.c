/*
 * Links that lead through a host which shortens URLs (SpamAssassin's
 * DecodeShortURLs). Whether there is one is told by url_shortener alone; the
 * other tests are about what those hosts answer, which SpamAssassin asks over
 * HTTP. Where it would not ask (no such link, local tests only, max_short_urls
 * 0) they have not hit; otherwise their answer is open.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "mail/message.h"
#include "mail/uri.h"

static bool is_shortener(struct eval_ctx *c, struct str host)
{
	const struct addr_list *l = settings_addrs(c->settings,
						   STR("url_shortener"));

	return l && map_has(&l->index, host);
}

/* The host of "http[s]://[user@]host[:port]", lower case, and what follows;
 * STR_NONE if it is no such URI. */
static struct str take_host(struct eval_ctx *c, struct str uri,
			    struct str *rest_r)
{
	struct str s = str_from(uri, str_istarts(uri, STR("https")) ? 5 : 4);
	size_t end = 0, at, n = 0;

	if (!str_istarts(uri, STR("http")) || !str_starts(s, STR("://")))
		return STR_NONE;
	s = str_from(s, 3);
	while (end < s.n && s.p[end] != '/' && s.p[end] != '?' &&
	       s.p[end] != '#')
		end++;
	for (at = 0; at < end && s.p[at] != '@'; )
		at++;
	/* "user@" without a host behind it is a host. */
	if (at + 1 < s.n && at < end && s.p[at + 1] != ':' &&
	    s.p[at + 1] != '/' && s.p[at + 1] != '?' && s.p[at + 1] != '#')
		s = str_from(s, at + 1);
	while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#' &&
	       s.p[n] != ':')
		n++;
	*rest_r = str_from(s, n);
	if (rest_r->n > 1 && rest_r->p[0] == ':' &&
	    is_digit((unsigned char)rest_r->p[1])) {
		*rest_r = str_from(*rest_r, 1);
		while (rest_r->n && is_digit((unsigned char)rest_r->p[0]))
			*rest_r = str_from(*rest_r, 1);
	}
	return n ? str_lower(c->arena, str_head(s, n)) : STR_NONE;
}

/* Is there more than the host: a letter or digit on its line? */
static bool has_path(struct str rest)
{
	for (size_t i = 0; i < rest.n && rest.p[i] != '\n'; i++)
		if (is_word((unsigned char)rest.p[i]))
			return true;
	return false;
}

/* Does this link lead there? "www.host" counts for host, "any.host" for a
 * listed ".host"; both of three labels. */
static bool is_short(struct eval_ctx *c, struct str uri)
{
	struct str rest, host = take_host(c, uri, &rest), domain;
	size_t dots = 0;
	ssize_t first;

	if (!host.p)
		return false;
	for (size_t i = 0; i < host.n; i++)
		dots += host.p[i] == '.';
	if (dots == 1 && !has_path(rest))
		return false;
	if (is_shortener(c, host))
		return true;
	first = str_chr(host, '.');
	domain = str_from(host, (size_t)(first + 1));
	/* No label may be empty. */
	if (dots != 2 || first < 1 || str_chr(domain, '.') < 1 ||
	    str_ends(domain, STR(".")))
		return false;
	if (str_eq(str_head(host, (size_t)first), STR("www")))
		return is_shortener(c, domain);
	return !str_starts(host, STR("www")) &&
	       is_shortener(c, str_from(host, (size_t)first));
}

/* The URI without what a browser keeps for itself or hands on: each line up
 * to its first '#' or '?'. */
static struct str without_query(struct eval_ctx *c, struct str uri)
{
	struct strs kept = { 0 };
	struct str line;

	while (str_next(&uri, '\n', &line)) {
		size_t n = 0;

		while (n < line.n && line.p[n] != '#' && line.p[n] != '?')
			n++;
		strs_add(c->arena, &kept, str_head(line, n));
	}
	return strs_join(c->arena, &kept, STR("\n"));
}

static int short_url(struct eval_ctx *c, const struct strs *args)
{
	const struct map *uris = &message_uris(c->msg)->by_raw;
	const struct map_entry *e;
	size_t i = 0;

	(void)args;
	while ((e = map_next(uris, &i))) {
		const struct uri_info *info = e->value;

		if (info->domains.n && info->cleaned.n &&
		    is_short(c, without_query(c, info->raw)))
			return 1;
	}
	return 0;
}

/* What a shortening host would have to be asked. */
static int is_told_by_http(struct eval_ctx *c, const struct strs *args)
{
	if (c->rules->local_only || !short_url(c, args) ||
	    settings_number(c->settings, STR("max_short_urls")) == 0)
		return 0;
	return EVAL_PENDING;
}

/* The whole plug-in of before SpamAssassin 4.0: never hits. */
static int short_url_tests(struct eval_ctx *c, const struct strs *args)
{
	(void)c;
	(void)args;
	return 0;
}

#define ANY_KIND (EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL)
#define HTTP(name, what) { name, EVAL_BODY, is_told_by_http, NULL, what }

const struct eval_test eval_short_url_tests[] = {
	{ "short_url", EVAL_BODY, short_url, NULL,
	  "a link leads through a host that shortens URLs" },
	HTTP("short_url_redir", "such a host redirects"),
	HTTP("short_url_200", "such a host answers 200"),
	HTTP("short_url_404", "such a host answers 404"),
	HTTP("short_url_code", "such a host answers with that code"),
	HTTP("short_url_chained", "such a host redirects to another one"),
	HTTP("short_url_maxchain", "such hosts redirect too often"),
	HTTP("short_url_loop", "such hosts redirect to one another"),
	{ "short_url_tests", ANY_KIND, short_url_tests, NULL,
	  "never: what it was is told by the other tests today" },
	{ NULL, 0, NULL, NULL, NULL },
};
