/*
 * HTTP; see http.h.
 *
 * libcurl's multi interface does the work. What it could do beyond that is
 * turned off: other protocols, proxies from the environment, cookies, .netrc.
 * Redirections are followed if the question says so, a few, and each opens its
 * socket through the guard again. A name that takes long to resolve holds up nothing: libcurl
 * asks the system's resolver in a thread, which is left behind if the request
 * ends first.
 */
#include "net/http.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "net/asker.h"
#include "net/guard.h"

/* Connections at once; what is more waits for one to be free. */
#define CONNECTIONS_MAX 256L
#define CONNECTIONS_PER_HOST 64L
/* Bytes of all answers that are held at once. */
#define HELD_MAX ((size_t)128 << 20)
#define URL_MAX 8192
#define METHOD_MAX 16
#define HEADERS_MAX 200

struct http {
	CURLM *multi;
	const struct asker_settings *s;
	struct guard *guard;
	int nadded;		/* requests that libcurl has */
	size_t held;
};

struct http_transfer {
	struct http *http;
	struct arena *arena;
	void *owner;
	CURL *easy;
	struct curl_slist *headers;
	struct strs got_headers;
	size_t header_bytes;
	struct buf body;
	size_t max_size;
	struct err refused;	/* what the guard said last, or "" */
	const char *too_much;	/* which ceiling was met, or NULL */
	char error[CURL_ERROR_SIZE];
};

struct http *http_new(struct arena *a, const struct asker_settings *s,
		      struct err *err)
{
	struct http *h = arena_alloc(a, sizeof(*h));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !(h->multi = curl_multi_init())) {
		err_set(err, "libcurl cannot be started");
		return NULL;
	}
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
			  CONNECTIONS_MAX);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  CONNECTIONS_PER_HOST);
	h->s = s;
	h->guard = guard_new(a, s);
	return h;
}

/* libcurl's calls. */

static curl_socket_t open_socket(void *ctx, curlsocktype purpose,
				 struct curl_sockaddr *addr)
{
	struct http_transfer *t = ctx;

	(void)purpose;
	t->refused.text[0] = '\0';
	if (!guard_allows(t->http->guard, &addr->addr, &t->refused))
		return CURL_SOCKET_BAD;
	return socket(addr->family, addr->socktype | SOCK_CLOEXEC,
		      addr->protocol);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;

	n *= size;
	if (t->body.n + n > t->max_size)
		t->too_much = "the answer is larger than may be";
	else if (t->http->held + n > HELD_MAX)
		t->too_much = "too many large answers at once";
	if (t->too_much)
		return 0;
	buf_add(&t->body, p, n);
	t->http->held += n;
	return n;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_transfer *t = ctx;
	struct str line = str_rtrim(str_make(p, size * n));

	t->header_bytes += size * n;
	if (t->header_bytes > ASKER_HEADERS_MAX) {
		t->too_much = "the answer's header is larger than may be";
		return 0;
	}
	/* Each response of a chain begins anew; the last one counts. */
	if (str_istarts(line, STR("HTTP/")))
		t->got_headers.n = 0;
	else if (str_chr(line, ':') > 0)
		strs_add(t->arena, &t->got_headers, str_dup(t->arena, line));
	return size * n;
}

/* The request. */

static bool is_printable(struct str s, bool spaces)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == 0x7f || c < ' ' ? c != '\t' || !spaces :
		    c == ' ' && !spaces)
			return false;
	}
	return true;
}

static int check(const struct ask *ask, struct err *err)
{
	bool url = str_istarts(ask->url, STR("http://")) ||
		   str_istarts(ask->url, STR("https://"));

	if (!url || ask->url.n > URL_MAX || !is_printable(ask->url, false))
		return err_set(err, "no URL of http or https that can be "
			       "asked");
	if (ask->method.n > METHOD_MAX)
		return err_set(err, "no method of HTTP");
	for (size_t i = 0; i < ask->method.n; i++)
		if (!is_upper((unsigned char)ask->method.p[i]))
			return err_set(err, "no method of HTTP");
	if (ask->headers.n > HEADERS_MAX)
		return err_set(err, "more than %d headers", HEADERS_MAX);
	for (size_t i = 0; i < ask->headers.n; i++)
		if (str_chr(ask->headers.v[i], ':') <= 0 ||
		    !is_printable(ask->headers.v[i], true))
			return err_set(err, "a malformed header");
	return 0;
}

static bool has_header(const struct ask *ask, struct str name)
{
	for (size_t i = 0; i < ask->headers.n; i++) {
		struct str h = ask->headers.v[i];

		if (str_ieq(str_head(h, (size_t)str_chr(h, ':')), name))
			return true;
	}
	return false;
}

static void add_header(struct http_transfer *t, struct str line)
{
	const char *text = arena_strndup(t->arena, line.p, line.n);
	struct curl_slist *more = curl_slist_append(t->headers, text);

	must(more != NULL);
	t->headers = more;
}

static void set_headers(struct http_transfer *t, const struct ask *ask)
{
	/* What libcurl would add by itself: not without being told. */
	static const char *const unwanted[] = { "Expect", "Content-Type" };

	for (size_t i = 0; i < ask->headers.n; i++) {
		struct str h = ask->headers.v[i], value;
		size_t colon = (size_t)str_chr(h, ':');

		/* "Name:" would mean to libcurl: send no such header. */
		value = str_trim(str_from(h, colon + 1));
		add_header(t, value.n ? h : str_printf(t->arena, "%.*s;",
			   STR_ARG(str_head(h, colon))));
	}
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
		if (!has_header(ask, str_cstr(unwanted[i])))
			add_header(t, str_printf(t->arena, "%s:", unwanted[i]));
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_method(struct http_transfer *t, const struct ask *ask)
{
	struct str method = ask->method;

	if (!method.n)
		method = ask->body.p ? STR("POST") : STR("GET");
	if (ask->body.p) {
		curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)ask->body.n);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, ask->body.p);
		if (str_eq(method, STR("POST")))
			return;
	} else if (str_eq(method, STR("GET"))) {
		return;
	} else if (str_eq(method, STR("HEAD"))) {
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
		return;
	} else if (str_eq(method, STR("POST"))) {
		curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE, 0L);
		return;
	}
	curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST,
			 arena_strndup(t->arena, method.p, method.n));
}

static void set_redirects(CURL *c, uint32_t n)
{
	if (n > ASKER_REDIRECTS)
		n = ASKER_REDIRECTS;
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, n ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)n);
}

static void set_fences(struct http_transfer *t)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE,
			 (curl_off_t)t->max_size);
}

static void set_tls(struct http_transfer *t, const struct ask *ask)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, ask->no_ssl_verify ? 0L :
			 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, ask->no_ssl_verify ? 0L :
			 2L);
	if (t->http->s->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, t->http->s->ca_file);
}

static void set_receivers(struct http_transfer *t)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "mekiki/" MEKIKI_VERSION);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static void release(struct http_transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	t->http->held -= t->body.n;
	buf_free(&t->body);
}

struct http_transfer *http_start(struct http *h, struct arena *a,
				 const struct ask *ask, void *owner,
				 struct err *err)
{
	struct http_transfer *t;

	if (check(ask, err) < 0)
		return NULL;
	t = arena_alloc(a, sizeof(*t));
	t->http = h;
	t->arena = a;
	t->owner = owner;
	t->max_size = ask->max_size && ask->max_size < ASKER_ANSWER_MAX ?
		      ask->max_size : ASKER_ANSWER_MAX;
	buf_init(&t->body, ASKER_ANSWER_MAX);
	t->easy = curl_easy_init();
	must(t->easy != NULL);
	set_receivers(t);
	set_fences(t);
	set_redirects(t->easy, ask->redirects);
	set_tls(t, ask);
	set_method(t, ask);
	set_headers(t, ask);
	if (curl_easy_setopt(t->easy, CURLOPT_URL, arena_strndup(a, ask->url.p,
			     ask->url.n)) != CURLE_OK ||
	    curl_multi_add_handle(h->multi, t->easy) != CURLM_OK) {
		err_set(err, "libcurl does not take the request");
		release(t);
		return NULL;
	}
	h->nadded++;
	return t;
}

void http_drop(struct http_transfer **tp)
{
	struct http_transfer *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	curl_multi_remove_handle(t->http->multi, t->easy);
	t->http->nadded--;
	release(t);
}

void http_work(struct http *h, struct pollfd *fds, unsigned n, int ms)
{
	struct curl_waitfd wait[n + 1];
	int running;

	for (unsigned i = 0; i < n; i++)
		wait[i] = (struct curl_waitfd){
			.fd = fds[i].fd,
			.events = (short)((fds[i].events & POLLIN ?
					   CURL_WAIT_POLLIN : 0) |
					  (fds[i].events & POLLOUT ?
					   CURL_WAIT_POLLOUT : 0)),
		};
	/* What was just begun has to open its sockets before they can be
	 * waited for; and what failed at once has nothing to wait for. */
	curl_multi_perform(h->multi, &running);
	if (running < h->nadded)
		ms = 0;
	curl_multi_poll(h->multi, wait, n, ms, NULL);
	curl_multi_perform(h->multi, &running);
	/* libcurl does not tell of an end without data. */
	poll(fds, n, 0);
}

static void fill_failure(struct http_transfer *t, CURLcode rc,
			 struct ask_answer *out)
{
	out->status = ASK_ERROR;
	if (t->too_much) {
		out->error = str_cstr(t->too_much);
	} else if (rc == CURLE_FILESIZE_EXCEEDED) {
		out->error = STR("the answer is larger than may be");
	} else if (rc == CURLE_COULDNT_CONNECT && *t->refused.text) {
		out->status = ASK_REFUSED;
		out->error = str_dup(t->arena, str_cstr(t->refused.text));
	} else {
		if (rc == CURLE_OPERATION_TIMEDOUT)
			out->status = ASK_TIMEOUT;
		out->error = str_dup(t->arena, str_cstr(*t->error ? t->error :
					       curl_easy_strerror(rc)));
	}
}

static void fill_answer(struct http_transfer *t, CURLcode rc,
			struct ask_answer *out)
{
	long code = 0;

	*out = (struct ask_answer){ .status = ASK_OK };
	if (rc != CURLE_OK) {
		fill_failure(t, rc, out);
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
	out->code = (int)code;
	out->body = buf_str(&t->body);
	out->headers = t->got_headers;
}

void *http_next_done(struct http *h, struct ask_answer *answer_r)
{
	struct http_transfer *t = NULL;
	CURLMsg *m;
	int left;

	do {
		m = curl_multi_info_read(h->multi, &left);
	} while (m && m->msg != CURLMSG_DONE);
	if (!m || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) !=
	    CURLE_OK || !t)
		return NULL;
	fill_answer(t, m->data.result, answer_r);
	return t->owner;
}
