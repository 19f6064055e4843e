/*
 * Japanese in seven bits (ISO-2022-JP and its kin) as Perl's Encode reads it:
 * shifts are taken off and what stands behind each becomes EUC-JP, so that what
 * is no Japanese in a stretch of Japanese is told by EUC's rules. The first
 * octet of eight bits ends the text, and so does an escape that is no shift.
 */
#include "mail/charset.h"

#include "base/arena.h"

enum jis_set { JIS_ASCII, JIS_0208, JIS_0212, JIS_KANA };

/* A shift: ESC, then this. */
static const struct shift {
	struct str text;
	enum jis_set set;
} shifts[] = {
	{ { "\033(B", 3 }, JIS_ASCII }, { { "\033(J", 3 }, JIS_ASCII },
	{ { "\033$@", 3 }, JIS_0208 }, { { "\033$B", 3 }, JIS_0208 },
	{ { "\033&@\033$B", 6 }, JIS_0208 },
	{ { "\033$(D", 4 }, JIS_0212 }, { { "\033(I", 3 }, JIS_KANA },
};

static const struct shift *shift_at(struct str s)
{
	for (size_t i = 0; i < sizeof(shifts) / sizeof(*shifts); i++)
		if (str_starts(s, shifts[i].text))
			return &shifts[i];
	return NULL;
}

static bool is_graphic(struct str s, size_t i)
{
	return i < s.n && s.p[i] > 0x20 && s.p[i] < 0x7f;
}

/* One octet of a stretch (two where a pair gets a prefix) to out; how many
 * were taken. */
static size_t put(struct str s, enum jis_set set, char *out, size_t *n)
{
	if (set == JIS_ASCII || !is_graphic(s, 0)) {
		out[(*n)++] = s.p[0];
		return 1;
	}
	if (set == JIS_KANA && s.p[0] < 0x60)
		out[(*n)++] = (char)0x8e;
	if (set != JIS_0212 || !is_graphic(s, 1)) {
		out[(*n)++] = (char)(s.p[0] | 0x80);
		return 1;
	}
	out[(*n)++] = (char)0x8f;
	out[(*n)++] = (char)(s.p[0] | 0x80);
	out[(*n)++] = (char)(s.p[1] | 0x80);
	return 2;
}

struct str jis_to_euc(struct arena *a, struct str s)
{
	/* Kana become two octets, pairs of JIS X 0212 three. */
	char *out = arena_alloc(a, 2 * s.n + 1);
	enum jis_set set = JIS_ASCII;
	size_t n = 0;

	while (s.n && (unsigned char)s.p[0] < 0x80) {
		const struct shift *shift = shift_at(s);

		if (shift) {
			set = shift->set;
			s = str_from(s, shift->text.n);
		} else if (s.p[0] == '\033') {
			break;
		} else {
			s = str_from(s, put(s, set, out, &n));
		}
	}
	return str_make(out, n);
}
