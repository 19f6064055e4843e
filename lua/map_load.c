/*
 * Reading maps: when a script adds one, and again when a file has changed.
 * A file that is missing or cannot be read leaves the map without its lines
 * (or, later, with what was read before) and is told in the log; it is read
 * as soon as stat() says something new about it.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "lua/map.h"
#include "lua/sandbox.h"

#define MAP_FILE_MAX ((size_t)64 << 20)

static bool read_path(struct lua_map *m, size_t i, struct map_data *d,
		      struct err *err)
{
	struct str text;

	if (!lua_file_read(d->arena, m->paths.v[i], MAP_FILE_MAX, &text,
			   &m->marks[i], err))
		return false;
	if (m->kind == MAP_CALLBACK)
		d->text = d->text.p ? str_cat(d->arena, d->text, text) : text;
	else
		map_data_lines(d, m->kind, text);
	return true;
}

static void tell_faults(struct lua_map *m, const struct map_data *d,
			void (*say)(void *ctx, const char *text), void *ctx)
{
	if (d->faults)
		say(ctx, str_printf(d->arena, "map %.*s: %zu lines cannot be "
				    "used", STR_ARG(m->name), d->faults).p);
}

void map_load(struct lua_map *m, void (*say)(void *ctx, const char *text),
	      void *ctx)
{
	struct map_data *d = map_data_new();
	struct err err;
	bool failed = false;

	for (size_t i = 0; i < m->paths.n; i++) {
		/* Also where reading fails: it is tried again only when
		 * something changed. */
		m->marks[i] = lua_file_mark(m->paths.v[i].p);
		if (read_path(m, i, d, &err))
			continue;
		failed = true;
		say(ctx, str_printf(d->arena, "map %.*s: %s",
				    STR_ARG(m->name), err.text).p);
	}
	for (size_t i = 0; i < m->lines.n; i++)
		map_data_line(d, m->kind, m->lines.v[i]);
	tell_faults(m, d, say, ctx);
	if (failed && m->data) {
		map_data_free(&d);
		return;
	}
	map_data_free(&m->data);
	m->data = d;
}

static bool has_changed(const struct lua_map *m)
{
	static const struct file_mark nothing;

	for (size_t i = 0; i < m->paths.n; i++) {
		struct file_mark now = lua_file_mark(m->paths.v[i].p);

		if (!file_mark_eq(&now, &nothing) &&
		    !file_mark_eq(&now, &m->marks[i]))
			return true;
	}
	return false;
}

bool lua_maps_changed(struct lua_vm *vm)
{
	int64_t now = clock_mono_us();

	if (vm->nmaps == 0 || vm->maps_stale || now < vm->maps_check_us)
		return vm->maps_stale;
	vm->maps_check_us = now + 1000000;
	for (size_t i = 0; i < vm->nmaps && !vm->maps_stale; i++)
		vm->maps_stale = has_changed(vm->maps[i]);
	return vm->maps_stale;
}

static void say_log(void *ctx, const char *text)
{
	(void)ctx;
	log_warn("lua: %s", text);
}

/* The callback of a MAP_CALLBACK gets the new text. */
static void call_back(struct lua_vm *vm, struct lua_map *m)
{
	lua_State *L = vm->L;
	int top = lua_gettop(L);

	lua_rawgeti(L, LUA_REGISTRYINDEX, m->callback);
	lua_push_str(L, m->data->text.p ? m->data->text : STR(""));
	lua_meter_begin(vm, L, NULL);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK)
		log_warn("lua: map %.*s: %s", STR_ARG(m->name),
			 lua_type(L, -1) == LUA_TSTRING ?
			 lua_tostring(L, -1) : "an error without a text");
	lua_meter_end(vm);
	lua_settop(L, top);
}

size_t lua_maps_refresh(struct lua_vm *vm)
{
	size_t n = 0;

	if (!vm || vm->run)
		return 0;
	for (size_t i = 0; i < vm->nmaps; i++) {
		struct lua_map *m = vm->maps[i];

		if (!has_changed(m))
			continue;
		map_load(m, say_log, NULL);
		if (m->callback != LUA_NOREF)
			call_back(vm, m);
		log_info("lua: map %.*s: read again, %zu entries",
			 STR_ARG(m->name), m->data->n);
		n++;
	}
	vm->maps_stale = false;
	vm->maps_check_us = 0;
	return n;
}
