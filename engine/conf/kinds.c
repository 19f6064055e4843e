/*
 * Names of the kinds of rules.
 */
#include "conf/rule.h"

const char *rule_kind_name(enum rule_kind kind)
{
	static const char *const names[RULE_KINDS] = {
		[RULE_EMPTY] = "empty",
		[RULE_HEADER] = "header",
		[RULE_HEADER_EVAL] = "header eval",
		[RULE_BODY] = "body",
		[RULE_URI] = "uri",
		[RULE_BODY_EVAL] = "body eval",
		[RULE_RAWBODY] = "rawbody",
		[RULE_RAWBODY_EVAL] = "rawbody eval",
		[RULE_FULL] = "full",
		[RULE_FULL_EVAL] = "full eval",
		[RULE_MIMEHEADER] = "mimeheader",
		[RULE_URI_DETAIL] = "uri_detail",
		[RULE_RBL_EVAL] = "rbl eval",
		[RULE_ASKDNS] = "askdns",
		[RULE_META] = "meta",
		[RULE_LUA] = "lua",
		[RULE_TEXTS] = "texts",
	};

	return names[kind];
}
