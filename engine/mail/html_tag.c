/*
 * Tables of tags and attributes; see html_tag.h. SpamAssassin also lists
 * <marquee> among the tags with a style, but as it is no element nothing ever
 * comes of it.
 */
#include "mail/html_tag.h"

#include "mail/html.h"
#include "mail/html_int.h"

#define SPACE_NONE { "", 0 }
#define SPACE_BLANK STR(" ")
#define SPACE_LINE STR("\n")
#define SPACE_PARA STR("\n\n")
#define HTML_URI_NONE 0

static const struct html_tag_facts tags[HTML_TAGS] = {
#define X(tag, text, is_element, makes, changes, links) \
	[HTML_TAG_##tag] = { STR(text), is_element, SPACE_##makes, \
			     STYLE_##changes, HTML_URI_##links },
	HTML_TAG_LIST(X)
#undef X
};

static const struct {
	struct str name;
	enum html_attr_id id;
} attrs[] = {
	{ STR("action"), ATTR_ACTION },
	{ STR("alink"), ATTR_ALINK },
	{ STR("background"), ATTR_BACKGROUND },
	{ STR("bgcolor"), ATTR_BGCOLOR },
	{ STR("color"), ATTR_COLOR },
	{ STR("content"), ATTR_CONTENT },
	{ STR("data-saferedirecturl"), ATTR_SAFEREDIRECT },
	{ STR("face"), ATTR_FACE },
	{ STR("height"), ATTR_HEIGHT },
	{ STR("href"), ATTR_HREF },
	{ STR("http-equiv"), ATTR_HTTP_EQUIV },
	{ STR("link"), ATTR_LINK },
	{ STR("size"), ATTR_SIZE },
	{ STR("src"), ATTR_SRC },
	{ STR("style"), ATTR_STYLE },
	{ STR("text"), ATTR_TEXT },
	{ STR("vlink"), ATTR_VLINK },
	{ STR("width"), ATTR_WIDTH },
};

enum html_tag html_tag_find(struct str name)
{
	size_t from = HTML_TAG_NONE + 1, to = HTML_TAGS;

	while (from < to) {
		size_t mid = (from + to) / 2;
		int cmp = str_icmp(name, tags[mid].name);

		if (cmp == 0)
			return mid;
		if (cmp < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return HTML_TAG_NONE;
}

const struct html_tag_facts *html_tag_facts(enum html_tag tag)
{
	return &tags[tag];
}

int html_attr_find(struct str name)
{
	size_t from = 0, to = sizeof(attrs) / sizeof(*attrs);

	while (from < to) {
		size_t mid = (from + to) / 2;
		int cmp = str_icmp(name, attrs[mid].name);

		if (cmp == 0)
			return attrs[mid].id;
		if (cmp < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return -1;
}
