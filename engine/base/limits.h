/*
 * Every ceiling in one place, each with its reason. Meeting one is a recorded
 * fact about the message (see enum message_flag), not an error. Numbers that
 * are SpamAssassin's own decide verdicts and must not be changed.
 */
#ifndef MEKIKI_BASE_LIMITS_H
#define MEKIKI_BASE_LIMITS_H

/* SpamAssassin's: a header's name and value are cut here. */
#define LIMIT_HEADER_NAME 256
#define LIMIT_HEADER_VALUE 8192
/* SpamAssassin's: what the ALL pseudo-header holds at most. */
#define LIMIT_ALL_HEADERS 65536
/* SpamAssassin's: MIME nesting, and parts of one multipart. */
#define LIMIT_MIME_DEPTH 20
#define LIMIT_MIME_PARTS 1000
/* SpamAssassin's: a paragraph of the body view, a line inside a multipart,
 * and a chunk of rawbody (2,048 to 4,096 bytes). */
#define LIMIT_BODY_LINE 2048
/* SpamAssassin's: a URI is cut here. */
#define LIMIT_URI 8192

/* Ours: headers kept of one message or part. A million empty headers would
 * otherwise cost a million structs. */
#define LIMIT_HEADERS 20000
/* Ours: parts in the whole message (the sum over nested multiparts). */
#define LIMIT_PARTS_TOTAL 10000
/* Ours: URIs collected from one message. */
#define LIMIT_URIS 10000
/* Ours: forms that one URI is decoded to (each "http://" inside a URI is one
 * more), and the sum of the bytes of all forms of a message. Without them a
 * message of nested redirections grows by its square. */
#define LIMIT_URI_FORMS 256
#define LIMIT_URI_BYTES ((size_t)8 << 20)
/* Ours: Received headers parsed to relays. */
#define LIMIT_RELAYS 1000
/* rspamd's: addresses that scripts see of one header. */
#define LIMIT_LUA_ADDRESSES 1024
/* Ours: text of one rendered or decoded part; SpamAssassin has none, but a
 * 50 MB message must not need a gigabyte. */
#define LIMIT_PART_TEXT ((size_t)64 << 20)
/* Ours: depth of open HTML elements that is tracked. */
#define LIMIT_HTML_DEPTH 10000
/* Ours: comments, anchors, titles, scripts and kinds of unknown tags kept of
 * one HTML part, each. A megabyte of "<!>" would otherwise cost sixteen. */
#define LIMIT_HTML_ITEMS 100000
/* Ours: words of one text that rules in Lua see. */
#define LIMIT_WORDS 100000
/* Ours: files listed of one archive. */
#define LIMIT_ZIP_FILES 10000
/* Ours: what is decoded of one value in a PDF file, of which 256 octets are
 * wanted in the end. */
#define LIMIT_PDF_VALUE 65536
/* Ours: octets unpacked from all archives attached to a message (the same
 * ones again count again: a member is read once for each thing looked for).
 * SpamAssassin has no such limit: a megabyte of ZIP makes a gigabyte there. */
#define LIMIT_OLE_BYTES ((size_t)48 << 20)
/* Ours: archives within archives, whatever olemacro_zip_depth says. */
#define LIMIT_OLE_DEPTH 16
/* Ours: a message that the daemon accepts. */
#define LIMIT_MESSAGE ((size_t)256 << 20)
/* Ours: a line of a rule file; longer ones are named and skipped. The
 * longest stock line has 23 KB. */
#define LIMIT_RULE_LINE ((size_t)1 << 20)
/* Ours: nesting of include lines, files of one configuration (sa-update's
 * include some 60), and bytes of one of them (the largest stock one has
 * 700 KB). */
#define LIMIT_INCLUDES 16
#define LIMIT_RULE_FILES 10000
#define LIMIT_RULE_FILE ((size_t)64 << 20)
/* Ours: faults that are listed for one rule file. A binary named *.cf would
 * otherwise fill the log. */
#define LIMIT_FILE_FAULTS 200
/* Ours: conditions open at one place of a rule file. */
#define LIMIT_OPEN_IFS 1000
/* Ours: programs that the configuration names, to be run for messages. */
#define LIMIT_PROGRAMS 256
/* Ours: URIs of all feeds of phishing sites together (PhishTank has some
 * 60,000), and entries of one access database. */
#define LIMIT_PHISH_URIS 1000000
#define LIMIT_ACCESS_ENTRIES 1000000
/* Ours: links of a message that PhishTag looks for in its body, and octets of
 * bodies that it goes through for them (a match counts as some): each link is
 * a search of its own, and may make the body longer for the next. */
#define LIMIT_PHISHTAG_LINKS 1000
#define LIMIT_PHISHTAG_WORK ((size_t)256 << 20)
/* Ours: steps of one compiled meta or condition. */
#define LIMIT_META_STEPS 20000
/* Ours: PCRE2's match limit, heap limit in KiB and JIT stack. A pattern that
 * needs more is a miss on that message, logged once. */
#define LIMIT_MATCH 1000000
#define LIMIT_MATCH_HEAP_KB 20000
#define LIMIT_JIT_STACK ((size_t)1 << 20)

/* Ours, the daemon's. A request's line or header; spamd has none. */
#define LIMIT_REQUEST_LINE 65536
/* Mail that the front holds for all its clients together; a request that
 * would need more gets a temporary failure. */
#define LIMIT_FRONT_BYTES ((size_t)2 << 30)
/* Times that a request is begun again after its worker was killed from
 * outside (not by its own crash or hang, which is allowed once). */
#define LIMIT_FOREIGN_KILLS 1000
/* A worker that was killed from outside while it held more memory than this
 * is taken for the OOM killer's victim, and its message for the cause. */
#define LIMIT_WORKER_BLAMED ((size_t)1 << 30)
/* Seconds that the end of the daemon waits for requests that run. */
#define LIMIT_DRAIN_SECONDS 30
/* Seconds that a connection which was answered is read on for, so that the
 * answer is not lost with the client's unread bytes. */
#define LIMIT_LINGER_SECONDS 2
/* A worker's address space, its largest file (a reply), its descriptors. */
#define LIMIT_WORKER_MEMORY ((size_t)4 << 30)
/* resource_limit_mem may lower it to this: rules and a large mail need room,
 * and with less all mail would fail. */
#define LIMIT_WORKER_MEMORY_LEAST ((size_t)1 << 30)
#define LIMIT_WORKER_FILE ((size_t)1 << 30)
#define LIMIT_WORKER_FILES 64
/* The asker's descriptors: a client is one, a connection may need two. */
#define LIMIT_ASKER_FILES 4096
/* A program that is run for a message: address space, largest file, and
 * descriptors. Readers of images are said to need a gigabyte. */
#define LIMIT_PROGRAM_MEMORY ((size_t)4 << 30)
#define LIMIT_PROGRAM_FILE ((size_t)256 << 20)
#define LIMIT_PROGRAM_FILES 256
/* Workers of one generation. */
#define LIMIT_WORKERS 1024
/* A user's own file of preferences. */
#define LIMIT_PREFS_FILE ((size_t)256 << 10)
/* Users' preferences from a database that are remembered for a moment. */
#define LIMIT_SCORES_CACHE ((size_t)8 << 20)
/* What a worker keeps of users' files that it has read: it costs memory once a
 * worker. A user with rules of its own takes some megabytes. */
#define LIMIT_OVERLAYS ((size_t)64 << 20)
/* Rules that one user's own file may define (allow_user_rules). */
#define LIMIT_USER_RULES 200
/* Faults that are logged of one user's file. */
#define LIMIT_PREFS_FAULTS 20
/* Mail kept aside because it killed workers: files, and bytes of each. */
#define LIMIT_POISON_FILES 100
#define LIMIT_POISON_FILE ((size_t)32 << 20)

#endif
