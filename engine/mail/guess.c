/*
 * Charsets by ICU's detector, which counts what is frequent in which. Its
 * guesses are believed for charsets of several octets a character, where they
 * are good; single-octet ones are much alike, and Windows-1252 is what
 * everything else falls back to anyway.
 */
#include "mail/guess.h"

#include <unicode/ucsdet.h>

/* Octets looked at, and how sure the detector must be, of 100. */
#define LOOK 4096
#define CONFIDENCE 30

struct str charset_guess(struct str text)
{
	static const char *const believed[] = { "Shift_JIS", "EUC-JP",
		"ISO-2022-JP", "Big5", "GB18030", "EUC-KR", "ISO-2022-KR",
		"ISO-2022-CN", "KOI8-R", "windows-1251" };
	UErrorCode rc = U_ZERO_ERROR;
	UCharsetDetector *det = ucsdet_open(&rc);
	struct str found = STR_NONE;
	const UCharsetMatch *match;
	const char *name;

	if (U_FAILURE(rc))
		return found;
	text = str_head(text, LOOK);
	ucsdet_setText(det, text.p, (int32_t)text.n, &rc);
	match = ucsdet_detect(det, &rc);
	if (U_SUCCESS(rc) && match &&
	    ucsdet_getConfidence(match, &rc) >= CONFIDENCE) {
		name = ucsdet_getName(match, &rc);
		for (size_t i = 0; U_SUCCESS(rc) &&
		     i < sizeof(believed) / sizeof(believed[0]); i++)
			if (str_eq(str_cstr(name), str_cstr(believed[i])))
				found = str_cstr(believed[i]);
	}
	ucsdet_close(det);
	return found;
}
