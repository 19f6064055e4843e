/*
 * Members of ZIP archives; see ole_zip.h. The directory is read in
 * ole_zip_list.c.
 *
 * Archive::Zip reads through a file handle over a text in memory (IO::String),
 * and seeking behind the end of such a text makes it longer by NULs, for all
 * members that are read later. That is followed here without the NULs being
 * anywhere: `end` moves, and reads behind the data give zeros.
 */
#include "eval/ole_zip.h"

#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/limits.h"

/* What is inflated at a time. */
#define STEP ((size_t)1 << 17)

/* ---- The text as a file ---- */

void zip_seek(struct zip *z, int64_t to)
{
	z->at = to < 0 ? 0 : (uint64_t)to;
	if (z->at > z->end)
		z->end = z->at;
}

/* Octets of the budget, or what is left of it. */
static size_t charge(struct zip *z, uint64_t n)
{
	struct zip_budget *b = z->budget;

	if (n > b->left) {
		b->cut = true;
		n = b->left;
	}
	b->left -= n;
	return n;
}

struct str zip_read(struct zip *z, uint64_t want)
{
	uint64_t n = z->end - z->at, real = 0;
	char *p;

	if (n > want)
		n = want;
	if (z->at < z->data.n)
		real = z->data.n - z->at;
	z->at += n;
	if (n <= real)
		return str_make(z->data.p + z->at - n, n);
	n = real + charge(z, n - real);
	p = arena_alloc(z->arena, n + 1);
	if (real)
		memcpy(p, z->data.p + z->data.n - real, real);
	return str_make(p, n);
}

uint64_t zip_number(struct str s, size_t at, size_t octets)
{
	uint64_t v = 0;

	while (octets-- > 0)
		v = v << 8 | (unsigned char)s.p[at + octets];
	return v;
}

bool zip_signature(struct zip *z, uint32_t *signature_r)
{
	struct str s = zip_read(z, 4);

	if (s.n < 4)
		return false;
	*signature_r = (uint32_t)zip_number(s, 0, 4);
	return true;
}

/* ---- Headers ---- */

bool zip_seek_header(struct zip *z, struct zip_member *m)
{
	uint32_t signature;

	zip_seek(z, (int64_t)m->offset);
	if (!zip_signature(z, &signature))
		return false;
	if (signature == ZIP_LOCAL)
		return true;
	if (!m->shift)
		return false;
	zip_seek(z, (int64_t)(m->offset + (uint64_t)m->shift));
	if (!zip_signature(z, &signature) || signature != ZIP_LOCAL)
		return false;
	m->offset += (uint64_t)m->shift;
	m->shift = 0;
	return true;
}

bool zip_read_descriptor(struct zip *z, struct zip_member *m, bool zip64)
{
	size_t size = zip64 ? 8 : 4;
	uint32_t crc;
	struct str s;

	zip_seek(z, (int64_t)(z->at + m->packed));
	if (!zip_signature(z, &crc))
		return false;
	/* Its signature may be missing. */
	if (crc == ZIP_DESCRIPTOR && crc != m->crc && !zip_signature(z, &crc))
		return false;
	s = zip_read(z, 2 * size);
	if (s.n < 2 * size)
		return false;
	m->crc = crc;
	m->packed = zip_number(s, 0, size);
	m->size = zip_number(s, size, size);
	return true;
}

/* Over the local header of m, to its data. */
static bool skip_header(struct zip *z, struct zip_member *m)
{
	struct str s = zip_read(z, ZIP_LOCAL_LENGTH), extra;
	uint64_t data, size = m->size;
	bool zip64 = false;

	if (s.n < ZIP_LOCAL_LENGTH)
		return false;
	zip_seek(z, (int64_t)(z->at + zip_number(s, 22, 2)));
	extra = zip_read(z, zip_number(s, 24, 2));
	if (extra.n < zip_number(s, 24, 2) ||
	    (z->zip64 && extra.n &&
	     !zip_extra64(extra, NULL, true, 0, &zip64)))
		return false;
	data = z->at;
	if (zip_number(s, 2, 2) & ZIP_HAS_DESCRIPTOR) {
		if (!zip_read_descriptor(z, m, zip64))
			return false;
		if (m->encrypted && size > m->size)
			size -= 12;
		if (m->crc != m->directory_crc || m->size != size)
			return false;
	}
	zip_seek(z, (int64_t)data);
	return true;
}

/* ---- Contents ---- */

/* Inflates packed. False if it is damaged; *ended_r tells whether it came to
 * its end. Where the budget ends, so does what is unpacked. */
static bool inflate_text(struct zip *z, struct str packed, bool *ended_r)
{
	z_stream st = { .next_in = (unsigned char *)(uintptr_t)packed.p,
			.avail_in = (unsigned)packed.n };
	struct buf *out = &z->unpacked;
	int status = Z_OK;

	if (inflateInit2(&st, -MAX_WBITS) != Z_OK)
		return false;
	while (status == Z_OK && z->budget->left) {
		size_t room = z->budget->left < STEP ? z->budget->left : STEP;

		st.next_out = (unsigned char *)buf_room(out, room);
		if (!st.next_out)
			break;
		st.avail_out = (unsigned)room;
		status = inflate(&st, Z_SYNC_FLUSH);
		out->n += charge(z, room - st.avail_out);
	}
	if (status == Z_OK)
		z->budget->cut = true;
	inflateEnd(&st);
	/* Z_BUF_ERROR: the packed text ends early. */
	*ended_r = status != Z_BUF_ERROR;
	return status == Z_OK || status == Z_STREAM_END ||
	       status == Z_BUF_ERROR;
}

bool zip_contents(struct zip *z, struct zip_member *m, struct str *data_r)
{
	uint64_t n = m->method == ZIP_STORED ? m->size : m->packed;
	bool ended = false;
	struct str s;

	if (m->directory ||
	    (m->method != ZIP_STORED && m->method != ZIP_DEFLATED))
		return false;
	if (m->method == ZIP_STORED)
		m->crc = 0;
	if (!zip_seek_header(z, m) || !skip_header(z, m))
		return false;
	z->unpacked.n = 0;
	*data_r = STR("");
	if (!n)
		return true;
	s = zip_read(z, n);
	if (m->encrypted)	/* and nobody knows the password */
		return s.n == n;
	if (m->method == ZIP_STORED) {
		*data_r = str_head(s, charge(z, s.n));
		return s.n == n && data_r->n;
	}
	if (!s.n || !inflate_text(z, s, &ended))
		return false;
	*data_r = buf_str(&z->unpacked);
	/* Data that end early must at least be all there. */
	return ended || s.n == n;
}
