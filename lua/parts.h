/*
 * The parts of a message, their texts, HTML, links, images and archives, as
 * scripts see them. The facts behind are in mail/text_part.h, made once a
 * message when the first script asks.
 */
#ifndef MEKIKI_LUA_PARTS_H
#define MEKIKI_LUA_PARTS_H

#include "lua/vm.h"

struct dom_node;
struct link;
struct mail_texts;
struct mime_node;

extern const struct lua_class lua_mimepart_class;
extern const struct lua_class lua_textpart_class;
extern const struct lua_class lua_html_class;
extern const struct lua_class lua_htmltag_class;
extern const struct lua_class lua_url_class;
extern const struct lua_class lua_image_class;
extern const struct lua_class lua_archive_class;
extern const struct lua_module lua_url_module;

/* The facts of the message. What their making costs is not charged to the
 * rule that asked first: the message is to blame. */
struct mail_texts *lua_texts(struct lua_run *run);

/* Of a message that is text and HTML of the same: how far they are apart (0
 * is alike) and the number of words of both; what rspamd keeps in its mempool
 * as parts_distance and total_words. False for all other messages. */
bool lua_parts_distance(struct lua_run *run, double *distance_r,
			double *total_words_r);

/* Pushes a link as a url object; nil for NULL. */
void lua_url_push(lua_State *L, struct link *l);

/* Pushes the table of flags {name = true}. */
void lua_url_flags_push(lua_State *L, unsigned flags);

/* Pushes an <img>'s table. */
void lua_htmlimage_push(lua_State *L, struct dom_node *node);

/* Pushes the image or archive that the node is; false (nothing pushed) if it
 * is none. */
bool lua_image_push(lua_State *L, struct mime_node *node);
bool lua_archive_push(lua_State *L, struct mime_node *node);
bool lua_is_image(struct lua_run *run, const struct mime_node *node);
bool lua_is_archive(struct lua_run *run, const struct mime_node *node);

/* The decoded octets of a node; "" for one that holds others. */
struct str lua_node_content(struct lua_run *run, const struct mime_node *node);

/* Methods of the task; argument 1 is one. */
int task_get_parts(lua_State *L);
int task_get_text_parts(lua_State *L);
int task_get_images(lua_State *L);
int task_get_archives(lua_State *L);
int task_get_attachments(lua_State *L);
int task_get_urls(lua_State *L);
int task_get_urls_filtered(lua_State *L);
int task_has_urls(lua_State *L);
int task_get_emails(lua_State *L);
int task_inject_url(lua_State *L);

/* part:get_urls() of MIME parts and texts: pushes the list. */
struct text_part;
int lua_part_urls_push(lua_State *L, struct text_part *tp, int idx);

/* mimepart_header.c: methods of MIME parts. */
int mimepart_get_header(lua_State *L);
int mimepart_get_header_raw(lua_State *L);
int mimepart_get_header_full(lua_State *L);
int mimepart_get_header_count(lua_State *L);
int mimepart_has_header(lua_State *L);
int mimepart_headers_foreach(lua_State *L);
int mimepart_get_raw_headers(lua_State *L);

/* mimepart_type.c: what a MIME part is. */
bool lua_is_attachment(struct lua_run *run, const struct mime_node *node);
int mimepart_get_type(lua_State *L);
int mimepart_get_type_full(lua_State *L);
int mimepart_get_detected_type(lua_State *L);
int mimepart_get_detected_type_full(lua_State *L);
int mimepart_get_detected_ext(lua_State *L);
int mimepart_get_cte(lua_State *L);
int mimepart_is_attachment(lua_State *L);
int mimepart_is_text(lua_State *L);
int mimepart_is_multipart(lua_State *L);
int mimepart_is_message(lua_State *L);
int mimepart_is_image(lua_State *L);
int mimepart_is_archive(lua_State *L);
int mimepart_is_broken(lua_State *L);
int mimepart_is_specific(lua_State *L);
int mimepart_get_specific(lua_State *L);

#endif
