/*
 * Eval tests about macros and other active contents of attached Office
 * documents (SpamAssassin's OLEVBMacro plugin): the look at each message is
 * made once (ole_look.c), the tests read what it found.
 *
 * The directives olemacro_... are a site's or a user's. The site's regexes are
 * compiled once; those that a user's file changes are compiled for the
 * message.
 */
#include "eval/ole.h"

#include "base/arena.h"
#include "conf/keywords.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "mail/message.h"
#include "match/regex.h"

static const char *const regex_names[OLE_REGEXES] = {
	[OLE_EXTS] = "olemacro_exts",
	[OLE_MACRO_EXTS] = "olemacro_macro_exts",
	[OLE_SKIP_EXTS] = "olemacro_skip_exts",
	[OLE_SKIP_CTYPES] = "olemacro_skip_ctypes",
	[OLE_ZIPS] = "olemacro_zips",
	[OLE_DOWNLOAD_MARKER] = "olemacro_download_marker",
};

/* What the site has: the regexes and their texts. */
struct site {
	struct str text[OLE_REGEXES];
	const struct regex *re[OLE_REGEXES];
};

static void *load(struct arena *a, struct ruleset *rs)
{
	struct site *site = arena_alloc(a, sizeof(*site));

	for (int i = 0; i < OLE_REGEXES; i++) {
		struct str name = str_cstr(regex_names[i]);
		struct err err;

		site->text[i] = settings_option(rs->site, name);
		site->re[i] = regex_compile(a, site->text[i], STR(""), &err);
		if (site->re[i])
			continue;
		diag_add(&rs->diags, DIAG_ERROR, "", 0, "%s: %s",
			 regex_names[i], err.text);
		name = str_cstr(keyword_find(rs, name)->def);
		site->re[i] = regex_compile(a, name, STR(""), &err);
		must(site->re[i]);
	}
	return site;
}

static void read_options(struct eval_ctx *c, const struct site *site,
			 struct ole_options *o)
{
	const struct settings *s = c->settings;

	for (int i = 0; i < OLE_REGEXES; i++) {
		struct str text = settings_option(s, str_cstr(regex_names[i]));
		struct err err;

		o->re[i] = site->re[i];
		if (str_eq(text, site->text[i]))
			continue;
		o->re[i] = regex_compile_brief(c->arena, text, STR(""), &err);
		if (!o->re[i])
			o->re[i] = site->re[i];
	}
	o->num_mime = settings_number(s, STR("olemacro_num_mime"));
	o->num_zip = settings_number(s, STR("olemacro_num_zip"));
	o->zip_depth = settings_number(s, STR("olemacro_zip_depth"));
	o->max_file = settings_number(s, STR("olemacro_max_file"));
	o->extended_scan = settings_bool(s, STR("olemacro_extended_scan"));
	o->prefer_disposition =
		settings_bool(s, STR("olemacro_prefer_contentdisposition"));
}

static void look_at(struct eval_ctx *c, void *data)
{
	struct ole_options o = { .num_mime = 0 };
	struct ole_facts *f = arena_alloc(c->arena, sizeof(*f));
	struct ole_look k = { .o = &o, .f = f, .arena = c->arena };

	read_options(c, data, &o);
	ole_look_at(&k, c->msg);
	for (size_t i = 0; i < f->redirect_uris.n; i++)
		message_add_uri(c->msg, f->redirect_uris.v[i]);
	c->msg->memo[MEMO_OLE] = f;
}

const struct eval_plugin eval_plugin_ole = { "OLEVBMacro", load, look_at };

static const struct ole_facts *facts(const struct eval_ctx *c)
{
	static const struct ole_facts none;
	const struct ole_facts *f = c->msg->memo[MEMO_OLE];

	return f ? f : &none;
}

#define FACT(function, fact)						\
	static int function(struct eval_ctx *c, const struct strs *args) \
	{								\
		(void)args;						\
		return facts(c)->fact;					\
	}

FACT(check_olemacro, macro)
FACT(check_oleobject, object)
FACT(check_olertfobject, rtf_object)
FACT(check_olemacro_csv, csv)
FACT(check_olemacro_malice, malice)
FACT(check_olemacro_renamed, renamed)
FACT(check_olemacro_encrypted, encrypted)
FACT(check_olemacro_zip_password, zip_password)
FACT(check_olemacro_download_exe, download_exe)

/* Hits if there are any, which the report then names. */
static int report(struct eval_ctx *c, const struct strs *uris)
{
	for (size_t i = 0; i < uris->n && c->log; i++)
		strs_add(c->arena, c->log, uris->v[i]);
	return uris->n > 0;
}

static int check_olemacro_redirect_uri(struct eval_ctx *c,
				       const struct strs *args)
{
	(void)args;
	return report(c, &facts(c)->redirect_uris);
}

static int check_olemacro_mhtml_uri(struct eval_ctx *c,
				    const struct strs *args)
{
	(void)args;
	return report(c, &facts(c)->mhtml_uris);
}

#define TEST(name, what) { #name, EVAL_BODY, name, NULL, what }

const struct eval_test eval_ole_tests[] = {
	TEST(check_olemacro, "a document with macros is attached"),
	TEST(check_oleobject, "a workbook with embedded objects is attached"),
	TEST(check_olertfobject,
	     "a document with an RTF text inside is attached"),
	TEST(check_olemacro_csv, "an attached CSV file runs cmd.exe"),
	TEST(check_olemacro_malice,
	     "an attached document has a macro that runs by itself"),
	TEST(check_olemacro_renamed,
	     "a document is attached under a name that hides it"),
	TEST(check_olemacro_encrypted, "an encrypted document is attached"),
	TEST(check_olemacro_zip_password,
	     "an archive with encrypted members is attached"),
	TEST(check_olemacro_download_exe,
	     "an attached document downloads a program"),
	TEST(check_olemacro_redirect_uri,
	     "an attached document follows a link when it is opened"),
	TEST(check_olemacro_mhtml_uri,
	     "an attached document follows an mhtml link when it is opened"),
	{ NULL, 0, NULL, NULL, NULL }
};
