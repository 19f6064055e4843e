/*
 * What the tests of body.c and body_alternative.c keep with a message.
 */
#ifndef MEKIKI_EVAL_BODY_H
#define MEKIKI_EVAL_BODY_H

#include <stdbool.h>
#include <stddef.h>

struct eval_ctx;
struct strs;

struct body_facts {
	bool stock_made, signature_made, alternative_made;
	bool has_plain;			/* there is a text/plain part */
	size_t stock_labels;
	double body_length, sig_length, sig_ratio;
	double difference;		/* of alternatives, percent */
	size_t html_words, text_words;	/* of the last alternative with HTML */
};

struct body_facts *body_facts(struct eval_ctx *c);

int multipart_alternative_difference(struct eval_ctx *c,
				     const struct strs *args);
int multipart_alternative_difference_count(struct eval_ctx *c,
					   const struct strs *args);

#endif
