/*
 * What Received lines look like: the tables that received.c goes through.
 */
#ifndef MEKIKI_MAIL_RECEIVED_FORMS_H
#define MEKIKI_MAIL_RECEIVED_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/form.h"

/* What to do with a line that a form matches. */
enum form_action {
	FORM_TAKE,	/* a relay: done */
	FORM_DROP,	/* no hand-over: done */
	FORM_NOTE,	/* keep the fields and look on */
	FORM_TAKE_IF_IP, /* NOTE, and done if an address is known by now */
	FORM_ONLY,	/* the next `rows` rows are for such lines only */
	FORM_NOT,	/* the next `rows` rows are not for such lines */
	FORM_FETCHED,	/* a mail fetcher's line: done */
	FORM_SCANNED,	/* qmail-scanner's line: done */
};

/* What else a form says about its line. */
enum form_note {
	/* The writer looks names up: without one, the host has none. */
	FORM_LOOKED_UP = 1 << 0,
	FORM_HELO_IS_RDNS = 1 << 1,
	FORM_NO_ID = 1 << 2,
	FORM_NO_BY = 1 << 3,
	FORM_NO_HELO = 1 << 8,
	/* {sub} holds helo=... and ident=... in any order. */
	FORM_SUB = 1 << 4,
	/* {rdns} may be ident@name. */
	FORM_IDENT_IN_RDNS = 1 << 5,
	/* An rdns of "unknown" means that the host has none or that nobody
	 * looked; anything else that somebody did. */
	FORM_UNKNOWN_RDNS = 1 << 6,
	/* id and sender stand in angle brackets further on. */
	FORM_XMAIL = 1 << 7,
};

/* Programs that are recognised by their name before their forms are tried;
 * one line belongs to one family. */
enum form_family {
	FAMILY_ANY, FAMILY_SMTPSVC, FAMILY_EXCHANGE, FAMILY_XMAIL,
	FAMILY_ECELERITY, FAMILY_EXIM, FAMILY_POSTFIX, FAMILY_SCALIX,
	FAMILY_DOMINO,
};

struct received_row {
	const char *form;
	enum form_action action;
	unsigned notes;			/* enum form_note */
	enum form_family family;	/* FAMILY_ANY: all */
	size_t rows;			/* FORM_ONLY, FORM_NOT */
	const struct form *compiled;
};

/* How lines show that the client had logged in. */
struct auth_row {
	const char *form;
	const char *also;	/* NULL, or another form that must match */
	bool fold;		/* letter case does not matter in `form` */
	const char *text;	/* \1 and \2 stand for auth and auth2 */
	const struct form *compiled, *also_compiled;
};

/* Forms that are used one by one. */
struct received_lone {
	const struct form *bare, *dated, *id, *helo, *helo_word, *by, *envfrom,
		*first_word, *bracketed, *xmail_id, *xmail_from, *local_for;
};

struct received_tables {
	struct received_lone lone;
	struct received_row *from;	/* "from ..." */
	size_t nfrom;
	struct received_row *simta;	/* "FROM ..." */
	size_t nsimta;
	struct received_row *paren;	/* "(from ..." */
	size_t nparen;
	struct received_row *families;	/* marks of families */
	size_t nfamilies;
	struct auth_row *auths;
	size_t nauths;
};

/* The tables, compiled at first use. */
const struct received_tables *received_tables(void);

#endif
