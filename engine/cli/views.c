/*
 * The command `mekiki views`: shows what the engine makes of a message before
 * any rule looks at it, in the format of tests/parity/sa_views.pl, which shows
 * the same of the real SpamAssassin; the two are compared line by line. One
 * function a section; long ones have files of their own (views.h).
 */
#include "cli/views.h"

#include <stdio.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/options.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"
#include "scan/engine.h"

void views_field(struct str s, int end)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	if (end)
		putchar(end);
}

static void show_list(const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		views_field(list->v[i], '\n');
}

static void show_headers(struct message *m)
{
	struct headers *hs = &m->headers;

	for (size_t i = 0; i < hs->n; i++) {
		struct str name = str_lower(m->arena, hs->v[i].name);

		if (headers_find(hs, name, 0) != i)
			continue;
		views_field(name, '\t');
		views_field(message_header(m, name, false), '\n');
		views_field(name, 0);
		fputs(":raw\t", stdout);
		/* SpamAssassin asks for it by the name without white space. */
		views_field(message_header(m, str_trim(name), true), '\n');
	}
}

static void show_flags(struct message *m)
{
	static const struct { unsigned flag; const char *name; } flags[] = {
		{ MSG_MISSING_HEAD_BODY_SEPARATOR, "missing_head_body_separator" },
		{ MSG_TRUNCATED_HEADER, "truncated_header" },
		{ MSG_MISSING_MIME_HEAD_BODY_SEPARATOR,
		  "missing_mime_head_body_separator" },
		{ MSG_MISSING_MIME_HEADERS, "missing_mime_headers" },
		{ MSG_MIME_EPILOGUE_EXISTS, "mime_epilogue_exists" },
		{ MSG_MIMEPART_LIMIT, "mimepart_limit_exceeded" },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		printf("%s\t%d\n", flags[i].name,
		       (m->flags & flags[i].flag) != 0);
	printf("crlf\t%d\n", m->crlf);
}

static uint32_t crc32_of(struct str s)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void show_sum(struct str s)
{
	printf("%zu/%08x", s.n, crc32_of(s));
}

static void show_part(struct part *p)
{
	printf("%d\t", p->depth);
	views_field(p->declared_type, '\t');
	views_field(p->type, '\t');
	views_field(p->charset, '\t');
	views_field(p->name, '\t');
	views_field(p->boundary, '\t');
	if (p->nchildren == 0)
		show_sum(part_decoded(p));
	putchar('\t');
	part_render(p);
	views_field(p->rendered_type, '\t');
	if (p->rendered.p) {
		show_sum(p->rendered);
		if (p->rendered_utf8)
			putchar('u');
	}
	putchar('\n');
	for (size_t i = 0; i < p->nchildren; i++)
		show_part(p->children[i]);
}

static void show_tree(struct message *m)
{
	show_part(m->root);
}

static void show_body(struct message *m)
{
	show_list(message_body(m));
}

static void show_rawbody(struct message *m)
{
	show_list(message_rawbody(m));
}

static void show_visible(struct message *m)
{
	show_list(message_visible(m));
}

static void show_invisible(struct message *m)
{
	show_list(message_invisible(m));
}

static const struct section {
	const char *name;
	void (*show)(struct message *m);
	bool own_title;		/* prints its titles itself */
} sections[] = {
	{ "headers", show_headers, false },
	{ "all", views_all, false },
	{ "flags", show_flags, false },
	{ "tree", show_tree, false },
	{ "body", show_body, false },
	{ "rawbody", show_rawbody, false },
	{ "visible", show_visible, false },
	{ "invisible", show_invisible, false },
	{ "html", views_html, true },
	{ "uris", views_uris, false },
	{ "relays", views_relays, false },
	{ "envelope", views_envelope, false },
	{ "addrs", views_addrs, false },
	{ "dates", views_dates, false },
};

#define NSECTIONS (sizeof(sections) / sizeof(sections[0]))

/* True if `only` is empty or lists name. */
static bool wanted(struct str only, struct str name)
{
	struct str rest = only, piece;

	if (only.n == 0)
		return true;
	while (str_next(&rest, ',', &piece))
		if (str_eq(piece, name))
			return true;
	return false;
}

static void show_message(struct message *m, struct str only)
{
	for (size_t i = 0; i < NSECTIONS; i++) {
		if (!wanted(only, str_cstr(sections[i].name)))
			continue;
		if (!sections[i].own_title)
			printf("[%s]\n", sections[i].name);
		sections[i].show(m);
	}
}

static int show_file(struct arena *a, const struct mail_settings *ms,
		     const char *path, struct str only)
{
	struct buf raw;
	struct err err;

	buf_init(&raw, LIMIT_MESSAGE);
	if (input_read(path, &raw, &err) < 0) {
		fprintf(stderr, "mekiki views: %s\n", err.text);
		return EXIT_NOINPUT;
	}
	fputs("message ", stdout);
	views_field(str_cstr(path), '\n');
	show_message(message_parse(a, ms, buf_str(&raw)), only);
	arena_reset(a);
	buf_free(&raw);
	return 0;
}

static int usage(const struct option_row *rows, const struct option_row *common,
		 FILE *f)
{
	fputs("Usage: mekiki views [OPTIONS] FILE...\nSections:", f);
	for (size_t k = 0; k < NSECTIONS; k++)
		fprintf(f, " %s", sections[k].name);
	fputc('\n', f);
	options_help(f, rows);
	options_help(f, common);
	return f == stdout ? 0 : EXIT_USE;
}

int cmd_views(int argc, char **argv)
{
	struct common_options o = { .help = false };
	const char *only = "";
	const struct option_row rows[] = {
		{ "only", 0, OPT_TEXT, &only, "SECTION[,SECTION...]",
		  "Show these sections only." },
		{ NULL, 0, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct option_row *common = common_option_rows(&o);
	struct engine *engine;
	struct arena *a;
	struct err err;
	int n = options_parse(argc, argv, common, rows, &err), rc = 0;

	if (n < 0)
		fprintf(stderr, "mekiki views: %s\n", err.text);
	if (n <= 0)
		return usage(rows, common, o.help ? stdout : stderr);
	common_options_apply(&o);
	a = arena_new();
	engine = engine_load(&o.load);
	for (int i = 0; i < n && rc == 0; i++)
		rc = show_file(a, &engine_rules(engine)->site->mail, argv[i],
			       str_cstr(only));
	arena_free(&a);
	engine_free(&engine);
	return rc;
}
