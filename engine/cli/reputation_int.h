/*
 * What the files of `mekiki reputation` share: what is asked of the store, and
 * how it is shown.
 */
#ifndef MEKIKI_CLI_REPUTATION_INT_H
#define MEKIKI_CLI_REPUTATION_INT_H

#include "base/json.h"
#include "base/memory.h"
#include "cli/memory.h"
#include "redis/reputation_admin.h"

struct settings;

enum target_type { TARGET_EVIDENCE, TARGET_TEXT, TARGET_MESSAGE };

/* Something that may be kept. */
struct target {
	enum target_type type;
	struct evidence_key who;	/* of evidence */
	struct str key;			/* in the store */
	bool guessed;		/* not said in so many words: is shown only if
				 * something is known of it */
};

struct targets {
	struct target *v;
	size_t n, cap;
};

struct reputation_cli {
	struct arena *arena;
	struct memory_client *client;
	const struct settings *settings;
	int64_t now;
	struct json *json;	/* NULL: for people, to standard output */
	size_t shown;		/* what something was known of */
};

/* reputation_key.c: the keys that a word of the command line means ("ip:...",
 * an address, a domain, "mekiki:..."). False if it is no such thing. */
bool reputation_targets(struct arena *a, struct str word,
			struct targets *out);
void reputation_target_add(struct arena *a, struct targets *out,
			   const struct target *t);

/* 0, or -1 and err; errors among the replies are such errors. */
int reputation_ask(const struct reputation_cli *c, struct store_batch *b,
		   struct memory_answer *out_r, struct err *err);

/* reputation_show.c: the same results. */
int reputation_show(struct reputation_cli *c, const struct target *t,
		    struct err *err);
int reputation_show_top(struct reputation_cli *c, enum evidence_kind kind,
			struct str day, int most, bool best, struct err *err);

#endif
