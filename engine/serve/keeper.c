/*
 * The keeper's life: start, signals, end; see keeper.h. Its children are in
 * keeper_children.c.
 *
 * SIGHUP builds new rules beside the old ones, reopens the log file and reads
 * the TLS files again. SIGTERM and SIGINT drain: no new connections, what runs
 * is finished, with a bound; a second one ends at once. SIGUSR2 logs
 * statistics. systemd is told of
 * all this, and its watchdog is answered only when the front answers.
 */
#include "serve/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/chan.h"
#include "serve/daemon_log.h"
#include "serve/keeper_int.h"
#include "serve/messages.h"

void daemon_load_options(const struct daemon_options *o,
			 struct load_options *load_r)
{
	*load_r = (struct load_options){
		.rules_dir = o->rules_dir,
		.site_dir = o->site_dir,
		.own_dir = o->no_own_rules ? NULL : o->own_rules,
		.local_only = o->local_only,
		.pre_lines = o->pre.v,
		.cf_lines = o->cf.v,
	};
}

static void write_pidfile(struct keeper *k)
{
	const char *path = k->o->pidfile;
	FILE *f;

	if (!path || k->pidfile_written)
		return;
	f = fopen(path, "we");
	if (!f) {
		log_warn("spamd: cannot write to PID file: %s",
			 strerror(errno));
		return;
	}
	fprintf(f, "%d\n", (int)getpid());
	k->pidfile_written = fclose(f) == 0;
}

static void tell_starter(struct keeper *k, int status)
{
	char byte = (char)status;

	if (k->ready_fd < 0)
		return;
	if (write(k->ready_fd, &byte, 1) != 1)
		log_warn("nobody waits for the daemon's start");
	fd_close(&k->ready_fd);
}

void keeper_reload_failed(struct keeper *k)
{
	(void)k;
	log_error("the new rules are not used, the old ones stay");
	sd_notify(0, "READY=1\nSTATUS=serving; the last reload failed");
}

void keeper_fail(struct keeper *k, int status)
{
	if (k->stopping)
		return;
	k->exit_status = status;
	k->stopping = true;
	k->stop_until_us = clock_mono_us() + 2000000;
	if (k->front_fd >= 0)
		chan_send(k->front_fd, M_STOP, NULL, 0, NULL, 0, NULL, 0);
}

void keeper_pong(struct keeper *k)
{
	(void)k;
	sd_notify(0, "WATCHDOG=1");
}

static void reload(struct keeper *k)
{
	struct err err;
	int fd;

	if (k->stopping)
		return;
	if (!k->served) {
		k->reload_wanted = true;
		return;
	}
	log_info("spamd: server hit by SIGHUP, reloading");
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
		   (long long)clock_mono_us());
	if (daemon_log_reopen(&err) < 0)
		log_error("%s", err.text);
	fd = daemon_log_fd();
	if (fd >= 0 && k->front_fd >= 0)
		chan_send(k->front_fd, M_LOG_FD, NULL, 0, NULL, 0, &fd, 1);
	if (k->front_fd >= 0 && keeper_send_tls(k, &err) < 0)
		log_error("%s: the old TLS files stay in use", err.text);
	keeper_start_generation(k);
}

void keeper_ready(struct keeper *k, const struct generation_child *g)
{
	char sockets[1024];

	log_info("rules: %u in %u ms, %u errors, %u warnings", g->nrules,
		 g->load_ms, g->nerrors, g->nwarnings);
	if (!k->served) {
		listen_describe(&k->sockets, sockets, sizeof(sockets));
		log_info("spamd: server started on %s (running version %s)",
			 sockets, MEKIKI_VERSION);
		log_info("spamd: server pid: %d", (int)getpid());
		k->served = true;
		tell_starter(k, 0);
		if (k->o->daemonize)
			daemon_log_detach();
	}
	sd_notifyf(0, "READY=1\nMAINPID=%d\nSTATUS=serving, %u rules",
		   (int)getpid(), g->nrules);
	if (k->reload_wanted) {
		k->reload_wanted = false;
		reload(k);
	}
}

static void stop(struct keeper *k, int signal)
{
	log_info("spamd: server killed by SIG%s, shutting down",
		 sigabbrev_np(signal));
	sd_notify(0, "STOPPING=1");
	if (k->stopping) {
		k->stop_until_us = clock_mono_us();
		return;
	}
	k->stopping = true;
	k->stop_until_us = clock_mono_us() +
			   (LIMIT_DRAIN_SECONDS + 5) * 1000000LL;
	listen_close(&k->sockets);
	if (k->front_fd >= 0)
		chan_send(k->front_fd, M_DRAIN, NULL, 0, NULL, 0, NULL, 0);
}

static void on_signal(struct keeper *k)
{
	struct signalfd_siginfo si;

	while (read(k->signals, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			keeper_reap(k);
			break;
		case SIGHUP:
			reload(k);
			break;
		case SIGUSR2:
			if (k->front_fd >= 0)
				chan_send(k->front_fd, M_STATS, NULL, 0, NULL,
					  0, NULL, 0);
			break;
		default:
			stop(k, (int)si.ssi_signo);
		}
	}
}

static void ping_front(struct keeper *k)
{
	int64_t now = clock_mono_us();

	if (!k->watchdog_us || now < k->next_ping_us)
		return;
	k->next_ping_us = now + k->watchdog_us / 3;
	if (k->front_fd >= 0)
		chan_send(k->front_fd, M_PING, NULL, 0, NULL, 0, NULL, 0);
}

static int wait_ms(const struct keeper *k)
{
	int64_t now = clock_mono_us(), next = -1;

	if (k->stopping)
		next = k->stop_until_us;
	else if (k->watchdog_us)
		next = k->next_ping_us;
	if (next < 0)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000) + 1;
}

static void serve_once(struct keeper *k)
{
	struct pollfd pfd[2 + GENERATIONS_MAX] = {
		{ .fd = k->signals, .events = POLLIN },
		{ .fd = k->front_fd, .events = POLLIN },
	};

	for (int i = 0; i < GENERATIONS_MAX; i++)
		pfd[2 + i] = (struct pollfd){
			.fd = k->gens[i].state == GEN_NONE ? -1 : k->gens[i].fd,
			.events = POLLIN,
		};
	if (poll(pfd, 2 + GENERATIONS_MAX, wait_ms(k)) < 0 && errno != EINTR)
		keeper_fail(k, 71);
	for (int i = 0; i < GENERATIONS_MAX; i++)
		if (pfd[2 + i].revents)
			keeper_on_generation(k, &k->gens[i]);
	if (pfd[1].revents)
		keeper_on_front(k);
	if (pfd[0].revents)
		on_signal(k);
	ping_front(k);
}

static void serve(struct keeper *k)
{
	while (!k->stopping || keeper_has_children(k)) {
		serve_once(k);
		if (k->stopping && clock_mono_us() >= k->stop_until_us) {
			keeper_kill_children(k);
			while (waitpid(-1, NULL, 0) > 0)
				;
			break;
		}
	}
}

static int block_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* In the process that was started: waits until the daemon serves or fails. */
static int wait_for_daemon(int fd)
{
	char status = 70;

	while (read(fd, &status, 1) < 0 && errno == EINTR)
		;
	return status;
}

/* True in the daemon; in the starter false, with its exit status. */
static bool daemonize(struct keeper *k, int *status_r)
{
	int ends[2], null;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		log_error("cannot daemonize: %s", strerror(errno));
		*status_r = 71;
		return false;
	}
	if (pid > 0) {
		close(ends[1]);
		*status_r = wait_for_daemon(ends[0]);
		return false;
	}
	close(ends[0]);
	k->ready_fd = ends[1];
	setsid();
	if (chdir("/") < 0)
		log_warn("cannot change to /: %s", strerror(errno));
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	return true;
}

static void begin(struct keeper *k)
{
	struct err err;
	uint64_t usec;

	for (size_t i = 0; i < k->o->notes.n; i++)
		log_info("%s", k->o->notes.v[i]);
	k->signals = block_signals();
	if (sd_watchdog_enabled(0, &usec) > 0)
		k->watchdog_us = (int64_t)usec;
	write_pidfile(k);
	if (keeper_start_front(k, &err) < 0) {
		log_error("%s", err.text);
		keeper_fail(k, 78);
		return;
	}
	keeper_start_generation(k);
}

int keeper_run(const struct daemon_options *o)
{
	struct keeper k = { .o = o, .front_fd = -1, .ready_fd = -1 };
	struct err err;
	int status;

	for (int i = 0; i < GENERATIONS_MAX; i++)
		k.gens[i].fd = k.gens[i].front_end = -1;
	if (daemon_log_open(o, &err) < 0 ||
	    listen_open(o, &k.sockets, &err) < 0) {
		log_error("spamd: %s", err.text);
		listen_close(&k.sockets);
		return 71;
	}
	if (o->daemonize && !daemonize(&k, &status))
		return status;
	k.packet = xmalloc(CHAN_MAX);
	begin(&k);
	serve(&k);
	listen_close(&k.sockets);
	if (k.pidfile_written)
		unlink(o->pidfile);
	tell_starter(&k, k.exit_status);
	xfree(k.packet);
	return k.exit_status;
}
