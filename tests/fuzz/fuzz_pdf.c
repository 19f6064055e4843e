/*
 * Fuzz target: PDF files as PDFInfo reads them. Beside "no crash" it checks:
 *
 *   - reading a file twice adds no fact that the first time did not;
 *   - details, links and tags have their ceilings, links have a dot and no NUL;
 *   - checksums are 32 digits of upper case, sizes two numbers with an x;
 *   - a value lies in its line, and what is made of it is no longer.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "eval/pdf.h"

static struct arena *arena;

static void check_sums(const struct map *sums)
{
	const struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(sums, &i))) {
		must(e->key.n == 32);
		for (size_t k = 0; k < 32; k++)
			must(is_digit(e->key.p[k]) ||
			     (e->key.p[k] >= 'A' && e->key.p[k] <= 'F'));
	}
}

static void check_facts(const struct pdf_facts *f)
{
	const struct map_entry *e;
	size_t i = 0;

	check_sums(&f->md5);
	check_sums(&f->fuzzy_md5);
	while ((e = map_next(&f->sizes, &i)))
		must(str_chr(e->key, 'x') > 0);
	for (int k = 0; k < PDF_DETAILS; k++)
		for (i = 0; (e = map_next(&f->details[k], &i)); )
			must(e->key.n <= PDF_TEXT_MAX);
	for (i = 0; i < f->uris.n; i++)
		must(f->uris.v[i].n <= PDF_TEXT_MAX &&
		     str_chr(f->uris.v[i], '.') > 0 &&
		     str_chr(f->uris.v[i], '\0') < 0);
	must(f->uris.n <= 20);
	must(!f->has_area || f->images > 0);
}

static void check_values(struct str line)
{
	struct str value, plain;
	char out[PDF_TEXT_MAX];

	if (pdf_find_value(line, STR("/T"), &value)) {
		must(value.p > line.p && value.n >= 2 &&
		     value.p + value.n <= line.p + line.n);
		must(pdf_text(value, out).n <= value.n);
	}
	if (pdf_find_date(line, STR("/D"), &value))
		must(value.n > 0 && value.p + value.n <= line.p + line.n);
	if (pdf_find_uri(line, &value, &plain)) {
		must(!value.p != !plain.p);
		if (value.p)
			plain = value;
		must(plain.p >= line.p && plain.n &&
		     plain.p + plain.n <= line.p + line.n);
		must(pdf_text(plain, out).n <= plain.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct map tags;
	struct pdf_facts f;
	struct str s;
	size_t images;
	const struct map_entry *e;

	if (!arena)
		arena = arena_new();
	tags = MAP_IN(arena);
	s = str_dup(arena, str_make((const char *)data, n));
	check_values(s);
	pdf_facts_init(&f, arena, &tags);
	pdf_read(&f, STR("a.pdf"), s);
	check_facts(&f);
	images = f.images;
	n = f.sizes.n + f.md5.n + f.fuzzy_md5.n + f.names.n;
	f.uris.n = 0;
	pdf_read(&f, STR("a.pdf"), s);
	must(f.images == 2 * images);
	must(n == f.sizes.n + f.md5.n + f.fuzzy_md5.n + f.names.n);
	for (n = 0; (e = map_next(&tags, &n)); )
		must(((struct str *)e->value)->n <= 2048 + 1 + PDF_TEXT_MAX);
	arena_reset(arena);
	return 0;
}
