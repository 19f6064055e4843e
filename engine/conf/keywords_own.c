/*
 * Directives that SpamAssassin does not know. They stand in our own folder
 * (/etc/mekiki) or inside `ifplugin Mekiki ... endif`, which SpamAssassin
 * skips, so that its lint of the same site stays clean; anywhere else they
 * work too, with a warning.
 */
#include "conf/keywords.h"
#include "conf/setters.h"

static const struct keyword rows[] = {
	{ "own_rules", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN, .def = "1",
	  .doc = "0 in a .pre file leaves the rules out that come with mekiki." },
	{ "own_domains", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_own_domains,
	  .doc = "Domains that are ours, with all hosts in them; words of several "
		 "lines are gathered." },
	{ "own_domains_file", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_own_domains_file,
	  .doc = "A file with such domains, one a line; # begins a comment." },
	{ "store", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_store,
	  .doc = "Where what is remembered is kept: redis://[user:password@]host"
		 "[:port][/db], rediss:// (TLS), redis+unix:///path, "
		 "redis+sentinel://h1,h2,h3/name, redis+cluster://h1,h2, "
		 "lmdb:/dir, or none. Without a line: a file of our own." },
	{ "store_timeout", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0.001 10", .def = "0.1",
	  .doc = "Seconds that a scan waits for what is remembered at most." },
	{ "store_connect_timeout", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0.01 60", .def = "1",
	  .doc = "Seconds that a connection to the store may take, log-in "
		 "included." },
	{ "store_learn_timeout", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0.01 60", .def = "0.5",
	  .doc = "Seconds that the store has to confirm what is learned; after "
		 "that it goes to the journal." },
	{ "store_list", .type = KW_HASH, .flags = KW_ADMIN | KW_OWN,
	  .code = set_store_list,
	  .doc = "A list (own_domains, welcomelist_from, ...) and the key of a "
		 "set in the store whose members belong to it, too." },
	{ "bayes_cache_time", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0 3600", .def = "20",
	  .doc = "Seconds for which the counts of a token that were read from "
		 "the store are believed; what is learned here counts at once, "
		 "what others learn into the same database that much later." },
	{ "bayes_known_tokens", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0 100000000", .def = "1000000",
	  .doc = "Tokens that are kept in mind as being in the database at all, "
		 "so that the others need not be asked for; in a larger "
		 "database all are. 0: all are." },
	{ "store_ca_file", .type = KW_STRING, .flags = KW_ADMIN | KW_OWN,
	  .doc = "Certificate authorities for rediss:// instead of the system's." },
	{ "store_max_size", .type = KW_STRING, .flags = KW_ADMIN | KW_OWN,
	  .def = "1g",
	  .doc = "Octets that the file of lmdb: may grow to; k, m and g multiply." },
	{ "user_scores_cache_time", .type = KW_CODE,
	  .flags = KW_ADMIN | KW_OWN, .code = set_range, .arg = "0 3600",
	  .def = "5",
	  .doc = "Seconds for which a user's preferences from user_scores_dsn "
		 "are believed; 0 asks for each message, as spamd does." },
	{ "user_scores_timeout", .type = KW_CODE,
	  .flags = KW_ADMIN | KW_OWN, .code = set_range, .arg = "0.1 60",
	  .def = "3",
	  .doc = "Seconds that user_scores_dsn may take to connect, and to "
		 "answer." },
	{ "bayes_cjk_words", .type = KW_BOOL, .flags = KW_OWN, .def = "0",
	  .doc = "Cut Japanese and Chinese text into words for Bayes, beside "
		 "SpamAssassin's tokens." },
	{ "lua_file", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_script_path,
	  .doc = "Another script with rules, or a folder of them." },
	{ "lua_local_d", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_script_path,
	  .doc = "An rspamd folder lua.local.d; options are read from local.d beside it." },
	{ "lua_option", .type = KW_HASH, .flags = KW_ADMIN | KW_OWN,
	  .code = add_line,
	  .doc = "An option for scripts: section, key (dots nest), and a value "
		 "as in rspamd's files." },
	{ "lua_time_limit", .type = KW_NUMERIC, .flags = KW_ADMIN | KW_OWN,
	  .def = "0.1",
	  .doc = "Seconds of CPU time that one call of a rule in Lua may use." },
	{ "lua_instruction_limit", .type = KW_NUMERIC,
	  .flags = KW_ADMIN | KW_OWN, .def = "20000000",
	  .doc = "Lua instructions that one call of a rule may execute." },
	{ "lua_memory_limit", .type = KW_STRING, .flags = KW_ADMIN | KW_OWN,
	  .def = "16777216",
	  .doc = "Octets that one call of a rule in Lua may allocate; k, m and g "
		 "multiply." },
	{ "lua_lookup_limit", .type = KW_NUMERIC, .flags = KW_ADMIN | KW_OWN,
	  .def = "10",
	  .doc = "Questions to DNS, HTTP and Redis of one rule in Lua and "
		 "message." },
	{ "lua_output_limit", .type = KW_NUMERIC, .flags = KW_ADMIN | KW_OWN,
	  .def = "65536",
	  .doc = "Octets of results and log lines of one rule in Lua and "
		 "message." },
	{ "lua_results_limit", .type = KW_NUMERIC, .flags = KW_ADMIN | KW_OWN,
	  .def = "1000",
	  .doc = "Results that one rule in Lua may insert for one message." },
	{ "lua_redis_keys", .type = KW_STRINGLIST,
	  .flags = KW_ADMIN | KW_OWN,
	  .doc = "Keys of the store that rules in Lua may use: globs, or "
		 "prefixes; words of several lines are gathered. Without a "
		 "line: lua:*" },
	{ "lua_http", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN, .def = "1",
	  .doc = "0 refuses all HTTP requests of rules in Lua." },
	{ "lua_http_allow", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = add_networks, .arg = "any",
	  .doc = "Networks that rules in Lua may reach over HTTP although they "
		 "are local or private, or any." },
	{ "lua_http_deny", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = add_networks,
	  .doc = "Networks that they may not reach." },
	{ "lua_http_timeout", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0.1 30", .def = "10",
	  .doc = "Seconds that one HTTP request may take at most." },
	{ "lua_http_ca_file", .type = KW_STRING, .flags = KW_ADMIN | KW_OWN,
	  .doc = "Certificate authorities to trust instead of the system's." },
	{ "awl_expiry_days", .type = KW_NUMERIC, .flags = KW_ADMIN | KW_OWN,
	  .def = "365", .code = set_range, .arg = "0 10000",
	  .doc = "Days that AWL remembers a sender who does not write; 0: for "
		 "ever." },
	{ "txrep_dilution", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN,
	  .def = "0",
	  .doc = "Let txrep_dilution_factor work as SpamAssassin documents it; "
		 "its own program never applies it." },
	{ "reputation", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN,
	  .def = "1",
	  .doc = "Remember how senders and linked domains behaved; 0: do not." },
	{ "reputation_half_life", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_duration, .def = "604800",
	  .doc = "Time in which what is known of them fades by half." },
	{ "reputation_prior", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "1 10000", .def = "30",
	  .doc = "Messages that it takes to be sure of one of them." },
	{ "reputation_people_weight", .type = KW_CODE,
	  .flags = KW_ADMIN | KW_OWN, .code = set_range, .arg = "0 10000",
	  .def = "10",
	  .doc = "How many verdicts of the machine a person's word outweighs." },
	{ "reputation_lifetime", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_duration, .def = "5184000",
	  .doc = "Time for which the well known are remembered after their last "
		 "message." },
	{ "reputation_max_keys", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_range, .arg = "0 1000000000", .def = "1000000",
	  .doc = "Senders, linked domains and texts that are remembered at "
		 "most; 0: without a limit." },
	{ "same_text", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN,
	  .def = "1",
	  .doc = "Count who got the same text; 0: do not." },
	{ "same_text_window", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_duration, .def = "7200",
	  .doc = "Time within which they are counted." },
};

const struct keyword *keywords_own(size_t *n_r)
{
	*n_r = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
