/*
 * Magic numbers. A table of how files begin; what many kinds share (ZIP, OLE)
 * is looked into a little deeper. Sizes of images and the directories of ZIP
 * files are read with every length checked: they are a sender's words.
 */
#include "mail/detect.h"

#include "base/arena.h"
#include "base/limits.h"

static const struct detect_kind kinds[] = {
	{ "png", "image", "png", DETECT_IMAGE },
	{ "gif", "image", "gif", DETECT_IMAGE },
	{ "jpg", "image", "jpeg", DETECT_IMAGE },
	{ "bmp", "image", "bmp", DETECT_IMAGE },
	{ "tiff", "image", "tiff", DETECT_IMAGE },
	{ "webp", "image", "webp", DETECT_IMAGE },
	{ "ico", "image", "x-icon", DETECT_IMAGE },
	{ "svg", "image", "svg+xml", DETECT_IMAGE },
	{ "pdf", "application", "pdf", DETECT_DOCUMENT },
	{ "rtf", "application", "rtf", DETECT_DOCUMENT },
	{ "ps", "application", "postscript", DETECT_DOCUMENT },
	{ "djvu", "image", "vnd.djvu", DETECT_DOCUMENT },
	{ "ole", "application", "x-ole-storage", DETECT_DOCUMENT },
	{ "doc", "application", "msword", DETECT_DOCUMENT },
	{ "docx", "application",
	  "vnd.openxmlformats-officedocument.wordprocessingml.document",
	  DETECT_DOCUMENT },
	{ "xlsx", "application",
	  "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	  DETECT_DOCUMENT },
	{ "pptx", "application",
	  "vnd.openxmlformats-officedocument.presentationml.presentation",
	  DETECT_DOCUMENT },
	{ "odt", "application", "vnd.oasis.opendocument.text",
	  DETECT_DOCUMENT },
	{ "ods", "application", "vnd.oasis.opendocument.spreadsheet",
	  DETECT_DOCUMENT },
	{ "epub", "application", "epub+zip", DETECT_DOCUMENT },
	{ "chm", "application", "x-chm", DETECT_DOCUMENT },
	{ "zip", "application", "zip", DETECT_ARCHIVE },
	{ "jar", "application", "java-archive", DETECT_ARCHIVE },
	{ "apk", "application", "vnd.android.package-archive",
	  DETECT_ARCHIVE },
	{ "rar", "application", "x-rar", DETECT_ARCHIVE },
	{ "7z", "application", "x-7z-compressed", DETECT_ARCHIVE },
	{ "gz", "application", "gzip", DETECT_ARCHIVE },
	{ "bz2", "application", "x-bzip2", DETECT_ARCHIVE },
	{ "xz", "application", "x-xz", DETECT_ARCHIVE },
	{ "zst", "application", "zstd", DETECT_ARCHIVE },
	{ "lz4", "application", "x-lz4", DETECT_ARCHIVE },
	{ "tar", "application", "x-tar", DETECT_ARCHIVE },
	{ "cab", "application", "x-cab", DETECT_ARCHIVE },
	{ "arj", "application", "x-arj", DETECT_ARCHIVE },
	{ "ace", "application", "x-ace", DETECT_ARCHIVE },
	{ "lzh", "application", "x-lha", DETECT_ARCHIVE },
	{ "iso", "application", "x-iso9660-image", DETECT_ARCHIVE },
	{ "exe", "application", "x-ms-application", DETECT_EXECUTABLE },
	{ "elf", "application", "x-elf-executable", DETECT_EXECUTABLE },
	{ "lnk", "application", "x-ms-application", DETECT_EXECUTABLE },
	{ "class", "application", "x-java-applet", DETECT_EXECUTABLE },
	{ "swf", "application", "x-shockwave-flash", DETECT_EXECUTABLE },
	{ "mp3", "audio", "mpeg", DETECT_OTHER },
	{ "ogg", "application", "ogg", DETECT_OTHER },
	{ "wav", "audio", "x-wav", DETECT_OTHER },
	{ "mp4", "video", "mp4", DETECT_OTHER },
	{ "avi", "video", "x-msvideo", DETECT_OTHER },
	{ "p7s", "application", "pkcs7-signature", DETECT_OTHER },
	{ "html", "text", "html", DETECT_OTHER },
	{ "txt", "text", "plain", DETECT_OTHER },
	{ "csv", "text", "csv", DETECT_OTHER },
	{ "ics", "text", "calendar", DETECT_OTHER },
	{ "vcf", "text", "vcard", DETECT_OTHER },
};

static const struct {
	size_t at;
	struct str magic;
	const char *ext;
} magics[] = {
#define MAGIC(at, text, ext) { at, { text, sizeof(text) - 1 }, ext }
	MAGIC(0, "\x89PNG\r\n\x1a\n", "png"),
	MAGIC(0, "GIF87a", "gif"), MAGIC(0, "GIF89a", "gif"),
	MAGIC(0, "\xff\xd8\xff", "jpg"), MAGIC(0, "BM", "bmp"),
	MAGIC(0, "II*\0", "tiff"), MAGIC(0, "MM\0*", "tiff"),
	MAGIC(8, "WEBP", "webp"), MAGIC(0, "\0\0\1\0", "ico"),
	MAGIC(0, "<svg", "svg"), MAGIC(0, "%PDF-", "pdf"),
	MAGIC(0, "{\\rtf", "rtf"), MAGIC(0, "%!PS", "ps"),
	MAGIC(0, "AT&TFORM", "djvu"),
	MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
	MAGIC(0, "ITSF", "chm"), MAGIC(0, "PK\3\4", "zip"),
	MAGIC(0, "PK\5\6", "zip"), MAGIC(0, "PK\7\10PK", "zip"),
	MAGIC(0, "Rar!\x1a\7", "rar"), MAGIC(0, "7z\xbc\xaf\x27\x1c", "7z"),
	MAGIC(0, "\x1f\x8b\x08", "gz"), MAGIC(0, "BZh", "bz2"),
	MAGIC(0, "\xfd" "7zXZ\0", "xz"), MAGIC(0, "\x28\xb5\x2f\xfd", "zst"),
	MAGIC(0, "\x04\x22\x4d\x18", "lz4"), MAGIC(257, "ustar", "tar"),
	MAGIC(0, "MSCF", "cab"), MAGIC(0, "\x60\xea", "arj"),
	MAGIC(7, "**ACE**", "ace"), MAGIC(2, "-lh", "lzh"),
	MAGIC(32769, "CD001", "iso"), MAGIC(0, "MZ", "exe"),
	MAGIC(0, "\x7f" "ELF", "elf"),
	MAGIC(0, "L\0\0\0\1\x14\2\0", "lnk"),
	MAGIC(0, "\xca\xfe\xba\xbe", "class"),
	MAGIC(0, "FWS", "swf"), MAGIC(0, "CWS", "swf"),
	MAGIC(0, "ID3", "mp3"), MAGIC(0, "OggS", "ogg"),
	MAGIC(8, "WAVE", "wav"), MAGIC(4, "ftyp", "mp4"),
	MAGIC(8, "AVI ", "avi"),
};

/* Names inside of a ZIP file that tell what it is really. */
static const struct {
	const char *name, *ext;
} zip_names[] = {
	{ "word/", "docx" }, { "xl/", "xlsx" }, { "ppt/", "pptx" },
	{ "AndroidManifest.xml", "apk" }, { "META-INF/MANIFEST.MF", "jar" },
	{ "mimetypeapplication/vnd.oasis.opendocument.text", "odt" },
	{ "mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ods" },
	{ "mimetypeapplication/epub+zip", "epub" },
};
#define ZIP_LOOK 4096

const struct detect_kind *detect_ext(struct str ext)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_ieq(ext, str_cstr(kinds[i].ext)))
			return &kinds[i];
	return NULL;
}

static const struct detect_kind *inside_zip(struct str data)
{
	struct str head = str_head(data, ZIP_LOOK);
	struct str tail = data.n > ZIP_LOOK ?
		str_from(data, data.n - ZIP_LOOK) : STR("");

	for (size_t i = 0; i < sizeof(zip_names) / sizeof(zip_names[0]); i++) {
		struct str name = str_cstr(zip_names[i].name);

		if (str_find(head, name) >= 0 || str_find(tail, name) >= 0)
			return detect_ext(str_cstr(zip_names[i].ext));
	}
	return detect_ext(STR("zip"));
}

/* A Word document keeps its name in UTF-16. */
static const struct detect_kind *inside_ole(struct str data)
{
	static const char word[] = "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t";
	struct str s = str_make(word, sizeof(word) - 1);

	return detect_ext(str_find(data, s) >= 0 ? STR("doc") : STR("ole"));
}

/* Text that begins with one of HTML's tags. */
/* Tags that plain text has no reason for, and what each occurrence of one is
 * worth: rspamd's weights. */
static const struct {
	struct str tag;
	unsigned weight;
} html_tags[] = {
#define TAG(text, weight) { { text, sizeof(text) - 1 }, weight }
	TAG("html", 32), TAG("!doctype html", 33), TAG("script", 20),
	TAG("body", 20), TAG("table", 20), TAG("a", 10), TAG("p", 10),
	TAG("div", 10), TAG("span", 10),
};
#define HTML_LOOK 4096
#define HTML_WEIGHT 40

static unsigned weight_of_tag(struct str s)
{
	for (size_t i = 0; i < sizeof(html_tags) / sizeof(html_tags[0]); i++) {
		struct str tag = html_tags[i].tag;

		if (str_istarts(s, tag) &&
		    (s.n == tag.n || !is_word((unsigned char)s.p[tag.n])))
			return html_tags[i].weight;
	}
	return 0;
}

/* Text with enough of these near its beginning is HTML. */
static const struct detect_kind *kind_of_html(struct str data)
{
	struct str s = str_head(data, HTML_LOOK);
	unsigned weight = 0;
	ssize_t at;

	while (weight < HTML_WEIGHT && (at = str_chr(s, '<')) >= 0) {
		s = str_from(s, (size_t)at + 1);
		weight += weight_of_tag(s);
	}
	return weight >= HTML_WEIGHT && str_chr(data, '\0') < 0 ?
		detect_ext(STR("html")) : NULL;
}

const struct detect_kind *detect_file(struct str data)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		struct str ext;

		if (data.n < magics[i].at ||
		    !str_starts(str_from(data, magics[i].at),
				magics[i].magic))
			continue;
		ext = str_cstr(magics[i].ext);
		if (str_eq(ext, STR("zip")))
			return inside_zip(data);
		if (str_eq(ext, STR("ole")))
			return inside_ole(data);
		return detect_ext(ext);
	}
	return kind_of_html(data);
}

/* ---- numbers in files ---- */

static unsigned byte_at(struct str s, size_t at)
{
	return at < s.n ? (unsigned char)s.p[at] : 0;
}

static unsigned le16(struct str s, size_t at)
{
	return byte_at(s, at) | byte_at(s, at + 1) << 8;
}

static unsigned le32(struct str s, size_t at)
{
	return le16(s, at) | le16(s, at + 2) << 16;
}

static unsigned be16(struct str s, size_t at)
{
	return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static unsigned be32(struct str s, size_t at)
{
	return be16(s, at) << 16 | be16(s, at + 2);
}

/* A JPEG's frame header, behind its other segments. */
static bool jpeg_size(struct str s, unsigned *w, unsigned *h)
{
	size_t at = 2;

	while (at + 9 < s.n && byte_at(s, at) == 0xff) {
		unsigned marker = byte_at(s, at + 1);

		if (marker == 0xff) {
			at++;
			continue;
		}
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
		    marker != 0xc8 && marker != 0xcc) {
			*h = be16(s, at + 5);
			*w = be16(s, at + 7);
			return true;
		}
		at += 2 + (size_t)be16(s, at + 2);
	}
	return false;
}

bool detect_image_size(struct str data, const char **kind_r,
		       unsigned *width_r, unsigned *height_r)
{
	const struct detect_kind *k = detect_file(data);
	struct str ext = k ? str_cstr(k->ext) : STR("");

	if (str_eq(ext, STR("png")) && data.n >= 24) {
		*kind_r = "PNG";
		*width_r = be32(data, 16);
		*height_r = be32(data, 20);
		return true;
	}
	if (str_eq(ext, STR("gif")) && data.n >= 10) {
		*kind_r = "GIF";
		*width_r = le16(data, 6);
		*height_r = le16(data, 8);
		return true;
	}
	if (str_eq(ext, STR("bmp")) && data.n >= 26) {
		*kind_r = "BMP";
		*width_r = le32(data, 18);
		*height_r = le32(data, 22);
		return true;
	}
	*kind_r = "JPEG";
	return str_eq(ext, STR("jpg")) && jpeg_size(data, width_r, height_r);
}

/* ---- ZIP ---- */

/* Where the directory's end record is; data.n if there is none. */
static size_t zip_end(struct str data)
{
	size_t low = data.n > 66000 ? data.n - 66000 : 0;

	for (size_t at = data.n < 22 ? 0 : data.n - 21; at-- > low; )
		if (str_starts(str_from(data, at), STR("PK\5\6")))
			return at;
	return data.n;
}

void zip_list(struct arena *a, struct str data, struct zip_listing *out)
{
	size_t end = zip_end(data), at;

	memset(out, 0, sizeof(*out));
	if (end == data.n) {
		out->unreadable = true;
		return;
	}
	at = le32(data, end + 16);
	while (at + 46 <= end && str_starts(str_from(data, at),
					    STR("PK\1\2"))) {
		size_t name = le16(data, at + 28);
		struct zip_file *f;

		if (out->n >= LIMIT_ZIP_FILES) {
			out->cut = true;
			return;
		}
		if (name > end - at - 46)
			break;
		out->v = arena_grow(a, out->v, out->n, &out->cap,
				    sizeof(*out->v));
		f = &out->v[out->n++];
		f->name = str_make(data.p + at + 46, name);
		f->encrypted = (le16(data, at + 8) & 1) != 0;
		f->packed = le32(data, at + 20);
		f->size = le32(data, at + 24);
		out->encrypted |= f->encrypted;
		at += 46 + name + le16(data, at + 30) + le16(data, at + 32);
	}
	out->unreadable = out->n == 0 && le16(data, end + 10) != 0;
}

/* ---- PDF ---- */

void pdf_look(struct str data, struct pdf_facts *out)
{
	struct str rest = data;
	ssize_t at;

	memset(out, 0, sizeof(*out));
	while ((at = str_find(rest, STR(" obj"))) >= 0) {
		out->objects++;
		rest = str_from(rest, (size_t)at + 4);
	}
	out->encrypted = str_find(data, STR("/Encrypt")) >= 0;
	out->scripts = str_find(data, STR("/JavaScript")) >= 0 ||
		str_find(data, STR("/JS(")) >= 0 ||
		str_find(data, STR("/JS (")) >= 0;
	out->openaction = str_find(data, STR("/OpenAction")) >= 0;
}
