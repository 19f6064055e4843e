/*
 * Lists for scripts (rspamd_config:add_map): read from files while rules are
 * loaded, asked in every message. Workers may not open files, so a changed
 * file reaches them in a round: a worker notices (lua_maps_changed of
 * scripts.h, which only calls stat) and makes place for a fresh one; the
 * process that forks workers reads changed files again first
 * (lua_maps_refresh).
 */
#ifndef MEKIKI_LUA_MAP_H
#define MEKIKI_LUA_MAP_H

#include "lua/files.h"
#include "lua/vm.h"
#include "match/regex.h"
#include "mail/network.h"

extern const struct lua_class lua_map_class;

enum map_kind { MAP_SET, MAP_HASH, MAP_RADIX, MAP_REGEXP, MAP_GLOB,
		MAP_CALLBACK };

/* A pattern and what get_key gives for it. */
struct map_pattern {
	const struct regex *re;		/* or NULL: a glob */
	struct str glob;		/* lower case */
	struct str key, value;
};

/* The content of a map; it lives in an arena of its own. */
struct map_data {
	struct arena *arena;
	struct map keys;		/* lower case -> struct map_item * */
	struct map nets;		/* address and length -> the same */
	bool lengths[129];		/* prefix lengths that occur */
	struct map_pattern *patterns;
	size_t npatterns, patterns_cap;
	size_t n;			/* entries */
	size_t faults;			/* lines that could not be read */
	struct str text;		/* of MAP_CALLBACK */
};

struct map_item {
	struct str key, value;
};

struct lua_map {
	enum map_kind kind;
	bool multi;			/* all matches, not the first */
	struct str name;		/* for the log: description or path */
	struct str uri;
	struct strs paths;
	struct file_mark *marks;	/* of each path, when it was read */
	struct strs lines;		/* entries that the script gave */
	int callback;			/* reference, or LUA_NOREF */
	struct map_data *data;
};

/* rspamd_config:add_map and its older forms. */
int lua_config_add_map(lua_State *L);
int lua_config_add_radix_map(lua_State *L);
int lua_config_add_hash_map(lua_State *L);
int lua_config_add_kv_map(lua_State *L);
int lua_config_add_regexp_map(lua_State *L);
int lua_config_radix_from_ucl(lua_State *L);

/* map_data.c: an empty content, and one more text of lines for it. */
struct map_data *map_data_new(void);
void map_data_free(struct map_data **d);
void map_data_lines(struct map_data *d, enum map_kind kind, struct str text);
void map_data_line(struct map_data *d, enum map_kind kind, struct str line);
/* An entry that is no line: key and value as they are. */
void map_data_entry(struct map_data *d, enum map_kind kind, struct str key,
		    struct str value);

/* The most specific network that holds ip, or NULL. */
const struct map_item *map_data_net(const struct map_data *d,
				    const struct ip_addr *ip);

/* map_load.c: reads the files (and given lines) of m into a fresh content,
 * which replaces the old one. A file that cannot be read is told by `say`. */
void map_load(struct lua_map *m, void (*say)(void *ctx, const char *text),
	      void *ctx);

#endif
