/*
 * Lists of plug-ins that are more than words in a row: owners of addresses
 * (FromNameSpoof) and hosts that shorten URLs (DecodeShortURLs).
 */
#include "conf/loader.h"
#include "conf/setters.h"

/* "(NAME) words": the name ends at the first ")" that has white space behind
 * it, and need not be a word. False if it is nothing like that. */
static bool take_owner(struct str *value, struct str *name_r)
{
	for (size_t i = 2; value->n && value->p[0] == '(' && i + 1 < value->n;
	     i++) {
		if (value->p[i] != ')' ||
		    !is_space((unsigned char)value->p[i + 1]))
			continue;
		*name_r = str_make(value->p + 1, i - 1);
		*value = str_ltrim(str_from(*value, i + 1));
		return value->n > 0;
	}
	return false;
}

/* fns_add_addrlist, fns_remove_addrlist: the list "FNS_owner". */
static enum kw_result change_owner(struct loader *ld, struct str value,
				   bool add)
{
	struct str name, word;

	if (!take_owner(&value, &name))
		return KW_MISSING;
	name = str_cat(ld->a, STR("FNS_"), str_lower(ld->a, name));
	while (str_next_word(&value, &word)) {
		if (add)
			list_add_glob(ld, name, word, STR_NONE);
		else
			list_remove_glob(ld, name, word);
	}
	return KW_OK;
}

enum kw_result add_owner(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	(void)kw;
	return change_owner(ld, value, true);
}

enum kw_result remove_owner(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	(void)kw;
	return change_owner(ld, value, false);
}

/* A host stands on "url_shortener"; one that wants to be asked by GET also on
 * "url_shortener_get", where arg names it. The last line about a host counts. */
enum kw_result add_shortener(struct loader *ld, const struct keyword *kw,
			     struct str value)
{
	struct str word;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word)) {
		list_add_glob(ld, STR("url_shortener"), word, STR_NONE);
		if (kw->arg)
			list_add_glob(ld, str_cstr(kw->arg), word, STR_NONE);
		else
			list_remove_glob(ld, STR("url_shortener_get"), word);
	}
	return KW_OK;
}

enum kw_result clear_shorteners(struct loader *ld, const struct keyword *kw,
				struct str value)
{
	struct str word;

	(void)kw;
	if (!value.n) {
		list_clear_globs(ld, STR("url_shortener"));
		list_clear_globs(ld, STR("url_shortener_get"));
	}
	while (str_next_word(&value, &word)) {
		list_remove_glob(ld, STR("url_shortener"), word);
		list_remove_glob(ld, STR("url_shortener_get"), word);
	}
	return KW_OK;
}
