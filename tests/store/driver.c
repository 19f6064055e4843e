/*
 * driver [-t SECONDS] [-m MAP_SIZE] [-r] URL: a person's or a test's hand on
 * any store. Reads commands from standard input, one a line; arguments are
 * separated by spaces, "..." may hold spaces and \n \r \t \" \\ \xNN. A blank
 * line or the end of input asks all commands since the last one as one batch;
 * the replies are printed as redis-cli --no-raw does, and a blank line.
 *
 *   SCRIPT name nkeys key... arg...   a script of redis/scripts
 *   !names prefix     all names that scan() gives, one a line
 *   !wait seconds     lets the event loop run
 *   !tick             what happens once a second
 *   !up               "up" or "down"
 *
 * These end the batch before them. -r opens for reading only, -t is the
 * timeout of each batch. With TLS the server's certificate must be from
 * the CA in the file that the environment's STORE_CA names.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "redis/store.h"

struct driver {
	struct event_base *base;
	struct store *store;
	struct arena *arena;
	struct store_batch batch;
	double timeout;
	bool answered;
	struct str cursor;
	bool names;
};

/* ---- printing ---- */

static void print_text(struct str s)
{
	putchar('"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c == '\n')
			printf("\\n");
		else if (c == '\r')
			printf("\\r");
		else if (c == '\t')
			printf("\\t");
		else if (c == '\a')
			printf("\\a");
		else if (c == '\b')
			printf("\\b");
		else if (c < ' ' || c > '~')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	printf("\"\n");
}

static void print_reply(const struct store_reply *r, int indent)
{
	int width;

	switch (r->kind) {
	case REPLY_NIL:
		printf("(nil)\n");
		break;
	case REPLY_STATUS:
		printf("%.*s\n", STR_ARG(r->text));
		break;
	case REPLY_ERROR:
		printf("(error) %.*s\n", STR_ARG(r->text));
		break;
	case REPLY_INT:
		printf("(integer) %lld\n", (long long)r->number);
		break;
	case REPLY_TEXT:
		print_text(r->text);
		break;
	case REPLY_LIST:
		if (!r->n)
			printf("(empty array)\n");
		width = snprintf(NULL, 0, "%zu", r->n);
		for (size_t i = 0; i < r->n; i++) {
			printf("%*s%*zu) ", i ? indent : 0, "", width, i + 1);
			print_reply(&r->items[i], indent + width + 2);
		}
		break;
	}
}

static const char *const status_words[] = {
	[STORE_OK] = "OK", [STORE_UNREACHABLE] = "UNREACHABLE",
	[STORE_BUSY] = "BUSY", [STORE_LATE] = "LATE", [STORE_LOST] = "LOST",
	[STORE_FAILED] = "FAILED",
};

static void on_done(void *ctx, enum store_status status,
		    const struct store_reply *replies, size_t n,
		    const struct err *err)
{
	struct driver *d = ctx;

	d->answered = true;
	if (status != STORE_OK) {
		printf("(%s) %s\n", status_words[status], err->text);
		d->cursor = STR("");
		return;
	}
	if (!d->names) {
		for (size_t i = 0; i < n; i++)
			print_reply(&replies[i], 0);
		return;
	}
	d->cursor = str_dup(d->arena, replies[0].items[0].text);
	for (size_t i = 0; i < replies[0].items[1].n; i++)
		print_text(replies[0].items[1].items[i].text);
}

/* ---- asking ---- */

static void wait_answer(struct driver *d)
{
	while (!d->answered && event_base_loop(d->base, EVLOOP_ONCE) == 0)
		;
}

static void ask(struct driver *d)
{
	if (d->batch.n) {
		d->answered = false;
		d->names = false;
		store_send(d->store, &d->batch, d->timeout, on_done, d);
		wait_answer(d);
	}
	printf("\n");
	fflush(stdout);
	d->batch = (struct store_batch){ 0 };
	arena_reset(d->arena);
}

static void list_names(struct driver *d, struct str prefix)
{
	d->cursor = STR("");
	do {
		d->answered = false;
		d->names = true;
		d->store->ops->scan(d->store, prefix, d->cursor, on_done, d);
		wait_answer(d);
	} while (d->cursor.n);
}

static void stop_loop(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(ctx);
}

static void run_loop(struct driver *d, double seconds)
{
	struct timeval tv = { (time_t)seconds,
			      (suseconds_t)(seconds * 1e6) % 1000000 };

	event_base_once(d->base, -1, EV_TIMEOUT, stop_loop, d->base, &tv);
	event_base_dispatch(d->base);
}

/* ---- reading ---- */

static int read_escape(const char **p)
{
	static const char from[] = "nrtab", to[] = "\n\r\t\a\b";
	const char *s = *p + 1, *at;

	if (*s == 'x' && hex_value(s[1]) >= 0 && hex_value(s[2]) >= 0) {
		*p += 4;
		return hex_value(s[1]) << 4 | hex_value(s[2]);
	}
	*p += 2;
	at = *s ? strchr(from, *s) : NULL;
	return at ? to[at - from] : *s;
}

static bool read_word(struct driver *d, const char **p, struct str *word_r)
{
	bool quoted;
	char *text;
	size_t n = 0;

	while (**p == ' ')
		++*p;
	if (!**p)
		return false;
	text = arena_text(d->arena, strlen(*p) + 1);
	quoted = **p == '"';
	*p += quoted;
	while (**p && **p != (quoted ? '"' : ' ')) {
		if (**p == '\\' && (*p)[1])
			text[n++] = (char)read_escape(p);
		else
			text[n++] = *(*p)++;
	}
	*p += quoted && **p;
	*word_r = str_make(text, n);
	return true;
}

static bool is_script(const struct strs *words)
{
	static const char *const subcommands[] = { "load", "exists", "flush" };

	if (words->n < 3 || !str_ieq(words->v[0], STR("SCRIPT")))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (str_ieq(words->v[1], str_cstr(subcommands[i])))
			return false;
	return true;
}

static void add_command(struct driver *d, struct strs *words)
{
	struct store_command c = { .script = -1, .argv = *words };
	struct store_batch *b = &d->batch;
	long nkeys;

	if (is_script(words)) {
		if (!str_to_long(words->v[2], &nkeys) || nkeys < 0) {
			fprintf(stderr, "SCRIPT name nkeys ...\n");
			exit(2);
		}
		c.script = (int)store_script_named(arena_strndup(d->arena,
				words->v[1].p, words->v[1].n));
		c.nkeys = (unsigned)nkeys;
		c.argv.v += 3;
		c.argv.n -= 3;
	}
	b->v = arena_grow(d->arena, b->v, b->n, &b->cap, sizeof(*b->v));
	b->v[b->n++] = c;
}

static void do_other(struct driver *d, const struct strs *words)
{
	struct str what = words->v[0];
	struct str arg = words->n > 1 ? words->v[1] : STR("");
	double seconds = 0;

	if (d->batch.n)
		ask(d);
	if (str_eq(what, STR("!names"))) {
		list_names(d, arg);
	} else if (str_eq(what, STR("!wait"))) {
		str_to_double(arg, &seconds);
		run_loop(d, seconds);
	} else if (str_eq(what, STR("!tick"))) {
		if (d->store->ops->tick)
			d->store->ops->tick(d->store);
	} else {
		printf("%s\n", d->store->ops->is_up(d->store) ? "up" : "down");
	}
	printf("\n");
	fflush(stdout);
	arena_reset(d->arena);
}

static void read_line(struct driver *d, const char *p)
{
	struct strs words = { 0 };
	struct str word;

	while (read_word(d, &p, &word))
		strs_add(d->arena, &words, word);
	if (!words.n)
		ask(d);
	else if (words.v[0].n && words.v[0].p[0] == '!')
		do_other(d, &words);
	else
		add_command(d, &words);
}

static struct store *open_store(struct driver *d, struct arena *kept,
				struct store_options *o, const char *url)
{
	struct err err = { "" };

	d->base = event_base_new();
	if (store_url_parse(kept, str_cstr(url), &o->url, &err) == 0) {
		o->url.ca_file = getenv("STORE_CA");
		d->store = store_open(o, d->base, &err);
	}
	if (!d->store)
		fprintf(stderr, "driver: %s\n", err.text);
	return d->store;
}

int main(int argc, char **argv)
{
	struct store_options o = { .connect_timeout = 2, .answer_timeout = 5 };
	struct driver d = { .arena = arena_new() };
	struct arena *kept = arena_new();
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int opt;

	while ((opt = getopt(argc, argv, "t:m:r")) != -1) {
		if (opt == 't')
			d.timeout = strtod(optarg, NULL);
		else if (opt == 'm')
			o.map_size = strtoull(optarg, NULL, 10);
		else if (opt == 'r')
			o.read_only = true;
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	if (!open_store(&d, kept, &o, argv[optind]))
		return 1;
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		read_line(&d, line);
	}
	if (d.batch.n)
		ask(&d);
	free(line);
	store_close(&d.store);
	event_base_free(d.base);
	arena_free(&d.arena);
	arena_free(&kept);
	return 0;
}
