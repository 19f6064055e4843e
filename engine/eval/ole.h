/*
 * What SpamAssassin's OLEVBMacro plugin finds in attached documents: by names,
 * and by marks anywhere in the octets, without any reading of OLE files. Which
 * parts and members it looks at, in which order and how many decides verdicts,
 * so ole_look.c follows it step by step; the limits of time and memory are
 * ours (LIMIT_OLE_... in limits.h).
 */
#ifndef MEKIKI_EVAL_OLE_H
#define MEKIKI_EVAL_OLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "eval/ole_zip.h"

struct arena;
struct message;
struct regex;

/* The directives olemacro_..., read. */
enum ole_regex {
	OLE_EXTS, OLE_MACRO_EXTS, OLE_SKIP_EXTS, OLE_SKIP_CTYPES, OLE_ZIPS,
	OLE_DOWNLOAD_MARKER, OLE_REGEXES
};

struct ole_options {
	const struct regex *re[OLE_REGEXES];
	double num_mime, num_zip, zip_depth, max_file;
	bool extended_scan, prefer_disposition;
};

struct ole_facts {
	bool macro, object, rtf_object, csv, malice, renamed, encrypted,
	     zip_password, download_exe;
	struct strs redirect_uris;	/* 10 at most */
	struct strs mhtml_uris;		/* 5 at most */
};

/* One look at one message. */
struct ole_look {
	const struct ole_options *o;
	struct ole_facts *f;
	struct arena *arena;		/* of the facts */
	struct zip_budget budget;
};

/* ole_look.c: looks at all parts. Links to follow are f->redirect_uris. */
void ole_look_at(struct ole_look *k, struct message *m);

/* ole_doc.c: a document of the kind that is an archive: true if data is one.
 * Sets facts. */
bool ole_look_in_document(struct ole_look *k, struct str name,
			  struct str data);
bool ole_is_zip(struct str name, struct str data);

/* ole_marks.c: what octets tell. */
bool ole_is_office(struct str data);
bool ole_is_encrypted(struct str data);
bool ole_has_macro(struct str data);
bool ole_has_malice(struct str data);
bool ole_has_csv_command(struct str data);
bool ole_has_download(struct str data, const struct regex *marker);

#endif
