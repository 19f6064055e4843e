/*
 * Free mail providers (SpamAssassin's FreeMail): is a sender's address from
 * one, and do From, Reply-To and the body name different ones, as letters of
 * swindlers do?
 */
#include "eval/freemail.h"

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "mail/address.h"
#include "mail/message.h"
#include "match/regex.h"
#include "match/selector.h"

/* What the report shows of one hit, in bytes. */
#define NOTE_MAX 65536

/* What prepare_* make of a rule's arguments. */
struct freemail_args {
	struct regex *re;	/* or NULL: any address will do */
	bool from_body;		/* check_freemail_replyto('reply') */
};

/* The addresses of a selector, lower case. */
static struct strs addresses_of(struct eval_ctx *c, struct str selector)
{
	struct strs list = { NULL, 0, 0 };
	struct str all = selector_get_text(c->msg, selector), line;

	while (str_next(&all, '\n', &line))
		if (line.n)
			strs_add(c->arena, &list,
				 str_lower(c->arena, line));
	return list;
}

/* Notes addresses for the report, "(at)" for '@'. */
static void note(struct eval_ctx *c, struct str text)
{
	struct buf b;

	if (!c->log || freemail_option(c, "freemail_add_describe_email", 1) == 0)
		return;
	buf_in(&b, c->arena, NOTE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '@')
			buf_adds(&b, STR("(at)"));
		else
			buf_addc(&b, text.p[i]);
	}
	strs_add(c->arena, c->log, buf_str(&b));
}

static void note_two(struct eval_ctx *c, struct str x, const char *between,
		     struct str y)
{
	note(c, str_printf(c->arena, "%.*s%s%.*s", STR_ARG(x), between,
			   STR_ARG(y)));
}

/* The first address that is free mail and matches the test's regex, if it has
 * one. */
static int any_freemail(struct eval_ctx *c, const struct strs *addrs)
{
	const struct freemail_args *own = c->prepared;

	for (size_t i = 0; i < addrs->n; i++) {
		if (!freemail_is(c, addrs->v[i]) ||
		    (own->re && !regex_hits(own->re, addrs->v[i])))
			continue;
		note(c, addrs->v[i]);
		return 1;
	}
	return 0;
}

static int check_freemail_from(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return freemail_available(c) &&
	       any_freemail(c, message_from_addrs(c->msg));
}

static int check_freemail_header(struct eval_ctx *c, const struct strs *args)
{
	struct strs addrs;

	if (!freemail_available(c) || !args->n)
		return 0;
	addrs = addresses_of(c, str_cat(c->arena, args->v[0], STR(":addr")));
	return any_freemail(c, &addrs);
}

static int check_freemail_body(struct eval_ctx *c, const struct strs *args)
{
	const struct freemail_args *own = c->prepared;
	const struct strs *body;

	(void)args;
	body = freemail_available(c) ? freemail_of_body(c) : NULL;
	if (!body || !body->n)
		return 0;
	if (own->re)
		return any_freemail(c, body);
	note(c, strs_join(c->arena, body, STR(", ")));
	return 1;
}

static bool any_is_freemail(struct eval_ctx *c, const struct strs *addrs)
{
	for (size_t i = 0; i < addrs->n; i++)
		if (freemail_is(c, addrs->v[i]))
			return true;
	return false;
}

static bool overlap(const struct strs *x, const struct strs *y)
{
	for (size_t i = 0; i < x->n; i++)
		if (strs_has(y, x->v[i]))
			return true;
	return false;
}

/* Does the body name a free mail address that is not among those to which an
 * answer would go? (One that differs from any of them is enough.) */
static int body_differs(struct eval_ctx *c, const struct strs *reply)
{
	const struct strs *body = freemail_of_body(c);

	for (size_t i = 0; body && i < body->n; i++)
		for (size_t k = 0; k < reply->n; k++) {
			struct str mail = body->v[i], to = reply->v[k];

			if (str_eq(mail, to))
				continue;
			note_two(c, to, ", ", mail);
			return 1;
		}
	return 0;
}

static int check_freemail_replyto(struct eval_ctx *c, const struct strs *args)
{
	const struct freemail_args *own = c->prepared;
	struct strs from, reply;
	bool from_free, reply_free;

	(void)args;
	if (!freemail_available(c) ||
	    (freemail_option(c, "freemail_skip_bulk_envfrom", 1) != 0 &&
	     freemail_is_bulk(selector_get(c->msg, STR("EnvelopeFrom"), NULL))))
		return 0;
	from = addresses_of(c, STR("From:addr"));
	reply = addresses_of(c, STR("Reply-To:addr"));
	from_free = any_is_freemail(c, &from);
	reply_free = any_is_freemail(c, &reply);
	if (from_free && reply_free && !overlap(&from, &reply)) {
		note_two(c, strs_join(c->arena, &from, STR(",")), " -> ",
			 strs_join(c->arena, &reply, STR(",")));
		return 1;
	}
	if (!own->from_body)
		return reply_free ? body_differs(c, &reply) : 0;
	/* Without a Reply-To, an answer goes to From. */
	if ((reply.n && !reply_free) || !from_free)
		return 0;
	return body_differs(c, reply_free ? &reply : &from);
}

static struct freemail_args *prepare(struct arena *a, const struct strs *args,
				     size_t regex_at, struct err *err)
{
	struct freemail_args *own = arena_alloc(a, sizeof(*own));

	if (regex_at >= args->n)
		return own;
	own->re = regex_compile(a, args->v[regex_at], STR(""), err);
	return own->re ? own : NULL;
}

/* ([regex]) */
static void *prepare_regex(struct arena *a, const struct strs *args,
			   struct err *err)
{
	return prepare(a, args, 0, err);
}

/* (header [, regex]) */
static void *prepare_header(struct arena *a, const struct strs *args,
			    struct err *err)
{
	if (args->n)
		return prepare(a, args, 1, err);
	err_set(err, "check_freemail_header needs the name of a header");
	return NULL;
}

/* (['replyto' | 'reply']) */
static void *prepare_replyto(struct arena *a, const struct strs *args,
			     struct err *err)
{
	struct freemail_args *own = prepare(a, args, args->n, err);
	struct str mode = eval_arg(args, 0);

	own->from_body = str_eq(mode, STR("reply"));
	if (!args->n || own->from_body || str_eq(mode, STR("replyto")))
		return own;
	err_set(err, "check_freemail_replyto takes 'replyto' or 'reply', not "
		"'%.*s'", STR_ARG(str_head(mode, 80)));
	return NULL;
}

const struct eval_test eval_freemail_tests[] = {
	{ "check_freemail_from", EVAL_HEADER, check_freemail_from,
	  prepare_regex, "a sender's address is free mail; (regex) and "
	  "matches it" },
	{ "check_freemail_header", EVAL_HEADER, check_freemail_header,
	  prepare_header, "an address of the header is free mail; "
	  "(header, regex) and matches it" },
	{ "check_freemail_replyto", EVAL_HEADER, check_freemail_replyto,
	  prepare_replyto, "From, Reply-To and the body name different free "
	  "mail addresses" },
	{ "check_freemail_body", EVAL_HEADER, check_freemail_body,
	  prepare_regex, "the body names a free mail address; (regex) and it "
	  "matches" },
	{ NULL, 0, NULL, NULL, NULL },
};
