/*
 * What the files of the embedded store share. From below: a record is what is
 * kept of one key (embedded_record.c); members are the fields of a hash, or
 * what is in a set or sorted set (embedded_members.c); a call is one command
 * that is executed, answered through the reply_ functions
 * (embedded_reply.c). Commands are rows of tables in embedded_KIND.c.
 *
 * Memory: c->out keeps replies until they are read, e->scratch only until the
 * command ends. Texts that the kv gave are gone with the next write.
 */
#ifndef MEKIKI_REDIS_EMBEDDED_INT_H
#define MEKIKI_REDIS_EMBEDDED_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "redis/kv.h"
#include "redis/store.h"

struct embedded_lua;

enum value_type { TYPE_NONE, TYPE_STRING, TYPE_HASH, TYPE_SET, TYPE_ZSET,
		  TYPE_LIST };

/* Octets of one record's value. */
#define EMBEDDED_VALUE_MAX ((size_t)32 << 20)

struct embedded {
	struct store store;
	struct kv *kv;
	struct arena *scratch;
	struct arena *out;	/* of the batch that is executed */
	struct buf build;	/* the record that is being written */
	bool read_only;
	bool busy;		/* a batch is executed or answered */
	bool writing;		/* the transaction may write */
	bool must_write;	/* it may not, but a script wants to */
	int64_t now;		/* ms since 1970, the same for a whole batch */
	int64_t (*clock)(void);
	struct {
		bool loaded, dirty;
		uint64_t keys, next_id;
	} meta;			/* of the transaction */
	struct embedded_lua *lua;
};

/* ---- records: embedded_record.c ---- */

struct record {
	struct embedded *e;
	struct str name;
	uint16_t nkey;
	uint32_t indexed;	/* seconds since 1970 under which it stands in
				 * the index of expiry; 0: in none */
	enum value_type type;	/* TYPE_NONE: there is nothing, or expired */
	bool spread;		/* its members are records of their own */
	bool found;		/* something lies there, maybe expired */
	bool dead;		/* ... which is */
	int64_t expires;	/* ms since 1970; 0: never */
	struct str payload;	/* the kv's */
	char key[KV_KEY_MAX];	/* its key in the kv */
};

/* What there is of a name. In a writing transaction an expired record is
 * removed at once. Returns whether there is something. */
bool record_find(struct embedded *e, struct str name, struct record *r);
/* The same for a record's key in the kv, expired or not. */
bool record_at(struct embedded *e, struct str key, struct record *r);

/* Writing: the payload is added to the buffer that record_begin returns, and
 * record_save puts it under r->type, r->spread and r->expires. */
struct buf *record_begin(struct record *r);
void record_save(struct record *r);
void record_remove(struct record *r);

uint64_t record_new_id(struct embedded *e);
uint64_t record_count(struct embedded *e);
/* Writes what the transaction changed of the counts; before each commit. */
void record_flush(struct embedded *e);
/* 0 if the file is empty or of our format, else -1 and err. */
int record_check_format(struct embedded *e, struct err *err);

/* The next living key behind the position (a name; first: from the start).
 * After `steps` records that were looked at it gives up: false, *more. */
struct key_walk {
	struct embedded *e;
	struct str prefix;
	char at[KV_KEY_MAX];	/* key of the kv */
	size_t nat;
	size_t steps;
	struct str last;		/* name of the last one looked at */
	bool begun, more;
};
void key_walk_begin(struct key_walk *w, struct embedded *e, struct str prefix,
		    size_t steps);
/* Goes on behind a name. */
void key_walk_resume(struct key_walk *w, struct str name);
/* r->name lives in the scratch arena. */
bool key_walk_next(struct key_walk *w, struct record *r);

/* Removes up to `steps` records that are expired or belong to nothing. */
void record_sweep(struct embedded *e, size_t steps);
/* Is there anything for it to do? */
bool record_wants_sweep(struct embedded *e);

/* ---- octets of records ---- */

void put_be(char *p, uint64_t v, size_t n);
uint64_t get_be(const char *p, size_t n);
/* A number in 1 to 10 octets, 7 bits each. */
void buf_varint(struct buf *b, uint64_t v);
/* Cuts one off s; false: cut short. */
bool cut_varint(struct str *s, uint64_t *v_r);
/* Text behind its length. */
void buf_counted(struct buf *b, struct str s);
bool cut_counted(struct str *s, struct str *text_r);

/* ---- members: embedded_members.c ---- */

struct member {
	struct str name, value;	/* value of a sorted set: score_pack's */
};

struct members {
	struct record rec;
	struct embedded *e;
	bool changed;
	bool spread;
	uint64_t id;		/* spread: of their records */
	uint64_t count;
	struct member *v;	/* packed: count of them */
	size_t cap;
};

/* So many members, of so many octets, are kept in one record. */
#define PACKED_COUNT 128
#define PACKED_OCTETS 3072

struct call;
/* The members of key. 1: there are some; 0: there is nothing (but members
 * may be put); -1: it is of another type, and the reply says so. */
int members_open(struct call *c, struct str key, enum value_type type,
		 struct members *m);
bool members_get(struct members *m, struct str name, struct str *value_r);
/* True if it is a new one. value may be the kv's. */
bool members_put(struct members *m, struct str name, struct str value);
bool members_del(struct members *m, struct str name);
/* Writes what was changed; nothing left: the key goes. */
void members_save(struct members *m);

/* In the order of insertion (packed), by name (spread), or by score and name
 * (sorted sets); from either end. */
struct member_walk {
	struct members *m;
	bool reverse;
	size_t i;		/* packed: the next one */
	bool begun;
	char at[KV_KEY_MAX];	/* spread: key of the last one */
	size_t nat;
	struct str name, value;	/* of the one that next found; the kv's */
};
void member_walk_begin(struct member_walk *w, struct members *m, bool reverse);
/* Sorted sets: begins at the first one whose score is at least (reverse: at
 * most) this. */
void member_walk_seek(struct member_walk *w, struct members *m, bool reverse,
		      double score);
bool member_walk_next(struct member_walk *w);

/* Eight octets of a score, ordered as it is. */
#define SCORE_OCTETS 8
struct str score_pack(double score, char buf[SCORE_OCTETS]);
double score_unpack(struct str packed);

/* Removes up to *steps records of members that belong to nothing any more;
 * true when all are gone. */
bool members_sweep(struct embedded *e, uint64_t id, size_t *steps);

/* ---- commands ---- */

enum command_flags {
	CMD_WRITE = 1,
	CMD_SHRINKS = 2,	/* it never needs more space */
	CMD_NO_SCRIPT = 4,
	CMD_SCRIPT = 8,		/* runs one: may write or not */
};

struct call {
	struct embedded *e;
	const struct command_row *row;
	const struct str *argv;	/* [0]: the command's name */
	size_t argc;
	struct arena *out;
	struct store_reply *reply;
};

struct command_row {
	const char *name;	/* lower case */
	int arity;		/* name included; negative: or more */
	unsigned flags;
	void (*fn)(struct call *c);
};

/* Tables end with a row without a name. */
extern const struct command_row embedded_string_commands[],
	embedded_hash_commands[], embedded_set_commands[],
	embedded_zset_commands[], embedded_zrange_commands[],
	embedded_list_commands[],
	embedded_key_commands[], embedded_server_commands[],
	embedded_script_commands[];

/* NULL if there is none of this name, in any case of letters. */
const struct command_row *command_find(struct str name);
/* Has it so many arguments, its name included? */
bool command_takes(const struct command_row *row, size_t argc);
/* Executes c->argv; c->row is set by it. */
void command_execute(struct call *c);

/* ---- replies and arguments: embedded_reply.c ---- */

void reply_nil(struct call *c);
void reply_ok(struct call *c);
void reply_int(struct call *c, int64_t v);
void reply_status(struct call *c, const char *text);
/* A copy. */
void reply_text(struct call *c, struct str text);
void reply_double(struct call *c, double v);
void reply_error(struct call *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void reply_wrong_type(struct call *c);
void reply_syntax(struct call *c);
/* A list of n nils, to be filled. */
struct store_reply *reply_list(struct call *c, size_t n);
void item_text(struct call *c, struct store_reply *item, struct str text);
void item_int(struct store_reply *item, int64_t v);
void item_double(struct call *c, struct store_reply *item, double v);

/* Numbers as Redis reads them: all of the text, no spaces, no leading zeros
 * or "+". */
bool parse_int(struct str s, int64_t *v_r);
bool parse_float(struct str s, long double *v_r);
bool parse_double(struct str s, double *v_r);
/* The argument, or the error reply. */
bool arg_int(struct call *c, size_t i, int64_t *v_r);
/* As INCRBYFLOAT writes them. */
size_t print_float(char *buf, size_t size, long double v);
#define PRINT_FLOAT_MAX 5200

/* The argument is this word, in any case. */
bool arg_is(const struct call *c, size_t i, const char *word);

/* A pattern of KEYS and SCAN: * ? [a-z] [^a] \x. */
bool glob_matches(struct str pattern, struct str s);

/* ---- scripts: embedded_lua.c ---- */

struct embedded_lua *embedded_lua_new(struct embedded *e);
void embedded_lua_free(struct embedded_lua **lua);
/* A named script, keys and arguments as the command has them. */
void embedded_lua_run(struct call *c, const struct store_command *cmd);
/* Has it written in this process? (false: it is begun in a reading
 * transaction, and again in a writing one if it turns out to want it) */
bool embedded_lua_writes(const struct embedded_lua *lua,
			 const struct store_command *cmd);

#endif
