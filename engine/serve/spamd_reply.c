/*
 * spamd's answers; see spamd_reply.h. There is no negotiation: which version a
 * client named decides only how much of the head it gets, and the answer says
 * 1.0, 1.1 or 1.5 by kind.
 */
#include "serve/spamd_reply.h"

#include "base/arena.h"

#define OK_LINE "SPAMD/1.1 0 EX_OK\r\n"

/* HEADERS ends with the first blank line, whatever its line ends. */
static struct str through_blank_line(struct str mail)
{
	for (size_t i = 0; i < mail.n; i++) {
		size_t j = i + 1;

		if (mail.p[i] != '\n')
			continue;
		if (j < mail.n && mail.p[j] == '\r')
			j++;
		if (j < mail.n && mail.p[j] == '\n')
			return str_head(mail, j + 1);
	}
	return mail;
}

static void add_spam_line(struct buf *b, const char *yes, const char *no,
			  const struct spamd_verdict *v)
{
	buf_addf(b, "Spam: %s ; %.*s / %.*s\r\n\r\n", v->spam ? yes : no,
		 STR_ARG(v->score), STR_ARG(v->required));
}

static struct str reply_mail(struct buf *b, enum spamd_word word,
			     double version, const struct spamd_verdict *v)
{
	struct str mail = v->text;

	if (word == WORD_HEADERS)
		mail = through_blank_line(mail);
	if (version >= 1.3) {
		buf_addf(b, OK_LINE "Content-length: %zu\r\n", mail.n);
		add_spam_line(b, "True", "False", v);
	} else if (version >= 1.2) {
		buf_addf(b, OK_LINE "Content-length: %zu\r\n\r\n", mail.n);
	} else {
		buf_addf(b, "SPAMD/1.0 0 EX_OK\r\n");
	}
	return mail;
}

static struct str reply_text(struct buf *b, enum spamd_word word,
			     double version, const struct spamd_verdict *v)
{
	struct str text = v->text;
	bool ifspam = word == WORD_REPORT_IFSPAM;

	if (ifspam && !v->spam)
		text = STR("");
	buf_addf(b, OK_LINE);
	if (version >= 1.3)
		buf_addf(b, "Content-length: %zu\r\n", text.n);
	add_spam_line(b, ifspam ? "Yes" : "True", ifspam ? "No" : "False", v);
	if (word == WORD_SYMBOLS && version < 1.3) {
		buf_adds(b, text);
		buf_addf(b, "\r\n");
		return STR("");
	}
	return text;
}

struct str spamd_reply(struct buf *head, enum spamd_word word, double version,
		       const struct spamd_verdict *v)
{
	switch (word) {
	case WORD_PROCESS:
	case WORD_HEADERS:
		return reply_mail(head, word, version, v);
	case WORD_CHECK:
		buf_addf(head, OK_LINE);
		add_spam_line(head, "True", "False", v);
		return STR("");
	default:
		return reply_text(head, word, version, v);
	}
}

void spamd_reply_ping(struct buf *b)
{
	buf_addf(b, "SPAMD/1.5 0 PONG\r\n");
}

void spamd_reply_tell(struct buf *b, struct str set, struct str removed)
{
	buf_addf(b, OK_LINE);
	if (set.n)
		buf_addf(b, "DidSet: %.*s\r\n", STR_ARG(set));
	if (removed.n)
		buf_addf(b, "DidRemove: %.*s\r\n", STR_ARG(removed));
	buf_addf(b, "\r\n\r\n");
}

void spamd_reply_error(struct buf *b, int code, struct str text)
{
	static const struct {
		int code;
		const char *prefix;
	} rows[] = {
		{ 69, "Service Unavailable: " },
		{ 76, "Bad header line: " },
		{ 79, "Timeout: " },
		{ 75, "EX_TEMPFAIL " },
	};

	buf_addf(b, "SPAMD/1.0 %d ", code);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].code == code)
			buf_addf(b, "%s", rows[i].prefix);
	buf_adds(b, text);
	buf_addf(b, "\r\n");
}

/* Drops (comments), innermost first, which a stack of open brackets that
 * never outgrows the output itself does in one pass. */
static struct str without_comments(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t *open = arena_alloc(a, (s.n + 1) * sizeof(*open));
	size_t n = 0, nopen = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ')' && nopen) {
			n = open[--nopen];
			continue;
		}
		if (s.p[i] == '(')
			open[nopen++] = n;
		out[n++] = s.p[i];
	}
	return str_make(out, n);
}

static struct str collapse(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		if (!is_space(s.p[i]))
			out[n++] = s.p[i];
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return str_make(out, n);
}

struct str spamd_message_id(struct arena *a, struct str header)
{
	struct str id = collapse(a, without_comments(a, header));
	ssize_t from = str_chr(id, '<');
	ssize_t len = from < 0 ? -1
			       : str_chr(str_from(id, (size_t)from + 1), '>');
	char *out;

	if (len >= 0)
		id = str_make(id.p + from + 1, (size_t)len);
	if (id.n == 0)
		return id;
	out = arena_text(a, id.n + 2);
	out[0] = '<';
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		out[i + 1] = c < 0x21 || c > 0x7e || c == '<' || c == '>' ?
			'?' : c;
	}
	out[id.n + 1] = '>';
	return str_make(out, id.n + 2);
}

/* An id that may stand in a list that is split at commas. */
static struct str safe_id(struct arena *a, struct str id)
{
	char *out = arena_text(a, id.n + 1);

	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		out[i] = (unsigned char)c <= ' ' || c == ',' ? '_' : c;
	}
	return str_make(out, id.n);
}

struct str spamd_result_line(struct arena *a, const struct spamd_result *r)
{
	struct str mid = r->mid.n ? r->mid : STR("(unknown)");
	struct str rmid = STR(""), end = STR("");

	if (r->rmid.n)
		rmid = str_cat(a, STR(",rmid="), safe_id(a, r->rmid));
	if (r->shortcircuit.p)
		end = str_cat(a, STR(",shortcircuit="), r->shortcircuit);
	return str_printf(a,
		"spamd: result: %s %2ld - %.*s scantime=%.1f,size=%zu,user=%s,"
		"uid=%u,required_score=%.*s,rhost=%s,raddr=%s,rport=%s,"
		"mid=%.*s%.*s,autolearn=%.*s%.*s",
		r->spam ? "Y" : ".", (long)r->score, STR_ARG(r->tests),
		r->scantime, r->size, r->user, r->uid, STR_ARG(r->required),
		r->rhost, r->raddr, r->rport, STR_ARG(safe_id(a, mid)),
		STR_ARG(rmid), STR_ARG(r->autolearn), STR_ARG(end));
}
