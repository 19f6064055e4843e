/*
 * HTML read as SpamAssassin reads it (reference 6.6, surprises 7, 8, 23): the
 * tokens of html_token.c become rendered text, its visible and its hidden part,
 * links, anchors, titles, comments, scripts, and the counts that html_range()
 * and kin ask for. It stands between the decoded part (part.h) and the body
 * view, the link list and the eval tests.
 */
#include "mail/html.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/html_int.h"
#include "mail/html_tag.h"
#include "mail/html_token.h"

struct reader {
	struct arena *a;
	struct html_result *r;
	struct html_lexer lx;
	bool wide;			/* the input is decoded text */
	bool utf8_octets;		/* see enum html_input */
	struct html_layout layout;
	struct html_style *style;
	struct html_links links;
	struct html_joints joints;
	struct html_attrs attrs;	/* of the start tag being read */
	struct chars_buf scratch;	/* decoded text */
	struct chars_buf anchor, title;	/* of the last <a>, <title> */
	ssize_t anchor_uri;		/* entry the anchor belongs to, or -1 */
	bool any_anchor, any_title;
	/* Opens minus closes, and whether a tag was seen at all. */
	long inside[HTML_TAGS];
	bool seen[HTML_TAGS];
	struct map others;		/* the same of tags that are none */
	double tags, tags_seen, elements, elements_seen, closed_extra;
	double image_area;
};

/* Sets a number of the result. */
static void set_value(struct reader *rd, const char *key, double value)
{
	double *v = arena_alloc(rd->a, sizeof(*v));

	*v = value;
	map_set(&rd->r->values, str_cstr(key), v);
}

/* Adds to one of the result's lists. */
static void keep(struct reader *rd, struct strs *list, struct chars c)
{
	if (list->n < LIMIT_HTML_ITEMS)
		strs_add(rd->a, list,
			 str_dup(rd->a, chars_octets(rd->a, c)));
	else
		rd->r->cut = true;
}

static bool is_inside(const struct reader *rd, enum html_tag tag)
{
	return rd->inside[tag] > 0;
}

/* Text or a value with its entities decoded: raw itself, or in the scratch
 * buffer. */
static struct chars decoded(struct reader *rd, struct str raw, bool prefix)
{
	bool wide = rd->wide || (rd->utf8_octets && html_is_utf8(raw));

	if (str_chr(raw, '&') < 0 && (wide || !rd->utf8_octets))
		return chars_of(raw, rd->wide);
	chars_buf_clear(&rd->scratch);
	html_decode(chars_of(raw, wide), prefix, &rd->scratch);
	if (rd->utf8_octets) {
		chars_buf_widen(&rd->scratch);
		rd->scratch.wide = false;
	}
	return chars_buf_get(&rd->scratch);
}

/* The value of an attribute, decoded. */
static struct chars attr_value(struct reader *rd, const struct html_attr *attr)
{
	struct chars v;

	if (!attr->value.p)
		return chars_of(attr->name, rd->wide);
	v = decoded(rd, attr->value, false);
	if (v.s.p == rd->scratch.b.p)
		v.s = str_dup(rd->a, v.s);
	return v;
}

/* True if name is like "x/href" for "/href": the attribute of bad HTML. */
static bool is_odd(struct chars name, struct str what)
{
	size_t at = 0, len;
	ssize_t found;

	while ((found = str_ifind(str_from(name.s, at), what)) >= 0) {
		at += (size_t)found;
		if (at > 0 && char_is_word(char_before(name, at, &len),
					   name.wide))
			return true;
		at++;
	}
	return false;
}

/* Takes away what the tag before left. */
static void clear_attrs(struct html_attrs *at)
{
	at->v[ATTR_HREF].s = at->v[ATTR_SRC].s = STR_NONE;
	at->odd_href.s = at->odd_src.s = STR_NONE;
	while (at->n > 0)
		at->v[at->order[--at->n]].s = STR_NONE;
}

/* Picks the attributes that matter; of two with one name the first. */
static void read_attrs(struct reader *rd, const struct html_token *tok)
{
	struct html_attrs *at = &rd->attrs;

	clear_attrs(at);
	for (size_t i = 0; i < tok->nattrs; i++) {
		const struct html_attr *attr = &tok->attrs[i];
		int id = html_attr_find(attr->name);

		if (id >= 0 && !attr_has(at, id)) {
			at->v[id] = attr_value(rd, attr);
			at->order[at->n++] = (uint8_t)id;
		} else if (id < 0 && str_chr(attr->name, '/') >= 0) {
			struct chars name = chars_of(attr->name, rd->wide);

			if (!at->odd_href.s.p && is_odd(name, STR("/href")))
				at->odd_href = attr_value(rd, attr);
			if (!at->odd_src.s.p && is_odd(name, STR("/src")))
				at->odd_src = attr_value(rd, attr);
		}
	}
}

/* True for the tags of Office documents: <o:p>, <st1:City>. */
static bool is_namespaced(struct chars name)
{
	struct str s = name.s;
	size_t i = 0, len, from;

	if (str_istarts(s, STR("o:")))
		i = 2;
	else if (s.n > 4 && str_istarts(s, STR("st")) && is_digit(s.p[2]) &&
		 s.p[3] == ':')
		i = 4;
	else
		return false;
	for (from = i; i < s.n; i += len) {
		uint32_t ch = char_at(name, i, &len);

		if (!char_is_word(ch, name.wide) && ch != '-')
			break;
	}
	return i > from && (i == s.n || (i + 1 == s.n && s.p[i] == '/'));
}

/* Where opens minus closes of a tag that is none is kept, as a pointer; NULL if
 * there are too many kinds. *seen_r: it was there already. */
static void **other_tag(struct reader *rd, struct str name, bool *seen_r)
{
	struct str low = str_lower(rd->a, name);

	*seen_r = map_has(&rd->others, low);
	if (!*seen_r && rd->others.n >= LIMIT_HTML_ITEMS) {
		rd->r->cut = true;
		return NULL;
	}
	return map_slot(&rd->others, low);
}

/* One more or one less of a tag. */
static void count_tag(struct reader *rd, enum html_tag tag, struct str name,
		      int num, bool element)
{
	void **slot = NULL;
	long *count, other = 0;
	bool seen;

	if (tag != HTML_TAG_NONE) {
		seen = rd->seen[tag];
		count = &rd->inside[tag];
		rd->seen[tag] = true;
	} else {
		slot = other_tag(rd, name, &seen);
		other = slot ? (long)(intptr_t)*slot : 0;
		count = &other;
	}
	rd->tags++;
	rd->tags_seen += !seen;
	rd->elements += element;
	rd->elements_seen += element && !seen;
	*count += num;
	if (*count < 0) {
		*count = 0;
		rd->closed_extra++;
	}
	if (slot)
		*slot = (void *)(intptr_t)*count;
}

/* Puts the texts of the anchor and the title that are being read away. */
static void end_anchor(struct reader *rd)
{
	struct chars text = chars_buf_get(&rd->anchor);

	if (!rd->any_anchor)
		return;
	keep(rd, &rd->r->anchors, text);
	if (rd->anchor_uri >= 0)
		keep(rd, &rd->r->uris[rd->anchor_uri].anchor_text, text);
	rd->any_anchor = false;
}

static void end_title(struct reader *rd)
{
	struct chars text = chars_buf_get(&rd->title);
	size_t n;

	if (!rd->any_title)
		return;
	keep(rd, &rd->r->titles, text);
	/* A title "0" is false to Perl. */
	n = str_eq(text.s, STR("0")) ? 0 : chars_count(text);
	if (n > rd->r->longest_title)
		rd->r->longest_title = n;
	rd->any_title = false;
}

static void begin_anchor(struct reader *rd, const struct html_attrs *at)
{
	struct chars href = chars_of(STR(""), false);

	end_anchor(rd);
	if (attr_has(at, ATTR_HREF))
		href = html_uri_trim(&rd->links, at->v[ATTR_HREF]);
	rd->anchor_uri = html_uri_entry(&rd->links, href);
	chars_buf_clear(&rd->anchor);
	rd->any_anchor = true;
}

/* A width or height; percent are of a screen. 200 if it is not a number. */
static double image_side(struct str s, double percent)
{
	double num = 0;
	size_t i = 0;

	if (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	for (; i < s.n && is_digit(s.p[i]); i++)
		num = num * 10 + (s.p[i] - '0');
	if (i > 0 && i + 1 == s.n && s.p[i] == '%')
		num *= percent;
	else if (i < s.n)
		num = 0;
	return num > 0 ? num : 200;
}

static void see_image(struct reader *rd, const struct html_attrs *at)
{
	if (is_inside(rd, HTML_TAG_A))
		chars_buf_add(&rd->anchor, chars_of(STR("<img>\n"), false));
	if (attr_has(at, ATTR_WIDTH) && attr_has(at, ATTR_HEIGHT))
		rd->image_area += image_side(at->v[ATTR_WIDTH].s, 8) *
			image_side(at->v[ATTR_HEIGHT].s, 6);
}

/* What is noted of single start tags. */
static void see_start(struct reader *rd, enum html_tag tag,
		      const struct html_attrs *at)
{
	switch (tag) {
	case HTML_TAG_FONT:
		if (attr_has(at, ATTR_FACE) &&
		    html_face_is_bad(at->v[ATTR_FACE]))
			set_value(rd, "font_face_bad", 1);
		break;
	case HTML_TAG_IMG:
		see_image(rd, at);
		break;
	case HTML_TAG_FORM:
		if (attr_has(at, ATTR_ACTION) &&
		    str_ifind(at->v[ATTR_ACTION].s, STR("mailto:")) >= 0)
			set_value(rd, "form_action_mailto", 1);
		break;
	case HTML_TAG_OBJECT:
	case HTML_TAG_EMBED:
		set_value(rd, "embeds", 1);
		break;
	case HTML_TAG_A:
		begin_anchor(rd, at);
		break;
	case HTML_TAG_TITLE:
		end_title(rd);
		chars_buf_clear(&rd->title);
		rd->any_title = true;
		break;
	default:
		break;
	}
}

/* A start or end tag. False: the reading ends here. */
static bool see_tag(struct reader *rd, const struct html_token *tok)
{
	bool start = tok->kind == HTML_START;
	enum html_tag tag = html_tag_find(tok->name);
	const struct html_tag_facts *facts = html_tag_facts(tag);
	struct html_attrs *at = &rd->attrs;

	count_tag(rd, tag, tok->name, start ? 1 : -1, facts->element ||
		  (tag == HTML_TAG_NONE &&
		   is_namespaced(chars_of(tok->name, rd->wide))));
	if (tag == HTML_TAG_NONE)
		return true;
	if (start)
		read_attrs(rd, tok);
	if (facts->style && start &&
	    !html_style_open(rd->style, facts->style, at))
		return false;
	if (facts->style && !start)
		html_style_close(rd->style, facts->style);
	if (facts->space.n)
		html_layout_space(&rd->layout, facts->space);
	if (start) {
		html_uri_tag(&rd->links, facts->uri, at);
		see_start(rd, tag, at);
	}
	return true;
}

static void see_text(struct reader *rd, const struct html_token *tok)
{
	struct chars text = chars_of(tok->text, rd->wide);
	int hides = 0;

	if (!tok->cdata)
		text = decoded(rd, tok->text, true);
	if (is_inside(rd, HTML_TAG_SCRIPT)) {
		keep(rd, &rd->r->scripts, text);
		return;
	}
	if (is_inside(rd, HTML_TAG_STYLE))
		return;
	if (is_inside(rd, HTML_TAG_A))
		chars_buf_add(&rd->anchor, text);
	if (is_inside(rd, HTML_TAG_TITLE))
		chars_buf_add(&rd->title, text);
	if (html_has_ink(text))
		hides = html_style_hides(rd->style);
	if (hides & LOW_CONTRAST)
		set_value(rd, "font_low_contrast", 1);
	if (hides & BAD_COLOR)
		set_value(rd, "font_invalid_color", 1);
	html_joints_see(&rd->joints, &rd->layout, text);
	html_layout_text(&rd->layout, text, hides != 0);
}

static void see_decl(struct reader *rd, struct str text)
{
	void **slot;

	if (!str_istarts(text, STR("<!doctype")))
		return;
	rd->elements++;
	rd->tags++;
	slot = map_slot(&rd->others, STR("!doctype"));
	*slot = NULL;
}

static void read_tokens(struct reader *rd)
{
	struct html_token tok;

	for (;;) {
		html_lexer_next(&rd->lx, &tok);
		switch (tok.kind) {
		case HTML_DONE:
			rd->r->broken_off = html_lexer_ignores(&rd->lx);
			return;
		case HTML_TEXT:
			see_text(rd, &tok);
			break;
		case HTML_START:
		case HTML_END:
			if (!see_tag(rd, &tok)) {
				rd->r->broken_off = true;
				return;
			}
			break;
		case HTML_COMMENT:
			keep(rd, &rd->r->comments,
			     chars_of(tok.text, rd->wide));
			break;
		case HTML_DECL:
			see_decl(rd, tok.text);
			break;
		case HTML_PROCESS:
			break;
		}
	}
}

/* The counts over the whole document. */
static void set_counts(struct reader *rd, struct chars html)
{
	size_t backhair = 0;

	set_value(rd, "length", (double)chars_count(html));
	set_value(rd, "image_area", rd->image_area);
	set_value(rd, "max_size", html_style_max_size(rd->style));
	set_value(rd, "min_size", html_style_min_size(rd->style));
	for (uint64_t bits = rd->joints.backhair; bits; bits &= bits - 1)
		backhair++;
	if (backhair)
		set_value(rd, "backhair_count", (double)backhair);
	if (!rd->tags)
		return;
	set_value(rd, "closed_extra_ratio", rd->closed_extra / rd->tags);
	if (rd->elements)
		set_value(rd, "bad_tag_ratio",
			  (rd->tags - rd->elements) / rd->tags);
	if (rd->elements_seen && rd->tags_seen)
		set_value(rd, "non_element_ratio",
			  (rd->tags_seen - rd->elements_seen) / rd->tags_seen);
	if (rd->joints.joined)
		set_value(rd, "obfuscation_ratio",
			  rd->joints.obfuscation / rd->tags);
}

static void set_inside(struct reader *rd)
{
	rd->r->inside = rd->others;
	for (int i = HTML_TAG_NONE + 1; i < HTML_TAGS; i++)
		if (rd->seen[i])
			map_set(&rd->r->inside, html_tag_facts(i)->name,
				(void *)(intptr_t)rd->inside[i]);
}

/* What SpamAssassin only knows once the document was read to its end. */
static void forget_all(struct html_result *r)
{
	r->nuris = r->uris_cap = 0;
	r->uris = NULL;
	r->anchors = r->titles = r->comments = r->scripts =
		(struct strs){ .n = 0 };
	r->longest_title = 0;
	r->uri_truncated = false;
}

static void set_texts(struct reader *rd, size_t octets)
{
	struct html_result *r = rd->r;
	struct chars text;

	html_layout_finish(&rd->layout);
	text = chars_buf_get(&rd->layout.all);
	r->text = str_dup(rd->a, text.s);
	r->wide = text.wide;
	r->visible = str_dup(rd->a, buf_str(&rd->layout.visible.b));
	r->visible_wide = rd->layout.visible.wide;
	r->invisible = str_dup(rd->a, buf_str(&rd->layout.invisible.b));
	r->invisible_wide = rd->layout.invisible.wide;
	set_value(rd, "html_length", (double)chars_count(text));
	set_value(rd, "non_space_len",
		  (double)(chars_count(text) - chars_count_spaces(text)));
	html_set_octets(r, octets);
}

static void finish(struct reader *rd, struct chars html)
{
	set_value(rd, "html", 1);
	end_anchor(rd);
	end_title(rd);
	rd->r->deep = html_style_deep(rd->style);
	if (rd->r->broken_off) {
		forget_all(rd->r);
	} else {
		set_counts(rd, html);
		set_inside(rd);
	}
	set_texts(rd, html.s.n);
	html_lexer_free(&rd->lx);
	html_style_free(&rd->style);
	html_layout_free(&rd->layout);
	chars_buf_free(&rd->scratch);
	chars_buf_free(&rd->anchor);
	chars_buf_free(&rd->title);
}

struct html_result *html_parse(struct arena *a, struct str html,
			       enum html_input input)
{
	struct html_result *r = arena_alloc(a, sizeof(*r));
	struct reader rd = { .a = a, .r = r, .wide = input == HTML_DECODED,
			     .utf8_octets = input == HTML_UTF8_OCTETS };

	r->inside = r->values = rd.others = MAP_IN(a);
	r->decoded = rd.wide;
	rd.links = (struct html_links){ .a = a, .r = r, .index = MAP_IN(a),
					.base = chars_of(STR(""), false) };
	html_lexer_init(&rd.lx, html_prepare(a, chars_of(html, rd.wide)));
	html_layout_init(&rd.layout);
	rd.style = html_style_new();
	chars_buf_init(&rd.scratch);
	chars_buf_init(&rd.anchor);
	chars_buf_init(&rd.title);
	read_tokens(&rd);
	finish(&rd, chars_of(html, rd.wide));
	return r;
}

void html_set_octets(struct html_result *h, size_t octets)
{
	double *ratio = map_get(&h->values, STR("ratio"));
	double length = 0;

	html_value(h, STR("html_length"), &length);
	if (!octets)
		return;
	if (!ratio) {
		ratio = arena_alloc(h->values.arena, sizeof(*ratio));
		map_set(&h->values, STR("ratio"), ratio);
	}
	*ratio = ((double)octets - length) / (double)octets;
}

bool html_value(const struct html_result *h, struct str key, double *value_r)
{
	const double *v = map_get(&h->values, key);

	if (v)
		*value_r = *v;
	return v != NULL;
}
