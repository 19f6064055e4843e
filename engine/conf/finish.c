/*
 * The end of loading: eval arguments are cut and checked, networks become
 * sets, rules that cannot hit learn why, and the plain fields of the settings
 * are filled from the options that lines have set.
 */
#include "conf/finish.h"

#include "base/err.h"
#include "conf/loader.h"
#include "conf/meta.h"
#include "mail/network.h"

static bool bare_char(int c)
{
	return is_alnum(c) || c == '.' || c == ':' || c == '-';
}

/* Behind an argument: spaces, then a comma and spaces, or the end. */
static bool take_comma(struct str *s)
{
	struct str rest = str_ltrim(*s);

	if (rest.n && rest.p[0] != ',')
		return false;
	*s = rest.n ? str_ltrim(str_from(rest, 1)) : rest;
	return true;
}

/* One argument: 'quoted', "quoted" (a quote that no comma follows is part of
 * it), or a bare word. */
static bool take_arg(struct str *s, struct str *arg_r)
{
	struct str in = str_ltrim(*s), rest;
	size_t n = 0;

	if (in.n && (in.p[0] == '\'' || in.p[0] == '"')) {
		for (n = 1; n < in.n; n++) {
			if (in.p[n] != in.p[0])
				continue;
			rest = str_from(in, n + 1);
			if (!take_comma(&rest))
				continue;
			*arg_r = str_head(str_from(in, 1), n - 1);
			*s = rest;
			return true;
		}
		return false;
	}
	while (n < in.n && bare_char((unsigned char)in.p[n]))
		n++;
	rest = str_from(in, n);
	if (n == 0 || !take_comma(&rest))
		return false;
	*arg_r = str_head(in, n);
	*s = rest;
	return true;
}

/* Cuts a rule's arguments. False if they are no list. */
static bool cut_args(struct loader *ld, struct rule *r)
{
	struct str s = r->eval_text, arg;

	if (str_trim(s).n == 0)
		return true;
	while (s.n) {
		if (!take_arg(&s, &arg))
			return false;
		strs_add(ld->a, &r->eval.args, arg);
	}
	return true;
}

static bool is_eval(const struct rule *r)
{
	return r->kind == RULE_HEADER_EVAL || r->kind == RULE_BODY_EVAL ||
		r->kind == RULE_RAWBODY_EVAL || r->kind == RULE_FULL_EVAL ||
		r->kind == RULE_RBL_EVAL;
}

/* The word that begins a line of this kind. */
static const char *line_word(enum rule_kind kind)
{
	switch (kind) {
	case RULE_BODY_EVAL: return "body";
	case RULE_RAWBODY_EVAL: return "rawbody";
	case RULE_FULL_EVAL: return "full";
	default: return "header";
	}
}

/* SpamAssassin says so of rules that it would have to ask; of those that need
 * the network it asks none here. */
static void warn_unknown(struct loader *ld, const struct rule *r,
			 const char *plugin)
{
	if (r->kind == RULE_RBL_EVAL || r->tflags & (TF_NET | TF_LEARN) ||
	    settings_score(ld->set, r->id, 0) == 0)
		return;
	if (foreign_owner(ld->rs, r->eval.function).p)
		return;
	if (!plugin)
		diag_add(ld->diags, DIAG_ERROR, r->file, r->line,
			 "%.*s: no plug-in has a function %.*s()",
			 STR_ARG(r->name), STR_ARG(r->eval.function));
	else if (!plugin_loaded(ld->rs, str_printf(ld->a,
				"Mail::SpamAssassin::Plugin::%s", plugin)))
		diag_add(ld->diags, DIAG_ERROR, r->file, r->line,
			 "%.*s: %.*s() needs the plug-in %s, which no .pre "
			 "file loads", STR_ARG(r->name),
			 STR_ARG(r->eval.function), plugin);
}

void evals_finish(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < rs->nrules; i++) {
		struct rule *r = &rs->rules[i];
		enum rule_kind kind;
		const char *plugin;

		if (!is_eval(r) || (ld->user && !r->users))
			continue;
		if (!cut_args(ld, r)) {
			r->unlive = "its arguments are no list";
			diag_add(ld->diags, DIAG_ERROR, r->file, r->line,
				 "%.*s: expected quoted texts or bare words, "
				 "separated by commas, got %.*s(%.*s)",
				 STR_ARG(r->name), STR_ARG(r->eval.function),
				 STR_ARG(str_head(r->eval_text, 200)));
			continue;
		}
		plugin = eval_function_plugin(r->eval.function, &kind);
		warn_unknown(ld, r, plugin);
		if (kind == RULE_EMPTY || kind == r->kind ||
		    (kind == RULE_BODY_EVAL && r->kind == RULE_RAWBODY_EVAL))
			continue;
		r->unlive = "its function belongs to another kind of rule";
		diag_add(ld->diags, DIAG_ERROR, r->file, r->line,
			 "%.*s is of the wrong type: %.*s expects '%s'",
			 STR_ARG(r->name), STR_ARG(r->eval.function),
			 line_word(kind));
	}
}

/* Why a rule cannot hit, as far as loading can tell. */
static const char *why_unlive(struct loader *ld, const struct rule *r)
{
	enum rule_kind kind;
	const char *plugin;
	struct str owner;

	switch (r->kind) {
	case RULE_EMPTY:
		return "it has no test";
	case RULE_ASKDNS:
		return "needs the network: askdns";
	case RULE_RBL_EVAL:
		return "needs the network: rbl eval";
	default:
		break;
	}
	if (!is_eval(r))
		return NULL;
	plugin = eval_function_plugin(r->eval.function, &kind);
	if (plugin && !plugin_loaded(ld->rs, str_printf(ld->a,
				"Mail::SpamAssassin::Plugin::%s", plugin)))
		return str_printf(ld->a, "needs the plug-in %s, which no "
				  ".pre file loads", plugin).p;
	owner = plugin ? STR_NONE : foreign_owner(ld->rs, r->eval.function);
	if (owner.p)
		return str_printf(ld->a, "needs the plug-in %.*s, which is not "
				  "known here", STR_ARG(owner)).p;
	if (str_eq(r->eval.function, STR("check_uridnsbl")))
		return "needs the network: URI list";
	return NULL;
}

void unlive_finish(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	for (size_t i = 0; i < rs->nrules; i++)
		if (!rs->rules[i].unlive)
			rs->rules[i].unlive = why_unlive(ld, &rs->rules[i]);
}

/* The address of a network as it was written, for a look-up. */
static struct str first_address(struct loader *ld, struct str spec)
{
	ssize_t slash = str_chr(spec, '/');
	struct str s = slash < 0 ? spec : str_head(spec, (size_t)slash);
	int dots = 0;

	if (str_chr(s, ':') >= 0)
		return s;
	if (s.n && s.p[s.n - 1] == '.')
		s = str_head(s, s.n - 1);
	for (size_t i = 0; i < s.n; i++)
		dots += s.p[i] == '.';
	for (; dots < 3; dots++)
		s = str_cat(ld->a, s, STR(".0"));
	return s;
}

/* What SpamAssassin says and does when a network of one list is missing in
 * the list that must contain it: the network is dropped. */
static bool contained(struct loader *ld, const struct netset *in,
		      const char *in_name, const char *name,
		      const struct net_spec *spec)
{
	if (!in || spec->text.p[0] == '!' ||
	    netset_has(in, first_address(ld, spec->text)))
		return true;
	diag_add(ld->diags, DIAG_ERROR, spec->file, spec->line,
		 "%s does not contain %.*s of %s, which is left out", in_name,
		 STR_ARG(spec->text), name);
	return false;
}

static const struct netset *build_set(struct loader *ld,
				      const struct net_specs *nets,
				      const char *name, bool loopback,
				      const struct netset *in,
				      const char *in_name)
{
	struct netset *set = netset_new(ld->a);
	struct err err;

	if (loopback) {
		netset_add(set, STR("127.0.0.0/8"), NULL);
		netset_add(set, STR("::1"), NULL);
	}
	for (size_t i = 0; i < nets->n; i++) {
		const struct net_spec *spec = &nets->v[i];

		if (!contained(ld, in, in_name, name, spec))
			continue;
		if (netset_add(set, spec->text, &err) < 0)
			diag_add(ld->diags, DIAG_WARN, spec->file, spec->line,
				 "%s: %s", name, err.text);
	}
	return set;
}

void nets_finish(struct loader *ld)
{
	struct mail_settings *m = &ld->set->mail;
	const struct netset *in;
	const char *in_name = "trusted_networks";

	if (ld->trusted.cleared)
		m->trusted = NULL;
	if (ld->internal.cleared)
		m->internal = NULL;
	if (ld->msa.cleared)
		m->msa = NULL;
	if (ld->trusted.configured)
		m->trusted = build_set(ld, &ld->trusted, in_name, true, NULL,
				       NULL);
	in = m->trusted;
	if (ld->internal.configured)
		m->internal = build_set(ld, &ld->internal, "internal_networks",
					true, in, in_name);
	if (!in) {
		in = m->internal;
		in_name = "internal_networks";
	}
	if (ld->msa.configured)
		m->msa = build_set(ld, &ld->msa, "msa_networks", false, in,
				   in_name);
}

/* A size in bytes from an option; 0 means no limit. */
static size_t size_option(const struct settings *s, struct str name)
{
	double v = settings_number(s, name);

	return v <= 0 ? 0 : v > 1e15 ? (size_t)1e15 : (size_t)v;
}

void settings_finish(struct loader *ld)
{
	struct settings *s = ld->set;
	struct mail_settings *m = &s->mail;
	struct str sender = settings_option(s, STR("envelope_sender_header"));

	s->required_score = settings_number(s, STR("required_score"));
	s->report_safe = (int)settings_number(s, STR("report_safe"));
	s->report_wrap_width = (int)settings_number(s,
					STR("report_wrap_width"));
	s->report_charset = settings_option(s, STR("report_charset"));
	s->fold_headers = settings_bool(s, STR("fold_headers"));
	s->report_template = buf_str(&ld->report);
	s->unsafe_report_template = buf_str(&ld->unsafe_report);
	m->originating_ip_headers = settings_list(s,
					STR("originating_ip_headers"));
	m->envelope_sender_header = sender.n ? sender : STR_NONE;
	m->always_trust_envelope_sender = settings_bool(s,
					STR("always_trust_envelope_sender"));
	m->normalize_charset = settings_bool(s, STR("normalize_charset"));
	m->parse_dkim_uris = settings_bool(s, STR("parse_dkim_uris"));
	m->body_part_scan_size = size_option(s, STR("body_part_scan_size"));
	m->rawbody_part_scan_size = size_option(s,
					STR("rawbody_part_scan_size"));
}
