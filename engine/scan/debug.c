/*
 * What -D shows of a scan, once it is over: by the names of SpamAssassin's
 * channels, and in its words where scripts look for them ("======> got hit",
 * "is spam? score=", "tests="). What it logs on the way there (each header that
 * is looked at, each tag) is not told.
 */
#include "base/arena.h"
#include "base/log.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/relay.h"
#include "mail/uri.h"
#include "scan/scan_int.h"

/* A line of the log holds no more. */
#define NAMES_BYTES 3800

static void debug_message(struct scan *s)
{
	struct message *m = s->msg;
	const struct relays *r;

	log_debug("message", "%zu octets, %zu headers, %zu parts",
		  m->pristine.n, m->headers.n, m->nleaves);
	if (log_debugs("metadata")) {
		r = message_relays(m);
		log_debug("metadata", "X-Spam-Relays-Trusted: %.*s",
			  STR_ARG(r->trusted_text));
		log_debug("metadata", "X-Spam-Relays-Untrusted: %.*s",
			  STR_ARG(r->untrusted_text));
		log_debug("metadata", "X-Spam-Relays-Internal: %.*s",
			  STR_ARG(r->internal_text));
		log_debug("metadata", "X-Spam-Relays-External: %.*s",
			  STR_ARG(r->external_text));
	}
	if (log_debugs("uri")) {
		const struct strs *list = &message_uris(m)->list;

		for (size_t i = 0; i < list->n; i++)
			log_debug("uri", "parsed uri found, %.*s",
				  STR_ARG(list->v[i]));
	}
}

/* Names with how often each hit, where that is more than once. */
static struct str counted(struct arena *a, const struct strs *names)
{
	struct strs out = { 0 };

	for (size_t i = 0, n; i < names->n; i += n) {
		for (n = 1; i + n < names->n &&
		     str_eq(names->v[i], names->v[i + n]); n++)
			;
		strs_add(a, &out, n == 1 ? names->v[i] :
			 str_printf(a, "%.*s(%zu)", STR_ARG(names->v[i]), n));
	}
	return strs_join(a, &out, STR(","));
}

void scan_debug(struct scan *s)
{
	if (!log_is_debugging())
		return;
	debug_message(s);
	for (size_t i = 0; i < s->tests.n; i++)
		log_debug("rules", "ran rule %.*s ======> got hit",
			  STR_ARG(s->tests.v[i]));
	for (size_t i = 0; i < s->subtests.n; i++)
		log_debug("rules", "ran rule %.*s ======> got hit",
			  STR_ARG(s->subtests.v[i]));
	log_debug("check", "using scoreset %d", s->score_set);
	log_debug("check", "is spam? score=%.15g required=%.15g", s->score,
		  s->required);
	log_debug("check", "tests=%.*s", STR_ARG(str_head(counted(s->arena,
		  &s->tests), NAMES_BYTES)));
	log_debug("check", "subtests=%.*s", STR_ARG(str_head(counted(s->arena,
		  &s->subtests), NAMES_BYTES)));
}
