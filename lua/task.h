/*
 * The task: the message being scanned, as scripts see it. Its methods are
 * spread over files by what they tell (task_header.c, task_addr.c, ...);
 * task.c has the table of all of them. The object behind the handle is the
 * struct lua_run.
 */
#ifndef MEKIKI_LUA_TASK_H
#define MEKIKI_LUA_TASK_H

#include <time.h>

#include "lua/vm.h"

struct lua_addresses;

extern const struct lua_class lua_task_class;
extern const struct lua_class lua_mempool_class;
extern const struct lua_module lua_mempool_module;

/* Pushes the task of the message that is being scanned. */
void lua_task_push(lua_State *L, struct lua_run *run);

/* The task that is argument 1. */
static inline struct lua_run *task_arg(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_task_class);
}

/* Pushes the table in which the message's scripts keep Lua values for one
 * another (cache_set and kin), and drops it when the message is over. */
void task_table_push(lua_State *L);
void task_table_drop(struct lua_vm *vm);

/* When the message came here. */
time_t task_arrival(struct lua_run *run);

/* "no action", "add header", or what a rule forced. */
struct str task_action(struct lua_run *run);

/* Facts of the envelope, told or inferred; STR_NONE where nobody knows. */
struct str task_client_ip(struct lua_run *run);
struct str task_client_helo(struct lua_run *run);
struct str task_client_name(struct lua_run *run);

/* Recipients and senders, made once a message. */
enum task_side { TASK_FROM, TASK_RCPT };
enum task_world { TASK_ANY, TASK_SMTP, TASK_MIME };
const struct lua_addresses *task_addresses(struct lua_run *run,
					   enum task_side side,
					   enum task_world world);

/* What scripts are shown in its place from now on. */
void task_addresses_replace(struct lua_run *run, enum task_side side,
			    enum task_world world,
			    const struct lua_addresses *list);

/* The type at argument 2: 0 to 2, a word, or a list with a word (and a flavour
 * behind it). */
enum task_world task_world_arg(lua_State *L, struct lua_run *run);

/* Raises an error unless argument idx, if given, is a table. */
bool task_table_arg(lua_State *L, int idx);

/* task_header.c */
int task_get_header(lua_State *L);
int task_get_header_raw(lua_State *L);
int task_get_header_full(lua_State *L);
int task_get_header_count(lua_State *L);
int task_has_header(lua_State *L);
int task_get_headers(lua_State *L);
int task_get_raw_headers(lua_State *L);
int task_headers_foreach(lua_State *L);
int task_get_subject(lua_State *L);
int task_get_message_id(lua_State *L);
int task_get_date(lua_State *L);
int task_get_content(lua_State *L);
int task_get_rawbody(lua_State *L);
int task_get_size(lua_State *L);
int task_get_newlines_type(lua_State *L);

/* task_content.c */
int task_get_digest(lua_State *L);
int task_process_regexp(lua_State *L);

/* task_addr.c */
int task_get_from(lua_State *L);
int task_get_recipients(lua_State *L);
int task_has_from(lua_State *L);
int task_has_recipients(lua_State *L);
int task_get_reply_sender(lua_State *L);
int task_get_principal_recipient(lua_State *L);
int task_get_user(lua_State *L);
int task_get_from_ip(lua_State *L);
int task_get_helo(lua_State *L);
int task_get_hostname(lua_State *L);
int task_get_queue_id(lua_State *L);
int task_get_request_header(lua_State *L);

/* task_rewrite.c */
int task_set_from(lua_State *L);
int task_set_recipients(lua_State *L);

/* task_received.c */
int task_get_received_headers(lua_State *L);

/* task_symbols.c */
int task_insert_result(lua_State *L);
int task_has_symbol(lua_State *L);
int task_get_symbol(lua_State *L);
int task_get_symbols(lua_State *L);
int task_get_symbols_all(lua_State *L);
int task_get_symbols_numeric(lua_State *L);
int task_get_groups(lua_State *L);
int task_has_rule(lua_State *L);
int task_get_rule(lua_State *L);
int task_get_hits(lua_State *L);
int task_get_subrules(lua_State *L);

/* task_verdict.c */
int task_get_metric_score(lua_State *L);
int task_get_metric_result(lua_State *L);
int task_get_metric_action(lua_State *L);
int task_set_pre_result(lua_State *L);
int task_has_pre_result(lua_State *L);

/* task_reply.c */
int task_set_milter_reply(lua_State *L);
int task_get_milter_reply(lua_State *L);
int task_set_flag(lua_State *L);
int task_has_flag(lua_State *L);
int task_get_flags(lua_State *L);

/* task_misc.c */
int task_get_mempool(lua_State *L);
int task_cache_get(lua_State *L);
int task_cache_set(lua_State *L);
int task_get_timeval(lua_State *L);
int task_get_scan_time(lua_State *L);
int task_get_uid(lua_State *L);
int task_get_resolver(lua_State *L);
int task_get_cfg(lua_State *L);
int task_get_settings_id(lua_State *L);

/* task_sa.c */
int task_get_relays(lua_State *L);
int task_get_envelope_from(lua_State *L);
int task_get_sa_header(lua_State *L);
int task_get_body(lua_State *L);
int task_get_rawbody_chunks(lua_State *L);
int task_get_uris(lua_State *L);
int task_get_uri_domains(lua_State *L);
int task_get_tag(lua_State *L);
int task_set_tag(lua_State *L);
int task_get_own_domains(lua_State *L);
int task_is_own_domain(lua_State *L);
int task_get_recipients_facts(lua_State *L);

/* task_memory.c */
int task_is_memory_known(lua_State *L);
int task_get_reputation(lua_State *L);
int task_get_same_text(lua_State *L);
int task_get_bayes(lua_State *L);

#endif
