/*
 * A question to the world outside and its answer, as data: rules in Lua ask,
 * the scan passes it on and waits, a process of its own (net/) does it. Who
 * asks may not do, and who does knows nothing of rules or mail.
 */
#ifndef MEKIKI_BASE_ASK_H
#define MEKIKI_BASE_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/reply.h"
#include "base/str.h"

enum ask_kind { ASK_HTTP, ASK_DNS, ASK_REDIS };

struct ask {
	uint32_t id;		/* of the asker's choice; comes back */
	enum ask_kind kind;
	double timeout;		/* seconds */
	/* ASK_HTTP */
	struct str url;		/* http or https */
	struct str method;	/* "GET", "POST", ... */
	struct str body;	/* STR_NONE: none */
	struct strs headers;	/* "Name: value" */
	bool no_ssl_verify;
	uint32_t max_size;	/* bytes of the answer's body; 0: default */
	uint32_t redirects;	/* to follow at most; 0: none, the answer says
				 * where to, as in rspamd */
	/* ASK_REDIS */
	/* Names, keys and arguments of commands, which are asked together. */
	const struct strs *commands;
	size_t ncommands;
};

enum ask_status {
	ASK_OK,
	ASK_ERROR,		/* error says why */
	ASK_TIMEOUT,
	ASK_GONE,		/* the process that was asked is gone */
	ASK_REFUSED,		/* the settings forbid it, error says which */
};

struct ask_answer {
	uint32_t id;
	enum ask_status status;
	struct str error;	/* unless ASK_OK */
	int code;		/* HTTP's status */
	struct str body;
	struct strs headers;	/* "Name: value" */
	const struct store_reply *reply;	/* ASK_REDIS: a list with one
						 * for each command */
};

#endif
