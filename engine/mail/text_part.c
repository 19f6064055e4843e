/*
 * From the MIME tree to the texts that rspamd's rules read. A text's links
 * come from its HTML first (what each link shows is compared with where it
 * leads: another domain is phishing), then from its text; what the subject
 * names is added last. Links are cut out of the text before it is cut into
 * words.
 */
#include "mail/text_part.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/charset.h"
#include "mail/ctype.h"
#include "mail/detect.h"
#include "mail/dom.h"
#include "mail/guess.h"
#include "mail/message.h"
#include "mail/part.h"

/* What a link shows is looked at so far. */
#define SHOWN_MAX 512
/* Words of two texts together that are compared. */
#define COMPARE_MAX 8192

struct str part_sent(struct arena *a, struct part *p)
{
	if (!p->raw.p)
		return STR("");
	if (p->parent && str_starts(p->parent->declared_type,
				    STR("multipart/")))
		return str_cat(a, p->raw, STR("\n"));
	return p->raw;
}

struct str part_content(struct arena *a, struct part *p)
{
	struct str cte = part_header(p, STR("content-transfer-encoding"));
	struct str s = part_decoded(p);

	if (!s.p)
		return STR("");
	if (!str_ieq(str_trim(cte), STR("base64")) && p->parent &&
	    str_starts(p->parent->declared_type, STR("multipart/")))
		return str_cat(a, s, STR("\n"));
	return s;
}

/* ---- links ---- */

struct gatherer {
	struct arena *a;
	struct mail_texts *texts;
	struct text_part *tp;	/* NULL: the subject */
	struct words_gap *gaps;
	size_t ngaps, gaps_cap;
	unsigned extra;		/* flags of what is found */
	struct link *link;	/* whose shown text is looked at */
	struct str shown;
	size_t base;		/* where in the content the text begins */
};

static bool has_link(const struct text_part *tp, const struct link *l)
{
	return tp->nlinks && tp->links[l->part_order - 1] == l;
}

/* Adds a link to the message's and the part's. */
static struct link *gather(struct gatherer *g, struct link *l)
{
	struct text_part *tp = g->tp;

	l = links_add(&g->texts->links, l);
	if (!l || !tp)
		return l;
	if (l->part_order && l->part_order <= tp->nlinks && has_link(tp, l))
		return l;
	tp->links = arena_grow(g->a, tp->links, tp->nlinks, &tp->links_cap,
			       sizeof(*tp->links));
	tp->links[tp->nlinks++] = l;
	l->part_order = (unsigned)tp->nlinks;
	return l;
}

static bool on_query(void *ctx, const struct link_find *found)
{
	struct gatherer *g = ctx;

	found->link->flags &= ~(unsigned)LINK_TEXT;
	found->link->flags |= LINK_QUERY;
	return gather(g, found->link) != NULL;
}

static void gather_query(struct gatherer *g, const struct link *l)
{
	if (l->query.n)
		link_find_in_query(g->a, l->query, on_query, g);
}

/* Bytes [start, end) of the content are a link, not words. */
static void add_gap(struct gatherer *g, size_t start, size_t end,
		    struct str host)
{
	if (g->ngaps && g->gaps[g->ngaps - 1].end > start)
		return;
	g->tp->links_length += end - start;
	g->gaps = arena_grow(g->a, g->gaps, g->ngaps, &g->gaps_cap,
			     sizeof(*g->gaps));
	g->gaps[g->ngaps++] = (struct words_gap){ start, end, host };
}

/* Written as "example.com", without a scheme or "www." */
static bool is_bare_name(const struct link *l)
{
	return (l->flags & LINK_SCHEMALESS) && l->proto != LINK_MAILTO &&
	       !str_starts(l->host, STR("www.")) &&
	       !str_starts(l->host, STR("ftp."));
}

/* Text that begins with an address. */
static bool on_shown(void *ctx, const struct link_find *found)
{
	struct gatherer *g = ctx;
	struct link *shown = found->link, *l = g->link;
	struct str text = g->tp->content;
	size_t known = g->texts->links.n;

	if (found->start != 0)
		return false;
	if (g->shown.p >= text.p && g->shown.p < text.p + text.n)
		add_gap(g, (size_t)(g->shown.p - text.p),
			(size_t)(g->shown.p - text.p) + found->end,
			shown->host);
	l->flags |= LINK_URL_DISPLAYED;
	/* As rspamd counts: as a link, as what it shows, and as text, if it
	 * is to be found there. */
	shown->count += !is_bare_name(shown);
	if (str_eq(shown->text, l->text) && shown->proto == l->proto) {
		l->count += shown->count;
		return false;
	}
	shown->flags &= ~(unsigned)(LINK_TEXT | LINK_SCHEMALESS);
	shown->flags |= LINK_HTML_DISPLAYED;
	if (shown->proto != LINK_MAILTO && l->proto != LINK_MAILTO &&
	    !str_ieq(shown->tld, l->tld)) {
		l->flags |= LINK_PHISHED;
		l->shown = shown;
	}
	/* And once more when it is new. */
	shown = gather(g, shown);
	if (shown && shown->order > known)
		shown->count++;
	return false;
}

static void gather_node(struct gatherer *g, struct dom_node *node)
{
	bool is_a = str_eq(node->name, STR("a"));
	struct link *l = node->link, *kept;

	if (node->image && node->image->link) {
		kept = gather(g, node->image->link);
		if (kept)
			node->image->link = kept;
	}
	if (!l)
		return;
	if (is_a) {
		l->visible = dom_content(node);
		g->shown = str_trim(l->visible);
		g->link = l;
		if (g->shown.n && g->shown.n <= SHOWN_MAX)
			link_find_all(g->a, g->shown, on_shown, g);
	}
	if (!is_a)
		l->flags |= LINK_SPECIAL;
	else if (!node->style.visible)
		l->flags |= LINK_INVISIBLE;
	kept = gather(g, l);
	gather_query(g, l);
	if (kept)
		node->link = kept;
}

static bool on_text(void *ctx, const struct link_find *found)
{
	struct gatherer *g = ctx;
	struct link *l;

	if (!g->tp)
		found->link->flags &= ~(unsigned)LINK_TEXT;
	/* A bare name in a subject is a brand more often than a link, and in
	 * HTML it would have been made one. */
	if ((!g->tp || g->tp->html) && is_bare_name(found->link))
		return true;
	found->link->flags |= g->extra;
	l = gather(g, found->link);
	if (!l)
		return false;
	gather_query(g, found->link);
	if (g->tp)
		add_gap(g, g->base + found->start, g->base + found->end,
			l->host);
	return true;
}

/* The links in the text, but for the stretches that are known to be some. */
static void gather_text(struct gatherer *g)
{
	struct words_gap *known = g->gaps;
	size_t nknown = g->ngaps, at = 0;
	struct str text = g->tp->content;

	g->gaps = NULL;
	g->ngaps = g->gaps_cap = g->tp->links_length = 0;
	for (size_t i = 0; i <= nknown; i++) {
		size_t end = i < nknown ? known[i].start : text.n;

		g->base = at;
		link_find_all(g->a, str_make(text.p + at, end - at), on_text,
			      g);
		if (i == nknown)
			break;
		add_gap(g, end, known[i].end, known[i].host);
		at = known[i].end;
	}
}

/* ---- one text ---- */

static void count_line(struct text_stats *st, struct str line)
{
	bool begun = false;

	if (line.n && line.p[line.n - 1] == '\n') {
		st->lines++;
		line.n--;
	}
	st->empty_lines += line.n == 0;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c == ' ') {
			st->spaces++;
			st->double_spaces += begun && line.p[i - 1] == ' ' &&
				i > 1 && line.p[i - 2] != ' ';
			continue;
		}
		begun = true;
		st->non_spaces++;
		st->non_ascii += c >> 7;
		st->capitals += is_upper(c);
		st->digits += is_digit(c);
	}
}

static void count(struct text_part *tp)
{
	struct text_stats *st = &tp->stats;
	struct str rest = tp->content, line;

	while (str_next_line(&rest, &line))
		count_line(st, line);
	/* The end of the last line is none between two. */
	st->lines -= st->lines != 0;
	st->ascii = st->non_spaces - st->non_ascii;
}

/* The declared charset; of text that does not declare one, what it looks
 * like. */
static struct str charset_of(struct str text, struct str declared)
{
	struct str guess;

	if (declared.n && !str_ieq(declared, STR("us-ascii")))
		return declared;
	if (!count_8bit(text) || utf8_is_strict(text))
		return STR("us-ascii");
	guess = charset_guess(text);
	return guess.n ? guess : STR("us-ascii");
}

static struct text_part *make_text(struct arena *a, struct mail_texts *t,
				   struct part *p, bool html)
{
	struct text_part *tp = arena_alloc(a, sizeof(*tp));
	struct gatherer g = { .a = a, .texts = t, .tp = tp };

	tp->part = p;
	tp->html = html;
	tp->raw = part_sent(a, p);
	tp->parsed = part_content(a, p);
	tp->utf8 = charset_decode(a, tp->parsed,
				  charset_of(tp->parsed, p->charset),
				  CHARSET_BODY, NULL);
	tp->has_8bit = count_8bit(tp->parsed) != 0;
	tp->has_8bit_raw = count_8bit(tp->raw) != 0;
	tp->content = tp->utf8;
	if (html) {
		tp->dom = dom_parse(a, tp->utf8);
		tp->content = tp->dom->text;
		for (size_t i = 0; i < tp->dom->n; i++)
			gather_node(&g, tp->dom->nodes[i]);
	}
	gather_text(&g);
	tp->gaps = g.gaps;
	tp->ngaps = g.ngaps;
	count(tp);
	return tp;
}

const struct words *text_part_words(struct arena *a, struct text_part *tp)
{
	if (!tp->words_made) {
		tp->words_made = true;
		words_split(a, tp->content, tp->gaps, tp->ngaps, &tp->words);
		tp->language = words_language(&tp->words);
	}
	return &tp->words;
}

/* ---- the message ---- */

/* Plain text or HTML: rspamd's texts. Tables and the like are none. */
static bool text_kind(const struct ctype *ct, struct part *p, bool *html_r)
{
	static const char *const others[] = { "csv", "calendar", "css",
		"vcard", "x-vcard", "xml", "javascript" };
	const struct detect_kind *k;

	if (!part_is_leaf(p) || !str_eq(ct->type, STR("text")))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_eq(ct->subtype, str_cstr(others[i])))
			return false;
	*html_r = str_eq(ct->subtype, STR("html")) ||
		str_eq(ct->subtype, STR("xhtml"));
	/* HTML that is declared plain text is shown as HTML by some. */
	if (!*html_r) {
		k = detect_file(str_head(part_decoded(p), 4096));
		*html_r = k && str_eq(str_cstr(k->ext), STR("html"));
	}
	return true;
}

static struct ctype declared_type(struct arena *a, struct part *p)
{
	struct str value = part_header(p, STR("content-type"));
	struct ctype ct = ctype_parse(a, value);

	if (str_trim(value).n == 0 && p->parent &&
	    str_eq(p->parent->declared_type, STR("multipart/digest"))) {
		ct.type = STR("message");
		ct.subtype = STR("rfc822");
	}
	return ct;
}

struct str mime_node_name(struct arena *a, const struct mime_node *node)
{
	struct ctype cd = ctype_parse(a, part_header(node->part,
					STR("content-disposition")));
	struct str name = ctype_param(&cd, STR("filename"));

	if (!name.n)
		name = ctype_param(&node->type, STR("name"));
	if (!name.n)
		name = node->part->name;
	return name.n ? name : STR_NONE;
}

/* The node and those below it; the depth is that of the MIME tree. */
static struct mime_node *add_node(struct arena *a, struct mail_texts *t,
				  struct part *p, struct mime_node *parent)
{
	struct mime_node *node = arena_alloc(a, sizeof(*node));
	bool html;

	node->part = p;
	node->parent = parent;
	node->id = t->nnodes;
	t->nodes = arena_grow(a, t->nodes, t->nnodes, &t->nodes_cap,
			      sizeof(*t->nodes));
	t->nodes[t->nnodes++] = node;
	node->type = declared_type(a, p);
	if (text_kind(&node->type, p, &html)) {
		node->text = make_text(a, t, p, html);
		node->text->node = node;
		t->texts = arena_grow(a, t->texts, t->ntexts, &t->texts_cap,
				      sizeof(*t->texts));
		t->texts[t->ntexts++] = node->text;
	}
	node->nchildren = p->nchildren;
	node->children = arena_alloc(a, (p->nchildren + 1) *
				     sizeof(*node->children));
	for (size_t i = 0; i < p->nchildren; i++)
		node->children[i] = add_node(a, t, p->children[i], node);
	return node;
}

struct mail_texts *mail_texts_make(struct arena *a, struct message *m)
{
	struct mail_texts *t = arena_alloc(a, sizeof(*t));
	struct gatherer g = { .a = a, .texts = t, .extra = LINK_SUBJECT |
			      LINK_HTML_DISPLAYED };
	struct str subject = message_header(m, STR("subject"), false);

	t->links = (struct links){ .arena = a, .by_text = MAP_IN(a) };
	add_node(a, t, m->root, NULL);
	if (subject.n)
		link_find_all(a, subject, on_text, &g);
	if (t->links.cut)
		m->flags |= MSG_URIS_CUT;
	return t;
}

/* ---- two texts compared ---- */

static size_t word_hashes(struct arena *a, const struct words *w,
			  uint64_t **hashes_r)
{
	uint64_t *h = arena_alloc(a, (w->n + 1) * sizeof(*h));
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].is_link)
			h[n++] = str_hash(w->v[i].norm);
	*hashes_r = h;
	return n;
}

/* rspamd's distance of two lists of words. To put a word in or out costs one.
 * It means a word in another's place to cost two, but takes that of words that
 * are the same; its rules live with the answers, so they are given here. */
static size_t word_distance(struct arena *a, const uint64_t *x, size_t nx,
			    const uint64_t *y, size_t ny)
{
	uint32_t *row = arena_alloc(a, (nx + 1) * sizeof(*row));

	for (size_t i = 0; i <= nx; i++)
		row[i] = (uint32_t)i;
	for (size_t k = 1; k <= ny; k++) {
		uint32_t corner = row[0];

		row[0] = (uint32_t)k;
		for (size_t i = 1; i <= nx; i++) {
			uint32_t best = corner + (x[i - 1] == y[k - 1]) * 2;

			corner = row[i];
			if (row[i] + 1 < best)
				best = row[i] + 1;
			if (row[i - 1] + 1 < best)
				best = row[i - 1] + 1;
			row[i] = best;
		}
	}
	return row[nx];
}

void mail_texts_compare(struct arena *a, struct mail_texts *t)
{
	struct text_part *x, *y;
	struct part *parent;
	uint64_t *hx, *hy;
	size_t nx, ny;

	t->distance_known = false;
	if (t->ntexts != 2)
		return;
	x = t->texts[0];
	y = t->texts[1];
	parent = x->part->parent;
	if (!parent || parent != y->part->parent || x->html == y->html ||
	    !str_eq(parent->declared_type, STR("multipart/alternative")) ||
	    x->content.n == 0 || y->content.n == 0)
		return;
	nx = word_hashes(a, text_part_words(a, x), &hx);
	ny = word_hashes(a, text_part_words(a, y), &hy);
	if (nx + ny == 0)
		return;
	t->distance_known = true;
	t->total_words = nx + ny;
	t->distance = nx + ny > COMPARE_MAX ? 0 :
		(double)word_distance(a, hx, nx, hy, ny) / (double)(nx + ny);
}

struct mail_texts *message_texts(struct message *m)
{
	if (!m->memo[MEMO_TEXTS])
		m->memo[MEMO_TEXTS] = mail_texts_make(m->arena, m);
	return m->memo[MEMO_TEXTS];
}
