/*
 * The site's own domains: words of own_domains lines, and files with one
 * domain a line. They are kept as a list of addresses is (lists.c), whose
 * index answers a question about a host in as many steps as it has labels.
 */
#include <errno.h>

#include "base/limits.h"
#include "conf/loader.h"
#include "conf/setters.h"

#define LIST STR("own_domains")

/* Labels of letters, digits, '-', '_' and octets over 127, with single dots
 * between. */
static bool is_domain(struct str s)
{
	int before = '.';

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '.' ? before == '.' :
		    !is_word(c) && c != '-' && c < 128)
			return false;
		before = c;
	}
	return s.n && s.n <= 253 && before != '.';
}

/* Adds a domain; "@x.y", ".x.y" and "*.x.y" mean x.y, too, because a domain
 * stands for all hosts in it. False if it is none. */
bool own_domains_add(struct loader *ld, struct str word)
{
	if (str_starts(word, STR("*.")))
		word = str_from(word, 2);
	else if (word.n && (word.p[0] == '@' || word.p[0] == '.'))
		word = str_from(word, 1);
	if (!is_domain(word))
		return false;
	list_add_glob(ld, LIST, word, STR_NONE);
	return true;
}

enum kw_result set_own_domains(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct str word;

	(void)kw;
	if (!value.n)
		return KW_MISSING;
	while (str_next_word(&value, &word))
		if (!own_domains_add(ld, word))
			load_fault(ld, DIAG_ERROR, "own_domains: '%.*s' is no "
				   "domain: expected letters, digits, '-' and "
				   "single dots", STR_ARG(str_head(word, 80)));
	return KW_OK;
}

static void read_lines(struct loader *ld, struct str text, const char *file)
{
	struct str line, word;
	int number = 0;
	size_t faults = 0;

	while (str_next_line(&text, &line)) {
		ssize_t hash = str_chr(line, '#');

		number++;
		if (hash >= 0)
			line = str_head(line, (size_t)hash);
		if (!str_next_word(&line, &word))
			continue;
		if (!str_trim(line).n && own_domains_add(ld, word))
			continue;
		if (faults++ < LIMIT_FILE_FAULTS)
			diag_add(ld->diags, DIAG_ERROR, file, number,
				 "expected one domain, got '%.*s'",
				 STR_ARG(str_head(word, 80)));
	}
}

enum kw_result set_own_domains_file(struct loader *ld,
				    const struct keyword *kw,
				    struct str value)
{
	struct str path, text;

	(void)kw;
	if (!value.n)
		return KW_MISSING;
	path = str_dup(ld->a, load_resolve(ld, value));
	if (load_slurp(ld->a, path.p, &text) < 0) {
		load_fault(ld, DIAG_ERROR, "%s cannot be read: %s", path.p,
			   errno == EINVAL ? "it is not a regular file" :
			   strerror(errno));
		return KW_SAID;
	}
	strs_add(ld->a, &ld->rs->files, path);
	read_lines(ld, text, path.p);
	return KW_OK;
}
