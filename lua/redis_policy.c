/*
 * The table of commands that rules may ask, and the check of their keys; see
 * redis_policy.h.
 *
 * Scripts of EVAL could call anything, under any key, whatever their KEYS say.
 * They get a `redis` of their own, therefore: a line of Lua in front of their
 * text, made from the same table and the same globs, whose call() and pcall()
 * look before they pass a command on. It is written in what Lua 5.1 (Redis)
 * and 5.4 (the embedded store) share, hides the ways around it (_G, load), and
 * has no line end, so that line numbers in errors are the script's.
 */
#include "lua/redis_policy.h"

#include "base/arena.h"
#include "base/buf.h"
#include "conf/settings.h"

#define SETTING STR("lua_redis_keys")
#define DEFAULT STR("lua:*")
#define OURS STR("mekiki:")
#define GUARD_MAX ((size_t)64 << 10)

/* ---- commands ---- */

/* Where a command has its keys. Also letters of the guard's table. */
enum keys_at {
	KEYS_NONE = '0',	/* none: inside of scripts only */
	KEYS_FIRST = '1',
	KEYS_TWO = '2',		/* the first two arguments */
	KEYS_ALL = '*',
	KEYS_ODD = '%',		/* the first, the third, ... */
	KEYS_COUNTED = 'n',	/* a number, and as many keys */
	KEYS_STORED = 's',	/* one, a number, and as many keys */
	KEYS_SCRIPT = 'e',	/* text, a number, and as many keys */
};

static const struct kind {
	enum keys_at keys;
	bool writes;
	const char *names;	/* " GET MGET " */
} kinds[] = {
	{ KEYS_FIRST, false,
	  " GET STRLEN GETRANGE GETBIT BITCOUNT BITPOS"
	  " TTL PTTL EXPIRETIME PEXPIRETIME TYPE"
	  " HGET HMGET HGETALL HKEYS HVALS HLEN HSTRLEN HEXISTS HRANDFIELD"
	  " HSCAN SISMEMBER SMISMEMBER SCARD SMEMBERS SRANDMEMBER SSCAN"
	  " ZSCORE ZMSCORE ZCARD ZCOUNT ZLEXCOUNT ZRANK ZREVRANK ZRANGE"
	  " ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX"
	  " ZREVRANGEBYLEX ZRANDMEMBER ZSCAN LLEN LRANGE LINDEX LPOS " },
	{ KEYS_ALL, false, " MGET EXISTS SINTER SUNION SDIFF " },
	{ KEYS_COUNTED, false, " SINTERCARD ZUNION ZINTER ZDIFF " },
	{ KEYS_NONE, false, " TIME ECHO PING " },
	{ KEYS_SCRIPT, false, " EVAL " },
	{ KEYS_FIRST, true,
	  " SET SETEX PSETEX SETNX GETSET GETDEL GETEX APPEND SETRANGE SETBIT"
	  " BITFIELD INCR DECR INCRBY DECRBY INCRBYFLOAT"
	  " EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST"
	  " HSET HMSET HSETNX HDEL HINCRBY HINCRBYFLOAT SADD SREM SPOP"
	  " ZADD ZINCRBY ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE"
	  " ZREMRANGEBYLEX ZPOPMIN ZPOPMAX"
	  " LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LSET LREM LINSERT LTRIM"
	  " PFADD " },
	{ KEYS_ALL, true,
	  " DEL UNLINK TOUCH SINTERSTORE SUNIONSTORE SDIFFSTORE PFCOUNT"
	  " PFMERGE " },
	{ KEYS_ODD, true, " MSET MSETNX " },
	{ KEYS_TWO, true,
	  " SMOVE RPOPLPUSH LMOVE RENAME RENAMENX ZRANGESTORE " },
	{ KEYS_STORED, true, " ZUNIONSTORE ZINTERSTORE ZDIFFSTORE " },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(struct arena *a, struct str name)
{
	struct str word = str_printf(a, " %.*s ", STR_ARG(name));

	if (!name.n || name.n > 30 || str_chr(name, ' ') >= 0)
		return NULL;
	for (size_t i = 0; i < KINDS; i++)
		if (str_find(str_cstr(kinds[i].names), word) >= 0)
			return &kinds[i];
	return NULL;
}

/* ---- keys ---- */

static bool is_glob(struct str word)
{
	return str_chr(word, '*') >= 0 || str_chr(word, '?') >= 0;
}

/* The words of the setting; v is room for the default. */
static struct strs words_of(const struct settings *s, struct str *v)
{
	const struct strs *list = settings_list(s, SETTING);

	*v = DEFAULT;
	return list && list->n ? *list : (struct strs){ .v = v, .n = 1 };
}

bool lua_redis_may_key(const struct settings *s, struct str key)
{
	bool ours = str_starts(key, OURS);
	struct str room;
	struct strs words = words_of(s, &room);

	for (size_t i = 0; i < words.n; i++) {
		struct str word = words.v[i];

		if (ours && !str_starts(word, OURS))
			continue;
		if (is_glob(word) ? glob_match(word, key) :
		    str_starts(key, word))
			return true;
	}
	return false;
}

static bool refuse(struct err *err, struct str key)
{
	err_set(err, "the key '%.*s' is not one of those that lua_redis_keys "
		"allows", STR_ARG(str_head(key, 100)));
	return false;
}

/* The keys argv[first], argv[first + step], ... up to argv[last]. */
static bool may_keys(const struct settings *s, const struct strs *argv,
		     size_t first, size_t last, size_t step, struct err *err)
{
	for (size_t i = first; i <= last && i < argv->n; i += step)
		if (!lua_redis_may_key(s, argv->v[i]))
			return refuse(err, argv->v[i]);
	return true;
}

/* argv[at] says how many keys follow it. */
static bool may_counted(const struct settings *s, const struct strs *argv,
			size_t at, struct err *err)
{
	long n;

	if (at >= argv->n || !str_to_long(argv->v[at], &n) || n < 0 ||
	    (size_t)n > argv->n - at - 1) {
		err_set(err, "%.*s: the number of keys is wrong",
			STR_ARG(argv->v[0]));
		return false;
	}
	return may_keys(s, argv, at + 1, at + (size_t)n, 1, err);
}

static bool may_all(const struct settings *s, enum keys_at keys,
		    const struct strs *argv, struct err *err)
{
	switch (keys) {
	case KEYS_FIRST:
		return may_keys(s, argv, 1, 1, 1, err);
	case KEYS_TWO:
		return may_keys(s, argv, 1, 2, 1, err);
	case KEYS_ALL:
		return may_keys(s, argv, 1, argv->n, 1, err);
	case KEYS_ODD:
		return may_keys(s, argv, 1, argv->n, 2, err);
	case KEYS_COUNTED:
		return may_counted(s, argv, 1, err);
	case KEYS_SCRIPT:
		return may_counted(s, argv, 2, err);
	case KEYS_STORED:
		return may_keys(s, argv, 1, 1, 1, err) &&
		       may_counted(s, argv, 2, err);
	default:
		return false;
	}
}

/* ---- the guard of scripts ---- */

/* R: the real redis; S: commands and their letters; W: what is wrong with all
 * others; P: patterns of keys, Q:
 * those of mekiki's own. may() says what is wrong, or nothing. */
static const char guard_begin[] =
	"local redis,_G,load,loadstring,getfenv,setfenv=(function(R,S,W,P,Q) "
	"local function key(k) k=tostring(k) "
	"for _,p in ipairs(k:sub(1,7)=='mekiki:' and Q or P) do "
	"if k:find(p) then return end end "
	"return \"the key '\"..k:sub(1,100).."
	"\"' is not one of those that lua_redis_keys allows\" end "
	"local function may(c,...) c=tostring(c):upper() "
	"local w=c:find('^%u+$') and S:match(' '..c..'=(.)') "
	"if not w then return c:sub(1,30)..W end "
	"local a,n={...},select('#',...) local i,j,s=1,1,1 "
	"if w=='0' then return elseif w=='2' then j=2 elseif w=='*' then j=n "
	"elseif w=='%' then j,s=n,2 "
	"elseif w=='n' then i,j=2,1+(tonumber(a[1]) or n) "
	"elseif w=='s' then i,j=3,2+(tonumber(a[2]) or n) "
	"local e=key(a[1]) if e then return e end end "
	"if j>n then j=n end "
	"for x=i,j,s do local e=key(a[x]) if e then return e end end end "
	"local r={} for _,f in ipairs({'error_reply','status_reply','sha1hex',"
	"'log','LOG_DEBUG','LOG_VERBOSE','LOG_NOTICE','LOG_WARNING'}) do "
	"r[f]=R[f] end "
	"r.call=function(...) local e=may(...) if e then error(e,0) end "
	"return R.call(...) end "
	"r.pcall=function(...) local e=may(...) if e then "
	"return R.error_reply('ERR '..e) end return R.pcall(...) end "
	"return r end)(redis,";
/* What Lua 5.4 takes for the globals from here on; to 5.1 it is a name. */
static const char guard_end[] =
	") local _ENV={redis=redis,KEYS=KEYS,ARGV=ARGV,assert=assert,"
	"error=error,getmetatable=getmetatable,ipairs=ipairs,math=math,"
	"next=next,pairs=pairs,pcall=pcall,rawequal=rawequal,rawget=rawget,"
	"rawset=rawset,select=select,setmetatable=setmetatable,string=string,"
	"table=table,tonumber=tonumber,tostring=tostring,type=type,"
	"unpack=unpack,xpcall=xpcall,_VERSION=_VERSION} ";

static const char others[] = "',' is not for scripts of rules'";
static const char others_read[] = "',' is not for scripts of rules, or it "
	"writes (which mekiki check does with --remember only)'";

static void add_commands(struct buf *b, bool may_write)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct str names = str_cstr(kinds[i].names), name;

		if ((kinds[i].writes && !may_write) ||
		    kinds[i].keys == KEYS_SCRIPT)
			continue;
		while (str_next_word(&names, &name)) {
			buf_addc(b, ' ');
			buf_adds(b, name);
			buf_addc(b, '=');
			buf_addc(b, (char)kinds[i].keys);
		}
	}
}

/* A glob (or prefix) as a Lua pattern, inside of Lua's quotes: octets with a
 * meaning stand as \ddd, behind a '%'. */
static void add_pattern(struct buf *b, struct str word)
{
	bool prefix = !is_glob(word);

	buf_adds(b, STR("'^"));
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c == '*')
			buf_adds(b, STR(".*"));
		else if (c == '?')
			buf_addc(b, '.');
		else if (is_alnum(c))
			buf_addc(b, (char)c);
		else
			buf_addf(b, c < 128 ? "%%\\%03u" : "\\%03u", c);
	}
	buf_adds(b, prefix ? STR("',") : STR("$',"));
}

static void add_patterns(struct buf *b, const struct strs *words, bool ours)
{
	buf_adds(b, STR(",{"));
	for (size_t i = 0; i < words->n; i++)
		if (!ours || str_starts(words->v[i], OURS))
			add_pattern(b, words->v[i]);
	buf_addc(b, '}');
}

static bool guard(struct arena *a, const struct settings *s, bool may_write,
		  struct str *script, struct err *err)
{
	struct str room;
	struct strs words = words_of(s, &room);
	struct buf b;

	buf_in(&b, a, GUARD_MAX);
	buf_adds(&b, str_cstr(guard_begin));
	buf_addc(&b, '\'');
	add_commands(&b, may_write);
	buf_adds(&b, str_cstr(may_write ? others : others_read));
	add_patterns(&b, &words, false);
	add_patterns(&b, &words, true);
	buf_adds(&b, str_cstr(guard_end));
	if (b.full) {
		err_set(err, "lua_redis_keys has too many words for scripts");
		return false;
	}
	*script = str_cat(a, buf_str(&b), *script);
	return true;
}

/* ---- both ---- */

bool lua_redis_may(struct arena *a, const struct settings *s, bool may_write,
		   struct strs *command, struct err *err)
{
	struct str name = str_upper(a, command->v[0]);
	const struct kind *k = kind_of(a, name);

	if (str_eq(name, STR("EVALSHA"))) {
		err_set(err, "NOSCRIPT scripts are sent whole: use EVAL");
		return false;
	}
	if (!k || k->keys == KEYS_NONE) {
		err_set(err, "%.*s is not a command for rules",
			STR_ARG(str_head(name, 30)));
		return false;
	}
	if (k->writes && !may_write) {
		err_set(err, "%.*s: nothing is written here (mekiki check "
			"--remember writes)", STR_ARG(name));
		return false;
	}
	if (!may_all(s, k->keys, command, err))
		return false;
	command->v[0] = name;
	return k->keys != KEYS_SCRIPT ||
	       guard(a, s, may_write, &command->v[1], err);
}
