/*
 * What is remembered of the world, for rules: how senders and linked domains
 * behaved so far, who else got this text, what Bayes says. The scan asked for
 * it before the first rule; nothing here waits, and where there is no store
 * nothing is known. All of this section is mekiki's own.
 */
#include "lua/task.h"

#include "base/memory.h"

static const struct memory_facts *known(struct lua_run *run)
{
	const struct memory_facts *m = run->host.memory;

	return m && m->state == MEMORY_KNOWN ? m : NULL;
}

/* task:is_memory_known() -> boolean, string
 * Whether the store answered: if not, all below says "nothing known", and the
 * second result says why ("" if nothing is remembered at all).
 * > local known, why = task:is_memory_known()
 * > assert(known or type(why) == "string")
 */
int task_is_memory_known(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct memory_facts *m = run->host.memory;

	lua_pushboolean(L, known(run) != NULL);
	lua_push_str(L, m && m->state == MEMORY_MISSING && m->why.p ?
		     m->why : STR(""));
	return 2;
}

static void push_evidence(lua_State *L, const struct evidence *e)
{
	lua_createtable(L, 0, 14);
	lua_field_str(L, "kind", str_cstr(evidence_word(e->key.kind)));
	lua_field_str(L, "name", e->key.name);
	lua_field_bool(L, "known", e->known);
	lua_field_num(L, "score", e->score);
	lua_field_int(L, "seen", (long)e->seen);
	lua_field_int(L, "spam", (long)e->spam);
	lua_field_int(L, "ham", (long)e->ham);
	lua_field_int(L, "people_spam", (long)e->people_spam);
	lua_field_int(L, "people_ham", (long)e->people_ham);
	lua_field_int(L, "authenticated", (long)e->authenticated);
	lua_field_int(L, "first", (long)e->first);
	lua_field_int(L, "last", (long)e->last);
}

/* task:get_reputation([kind]) -> list
 * What is known of the message's senders and links, this message not counted:
 * tables of `kind` ("ip", "net", "envelope", "from" or "url"), `name`, `known`,
 * `score` (-1 good, 0 unknown, 1 bad), `seen` (messages), `spam` and `ham` (by
 * verdict), `people_spam` and `people_ham` (by people's corrections),
 * `authenticated`, `first` and `last` (seconds since 1970; 0 if not known). With
 * a kind only its entries. Empty if nothing is remembered.
 * > for _, r in ipairs(task:get_reputation()) do
 * >   assert(r.score >= -1 and r.score <= 1 and r.seen >= 0)
 * > end
 * > local from = task:get_reputation("from")[1]
 * > assert(not from or from.name == "example.com")
 */
int task_get_reputation(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct memory_facts *m = known(run);
	struct str word = lua_str_opt(L, 2);
	int kind = word.p ? evidence_kind_named(word) : -1;
	lua_Integer n = 0;

	if (word.p && kind < 0)
		return luaL_error(L, "get_reputation: expected ip, net, "
				  "envelope, from or url");
	lua_newtable(L);
	for (size_t i = 0; m && i < m->nevidence; i++) {
		if (word.p && (int)m->evidence[i].key.kind != kind)
			continue;
		lua_spend(L, 600);
		push_evidence(L, &m->evidence[i]);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* task:get_same_text() -> table or nil
 * Who got the same text (names, addresses and numbers masked) within the last
 * `window` seconds, this message included: `domains`, `recipients` and
 * `messages`. nil if it is not known, or the text is too short to tell.
 * > local same = task:get_same_text()
 * > assert(not same or (same.messages >= 1 and same.window > 0))
 */
int task_get_same_text(lua_State *L)
{
	const struct memory_facts *m = known(task_arg(L));

	if (!m || !m->text.digest.n)
		return 0;
	lua_createtable(L, 0, 4);
	lua_field_int(L, "domains", m->text.domains);
	lua_field_int(L, "recipients", m->text.recipients);
	lua_field_int(L, "messages", m->text.messages);
	lua_field_num(L, "window", m->text.window);
	return 1;
}

static void push_clues(lua_State *L, const char *field,
		       const struct bayes_clue *clues, size_t n)
{
	lua_createtable(L, clues ? (int)n : 0, 0);
	for (size_t i = 0; clues && i < n; i++) {
		lua_spend(L, 300 + clues[i].text.n);
		lua_createtable(L, 0, 4);
		lua_field_str(L, "text", clues[i].text);
		lua_field_num(L, "probability", clues[i].probability);
		lua_field_int(L, "spam", clues[i].count.spam);
		lua_field_int(L, "ham", clues[i].count.ham);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, field);
}

/* task:get_bayes() -> number, table; or nil
 * The probability that the message is spam (0 to 1), and what it rests on:
 * `spam` and `ham` (messages that Bayes has learned), `tokens` (of this
 * message), `learned` (of those, how many Bayes knows), `spammy` and `hammy`:
 * lists, strongest first, of `text`, `probability`, `spam` and `ham`. nil if
 * Bayes can tell none.
 * > local probability, why = task:get_bayes()
 * > assert(not probability or (probability <= 1 and why.learned <= why.tokens))
 */
int task_get_bayes(lua_State *L)
{
	const struct memory_facts *m = known(task_arg(L));
	const struct bayes_verdict *b = m ? &m->bayes : NULL;

	if (!b || !b->has)
		return 0;
	lua_spend(L, 500);
	lua_pushnumber(L, b->probability);
	lua_createtable(L, 0, 6);
	lua_field_int(L, "spam", b->nspam);
	lua_field_int(L, "ham", b->nham);
	lua_field_int(L, "tokens", (long)b->tokens);
	lua_field_int(L, "learned", (long)b->learned);
	push_clues(L, "spammy", b->spammy_clues, b->spammy);
	push_clues(L, "hammy", b->hammy_clues, b->hammy);
	return 2;
}
