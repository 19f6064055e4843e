/*
 * The loop of the process with users' scores; see scores.h.
 *
 * One question after the other: a database answers in a fraction of the time
 * that a scan takes, and what was asked a moment ago is remembered. If it does
 * not answer at all, a question costs one time-out, and those behind it nothing
 * (prefs/scores.c pauses).
 */
#include "serve/scores.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "serve/chan.h"
#include "serve/messages.h"

/* The text in a sealed memfd, or -1 (an empty text needs none). */
static int in_memfd(struct str text)
{
	int fd;

	if (!text.n)
		return -1;
	fd = memfd_create("scores", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n <= 0) {
			fd_close(&fd);
			return -1;
		}
		text = str_from(text, (size_t)n);
	}
	fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
	      F_SEAL_SEAL);
	return fd;
}

static void answer(struct scores *s, const struct scores_settings *ss,
		   int channel, const struct packet *p)
{
	const struct m_prefs *m = packet_body(p, sizeof(*m));
	struct m_prefs_answer body = { 0 };
	struct str user, text = STR_NONE;
	struct err err;
	bool news;
	int fd;

	if (!m)
		return;
	body.conn = m->conn;
	user = str_make(p->data + sizeof(*m), p->n - sizeof(*m));
	if (scores_fetch(s, user, &text, &news, &err) < 0) {
		body.refused = ss->refuses;
		if (news)
			log_warn("config: failed to load user (%.*s) scores "
				 "from SQL database%s: %s", STR_ARG(user),
				 ss->refuses ? "" : ", using a global default",
				 err.text);
	}
	fd = in_memfd(text);
	chan_send(channel, M_PREFS_ANSWER, &body, sizeof(body), NULL, 0, &fd,
		  fd >= 0);
	fd_close(&fd);
}

void scores_run(int channel, const struct scores_settings *ss)
{
	static char packet[CHAN_MAX + 1];
	struct scores *s = scores_new(ss);
	struct packet p;

	while (chan_wait(channel, packet, &p, -1) > 0) {
		if (p.type == M_PREFS)
			answer(s, ss, channel, &p);
		packet_close(&p);
	}
	scores_free(&s);
	exit(0);
}
