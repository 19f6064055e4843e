/*
 * hiredis as a codec behind a guard; see resp.h. Of hiredis 0.14.1's reader
 * the guard makes up for: it waits for a bulk string of any announced length
 * (2^63 - 1 included), makes room for a list of any announced number of
 * items, looks for a line's end anew with each piece, and has no ceiling for
 * a reply. So it gets octets that form one reply within the ceilings, and is
 * asked for it only when it is whole.
 */
#include "redis/resp.h"

#include <limits.h>

#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/mem.h"

/* ---- writing ---- */

bool resp_add(struct buf *b, const struct str *argv, size_t argc)
{
	const char **p = xcalloc(argc, sizeof(*p));
	size_t *n = xcalloc(argc, sizeof(*n));
	char *text = NULL;
	int len;

	must(argc > 0 && argc <= INT_MAX);
	for (size_t i = 0; i < argc; i++) {
		p[i] = argv[i].n ? argv[i].p : "";
		n[i] = argv[i].n;
	}
	len = redisFormatCommandArgv(&text, (int)argc, p, n);
	xfree(p);
	xfree(n);
	if (len < 0) {
		b->full = true;
		return false;
	}
	buf_add(b, text, (size_t)len);
	redisFreeCommand(text);
	return !b->full;
}

static void script_digest(const struct store_script *s, char hex[40])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[DIGEST_MAX];
	struct digest d;
	size_t n;

	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, str_make(s->text, s->length));
	n = digest_end(&d, sum);
	must(n == 20);
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
}

bool resp_add_command(struct buf *b, const struct store_command *c,
		      bool with_text)
{
	const struct store_script *s;
	struct str *argv;
	char hex[40], count[16];
	bool fits;

	if (c->script < 0)
		return resp_add(b, c->argv.v, c->argv.n);
	s = &store_scripts[c->script];
	argv = xcalloc(c->argv.n + 3, sizeof(*argv));
	argv[0] = with_text ? STR("EVAL") : STR("EVALSHA");
	script_digest(s, hex);
	argv[1] = with_text ? str_make(s->text, s->length)
			    : str_make(hex, sizeof(hex));
	argv[2] = str_make(count, (size_t)snprintf(count, sizeof(count), "%u",
						   c->nkeys));
	if (c->argv.n)
		memcpy(argv + 3, c->argv.v, c->argv.n * sizeof(*argv));
	fits = resp_add(b, argv, c->argv.n + 3);
	xfree(argv);
	return fits;
}

bool resp_add_with_text(struct buf *b, struct str evalsha, int script)
{
	const struct store_script *s = &store_scripts[script];
	struct str head, digest = STR("$7\r\nEVALSHA\r\n$40\r\n");

	must(str_next_line(&evalsha, &head) && str_starts(evalsha, digest));
	buf_adds(b, head);
	buf_addf(b, "$4\r\nEVAL\r\n$%zu\r\n", s->length);
	buf_add(b, s->text, s->length);
	buf_adds(b, str_from(evalsha, digest.n + 40));
	return !b->full;
}

/* ---- the guard ---- */

enum guard_state { GUARD_TYPE, GUARD_LINE, GUARD_LF, GUARD_BULK, GUARD_CR,
		   GUARD_END };

struct guard {
	enum guard_state state;
	char type;		/* of the line or bulk string we are in */
	char digits[24];	/* of a number's line, as far as it came */
	size_t line;		/* octets of the line so far */
	size_t bulk;		/* octets of the bulk string still to come */
	size_t cost;		/* in memory, of the reply so far */
	size_t left[STORE_REPLY_DEPTH];	/* items to come of each list */
	int depth;
};

static int spend(struct guard *g, size_t n, struct err *err)
{
	if (n > STORE_REPLY_MAX - g->cost)
		return err_set(err, "the server's reply is larger than %zu "
			       "octets", STORE_REPLY_MAX);
	g->cost += n;
	return 0;
}

/* A value is complete: 1 if the whole reply is. */
static int value_done(struct guard *g)
{
	g->state = GUARD_TYPE;
	while (g->depth > 0 && --g->left[g->depth - 1] == 0)
		g->depth--;
	return g->depth == 0;
}

static int open_list(struct guard *g, long n, struct err *err)
{
	if (n <= 0)
		return value_done(g);
	if (g->depth == STORE_REPLY_DEPTH)
		return err_set(err, "the server's reply has lists in more "
			       "than %d lists", STORE_REPLY_DEPTH);
	if ((size_t)n > STORE_REPLY_MAX / sizeof(struct store_reply) ||
	    spend(g, (size_t)n * sizeof(struct store_reply), err) < 0)
		return err_set(err, "the server announces a list of %ld items,"
			       " which is too large", n);
	g->left[g->depth++] = (size_t)n;
	g->state = GUARD_TYPE;
	return 0;
}

static int open_bulk(struct guard *g, long n, struct err *err)
{
	if (n < 0)
		return value_done(g);
	if ((size_t)n > STORE_REPLY_MAX || spend(g, (size_t)n, err) < 0)
		return err_set(err, "the server announces %ld octets, which "
			       "is too large", n);
	g->bulk = (size_t)n;
	g->state = n ? GUARD_BULK : GUARD_CR;
	return 0;
}

/* The only way to write each number. */
static bool is_number(struct str s)
{
	if (str_starts(s, STR("-")) && s.n > 1 && s.p[1] != '0')
		s = str_from(s, 1);
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.n > 0 && (s.n == 1 || s.p[0] != '0');
}

/* A line has ended; a number's is in digits. */
static int line_done(struct guard *g, struct err *err)
{
	struct str text = str_make(g->digits, g->line);
	long v = 0;

	if (g->type == '+' || g->type == '-')
		return value_done(g);
	if (!is_number(text))
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol: a bad number");
	if (g->type == ':')
		return value_done(g);
	if (!str_to_long(text, &v) || v < -1)
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol: an impossible length");
	return g->type == '*' ? open_list(g, v, err) : open_bulk(g, v, err);
}

static int open_value(struct guard *g, char c, struct err *err)
{
	if (c == '\0' || !strchr("+-:$*", c))
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol (octet 0x%02x); is it a "
			       "Redis server, and is TLS on at both ends or "
			       "at none?", (unsigned char)c);
	g->type = c;
	g->line = 0;
	g->state = GUARD_LINE;
	return 0;
}

static int in_line(struct guard *g, char c, struct err *err)
{
	bool text = g->type == '+' || g->type == '-';

	if (c == '\r') {
		g->state = GUARD_LF;
		return 0;
	}
	if (c == '\n' || g->line >= (text ? RESP_LINE_MAX
					  : sizeof(g->digits)))
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol: a line without its end");
	if (!text)
		g->digits[g->line] = c;
	g->line++;
	return text ? spend(g, 1, err) : 0;
}

static int expect(char c, char want, struct err *err)
{
	if (c != want)
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol: a text without its end");
	return 0;
}

/* One octet that is not inside of a bulk string: 1 if it ends the reply. */
static int guard_octet(struct guard *g, char c, struct err *err)
{
	switch (g->state) {
	case GUARD_TYPE:
		return open_value(g, c, err);
	case GUARD_LINE:
		return in_line(g, c, err);
	case GUARD_LF:
		return expect(c, '\n', err) < 0 ? -1 : line_done(g, err);
	case GUARD_CR:
		g->state = GUARD_END;
		return expect(c, '\r', err);
	case GUARD_END:
		return expect(c, '\n', err) < 0 ? -1 : value_done(g);
	case GUARD_BULK:
		break;
	}
	return 0;
}

/* Octets of s up to the end of the reply, or all: *n_r. 1 it ended. */
static int guard_run(struct guard *g, struct str s, size_t *n_r,
		     struct err *err)
{
	size_t i = 0;
	int rc = 0;

	while (i < s.n && rc == 0) {
		if (g->state == GUARD_BULK) {
			size_t n = s.n - i < g->bulk ? s.n - i : g->bulk;

			i += n;
			g->bulk -= n;
			if (g->bulk == 0)
				g->state = GUARD_CR;
		} else {
			rc = guard_octet(g, s.p[i++], err);
		}
	}
	*n_r = i;
	return rc;
}

/* ---- hiredis's reader ---- */

struct resp_reader {
	struct guard guard;
	redisReader *reader;
	struct arena *arena;	/* while a reply is made */
	size_t cost;		/* of the last reply */
};

/* Where the value of a task belongs: the root, or its place in its list. */
static struct store_reply *place(const redisReadTask *task,
				 enum store_reply_kind kind)
{
	struct resp_reader *r = task->privdata;
	struct store_reply *parent = task->parent ? task->parent->obj : NULL;
	struct store_reply *to;

	to = parent ? &parent->items[task->idx]
		    : arena_alloc(r->arena, sizeof(*to));
	to->kind = kind;
	return to;
}

static void *make_text(const redisReadTask *task, char *p, size_t n)
{
	struct resp_reader *r = task->privdata;
	struct store_reply *to = place(task,
		task->type == REDIS_REPLY_ERROR ? REPLY_ERROR :
		task->type == REDIS_REPLY_STATUS ? REPLY_STATUS : REPLY_TEXT);

	to->text = str_dup(r->arena, str_make(p, n));
	return to;
}

static void *make_list(const redisReadTask *task, int n)
{
	struct resp_reader *r = task->privdata;
	struct store_reply *to = place(task, REPLY_LIST);

	to->n = (size_t)n;
	if (n > 0)
		to->items = arena_alloc(r->arena,
					(size_t)n * sizeof(*to->items));
	return to;
}

static void *make_int(const redisReadTask *task, long long v)
{
	struct store_reply *to = place(task, REPLY_INT);

	to->number = v;
	return to;
}

static void *make_nil(const redisReadTask *task)
{
	return place(task, REPLY_NIL);
}

/* All is in the arena. */
static void forget(void *obj)
{
	(void)obj;
}

static redisReplyObjectFunctions makers = {
	.createString = make_text,
	.createArray = make_list,
	.createInteger = make_int,
	.createNil = make_nil,
	.freeObject = forget,
};

static void reader_begin(struct resp_reader *r)
{
	if (r->reader)
		redisReaderFree(r->reader);
	r->reader = redisReaderCreateWithFunctions(&makers);
	must(r->reader);
	redisReaderSetPrivdata(r->reader, r);
}

struct resp_reader *resp_reader_new(void)
{
	struct resp_reader *r = xcalloc(1, sizeof(*r));

	reader_begin(r);
	return r;
}

void resp_reader_free(struct resp_reader **r)
{
	struct resp_reader *old = *r;

	*r = NULL;
	if (!old)
		return;
	redisReaderFree(old->reader);
	xfree(old);
}

static int decode(struct resp_reader *r, struct arena *a,
		  struct store_reply *out_r, struct err *err)
{
	void *made = NULL;
	int rc;

	r->arena = a;
	rc = redisReaderGetReply(r->reader, &made);
	r->arena = NULL;
	if (rc != REDIS_OK || !made)
		return err_set(err, "the server sent something that is not "
			       "Redis's protocol: %s", r->reader->errstr);
	*out_r = *(struct store_reply *)made;
	return 1;
}

int resp_read(struct resp_reader *r, struct str *input, struct arena *a,
	      struct store_reply *out_r, struct err *err)
{
	size_t n;
	int rc = guard_run(&r->guard, *input, &n, err);

	if (rc < 0)
		return -1;
	if (redisReaderFeed(r->reader, input->p, n) != REDIS_OK)
		return err_set(err, "a reply could not be kept: %s",
			       r->reader->errstr);
	*input = str_from(*input, n);
	if (rc == 0)
		return 0;
	r->cost = r->guard.cost;
	r->guard = (struct guard){ .state = GUARD_TYPE };
	if (a)
		return decode(r, a, out_r, err);
	reader_begin(r);
	return 1;
}

size_t resp_cost(const struct resp_reader *r)
{
	return r->cost;
}
