/*
 * What the front does about a request's user before the request is queued:
 * the user's own file, which only the keeper may open, then the user's scores
 * in the site's database, which a process of the generation fetches. When both
 * answered (or neither is wanted), the request goes on.
 *
 * Who is asked for what, and what an unknown user means, is spamd's: see
 * got_user_header() there.
 */
#include <stdio.h>

#include "base/log.h"
#include "serve/chan.h"
#include "serve/front_int.h"

/* No generation yet. */
#define NOBODY UINT32_MAX

#define NO_SCORES "Error fetching user preferences via SQL"

/* Whose scores? spamd asks for "nobody" where no user is named. */
static const char *scores_user(const struct conn *c)
{
	const struct daemon_options *o = c->front->o;

	if (o->sql_config)
		return c->request.has_user ? c->request.user : "nobody";
	if (o->setuid_with_sql && o->no_user_config && !o->virtual_config_dir &&
	    c->request.has_user)
		return c->request.user;
	return NULL;
}

static bool wants_file(const struct conn *c)
{
	const struct daemon_options *o = c->front->o;

	if (!c->request.has_user)
		return false;
	if (!o->no_user_config)
		return true;
	/* With -x only what else the keeper can tell counts: files of virtual
	 * users, and whether there is such a user. */
	return !o->sql_config && (o->virtual_config_dir ||
				  o->setuid_with_sql || o->paranoid);
}

static bool ask_keeper(struct conn *c)
{
	struct m_prefs body = { .conn = c->id };

	if (chan_send(c->front->keeper, M_PREFS, &body, sizeof(body),
		      c->request.user, strlen(c->request.user), NULL, 0) > 0)
		return true;
	log_warn("no preferences for this message of %s: too many requests",
		 c->request.user);
	return false;
}

/* The generation that serves. One says whether it has users' scores before it
 * has its first worker, so without one nobody can tell yet. */
static struct generation *serving(struct front *f)
{
	struct generation *g = TAILQ_FIRST(&f->generations);

	return g && g->serving ? g : NULL;
}

static void scores_failed(struct conn *c, bool required)
{
	if (required)
		conn_refuse(c, 69, STR(NO_SCORES));
	else
		conn_submit(c);
}

static void ask_scores(struct conn *c)
{
	struct m_prefs body = { .conn = c->id };
	const char *user = scores_user(c);
	struct generation *g = serving(c->front);

	if (!user || (g && !g->has_scores)) {
		conn_submit(c);
		return;
	}
	conn_enter(c, CONN_SCORES);
	c->scores_from = g ? g->id : NOBODY;
	if (!g)
		return;
	if (g->scores >= 0 && chan_send(g->scores, M_PREFS, &body, sizeof(body),
					user, strlen(user), NULL, 0) > 0)
		return;
	log_warn("no scores for this message of %s: nobody can be asked", user);
	scores_failed(c, g->scores_required);
}

void prefs_begin(struct conn *c)
{
	conn_enter(c, CONN_PREFS);
	if (c->front->refuses_nobody && !c->request.has_user) {
		log_warn("spamd: error: spamd: in paranoid mode, still running "
			 "as root: closing connection, continuing");
		conn_close(c);
		return;
	}
	if (!wants_file(c) || !ask_keeper(c))
		ask_scores(c);
}

static struct conn *find(struct front *f, uint64_t id, enum conn_state state)
{
	struct conn *c;

	TAILQ_FOREACH(c, &f->conns, link)
		if (c->id == id && c->state == state)
			return c;
	return NULL;
}

void prefs_answer(struct front *f, const struct m_prefs_answer *answer, int fd)
{
	struct conn *c = find(f, answer->conn, CONN_PREFS);
	const struct daemon_options *o = f->o;

	if (!c) {
		fd_close(&fd);
		return;
	}
	c->prefs = fd;
	/* What spamd does when it dies of its own paranoia. */
	if (answer->unknown_user && o->paranoid)
		conn_close(c);
	else if (answer->unknown_user && !o->sql_config && scores_user(c))
		scores_failed(c, true);
	else
		ask_scores(c);
}

/* The users' scores of a generation. */

static void on_answer(struct front *f, struct packet *p)
{
	const struct m_prefs_answer *answer = packet_body(p, sizeof(*answer));
	struct conn *c = answer ? find(f, answer->conn, CONN_SCORES) : NULL;

	if (!c || p->type != M_PREFS_ANSWER)
		return;
	if (p->nfds) {
		c->scores = p->fds[0];
		p->fds[0] = -1;
	}
	scores_failed(c, answer->refused);
}

/* Whoever waits for an answer of g's will not get it. */
static void fail_waiting(struct generation *g)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&g->front->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CONN_SCORES && c->scores_from == g->id)
			scores_failed(c, g->scores_required);
	}
}

static void close_channel(struct generation *g)
{
	if (g->scores_readable)
		event_free(g->scores_readable);
	g->scores_readable = NULL;
	fd_close(&g->scores);
}

static void on_scores(evutil_socket_t fd, short what, void *ctx)
{
	struct generation *g = ctx;
	struct packet p;
	int rc = chan_recv(fd, g->front->packet, &p);

	(void)what;
	if (rc < 0) {
		close_channel(g);
		fail_waiting(g);
	} else if (rc > 0) {
		on_answer(g->front, &p);
		packet_close(&p);
	}
}

void prefs_scores_channel(struct generation *g, struct packet *p)
{
	const struct m_scores *m = packet_body(p, sizeof(*m));

	if (!m || !p->nfds)
		return;
	close_channel(g);
	fail_waiting(g);
	g->has_scores = true;
	g->scores_required = m->required;
	g->scores = p->fds[0];
	p->fds[0] = -1;
	fd_nonblock(g->scores);
	g->scores_readable = event_new(g->front->base, g->scores,
				       EV_READ | EV_PERSIST, on_scores, g);
	event_add(g->scores_readable, NULL);
}

void prefs_serving(struct front *f)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&f->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		if (c->state == CONN_SCORES && c->scores_from == NOBODY)
			ask_scores(c);
	}
}

void prefs_scores_end(struct generation *g)
{
	close_channel(g);
	fail_waiting(g);
}
