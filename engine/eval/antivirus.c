/*
 * Tests of attachments (SpamAssassin's AntiVirus): programs for Windows, by
 * their name or their first bytes, and names that contradict the type that was
 * declared. Only the name in Content-Type counts, not that in
 * Content-Disposition. Both answers are made in one walk over the leaves, at
 * the first question, and kept with the message.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "mail/content_type.h"
#include "mail/message.h"
#include "mail/part.h"

struct attachments {
	bool program, suspect;
};

/* Endings that run something when they are opened. */
static const char *const program_endings[] = {
	"ade", "adp", "asx", "bas", "bat", "chm", "cmd", "com", "cpl", "crt",
	"dll", "exe", "hlp", "hta", "inf", "ins", "isp", "js", "jse", "lnk",
	"mda", "mdb", "mde", "mdt", "mdw", "mdz", "msc", "msi", "msp", "mst",
	"nws", "ops", "pcd", "pif", "prf", "reg", "scf", "scr", "scr?", "sct",
	"shb", "shs", "shm", "swf", "url", "vb", "vbe", "vbs", "vbx", "vxd",
	"wsc", "wsf", "wsh", NULL,
};

static const char *const text_endings[] = {
	"txt", "htm", "html", "phtm", "phtml", "xhtm", "xhtml", "xml", NULL,
};
static const char *const text_types[] = {
	"text/plain", "text/htm", "text/phtm", "text/xhtm", "text/english",
	"text/sgml", "text/xml", "text/enriched", "text/richtext",
	"message/external-body", NULL,
};
static const char *const image_endings[] = {
	"jpg", "jpeg", "tif", "tiff", "gif", "png", NULL,
};
static const char *const image_types[] = {
	"image/", "application/mac-binhex", NULL,
};
static const char *const run_endings[] = {
	"bat", "com", "exe", "pif", "scr", "swf", "vbs", NULL,
};
static const char *const run_types[] = { "application/", NULL };

static bool is_one_of(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(s, str_cstr(*list)))
			return true;
	return false;
}

static bool starts_one_of(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_starts(s, str_cstr(*list)))
			return true;
	return false;
}

/* What stands behind the last dot; all of it if there is none. */
static struct str ending_of(struct str name)
{
	ssize_t dot = str_rchr(name, '.');

	if (dot < 0)
		return name;
	return str_from(name, (size_t)dot + 1);
}

static bool is_program_name(struct str name)
{
	struct str ending = ending_of(name);

	return ending.n < name.n && is_one_of(ending, program_endings);
}

static bool in(const char *set, int c)
{
	return c && strchr(set, c) != NULL;
}

/* The base64 of "MZ", and of what stands in the header of nearly all programs
 * behind it. The bytes that may be anything may be no newline. */
static bool is_base64_program(struct str raw)
{
	const unsigned char *p = (const unsigned char *)raw.p;

	if (raw.n < 13 || memchr(raw.p, '\n', 13))
		return false;
	return str_starts(raw, STR("TV")) && in("opqr", p[2]) && p[4] == 'A' &&
	       in("AB", p[7]) && in("AQgw", p[9]) && p[10] >= 'A' &&
	       p[10] <= 'H' && p[12] == 'A';
}

/* One line of a uuencoded program: its first 45 bytes. */
static bool is_uuencoded_program(struct str line)
{
	const char *p = line.p;

	return line.n >= 14 && str_starts(line, STR("M35")) &&
	       in("GHIJK", p[3]) && p[4] != '\n' && p[5] == '`' &&
	       p[8] == '`' && str_find(str_from(line, 10), STR("````")) >= 0;
}

static bool has_uuencoded_program(struct str raw)
{
	struct str line;

	while (str_next_line(&raw, &line))
		if (is_uuencoded_program(line))
			return true;
	return false;
}

static bool is_program(struct part *p, struct str type, struct str name)
{
	struct str cte = part_header(p, STR("content-transfer-encoding"));

	if (is_program_name(name))
		return true;
	if (str_ifind(cte, STR("base64")) >= 0 && is_base64_program(p->raw))
		return true;
	return str_starts(type, STR("text")) &&
	       !(type.n > 4 && is_word((unsigned char)type.p[4])) &&
	       has_uuencoded_program(p->raw);
}

/* The type without "x-" or "vnd." in front of its second half. */
static struct str plain_type(struct eval_ctx *c, struct str type)
{
	ssize_t at = str_find(type, STR("/x-")), vnd;
	size_t cut = 2;

	vnd = str_find(type, STR("/vnd."));
	if (at < 0 || (vnd >= 0 && vnd < at)) {
		at = vnd;
		cut = 4;
	}
	if (at < 0)
		return type;
	return str_cat(c->arena, str_head(type, (size_t)at + 1),
		       str_from(type, (size_t)at + 1 + cut));
}

/* "application/...WORD" */
static bool is_application(struct str type, struct str word)
{
	return str_starts(type, STR("application/")) &&
	       str_ends(str_from(type, 12), word);
}

static bool is_suspect(struct eval_ctx *c, struct str type, struct str name)
{
	struct str ending = ending_of(name);

	if (str_eq(type, STR("application/octet-stream")))
		return false;
	type = plain_type(c, type);
	if (is_one_of(ending, text_endings))
		return !starts_one_of(type, text_types);
	if (is_one_of(ending, image_endings))
		return !starts_one_of(type, image_types);
	if (str_eq(ending, STR("vcf")))
		return !str_eq(type, STR("text/vcard"));
	if (is_one_of(ending, run_endings))
		return !starts_one_of(type, run_types);
	if (str_eq(ending, STR("doc")))
		return !is_application(type, STR("word"));
	if (str_eq(ending, STR("ppt")))
		return !is_application(type, STR("powerpoint")) &&
		       !is_application(type, STR("ppt"));
	return str_eq(ending, STR("xls")) &&
	       !is_application(type, STR("excel"));
}

static const struct attachments *attachments(struct eval_ctx *c)
{
	struct message *m = c->msg;
	struct attachments *at = m->memo[MEMO_ANTIVIRUS];

	if (at)
		return at;
	at = arena_alloc(m->arena, sizeof(*at));
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];
		struct str value = part_header(p, STR("content-type"));
		struct content_type ct;
		struct str name;

		ct = content_type_parse(c->arena, value);
		name = str_lower(c->arena, ct.name);
		if (str_eq(name, STR("0")))
			name = STR("");
		at->program |= is_program(p, ct.type, name);
		at->suspect |= name.n && is_suspect(c, ct.type, name);
	}
	m->memo[MEMO_ANTIVIRUS] = at;
	return at;
}

static int check_microsoft_executable(struct eval_ctx *c,
				      const struct strs *args)
{
	(void)args;
	return attachments(c)->program;
}

static int check_suspect_name(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return attachments(c)->suspect;
}

const struct eval_test eval_antivirus_tests[] = {
	{ "check_microsoft_executable", EVAL_BODY, check_microsoft_executable,
	  NULL, "a program for Windows is attached" },
	{ "check_suspect_name", EVAL_BODY, check_suspect_name, NULL,
	  "an attachment's file name contradicts its type" },
	{ NULL, 0, NULL, NULL, NULL },
};
