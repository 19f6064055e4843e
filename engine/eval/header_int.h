/*
 * What the files of the header family share.
 */
#ifndef MEKIKI_EVAL_HEADER_INT_H
#define MEKIKI_EVAL_HEADER_INT_H

#include <stdbool.h>

#include "eval/eval.h"

/* A selector's text; "" if there is nothing. */
struct str header_get(struct eval_ctx *c, const char *selector);

/* A selector's first value ("From:addr" gives all of them otherwise). */
struct str header_first(struct eval_ctx *c, const char *selector);

/* All Received headers as one line of single spaces. */
struct str header_received_line(struct eval_ctx *c);

/* The same of any text. */
struct str header_one_line(struct arena *a, struct str s);

/* Does `domain` end the text, beginning at a word boundary? Any case. */
bool ends_in_domain(struct str text, struct str domain);

/* Received headers are known to be missing: lists that remove them. */
bool received_were_removed(struct eval_ctx *c);

eval_fn check_for_forged_hotmail_received_headers,
	check_for_no_hotmail_received_headers, check_for_msn_groups_headers,
	check_for_forged_eudoramail_received_headers,
	check_for_forged_yahoo_received_headers,
	check_for_forged_juno_received_headers,
	check_for_forged_gmail_received_headers,
	check_for_forged_gw05_received_headers,
	check_for_fake_aol_relay_in_rcvd;

eval_fn check_for_shifted_date, received_within_months,
	check_outlook_message_id;

eval_fn sorted_recipients, similar_recipients, check_for_to_in_subject,
	check_for_missing_to_header, subject_is_all_caps,
	check_ratware_envelope_from;

#endif
