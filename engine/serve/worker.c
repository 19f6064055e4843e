/*
 * The worker's loop: request in, reply out; see worker.h.
 *
 * It waits in one place only, for the next request (the scan waits in one of
 * its own, for what rules in Lua asked the world). The mail comes in a memfd
 * that the front filled and sealed; a reply that is small goes back in the
 * packet itself, a larger one in a memfd of the worker's. The lines for the
 * log travel with the reply, so that whoever watches the log sees them in
 * order, and so that a worker needs no log of its own. Before it begins, the
 * worker notes the request's number in its slot of the shared page, and the
 * scan notes how far it is: what remains there if it dies.
 */
#include "serve/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/asker.h"
#include "net/runner.h"
#include "redis/memory.h"
#include "serve/chan.h"
#include "serve/fence.h"
#include "serve/overlays.h"
#include "serve/spamd_reply.h"

/* What a reply may take of its packet; the rest is for log lines. */
#define INLINE_REPLY 32768
#define LOG_MAX 16384
/* Mail up to this size is read, larger mail is mapped. */
#define READ_MAX ((size_t)256 << 10)

struct worker {
	const struct engine *engine;
	struct worker_channels channels;
	struct asker_client *asker;	/* NULL: there is none */
	struct runner_client *runner;	/* the same */
	struct memory_client *memory;	/* the same */
	struct progress_slot *slot;
	struct overlays *overlays;	/* users' preferences */
	struct user_engine user;	/* of the request being worked on */
	struct arena *arena;	/* the same */
	struct buf log;		/* its log lines */
};

/* One request on its way through. */
struct task {
	const struct m_job *job;
	struct str mail;	/* as the client sent it, uncompressed */
	struct buf head;
	struct str body;
	enum reply_verdict verdict;
};

static void log_line(struct worker *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void log_line(struct worker *w, const char *fmt, ...)
{
	char line[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* Lines are told apart by newlines, and text of the client's must not
	 * make another one. */
	for (char *p = line; *p; p++)
		if (*p == '\n')
			*p = ' ';
	buf_addf(&w->log, "%s\n", line);
}

/* A line of the engine's goes to the front at once. */
static void send_log(void *ctx, enum log_level level, const char *line)
{
	struct worker *w = ctx;
	struct m_log body = { .level = level };

	chan_send(w->channels.front, M_LOG, &body, sizeof(body), line, strlen(line),
		  NULL, 0);
}

struct mapping {
	void *p;
	size_t n;
};

static void unmap(void *obj)
{
	struct mapping *m = obj;

	munmap(m->p, m->n);
}

/* The content of a sealed memfd, living as long as the arena. */
static struct str read_fd(struct arena *a, int fd, size_t size)
{
	struct mapping *m;

	if (size > READ_MAX) {
		m = arena_alloc(a, sizeof(*m));
		m->n = size;
		m->p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
		must(m->p != MAP_FAILED);
		arena_on_free(a, unmap, m);
		return str_make(m->p, size);
	}
	return fd_read(a, fd, size);
}

/* spamd cuts the inflated text into lines and ends each with a newline again,
 * by which empty lines at the end get lost and a last line without a newline
 * gets one. */
static struct str as_spamd_splits(struct arena *a, struct str text)
{
	size_t n = text.n;
	char *copy;

	while (n && text.p[n - 1] == '\n')
		n--;
	if (n == 0)
		return STR("");
	if (n < text.n)
		return str_head(text, n + 1);
	copy = arena_text(a, n + 1);
	memcpy(copy, text.p, n);
	copy[n] = '\n';
	return str_make(copy, n + 1);
}

static bool inflate_mail(struct worker *w, struct task *t, size_t *size_r)
{
	z_stream z = { 0 };
	struct buf out;
	int rc = Z_OK;

	buf_in(&out, w->arena, LIMIT_MESSAGE);
	if (inflateInit(&z) != Z_OK)
		return false;
	z.next_in = (Bytef *)(uintptr_t)t->mail.p;
	z.avail_in = (uInt)t->mail.n;
	while (rc == Z_OK) {
		char *room = buf_room(&out, 65536);

		if (!room)
			break;
		z.next_out = (Bytef *)room;
		z.avail_out = 65536;
		rc = inflate(&z, Z_NO_FLUSH);
		out.n += 65536 - z.avail_out;
	}
	inflateEnd(&z);
	*size_r = out.n;
	t->mail = as_spamd_splits(w->arena, buf_str(&out));
	if (rc == Z_STREAM_END)
		return true;
	spamd_reply_error(&t->head, 69, rc == Z_OK ?
		STR("zlib: message too large") :
		STR("zlib: failed to find end of zlib stream\n"));
	return false;
}

static const char *user_of(const struct m_job *job)
{
	/* An empty name and "0" are no name to Perl. */
	if (!*job->user || strcmp(job->user, "0") == 0)
		return "(unknown)";
	return job->user;
}

static double since(int64_t start_us)
{
	return (double)(clock_mono_us() - start_us) / 1e6;
}

static void log_verdict(struct worker *w, const struct task *t,
			const struct scan *s, size_t size)
{
	const struct m_job *job = t->job;
	const struct strs *tests = scan_tests(s);
	struct spamd_result r = {
		.spam = scan_is_spam(s),
		.score = scan_score(s),
		.tests = strs_join(w->arena, tests, STR(",")),
		.scantime = since(job->start_us),
		.size = size,
		.user = user_of(job),
		.uid = (unsigned)geteuid(),
		.required = scan_required_text(s),
		.rhost = job->rhost,
		.raddr = job->raddr,
		.rport = job->rport,
		.mid = spamd_message_id(w->arena, scan_message_id(s)),
		.rmid = spamd_message_id(w->arena, scan_resent_message_id(s)),
		.autolearn = scan_autolearn(s),
		.shortcircuit = scan_shortcircuit(s),
	};
	struct str line = spamd_result_line(w->arena, &r);

	log_line(w, "spamd: %s message %.*s%s%.*s for %s:%u",
		 job->word == WORD_PROCESS ? "processing" : "checking",
		 STR_ARG(r.mid.n ? r.mid : STR("(unknown)")),
		 r.rmid.n ? " aka " : "", STR_ARG(r.rmid), r.user, r.uid);
	log_line(w, "spamd: %s (%.*s/%.*s) for %s:%u in %.1f seconds, %zu "
		 "bytes.", r.spam ? "identified spam" : "clean message",
		 STR_ARG(scan_score_text(s)), STR_ARG(r.required), r.user,
		 r.uid, r.scantime, size);
	log_line(w, "%.*s", STR_ARG(line));
}

static void scan_options_for(struct worker *w, const struct m_job *job,
			     struct scan_options *opt)
{
	const struct settings *site = engine_rules(w->engine)->site;
	double limit;

	*opt = (struct scan_options){
		.settings = w->user.settings,
		.progress = &w->slot->scan,
		.asker = w->asker,
		.runner = w->runner,
		.memory = w->memory,
		.memory_settings = w->channels.memory_settings,
		.teach = true,
		.user = w->channels.per_user && *job->user ? job->user : NULL,
		.remote_host = job->rhost,
		.remote_addr = job->raddr,
	};
	limit = settings_number(opt->settings ? opt->settings : site,
				STR("time_limit"));
	memcpy(opt->skip_rules, job->skip_rules, sizeof(opt->skip_rules));
	if (job->time_left > 0 && (limit <= 0 || job->time_left < limit))
		opt->time_limit = job->time_left;
}

static void act_scan(struct worker *w, struct task *t, size_t size)
{
	const struct m_job *job = t->job;
	struct scan_options opt;
	struct spamd_verdict v;
	struct scan *s;

	scan_options_for(w, job, &opt);
	s = scan_message(w->user.engine, w->arena, t->mail, &opt);
	v.spam = scan_is_spam(s);
	t->verdict = v.spam ? REPLY_SPAM : REPLY_HAM;
	v.score = scan_score_text(s);
	v.required = scan_required_text(s);
	v.text = STR("");
	if (job->word == WORD_PROCESS || job->word == WORD_HEADERS)
		v.text = scan_rewritten(s);
	else if (job->word == WORD_SYMBOLS)
		v.text = strs_join(w->arena, scan_tests(s), STR(","));
	else if (job->word == WORD_REPORT ||
		 (job->word == WORD_REPORT_IFSPAM && v.spam))
		v.text = scan_report(s);
	t->body = spamd_reply(&t->head, (enum spamd_word)job->word,
			      job->version, &v);
	log_verdict(w, t, s, size);
}

/* What a TELL asks for: its outcome is "changed it" or "did nothing", as in
 * spamd, or an apology if it cannot be made safe. */
static void act_tell(struct worker *w, struct task *t, size_t size)
{
	const struct m_job *job = t->job;
	bool removes = job->remove_local;
	struct scan_learned done = { 0 };
	struct str set = STR_NONE, removed = STR_NONE;
	const char *what = " Did nothing ";
	struct scan_options opt;
	struct err err;

	scan_options_for(w, job, &opt);
	if (w->memory && (removes || job->set_local) &&
	    scan_learn(w->user.engine, w->arena, t->mail,
		       removes ? SCAN_TOLD_FORGET :
		       job->class_spam ? SCAN_TOLD_SPAM : SCAN_TOLD_HAM,
		       &opt, &done, &err) < 0) {
		spamd_reply_error(&t->head, 75, str_cstr(err.text));
		log_line(w, "spamd: Tell: failed for %s:%u: %s", user_of(job),
			 (unsigned)geteuid(), err.text);
		return;
	}
	if (done.changed && removes) {
		removed = STR("local");
		what = " Removing local ";
	} else if (done.changed) {
		set = STR("local");
		what = " Setting local ";
	}
	spamd_reply_tell(&t->head, set, removed);
	log_line(w, "spamd: Tell:%sfor %s:%u in %.1f seconds, %zu bytes", what,
		 user_of(job), (unsigned)geteuid(), since(job->start_us),
		 size);
}

static void act(struct worker *w, struct task *t)
{
	const struct m_job *job = t->job;
	size_t size = t->mail.n;

	if (job->zlib && !inflate_mail(w, t, &size)) {
		log_line(w, "spamd: service unavailable: zlib");
		return;
	}
	if (job->word == WORD_TELL)
		act_tell(w, t, size);
	else
		act_scan(w, t, size);
}

static bool write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

static void send_reply(struct worker *w, struct task *t)
{
	struct str log = str_head(buf_str(&w->log), LOG_MAX);
	struct m_reply body = {
		.job = t->job->id,
		.reply_len = t->head.n + t->body.n,
		.log_len = (uint32_t)log.n,
		.in_fd = t->head.n + t->body.n > INLINE_REPLY,
		.leaves = engine_is_tired(w->engine) ||
			  engine_lists_changed(w->engine, w->memory) ||
			  (w->asker && !asker_client_alive(w->asker)) ||
			  (w->runner && !runner_client_alive(w->runner)) ||
			  (w->memory && !memory_client_alive(w->memory)),
		.verdict = t->verdict,
	};
	struct buf tail;
	int fd = -1;

	buf_in(&tail, w->arena, INLINE_REPLY + LOG_MAX);
	if (body.in_fd) {
		fd = memfd_create("reply", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (fd < 0 || !write_all(fd, buf_str(&t->head)) ||
		    !write_all(fd, t->body)) {
			log_error("a reply of %zu bytes cannot be kept: %s",
				  (size_t)body.reply_len, strerror(errno));
			exit(74);
		}
	} else {
		buf_adds(&tail, buf_str(&t->head));
		buf_adds(&tail, t->body);
	}
	buf_adds(&tail, log);
	if (chan_send(w->channels.front, M_REPLY, &body, sizeof(body), tail.p, tail.n,
		      &fd, fd >= 0) < 0)
		exit(0);
	fd_close(&fd);
}

/* The user's own preferences, from what came beside the mail. */
static void find_user(struct worker *w, const struct m_job *job,
		      const struct packet *p)
{
	size_t next = 1;
	int file = -1, scores = -1;

	if (job->has_prefs && next < p->nfds)
		file = p->fds[next++];
	if (job->has_scores && next < p->nfds)
		scores = p->fds[next];
	w->user = overlays_get(w->overlays, job->user, file, scores);
}

static void on_job(struct worker *w, struct packet *p)
{
	const struct m_job *sent = packet_body(p, sizeof(*sent));
	struct m_job job;
	struct task t = { .job = &job, .verdict = REPLY_OTHER };

	if (p->type != M_JOB || !sent || p->nfds < 1)
		return;
	job = *sent;
	w->slot->scan.rule = (uint32_t)-1;
	w->slot->scan.stage = STAGE_PARSE;
	__atomic_store_n(&w->slot->job, job.id, __ATOMIC_RELEASE);
	buf_in(&t.head, w->arena, INLINE_REPLY * 2);
	t.body = STR("");
	t.mail = read_fd(w->arena, p->fds[0], job.size);
	find_user(w, &job, p);
	act(w, &t);
	send_reply(w, &t);
	w->slot->scan.stage = STAGE_IDLE;
	__atomic_store_n(&w->slot->job, 0, __ATOMIC_RELEASE);
}

const char *worker_zlib_version(void)
{
	return zlibVersion();
}

/* Waits for a request. False if the worker should leave: without one of its
 * helpers it is of less use than a new one, which the builder forks with
 * another. */
static bool wait_for_job(struct worker *w)
{
	struct pollfd pfd[4] = {
		{ .fd = w->channels.front, .events = POLLIN },
		{ .fd = w->channels.asker, .events = POLLIN },
		{ .fd = w->channels.memory, .events = POLLIN },
		{ .fd = w->channels.runner, .events = POLLIN },
	};
	struct ask_answer late;
	struct runner_answer latest;
	struct memory_answer later;

	for (;;) {
		if (poll(pfd, 4, -1) < 0 && errno != EINTR)
			return false;
		if (pfd[0].revents)
			return true;
		if (pfd[1].revents &&
		    asker_wait(w->asker, 0, w->arena, &late) < 0)
			return false;
		if (pfd[2].revents &&
		    memory_wait(w->memory, 0, w->arena, &later) < 0)
			return false;
		if (pfd[3].revents &&
		    runner_wait(w->runner, 0, w->arena, &latest) < 0)
			return false;
		arena_reset(w->arena);
	}
}

void worker_run(const struct engine *e, const struct worker_channels *channels,
		struct progress_slot *slot)
{
	static char packet[CHAN_MAX];
	struct worker w = { .engine = e, .channels = *channels, .slot = slot };
	struct arena *own = arena_new();
	struct packet p;
	struct err err;

	log_set_sink(send_log, &w);
	w.arena = arena_new();
	w.overlays = overlays_new(e, LIMIT_OVERLAYS);
	if (channels->asker >= 0)
		w.asker = asker_client_new(own, channels->asker);
	if (channels->runner >= 0)
		w.runner = runner_client_new(own, channels->runner);
	if (channels->memory >= 0)
		w.memory = memory_client_new(own, channels->memory);
	fence_no_privileges();
	fence_limits(settings_number(engine_rules(e)->site,
				     STR("resource_limit_mem")));
	if (fence_files(&err) < 0 || fence_syscalls(&err) < 0) {
		log_error("%s", err.text);
		exit(71);
	}
	__atomic_store_n(&slot->ready, 1, __ATOMIC_RELEASE);
	while (wait_for_job(&w) && chan_recv(channels->front, packet, &p) > 0) {
		buf_in(&w.log, w.arena, LOG_MAX);
		on_job(&w, &p);
		packet_close(&p);
		arena_reset(w.arena);
	}
	arena_free(&w.arena);
	overlays_free(&w.overlays);
	arena_free(&own);
	exit(0);
}
