/*
 * What a store answers to one command, as data: RESP's kinds of values. Rules
 * in Lua get such replies too, so that the layers that carry them need not
 * know the store.
 */
#ifndef MEKIKI_BASE_REPLY_H
#define MEKIKI_BASE_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum store_reply_kind { REPLY_NIL, REPLY_STATUS, REPLY_ERROR, REPLY_INT,
			REPLY_TEXT, REPLY_LIST };

struct store_reply {
	enum store_reply_kind kind;
	struct str text;	/* STATUS, ERROR, TEXT */
	int64_t number;		/* INT */
	struct store_reply *items;	/* LIST */
	size_t n;
};

#endif
