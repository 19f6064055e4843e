/*
 * Links that are known for phishing (SpamAssassin's Phishing): the feeds of
 * OpenPhish (a URI a line), PhishTank and PhishStats (comma-separated, the URI
 * second and third), downloaded to files that are read once, when the rules
 * are loaded. A feed that is not there is no fault; a changed one counts from
 * the next reload on.
 *
 * As in SpamAssassin fields are what stands between commas, whatever quotes
 * say, so a URI is cut at its first comma; and what decides is whether one of
 * the forms of a link is equal to a URI of a feed, byte for byte.
 */
#include "eval/eval.h"
#include "eval/plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "conf/loader.h"
#include "conf/ruleset.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/uri.h"

/* A URI of a feed; of one URI the first entry for each domain counts. */
struct phish {
	struct str domain;
	const char *feed;
	struct phish *next;
};

struct phishing {
	struct arena *arena;
	const struct settings *settings;
	struct map uris;	/* -> struct phish * */
	bool no_params;
	double min_score;
	bool full;		/* LIMIT_PHISH_URIS was met */
};

struct feed {
	const char *name;
	const char *option;
	bool headed;		/* the first line is none of a URI */
	/* The URI in a line; STR_NONE: none that counts. */
	struct str (*uri)(struct phishing *p, struct str line);
};

/* A URI up to its '?', if parameters do not count. */
static struct str strip_params(const struct phishing *p, struct str uri)
{
	ssize_t at = p->no_params ? str_chr(uri, '?') : -1;

	return at < 0 ? uri : str_head(uri, (size_t)at);
}

static struct str without_quotes(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '"')
			p[n++] = s.p[i];
	return str_make(p, n);
}

/* Field i of a line; STR_NONE if it has not so many (empty ones at its end do
 * not count). */
static struct str field(struct str line, size_t i)
{
	struct str one = STR_NONE;

	while (line.n && line.p[line.n - 1] == ',')
		line.n--;
	if (!line.n)
		return STR_NONE;
	for (size_t k = 0; k <= i; k++)
		if (!str_next(&line, ',', &one))
			return STR_NONE;
	return one;
}

static struct str openphish_uri(struct phishing *p, struct str line)
{
	(void)p;
	return line;
}

static struct str phishtank_uri(struct phishing *p, struct str line)
{
	return without_quotes(p->arena, field(line, 1));
}

/* The number that s begins with, 0 if it begins with none. */
static double leading_number(struct str s)
{
	char text[64];
	size_t n = 0;

	s = str_ltrim(s);
	while (n < s.n && n < sizeof(text) - 1 &&
	       (is_digit((unsigned char)s.p[n]) || strchr("+-.eE", s.p[n]))) {
		text[n] = s.p[n];
		n++;
	}
	text[n] = '\0';
	return strtod(text, NULL);
}

static struct str phishstats_uri(struct phishing *p, struct str line)
{
	struct str score = field(line, 1), uri = field(line, 2);

	if (!score.p || !uri.p ||
	    p->min_score >= leading_number(without_quotes(p->arena, score)))
		return STR_NONE;
	return without_quotes(p->arena, uri);
}

static const struct feed feeds[] = {
	{ "OpenPhish", "phishing_openphish_feed", false, openphish_uri },
	{ "PhishTank", "phishing_phishtank_feed", true, phishtank_uri },
	{ "PhishStats", "phishing_phishstats_feed", true, phishstats_uri },
};

static bool is_comment(struct str line)
{
	line = str_ltrim(line);
	return line.n && line.p[0] == '#';
}

static void add_uri(struct phishing *p, const struct feed *f, struct str uri)
{
	struct str domain, key = strip_params(p, uri);
	struct phish *first, *one;

	if (!uri_host_domain(p->arena, &p->settings->mail, uri, NULL, &domain))
		return;
	first = map_get(&p->uris, key);
	for (one = first; one; one = one->next)
		if (str_eq(one->domain, domain))
			return;
	p->full = p->uris.n >= LIMIT_PHISH_URIS;
	if (p->full)
		return;
	one = arena_alloc(p->arena, sizeof(*one));
	*one = (struct phish){ .domain = domain, .feed = f->name };
	if (first) {
		one->next = first->next;
		first->next = one;
	} else {
		map_set(&p->uris, key, one);
	}
}

/* False if the file is there and cannot be read, which ends SpamAssassin's
 * reading of feeds. */
static bool read_feed(struct phishing *p, const struct feed *f,
		      struct diags *diags)
{
	struct str path = settings_option(p->settings, str_cstr(f->option));
	struct str text, line;
	struct stat st;
	bool first = true;

	if (!path.n)
		return true;
	path = str_dup(p->arena, path);
	if (stat(path.p, &st) < 0 || !S_ISREG(st.st_mode))
		return true;
	if (load_slurp(p->arena, path.p, &text) < 0) {
		diag_add(diags, DIAG_WARN, "", 0, "%s: %s cannot be read: %s",
			 f->option, path.p, strerror(errno));
		return false;
	}
	for (; !p->full && str_next_line(&text, &line); first = false) {
		if ((first && f->headed) || is_comment(line))
			continue;
		if (str_ends(line, STR("\n")))
			line.n--;
		add_uri(p, f, f->uri(p, line));
	}
	if (p->full)
		diag_add(diags, DIAG_WARN, "", 0, "%s: only the first %d URIs "
			 "count", f->option, LIMIT_PHISH_URIS);
	return true;
}

static void *load(struct arena *a, struct ruleset *rs)
{
	struct phishing *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->settings = rs->site;
	p->uris = MAP_IN(a);
	p->no_params = settings_bool(rs->site, STR("phishing_uri_noparam"));
	p->min_score = settings_number(rs->site,
				       STR("phishing_phishstats_minscore"));
	for (size_t i = 0; i < sizeof(feeds) / sizeof(feeds[0]); i++)
		if (!read_feed(p, &feeds[i], &rs->diags))
			break;
	return p;
}

const struct eval_plugin eval_phishing_plugin = {
	.name = "Phishing",
	.load = load,
};

/* Without parameters a URI must be more than a host and one name. */
static bool is_too_short(const struct phishing *p, struct str uri)
{
	size_t slashes = 0;

	for (size_t i = 0; i < uri.n; i++)
		slashes += uri.p[i] == '/';
	return p->no_params && slashes <= 3;
}

static void note(struct eval_ctx *c, const struct phish *phish, struct str uri)
{
	struct str domain;

	if (!uri_host_domain(c->arena, c->msg->settings, uri, NULL, &domain))
		domain = STR("");
	while (phish && !str_eq(phish->domain, domain))
		phish = phish->next;
	if (c->log)
		strs_add(c->arena, c->log,
			 str_printf(c->arena, "%s (%.*s)",
				    phish ? phish->feed : "",
				    STR_ARG(domain)));
}

static bool is_known(struct eval_ctx *c, const struct phishing *p,
		     const struct uri_info *info)
{
	for (size_t i = 0; i < info->cleaned.n; i++) {
		struct str uri = strip_params(p, info->cleaned.v[i]);
		const struct phish *phish;

		if (is_too_short(p, uri))
			continue;
		phish = map_get(&p->uris, uri);
		if (!phish)
			continue;
		note(c, phish, info->cleaned.v[i]);
		return true;
	}
	return false;
}

static int check_phishing(struct eval_ctx *c, const struct strs *args)
{
	const struct phishing *p = eval_plugin_data(c, "Phishing");
	const struct map *uris = &message_uris(c->msg)->by_raw;
	const struct map_entry *e;
	size_t i = 0;

	(void)args;
	while (p && p->uris.n && (e = map_next(uris, &i))) {
		const struct uri_info *info = e->value;

		if (str_istarts(info->raw, STR("mailto:")) || !info->hosts.n ||
		    !(info->types & (HTML_URI_A | URI_PARSED)))
			continue;
		if (is_known(c, p, info))
			return 1;
	}
	return 0;
}

const struct eval_test eval_phishing_tests[] = {
	{ "check_phishing", EVAL_BODY, check_phishing, NULL,
	  "a link is on a list of phishing sites" },
	{ NULL, 0, NULL, NULL, NULL },
};
