/*
 * Files of rule tests, NAME.tests beside NAME.lua (or NAME.cf):
 *
 *	# comments and empty lines between statements
 *	cf own_domains example.net	(before the first test: a line of
 *					 configuration for all of them)
 *	test A notice in our own name	(begins a test)
 *	file mails/notice.eml		(its message, seen from this file; or:)
 *	message <<END			(the lines up to one that is END)
 *	From: ...
 *	END
 *	from bounce@example.org		(the envelope: from, rcpt, ip, helo,
 *	rcpt bob@example.net		 hostname, user; rcpt more than once)
 *	expect NAME OTHER		(rules that must hit)
 *	forbid NAME			(rules that must not)
 *	min 4.5				(bounds of the score)
 *	max 6
 *	verdict spam			(or ham)
 */
#ifndef MEKIKI_CLI_TEST_FILE_H
#define MEKIKI_CLI_TEST_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "lua/scripts.h"

struct arena;

struct rule_test {
	struct str name;
	int line;
	struct str message;	/* or */
	struct str file;	/* of the message, its path */
	struct lua_envelope envelope;
	bool has_envelope;
	struct strs rcpts;
	struct strs expect, forbid;
	bool has_min, has_max;
	double min, max;
	struct str verdict;	/* "spam", "ham" or none */
};

struct test_file {
	struct strs cf;			/* NUL-ended */
	struct rule_test *tests;
	size_t n, cap;
};

/* Reads text, which was found at path. 0, or -1 and err with path and line. */
int test_file_parse(struct arena *a, struct test_file *f, const char *path,
		    struct str text, struct err *err);

#endif
