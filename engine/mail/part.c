/*
 * Leaves of the MIME tree: their type and name, their bytes behind the
 * transfer encoding, and their text. Perl keeps a flag with each string that
 * tells characters from octets, and it decides what a body rule sees
 * (surprise 7): text that was all ASCII stays octets, so that an entity in
 * its HTML becomes one Latin-1 byte; text from a charset is characters.
 * rendered_utf8 is that flag.
 */
#include "mail/part.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/charset.h"
#include "mail/content_type.h"
#include "mail/decode.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "mail/settings.h"
#include "mail/unicode.h"

struct str part_header(struct part *p, struct str name)
{
	struct header *h = headers_last(&p->headers, name);

	return h ? header_text(p->msg->arena, p->msg->settings, h) : STR("");
}

/* *.htm, *.html, *.shtm, *.shtml: HTML whatever its type says. */
static bool is_html_name(struct str name)
{
	if (str_ends(name, STR("\n")))
		name.n--;
	return str_iends(name, STR(".html")) || str_iends(name, STR(".htm")) ||
	       str_iends(name, STR(".shtml")) || str_iends(name, STR(".shtm"));
}

void mime_leaf(struct mime_reader *rd, const struct mime_job *job)
{
	struct arena *a = rd->m->arena;
	struct part *p = job->part;
	struct content_type ct = content_type_parse(a,
		part_header(p, STR("content-type")));

	/* A multipart that has no boundary is plain text. */
	if (!ct.missing)
		p->declared_type = str_starts(ct.type, STR("multipart/")) &&
			!job->boundary.p ? STR("text/plain") : ct.type;
	p->charset = ct.charset.p ? str_lower(a, ct.charset) : STR_NONE;
	p->name = disposition_name(part_header(p, STR("content-disposition")));
	if (!p->name.p && ct.name.n && !str_eq(ct.name, STR("0")))
		p->name = ct.name;
	p->boundary = job->boundary;
	p->type = is_html_name(p->name) ? STR("text/html") : p->declared_type;
	p->raw = job->blank_first ? str_cat(a, STR("\n"), job->body)
		: str_make(job->body.p ? job->body.p : "", job->body.n);
}

/* True for "text" and "message" as whole words in front. */
static bool is_text_type(struct str type)
{
	size_t n = str_starts(type, STR("text")) ? 4 :
		str_starts(type, STR("message")) ? 7 : 0;

	return n && (type.n == n || !is_word((unsigned char)type.p[n]));
}

static struct str transfer_decode(struct part *p)
{
	struct arena *a = p->msg->arena;
	struct str cte = part_header(p, STR("content-transfer-encoding"));

	if (str_ieq(cte, STR("quoted-printable")))
		return crlf_to_lf(a, decode_qp(a, p->raw));
	if (str_ieq(cte, STR("base64"))) {
		struct str s = decode_base64(a, p->raw);

		return is_text_type(p->declared_type) ? crlf_to_lf(a, s) : s;
	}
	return p->raw;
}

struct str part_decoded(struct part *p)
{
	if (p->decoded_made)
		return p->decoded;
	p->decoded_made = true;
	p->decoded = p->raw.p ? transfer_decode(p) : STR_NONE;
	return p->decoded;
}

/* Characters instead of octets, if the settings and the text want it. */
static struct str to_characters(struct part *p, struct str text, bool *utf8_r)
{
	struct str charset = p->charset.p ? p->charset : STR("us-ascii");

	*utf8_r = false;
	if (p->msg->settings->normalize_charset)
		return charset_decode(p->msg->arena, text, charset,
				      CHARSET_BODY, utf8_r);
	*utf8_r = (str_ieq(charset, STR("us-ascii")) ||
		   str_ieq(charset, STR("utf-8"))) &&
		  count_8bit(text) && utf8_is_strict(text);
	return text;
}

void part_render(struct part *p)
{
	struct str text;
	size_t octets;
	bool utf8;

	if (p->rendered_made)
		return;
	p->rendered_made = true;
	p->rendered_type = p->rendered = STR_NONE;
	p->visible = p->invisible = STR_NONE;
	if (!part_is_leaf(p) || (!str_eq(p->type, STR("text/plain")) &&
				 !str_eq(p->type, STR("text/html"))))
		return;
	text = part_decoded(p);
	octets = text.n;
	text = to_characters(p, text, &utf8);
	p->rendered_type = p->type;
	if (octets && str_eq(p->type, STR("text/html"))) {
		p->html = html_parse(p->msg->arena, text,
				     utf8 ? HTML_DECODED :
				     p->msg->settings->normalize_charset ?
				     HTML_LATIN1 : HTML_UTF8_OCTETS);
		p->rendered = p->html->text;
		p->rendered_utf8 = p->html->wide;
		p->visible = p->html->visible;
		p->invisible = p->html->invisible;
		html_set_octets(p->html, octets);
		if (p->html->deep)
			p->msg->flags |= MSG_HTML_DEEP;
		if (p->html->cut)
			p->msg->flags |= MSG_URIS_CUT;
	} else {
		p->rendered = p->visible = text;
		p->rendered_utf8 = utf8;
		p->invisible = STR("");
	}
	if (p->rendered.n >= LIMIT_PART_TEXT)
		p->msg->flags |= MSG_TEXT_CUT;
}
