/*
 * mekiki check --lua FILE: what the rules of some Lua files did with the
 * message.
 */
#ifndef MEKIKI_CLI_CHECK_LUA_H
#define MEKIKI_CLI_CHECK_LUA_H

#include "scan/engine.h"

struct lua_report;

/* Watches e while a message is scanned, and gathers the log. The report lives
 * in a, as long as the scan. */
struct lua_report *lua_report_begin(struct engine *e, struct arena *a);

/* No longer. */
void lua_report_end(struct lua_report *r);

/* Prints what the rules of file did. False if one failed, or the file is
 * faulty. */
bool lua_report_print(const struct lua_report *r, const char *file);

#endif
