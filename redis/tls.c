/*
 * OpenSSL for connections to Redis: the only file of redis/ that knows it; see
 * tls.h. What is read from disk is read when the context is made, because the
 * process that uses it may not open files any more.
 */
#include "redis/tls.h"

#include <string.h>

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/mem.h"

struct tls_client {
	SSL_CTX *ctx;
};

/* Where systems keep all certificates that they believe in one file. */
static const char *const system_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

static int fail(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, "TLS: %s: %s", what, reason ? reason : "no reason");
}

static void load_system(SSL_CTX *ctx)
{
	SSL_CTX_set_default_verify_paths(ctx);
	for (size_t i = 0; i < sizeof(system_files) / sizeof(*system_files);
	     i++)
		if (SSL_CTX_load_verify_file(ctx, system_files[i]) == 1)
			break;
	ERR_clear_error();
}

struct tls_client *tls_client_new(const char *ca_file, struct err *err)
{
	struct tls_client *t = xcalloc(1, sizeof(*t));

	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx) {
		fail(err, "no context");
		xfree(t);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	/* Replies say themselves where they end. */
	SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF |
			    SSL_OP_NO_RENEGOTIATION);
	if (!ca_file)
		load_system(t->ctx);
	else if (SSL_CTX_load_verify_file(t->ctx, ca_file) != 1) {
		fail(err, ca_file);
		tls_client_free(&t);
	}
	return t;
}

void tls_client_free(struct tls_client **t)
{
	struct tls_client *old = *t;

	*t = NULL;
	if (!old)
		return;
	SSL_CTX_free(old->ctx);
	xfree(old);
}

/* The certificate must be for this name or address. */
static int expect_name(SSL *ssl, struct str name)
{
	unsigned char raw[16];
	char text[256];

	if (name.n == 0 || name.n >= sizeof(text) || str_chr(name, '\0') >= 0)
		return -1;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	if (inet_pton(AF_INET, text, raw) == 1 ||
	    inet_pton(AF_INET6, text, raw) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), text)
			== 1 ? 0 : -1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, text) == 1 &&
	       SSL_set_tlsext_host_name(ssl, text) == 1 ? 0 : -1;
}

struct bufferevent *tls_client_bufferevent(struct tls_client *t,
					   struct event_base *base,
					   struct str name, struct err *err)
{
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev = NULL;

	if (!ssl) {
		fail(err, "no session");
	} else if (expect_name(ssl, name) < 0) {
		ERR_clear_error();
		err_set(err, "TLS: there is no name to verify a certificate "
			"against");
	} else {
		bev = bufferevent_openssl_socket_new(base, -1, ssl,
			BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
		if (!bev)
			fail(err, "no connection");
	}
	if (!bev)
		SSL_free(ssl);
	return bev;
}

bool tls_client_why(struct bufferevent *bev, struct err *err)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	unsigned long code = bufferevent_get_openssl_error(bev);
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	if (verdict != X509_V_OK)
		err_set(err, "the server's certificate is not accepted: %s",
			X509_verify_cert_error_string(verdict));
	else if (reason)
		err_set(err, "TLS: %s; is the port one for TLS?", reason);
	return verdict != X509_V_OK || reason;
}
