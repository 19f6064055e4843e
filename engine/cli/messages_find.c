/*
 * Finding messages; see messages.h.
 */
#include "cli/messages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/input.h"
#include "conf/regex_text.h"
#include "conf/settings.h"
#include "match/regex.h"

/* Folders in folders; a link may lead round in a circle. */
#define DEPTH_MAX 64
/* mbx files begin with a header of this length. */
#define MBX_HEADER 2048

/* What all its warnings begin with, as SpamAssassin's do. */
#define READER "archive-iterator: "

bool message_format_named(struct str word, enum message_format *out_r)
{
	static const char *const words[] = {
		[FORMAT_DETECT] = "detect",
		[FORMAT_FILE] = "file",
		[FORMAT_DIR] = "dir",
		[FORMAT_MBOX] = "mbox",
		[FORMAT_MBX] = "mbx",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(word, str_cstr(words[i]))) {
			*out_r = (enum message_format)i;
			return true;
		}
	return false;
}

int messages_begin(struct arena *a, const struct settings *s,
		   struct message_items *items, struct err *err)
{
	/* The usual From line, and Communigate Pro's. */
	static const char usual[] =
		"^From \\S+  ?(\\S\\S\\S \\S\\S\\S .?\\d .?\\d:\\d\\d:\\d\\d "
		"\\d{4}|.?\\d-\\d\\d-\\d{4}_\\d\\d:\\d\\d:\\d\\d_)";
	struct str own = settings_option(s, STR("mbox_format_from_regex"));
	struct regex_text re = { .pattern = STR(usual), .mods = STR("") };

	*items = (struct message_items){ .arena = a };
	if (own.n && own.p[0] != '/' && own.p[0] != 'm' && own.p[0] != 'q')
		re.pattern = own;
	else if (own.n && regex_text_split(a, own, &re, err) < 0)
		return -1;
	items->from = regex_compile(a, re.pattern, re.mods, err);
	return items->from ? 0 : -1;
}

static struct message_item *add(struct message_items *items, bool spam,
			      enum message_format format, const char *path)
{
	struct message_item *it;

	items->v = arena_grow(items->arena, items->v, items->n, &items->cap,
			      sizeof(*items->v));
	it = &items->v[items->n++];
	*it = (struct message_item){
		.spam = spam,
		.format = format,
		.path = str_dup(items->arena, str_cstr(path)),
	};
	return it;
}

void messages_add(struct message_items *items, const char *path)
{
	add(items, false, FORMAT_FILE, path);
}

static void no_access(const char *path)
{
	log_warn(READER "no access to %s: %s", path, strerror(errno));
}

/* ---- files of many messages ---- */

static bool is_from_line(const struct message_items *items, struct str line)
{
	return str_starts(line, STR("From ")) &&
	       regex_search(items->from, line, 0, NULL) == 1;
}

/* A message goes from its From line to the next; what stands before the
 * first one is none. */
static void find_in_mbox(struct message_items *items, bool spam,
			 const char *path, FILE *f)
{
	struct message_item *it = NULL;
	char *line = NULL;
	size_t cap = 0;
	off_t at = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, f)) > 0) {
		if (is_from_line(items, str_make(line, (size_t)n))) {
			it = add(items, spam, FORMAT_MBOX, path);
			it->at = at;
		}
		if (it)
			it->size += (size_t)n;
		at += n;
	}
	free(line);
}

/* The size in a line "12-Nov-2026 10:00:00 +0000,1234;000000000001-00000000"
 * between the messages of an mbx file; false if it is no such line. */
static bool mbx_size(struct str line, size_t *size_r)
{
	ssize_t comma = str_rchr(line, ','), semi = str_rchr(line, ';');
	long size;

	if (comma < 20 || semi < comma || line.p[2] != '-' ||
	    line.p[14] != ':' || line.p[17] != ':' ||
	    !str_to_long(str_make(line.p + comma + 1,
				  (size_t)(semi - comma - 1)), &size) ||
	    size < 0)
		return false;
	*size_r = (size_t)size;
	return true;
}

static void find_in_mbx(struct message_items *items, bool spam,
			const char *path, FILE *f)
{
	char *line = NULL;
	size_t cap = 0, size;
	off_t at = MBX_HEADER;
	ssize_t n = getline(&line, &cap, f);

	if (n < 5 || str_find(str_make(line, (size_t)n), STR("*mbx*")) < 0) {
		log_warn(READER "error: %s not in mbx format!", path);
		free(line);
		return;
	}
	while (fseeko(f, at, SEEK_SET) == 0 &&
	       (n = getline(&line, &cap, f)) > 0) {
		struct message_item *it;

		if (!mbx_size(str_rtrim(str_make(line, (size_t)n)), &size)) {
			log_warn(READER "error: failure to read message header "
				 "of %s at octet %lld", path, (long long)at);
			break;
		}
		it = add(items, spam, FORMAT_MBX, path);
		it->at = at + n;
		it->size = size;
		at += n + (off_t)size;
	}
	free(line);
}

static void find_in_file(struct message_items *items, bool spam,
			 enum message_format format, const char *path)
{
	static const char *const packed[] = { ".gz", ".bz2", ".xz", ".lz",
					      ".lzo", ".lz4" };
	FILE *f;

	for (size_t i = 0; i < sizeof(packed) / sizeof(*packed); i++)
		if (str_iends(str_cstr(path), str_cstr(packed[i]))) {
			log_warn(READER "compressed %s folders are not "
				 "supported at this time", format ==
				 FORMAT_MBOX ? "mbox" : "mbx");
			return;
		}
	f = fopen(path, "re");
	if (!f) {
		no_access(path);
		return;
	}
	if (format == FORMAT_MBOX)
		find_in_mbox(items, spam, path, f);
	else
		find_in_mbx(items, spam, path, f);
	fclose(f);
}

/* ---- folders ---- */

static void join(char path[4096], struct str dir, const char *name)
{
	snprintf(path, 4096, "%.*s/%s", STR_ARG(dir), name);
}

static bool is_dir(struct str dir, const char *name)
{
	char path[4096];
	struct stat st;

	join(path, dir, name);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum folder { FOLDER_PLAIN, FOLDER_MAILDIR, FOLDER_CYRUS, FOLDER_MBOXES };

/* Deleted, moved or no mail at all. */
static bool is_passed_over(enum folder kind, const char *name)
{
	struct str s = str_cstr(name);
	ssize_t flags = str_find(s, STR(":2,"));

	switch (kind) {
	case FOLDER_MAILDIR:
		return name[0] == '.' || (flags >= 0 &&
			str_chr(str_from(s, (size_t)flags + 3), 'T') >= 0);
	case FOLDER_CYRUS:
		return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		       strpbrk(name, " \t\r\n") ||
		       str_starts(s, STR("cyrus.index")) ||
		       str_starts(s, STR("cyrus.header")) ||
		       str_starts(s, STR("cyrus.cache")) ||
		       str_starts(s, STR("cyrus.seen"));
	case FOLDER_MBOXES:
		return name[0] == '.' || strpbrk(name, " \t\r\n");
	default:
		return name[0] == '.' || name[0] == ',';
	}
}

/* The paths in dir, sorted, so that the same folder is always learned in the
 * same order. */
static void list(struct arena *a, struct str dir, enum folder kind,
		 struct strs *paths)
{
	char path[4096];
	struct dirent *e;
	DIR *d;

	join(path, dir, "");
	d = opendir(path);
	if (!d) {
		log_warn(READER "can't open '%.*s' dir: %s", STR_ARG(dir),
			 strerror(errno));
		return;
	}
	while ((e = readdir(d)))
		if (!is_passed_over(kind, e->d_name)) {
			join(path, dir, e->d_name);
			strs_add(a, paths, str_dup(a, str_cstr(path)));
		}
	closedir(d);
	strs_sort(paths);
}

static void find_in_dir(struct message_items *items, bool spam, struct str dir,
			unsigned depth)
{
	struct strs paths = { 0 };
	struct stat st;
	char path[4096];

	if (is_dir(dir, "new") && is_dir(dir, "cur") && is_dir(dir, "tmp")) {
		join(path, dir, "new");
		list(items->arena, str_cstr(path), FOLDER_MAILDIR, &paths);
		join(path, dir, "cur");
		list(items->arena, str_cstr(path), FOLDER_MAILDIR, &paths);
	} else {
		join(path, dir, "cyrus.header");
		list(items->arena, dir, access(path, F_OK) == 0 ?
		     FOLDER_CYRUS : FOLDER_PLAIN, &paths);
	}
	for (size_t i = 0; i < paths.n; i++) {
		const char *p = paths.v[i].p;

		if (stat(p, &st) < 0) {
			if (errno != ENOENT)	/* else gone since */
				no_access(p);
		} else if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode) ||
			   S_ISFIFO(st.st_mode)) {
			add(items, spam, FORMAT_FILE, p);
		} else if (!S_ISDIR(st.st_mode)) {
			log_warn(READER "%s is not a plain file or directory",
				 p);
		}
	}
	/* Folders in a folder come after its messages. */
	for (size_t i = 0; i < paths.n && depth < DEPTH_MAX; i++)
		if (stat(paths.v[i].p, &st) == 0 && S_ISDIR(st.st_mode))
			find_in_dir(items, spam, paths.v[i], depth + 1);
}

/* ---- places ---- */

static enum message_format detect(const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return FORMAT_DIR;
	return str_ifind(str_cstr(path), STR(".mbox")) >= 0 ? FORMAT_MBOX :
							      FORMAT_FILE;
}

static void find_at(struct message_items *items, bool spam,
		    enum message_format format, const char *path)
{
	struct strs paths = { 0 };
	struct stat st;

	if (stat(path, &st) < 0) {
		/* An mbox file that is not there is no fault. */
		if (errno != ENOENT || (format != FORMAT_MBOX &&
					format != FORMAT_MBX))
			no_access(path);
		return;
	}
	if (format == FORMAT_DETECT)
		format = detect(path, &st);
	if (format == FORMAT_DIR) {
		find_in_dir(items, spam, str_dup(items->arena, str_cstr(path)),
			    0);
	} else if (format == FORMAT_FILE) {
		add(items, spam, FORMAT_FILE, path);
	} else if (S_ISDIR(st.st_mode)) {
		list(items->arena, str_cstr(path), FOLDER_MBOXES, &paths);
		for (size_t i = 0; i < paths.n; i++)
			if (stat(paths.v[i].p, &st) == 0 &&
			    S_ISREG(st.st_mode))
				find_in_file(items, spam, format,
					     paths.v[i].p);
	} else {
		find_in_file(items, spam, format, path);
	}
}

/* Standard input in a file without a name. False if it cannot be kept. */
static bool keep_input(char path[64])
{
	static char piece[1 << 16];
	FILE *f = tmpfile();
	ssize_t n = -1;
	int fd;

	if (!f)
		return false;
	while ((n = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
		if (fwrite(piece, 1, (size_t)n, f) != (size_t)n)
			break;
	fd = fflush(f) == 0 && n == 0 ? dup(fileno(f)) : -1;
	fclose(f);
	/* It is open as long as the process lives. */
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd >= 0;
}

void messages_find(struct message_items *items, bool spam,
		   enum message_format format, struct str place)
{
	static bool had_input;
	char path[4096], input[64];
	struct stat st;
	glob_t g;

	if (str_eq(place, STR("-"))) {
		if (had_input)
			log_warn("skipping extra stdin target (%.*s)",
				 STR_ARG(place));
		else if (!keep_input(input))
			log_warn("standard input: %s", strerror(errno));
		else
			find_at(items, spam, format, input);
		had_input = true;
		return;
	}
	snprintf(path, sizeof(path), "%.*s", STR_ARG(place));
	if (stat(path, &st) == 0) {
		find_at(items, spam, format, path);
		return;
	}
	/* What a pattern does not find is not missed. */
	if (glob(path, GLOB_BRACE | GLOB_TILDE | GLOB_NOMAGIC, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++)
		find_at(items, spam, format, g.gl_pathv[i]);
	globfree(&g);
}

bool messages_target(struct str word, bool any_class, bool *spam_r,
		     enum message_format *format_r, struct str *place_r)
{
	struct str class, format, rest = word;
	enum message_format named = FORMAT_DETECT;
	bool spam;

	if (!str_next(&rest, ':', &class) || !str_next(&rest, ':', &format) ||
	    !rest.p)
		return false;
	spam = any_class ? str_starts(class, STR("s")) :
			   str_eq(class, STR("spam"));
	if (!any_class && !spam && !str_eq(class, STR("ham")))
		return false;
	if (format.n == 0 ? any_class : !message_format_named(format, &named))
		return false;
	*spam_r = spam;
	*format_r = named;
	*place_r = rest;
	return true;
}

int messages_find_list(struct message_items *items, int spam,
		       enum message_format format, const char *list_path,
		       struct err *err)
{
	struct buf b;
	struct str rest, line;

	buf_in(&b, items->arena, LIMIT_RULE_FILE);
	if (input_read(list_path, &b, err) < 0)
		return -1;
	rest = buf_str(&b);
	while (str_next_line(&rest, &line)) {
		enum message_format own_format;
		struct str place;
		bool own;

		if (line.n && line.p[line.n - 1] == '\n')
			line.n--;
		if (str_trim(line).n == 0)
			continue;
		if (messages_target(line, false, &own, &own_format, &place))
			messages_find(items, own, own_format, place);
		else if (spam < 0)
			return -2;
		else
			messages_find(items, spam, format, line);
	}
	return 0;
}

struct str message_item_name(struct arena *a, const struct message_item *it)
{
	if (it->format == FORMAT_FILE)
		return it->path;
	return str_printf(a, "%.*s.%lld", STR_ARG(it->path),
			  (long long)it->at);
}
