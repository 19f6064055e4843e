/*
 * The tree and the text of an HTML document. Each start tag is a node below
 * the element that is open; an end tag closes the nearest open element of its
 * name and all inside of it. A count of open elements by name tells at once
 * that there is none, so that each tag costs only what it pops. Blocks make
 * lines, cells make blanks, white space is folded. Text of a hidden element
 * goes to a text of its own, text in the background's colour is replaced by
 * blanks. Children of a hidden element are shown, as rspamd has it, unless
 * what hides it is the size of its letters, which is handed down.
 */
#include "mail/dom.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/html_int.h"
#include "mail/html_tag.h"
#include "mail/link.h"

/* Elements kept of one document; rspamd keeps half as many. */
#define NODES_MAX 16384

enum {
	SHAPE_BLOCK = 1,	/* on lines of its own */
	SHAPE_CELL = 2,		/* between blanks */
	SHAPE_VOID = 4,		/* has no content */
	SHAPE_SILENT = 8,	/* its text is no text */
	SHAPE_ONCE = 16,	/* a document has one */
};

static const struct {
	const char *name;
	unsigned shape;
	const char *link;	/* the attribute that is a link */
} shapes[] = {
	{ "a", 0, "href" },
	{ "address", SHAPE_BLOCK, NULL },
	{ "area", SHAPE_VOID, "href" },
	{ "base", SHAPE_VOID | SHAPE_SILENT, NULL },
	{ "basefont", SHAPE_VOID, NULL },
	{ "bgsound", SHAPE_VOID, NULL },
	{ "blockquote", SHAPE_BLOCK, NULL },
	{ "body", SHAPE_ONCE, NULL },
	{ "br", SHAPE_VOID, NULL },
	{ "center", SHAPE_BLOCK, NULL },
	{ "col", SHAPE_VOID, NULL },
	{ "div", SHAPE_BLOCK, NULL },
	{ "dl", SHAPE_BLOCK, NULL },
	{ "embed", SHAPE_VOID, NULL },
	{ "fieldset", SHAPE_BLOCK, NULL },
	{ "form", SHAPE_BLOCK, "action" },
	{ "frame", SHAPE_VOID, "src" },
	{ "h1", SHAPE_BLOCK, NULL },
	{ "h2", SHAPE_BLOCK, NULL },
	{ "h3", SHAPE_BLOCK, NULL },
	{ "h4", SHAPE_BLOCK, NULL },
	{ "h5", SHAPE_BLOCK, NULL },
	{ "h6", SHAPE_BLOCK, NULL },
	{ "head", SHAPE_ONCE, NULL },
	{ "hr", SHAPE_VOID | SHAPE_BLOCK, NULL },
	{ "html", SHAPE_ONCE, NULL },
	{ "iframe", SHAPE_SILENT, "src" },
	{ "img", SHAPE_VOID, NULL },
	{ "input", SHAPE_VOID, NULL },
	{ "link", SHAPE_VOID, "href" },
	{ "meta", SHAPE_VOID, NULL },
	{ "noscript", SHAPE_BLOCK, NULL },
	{ "ol", SHAPE_BLOCK, NULL },
	{ "p", SHAPE_BLOCK, NULL },
	{ "param", SHAPE_VOID, NULL },
	{ "pre", SHAPE_BLOCK, NULL },
	{ "script", SHAPE_SILENT, NULL },
	{ "style", SHAPE_SILENT, NULL },
	{ "table", SHAPE_BLOCK, NULL },
	{ "td", SHAPE_CELL, NULL },
	{ "th", SHAPE_CELL, NULL },
	{ "title", SHAPE_SILENT | SHAPE_ONCE, NULL },
	{ "tr", SHAPE_BLOCK, NULL },
	{ "ul", SHAPE_BLOCK, NULL },
};

/* A document while it is read. */
struct reading {
	struct dom *dom;
	struct dom_css css;
	struct buf text, hidden;	/* on the heap */
	struct dom_node **open;		/* of these, depth many */
	unsigned *open_shapes;
	size_t depth, open_cap, shapes_cap;
	struct map counts;		/* name -> how many are open */
	struct str base;		/* <base href>, or none */
};

static size_t shape_find(struct str name)
{
	size_t lo = 0, hi = sizeof(shapes) / sizeof(shapes[0]);

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(name, str_cstr(shapes[mid].name));

		if (c == 0)
			return mid;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return sizeof(shapes) / sizeof(shapes[0]);
}

static unsigned shape_of(struct str name)
{
	size_t i = shape_find(name);

	return i < sizeof(shapes) / sizeof(shapes[0]) ? shapes[i].shape : 0;
}

/* Entities decoded. */
static struct str decoded(struct arena *a, struct str s, bool prefix)
{
	struct chars_buf out;
	struct str got;

	if (str_chr(s, '&') < 0)
		return s;
	chars_buf_init(&out);
	html_decode(chars_of(s, true), prefix, &out);
	got = str_dup(a, buf_str(&out.b));
	chars_buf_free(&out);
	return got;
}

struct str dom_attribute(const struct dom_node *node, struct str name)
{
	for (size_t i = 0; i < node->nattrs; i++)
		if (str_ieq(node->attrs[i].name, name))
			return node->attrs[i].value.p ?
				decoded(node->dom->arena, node->attrs[i].value,
					false) : STR("");
	return STR_NONE;
}

struct str dom_content(const struct dom_node *node)
{
	struct str all = node->in_hidden ? node->dom->hidden : node->dom->text;

	return str_head(str_from(all, node->begin), node->end - node->begin);
}

/* ---- text ---- */

static struct dom_node *innermost(struct reading *r)
{
	return r->depth ? r->open[r->depth - 1] : &r->dom->root;
}

static struct buf *text_of(struct reading *r, const struct dom_node *node)
{
	return node->in_hidden ? &r->hidden : &r->text;
}

static char last_byte(const struct buf *b)
{
	return b->n ? b->p[b->n - 1] : '\n';
}

static bool shows(const struct dom_node *node)
{
	return node->style.visible && !node->style.transparent;
}

/* Text with its white space folded. A blank that must not break is a blank
 * that does not fold. With `blanked` each octet is a blank. */
static void add_text(struct buf *b, struct str s, bool blanked)
{
	bool space = is_space(last_byte(b));

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_space(c)) {
			if (!space)
				buf_addc(b, ' ');
			space = true;
		} else if (c == 0xC2 && i + 1 < s.n &&
			   (unsigned char)s.p[i + 1] == 0xA0) {
			buf_addc(b, ' ');
			space = false;
			i++;
		} else {
			buf_addc(b, blanked ? ' ' : c);
			space = false;
		}
	}
}

static void on_text(struct reading *r, const struct html_token *tok)
{
	struct dom_node *in = innermost(r);
	unsigned shape = r->depth ? r->open_shapes[r->depth - 1] : 0;
	struct str s;

	if (str_eq(in->name, STR("style")))
		dom_css_read(&r->css, tok->text);
	if (shape & SHAPE_SILENT)
		return;
	s = tok->cdata ? tok->text :
		decoded(r->dom->arena, tok->text, true);
	add_text(text_of(r, in), s, in->style.transparent);
}

static void open_space(struct reading *r, struct dom_node *node,
		       unsigned shape)
{
	struct buf *b = &r->text;

	if (!shows(node) || b->n == 0)
		return;
	if ((shape & SHAPE_BLOCK) && last_byte(b) != '\n')
		buf_addc(b, '\n');
	else if ((shape & SHAPE_CELL) && !is_space(last_byte(b)))
		buf_addc(b, ' ');
}

static void close_space(struct reading *r, struct dom_node *node,
			unsigned shape)
{
	struct buf *b = &r->text;

	if (!shows(node) || b->n == 0)
		return;
	if (shape & SHAPE_BLOCK) {
		if (last_byte(b) == ' ' && b->n > node->begin)
			b->n--;
		if (last_byte(b) != '\n')
			buf_addc(b, '\n');
	} else if ((shape & SHAPE_CELL) && !is_space(last_byte(b))) {
		buf_addc(b, ' ');
	}
}

/* ---- elements ---- */

static struct str own_copy(struct arena *a, struct str name)
{
	return str_lower(a, name);
}

static void *count_of(size_t n)
{
	return (void *)(uintptr_t)n;
}

static size_t open_count(struct reading *r, struct str name)
{
	return (size_t)(uintptr_t)map_get(&r->counts, name);
}

static void end_node(struct reading *r, struct dom_node *node, unsigned shape)
{
	struct buf *b = text_of(r, node);

	close_space(r, node, shape);
	/* What was blanked is no text of the element. */
	node->end = node->style.transparent ? node->begin : b->n;
	if (node->end < node->begin)
		node->end = node->begin;
}

static void pop(struct reading *r)
{
	struct dom_node *node = r->open[--r->depth];

	end_node(r, node, r->open_shapes[r->depth]);
	if (node->name.p)
		map_set(&r->counts, node->name,
			count_of(open_count(r, node->name) - 1));
}

/* A number in front of a width or height. */
static long pixels(struct str s)
{
	long v = 0;
	size_t i;

	s = str_trim(s);
	for (i = 0; i < s.n && is_digit(s.p[i]) && v < 1000000; i++)
		v = v * 10 + (s.p[i] - '0');
	return v;
}

static struct link *new_link(struct reading *r, struct str href)
{
	struct arena *a = r->dom->arena;
	struct link l;
	struct str s = str_trim(href);
	ssize_t colon = str_chr(s, ':'), end = 0;

	while (end < (ssize_t)s.n && !strchr("/?#", s.p[end]))
		end++;
	/* A reference without a scheme means a page beside the base. */
	if (r->base.p && (colon < 0 || colon > end))
		s = html_uri_resolve(a, chars_of(r->base, true),
				     chars_of(s, true)).s;
	if (!link_parse(a, s, LINK_IN_HREF, &l))
		return NULL;
	l.text.n = l.text.n < LIMIT_URI ? l.text.n : LIMIT_URI;
	return memcpy(arena_alloc(a, sizeof(l)), &l, sizeof(l));
}

static void on_image(struct reading *r, struct dom_node *node)
{
	struct dom *d = r->dom;
	struct dom_image *im = arena_alloc(d->arena, sizeof(*im));
	struct str src = str_trim(dom_attribute(node, STR("src")));
	struct str alt = dom_attribute(node, STR("alt"));

	im->node = node;
	im->width = pixels(dom_attribute(node, STR("width")));
	im->height = pixels(dom_attribute(node, STR("height")));
	im->src = src;
	if (str_istarts(src, STR("cid:"))) {
		im->embedded = true;
		im->src = str_from(src, 4);
	} else if (str_istarts(src, STR("data:"))) {
		im->embedded = im->data = true;
		d->flags |= DOM_DATA_URLS;
	} else if (src.n) {
		im->link = new_link(r, src);
		if (im->link)
			im->link->flags |= LINK_IMAGE;
	}
	node->image = im;
	d->images = arena_grow(d->arena, d->images, d->nimages,
			       &d->images_cap, sizeof(*d->images));
	d->images[d->nimages++] = im;
	if (alt.n && shows(node)) {
		if (r->text.n && !is_space(last_byte(&r->text)))
			buf_addc(&r->text, ' ');
		add_text(&r->text, alt, false);
		buf_addc(&r->text, ' ');
	}
}

/* What an element means besides its text. */
static void on_element(struct reading *r, struct dom_node *node, size_t which)
{
	struct str value;

	if (which >= sizeof(shapes) / sizeof(shapes[0]))
		return;
	/* A <link> where it belongs, in the head, is of no interest. */
	if (shapes[which].link && !(str_eq(node->name, STR("link")) &&
				    open_count(r, STR("head")))) {
		value = dom_attribute(node, str_cstr(shapes[which].link));
		if (value.n)
			node->link = new_link(r, value);
	}
	if (str_eq(node->name, STR("img")))
		on_image(r, node);
	if (str_eq(node->name, STR("br")) && shows(node))
		buf_addc(&r->text, '\n');
	if (str_eq(node->name, STR("base")) && !r->base.p) {
		value = str_trim(dom_attribute(node, STR("href")));
		if (str_find(value, STR("://")) > 0)
			r->base = value;
	}
}

static struct dom_node *new_node(struct reading *r,
				 const struct html_token *tok)
{
	struct dom *d = r->dom;
	struct dom_node *node = arena_alloc(d->arena, sizeof(*node));
	struct html_attr *attrs = NULL;

	node->dom = d;
	node->leaf = true;
	node->parent = innermost(r);
	node->parent->leaf = false;
	node->name = own_copy(d->arena, tok->name);
	if (html_tag_find(node->name) == HTML_TAG_NONE)
		d->flags |= DOM_UNKNOWN_ELEMENT;
	if (tok->nattrs) {
		attrs = arena_alloc(d->arena, tok->nattrs * sizeof(*attrs));
		memcpy(attrs, tok->attrs, tok->nattrs * sizeof(*attrs));
	}
	node->attrs = attrs;
	node->nattrs = tok->nattrs;
	d->nodes = arena_grow(d->arena, d->nodes, d->n, &d->cap,
			      sizeof(*d->nodes));
	d->nodes[d->n++] = node;
	return node;
}

static void push(struct reading *r, struct dom_node *node, unsigned shape)
{
	struct arena *a = r->dom->arena;

	r->open = arena_grow(a, r->open, r->depth, &r->open_cap,
			     sizeof(*r->open));
	r->open_shapes = arena_grow(a, r->open_shapes, r->depth,
				    &r->shapes_cap, sizeof(*r->open_shapes));
	r->open[r->depth] = node;
	r->open_shapes[r->depth++] = shape;
	map_set(&r->counts, node->name,
		count_of(open_count(r, node->name) + 1));
}

static void on_start(struct reading *r, const struct html_token *tok)
{
	struct dom *d = r->dom;
	struct dom_node *node;
	unsigned shape;

	if (d->n >= NODES_MAX || r->depth >= LIMIT_HTML_DEPTH) {
		d->flags |= DOM_TOO_MANY;
		return;
	}
	node = new_node(r, tok);
	shape = shape_of(node->name);
	node->block = (shape & SHAPE_BLOCK) != 0;
	if ((shape & SHAPE_ONCE) && map_has(&d->seen, node->name))
		d->flags |= DOM_DUPLICATE_ELEMENT;
	map_set(&d->seen, node->name, node);
	dom_style_compute(&r->css, node);
	if (shape & SHAPE_SILENT)
		node->style.visible = false;
	node->in_hidden = !node->style.visible && !node->style.transparent &&
		!(shape & SHAPE_SILENT);
	node->begin = text_of(r, node)->n;
	open_space(r, node, shape);
	on_element(r, node, shape_find(node->name));
	if (shape & SHAPE_VOID) {
		node->closed = true;
		end_node(r, node, shape);
	} else {
		push(r, node, shape);
	}
}

static void on_end(struct reading *r, const struct html_token *tok)
{
	struct str name = own_copy(r->dom->arena, tok->name);

	if (shape_of(name) & SHAPE_ONCE)
		r->dom->flags |= map_has(&r->dom->seen, name) ?
			DOM_DUPLICATE_ELEMENT : 0;
	if (open_count(r, name) == 0) {
		if (!(shape_of(name) & SHAPE_VOID))
			r->dom->flags |= DOM_UNBALANCED;
		return;
	}
	while (!str_eq(innermost(r)->name, name))
		pop(r);
	innermost(r)->closed = true;
	pop(r);
}

static void read_tokens(struct reading *r, struct str html)
{
	struct html_lexer lx;
	struct html_token tok;
	bool any = false;

	html_lexer_init(&lx, html);
	for (html_lexer_next(&lx, &tok); tok.kind != HTML_DONE;
	     html_lexer_next(&lx, &tok)) {
		any |= tok.kind == HTML_START || tok.kind == HTML_END;
		if (tok.kind == HTML_TEXT)
			on_text(r, &tok);
		else if (tok.kind == HTML_START)
			on_start(r, &tok);
		else if (tok.kind == HTML_END)
			on_end(r, &tok);
		else if (tok.kind == HTML_PROCESS)
			r->dom->flags |= DOM_XML;
	}
	html_lexer_free(&lx);
	if (!any)
		r->dom->flags |= DOM_NO_HTML;
}

struct dom *dom_parse(struct arena *a, struct str html)
{
	struct dom *d = arena_alloc(a, sizeof(*d));
	struct reading r = { .dom = d, .css = { a, MAP_IN(a) },
			     .counts = MAP_IN(a) };

	d->arena = a;
	d->seen = MAP_IN(a);
	d->root = (struct dom_node){
		.dom = d, .name = STR("html"), .leaf = true, .closed = true,
		.style = { .visible = true },
	};
	buf_init(&r.text, LIMIT_PART_TEXT);
	buf_init(&r.hidden, LIMIT_PART_TEXT);
	read_tokens(&r, html);
	while (r.depth)
		pop(&r);
	d->text = str_dup(a, buf_str(&r.text));
	d->hidden = str_dup(a, buf_str(&r.hidden));
	d->root.end = d->text.n;
	buf_free(&r.text);
	buf_free(&r.hidden);
	return d;
}
