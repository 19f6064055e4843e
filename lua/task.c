/*
 * The methods of the task, by files; aliases as in rspamd.
 */
#include "lua/parts.h"
#include "lua/task.h"

static const struct lua_row methods[] = {
	/* task_header.c */
	{ "get_header", task_get_header },
	{ "get_header_modified", task_get_header },
	{ "get_header_raw", task_get_header_raw },
	{ "get_header_full", task_get_header_full },
	{ "get_header_count", task_get_header_count },
	{ "has_header", task_has_header },
	{ "get_headers", task_get_headers },
	{ "get_raw_headers", task_get_raw_headers },
	{ "headers_foreach", task_headers_foreach },
	{ "get_subject", task_get_subject },
	{ "get_message_id", task_get_message_id },
	{ "get_date", task_get_date },
	{ "get_content", task_get_content },
	{ "get_message", task_get_content },
	{ "get_rawbody", task_get_rawbody },
	{ "get_size", task_get_size },
	{ "get_newlines_type", task_get_newlines_type },
	/* task_content.c */
	{ "get_digest", task_get_digest },
	{ "process_regexp", task_process_regexp },
	/* task_addr.c */
	{ "get_from", task_get_from },
	{ "get_recipients", task_get_recipients },
	{ "has_from", task_has_from },
	{ "has_recipients", task_has_recipients },
	{ "get_reply_sender", task_get_reply_sender },
	{ "get_principal_recipient", task_get_principal_recipient },
	{ "get_user", task_get_user },
	{ "get_from_ip", task_get_from_ip },
	{ "get_ip", task_get_from_ip },
	{ "get_addr", task_get_from_ip },
	{ "get_client_ip", task_get_from_ip },
	{ "get_from_addr", task_get_from_ip },
	{ "get_helo", task_get_helo },
	{ "get_hostname", task_get_hostname },
	{ "get_queue_id", task_get_queue_id },
	{ "get_request_header", task_get_request_header },
	/* task_rewrite.c */
	{ "set_from", task_set_from },
	{ "set_recipients", task_set_recipients },
	/* task_received.c */
	{ "get_received_headers", task_get_received_headers },
	/* task_symbols.c */
	{ "insert_result", task_insert_result },
	{ "has_symbol", task_has_symbol },
	{ "get_symbol", task_get_symbol },
	{ "get_symbols", task_get_symbols },
	{ "get_symbols_all", task_get_symbols_all },
	{ "get_symbols_numeric", task_get_symbols_numeric },
	{ "get_groups", task_get_groups },
	{ "has_rule", task_has_rule },
	{ "get_rule", task_get_rule },
	{ "get_hits", task_get_hits },
	{ "get_subrules", task_get_subrules },
	/* task_verdict.c */
	{ "get_metric_score", task_get_metric_score },
	{ "get_metric_result", task_get_metric_result },
	{ "get_metric_action", task_get_metric_action },
	{ "set_pre_result", task_set_pre_result },
	{ "has_pre_result", task_has_pre_result },
	/* task_reply.c */
	{ "set_milter_reply", task_set_milter_reply },
	{ "set_rmilter_reply", task_set_milter_reply },
	{ "get_milter_reply", task_get_milter_reply },
	{ "set_flag", task_set_flag },
	{ "has_flag", task_has_flag },
	{ "get_flags", task_get_flags },
	/* task_misc.c */
	{ "get_mempool", task_get_mempool },
	{ "cache_get", task_cache_get },
	{ "cache_set", task_cache_set },
	{ "get_timeval", task_get_timeval },
	{ "get_scan_time", task_get_scan_time },
	{ "get_uid", task_get_uid },
	{ "get_resolver", task_get_resolver },
	{ "get_cfg", task_get_cfg },
	{ "get_settings_id", task_get_settings_id },
	{ "get_settings", task_get_settings_id },
	/* parts.c */
	{ "get_parts", task_get_parts },
	{ "get_text_parts", task_get_text_parts },
	{ "get_images", task_get_images },
	{ "get_archives", task_get_archives },
	{ "get_attachments", task_get_attachments },
	/* urls.c */
	{ "get_urls", task_get_urls },
	{ "get_urls_filtered", task_get_urls_filtered },
	{ "has_urls", task_has_urls },
	{ "get_emails", task_get_emails },
	{ "inject_url", task_inject_url },
	/* task_sa.c */
	{ "get_relays", task_get_relays },
	{ "get_envelope_from", task_get_envelope_from },
	{ "get_sa_header", task_get_sa_header },
	{ "get_body", task_get_body },
	{ "get_rawbody_chunks", task_get_rawbody_chunks },
	{ "get_uris", task_get_uris },
	{ "get_uri_domains", task_get_uri_domains },
	{ "get_tag", task_get_tag },
	{ "set_tag", task_set_tag },
	{ "get_own_domains", task_get_own_domains },
	{ "is_own_domain", task_is_own_domain },
	{ "get_recipients_facts", task_get_recipients_facts },
	/* task_memory.c */
	{ "is_memory_known", task_is_memory_known },
	{ "get_reputation", task_get_reputation },
	{ "get_same_text", task_get_same_text },
	{ "get_bayes", task_get_bayes },
	{ 0 },
};

const struct lua_class lua_task_class = {
	.name = "rspamd{task}", .methods = methods,
};

void lua_task_push(lua_State *L, struct lua_run *run)
{
	struct lua_vm *vm = run->vm;

	/* One for all callbacks of the message. */
	if (vm->task_ref) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, vm->task_ref);
		return;
	}
	lua_handle_push(L, &lua_task_class, run);
	lua_pushvalue(L, -1);
	vm->task_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}
