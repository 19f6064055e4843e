/*
 * What the functions of expressions ask of the message; see re_message.h.
 * Facts of the delivery are those that the protocol told; without one the
 * envelope sender and the last external relay stand for them, as for
 * SpamAssassin's rules.
 */
#include "lua/re_message.h"

#include "base/limits.h"
#include "lua/address.h"
#include "mail/ctype.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/relay.h"
#include "mail/text_part.h"

static void add_addresses(struct lua_run *run, struct str name,
			  struct lua_addresses *list)
{
	const struct headers *hs = &run->msg->headers;
	size_t i = headers_find(hs, name, 0);

	for (; i < hs->n; i = headers_find(hs, name, i + 1))
		lua_addresses_read(run->arena, run->msg->settings,
				   hs->v[i].raw, list);
}

const struct strs *re_recipients(struct lua_run *run)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };
	const struct str key = STR("re:recipients");
	struct strs *out = map_get(&run->memo, key);
	struct lua_addresses list = { 0 };

	if (out)
		return out;
	out = arena_alloc(run->arena, sizeof(*out));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		add_addresses(run, str_cstr(names[i]), &list);
	for (size_t i = 0; i < list.n; i++)
		strs_add(run->arena, out, list.v[i].addr);
	map_set(&run->memo, key, out);
	return out;
}

static const struct relay *last_external(struct lua_run *run)
{
	const struct relay_list *l = &message_relays(run->msg)->external;

	return l->n ? l->v[0] : NULL;
}

static struct str bare(struct str address)
{
	if (address.n >= 2 && address.p[0] == '<' &&
	    address.p[address.n - 1] == '>')
		return str_make(address.p + 1, address.n - 2);
	return address;
}

static struct str told(struct lua_run *run, struct str what)
{
	const struct lua_envelope *e = run->host.envelope;

	if (!e)
		return STR_NONE;
	if (str_ieq(what, STR("from")))
		return bare(e->from);
	if (str_ieq(what, STR("ip")))
		return e->ip;
	if (str_ieq(what, STR("helo")))
		return e->helo;
	if (str_ieq(what, STR("hostname")))
		return e->hostname;
	return str_ieq(what, STR("user")) ? e->user : STR_NONE;
}

static struct str inferred(struct lua_run *run, struct str what)
{
	const struct relay *r = last_external(run);
	const struct headers *hs = &run->msg->headers;
	size_t i;

	if (str_ieq(what, STR("from")))
		return message_envelope_sender(run->msg);
	if (str_ieq(what, STR("subject"))) {
		i = headers_find(hs, STR("Subject"), 0);
		return i < hs->n ? header_shown(run->arena,
			run->msg->settings, hs->v[i].raw) : STR_NONE;
	}
	if (!r)
		return STR_NONE;
	if (str_ieq(what, STR("ip")))
		return r->ip;
	if (str_ieq(what, STR("helo")))
		return r->helo;
	return str_ieq(what, STR("hostname")) ? r->rdns : STR_NONE;
}

struct strs re_smtp_data(struct lua_run *run, struct str what)
{
	const struct lua_envelope *e = run->host.envelope;
	struct strs out = { 0 };
	struct str one;

	if (str_ieq(what, STR("rcpt"))) {
		for (size_t i = 0; e && e->rcpts && i < e->rcpts->n; i++)
			strs_add(run->arena, &out, bare(e->rcpts->v[i]));
		return out;
	}
	one = told(run, what);
	if (!one.p)
		one = inferred(run, what);
	if (one.p)
		strs_add(run->arena, &out, one);
	return out;
}

const struct ctype *re_ctype(struct lua_run *run, struct part *p)
{
	struct str key = str_printf(run->arena, "re:ctype:%p", (void *)p);
	struct ctype *ct = map_get(&run->memo, key);

	if (!ct) {
		ct = arena_alloc(run->arena, sizeof(*ct));
		*ct = ctype_parse(run->arena, part_header(p,
				  STR("content-type")));
		map_set(&run->memo, key, ct);
	}
	return ct;
}

static bool has_8bit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

struct str re_encoding(struct part *p)
{
	static const char *const known[] = { "7bit", "8bit", "base64",
					     "quoted-printable", "uuencode" };
	struct str s = str_trim(part_header(p,
				STR("content-transfer-encoding")));

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_istarts(s, str_cstr(known[i])))
			return str_cstr(known[i]);
	if (str_istarts(s, STR("binary")))
		return STR("8bit");
	return has_8bit(p->raw) ? STR("8bit") : STR("7bit");
}

/* Text that is not what its charset says. */
static bool has_bad_unicode(struct lua_run *run)
{
	const struct mail_texts *texts = message_texts(run->msg);
	const struct str mark = STR("\xef\xbf\xbd");

	for (size_t i = 0; i < texts->ntexts; i++)
		if (str_find(texts->texts[i]->utf8, mark) >= 0 &&
		    str_find(texts->texts[i]->parsed, mark) < 0)
			return true;
	return false;
}

bool re_has_flag(struct lua_run *run, struct str name)
{
	if (str_ieq(name, STR("bad_unicode")))
		return has_bad_unicode(run);
	if (str_ieq(name, STR("broken_headers")))
		return run->msg->flags & (MSG_TRUNCATED_HEADER |
					  MSG_MISSING_HEAD_BODY_SEPARATOR);
	return str_ieq(name, STR("mime")) ||
	       map_has(&run->memo, str_cat(run->arena, STR("flag:"), name));
}
