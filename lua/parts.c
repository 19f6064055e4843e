/*
 * What the task knows of its parts: the lists of MIME parts and texts, and of
 * the images, archives and attachments among them. Everything is made from
 * one set of facts (mail/text_part.h), which is kept with the message.
 */
#include "lua/parts.h"

#include "lua/sandbox.h"
#include "lua/task.h"
#include "mail/part.h"
#include "mail/text_part.h"

struct mail_texts *lua_texts(struct lua_run *run)
{
	int64_t start = lua_meter_pause();
	struct mail_texts *t = message_texts(run->msg);

	lua_meter_resume(run->vm, start);
	return t;
}

bool lua_parts_distance(struct lua_run *run, double *distance_r,
			double *total_words_r)
{
	struct mail_texts *t = lua_texts(run);

	if (!map_has(&run->memo, STR("parts distance"))) {
		int64_t start = lua_meter_pause();

		map_set(&run->memo, STR("parts distance"), t);
		mail_texts_compare(run->arena, t);
		lua_meter_resume(run->vm, start);
	}
	*distance_r = t->distance;
	*total_words_r = (double)t->total_words;
	return t->distance_known;
}

struct str lua_node_content(struct lua_run *run, const struct mime_node *node)
{
	/* A text's octets are there already. */
	if (node->text)
		return node->text->parsed;
	return part_content(run->arena, node->part);
}

/* task:get_parts() -> list of MIME parts
 * All parts of the message in the order in which they stand, those that hold
 * others (multipart/..., message/rfc822) before what they hold.
 * > local parts = task:get_parts()
 * > assert(#parts == 7)
 * > assert(parts[1]:is_multipart() and parts[4]:is_text())
 */
int task_get_parts(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));

	lua_spend(L, t->nnodes * 64);
	lua_createtable(L, (int)t->nnodes, 0);
	for (size_t i = 0; i < t->nnodes; i++) {
		lua_handle_push(L, &lua_mimepart_class, t->nodes[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* task:get_text_parts() -> list of text parts
 * The texts of the message: every part that is text/plain or text/html,
 * attached or not.
 * > local texts = task:get_text_parts()
 * > assert(#texts == 2)
 * > assert(not texts[1]:is_html() and texts[2]:is_html())
 */
int task_get_text_parts(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));

	lua_spend(L, t->ntexts * 64);
	lua_createtable(L, (int)t->ntexts, 0);
	for (size_t i = 0; i < t->ntexts; i++) {
		lua_handle_push(L, &lua_textpart_class, t->texts[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* The list of what push() makes of the nodes. */
static int list_nodes(lua_State *L, bool (*push)(lua_State *L,
						 struct mime_node *node))
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));
	lua_Integer n = 0;

	lua_newtable(L);
	lua_spend(L, t->nnodes * 64);
	for (size_t i = 0; i < t->nnodes; i++)
		if (push(L, t->nodes[i]))
			lua_rawseti(L, -2, ++n);
	return 1;
}

/* task:get_images() -> list of images
 * The images that are parts of the message, whatever their declared types.
 * > local images = task:get_images()
 * > assert(#images == 1 and images[1]:get_type() == "PNG")
 */
int task_get_images(lua_State *L)
{
	return list_nodes(L, lua_image_push);
}

/* task:get_archives() -> list of archives
 * The archives that are parts of the message.
 * > assert(#task:get_archives() == 0)
 */
int task_get_archives(lua_State *L)
{
	return list_nodes(L, lua_archive_push);
}

static bool push_attachment(lua_State *L, struct mime_node *node)
{
	if (!lua_is_attachment(lua_run_of(L), node))
		return false;
	lua_handle_push(L, &lua_mimepart_class, node);
	return true;
}

/* task:get_attachments() -> list of MIME parts
 * The parts that are attachments (see part:is_attachment()). rspamd has no
 * such method.
 * > local files = task:get_attachments()
 * > assert(#files == 1 and files[1]:get_filename() == "report.pdf")
 */
int task_get_attachments(lua_State *L)
{
	return list_nodes(L, push_attachment);
}
