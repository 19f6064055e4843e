/*
 * What sendmail's access database says of the senders and of the relay that
 * delivered the message (SpamAssassin's AccessDB). Everything the senders'
 * addresses and domains, the relay's name and its address could be listed by
 * is looked up, with and without "From:" in front; a refusal hits, unless an
 * entry that is looked up later lets the sender in.
 *
 * The database is read when rules are loaded, so a changed one counts from the
 * next reload on.
 */
#include "eval/eval.h"

#include <pwd.h>
#include <unistd.h>

#include "base/arena.h"
#include "eval/access_db.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/relay.h"

static const char *const letting_in[] = { "OK", "SKIP", NULL };
static const char *const refusing[] = { "REJECT", "ERROR", "DISCARD", NULL };

/* A question to the database, asked key by key. */
struct lookup {
	struct arena *arena;
	const struct access_db *db;
	bool refused;
	bool let_in;		/* nothing more is asked */
};

/* The word that an entry begins with; "" if it begins with something else. */
static struct str verdict_word(struct str value)
{
	size_t n = 0;

	while (n < value.n && is_word((unsigned char)value.p[n]))
		n++;
	return str_head(value, n);
}

static bool is_one_of(struct str word, const char *const *list)
{
	for (; *list; list++)
		if (str_ieq(word, str_cstr(*list)))
			return true;
	return false;
}

/* A reply of SMTP's, such as 550. */
static bool is_number(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!is_digit((unsigned char)word.p[i]))
			return false;
	return word.n > 0;
}

/* The entry of key, which some systems end with a NUL. */
static const struct str *entry_of(const struct lookup *l, struct str key)
{
	const struct str *value;

	if (key.n > l->db->longest)
		return NULL;
	value = map_get(&l->db->entries, key);
	if (value || key.n == l->db->longest)
		return value;
	return map_get(&l->db->entries,
		       str_cat(l->arena, key, str_make("", 1)));
}

static void ask_exactly(struct lookup *l, struct str key)
{
	const struct str *value = l->let_in ? NULL : entry_of(l, key);
	struct str word;

	if (!value)
		return;
	word = verdict_word(*value);
	l->let_in = is_one_of(word, letting_in);
	if (l->let_in)
		l->refused = false;
	else if (is_one_of(word, refusing) || is_number(word))
		l->refused = true;
}

static void ask(struct lookup *l, struct str key)
{
	if (key.n + 5 <= l->db->longest)
		ask_exactly(l, str_cat(l->arena, STR("From:"), key));
	ask_exactly(l, key);
}

/* A name, and all names above it. */
static void ask_name(struct lookup *l, struct str name)
{
	ssize_t dot;

	for (;;) {
		ask(l, name);
		dot = str_chr(name, '.');
		if (dot < 0)
			return;
		name = str_from(name, (size_t)dot + 1);
	}
}

/* An address and the networks it lies in; of an IPv6 one its decimal digits,
 * which is what SpamAssassin makes of it. */
static void ask_address(struct lookup *l, struct str ip)
{
	char *p = arena_text(l->arena, ip.n + 1);
	struct str key = str_make(p, 0);

	for (size_t i = 0; i < ip.n; i++)
		if (is_digit((unsigned char)ip.p[i]) || ip.p[i] == '.')
			p[key.n++] = ip.p[i];
	for (;;) {
		ssize_t dot = str_rchr(key, '.');

		ask(l, key);
		if (dot < 0)
			return;
		key = str_head(key, (size_t)dot);
	}
}

/* Empty or "0": to Perl there is none. */
static bool is_none(struct str s)
{
	return !s.n || str_eq(s, STR("0"));
}

static void ask_sender(struct lookup *l, struct str from)
{
	ssize_t sign = str_chr(from, '@');
	struct str user = sign < 0 ? from : str_head(from, (size_t)sign);
	struct str domain = sign < 0 ? STR("")
				     : str_from(from, (size_t)sign + 1);

	ask(l, from);
	if (!is_none(user))
		ask(l, str_cat(l->arena, user, STR("@")));
	if (!is_none(domain))
		ask_name(l, domain);
}

static int check_access_database(struct eval_ctx *c, const struct strs *args)
{
	const struct relay_list *relays = &message_relays(c->msg)->untrusted;
	const struct strs *from = message_from_addrs_written(c->msg);
	struct lookup l = { .arena = c->arena, .db = c->prepared };

	(void)args;
	for (size_t i = 0; i < from->n && !l.let_in; i++)
		ask_sender(&l, from->v[i]);
	if (relays->n) {
		if (!relays->v[0]->no_reverse_dns)
			ask_name(&l, relays->v[0]->lc_rdns);
		ask_address(&l, relays->v[0]->ip);
	}
	return l.refused;
}

/* "~/x" and "~user/x" as a path. */
static const char *expand_home(struct arena *a, struct str path)
{
	const struct passwd *pw;
	ssize_t end;
	struct str name;

	if (!path.n || path.p[0] != '~')
		return str_dup(a, path).p;
	end = str_chr(path, '/');
	name = str_head(path, end < 0 ? path.n : (size_t)end);
	pw = name.n > 1 ? getpwnam(str_dup(a, str_from(name, 1)).p)
			: getpwuid(geteuid());
	return str_printf(a, "%s%.*s", pw && pw->pw_dir ? pw->pw_dir : "",
			  STR_ARG(str_from(path, name.n))).p;
}

static void *read_database(struct arena *a, const struct strs *args,
			   struct err *err)
{
	(void)err;
	return access_db_read(a, expand_home(a, eval_arg(args, 0)));
}

const struct eval_test eval_access_tests[] = {
	{ "check_access_database", EVAL_HEADER, check_access_database,
	  read_database,
	  "sendmail's access database refuses a sender or the relay" },
	{ NULL, 0, NULL, NULL, NULL },
};
