/*
 * The directory of a ZIP archive, as Archive::Zip reads it; see ole_zip.h. It
 * is strict here: a single member that it does not like, and there is no
 * archive at all.
 */
#include "eval/ole_zip.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

/* How far from the end the directory's end may be. */
#define END_WITHIN 32768

/* ---- The end of the directory ---- */

struct zip_end {
	uint64_t at;		/* of the record that tells about it */
	uint64_t size, offset;	/* of the directory */
};

static bool find_end(const struct zip *z, uint64_t *at_r)
{
	size_t n = z->data.n < END_WITHIN ? z->data.n : END_WITHIN;
	struct str tail = str_from(z->data, z->data.n - n);

	if (z->data.n < ZIP_END_LENGTH + 4)
		return false;
	for (size_t i = n - 3; i-- > 0; ) {
		if (memcmp(tail.p + i, "PK\5\6", 4) == 0) {
			*at_r = z->data.n - n + i;
			return true;
		}
	}
	return false;
}

/* The records of ZIP64 before the end, if they are there and make sense. 1:
 * they are, 0: the end itself tells all, -1: no archive. */
static int find_end64(struct zip *z, struct zip_end *end)
{
	uint64_t locator = end->at - ZIP_LOCATOR64_LENGTH - 4, at;
	uint32_t signature;
	struct str s;

	if (end->at < ZIP_LOCATOR64_LENGTH + 4)
		return 0;
	zip_seek(z, (int64_t)locator);
	if (!zip_signature(z, &signature))
		return -1;
	if (signature != ZIP_LOCATOR64)
		return 0;
	s = zip_read(z, ZIP_LOCATOR64_LENGTH);
	at = zip_number(s, 4, 8);
	if (locator < ZIP_END64_LENGTH + 4 ||
	    at > locator - ZIP_END64_LENGTH - 4)
		return 0;
	zip_seek(z, (int64_t)at);
	if (!zip_signature(z, &signature))
		return -1;
	if (signature != ZIP_END64)
		return 0;
	s = zip_read(z, ZIP_END64_LENGTH);
	if (s.n < ZIP_END64_LENGTH)
		return -1;
	if (at + 12 + zip_number(s, 0, 8) != locator)
		return 0;
	*end = (struct zip_end){ at, zip_number(s, 36, 8),
				 zip_number(s, 44, 8) };
	return 1;
}

static bool read_end(struct zip *z, struct zip_end *end)
{
	uint64_t at, comment;
	struct str s;
	int zip64;

	if (!find_end(z, &at))
		return false;
	end->at = at;
	zip64 = find_end64(z, end);
	if (zip64 < 0)
		return false;
	z->zip64 = zip64 > 0;
	zip_seek(z, (int64_t)at + 4);
	s = zip_read(z, ZIP_END_LENGTH);
	if (s.n < ZIP_END_LENGTH)
		return false;
	comment = zip_number(s, 16, 2);
	if (zip_read(z, comment).n < comment)
		return false;
	if (z->zip64)
		return true;
	end->size = zip_number(s, 8, 4);
	end->offset = zip_number(s, 12, 4);
	for (size_t i = 0; i < 4; i++)
		if (zip_number(s, 2 * i, 2) == 0xffff)
			return false;
	return end->size != 0xffffffff && end->offset != 0xffffffff;
}

/* ---- ZIP64 ---- */

static bool is_wide(uint64_t v)
{
	return v == 0xffffffff;
}

/* Takes from the field what `wide` asks for; false if it has another length. */
static bool take64(struct str field, const bool wide[4], uint64_t values[3])
{
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		if (!wide[i])
			continue;
		if (values && at + 8 <= field.n)
			values[i] = zip_number(field, at, 8);
		at += 8;
	}
	return at + (wide[3] ? 4 : 0) == field.n;
}

bool zip_extra64(struct str extra, uint64_t values[3], bool local,
		 unsigned disk, bool *zip64_r)
{
	struct str field = STR_NONE;
	bool wide[4] = { false, false, false, false };

	*zip64_r = false;
	while (extra.n >= 4) {
		uint64_t n = zip_number(extra, 2, 2);

		if (extra.n < 4 + n)
			return false;
		if (zip_number(extra, 0, 2) == 1)
			field = str_head(str_from(extra, 4), n);
		extra = str_from(extra, 4 + n);
	}
	if (extra.n)
		return false;
	if (!field.p)
		return true;
	/* Some write all of it even where the header has the values. */
	if ((field.n == 16 && local) || field.n == 24 || field.n == 28) {
		wide[0] = wide[1] = true;
		wide[2] = field.n >= 24;
		wide[3] = field.n == 28;
	} else if (values) {
		for (int i = 0; i < 3; i++)
			wide[i] = is_wide(values[i]);
		wide[3] = disk == 0xffff;
	}
	*zip64_r = take64(field, wide, values);
	return *zip64_r;
}

/* ---- Members ---- */

/* Archive::Zip reads a directory's local header at once, and goes on with the
 * name that stands there. */
static bool become_directory(struct zip *z, struct zip_member *m)
{
	uint64_t here = z->at;
	bool fine = false, zip64 = false;
	struct str s, name, extra;
	uint32_t crc;
	uint64_t size;

	if (!zip_seek_header(z, m))
		return false;
	s = zip_read(z, ZIP_LOCAL_LENGTH);
	if (s.n < ZIP_LOCAL_LENGTH)
		return false;
	m->flags = (unsigned)zip_number(s, 2, 2);
	crc = (uint32_t)zip_number(s, 10, 4);
	size = zip_number(s, 18, 4);
	name = zip_read(z, zip_number(s, 22, 2));
	extra = zip_read(z, zip_number(s, 24, 2));
	if (name.n < zip_number(s, 22, 2) || extra.n < zip_number(s, 24, 2))
		return false;
	if (z->zip64 && extra.n) {
		uint64_t values[3] = { size, zip_number(s, 14, 4), 0 };

		if (!zip_extra64(extra, values, true, 0, &zip64))
			return false;
		size = values[0];
	}
	if (m->flags & ZIP_HAS_DESCRIPTOR)
		fine = zip_read_descriptor(z, m, zip64);
	else
		fine = crc == m->crc && size == m->size;
	zip_seek(z, (int64_t)here);
	m->directory = true;
	if (name.n) {
		/* Runs of slashes of both kinds are one slash. */
		char *p = arena_text(z->arena, name.n + 1);
		size_t n = 0;

		for (size_t i = 0; i < name.n; i++) {
			bool slash = name.p[i] == '/' || name.p[i] == '\\';

			if (!slash || !i || (name.p[i - 1] != '/' &&
					     name.p[i - 1] != '\\'))
				p[n++] = slash ? '/' : name.p[i];
		}
		m->name = str_make(p, n);
	}
	return fine;
}

static bool read_fields64(struct zip *z, struct zip_member *m,
			  struct str extra, unsigned disk)
{
	uint64_t values[3] = { m->size, m->packed, m->offset };
	bool zip64;

	if (!z->zip64 || !extra.n)
		return true;
	if (!zip_extra64(extra, values, false, disk, &zip64))
		return false;
	m->size = values[0];
	m->packed = values[1];
	m->offset = values[2];
	return true;
}

/* One entry, behind its signature. */
static bool read_member(struct zip *z, struct zip_member *m)
{
	struct str s = zip_read(z, ZIP_DIRECTORY_LENGTH), extra;

	if (s.n < ZIP_DIRECTORY_LENGTH)
		return false;
	*m = (struct zip_member){
		.flags = (unsigned)zip_number(s, 4, 2),
		.method = (unsigned)zip_number(s, 6, 2),
		.crc = (uint32_t)zip_number(s, 12, 4),
		.packed = zip_number(s, 16, 4),
		.size = zip_number(s, 20, 4),
		.offset = zip_number(s, 38, 4),
		.shift = z->shift,
	};
	m->directory_crc = m->crc;
	m->name = zip_read(z, zip_number(s, 24, 2));
	extra = zip_read(z, zip_number(s, 26, 2));
	if (m->name.n < zip_number(s, 24, 2) ||
	    extra.n < zip_number(s, 26, 2) ||
	    !read_fields64(z, m, extra, (unsigned)zip_number(s, 30, 2)) ||
	    zip_read(z, zip_number(s, 28, 2)).n < zip_number(s, 28, 2))
		return false;
	if (m->method == ZIP_STORED)
		m->size = m->packed;
	if (str_ends(m->name, STR("/")) && !m->size && !become_directory(z, m))
		return false;
	m->encrypted = m->flags & ZIP_ENCRYPTED;
	m->characters = m->flags & ZIP_UTF8;
	return true;
}

static bool is_known(uint32_t signature)
{
	return signature == ZIP_DIRECTORY || signature == ZIP_LOCAL ||
	       signature == ZIP_END || signature == ZIP_DESCRIPTOR ||
	       signature == ZIP_END64 || signature == ZIP_LOCATOR64;
}

static bool read_members(struct zip *z)
{
	uint32_t last = z->zip64 ? ZIP_END64 : ZIP_END, signature;

	for (;;) {
		if (!zip_signature(z, &signature) || !is_known(signature))
			return false;
		if (signature == last)
			return true;
		if (z->n >= LIMIT_ZIP_FILES) {
			z->budget->cut = true;
			return true;
		}
		z->v = arena_grow(z->arena, z->v, z->n, &z->cap,
				  sizeof(*z->v));
		if (!read_member(z, &z->v[z->n++]))
			return false;
	}
}

bool zip_open(struct zip *z, struct str data, struct zip_budget *budget)
{
	struct zip_end end = { 0, 0, 0 };
	bool fine;

	*z = (struct zip){ .arena = arena_new(), .budget = budget,
			   .data = data, .end = data.n };
	buf_init(&z->unpacked, LIMIT_OLE_BYTES + 1);
	fine = read_end(z, &end);
	if (fine) {
		zip_seek(z, (int64_t)(end.at - end.size));
		z->shift = (int64_t)(end.at - end.size - end.offset);
		fine = read_members(z);
	}
	if (!fine)
		zip_close(z);
	return fine;
}

void zip_close(struct zip *z)
{
	buf_free(&z->unpacked);
	arena_free(&z->arena);
}
