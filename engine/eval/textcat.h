/*
 * Which language is a text in? N-grams (runs of one to five octets of a word)
 * of the text, ranked by how often they come, are compared with those of known
 * languages: the language whose ranks differ least is the answer. SpamAssassin's
 * plug-in TextCat and its file of models, `languages`.
 */
#ifndef MEKIKI_EVAL_TEXTCAT_H
#define MEKIKI_EVAL_TEXTCAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

struct textcat_models;

/* Reads models: one n-gram a line, the most frequent one first, closed by a line
 * "0 NAME". NULL if there is none. Lives in a; text is not kept. */
struct textcat_models *textcat_models_new(struct arena *a, struct str text);

/* How the n-grams of a text are compared. */
struct textcat_how {
	double max_ngrams;	/* of the text; also what a missing one costs */
	double optimal_ngrams;	/* those that come not more often are dropped,
				 * if > 0 */
	const struct strs *skip;	/* languages that are not tried */
};

/* A language and how far off it is; the nearest first, of equals the one that
 * comes first in the file. */
struct textcat_result {
	struct str language;
	double distance;
};

/* The longest text that is looked at, in octets. */
#define TEXTCAT_TEXT_MAX 10000

/* Compares text, of which at most TEXTCAT_TEXT_MAX octets count, with all models
 * but those of skipped languages. *n_r results, in a. */
struct textcat_result *textcat_compare(struct arena *a,
				       const struct textcat_models *m,
				       struct str text,
				       const struct textcat_how *how,
				       size_t *n_r);

#endif
