/*
 * Lines of plug-ins that define rules: mimeheader, uri_detail, askdns, the
 * URI lists of URIDNSBL. Those that ask the network are checked for form and
 * kept; nothing asks yet.
 */
#include "base/err.h"
#include "conf/loader.h"
#include "conf/regex_text.h"
#include "conf/setters.h"

/* Where the operator of a mimeheader line is: behind the longest run of
 * bytes other than ':' and space that leaves one. The text before it is the
 * header; SpamAssassin lets the header's name contain nearly anything. */
static bool split_mimeheader(struct str s, struct str *hdr_r, bool *raw_r,
			     bool *negated_r, struct str *pattern_r)
{
	size_t run = 0;

	while (run < s.n && s.p[run] != ':' && !is_space((unsigned char)s.p[run]))
		run++;
	for (size_t n = run; n > 0; n--) {
		struct str rest = str_from(s, n);

		*raw_r = str_starts(rest, STR(":raw"));
		if (rest.n && rest.p[0] == ':')
			rest = str_from(rest, *raw_r ? 4 : 1);
		rest = str_ltrim(rest);
		if (rest.n < 3 || rest.p[1] != '~' ||
		    (rest.p[0] != '=' && rest.p[0] != '!'))
			continue;
		*hdr_r = str_head(s, n);
		*negated_r = rest.p[0] == '!';
		*pattern_r = str_ltrim(str_from(rest, 2));
		return pattern_r->n > 0;
	}
	return false;
}

enum kw_result set_mimeheader(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	struct rule def = { .kind = RULE_MIMEHEADER };
	struct header_test *t = &def.header;
	struct str name, pattern;
	struct err err;
	bool raw;

	(void)kw;
	if (!rule_take_name(&value, &name) || !rule_name_ok(name))
		return load_expected(ld, "a rule name and its test");
	def.source = value;
	if (!split_mimeheader(value, &t->selector, &raw, &t->negated, &pattern))
		return load_expected(ld, "Header =~ /regex/ or "
				     "Header:raw =~ /regex/");
	if (raw)
		strs_add(ld->a, &t->mods, STR("raw"));
	t->if_unset = rule_take_if_unset(&pattern);
	if (regex_text_split(ld->a, pattern, &t->re, &err) < 0)
		return load_expected(ld, "a regex (%s)", err.text);
	if (rule_define(ld, name, &def)) {
		struct rule *r = rule_of(ld, name);

		if (regex_text_names(ld->a, t->re.pattern, &r->captures,
				     &r->templates))
			rule_set_priority(ld, name, -10000);
	}
	return KW_OK;
}

/* "/re/imsx" or "m!re!imsx" at the start of s, up to a space or the end:
 * its length, 0 if there is none. */
static size_t regex_span(struct str s)
{
	size_t from = 1, i;
	int delim = '/';

	if (s.n && s.p[0] == 'm' && s.n > 1) {
		delim = (unsigned char)s.p[1];
		from = 2;
	} else if (!s.n || s.p[0] != '/') {
		return 0;
	}
	if (is_word(delim))
		return 0;
	for (i = from; i < s.n; i++) {
		size_t end = i + 1;

		if ((unsigned char)s.p[i] != delim)
			continue;
		while (end < s.n && strchr("imsx", s.p[end]) && s.p[end])
			end++;
		if (end == s.n || is_space((unsigned char)s.p[end]))
			return end;
	}
	return 0;
}

/* The next `key =~ /re/` of *s. False at the end. */
static bool next_detail(struct str *s, struct str *key_r, bool *negated_r,
			struct str *regex_r)
{
	while (s->n) {
		size_t n = 0;
		struct str rest;

		while (n < s->n && is_word((unsigned char)s->p[n]))
			n++;
		if (n == 0) {
			*s = str_from(*s, 1);
			continue;
		}
		*key_r = str_head(*s, n);
		*s = str_from(*s, n);
		rest = str_ltrim(*s);
		if (rest.n < 3 || rest.p[1] != '~' ||
		    (rest.p[0] != '=' && rest.p[0] != '!'))
			continue;
		*negated_r = rest.p[0] == '!';
		rest = str_ltrim(str_from(rest, 2));
		n = regex_span(rest);
		if (n == 0)
			continue;
		*regex_r = str_head(rest, n);
		*s = str_from(rest, n);
		return true;
	}
	return false;
}

/* Adds a criterion; one for the same key replaces the older. */
static void add_detail(struct loader *ld, struct rule *def,
		       const struct detail_test *d)
{
	struct detail_test *v;

	for (size_t i = 0; i < def->ndetails; i++)
		if (str_eq(def->details[i].key, d->key)) {
			def->details[i] = *d;
			return;
		}
	v = arena_alloc(ld->a, (def->ndetails + 1) * sizeof(*v));
	if (def->ndetails)
		memcpy(v, def->details, def->ndetails * sizeof(*v));
	v[def->ndetails++] = *d;
	def->details = v;
}

enum kw_result set_uri_detail(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	static const char *const keys[] = { "raw", "type", "cleaned", "text",
					    "domain", "host" };
	struct rule def = { .kind = RULE_URI_DETAIL };
	struct str name, regex, rest;
	const struct rule *old;
	size_t found = 0;

	(void)kw;
	if (!rule_take_name(&value, &name))
		return load_expected(ld, "a rule name and key =~ /regex/");
	def.source = value;
	/* A second line for a name adds to the first. */
	old = rule_of(ld, name);
	for (size_t i = 0; old && i < old->ndetails; i++)
		add_detail(ld, &def, &old->details[i]);
	for (rest = value;; found++) {
		struct detail_test d = { 0 };
		struct err err;
		bool known = false;

		if (!next_detail(&rest, &d.key, &d.negated, &regex))
			break;
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			known |= str_eq(d.key, str_cstr(keys[i]));
		if (!known)
			return load_expected(ld, "raw, type, cleaned, text, "
					     "domain or host before the "
					     "operator");
		if (regex_text_split(ld->a, regex, &d.re, &err) < 0)
			return load_expected(ld, "a regex (%s)", err.text);
		add_detail(ld, &def, &d);
	}
	if (!found)
		return load_expected(ld, "at least one key =~ /regex/");
	rule_define(ld, name, &def);
	return KW_OK;
}

void load_net_line(struct loader *ld, const char *keyword, struct str text)
{
	struct ruleset *rs = ld->rs;
	struct net_line *n;

	rs->net_lines = arena_grow(ld->a, rs->net_lines, rs->nnet_lines,
				   &rs->net_lines_cap, sizeof(*n));
	n = &rs->net_lines[rs->nnet_lines++];
	n->keyword = str_cstr(keyword);
	n->text = text;
	n->file = ld->file;
	n->line = ld->line;
}

/* Is each part of a comma-separated list a DNS record type? */
static bool record_types(struct str list)
{
	static const char *const types[] = { "ANY", "A", "AAAA", "MX", "TXT",
		"PTR", "NAPTR", "NS", "SOA", "CERT", "CNAME", "DNAME",
		"DHCID", "HINFO", "MINFO", "RP", "HIP", "IPSECKEY", "KX",
		"LOC", "GPOS", "SRV", "OPENPGPKEY", "SSHFP", "SPF", "TLSA",
		"URI", "CAA", "CSYNC" };
	struct str type;

	while (str_next(&list, ',', &type)) {
		bool known = false;

		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			known |= str_ieq(type, str_cstr(types[i]));
		if (!known)
			return false;
	}
	return true;
}

enum kw_result set_askdns(struct loader *ld, const struct keyword *kw,
			  struct str value)
{
	struct rule def = { .kind = RULE_ASKDNS, .source = value };
	struct str rest = value, name, query, types;

	if (!value.n)
		return KW_MISSING;
	if (!str_next_word(&rest, &name) || !str_next_word(&rest, &query))
		return load_expected(ld, "a rule name and a query");
	if (str_next_word(&rest, &types) && !record_types(types))
		return load_expected(ld, "DNS record types, got '%.*s'",
				     STR_ARG(types));
	load_net_line(ld, kw->name, value);
	rule_define(ld, name, &def);
	return KW_OK;
}

/* uridnsbl and kin: NAME ZONE TYPE, the *sub ones with a subtest. */
enum kw_result set_uri_list(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	struct str rest = value, word, name;
	size_t want = str_ends(str_cstr(kw->name), STR("sub")) ? 4 : 3;
	size_t n = 0;

	if (!value.n)
		return KW_MISSING;
	while (n < want && str_next_word(&rest, &word))
		if (n++ == 0)
			name = word;
	if (n < want || (want == 3 && str_trim(rest).n) || !rule_name_ok(name))
		return load_expected(ld, want == 4 ? "NAME ZONE TYPE SUBTEST"
						   : "NAME ZONE TYPE");
	load_net_line(ld, kw->name, value);
	return KW_OK;
}

/* asn_lookup and kin: kept as they are. */
enum kw_result set_net_line(struct loader *ld, const struct keyword *kw,
			    struct str value)
{
	if (!value.n)
		return KW_MISSING;
	load_net_line(ld, kw->name, value);
	return KW_OK;
}
