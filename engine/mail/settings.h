/*
 * What the reading of a message depends on beside its bytes. conf/ fills it
 * from the rule files and a user's overlay; mail/ only reads it. A struct of
 * all zeros but the sizes is a usable default (tests use mail_settings_init).
 */
#ifndef MEKIKI_MAIL_SETTINGS_H
#define MEKIKI_MAIL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct domains;
struct netset;

struct mail_settings {
	/* Networks; NULL where nothing was configured (which makes
	 * SpamAssassin infer trust instead). */
	const struct netset *trusted;
	const struct netset *internal;
	const struct netset *msa;
	/* Top-level domains and registry boundaries; NULL: none known. */
	const struct domains *domains;
	/* originating_ip_headers, in order; NULL: none. */
	const struct strs *originating_ip_headers;
	/* envelope_sender_header, or STR_NONE. */
	struct str envelope_sender_header;
	bool always_trust_envelope_sender;
	bool normalize_charset;		/* default true */
	bool mime_by_lines;		/* never ask GMime for a MIME tree: the
					 * same tree by the line reader */
	bool parse_dkim_uris;		/* default true */
	size_t body_part_scan_size;	/* bytes, default 50000, 0: no limit */
	size_t rawbody_part_scan_size;	/* bytes, default 500000 */
	/* The text a redirector_pattern captures from a URI: returns true and
	 * sets *target_r (in the arena) on the first pattern that matches.
	 * NULL: no patterns. Filled by match/, which owns regexes. */
	bool (*redirect)(const void *ctx, struct arena *a, struct str uri,
			 struct str *target_r);
	const void *redirect_ctx;
};

/* SpamAssassin's defaults. */
static inline void mail_settings_init(struct mail_settings *s)
{
	*s = (struct mail_settings){
		.normalize_charset = true,
		.parse_dkim_uris = true,
		.body_part_scan_size = 50000,
		.rawbody_part_scan_size = 500000,
	};
}

#endif
