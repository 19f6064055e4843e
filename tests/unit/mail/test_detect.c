/*
 * Kinds of files by their octets, sizes of images, directories of ZIP files,
 * and the parameters of Content-Type.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "mail/ctype.h"
#include "mail/detect.h"

static const struct {
	struct str data;
	const char *ext;
} files[] = {
	{ { "%PDF-1.4\n", 9 }, "pdf" },
	{ { "GIF89a\12\0\24\0", 10 }, "gif" },
	{ { "MZ\x90", 3 }, "exe" },
	{ { "PK\3\4xxxx word/document.xml", 26 }, "docx" },
	{ { "PK\3\4xxxx a.txt", 14 }, "zip" },
	{ { " <HTML><body>", 13 }, "html" },
	{ { "<paragraph>", 11 }, NULL },
	{ { "hello", 5 }, NULL },
	{ { "", 0 }, NULL },
};

static void kinds_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct detect_kind *k = detect_file(files[i].data);

		if (!str_eq(str_cstr(k ? k->ext : NULL),
			    str_cstr(files[i].ext)))
			fail_msg("%zu: %s", i, k ? k->ext : "none");
	}
}

static void sizes_of_images(void **state)
{
	unsigned w = 0, h = 0;
	const char *kind;

	(void)state;
	assert_true(detect_image_size(files[1].data, &kind, &w, &h));
	assert_string_equal(kind, "GIF");
	assert_int_equal(w, 10);
	assert_int_equal(h, 20);
	assert_false(detect_image_size(STR("\xff\xd8\xff\xff\xff\xff"), &kind,
				       &w, &h));
}

/* One stored file "a.txt" that is encrypted: directory and end only. */
#define ZERO4 "\0\0\0\0"
#define ZIP_DIR "PK\1\2\24\0\12\0\1\0\0\0" ZERO4 ZERO4 \
	"\17\0\0\0\3\0\0\0\5\0\0\0\0\0" ZERO4 ZERO4 ZERO4 "a.txt"
#define ZIP_END "PK\5\6" ZERO4 "\1\0\1\0\63\0\0\0" ZERO4 "\0\0"

static void names_in_archives(void **state)
{
	struct arena *a = arena_new();
	struct zip_listing z;
	struct str zip = STR(ZIP_DIR ZIP_END);

	(void)state;
	zip_list(a, zip, &z);
	assert_int_equal(z.n, 1);
	assert_true(z.encrypted && !z.unreadable);
	assert_true(str_eq(z.v[0].name, STR("a.txt")));
	assert_int_equal(z.v[0].packed, 15);
	assert_int_equal(z.v[0].size, 3);
	/* Every way to cut it short is survived. */
	for (size_t n = 0; n < zip.n; n++) {
		zip_list(a, str_from(zip, n), &z);
		zip_list(a, str_head(zip, n), &z);
	}
	zip_list(a, STR("PK\3\4"), &z);
	assert_true(z.unreadable);
	arena_free(&a);
}

static void parameters_are_read(void **state)
{
	struct arena *a = arena_new();
	struct ctype ct = ctype_parse(a, STR("Text/HTML; charset=\"UTF-8\" ; "
		"NAME*0=\"a b\"; name*1=c ;x; y*=utf-8''%e6%97%a5"));

	(void)state;
	assert_true(str_eq(ct.type, STR("text")));
	assert_true(str_eq(ct.subtype, STR("html")));
	assert_true(str_eq(ctype_param(&ct, STR("charset")), STR("UTF-8")));
	assert_true(str_eq(ctype_param(&ct, STR("name")), STR("a bc")));
	assert_true(str_eq(ctype_param(&ct, STR("y")), STR("日")));
	assert_false(ctype_param(&ct, STR("z")).p);
	assert_false(ct.broken);
	assert_true(ctype_parse(a, STR("text")).broken);
	ct = ctype_parse(a, STR("/bad"));
	assert_true(str_eq(ct.type, STR("text")) && !ct.broken);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_told),
		cmocka_unit_test(sizes_of_images),
		cmocka_unit_test(names_in_archives),
		cmocka_unit_test(parameters_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
