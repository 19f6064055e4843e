/*
 * Writing JSON into a buffer, value by value. Commas, and the colon behind a
 * name, write themselves. Texts come out as ASCII, whatever they hold: octets
 * beyond it as \u00XX.
 */
#ifndef MEKIKI_BASE_JSON_H
#define MEKIKI_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
	struct buf *out;
	bool comma;		/* a value stands before */
};

/* '{' or '[', and what ends it. */
void json_open(struct json *j, int bracket);
void json_close(struct json *j, int bracket);

/* The name of the next value of an object. */
void json_name(struct json *j, const char *name);

void json_text(struct json *j, struct str s);
void json_int(struct json *j, int64_t v);
/* Six digits; null if it is none that JSON has. */
void json_number(struct json *j, double v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);

#endif
