/*
 * Tests of links (SpamAssassin's URIEval and HTTPSMismatch): links that say
 * one address and lead to another, redirections, and links too long to be
 * kept. They ask what HTML said (each part for itself), not the list that
 * `uri` rules see, but for the redirections.
 */
#include "eval/eval.h"

#include <math.h>

#include "base/arena.h"
#include "conf/settings.h"
#include "mail/domain.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/uri.h"

/* What one HTML part is asked: > 0 ends the walk with that answer. */
typedef int part_fn(struct eval_ctx *c, const struct html_result *html,
		    const struct strs *args);

static int any_part(struct eval_ctx *c, const struct strs *args, part_fn *fn)
{
	for (size_t i = 0; i < c->msg->nleaves; i++) {
		struct part *p = c->msg->leaves[i];
		int hit;

		part_render(p);
		hit = p->html ? fn(c, p->html, args) : 0;
		if (hit > 0)
			return hit;
	}
	return 0;
}

static const struct domains *domains_of(const struct eval_ctx *c)
{
	return c->msg->settings->domains;
}

/* How many digits s starts with. */
static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit((unsigned char)s.p[n]))
		n++;
	return n;
}

/* Does s start with four numbers and dots between? */
static bool starts_dotted(struct str s)
{
	for (int i = 0; i < 4; i++) {
		size_t n = digits(s);

		if (!n || (i < 3 && (n >= s.n || s.p[n] != '.')))
			return false;
		s = str_from(s, n + 1);
	}
	return true;
}

/* "scheme://1.2.3.4", any number of slashes, with or without a "user@". */
static bool leads_to_address(struct str s, struct str scheme)
{
	size_t n;

	if (!str_istarts(s, scheme))
		return false;
	s = str_from(s, scheme.n);
	while (s.n && s.p[0] == '/')
		s = str_from(s, 1);
	for (n = 0; n < s.n && s.p[n] != '@' && s.p[n] != '/';)
		n++;
	return (n > 0 && n < s.n && s.p[n] == '@' &&
		starts_dotted(str_from(s, n + 1))) || starts_dotted(s);
}

static int part_ip_mismatch(struct eval_ctx *c, const struct html_result *html,
			    const struct strs *args)
{
	(void)c;
	(void)args;
	for (size_t i = 0; i < html->nuris; i++) {
		const struct html_uri *u = &html->uris[i];

		if (!leads_to_address(u->uri, STR("http:")) &&
		    !leads_to_address(u->uri, STR("https:")))
			continue;
		for (size_t k = 0; k < u->anchor_text.n; k++) {
			struct str text = u->anchor_text.v[k];

			if (!leads_to_address(text, STR("https:")) &&
			    str_ifind(text, STR("https:")) >= 0)
				return 1;
		}
	}
	return 0;
}

static int check_https_ip_mismatch(struct eval_ctx *c,
				   const struct strs *args)
{
	return any_part(c, args, part_ip_mismatch);
}

static int check_uri_truncated(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return message_uris(c->msg)->truncated;
}

/* The bytes of s before any of `stop` (white space too if asked). */
static struct str host_part(struct str s, bool stop_at_space)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != ':' && s.p[n] != '?' &&
	       s.p[n] != '#' &&
	       !(stop_at_space && is_space((unsigned char)s.p[n])))
		n++;
	return str_head(s, n);
}

/* trim_domain, as text that can be compared. */
static struct str trimmed_domain(struct eval_ctx *c, struct str host)
{
	return str_lower(c->arena,
			 domain_of_host(domains_of(c),
					str_squeeze_dots(c->arena, host)));
}

/* The registered domain that a link leads to; STR_NONE if it is none of http
 * or https, an IP address or no valid name. */
static struct str link_domain(struct eval_ctx *c, struct str uri)
{
	struct str scheme = str_istarts(uri, STR("https://")) ?
		STR("https://") : STR("http://"), domain, valid;

	if (!str_istarts(uri, scheme))
		return STR_NONE;
	domain = host_part(str_from(uri, scheme.n), false);
	if (!domain.n || host_is_address(domain))
		return STR_NONE;
	domain = trimmed_domain(c, domain);
	if (!uri_host_domain(c->arena, c->msg->settings, domain, NULL, &valid) ||
	    !domain_is_valid(domains_of(c), valid))
		return STR_NONE;
	return domain;
}

/* The registered domain (or IP address) behind the first https:// in a text;
 * STR_NONE if there is none that is valid. */
static struct str text_domain(struct eval_ctx *c, struct str text)
{
	ssize_t at;
	struct str host;

	for (;;) {
		at = str_ifind(text, STR("https://"));
		if (at < 0)
			return STR_NONE;
		text = str_from(text, (size_t)at + 8);
		host = host_part(text, true);
		if (host.n)
			break;
	}
	if (host_is_address(host))
		return host;
	host = trimmed_domain(c, host);
	return domain_is_valid(domains_of(c), host) ? host : STR_NONE;
}

static int part_http_mismatch(struct eval_ctx *c,
			      const struct html_result *html,
			      const struct strs *args)
{
	double least = eval_arg_num(args, 0, 0), anchors = 0;
	double most = eval_arg_num(args, 1, INFINITY);
	bool hit = false;

	for (size_t i = 0; i < html->nuris; i++) {
		const struct html_uri *u = &html->uris[i];
		struct str domain, other;

		if (!u->anchor_text.n)
			continue;
		domain = link_domain(c, u->uri);
		if (!domain.n)
			continue;
		anchors++;
		for (size_t k = 0; k < u->anchor_text.n && !hit; k++) {
			other = text_domain(c, u->anchor_text.v[k]);
			hit = other.n && !str_eq(other, domain);
		}
	}
	return hit && anchors >= (least ? least : 1) && anchors < most;
}

static int check_https_http_mismatch(struct eval_ctx *c,
				     const struct strs *args)
{
	return any_part(c, args, part_http_mismatch);
}

/* The registered domain of what stands as a host, or it itself. */
static struct str domain_or_self(struct eval_ctx *c, struct str s)
{
	struct str domain;

	return uri_host_domain(c->arena, c->msg->settings, s, NULL, &domain) ?
		domain : s;
}

/* The bytes of s up to '/', ':' or '?'. */
static struct str redirect_host(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != ':' && s.p[n] != '?')
		n++;
	return str_head(s, n);
}

/* Where a second http:// begins in s, and the host behind it. */
static bool next_target(struct str s, struct str *uri_r, struct str *host_r)
{
	for (;;) {
		ssize_t at = str_ifind(s, STR("http"));
		struct str rest;
		size_t n = 4;

		if (at < 0)
			return false;
		s = str_from(s, (size_t)at);
		if (s.n > n && to_lower((unsigned char)s.p[n]) == 's')
			n++;
		rest = str_from(s, n);
		if (rest.n && rest.p[0] == ':') {
			rest = str_from(rest, 1);
			for (int i = 0; i < 2 && rest.n && rest.p[0] == '/'; i++)
				rest = str_from(rest, 1);
			*host_r = redirect_host(rest);
			if (host_r->n) {
				*uri_r = s;
				return true;
			}
		}
		s = str_from(s, 4);
	}
}

/* Does uri lead from one domain to another in one of its steps? */
static bool redirects(struct eval_ctx *c, struct str uri)
{
	for (;;) {
		struct str from, to, target;

		if (!str_istarts(uri, STR("http://")) &&
		    !str_istarts(uri, STR("https://")))
			return false;
		from = str_from(uri, str_chr(uri, ':') + 3);
		from = redirect_host(from);
		/* At least one byte stands between the two. */
		if (!from.n ||
		    !next_target(str_from(uri, (size_t)(from.p + from.n + 1 -
							uri.p)),
				 &target, &to))
			return false;
		if (!str_eq(domain_or_self(c, from), domain_or_self(c, to)))
			return true;
		uri = target;
	}
}

static int check_for_http_redirector(struct eval_ctx *c,
				     const struct strs *args)
{
	const struct strs *list = &message_uris(c->msg)->list;

	(void)args;
	for (size_t i = 0; i < list->n; i++)
		if (redirects(c, list->v[i]))
			return 1;
	return 0;
}

#define ANY_KIND (EVAL_HEADER | EVAL_BODY | EVAL_RAWBODY | EVAL_FULL)

const struct eval_test eval_uri_tests[] = {
	{ "check_https_ip_mismatch", ANY_KIND, check_https_ip_mismatch, NULL,
	  "a link to an IP address whose text shows an https: host" },
	{ "check_uri_truncated", ANY_KIND, check_uri_truncated, NULL,
	  "a link of more than 8,192 bytes" },
	{ "check_https_http_mismatch", EVAL_BODY | EVAL_RAWBODY,
	  check_https_http_mismatch, NULL,
	  "a link's text shows an https:// address of another domain; "
	  "(fewest, most) links with text in the part" },
	{ "check_for_http_redirector", ANY_KIND, check_for_http_redirector,
	  NULL, "a link that carries a link to another domain" },
	{ NULL, 0, NULL, NULL, NULL },
};
