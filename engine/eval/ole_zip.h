/*
 * ZIP archives in memory, read as Perl's Archive::Zip reads them: what is an
 * archive at all, which members it has in which order, and which of them can
 * be unpacked, decides verdicts of SpamAssassin's. It goes by the directory at
 * the archive's end, is strict with that and lenient with members: no checksum
 * is compared, and a member whose packed data end early is what was unpacked.
 * zlib inflates; libarchive would name other members in another order (it
 * sorts them by where they lie), and none where a local header is damaged.
 *
 * Nothing here touches a file or waits, and what is unpacked is charged to a
 * budget that all archives of a message share.
 */
#ifndef MEKIKI_EVAL_OLE_ZIP_H
#define MEKIKI_EVAL_OLE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct arena;

struct zip_member {
	struct str name;
	bool characters;	/* the name counts in characters, not octets */
	bool directory;		/* has no contents */
	bool encrypted;		/* its contents are read as "" */
	/* How Archive::Zip would find its data. */
	unsigned flags, method;
	uint64_t packed, size;
	uint32_t crc, directory_crc;
	uint64_t offset;
	int64_t shift;		/* tried if there is no header at offset */
};

/* Octets that may still be unpacked; `cut` once something met the limit. */
struct zip_budget {
	size_t left;
	bool cut;
};

struct zip {
	struct arena *arena;	/* its own */
	struct zip_budget *budget;
	struct str data;
	uint64_t end;		/* of the data, and of NULs behind them that
				 * looking there brings about */
	uint64_t at;
	int64_t shift;		/* of all offsets, where the archive does not
				 * begin the file */
	bool zip64;
	struct zip_member *v;
	size_t n, cap;
	struct buf unpacked;	/* of the last member */
};

/* Reads the directory. False if SpamAssassin would not take data for an
 * archive; nothing need be closed then. */
bool zip_open(struct zip *z, struct str data, struct zip_budget *budget);
void zip_close(struct zip *z);

/* The contents of a member, valid until the archive is closed or the next
 * call; false if they cannot be read. */
bool zip_contents(struct zip *z, struct zip_member *m, struct str *data_r);

/* ---- Between ole_zip.c and ole_zip_list.c ---- */

enum {
	ZIP_LOCAL = 0x04034b50, ZIP_DESCRIPTOR = 0x08074b50,
	ZIP_DIRECTORY = 0x02014b50, ZIP_END = 0x06054b50,
	ZIP_END64 = 0x06064b50, ZIP_LOCATOR64 = 0x07064b50,

	ZIP_ENCRYPTED = 1 << 0, ZIP_HAS_DESCRIPTOR = 1 << 3,
	ZIP_UTF8 = 1 << 11,

	ZIP_STORED = 0, ZIP_DEFLATED = 8,

	/* Lengths without the signature. */
	ZIP_LOCAL_LENGTH = 26, ZIP_DIRECTORY_LENGTH = 42,
	ZIP_END_LENGTH = 18, ZIP_END64_LENGTH = 52, ZIP_LOCATOR64_LENGTH = 16,
};

/* Goes to an offset (a negative one is 0), which may lie behind the end. */
void zip_seek(struct zip *z, int64_t to);
/* The next n octets, or what there is. */
struct str zip_read(struct zip *z, uint64_t n);
/* Little-endian number of so many octets at s.p + at. */
uint64_t zip_number(struct str s, size_t at, size_t octets);
/* The next four octets; false at the end of the text. */
bool zip_signature(struct zip *z, uint32_t *signature_r);
/* To behind the signature of m's local header. */
bool zip_seek_header(struct zip *z, struct zip_member *m);
/* Over the data and what stands behind them, which is taken into m. */
bool zip_read_descriptor(struct zip *z, struct zip_member *m, bool zip64);
/* Reads an extra field of an archive that is ZIP64, and fills in what the
 * header left to it: size, packed size and offset, if values is not NULL.
 * `local` tells of which header it is. False if it is malformed. */
bool zip_extra64(struct str extra, uint64_t values[3], bool local,
		 unsigned disk, bool *zip64_r);

#endif
