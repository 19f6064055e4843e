/*
 * The asker against a real HTTP server on loopback (tests/wire/http_server.pl,
 * plain and TLS): what it answers, what it refuses, and that nothing that a
 * server, a rule or a dying process does holds up anybody else.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "mail/network.h"
#include "net/asker.h"

struct server {
	pid_t pid;
	FILE *in;		/* kept open while it should live */
	int port;
};

static struct server plain, tls;
static char dir[] = "/tmp/mekiki-asker.XXXXXX";
static char cert[128], key[128];

static struct arena *arena;
static struct asker_settings settings;
static struct asker_client *client;
static int client_fd;
static pid_t asker;

static void start_server(struct server *s, const char *with_cert)
{
	int in[2], out[2];
	FILE *f;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	s->pid = fork();
	if (s->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close_range(3, ~0U, 0);
		execlp("perl", "perl", "tests/wire/http_server.pl", with_cert,
		       key, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->in = fdopen(in[1], "w");
	f = fdopen(out[0], "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &s->port), 1);
	fclose(f);
}

static int start_servers(void **state)
{
	char command[512];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
	snprintf(key, sizeof(key), "%s/key.pem", dir);
	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec "
		 "-pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
		 "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 "
		 "-keyout %s -out %s 2>/dev/null", key, cert);
	assert_int_equal(system(command), 0);
	start_server(&plain, NULL);
	start_server(&tls, cert);
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	fclose(plain.in);
	fclose(tls.in);
	waitpid(plain.pid, NULL, 0);
	waitpid(tls.pid, NULL, 0);
	unlink(cert);
	unlink(key);
	rmdir(dir);
	return 0;
}

/* An asker that may reach loopback; tests change the settings before. */
static int prepare(void **state)
{
	struct netset *allow;

	(void)state;
	arena = arena_new();
	allow = netset_new(arena);
	netset_add(allow, STR("127.0.0.0/8"), NULL);
	settings = (struct asker_settings){
		.http = true, .why_not = "it is off", .allow = allow,
		.timeout = 10,
	};
	client = NULL;
	return 0;
}

static void begin(void)
{
	struct err err;

	client_fd = asker_spawn(&settings, &asker, &err);
	assert_true(client_fd >= 0);
	client = asker_client_new(arena, client_fd);
	asker_begin(client);
}

static int finish(void **state)
{
	(void)state;
	if (client) {
		close(client_fd);
		waitpid(asker, NULL, 0);
	}
	arena_free(&arena);
	return 0;
}

static struct str url(const struct server *s, const char *path)
{
	return str_printf(arena, "%s://127.0.0.1:%d%s",
			  s == &tls ? "https" : "http", s->port, path);
}

static struct ask_answer wait_one(double seconds)
{
	struct ask_answer ans = { .status = ASK_GONE };
	int rc = asker_wait(client, clock_mono_us() + (int64_t)(seconds * 1e6),
			    arena, &ans);

	assert_int_equal(rc, 1);
	return ans;
}

static struct ask_answer follow(struct str u, uint32_t redirects)
{
	static uint32_t id = 100;
	struct ask ask = { .id = ++id, .url = u, .timeout = 5,
			   .redirects = redirects };
	struct ask_answer ans;
	struct err err;

	assert_true(asker_send(client, &ask, &err));
	ans = wait_one(8);
	assert_int_equal(ans.id, id);
	return ans;
}

static struct ask_answer get(struct str u)
{
	return follow(u, 0);
}

static bool has(struct str text, const char *part)
{
	return str_find(text, str_cstr(part)) >= 0;
}

static void test_get(void **state)
{
	struct ask_answer ans;

	(void)state;
	begin();
	ans = get(url(&plain, "/echo?a=b"));
	assert_int_equal(ans.status, ASK_OK);
	assert_int_equal(ans.code, 200);
	assert_true(str_starts(ans.body, STR("GET /echo?a=b HTTP/1.1\r\n")));
	assert_true(has(ans.body, "User-Agent: mekiki/"));
	assert_true(strs_has(&ans.headers, STR("X-Test: one")));
	assert_true(strs_has(&ans.headers, STR("X-Test: two")));
	ans = get(url(&plain, "/status?503"));
	assert_int_equal(ans.status, ASK_OK);
	assert_int_equal(ans.code, 503);
	assert_int_equal(ans.body.n, 0);
}

static void test_post(void **state)
{
	struct ask ask = { .id = 7, .timeout = 5, .method = STR("POST") };
	struct ask_answer ans;
	char *big = arena_text(arena, 900000);

	(void)state;
	begin();
	ask.url = url(&plain, "/echo");
	ask.body = str_make("a\0b", 3);
	strs_add(arena, &ask.headers, STR("X-Mine: yes"));
	strs_add(arena, &ask.headers, STR("X-Empty:"));
	strs_add(arena, &ask.headers, STR("Content-Type: text/x"));
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.id, 7);
	assert_true(str_starts(ans.body, STR("POST /echo ")));
	assert_true(has(ans.body, "\r\nX-Mine: yes\r\n"));
	assert_true(has(ans.body, "\r\nX-Empty:"));
	assert_true(has(ans.body, "\r\nContent-Type: text/x\r\n"));
	assert_true(has(ans.body, "\r\nContent-Length: 3\r\n"));
	assert_true(str_ends(ans.body, str_make("\r\n\r\na\0b", 7)));
	/* Both ways through a memfd; another method; no type of its own. */
	memset(big, 'm', 900000);
	ask.method = STR("PUT");
	ask.body = str_make(big, 900000);
	ask.headers.n = 1;
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.status, ASK_OK);
	assert_true(str_starts(ans.body, STR("PUT /echo ")));
	assert_false(has(ans.body, "Content-Type"));
	assert_false(has(ans.body, "Expect"));
	assert_true(ans.body.n > 900000);
	ask.method = STR("HEAD");
	ask.body = STR_NONE;
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.code, 200);
	assert_int_equal(ans.body.n, 0);
	assert_true(ans.headers.n > 2);
}

static void test_tls(void **state)
{
	struct ask ask = { .id = 1, .timeout = 5 };
	struct ask_answer ans;

	(void)state;
	begin();
	ask.url = url(&tls, "/echo");
	/* Its certificate is nobody's. */
	ans = get(ask.url);
	assert_int_equal(ans.status, ASK_ERROR);
	assert_true(has(ans.error, "certificate"));
	ask.no_ssl_verify = true;
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.status, ASK_OK);
	assert_true(str_starts(ans.body, STR("GET /echo ")));
	/* A connection that was not verified is not used for one that is. */
	ans = get(ask.url);
	assert_int_equal(ans.status, ASK_ERROR);
}

static void test_tls_ca(void **state)
{
	(void)state;
	settings.ca_file = cert;
	begin();
	assert_int_equal(get(url(&tls, "/echo")).status, ASK_OK);
	assert_int_equal(get(str_printf(arena, "https://localhost:%d/echo",
					tls.port)).status, ASK_ERROR);
}

static void test_failures(void **state)
{
	struct ask ask = { .id = 1, .timeout = 0.2 };
	struct ask_answer ans;
	int64_t began;

	(void)state;
	begin();
	ask.url = url(&plain, "/slow?5");
	began = clock_mono_us();
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.status, ASK_TIMEOUT);
	assert_true(clock_mono_us() - began < 3000000);
	assert_true(clock_mono_us() - began >= 200000);
	assert_int_equal(get(url(&plain, "/slow?0.3")).status, ASK_OK);
	assert_int_equal(get(url(&plain, "/reset")).status, ASK_ERROR);
	assert_int_equal(get(url(&plain, "/close")).status, ASK_ERROR);
	assert_int_equal(get(STR("http://127.0.0.1:1/")).status, ASK_ERROR);
	assert_int_equal(get(STR("http://no-such-name.invalid/")).status,
			 ASK_ERROR);
	ask.kind = ASK_DNS;
	assert_true(asker_send(client, &ask, NULL));
	ans = wait_one(8);
	assert_int_equal(ans.status, ASK_REFUSED);
	assert_true(has(ans.error, "not configured"));
}

static void test_sizes(void **state)
{
	struct ask ask = { .id = 1, .timeout = 5, .max_size = 1000 };
	struct ask_answer ans;
	struct err err;

	(void)state;
	begin();
	ans = get(url(&plain, "/big?1048576"));
	assert_int_equal(ans.status, ASK_OK);
	assert_int_equal(ans.body.n, ASKER_ANSWER_MAX);
	ans = get(url(&plain, "/big?1048577"));
	assert_int_equal(ans.status, ASK_ERROR);
	assert_true(has(ans.error, "larger"));
	ans = get(url(&plain, "/endless"));
	assert_int_equal(ans.status, ASK_ERROR);
	assert_true(has(ans.error, "larger"));
	ans = get(url(&plain, "/headers?100000"));
	assert_int_equal(ans.status, ASK_ERROR);
	ask.url = url(&plain, "/big?1001");
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(wait_one(8).status, ASK_ERROR);
	ask.url = url(&plain, "/big?1000");
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(wait_one(8).status, ASK_OK);
	ask.body = str_make(arena_alloc(arena, ASKER_REQUEST_MAX),
			    ASKER_REQUEST_MAX);
	assert_false(asker_send(client, &ask, &err));
	assert_true(has(str_cstr(err.text), "bytes"));
}

static void test_malformed(void **state)
{
	static const struct str urls[] = {
		STR(""), STR("file:///etc/passwd"), STR("ftp://127.0.0.1/"),
		STR("gopher://127.0.0.1/"), STR("http://127.0.0.1/a b"),
		STR("http://127.0.0.1/\r\nX: y"), STR("http:/x"),
		STR("http://"), STR("http://127.0.0.1\0.example.com/"),
	};
	static const struct str headers[] = {
		STR("no colon"), STR(": no name"), STR("A: b\r\nC: d"),
		STR("A: b\nC: d"), STR("A: \0"),
	};
	struct ask ask = { .id = 1, .timeout = 5 };

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_int_equal(get(urls[i]).status, ASK_ERROR);
	ask.url = url(&plain, "/echo");
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		ask.headers.n = 0;
		strs_add(arena, &ask.headers, headers[i]);
		assert_true(asker_send(client, &ask, NULL));
		assert_int_equal(wait_one(8).status, ASK_ERROR);
	}
	ask.headers.n = 0;
	ask.method = STR("GET / HTTP/1.1\r\nX:");
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(wait_one(8).status, ASK_ERROR);
}

static void test_redirects(void **state)
{
	struct ask_answer ans;
	struct str to;

	(void)state;
	begin();
	to = url(&plain, "/status?204");
	for (uint32_t i = 0; i < 4; i++) {
		ans = follow(to, i);
		assert_int_equal(ans.status, ASK_OK);
		assert_int_equal(ans.code, 204);
		if (i > 1)
			assert_int_equal(follow(to, i - 1).status, ASK_ERROR);
		to = str_cat(arena, url(&plain, "/redirect?"), to);
	}
	assert_int_equal(follow(to, 1000).status, ASK_ERROR);
	assert_int_equal(follow(url(&plain, "/loop"), 3).status, ASK_ERROR);
	ans = follow(url(&plain, "/redirect?http://10.0.0.1/"), 3);
	assert_int_equal(ans.status, ASK_REFUSED);
	assert_true(has(ans.error, "lua_http_allow"));
	ans = follow(url(&plain, "/redirect?file:///etc/passwd"), 3);
	assert_int_equal(ans.status, ASK_ERROR);
	/* Headers of the last response only. */
	ans = follow(url(&plain, "/redirect?/echo"), 1);
	assert_int_equal(ans.status, ASK_OK);
	for (size_t i = 0; i < ans.headers.n; i++)
		assert_false(str_istarts(ans.headers.v[i], STR("Location")));
	/* Not followed: the rule sees where it would go. */
	ans = get(url(&plain, "/redirect?http://10.0.0.1/"));
	assert_int_equal(ans.status, ASK_OK);
	assert_int_equal(ans.code, 302);
	assert_true(strs_has(&ans.headers, STR("Location: http://10.0.0.1/")));
}

static void test_closed_by_default(void **state)
{
	static const char *const hosts[] = {
		"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001",
		"0177.0.0.1", "0", "0.0.0.0", "10.1.2.3", "172.16.0.1",
		"192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
		"198.18.0.1", "224.0.0.1", "255.255.255.255", "[::1]", "[::]",
		"[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
		"[fe80::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001::1]",
		"[2001:db8::1]",
	};

	(void)state;
	settings.allow = NULL;
	begin();
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct ask_answer ans = get(str_printf(arena,
					"http://%s:%d/echo", hosts[i],
					plain.port));

		if (ans.status != ASK_REFUSED)
			fail_msg("%s: status %d, %.*s", hosts[i], ans.status,
				 STR_ARG(ans.error));
		assert_true(has(ans.error, "lua_http_allow"));
	}
}

static void test_settings(void **state)
{
	struct netset *deny = netset_new(arena);
	struct ask_answer ans;

	(void)state;
	settings.allow = NULL;
	settings.allow_any = true;
	begin();
	assert_int_equal(get(url(&plain, "/echo")).status, ASK_OK);
	finish(NULL);
	prepare(NULL);
	deny = netset_new(arena);
	netset_add(deny, STR("127.0.0.1"), NULL);
	settings.deny = deny;
	begin();
	ans = get(url(&plain, "/echo"));
	assert_int_equal(ans.status, ASK_REFUSED);
	assert_true(has(ans.error, "lua_http_deny"));
	finish(NULL);
	prepare(NULL);
	settings.http = false;
	begin();
	ans = get(url(&plain, "/echo"));
	assert_int_equal(ans.status, ASK_REFUSED);
	assert_true(has(ans.error, "it is off"));
}

/* The lines of a configuration, as they reach the guard. */
static void test_lines(void **state)
{
	static const char *const cf[] = {
		"lua_http_allow 127.0.0.0/8 10.", "lua_http_allow fc00::/7",
		"lua_http_deny 10.9.0.0/16", "lua_http_timeout 2.5",
		"lua_http_ca_file /some/file", "lua_http_allow nonsense", NULL,
	};
	static const char *const any[] = { "lua_http_allow any",
					   "lua_http no", NULL };
	struct load_options load = { .rules_dir = dir, .site_dir = dir,
				     .cf_lines = cf };
	struct ruleset *rs = ruleset_load(arena, &load);
	struct asker_settings s;
	struct str fault = STR_NONE;

	(void)state;
	asker_settings_read(arena, rs->site, &s);
	assert_true(s.http);
	assert_false(s.allow_any);
	assert_true(netset_has(s.allow, STR("127.1.2.3")));
	assert_true(netset_has(s.allow, STR("10.1.2.3")));
	assert_true(netset_has(s.allow, STR("fd00::1")));
	assert_false(netset_has(s.allow, STR("192.168.0.1")));
	assert_true(netset_has(s.deny, STR("10.9.1.1")));
	assert_false(netset_has(s.deny, STR("10.8.1.1")));
	assert_true(s.timeout == 2.5);
	assert_string_equal(s.ca_file, "/some/file");
	for (size_t i = 0; i < rs->diags.n; i++)
		if (has(rs->diags.v[i].text, "lua_http_allow nonsense"))
			fault = rs->diags.v[i].text;
	assert_true(has(fault, "networks or any"));
	load.cf_lines = any;
	asker_settings_read(arena, ruleset_load(arena, &load)->site, &s);
	assert_true(s.allow_any);
	assert_false(s.http);
	load.cf_lines = NULL;
	asker_settings_read(arena, ruleset_load(arena, &load)->site, &s);
	assert_false(s.allow_any);
	assert_true(s.http);
	assert_false(netset_has(s.allow, STR("127.0.0.1")));
	load.local_only = true;
	asker_settings_read(arena, ruleset_load(arena, &load)->site, &s);
	assert_false(s.http);
	assert_true(has(str_cstr(s.why_not), "-L"));
}

/* A proxy in the environment must not become a way around the guard. */
static void test_no_proxy(void **state)
{
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", plain.port);
	setenv("http_proxy", proxy, 1);
	setenv("all_proxy", proxy, 1);
	begin();
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(get(STR("http://10.0.0.1/echo")).status, ASK_REFUSED);
}

static void test_many(void **state)
{
	struct ask ask = { .timeout = 9 };
	bool seen[200] = { false };
	struct err err;

	(void)state;
	begin();
	for (ask.id = 0; ask.id < 200; ask.id++) {
		ask.url = url(&plain, ask.id % 2 ? "/big?100000" :
			      "/slow?0.05");
		assert_true(asker_send(client, &ask, &err));
	}
	for (int i = 0; i < 200; i++) {
		struct ask_answer ans = wait_one(20);

		assert_int_equal(ans.status, ASK_OK);
		assert_in_range(ans.id, 0, 199);
		assert_false(seen[ans.id]);
		seen[ans.id] = true;
	}
	/* One more than may be open. */
	ask.url = url(&plain, "/slow?1");
	for (int i = 0; i < ASKER_OPEN_PER_CLIENT; i++)
		if (!asker_send(client, &ask, &err)) {
			/* The channel is smaller: it must say so, not wait. */
			assert_true(has(str_cstr(err.text), "busy"));
			return;
		}
	assert_false(asker_send(client, &ask, &err));
	assert_true(has(str_cstr(err.text), "open"));
}

static void test_stale(void **state)
{
	struct ask ask = { .id = 1, .timeout = 5 };
	struct ask_answer ans;

	(void)state;
	begin();
	ask.url = url(&plain, "/slow?0.1");
	assert_true(asker_send(client, &ask, NULL));
	ask.url = url(&plain, "/echo");
	assert_true(asker_send(client, &ask, NULL));
	usleep(200000);
	/* Both answers may be in the channel already. */
	asker_begin(client);
	assert_int_equal(asker_wait(client, 0, arena, &ans), 0);
	ask.id = 2;
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(wait_one(5).id, 2);
	assert_int_equal(asker_wait(client, clock_mono_us() + 200000, arena,
				    &ans), 0);
}

static void test_killed(void **state)
{
	struct ask ask = { .id = 1, .timeout = 9 };
	struct ask_answer ans;
	int64_t began = clock_mono_us();
	struct err err;

	(void)state;
	begin();
	ask.url = url(&plain, "/slow?5");
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(asker_wait(client, began + 100000, arena, &ans), 0);
	assert_true(asker_client_alive(client));
	kill(asker, SIGKILL);
	assert_int_equal(asker_wait(client, began + 8000000, arena, &ans), -1);
	assert_true(clock_mono_us() - began < 3000000);
	assert_false(asker_client_alive(client));
	assert_false(asker_send(client, &ask, &err));
	assert_false(asker_send(NULL, &ask, &err));
	assert_int_equal(asker_wait(NULL, 0, arena, &ans), -1);
	assert_false(asker_client_alive(NULL));
	asker_begin(NULL);
}

/* Stopped, not dead: sending must not block, waiting must end. */
static void test_stopped(void **state)
{
	struct ask ask = { .id = 1, .timeout = 1 };
	struct ask_answer ans;
	struct err err;
	int sent = 0;

	(void)state;
	begin();
	kill(asker, SIGSTOP);
	ask.url = url(&plain, "/echo");
	while (sent < 10000 && asker_send(client, &ask, &err))
		sent++;
	assert_in_range(sent, 1, ASKER_OPEN_PER_CLIENT);
	assert_int_equal(asker_wait(client, clock_mono_us() + 50000, arena,
				    &ans), 0);
	kill(asker, SIGCONT);
	for (int i = 0; i < sent; i++)
		assert_int_equal(wait_one(10).status, ASK_OK);
}

/* An asker with a control channel: several clients, one of them hostile. */
static void test_control(void **state)
{
	struct asker_client *second;
	struct ask ask = { .id = 1, .timeout = 5 };
	struct ask_answer ans;
	int control[2], a[2], b[2], status;
	char junk[1000];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    control), 0);
	asker = fork();
	if (asker == 0) {
		close(control[0]);
		asker_run(control[1], &settings);
	}
	close(control[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    b), 0);
	client = asker_client_new(arena, a[0]);
	second = asker_client_new(arena, b[0]);
	ask.url = url(&plain, "/slow?0.2");
	/* Asked before anybody is there to answer. */
	assert_true(asker_send(client, &ask, NULL));
	assert_int_equal(asker_give(control[0], a[1]), 1);
	assert_int_equal(asker_give(control[0], b[1]), 1);
	close(a[1]);
	close(b[1]);
	memset(junk, 0xff, sizeof(junk));
	assert_int_equal(send(b[0], junk, sizeof(junk), 0), sizeof(junk));
	assert_int_equal(asker_wait(second, clock_mono_us() + 5000000, arena,
				    &ans), -1);
	assert_int_equal(wait_one(5).status, ASK_OK);
	close(control[0]);
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_int_equal(status, 0);
	assert_int_equal(asker_wait(client, clock_mono_us() + 5000000, arena,
				    &ans), -1);
	assert_int_equal(asker_give(control[1], a[0]), -1);
	close(a[0]);
	close(b[0]);
	client = NULL;
}

#define T(name) cmocka_unit_test_setup_teardown(name, prepare, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_get), T(test_post), T(test_tls), T(test_tls_ca),
		T(test_failures), T(test_sizes), T(test_malformed),
		T(test_redirects), T(test_closed_by_default), T(test_settings),
		T(test_lines),
		T(test_no_proxy), T(test_many), T(test_stale), T(test_killed),
		T(test_stopped), T(test_control),
	};

	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
