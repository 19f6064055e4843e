/*
 * Counters of rules in Lua, which all workers of a generation share with each
 * other and with the front, and the lines that tell of them; see
 * builder_int.h.
 */
#include "serve/builder_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "lua/scripts.h"
#include "serve/chan.h"

bool builder_share_tallies(struct builder *b)
{
	uint32_t n = (uint32_t)engine_rules(b->engine)->nrules;
	struct m_tallies body = {
		.nrules = n,
		.limit_us = (int64_t)(engine_script_limit(b->engine) * 1e6),
	};
	size_t size = n * sizeof(struct lua_tally);
	int fd = memfd_create("tallies", MFD_CLOEXEC);
	bool sent = false;

	if (!engine_has_scripts(b->engine)) {
		fd_close(&fd);
		return true;
	}
	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
		b->tallies = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd, 0);
		sent = b->tallies != MAP_FAILED &&
		       chan_send(b->front, M_TALLIES, &body, sizeof(body),
				 NULL, 0, &fd, 1) > 0;
	}
	fd_close(&fd);
	if (sent)
		engine_set_tallies(b->engine, b->tallies);
	return sent;
}

void builder_log_rules(struct builder *b)
{
	const struct ruleset *rs = engine_rules(b->engine);
	struct m_log body = { .level = LOG_LEVEL_INFO };
	char line[1024];

	for (size_t i = 0; b->tallies && i < rs->nrules; i++) {
		const struct lua_tally *t = &b->tallies[i];
		const struct rule *r = &rs->rules[i];

		if (!t->calls)
			continue;
		snprintf(line, sizeof(line), "statistics: rule %.*s (%s:%d): "
			 "%u calls, %u hits, %u errors, %u strikes, %llu ms "
			 "of CPU time%s", STR_ARG(str_head(r->name, 200)),
			 r->file, r->line, t->calls, t->hits, t->errors,
			 t->strikes, (unsigned long long)t->cpu_us / 1000,
			 t->disabled ? ", disabled" : "");
		chan_send(b->front, M_LOG, &body, sizeof(body), line,
			  strlen(line), NULL, 0);
	}
}
