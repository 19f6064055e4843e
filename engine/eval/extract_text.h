/*
 * ExtractText: which tools read which parts of a message, and what becomes of
 * the text that they find. Running the tools is the scan's (scan/extract.h);
 * here is what it decides by, and what the rules see afterwards.
 */
#ifndef MEKIKI_EVAL_EXTRACT_TEXT_H
#define MEKIKI_EVAL_EXTRACT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct eval_plugins;
struct extract_plan;
struct map;
struct message;
struct part;
struct settings;

/* What the plug-in made of its lines; NULL: it is not loaded, or no tool has a
 * part to read. */
const struct extract_plan *extract_plan(const struct eval_plugins *p);

/* The programs (indices of ruleset.programs) that are to read the part, in
 * order, each once; 0 if it is text that is read anyway. */
size_t extract_programs(const struct extract_plan *plan, struct part *p,
			const uint32_t **programs_r, struct arena *a);

/* extracttext_timeout and extracttext_maxparts. */
struct extract_limits {
	double one;		/* seconds of one run */
	long all;		/* whole seconds after which no part is begun */
	long parts;		/* leaves that are looked at; 0 or less: all */
};

void extract_limits_read(const struct settings *s,
			 struct extract_limits *out_r);

/* What is gathered of a message. Begin with all zero. */
struct extract_found {
	struct strs tools, types, endings, flags, uris;
	long chars, words;
};

/* A tool called name has read p and written text: it becomes the part's text,
 * unless it is only white space. */
void extract_add(struct extract_found *f, struct arena *a, struct part *p,
		 struct str name, struct str text);

/* Metadata and tags (NAME -> struct str *; may be NULL), if a tool has run. */
void extract_tell(const struct extract_found *f, struct message *m,
		  struct map *tags);

#endif
