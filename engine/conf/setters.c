/*
 * Setters by type, and the ones that many rows share with an argument from
 * the table. What counts as a number, a truth or a duration is SpamAssassin's.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "conf/loader.h"
#include "conf/setters.h"
#include "mail/network.h"

void option_set(struct loader *ld, const char *name, struct str value)
{
	struct str *s = arena_alloc(ld->a, sizeof(*s));

	*s = str_dup(ld->a, value);
	map_set(&ld->set->options, str_cstr(name), s);
}

/* [+-]digits[.[digits]]; the sign only if `minus`. The number's length. */
static size_t number_span(struct str s, bool minus)
{
	size_t i = 0, digits;

	if (s.n && (s.p[0] == '+' || (minus && s.p[0] == '-')))
		i = 1;
	for (digits = i; i < s.n && is_digit((unsigned char)s.p[i]); i++)
		;
	if (i == digits)
		return 0;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && is_digit((unsigned char)s.p[i]); i++)
			;
	return i;
}

enum kw_result set_string(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	if (!value.n)
		return KW_MISSING;
	option_set(ld, kw->name, value);
	return KW_OK;
}

enum kw_result set_any_string(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') &&
	    value.p[value.n - 1] == value.p[0])
		value = str_head(str_from(value, 1), value.n - 2);
	option_set(ld, kw->name, value);
	return KW_OK;
}

enum kw_result set_bool(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	bool yes = str_ieq(value, STR("yes")) || str_eq(value, STR("1"));
	bool no = str_ieq(value, STR("no")) || str_eq(value, STR("0"));

	if (!value.n)
		return KW_MISSING;
	if (!yes && !no)
		return load_expected(ld, "0, 1, yes or no");
	option_set(ld, kw->name, yes ? STR("1") : STR("0"));
	return KW_OK;
}

enum kw_result set_user_rules(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	if (!value.n)
		return KW_MISSING;
	if (!str_eq(value, STR("0")) && !str_eq(value, STR("1")))
		return load_expected(ld, "0 or 1");
	option_set(ld, kw->name, value);
	if (ld->user && value.p[0] == '0')
		ld->rules_allowed = false;
	return KW_OK;
}

enum kw_result set_numeric(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	if (!value.n)
		return KW_MISSING;
	if (number_span(value, true) != value.n)
		return load_expected(ld, "a number");
	option_set(ld, kw->name, value);
	return KW_OK;
}

enum kw_result set_range(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	struct str limits = str_cstr(kw->arg), word;
	double v = 0, lo = 0, hi = 0;

	if (!value.n)
		return KW_MISSING;
	if (str_next_word(&limits, &word))
		str_to_double(word, &lo);
	if (str_next_word(&limits, &word))
		str_to_double(word, &hi);
	if (number_span(value, true) != value.n ||
	    !str_to_double(value, &v) || v < lo || v > hi)
		return load_expected(ld, "a number from %g to %g", lo, hi);
	option_set(ld, kw->name, value);
	return KW_OK;
}

/* A path that must be there when rules are loaded; arg: "d" a folder, "f" a
 * file, "x" a program. */
enum kw_result set_existing(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	const char *path = arena_strndup(ld->a, value.n ? value.p : "",
					 value.n);
	struct stat st;

	if (!value.n)
		return KW_MISSING;
	if (stat(path, &st) < 0)
		return load_expected(ld, "a path that exists (%s: %s)", path,
				     strerror(errno));
	if (kw->arg[0] == 'd' ? !S_ISDIR(st.st_mode) :
	    kw->arg[0] == 'f' ? !S_ISREG(st.st_mode) : access(path, X_OK) < 0)
		return load_expected(ld, "%s", kw->arg[0] == 'd' ? "a folder" :
				     kw->arg[0] == 'f' ? "a file" :
				     "a program that may be run");
	option_set(ld, kw->name, value);
	return KW_OK;
}

/* Seconds in a unit, 0 if c is none. */
static double unit_seconds(int c)
{
	switch (to_lower(c)) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 7 * 86400;
	default: return 0;
	}
}

/* A nonnegative number with an optional unit, taken off *s. */
static bool take_duration(struct str *s, bool spaced, double *seconds_r)
{
	size_t n = number_span(*s, false);
	struct str number = str_head(*s, n), rest = str_from(*s, n);
	double unit = 1;

	if (n && number.p[0] == '+')
		number = str_from(number, 1);
	if (n && number.p[number.n - 1] == '.')
		number = str_head(number, number.n - 1);
	if (!n || !str_to_double(number, seconds_r))
		return false;
	if (spaced)
		rest = str_ltrim(rest);
	if (rest.n && unit_seconds((unsigned char)rest.p[0]) > 0) {
		unit = unit_seconds((unsigned char)rest.p[0]);
		rest = str_from(rest, 1);
	}
	*seconds_r *= unit;
	*s = rest;
	return true;
}

enum kw_result set_duration(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	double seconds;

	if (!value.n)
		return KW_MISSING;
	if (!take_duration(&value, true, &seconds) || value.n)
		return load_expected(ld, "a duration: a number, maybe with s, "
				     "m, h, d or w");
	option_set(ld, kw->name, str_printf(ld->a, "%.15g", seconds));
	return KW_OK;
}

/* rbl_timeout T [TMIN] [zone]: the global one becomes options, those of
 * zones are kept as lines. */
enum kw_result set_rbl_timeout(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct str rest = value, word;
	double t, min = -1;

	if (!value.n)
		return KW_MISSING;
	if (!take_duration(&rest, false, &t) ||
	    (rest.n && !is_space((unsigned char)rest.p[0])))
		return load_expected(ld, "a duration, maybe a least one, "
				     "maybe a zone");
	rest = str_ltrim(rest);
	word = rest;
	if (word.n && take_duration(&word, false, &min) &&
	    (word.n == 0 || is_space((unsigned char)word.p[0])))
		rest = str_ltrim(word);
	else
		min = -1;
	if (rest.n) {
		load_net_line(ld, kw->name, value);
		return KW_OK;
	}
	option_set(ld, kw->name, str_printf(ld->a, "%.15g", t));
	if (min >= 0)
		option_set(ld, "rbl_timeout_min",
			   str_printf(ld->a, "%.15g", min));
	return KW_OK;
}

enum kw_result set_noargs(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	(void)kw;
	return value.n ? load_expected(ld, "nothing behind it") : KW_OK;
}

enum kw_result set_stringlist(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	return add_words(ld, kw, value);
}

enum kw_result set_addrlist(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct str word, list = str_cstr(kw->arg ? kw->arg : kw->name);

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word))
		list_add_glob(ld, list, word, STR_NONE);
	return KW_OK;
}

enum kw_result set_ipaddrs(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	struct net_specs *nets = kw->name[0] == 't' ? &ld->trusted :
		kw->name[0] == 'i' ? &ld->internal : &ld->msa;
	struct str word;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word)) {
		nets->v = arena_grow(ld->a, nets->v, nets->n, &nets->cap,
				     sizeof(nets->v[0]));
		nets->v[nets->n++] = (struct net_spec){
			.text = str_dup(ld->a, word),
			.file = ld->file, .line = ld->line,
		};
	}
	nets->configured = true;
	return KW_OK;
}

enum kw_result set_template(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct buf *b = kw->name[0] == 'r' ? &ld->report : &ld->unsafe_report;

	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = str_head(str_from(value, 1), value.n - 2);
	buf_adds(b, value);
	buf_addc(b, '\n');
	return KW_OK;
}

enum kw_result set_choice(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	struct str choices = str_cstr(kw->arg), choice;

	while (str_next(&choices, '|', &choice))
		if (str_ieq(choice, value)) {
			option_set(ld, kw->name, str_lower(ld->a, value));
			return KW_OK;
		}
	return load_expected(ld, "one of %s", kw->arg);
}

static enum kw_result add_each(struct loader *ld, const struct keyword *kw,
			       struct str value, bool lower)
{
	struct strs *list;
	struct str word;

	if (!value.n)
		return KW_MISSING;
	list = strings_for_change(ld, str_cstr(kw->arg ? kw->arg : kw->name));
	while (str_next_word(&value, &word))
		strs_add(ld->a, list, lower ? str_lower(ld->a, word)
					    : str_dup(ld->a, word));
	return KW_OK;
}

enum kw_result add_words(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	return add_each(ld, kw, value, false);
}

enum kw_result add_words_lower(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	return add_each(ld, kw, value, true);
}

/* Words before one that is wrong count, as in SpamAssassin. */
enum kw_result add_token_sources(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	static const char *const sources[] = { "header", "visible",
		"invisible", "uri", "mimepart", "all", "none", "noall" };
	struct str rest = value, word;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&rest, &word)) {
		struct str w = str_lower(ld->a, word);
		bool known = false;

		for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
			known |= str_eq(w, str_cstr(sources[i])) ||
				(i < 5 && str_starts(w, STR("no")) &&
				 str_eq(str_from(w, 2), str_cstr(sources[i])));
		if (!known)
			return load_expected(ld, "header, visible, invisible, "
					     "uri or mimepart, each with no "
					     "before it or not, all or none");
		add_each(ld, kw, w, true);
	}
	return KW_OK;
}

enum kw_result add_line(struct loader *ld, const struct keyword *kw,
			struct str value)
{
	struct str name = str_cstr(kw->arg ? kw->arg : kw->name);

	if (!value.n)
		return KW_MISSING;
	strs_add(ld->a, strings_for_change(ld, name), str_dup(ld->a, value));
	return KW_OK;
}

enum kw_result clear_list(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	struct strs *list = strings_for_change(ld, str_cstr(kw->arg)), gone;
	size_t kept = 0;
	struct str word;

	if (!value.n) {
		list->n = 0;
		return KW_OK;
	}
	if (kw->type == KW_NOARGS)
		return load_expected(ld, "nothing behind it");
	gone = (struct strs){ 0 };
	while (str_next_word(&value, &word))
		strs_add(ld->a, &gone, word);
	for (size_t i = 0; i < list->n; i++)
		if (!strs_ihas(&gone, list->v[i]))
			list->v[kept++] = list->v[i];
	list->n = kept;
	return KW_OK;
}

enum kw_result set_nothing(struct loader *ld, const struct keyword *kw,
			   struct str value)
{
	(void)ld;
	(void)kw;
	(void)value;
	return KW_OK;
}

enum kw_result set_obsolete(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	load_fault(ld, DIAG_WARN, "'%s' is obsolete: use '%s'", kw->name,
		   kw->arg);
	(void)value;
	return KW_OK;
}

enum kw_result set_originating(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct strs *list = strings_for_change(ld, str_cstr(kw->name));
	struct str word;

	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word))
		if (!strs_ihas(list, word))
			strs_add(ld->a, list, str_dup(ld->a, word));
	return KW_OK;
}

enum kw_result set_dns_available(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	if (str_eq(value, STR("1")))
		value = STR("yes");
	else if (str_eq(value, STR("0")))
		value = STR("no");
	else if (!str_eq(value, STR("yes")) && !str_eq(value, STR("no")) &&
		 !str_eq(value, STR("test")) &&
		 !str_starts(value, STR("test:")))
		return load_expected(ld, "yes, no, test or test: domains");
	option_set(ld, kw->name, value);
	return KW_OK;
}

/* One port or a range of them. */
static bool is_port_range(struct str s)
{
	struct str part;
	long n;

	for (int parts = 0; str_next(&s, '-', &part); parts++)
		if (parts == 2 || part.n == 0 || part.n > 5 ||
		    !is_digit((unsigned char)part.p[0]) ||
		    !str_to_long(part, &n) || n > 65535)
			return false;
	return true;
}

enum kw_result set_ports(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	struct str rest = value, word, part;

	while (str_next_word(&rest, &word))
		while (str_next(&word, ',', &part))
			if (part.n && !is_port_range(part))
				return load_expected(ld, "ports and ranges of "
						     "ports, got '%.*s'",
						     STR_ARG(str_head(part, 40)));
	strs_add(ld->a, strings_for_change(ld, STR("dns_local_ports")),
		 str_printf(ld->a, "%s %.*s", kw->name, STR_ARG(value)));
	return KW_OK;
}

enum kw_result set_bayes_path(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	struct stat st;

	if (!value.n)
		return KW_MISSING;
	if (stat(str_dup(ld->a, value).p, &st) == 0 && S_ISDIR(st.st_mode))
		return load_expected(ld, "a path and the beginning of file "
				     "names, not a folder");
	option_set(ld, kw->name, value);
	return KW_OK;
}

enum kw_result set_file_mode(struct loader *ld, const struct keyword *kw,
			     struct str value)
{
	struct str digits = value;

	if (digits.n == 4 && digits.p[0] == '0')
		digits = str_from(digits, 1);
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] < '0' || digits.p[i] > '7')
			digits.n = 0;
	if (digits.n != 3)
		return load_expected(ld, "three octal digits, maybe after a 0");
	option_set(ld, kw->name, str_cat(ld->a, STR("0"), digits));
	return KW_OK;
}

/* Words of letters, digits and a few marks, for a command line or a name. */
enum kw_result set_plain_words(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!is_word((unsigned char)value.p[i]) &&
		    !strchr(" =,./:-", value.p[i]))
			return load_expected(ld, "letters, digits and "
					     "=,.-_/: only");
	if (!value.n)
		return load_expected(ld, "at least one word");
	option_set(ld, kw->name, value);
	return KW_OK;
}

enum kw_result set_stopword_langs(struct loader *ld, const struct keyword *kw,
				  struct str value)
{
	struct strs *list = strings_for_change(ld, str_cstr(kw->name));
	struct str word, part;

	if (!value.n)
		return KW_MISSING;
	list->n = 0;
	if (str_eq(value, STR("disable")))
		return KW_OK;
	while (str_next_word(&value, &word))
		while (str_next(&word, ',', &part)) {
			if (part.n == 0)
				continue;
			if (part.n != 2 || !is_alpha((unsigned char)part.p[0])
			    || !is_alpha((unsigned char)part.p[1]))
				return load_expected(ld, "languages of two "
						     "letters, or disable");
			strs_add(ld->a, list, str_lower(ld->a, part));
		}
	return KW_OK;
}

enum kw_result set_geodb_path(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	if (!str_eq(value, STR("reset")))
		return add_words(ld, kw, value);
	strings_for_change(ld, str_cstr(kw->name))->n = 0;
	return KW_OK;
}

enum kw_result add_networks(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct netset *tried = netset_new(ld->a);
	struct str rest = value, word;
	struct err err;

	while (str_next_word(&rest, &word))
		if (!(kw->arg && str_eq(word, str_cstr(kw->arg))) &&
		    netset_add(tried, word, &err) < 0)
			return load_expected(ld, "networks%s%s: %s",
					     kw->arg ? " or " : "",
					     kw->arg ? kw->arg : "", err.text);
	rest = value;
	while (str_next_word(&rest, &word))
		strs_add(ld->a, strings_for_change(ld, str_cstr(kw->name)),
			 str_dup(ld->a, word));
	return value.n ? KW_OK : KW_MISSING;
}

/* A store is opened long after its line was read: the place is kept with it,
 * for whoever finds it wrong then. */
enum kw_result set_store(struct loader *ld, const struct keyword *kw,
			 struct str value)
{
	if (!value.n)
		return KW_MISSING;
	option_set(ld, kw->name, value);
	option_set(ld, "store:file", str_cstr(ld->file));
	option_set(ld, "store:line", str_printf(ld->a, "%d", ld->line));
	return KW_OK;
}
