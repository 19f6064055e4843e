/*
 * JSON, written; see json.h.
 */
#include "base/json.h"

#include <math.h>

static void before(struct json *j)
{
	if (j->comma)
		buf_addc(j->out, ',');
	j->comma = true;
}

void json_open(struct json *j, int bracket)
{
	before(j);
	buf_addc(j->out, bracket);
	j->comma = false;
}

void json_close(struct json *j, int bracket)
{
	buf_addc(j->out, bracket);
	j->comma = true;
}

static void quoted(struct json *j, struct str s)
{
	buf_addc(j->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addf(j->out, "\\%c", c);
		else if (c < ' ' || c >= 0x7F)
			buf_addf(j->out, "\\u%04x", c);
		else
			buf_addc(j->out, c);
	}
	buf_addc(j->out, '"');
}

void json_name(struct json *j, const char *name)
{
	before(j);
	quoted(j, str_cstr(name));
	buf_addc(j->out, ':');
	j->comma = false;
}

void json_text(struct json *j, struct str s)
{
	before(j);
	quoted(j, s);
}

void json_int(struct json *j, int64_t v)
{
	before(j);
	buf_addf(j->out, "%lld", (long long)v);
}

void json_number(struct json *j, double v)
{
	if (!isfinite(v)) {
		json_null(j);
		return;
	}
	before(j);
	buf_addf(j->out, "%.6g", v);
}

void json_bool(struct json *j, bool v)
{
	before(j);
	buf_adds(j->out, v ? STR("true") : STR("false"));
}

void json_null(struct json *j)
{
	before(j);
	buf_adds(j->out, STR("null"));
}
