/*
 * libFuzzer target: any bytes as a message, read twice: by GMime where the
 * guard lets it, and by the line reader alone. Both must see the same tree,
 * the same flags and the same views, within the limits.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_part(const struct part *p, const struct part *q)
{
	must(str_eq(p->declared_type, q->declared_type));
	must(str_eq(p->type, q->type));
	must(str_eq(p->charset, q->charset));
	must(str_eq(p->name, q->name));
	must(str_eq(p->raw, q->raw));
	must(p->container == q->container && p->nchildren == q->nchildren);
	must(p->depth <= 2 * LIMIT_MIME_DEPTH && p->nchildren <=
	     LIMIT_MIME_PARTS);
	must(p->headers.n == q->headers.n && p->headers.n <= LIMIT_HEADERS);
	for (size_t i = 0; i < p->headers.n; i++)
		must(str_eq(p->headers.v[i].raw, q->headers.v[i].raw));
	for (size_t i = 0; i < p->nchildren; i++)
		same_part(p->children[i], q->children[i]);
}

static void same_list(const struct strs *x, const struct strs *y)
{
	must(x->n == y->n);
	for (size_t i = 0; i < x->n; i++) {
		must(str_eq(x->v[i], y->v[i]));
		must(x->v[i].n <= 2 * LIMIT_BODY_LINE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct mail_settings by_gmime, by_lines;
	struct str raw = str_make((const char *)data, size);
	struct message *m, *l;

	mail_settings_init(&by_gmime);
	mail_settings_init(&by_lines);
	by_lines.mime_by_lines = true;
	m = message_parse(a, &by_gmime, raw);
	l = message_parse(a, &by_lines, str_dup(a, raw));
	must(m->pristine_header.n + m->pristine_body.n == m->pristine.n);
	must(m->crlf || size == 0 || str_ends(raw, m->pristine));
	must(m->flags == l->flags && m->nleaves == l->nleaves);
	must(m->missing_boundary == l->missing_boundary);
	same_part(m->root, l->root);
	same_list(message_body(m), message_body(l));
	same_list(message_rawbody(m), message_rawbody(l));
	same_list(message_visible(m), message_visible(l));
	same_list(message_invisible(m), message_invisible(l));
	arena_free(&a);
	return 0;
}
