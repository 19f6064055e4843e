/*
 * Plug-ins, which to rule files are names: `loadplugin` makes one true for
 * `ifplugin` and its directives known, and can()/has() ask whether a function
 * exists in SpamAssassin 4.0.1. There is no Perl here, so the answers are
 * tables (surprise 27). This engine answers to the name Mekiki, for rules
 * that are meant for it alone. RaciallyCharged is always there (surprise 26).
 */
#include <stdio.h>

#include "conf/loader.h"

#define PREFIX "Mail::SpamAssassin::Plugin::"
#define CONF "Mail::SpamAssassin::Conf::"

static const char *const known[] = {
	"ASN", "AWL", "AccessDB", "AntiVirus", "AskDNS", "AuthRes",
	"AutoLearnThreshold", "Bayes", "BodyEval", "BodyRuleBaseExtractor",
	"Check", "DCC", "DKIM", "DMARC", "DNSEval", "DecodeShortURLs",
	"ExtractText", "FreeMail", "FromNameSpoof", "HTMLEval",
	"HTTPSMismatch", "HashBL", "HeaderEval", "ImageInfo", "MIMEEval",
	"MIMEHeader", "OLEVBMacro", "OneLineBodyRuleType", "P595Body",
	"PDFInfo", "PhishTag", "Phishing", "Pyzor", "Razor2", "RelayCountry",
	"RelayEval", "ReplaceTags", "ResourceLimits", "Reuse", "Rule2XSBody",
	"SPF", "Shortcircuit", "SpamCop", "Test", "TextCat", "TxRep",
	"URIDNSBL", "URIDetail", "URIEval", "URILocalBL", "VBounce",
	"WLBLEval", "WelcomeListSubject",
};

/* What can() and has() find beside eval functions: plug-in (NULL: the core's
 * Conf) and name. */
static const struct {
	const char *plugin;
	const char *name;
} features[] = {
	{ NULL, "feature_bayes_auto_learn_on_error" },
	{ NULL, "feature_bayes_stopwords" },
	{ NULL, "feature_blocklist_welcomelist" },
	{ NULL, "feature_bug6558_free" },
	{ NULL, "feature_capture_rules" },
	{ NULL, "feature_compile_regexp" },
	{ NULL, "feature_dns_block_rule" },
	{ NULL, "feature_dns_local_ports_permit_avoid" },
	{ NULL, "feature_dns_query_restriction" },
	{ NULL, "feature_edns" },
	{ NULL, "feature_geodb" },
	{ NULL, "feature_get_host" },
	{ NULL, "feature_header_address_parser" },
	{ NULL, "feature_header_first_last" },
	{ NULL, "feature_header_match_many" },
	{ NULL, "feature_local_tests_only" },
	{ NULL, "feature_meta_rules_matching" },
	{ NULL, "feature_originating_ip_headers" },
	{ NULL, "feature_registryboundaries" },
	{ NULL, "feature_subjprefix" },
	{ NULL, "feature_uri_host_listed" },
	{ NULL, "feature_welcomelist_blocklist" },
	{ NULL, "feature_yesno_takes_args" },
	{ NULL, "has_tflags_nolog" },
	{ NULL, "has_tflags_nosubject" },
	{ NULL, "perl_min_version_5010000" },
	{ "ASN", "has_asn_geodb" },
	{ "ASN", "has_asn_lookup_ipv6" },
	{ "ASN", "has_check_asn" },
	{ "ASN", "has_check_asn_tag" },
	{ "AskDNS", "has_tag_header" },
	{ "BodyEval", "has_check_body_length" },
	{ "BodyEval", "has_plaintext_body_sig_ratio" },
	{ "DKIM", "has_arc" },
	{ "DNSEval", "has_tflags_domains_only" },
	{ "DNSEval", "has_tflags_ips_only" },
	{ "DecodeShortURLs", "has_autoclean" },
	{ "DecodeShortURLs", "has_clear" },
	{ "DecodeShortURLs", "has_get" },
	{ "DecodeShortURLs", "has_max_redirections" },
	{ "DecodeShortURLs", "has_short_url" },
	{ "DecodeShortURLs", "has_short_url_code" },
	{ "DecodeShortURLs", "has_short_url_redir" },
	{ "DecodeShortURLs", "has_timeout" },
	{ "DecodeShortURLs", "has_user_agent" },
	{ "HashBL", "has_hashbl_attachments" },
	{ "HashBL", "has_hashbl_bodyre" },
	{ "HashBL", "has_hashbl_bodyre_num" },
	{ "HashBL", "has_hashbl_email_domain" },
	{ "HashBL", "has_hashbl_email_domain_alias" },
	{ "HashBL", "has_hashbl_email_regex" },
	{ "HashBL", "has_hashbl_email_welcomelist" },
	{ "HashBL", "has_hashbl_email_whitelist" },
	{ "HashBL", "has_hashbl_emails" },
	{ "HashBL", "has_hashbl_ignore" },
	{ "HashBL", "has_hashbl_sha256" },
	{ "HashBL", "has_hashbl_tag" },
	{ "HashBL", "has_hashbl_uris" },
	{ "MIMEEval", "has_check_abundant_unicode_ratio" },
	{ "MIMEEval", "has_check_for_ascii_text_illegal" },
	{ "MIMEEval", "has_check_qp_ratio" },
	{ "MIMEHeader", "has_all_header" },
	{ "MIMEHeader", "has_capture_rules" },
	{ "MIMEHeader", "has_tflags_concat" },
	{ "MIMEHeader", "has_tflags_multiple" },
	{ "MIMEHeader", "has_tflags_range" },
	{ "OLEVBMacro", "has_olemacro_mhtml_uri" },
	{ "OLEVBMacro", "has_olemacro_redirect_uri" },
	{ "OLEVBMacro", "has_olertfobject" },
	{ "Pyzor", "has_fork" },
	{ "Pyzor", "has_perl" },
	{ "Razor2", "has_fork" },
	{ "SPF", "has_check_for_spf_errors" },
	{ "SPF", "has_check_spf_skipped_noenvfrom" },
	{ "URIDNSBL", "has_subtest_for_ranges" },
	{ "URIDNSBL", "has_tflags_domains_only" },
	{ "URIDNSBL", "has_tflags_notrim" },
	{ "URIDNSBL", "has_uridnsbl_a_ns" },
	{ "URIDNSBL", "has_uridnsbl_for_a" },
	{ "URIDNSBL", "has_uridnsbl_skip_mailto" },
	{ "URIDetail", "has_host_key" },
};

bool plugin_known(struct str name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(name, str_cstr(known[i])))
			return true;
	return false;
}

struct str plugin_current_name(struct str full)
{
	if (str_eq(full, STR(PREFIX "Dmarc")))
		return STR(PREFIX "DMARC");
	if (str_eq(full, STR(PREFIX "WhiteListSubject")))
		return STR(PREFIX "WelcomeListSubject");
	return full;
}

bool plugin_loaded(const struct ruleset *rs, struct str full)
{
	if (str_eq(full, STR("Mekiki")) || str_eq(full, STR(PREFIX "Mekiki")) ||
	    str_eq(full, STR(PREFIX "RaciallyCharged")))
		return true;
	return map_has(&rs->plugins, plugin_current_name(full));
}

bool ruleset_has_plugin(const struct ruleset *rs, const char *name)
{
	char full[128];
	int n = snprintf(full, sizeof(full), PREFIX "%s", name);

	return n > 0 && (size_t)n < sizeof(full) &&
	       plugin_loaded(rs, str_make(full, (size_t)n));
}

static bool conf_can(const struct ruleset *rs, struct str name)
{
	if (str_starts(name, STR("compat_")))
		return map_has(&rs->compat, str_from(name, 7));
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (!features[i].plugin &&
		    str_eq(name, str_cstr(features[i].name)))
			return true;
	return false;
}

bool plugin_can(const struct ruleset *rs, struct str method)
{
	struct str plugin, name;
	const char *owner;
	enum rule_kind kind;
	ssize_t colon = str_rchr(method, ':');

	if (str_starts(method, STR(CONF)))
		return conf_can(rs, str_from(method, sizeof(CONF) - 1));
	if (colon < 1)
		return false;
	plugin = str_head(method, (size_t)colon - 1);
	name = str_from(method, (size_t)colon + 1);
	if (!str_starts(method, STR(PREFIX)) ||
	    map_has(&rs->foreign, plugin))
		return foreign_can(rs, plugin, name);
	if (!map_has(&rs->plugins, plugin))
		return false;
	plugin = str_from(plugin, sizeof(PREFIX) - 1);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].plugin &&
		    str_eq(plugin, str_cstr(features[i].plugin)) &&
		    str_eq(name, str_cstr(features[i].name)))
			return true;
	owner = eval_function_plugin(name, &kind);
	return owner && str_eq(plugin, str_cstr(owner));
}
