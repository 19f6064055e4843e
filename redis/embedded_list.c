/*
 * Lists: short ones, such as the ring of last verdicts. All of a list is one
 * record, so each push costs its length:
 *
 *   count, then for each from left to right: length, text
 */
#include "redis/embedded_int.h"

/* Octets of the whole list. */
#define LIST_MAX ((size_t)1 << 20)

struct list {
	struct record rec;
	struct str *v;
	size_t n;
	size_t octets;
};

/* 1: there is one; 0: there is nothing; -1: another type, and the reply says
 * so. Room for `more` is before and behind the items. */
static int open_list(struct call *c, struct list *l, size_t more)
{
	uint64_t n;
	struct str s, one;

	l->n = l->octets = 0;
	l->v = arena_alloc(c->e->scratch, 2 * more * sizeof(*l->v));
	l->v += more;
	if (!record_find(c->e, c->argv[1], &l->rec)) {
		l->rec.type = TYPE_LIST;
		l->rec.spread = false;
		return 0;
	}
	if (l->rec.type != TYPE_LIST) {
		reply_wrong_type(c);
		return -1;
	}
	s = l->rec.payload;
	l->octets = s.n;
	if (!cut_varint(&s, &n))
		return 1;
	if (n > s.n)
		n = s.n;
	l->v = arena_alloc(c->e->scratch,
			   ((size_t)n + 2 * more) * sizeof(*l->v));
	l->v += more;
	while (l->n < n && cut_counted(&s, &one))
		l->v[l->n++] = one;
	return 1;
}

static void save_list(struct list *l)
{
	struct buf *b;

	if (!l->n) {
		record_remove(&l->rec);
		return;
	}
	b = record_begin(&l->rec);
	buf_varint(b, l->n);
	for (size_t i = 0; i < l->n; i++)
		buf_counted(b, l->v[i]);
	record_save(&l->rec);
}

static void push(struct call *c, bool left, bool must_exist)
{
	struct list l;
	int found = open_list(c, &l, c->argc);

	if (found < 0)
		return;
	if (!found && must_exist) {
		reply_int(c, 0);
		return;
	}
	for (size_t i = 2; i < c->argc; i++)
		l.octets += c->argv[i].n;
	if (l.octets > LIST_MAX) {
		reply_error(c, "ERR list exceeds maximum allowed size");
		return;
	}
	for (size_t i = 2; i < c->argc; i++) {
		if (left)
			*--l.v = c->argv[i];
		else
			l.v[l.n] = c->argv[i];
		l.n++;
	}
	save_list(&l);
	reply_int(c, (int64_t)l.n);
}

static void cmd_lpush(struct call *c)
{
	push(c, true, false);
}

static void cmd_rpush(struct call *c)
{
	push(c, false, false);
}

static void cmd_lpushx(struct call *c)
{
	push(c, true, true);
}

static void cmd_rpushx(struct call *c)
{
	push(c, false, true);
}

static void take(struct list *l, bool left)
{
	if (left)
		l->v++;
	l->n--;
}

static const struct str *end_of(const struct list *l, bool left)
{
	return left ? l->v : &l->v[l->n - 1];
}

static void pop(struct call *c, bool left)
{
	struct store_reply *items;
	struct list l;
	int64_t count = 1;
	int found;

	if (c->argc > 3) {
		reply_error(c, "ERR wrong number of arguments for '%s' command",
			    c->row->name);
		return;
	}
	if (c->argc == 3 && (!parse_int(c->argv[2], &count) || count < 0)) {
		reply_error(c, "ERR value is out of range, must be positive");
		return;
	}
	found = open_list(c, &l, 0);
	if (found < 0)
		return;
	reply_nil(c);
	if (!found)
		return;
	if (c->argc == 2) {
		reply_text(c, *end_of(&l, left));
		take(&l, left);
		save_list(&l);
		return;
	}
	if ((uint64_t)count > l.n)
		count = (int64_t)l.n;
	items = reply_list(c, (size_t)count);
	for (int64_t i = 0; i < count; i++) {
		item_text(c, &items[i], *end_of(&l, left));
		take(&l, left);
	}
	if (count)
		save_list(&l);
}

static void cmd_lpop(struct call *c)
{
	pop(c, true);
}

static void cmd_rpop(struct call *c)
{
	pop(c, false);
}

static void cmd_llen(struct call *c)
{
	struct list l;

	if (open_list(c, &l, 0) >= 0)
		reply_int(c, (int64_t)l.n);
}

/* Indices from the command, made places of a list of n; false: none. */
static bool clip(int64_t *start, int64_t *end, size_t n)
{
	int64_t len = (int64_t)n;

	if (*start < 0)
		*start = *start + len < 0 ? 0 : *start + len;
	if (*end < 0)
		*end += len;
	if (*end >= len)
		*end = len - 1;
	return *start <= *end && *start < len;
}

static void cmd_lrange(struct call *c)
{
	struct store_reply *items;
	struct list l;
	int64_t start, end;

	if (!arg_int(c, 2, &start) || !arg_int(c, 3, &end) ||
	    open_list(c, &l, 0) < 0)
		return;
	if (!clip(&start, &end, l.n)) {
		reply_list(c, 0);
		return;
	}
	items = reply_list(c, (size_t)(end - start + 1));
	for (int64_t i = start; i <= end; i++)
		item_text(c, &items[i - start], l.v[i]);
}

static void cmd_ltrim(struct call *c)
{
	struct list l;
	int64_t start, end;
	size_t before;
	int found;

	if (!arg_int(c, 2, &start) || !arg_int(c, 3, &end))
		return;
	found = open_list(c, &l, 0);
	if (found < 0)
		return;
	reply_ok(c);
	if (!found)
		return;
	before = l.n;
	if (clip(&start, &end, l.n)) {
		l.v += start;
		l.n = (size_t)(end - start + 1);
	} else {
		l.n = 0;
	}
	if (l.n != before)
		save_list(&l);
}

static void cmd_lindex(struct call *c)
{
	struct list l;
	int64_t i;
	int found = open_list(c, &l, 0);

	if (found == 0)
		reply_nil(c);
	if (found <= 0 || !arg_int(c, 2, &i))
		return;
	if (i < 0)
		i += (int64_t)l.n;
	if (i >= 0 && i < (int64_t)l.n)
		reply_text(c, l.v[i]);
	else
		reply_nil(c);
}

const struct command_row embedded_list_commands[] = {
	{ "lpush", -3, CMD_WRITE, cmd_lpush },
	{ "rpush", -3, CMD_WRITE, cmd_rpush },
	{ "lpushx", -3, CMD_WRITE, cmd_lpushx },
	{ "rpushx", -3, CMD_WRITE, cmd_rpushx },
	{ "lpop", -2, CMD_WRITE | CMD_SHRINKS, cmd_lpop },
	{ "rpop", -2, CMD_WRITE | CMD_SHRINKS, cmd_rpop },
	{ "llen", 2, 0, cmd_llen },
	{ "lrange", 4, 0, cmd_lrange },
	{ "ltrim", 4, CMD_WRITE | CMD_SHRINKS, cmd_ltrim },
	{ "lindex", 3, 0, cmd_lindex },
	{ 0 },
};
