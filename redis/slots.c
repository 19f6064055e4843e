/*
 * Slots of keys and commands, and who serves them; see slots.h. A node's
 * replies are read as hostile ones: numbers have ranges, lists have lengths,
 * and one piece that makes no sense makes the whole reply worthless, because
 * half a map sends commands astray.
 */
#include "redis/slots.h"

#include "base/arena.h"

#define RANGES_MAX SLOTS
#define HOST_MAX 255		/* octets of a name */

/* ---- the slot of a key ---- */

/* Remainders of the sixteen half octets, polynomial 0x1021. */
static const uint16_t crc_table[16] = {
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
	0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
};

uint16_t slot_crc16(struct str s)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i];

		crc = (uint16_t)(crc << 4) ^ crc_table[crc >> 12 ^ c >> 4];
		crc = (uint16_t)(crc << 4) ^ crc_table[crc >> 12 ^ (c & 15)];
	}
	return crc;
}

int slot_of_key(struct str key)
{
	ssize_t open = str_chr(key, '{');

	if (open >= 0) {
		struct str tag = str_from(key, (size_t)open + 1);
		ssize_t end = str_chr(tag, '}');

		if (end > 0)
			key = str_head(tag, (size_t)end);
	}
	return slot_crc16(key) % SLOTS;
}

/* ---- the slot of a command ---- */

/* Where a plain command has its key, if not in argv[1]. */
enum place { NO_KEY, SECOND, COUNTED };

static const struct {
	struct str command;
	enum place place;
} places[] = {
	{ STR("PING"), NO_KEY }, { STR("INFO"), NO_KEY },
	{ STR("DBSIZE"), NO_KEY }, { STR("SCAN"), NO_KEY },
	{ STR("ROLE"), NO_KEY }, { STR("TIME"), NO_KEY },
	{ STR("ECHO"), NO_KEY }, { STR("KEYS"), NO_KEY },
	{ STR("CLUSTER"), NO_KEY }, { STR("CONFIG"), NO_KEY },
	{ STR("COMMAND"), NO_KEY }, { STR("CLIENT"), NO_KEY },
	{ STR("SCRIPT"), NO_KEY }, { STR("FUNCTION"), NO_KEY },
	{ STR("ACL"), NO_KEY }, { STR("WAIT"), NO_KEY },
	{ STR("PUBLISH"), NO_KEY }, { STR("RANDOMKEY"), NO_KEY },
	{ STR("FLUSHALL"), NO_KEY }, { STR("FLUSHDB"), NO_KEY },
	{ STR("DEBUG"), NO_KEY }, { STR("LATENCY"), NO_KEY },
	{ STR("SLOWLOG"), NO_KEY }, { STR("HELLO"), NO_KEY },
	{ STR("OBJECT"), SECOND }, { STR("MEMORY"), SECOND },
	{ STR("BITOP"), SECOND }, { STR("XGROUP"), SECOND },
	{ STR("XINFO"), SECOND },
	{ STR("EVAL"), COUNTED }, { STR("EVAL_RO"), COUNTED },
	{ STR("EVALSHA"), COUNTED }, { STR("EVALSHA_RO"), COUNTED },
	{ STR("FCALL"), COUNTED }, { STR("FCALL_RO"), COUNTED },
};

static int slot_of_keys(const struct str *keys, size_t n)
{
	int slot = n ? slot_of_key(keys[0]) : SLOT_ANY;

	for (size_t i = 1; i < n; i++)
		if (slot_of_key(keys[i]) != slot)
			return SLOT_CROSS;
	return slot;
}

/* EVAL text 2 key key ...: a wrong number is for the server to refuse. */
static int slot_of_counted(const struct strs *argv)
{
	long n;

	if (argv->n < 4 || !str_to_long(argv->v[2], &n) || n <= 0)
		return SLOT_ANY;
	if ((size_t)n > argv->n - 3)
		n = (long)argv->n - 3;
	return slot_of_keys(argv->v + 3, (size_t)n);
}

int slot_of_command(const struct store_command *c)
{
	const struct strs *argv = &c->argv;

	if (c->script >= 0)
		return slot_of_keys(argv->v, c->nkeys);
	if (argv->n < 2)
		return SLOT_ANY;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!str_ieq(argv->v[0], places[i].command))
			continue;
		if (places[i].place == COUNTED)
			return slot_of_counted(argv);
		if (places[i].place == SECOND && argv->n > 2)
			return slot_of_key(argv->v[2]);
		return SLOT_ANY;
	}
	return slot_of_key(argv->v[1]);
}

/* ---- who serves a slot ---- */

static bool is_host(struct str s)
{
	if (s.n == 0 || s.n > HOST_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && str_chr(STR(".-_:%"), s.p[i]) < 0)
			return false;
	return true;
}

/* The host that a node gave: none ("", nil, "?") is its own. */
static bool read_host(struct str text, struct store_host asked,
		      struct str *out_r)
{
	if (text.n == 0 || str_eq(text, STR("?")))
		text = asked.host;
	*out_r = text;
	return is_host(text);
}

static bool read_range(const struct store_reply *r, struct store_host asked,
		       struct slot_range *out_r)
{
	const struct store_reply *node;

	if (r->kind != REPLY_LIST || r->n < 3 ||
	    r->items[0].kind != REPLY_INT || r->items[1].kind != REPLY_INT)
		return false;
	if (r->items[0].number < 0 || r->items[1].number >= SLOTS ||
	    r->items[0].number > r->items[1].number)
		return false;
	out_r->first = (uint16_t)r->items[0].number;
	out_r->last = (uint16_t)r->items[1].number;
	node = &r->items[2];
	if (node->kind != REPLY_LIST || node->n < 2 ||
	    node->items[1].kind != REPLY_INT ||
	    node->items[1].number < 1 || node->items[1].number > 65535)
		return false;
	if (node->items[0].kind != REPLY_TEXT &&
	    node->items[0].kind != REPLY_NIL)
		return false;
	out_r->master.port = (uint16_t)node->items[1].number;
	return read_host(node->items[0].kind == REPLY_NIL ? STR("") :
			 node->items[0].text, asked, &out_r->master.host);
}

int slots_read(struct arena *a, const struct store_reply *r,
	       struct store_host asked, struct slot_ranges *out_r,
	       struct err *err)
{
	*out_r = (struct slot_ranges){ 0 };
	if (r->kind == REPLY_ERROR)
		return err_set(err, "CLUSTER SLOTS is answered with \"%.*s\"",
			       STR_ARG(str_head(r->text, 200)));
	if (r->kind != REPLY_LIST || r->n > RANGES_MAX)
		return err_set(err, "CLUSTER SLOTS is answered with "
			       "something else");
	for (size_t i = 0; i < r->n; i++) {
		struct slot_range range;

		if (!read_range(&r->items[i], asked, &range))
			return err_set(err, "CLUSTER SLOTS is answered with "
				       "nonsense in entry %zu", i + 1);
		out_r->v = arena_grow(a, out_r->v, out_r->n, &out_r->cap,
				      sizeof(*out_r->v));
		range.master.host = str_dup(a, range.master.host);
		out_r->v[out_r->n++] = range;
	}
	return 0;
}

/* ---- another node, please ---- */

/* "MOVED 3999 127.0.0.1:6381", "ASK 3999 [2001:db8::1]:6381" and the same
 * without brackets, "MOVED 3999 :6381": the last colon ends the host. */
bool slots_redirect(struct str error, struct store_host asked,
		    struct slot_redirect *out_r)
{
	struct str word, where;
	ssize_t colon;
	long slot, port;

	if (!str_next_word(&error, &word))
		return false;
	out_r->ask = str_eq(word, STR("ASK"));
	if (!out_r->ask && !str_eq(word, STR("MOVED")))
		return false;
	if (!str_next_word(&error, &word) || !str_to_long(word, &slot) ||
	    slot < 0 || slot >= SLOTS || !str_next_word(&error, &where))
		return false;
	colon = str_rchr(where, ':');
	if (colon < 0 ||
	    !str_to_long(str_from(where, (size_t)colon + 1), &port) ||
	    port < 1 || port > 65535)
		return false;
	out_r->slot = (uint16_t)slot;
	out_r->host.port = (uint16_t)port;
	where = str_head(where, (size_t)colon);
	if (where.n > 2 && where.p[0] == '[' && where.p[where.n - 1] == ']')
		where = str_make(where.p + 1, where.n - 2);
	return read_host(where, asked, &out_r->host.host);
}
