/*
 * ExtractText in a scan; see extract.h.
 *
 * Of a run's answer SpamAssassin keeps the output if the exit code was 0, and
 * also if time was up: then as much as a reader got in blocks of 8 KB. If
 * nobody can be asked, the message is scored without, and the rules can ask
 * for that (check_programs_missing).
 */
#include "scan/extract.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/ruleset.h"
#include "eval/extract_text.h"
#include "eval/programs.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/selector.h"
#include "net/runner.h"
#include "scan/scan_int.h"

/* In which a reader gets output. */
#define BLOCK 8192
/* Beyond a run's own time, for what lies between it and its answer. */
#define GRACE_US 2000000

struct extraction {
	const struct engine *engine;
	struct message *msg;
	struct runner_client *runner;
	struct extract_limits limits;
	int64_t deadline_us;
	struct extract_found found;
	uint32_t id;
};

static void note_missing(struct extraction *x, const char *why)
{
	struct str id = str_trim(selector_get(x->msg, STR("Message-Id"),
					      NULL));

	if (!programs_missing(x->msg))
		log_warn("extracttext: a tool did not read message %.*s: %s",
			 STR_ARG(id.n ? str_head(id, 200) :
				 STR("(without Message-ID)")), why);
	programs_set_missing(x->msg);
}

/* What tools write of documents that they cannot read is no fault of theirs. */
static const char *const harmless[] = {
	"Syntax Warning: May not be a PDF file",
	"Syntax Error: May not be a PDF file",
	"Syntax Warning: Couldn't find trailer dictionary",
	"Syntax Error: Couldn't find trailer dictionary",
	"Error in findFileFormatStream: truncated file",
	"Error in fopenReadStream: file not found",
	"libpng error:", "Corrupt JPEG data:",
};

static bool is_harmless(struct str errors)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (str_starts(errors, str_cstr(harmless[i])))
			return true;
	return str_find(errors, STR(" is not a Word Document")) >= 0;
}

static void note_failure(const struct program *p,
			 const struct runner_answer *ans)
{
	struct str line = STR("");
	struct str rest = ans->errors;

	str_next_line(&rest, &line);
	line = str_head(str_trim(line), 200);
	if (ans->out.n || is_harmless(line))
		log_debug("extracttext", "%.*s: code %d: %.*s",
			  STR_ARG(p->name), ans->code, STR_ARG(line));
	else
		log_warn("extracttext: %.*s: code %d: %.*s", STR_ARG(p->name),
			 ans->code, STR_ARG(line));
}

/* True if there is a text, which may be "". */
static bool text_of(struct extraction *x, const struct program *p,
		    const struct runner_answer *ans, struct str *text_r)
{
	*text_r = ans->out;
	switch (ans->status) {
	case RUNNER_TIMEOUT:
		*text_r = str_head(ans->out, ans->out.n - ans->out.n % BLOCK);
		log_debug("extracttext", "%.*s: time is up", STR_ARG(p->name));
		return true;
	case RUNNER_EXITED:
		if (ans->code != 0)
			break;
		return true;
	case RUNNER_KILLED:
		break;
	case RUNNER_FAILED:
	case RUNNER_REFUSED:
		note_missing(x, ans->errors.n ? "the runner could not start it"
			     : "the runner refused it");
		break;
	}
	note_failure(p, ans);
	return false;
}

/* Waits for the answer to the only open question. */
static bool wait_for(struct extraction *x, struct runner_answer *ans)
{
	int64_t until = clock_mono_us() + (int64_t)(x->limits.one * 1e6) +
			GRACE_US;
	int rc;

	if (x->deadline_us && x->deadline_us < until)
		until = x->deadline_us;
	do {
		rc = runner_wait(x->runner, until, x->msg->arena, ans);
	} while (rc > 0 && ans->id != x->id);
	if (rc <= 0)
		note_missing(x, rc < 0 ? "the runner is gone" :
			     "no answer in time");
	return rc > 0;
}

static void run_one(struct extraction *x, struct part *p, uint32_t program)
{
	const struct program *prog = &x->engine->rules->programs.v[program];
	struct runner_ask ask = {
		.id = ++x->id,
		.program = program,
		.input = part_decoded(p),
		.timeout = x->limits.one,
	};
	struct runner_answer ans;
	struct str text;
	struct err err;

	if (!runner_send(x->runner, &ask, &err)) {
		note_missing(x, err.text);
		return;
	}
	if (wait_for(x, &ans) && text_of(x, prog, &ans, &text))
		extract_add(&x->found, x->msg->arena, p, prog->name, text);
}

static void read_parts(struct extraction *x, const struct extract_plan *plan)
{
	struct message *m = x->msg;
	int64_t began = (int64_t)clock_now();

	for (size_t i = 0; i < m->nleaves; i++) {
		const uint32_t *programs;
		size_t n;

		if ((x->limits.parts > 0 && (long)i >= x->limits.parts) ||
		    (int64_t)clock_now() - began >= x->limits.all ||
		    (x->deadline_us && clock_mono_us() > x->deadline_us))
			return;
		n = extract_programs(plan, m->leaves[i], &programs, m->arena);
		for (size_t k = 0; k < n; k++)
			run_one(x, m->leaves[i], programs[k]);
	}
}

void extract_text(const struct engine *e, struct message *m,
		  struct runner_client *runner, int64_t deadline_us,
		  struct map *tags)
{
	const struct extract_plan *plan = extract_plan(e->plugins);
	struct extraction x = {
		.engine = e,
		.msg = m,
		.runner = runner,
		.deadline_us = deadline_us,
	};

	if (!plan)
		return;
	extract_limits_read(e->rules->site, &x.limits);
	runner_begin(runner);
	read_parts(&x, plan);
	extract_tell(&x.found, m, tags);
}
