/*
 * Fuzz target: attached documents and ZIP archives as OLEVBMacro reads them.
 * The first byte chooses the file's name (and by it what is looked for) and
 * whether everything is looked at; the rest is the file, which goes through a
 * message in base64. Beside "no crash" it checks:
 *
 *   - what is unpacked keeps to the budget, and a reader that reads everything
 *     of an archive twice comes to the same;
 *   - members lie in the archive's directory, contents in memory;
 *   - links are few and begin with a scheme.
 */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "eval/ole.h"
#include "mail/message.h"
#include "mail/settings.h"
#include "match/regex.h"

static struct arena *rules_arena, *arena;
static struct mail_settings settings;
static struct ole_options options[2];

static void start(void)
{
	static const char *const patterns[OLE_REGEXES] = {
		[OLE_EXTS] = "(?:doc|docx|rtf|xls)$",
		[OLE_MACRO_EXTS] = "(?:docm|xlsm)$",
		[OLE_SKIP_EXTS] = "(?:dotx|pptx)$",
		[OLE_SKIP_CTYPES] = "^(?:text/)",
		[OLE_ZIPS] = "(?:zip)$",
		[OLE_DOWNLOAD_MARKER] = "cmd /c",
	};

	rules_arena = arena_new();
	arena = arena_new();
	mail_settings_init(&settings);
	for (int i = 0; i < 2; i++) {
		struct err err;

		options[i] = (struct ole_options){ .num_mime = 5,
			.num_zip = 8, .zip_depth = 2 + 20 * i,
			.max_file = 1024000, .prefer_disposition = true,
			.extended_scan = i };
		for (int k = 0; k < OLE_REGEXES; k++) {
			options[i].re[k] = regex_compile(rules_arena,
				str_cstr(patterns[k]), STR(""), &err);
			must(options[i].re[k]);
		}
	}
}

/* A sum over all members' contents. */
static uint64_t read_all(struct str data, size_t *n_r)
{
	struct zip_budget budget = { .left = 1 << 20, .cut = false };
	struct zip z;
	uint64_t sum = 0;

	*n_r = 0;
	if (!zip_open(&z, data, &budget))
		return 0;
	must(z.n <= LIMIT_ZIP_FILES);
	for (size_t i = 0; i < z.n && i < 50; i++) {
		struct str s;

		must(z.v[i].name.n <= 65535);
		for (size_t k = 0; k < z.v[i].name.n; k++)
			sum = sum * 31 + (unsigned char)z.v[i].name.p[k];
		if (!zip_contents(&z, &z.v[i], &s))
			continue;
		must(s.n <= 1 << 20);
		for (size_t k = 0; k < s.n; k++)
			sum = sum * 31 + (unsigned char)s.p[k];
	}
	must(budget.left <= 1 << 20 && z.unpacked.n <= 1 << 20);
	*n_r = z.n;
	zip_close(&z);
	return sum;
}

static struct str base64(struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = arena_text(arena, s.n / 3 * 4 + 8 + s.n / 40), *q = p;

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < s.n ?
				      (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			*q++ = k > s.n - i ? '=' : digits[v >> (18 - 6 * k) & 63];
		if (i % 54 == 51)
			*q++ = '\n';
	}
	return str_make(p, (size_t)(q - p));
}

static void check_facts(const struct ole_facts *f)
{
	must(f->redirect_uris.n <= 10 && f->mhtml_uris.n <= 5);
	for (size_t i = 0; i < f->redirect_uris.n; i++)
		must(str_istarts(f->redirect_uris.v[i], STR("http")));
	for (size_t i = 0; i < f->mhtml_uris.n; i++)
		must(str_istarts(f->mhtml_uris.v[i], STR("mhtml:")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {
		"a.zip", "a.docx", "a.docm", "a.csv", "a.doc", "a.txt",
		"a.xls", "=?utf-8?q?a=2Edoc?=",
	};
	struct ole_facts f = { .macro = false };
	struct ole_look k = { .f = &f };
	struct str file, text;
	size_t n1, n2;

	if (!arena)
		start();
	if (n < 1)
		return 0;
	file = str_dup(arena, str_make((const char *)data + 1, n - 1));
	must(read_all(file, &n1) == read_all(file, &n2) && n1 == n2);
	k.o = &options[data[0] >> 3 & 1];
	k.arena = arena;
	text = base64(file);
	text = str_printf(arena, "Content-Type: application/x; name=\"%s\"\n"
			  "Content-Transfer-Encoding: base64\n\n%.*s\n",
			  names[data[0] & 7], STR_ARG(text));
	ole_look_at(&k, message_parse(arena, &settings, text));
	must(k.budget.left <= LIMIT_OLE_BYTES);
	check_facts(&f);
	arena_reset(arena);
	return 0;
}
