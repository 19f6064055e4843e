/*
 * The code behind directives that are more than a typed value, for the table
 * of keywords. Each applies one line's value and says how it went (see enum
 * kw_result in conf/loader.h).
 */
#ifndef MEKIKI_CONF_SETTERS_H
#define MEKIKI_CONF_SETTERS_H

#include "base/map.h"
#include "conf/keywords.h"

/* The types' own setters (setters.c). */
kw_setter set_string, set_bool, set_numeric, set_addrlist, set_template,
	set_noargs, set_stringlist, set_ipaddrs, set_duration;

/* setters.c, by the row's arg: one of a|b|c; a number in "lo hi"; words (as
 * they are, or lower-cased) added to the list arg or the directive's own; the
 * whole line added to a list; list arg emptied (or, given words, shortened);
 * nothing at all; an old name that only warns. */
kw_setter set_choice, set_range, add_words, add_words_lower, add_line,
	clear_list, set_nothing, set_obsolete;
/* setters.c: single directives. */
kw_setter set_any_string, set_existing, set_originating, set_dns_available, set_ports,
	set_bayes_path, set_file_mode, set_plain_words, set_stopword_langs,
	add_token_sources,
	set_user_rules, set_rbl_timeout, set_geodb_path, set_store;
/* setters.c: networks added to the directive's list; arg: a word that may
 * stand there, too, or NULL. */
kw_setter add_networks;

/* rules.c, rules_plugin.c */
kw_setter set_header, set_body, set_rawbody, set_full, set_uri, set_meta,
	set_reuse, set_mimeheader, set_uri_detail, set_askdns, set_uri_list,
	set_net_line;

/* about.c: what is said about rules by name. */
kw_setter set_score, set_describe, set_tflags, set_priority, set_subjprefix,
	set_replace, set_replace_rules, set_redirector,
	set_shortcircuit;

/* lists.c */
kw_setter add_rcvd, remove_addrs, add_dkim, remove_dkim,
	add_subject, enlist_uri_host, delist_uri_host, enlist_addrlist,
	fixed_uri_host, set_tld, clear_tlds, clear_nets;

/* lists_plugins.c */
kw_setter add_owner, remove_owner, add_shortener, clear_shorteners;

/* templates.c */
kw_setter set_rewrite_header, set_add_header, set_remove_header,
	set_clear_headers, set_report_safe, clear_template;


/* script.c */
kw_setter set_script_path;

/* plugins_load.c */
kw_setter set_loadplugin, set_compat;

/* own_domains.c */
kw_setter set_own_domains, set_own_domains_file;
/* extract_text.c */
kw_setter set_extract_timeout;
/* uri_block.c */
kw_setter set_uri_block;
/* geodb.c: geodb_options; an older name, arg: the kind of its file. */
kw_setter set_geodb_options, set_geodb_file, set_country_db_type;
/* kept_lists.c */
kw_setter set_store_list;

struct loader;

/* own_domains.c: adds a domain; false if word is none. */
bool own_domains_add(struct loader *ld, struct str word);
/* lists.c: *to becomes a map in `a` with from's entries (from may be NULL). */
void map_init_copy(struct arena *a, struct map *to, const struct map *from);
/* rules.c */
void rule_set_priority(struct loader *ld, struct str name, int priority);
/* Cuts " [if-unset: text]" off a pattern's end and returns the text, or
 * STR_NONE. */
struct str rule_take_if_unset(struct str *pattern);
/* templates.c: the header that is there before any line is read. */
void templates_init(struct loader *ld);
/* rules_plugin.c: keeps a line for the network issue. */
void load_net_line(struct loader *ld, const char *keyword, struct str text);
/* lists.c: the address list called name in ld->set, ready to be changed. */
struct addr_list *list_for_change(struct loader *ld, struct str name);
void list_add_glob(struct loader *ld, struct str list, struct str glob,
		   struct str rcvd);
/* Takes a glob off a list; empties it. */
void list_remove_glob(struct loader *ld, struct str list, struct str glob);
void list_clear_globs(struct loader *ld, struct str list);
/* lists.c: a list of strings in ld->set, ready to be changed. */
struct strs *strings_for_change(struct loader *ld, struct str name);
/* lists.c: directives that no table row has (parse_config): freemail_domains
 * and kin. False if key is none of them. */
bool list_directive(struct loader *ld, struct str key, struct str value);
/* setters.c: sets an option's text. */
void option_set(struct loader *ld, const char *name, struct str value);

#endif
