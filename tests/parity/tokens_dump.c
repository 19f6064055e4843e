/*
 * Prints what Bayes learns of messages, in the form of sa_tokens.pl:
 *
 *   tokens_dump [--cf LINE]... [-t TIMES] FILE...     or "-": names on stdin
 *
 * -t tokenizes each message so many times and prints the CPU time instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "conf/ruleset.h"
#include "learn/tokens.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "mail/uri.h"

#define LINES_MAX 64

struct dump {
	struct arena *a;
	const struct ruleset *rs;
	long times;
	int64_t spent;		/* microseconds */
	size_t bytes, tokens, messages;
};

static struct str escaped(struct arena *a, struct str s)
{
	struct buf b;

	buf_in(&b, a, s.n * 4 + 1);
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c < 0x20 || c > 0x7e || c == '\\')
			buf_addf(&b, "\\x%02x", c);
		else
			buf_addc(&b, c);
	}
	return buf_str(&b);
}

static void print_tokens(struct arena *a, const char *section,
			 const struct bayes_tokens *t)
{
	struct strs lines = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		const uint8_t *id = t->v[i].id;
		struct str text = escaped(a, t->v[i].text);

		strs_add(a, &lines, str_printf(a, "%02x%02x%02x%02x%02x\t%.*s",
					       id[0], id[1], id[2], id[3],
					       id[4], STR_ARG(text)));
	}
	strs_sort(&lines);
	printf("[%s]\n", section);
	for (size_t i = 0; i < lines.n; i++)
		printf("%.*s\n", STR_ARG(lines.v[i]));
}

/* All that a scan has made of a message before. */
static void prepare(struct message *m)
{
	message_visible(m);
	message_invisible(m);
	message_uris(m);
	message_relays(m);
	message_all_headers(m);
	message_envelope_sender(m);
}

static void measure(struct dump *d, struct message *m)
{
	struct arena *a = arena_new();
	int64_t start;

	prepare(m);
	start = clock_cpu_us();
	for (long i = 0; i < d->times; i++) {
		d->tokens += bayes_tokenize(a, m, d->rs->site, BAYES_SCAN)->n;
		arena_reset(a);
	}
	d->spent += clock_cpu_us() - start;
	arena_free(&a);
	d->bytes += m->pristine.n;
	d->messages++;
}

static void dump_file(struct dump *d, const char *name)
{
	const struct settings *s = d->rs->site;
	FILE *f = fopen(name, "rb");
	char chunk[65536];
	struct strs ids = { 0 };
	struct message *m;
	struct buf in;
	size_t n;

	if (!f) {
		perror(name);
		exit(1);
	}
	buf_in(&in, d->a, (size_t)1 << 30);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&in, chunk, n);
	fclose(f);
	m = message_parse(d->a, &s->mail, buf_str(&in));
	if (d->times) {
		measure(d, m);
		arena_reset(d->a);
		return;
	}
	printf("message %s\n", name);
	print_tokens(d->a, "scan", bayes_tokenize(d->a, m, s, BAYES_SCAN));
	print_tokens(d->a, "learn", bayes_tokenize(d->a, m, s, BAYES_LEARN));
	bayes_message_ids(d->a, m, &ids);
	printf("[ids]\n");
	for (size_t i = 0; i < ids.n; i++)
		printf("%.*s\n", STR_ARG(escaped(d->a, ids.v[i])));
	printf("[ignored]\n%d\n", bayes_is_ignored(m, s));
	arena_reset(d->a);
}

int main(int argc, char **argv)
{
	struct arena *conf = arena_new();
	const char *lines[LINES_MAX] = { NULL };
	struct load_options opt = { .local_only = true, .cf_lines = lines };
	struct dump d = { .a = arena_new() };
	char name[4096];
	size_t nlines = 0;
	int i = 1;

	for (; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--cf") && nlines < LINES_MAX - 1)
			lines[nlines++] = argv[i + 1];
		else if (!strcmp(argv[i], "-t"))
			d.times = strtol(argv[i + 1], NULL, 10);
		else
			break;
	}
	d.rs = ruleset_load(conf, &opt);
	for (; i < argc; i++) {
		if (strcmp(argv[i], "-") != 0) {
			dump_file(&d, argv[i]);
			continue;
		}
		while (fgets(name, sizeof(name), stdin)) {
			name[strcspn(name, "\n")] = 0;
			dump_file(&d, name);
		}
	}
	if (d.times)
		printf("%.1f microseconds, %.0f octets, %.0f tokens a message\n",
		       (double)d.spent / (double)d.times / (double)d.messages,
		       (double)d.bytes / (double)d.messages,
		       (double)d.tokens / (double)d.times / (double)d.messages);
	arena_free(&d.a);
	arena_free(&conf);
	return 0;
}
