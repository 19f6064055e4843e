/*
 * The one list of everything that a script can reach: classes of objects and
 * modules. lint takes the known names from here, too.
 */
#include "lua/config.h"
#include "lua/dns.h"
#include "lua/hash.h"
#include "lua/http.h"
#include "lua/ip.h"
#include "lua/logger.h"
#include "lua/sandbox.h"
#include "lua/parts.h"
#include "lua/map.h"
#include "lua/redis.h"
#include "lua/regexp.h"
#include "lua/task.h"
#include "lua/text.h"
#include "lua/ucl.h"
#include "lua/util.h"
#include "lua/vm.h"


const struct lua_class *const lua_classes[] = {
	&lua_task_class,
	&lua_config_class,
	&lua_mempool_class,
	&lua_file_class,
	&lua_ucl_parser_class,
	&lua_map_class,
	&lua_resolver_class,
	&lua_redis_class,
	&lua_regexp_class,
	&lua_hash_class,
	&lua_ip_class,
	&lua_text_class,
	&lua_mimepart_class,
	&lua_textpart_class,
	&lua_html_class,
	&lua_htmltag_class,
	&lua_url_class,
	&lua_image_class,
	&lua_archive_class,
	NULL,
};

const struct lua_module *const lua_modules[] = {
	&lua_ucl_module,
	&lua_http_module,
	&lua_redis_module,
	&lua_resolver_module,
	&lua_dns_module,
	&lua_tcp_module,
	&lua_regexp_module,
	&lua_hash_module,
	&lua_ip_module,
	&lua_logger_module,
	&lua_parsers_module,
	&lua_text_module,
	&lua_util_module,
	&lua_mempool_module,
	&lua_url_module,
	NULL,
};
