/*
 * rspamd{text} for bindings that make or take one; lua_text_push() and
 * lua_text_push_copy() are in vm.h.
 */
#ifndef MEKIKI_LUA_TEXT_H
#define MEKIKI_LUA_TEXT_H

#include "base/codec.h"
#include "lua/vm.h"

extern const struct lua_class lua_text_class;
extern const struct lua_module lua_text_module;

/* Pushes a text with room for n octets and returns where they go; the caller
 * fills them before anything else happens to the stack. */
char *lua_text_new(lua_State *L, size_t n);

/* The text that lua_text_new() has just pushed is only n octets long. */
void lua_text_cut(lua_State *L, size_t n);

/* The octets of the text at idx; raises an error if it is none. */
struct str lua_text_get(lua_State *L, int idx);

/* The same; false if it is none. */
bool lua_text_test(lua_State *L, int idx, struct str *s_r);

/* Pushes the octets `piece` of the text at idx as a text: without a copy if
 * they are the message's. */
void lua_text_push_piece(lua_State *L, int idx, struct str piece);

/* The optional name of a base32 alphabet at idx. */
enum base32_kind lua_base32_arg(lua_State *L, int idx);

/* The optional name of a line's end ("cr", "lf", "crlf") at idx; CRLF if
 * there is none. */
struct str lua_line_end_arg(lua_State *L, int idx);

/* Pushes s in base64 with these lines, or in the base32 of this kind. */
void lua_push_base64(lua_State *L, struct str s,
		     const struct codec_lines *lines);
void lua_push_base32(lua_State *L, struct str s, enum base32_kind kind);

/* Methods that stand in text_codec.c and text_make.c. */
int lua_text_base32(lua_State *L);
int lua_text_base64(lua_State *L);
int lua_text_exclude_chars(lua_State *L);
int lua_text_hex(lua_State *L);
int lua_text_lower(lua_State *L);
int lua_text_oneline(lua_State *L);
int lua_text_lines(lua_State *L);
int lua_text_split(lua_State *L);

#endif
