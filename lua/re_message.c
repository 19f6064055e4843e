/*
 * What the functions of expressions ask of the message; see re_message.h.
 * Facts of the delivery, told or inferred, are those of the task.
 */
#include "lua/re_message.h"

#include "lua/address.h"
#include "lua/reply.h"
#include "lua/task.h"
#include "mail/charset.h"
#include "mail/ctype.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/text_part.h"

/* How much of a part tells whether undeclared octets are 7 or 8 bit. */
#define CTE_LOOK 128

static void add_addresses(struct lua_run *run, enum task_side side,
			  enum task_world world, struct strs *out)
{
	const struct lua_addresses *list = task_addresses(run, side, world);

	for (size_t i = 0; list && i < list->n; i++)
		strs_add(run->arena, out, list->v[i].addr);
}

const struct strs *re_recipients(struct lua_run *run)
{
	const struct str key = STR("re:recipients");
	struct strs *out = map_get(&run->memo, key);

	if (out)
		return out;
	out = arena_alloc(run->arena, sizeof(*out));
	add_addresses(run, TASK_RCPT, TASK_MIME, out);
	map_set(&run->memo, key, out);
	return out;
}

static struct str user_of(struct lua_run *run)
{
	return run->host.envelope ? run->host.envelope->user : STR_NONE;
}

static struct str subject_of(struct lua_run *run)
{
	const struct headers *hs = &run->msg->headers;
	size_t i = headers_find(hs, STR("Subject"), 0);

	return i < hs->n ? header_shown(run->arena, run->msg->settings,
					hs->v[i].raw) : STR_NONE;
}

struct strs re_smtp_data(struct lua_run *run, struct str what)
{
	static const struct {
		const char *name;
		struct str (*get)(struct lua_run *run);
	} single[] = {
		{ "ip", task_client_ip }, { "helo", task_client_helo },
		{ "hostname", task_client_name }, { "user", user_of },
		{ "subject", subject_of },
	};
	struct strs out = { 0 };

	if (str_ieq(what, STR("from")))
		add_addresses(run, TASK_FROM, TASK_SMTP, &out);
	if (str_ieq(what, STR("rcpt")))
		add_addresses(run, TASK_RCPT, TASK_SMTP, &out);
	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++) {
		struct str one;

		if (!str_ieq(what, str_cstr(single[i].name)))
			continue;
		one = single[i].get(run);
		if (one.p)
			strs_add(run->arena, &out, one);
	}
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

/* The transfer encoding that the part declares, or STR_NONE. */
static struct str declared_encoding(struct part *p)
{
	static const struct {
		struct str begin;
		const char *name;
	} known[] = {
		{ { "7bit", 4 }, "7bit" }, { { "8bit", 4 }, "8bit" },
		{ { "binary", 6 }, "8bit" }, { { "base64", 6 }, "base64" },
		{ { "quoted-printable", 16 }, "quoted-printable" },
		{ { "uu", 2 }, "uuencode" }, { { "x-uu", 4 }, "uuencode" },
	};
	struct str s = str_trim(part_header(p,
				STR("content-transfer-encoding")));

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_istarts(s, known[i].begin))
			return str_cstr(known[i].name);
	return STR_NONE;
}

struct str re_encoding(struct part *p)
{
	struct str s = declared_encoding(p);

	if (s.p)
		return s;
	for (struct part *up = p->parent; up; up = up->parent) {
		s = declared_encoding(up);
		if (str_eq(s, STR("7bit")) || str_eq(s, STR("8bit")))
			return s;
		if (s.p)
			break;
	}
	if (!part_is_leaf(p))
		return STR("unknown");
	return count_8bit(str_head(p->raw, CTE_LOOK)) ? STR("8bit") :
		STR("7bit");
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
	if (str_ieq(name, STR("broken_headers")) && run->msg->flags &
	    (MSG_TRUNCATED_HEADER | MSG_MISSING_HEAD_BODY_SEPARATOR))
		return true;
	return str_ieq(name, STR("mime")) || lua_run_flag(run, name);
}
