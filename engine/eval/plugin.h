/*
 * Plug-ins of SpamAssassin whose tests need more than the message: something
 * read once when the rules are loaded (a table, a database of countries), or a
 * look at each message before the first rule runs (which languages it is in,
 * which countries it came through). A plug-in is used only where the site's
 * files load it.
 *
 * What load() makes is immutable: it is made before the workers are forked and
 * shared by all of them, so files that are read at scans are mapped or read in
 * whole there; a worker can open nothing.
 */
#ifndef MEKIKI_EVAL_PLUGIN_H
#define MEKIKI_EVAL_PLUGIN_H

#include <stddef.h>

struct arena;
struct eval_ctx;
struct ruleset;

struct eval_plugin {
	const char *name;	/* "TextCat", without Mail::SpamAssassin::... */
	/* Optional. Returns what tests get from eval_plugin_data() and look()
	 * as data, or NULL: there is nothing, look() is not called. Faults go to
	 * rs->diags, which SpamAssassin's lint would count or not: ask it. */
	void *(*load)(struct arena *a, struct ruleset *rs);
	/* Optional: once a message, after parsing and before anything that
	 * rules see was made of it: sets tags (c->tags) and metadata
	 * (message_set_metadata). c->rule is NULL. */
	void (*look)(struct eval_ctx *c, void *data);
};


/* Rows, a family's file each, are listed in plugin.c. */
extern const struct eval_plugin eval_textcat_plugin;
extern const struct eval_plugin plugin_extract_text;
extern const struct eval_plugin eval_plugin_pdf, eval_plugin_ole;
extern const struct eval_plugin eval_relay_country_plugin;
extern const struct eval_plugin eval_uri_local_bl_plugin;
extern const struct eval_plugin eval_phishing_plugin, eval_phish_tag_plugin;

/* What the plug-ins loaded here have made. */
struct eval_plugins {
	const struct eval_plugin **v;
	void **data;
	size_t n;
};

/* Loads those that the site's files load; never NULL, lives in a. */
struct eval_plugins *eval_plugins_load(struct arena *a, struct ruleset *rs);

/* Lets each look at the message that c is about. */
void eval_plugins_look(const struct eval_plugins *p, struct eval_ctx *c);

/* What the plug-in called name made at its load; NULL if it is not loaded or
 * made nothing. */
void *eval_plugin_data(const struct eval_ctx *c, const char *name);

#endif
