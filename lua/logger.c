/*
 * The module rspamd_logger: lines of scripts in our own log. A line names the
 * rule and the message, or while loading the script's file and line, so that
 * the reader knows who speaks. Lines that are written are paid from the rule's
 * budget of output; debugging lines cost nothing while nobody listens.
 *
 * Functions whose names end in x take a format; before it may stand an object
 * (the task, rspamd_config, a mempool), which rspamd wants for its prefix and
 * which is ignored here.
 */
#include "lua/logger.h"

#include "base/log.h"
#include "lua/describe.h"
#include "lua/symbols.h"

/* Of one line, so that the message's id behind it is not cut off. */
#define LINE_MAX_BYTES 3000

/* What -D calls the lines of scripts. */
#define CHANNEL "lua"

static void write_line(lua_State *L, enum log_level level, const char *channel,
		       struct str text)
{
	const char *file = "";
	char place[300] = "", id[256] = "";
	struct lua_run *run = lua_vm_of(L)->run;
	int line;

	if (run) {
		if (run->current)
			snprintf(place, sizeof(place), "rule %.*s: ",
				 STR_ARG(str_head(run->current->name, 200)));
		snprintf(id, sizeof(id), " (message %.*s)",
			 STR_ARG(lua_run_message_id(run)));
	} else {
		lua_where(L, &file, &line);
		if (*file)
			snprintf(place, sizeof(place), "%.250s:%d: ", file,
				 line);
	}
	text = str_head(text, LINE_MAX_BYTES);
	switch (level) {
	case LOG_LEVEL_ERROR:
		log_error("%s%.*s%s", place, STR_ARG(text), id);
		break;
	case LOG_LEVEL_WARN:
		log_warn("%s%.*s%s", place, STR_ARG(text), id);
		break;
	case LOG_LEVEL_INFO:
		log_info("%s%.*s%s", place, STR_ARG(text), id);
		break;
	case LOG_LEVEL_DEBUG:
		log_debug(channel, "%s%.*s%s", place, STR_ARG(text), id);
	}
}

/* Where the format stands: behind an object, if there is one. */
static int format_at(lua_State *L, int idx)
{
	int at = lua_type(L, idx) == LUA_TUSERDATA ? idx + 1 : idx;

	if (lua_type(L, at) != LUA_TSTRING)
		return luaL_error(L, "bad format string type: %s",
				  luaL_typename(L, at));
	return at;
}

/* Formats the arguments from idx on and writes them. */
static int log_format(lua_State *L, enum log_level level, const char *channel,
		      int idx)
{
	char text[LUA_DESCRIBE_MAX];
	struct lua_printer pr = LUA_PRINTER_IN(text);
	int at = format_at(L, idx);

	if (level == LOG_LEVEL_DEBUG && !log_debugs(channel))
		return 0;
	lua_print_format(L, &pr, lua_str_arg(L, at), at + 1, lua_gettop(L));
	lua_spend_output(L, pr.n);
	write_line(L, level, channel, str_make(text, pr.n));
	return 0;
}

/* The same for functions that take a line as it is. */
static int log_plain(lua_State *L, enum log_level level)
{
	char text[LUA_DESCRIBE_MAX];
	struct lua_printer pr = LUA_PRINTER_IN(text);
	int at = format_at(L, 1);

	if (level == LOG_LEVEL_DEBUG && !log_debugs(CHANNEL))
		return 0;
	lua_print_value(L, &pr, at);
	lua_spend_output(L, pr.n);
	write_line(L, level, CHANNEL, str_make(text, pr.n));
	return 0;
}

/* rspamd_logger.errx([object,] format, ...)
 * Logs an error. In the format, %s stands for the next value, %1 for the
 * first and so on, %d and %.2f for a number; any value can be written, tables
 * with what is in them.
 * > local rspamd_logger = require "rspamd_logger"
 * > rspamd_logger.errx(task, "%s has %2 and %1", "list", 1.0, {2})
 */
static int logger_errx(lua_State *L)
{
	return log_format(L, LOG_LEVEL_ERROR, CHANNEL, 1);
}

/* rspamd_logger.warnx([object,] format, ...)
 * Logs a warning; the format is that of errx().
 * > require("rspamd_logger").warnx(task, "odd: %s", {a = true})
 */
static int logger_warnx(lua_State *L)
{
	return log_format(L, LOG_LEVEL_WARN, CHANNEL, 1);
}

/* rspamd_logger.infox([object,] format, ...)
 * Logs a line; the format is that of errx(). Also called messagex() and
 * msgx().
 * > require("rspamd_logger").infox(task, "score %.2f", 1 / 3)
 */
static int logger_infox(lua_State *L)
{
	return log_format(L, LOG_LEVEL_INFO, CHANNEL, 1);
}

/* rspamd_logger.debugx([object,] format, ...)
 * Logs a line if the debug channel "lua" is on (-D lua); the format is that of
 * errx().
 * > require("rspamd_logger").debugx(task, "seen %s", 1)
 */
static int logger_debugx(lua_State *L)
{
	return log_format(L, LOG_LEVEL_DEBUG, CHANNEL, 1);
}

/* rspamd_logger.debugm(module, [object,] format, ...)
 * The same; the line is also written if the module's name is a debug channel
 * that is on.
 * > require("rspamd_logger").debugm("mine", task, "seen %s", 1)
 */
static int logger_debugm(lua_State *L)
{
	char channel[64];
	struct str module = lua_str_arg(L, 1);

	snprintf(channel, sizeof(channel), "%.*s",
		 STR_ARG(str_head(module, sizeof(channel) - 1)));
	return log_format(L, LOG_LEVEL_DEBUG,
			  *channel && log_debugs(channel) ? channel : CHANNEL,
			  2);
}

/* rspamd_logger.err(line)
 * Logs an error as it is, without a format.
 * > require("rspamd_logger").err("100% wrong")
 */
static int logger_err(lua_State *L)
{
	return log_plain(L, LOG_LEVEL_ERROR);
}

/* rspamd_logger.warn(line)
 * Logs a warning as it is.
 * > require("rspamd_logger").warn("almost wrong")
 */
static int logger_warn(lua_State *L)
{
	return log_plain(L, LOG_LEVEL_WARN);
}

/* rspamd_logger.info(line)
 * Logs a line as it is. Also called message() and msg().
 * > require("rspamd_logger").info("right")
 */
static int logger_info(lua_State *L)
{
	return log_plain(L, LOG_LEVEL_INFO);
}

/* rspamd_logger.debug(line)
 * Logs a line as it is if the debug channel "lua" is on.
 * > require("rspamd_logger").debug("seen")
 */
static int logger_debug(lua_State *L)
{
	return log_plain(L, LOG_LEVEL_DEBUG);
}

static const struct {
	struct str name;
	enum log_level level;
} levels[] = {
	{ { "error", 5 }, LOG_LEVEL_ERROR },
	{ { "critical", 8 }, LOG_LEVEL_ERROR },
	{ { "warning", 7 }, LOG_LEVEL_WARN },
	{ { "message", 7 }, LOG_LEVEL_INFO },
	{ { "notice", 6 }, LOG_LEVEL_INFO },
	{ { "info", 4 }, LOG_LEVEL_INFO },
	{ { "debug", 5 }, LOG_LEVEL_DEBUG },
};

/* rspamd_logger.logx(level, module, id, format, ...)
 * Logs with a level by its name: "error", "warning", "message", "info" or
 * "debug". The id is rspamd's and is ignored.
 * > require("rspamd_logger").logx("info", "mine", "", "seen %s", 1)
 */
static int logger_logx(lua_State *L)
{
	struct str name = lua_str_arg(L, 1);

	luaL_checkany(L, 3);
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (str_ieq(name, levels[i].name))
			return log_format(L, levels[i].level, CHANNEL, 4);
	return luaL_error(L, "logx: unknown level: %s", lua_tostring(L, 1));
}

/* rspamd_logger.slog(format, ...) -> string
 * The line that infox() would log.
 * > local slog = require("rspamd_logger").slog
 * > assert(slog("%s %2 %1", "a", 2.0) == "a 2 a")
 * > assert(slog("%s", {1, x = true}) == "{[1] = 1, [x] = true}")
 * > assert(slog("%.2f of %d", 0.5, 7) == "0.50 of 7")
 */
static int logger_slog(lua_State *L)
{
	char text[LUA_DESCRIBE_MAX];
	struct lua_printer pr = LUA_PRINTER_IN(text);
	int at = format_at(L, 1);

	lua_print_format(L, &pr, lua_str_arg(L, at), at + 1, lua_gettop(L));
	lua_pushlstring(L, text, pr.n);
	return 1;
}

/* rspamd_logger.log_level() -> string
 * "debug" if the debug channel "lua" is on, else "info".
 * > assert(require("rspamd_logger").log_level():find("^%l+$"))
 */
static int logger_log_level(lua_State *L)
{
	lua_pushstring(L, log_debugs(CHANNEL) ? "debug" : "info");
	return 1;
}

static const struct lua_row functions[] = {
	{ "debug", logger_debug },
	{ "debugm", logger_debugm },
	{ "debugx", logger_debugx },
	{ "err", logger_err },
	{ "errx", logger_errx },
	{ "info", logger_info },
	{ "infox", logger_infox },
	{ "log_level", logger_log_level },
	{ "logx", logger_logx },
	{ "message", logger_info },
	{ "messagex", logger_infox },
	{ "msg", logger_info },
	{ "msgx", logger_infox },
	{ "slog", logger_slog },
	{ "warn", logger_warn },
	{ "warnx", logger_warnx },
	{ NULL, NULL },
};

const struct lua_module lua_logger_module = {
	.name = "rspamd_logger",
	.functions = functions,
};
