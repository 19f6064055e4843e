/*
 * The words of evidence; see memory.h.
 */
#include "base/memory.h"

static const char *const words[EVIDENCE_KINDS] = {
	[EVIDENCE_IP] = "ip",
	[EVIDENCE_NET] = "net",
	[EVIDENCE_ENVELOPE] = "envelope",
	[EVIDENCE_FROM] = "from",
	[EVIDENCE_URL] = "url",
};

const char *evidence_word(enum evidence_kind kind)
{
	return words[kind];
}

int evidence_kind_named(struct str word)
{
	for (int i = 0; i < EVIDENCE_KINDS; i++)
		if (str_eq(word, str_cstr(words[i])))
			return i;
	return -1;
}
