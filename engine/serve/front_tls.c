/*
 * TLS for the front: the only file that knows OpenSSL. The key was read by the
 * keeper while it still could; here it arrives as an open file.
 */
#include <errno.h>
#include <unistd.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/mem.h"
#include "serve/front.h"
#include "serve/front_int.h"

struct tls_server {
	SSL_CTX *ctx;
};

/* PEM files of more than this are not certificates. */
#define PEM_MAX ((size_t)4 << 20)

static BIO *read_bio(int fd)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char part[4096];
	off_t at = 0;
	ssize_t n;

	while (bio && (size_t)at < PEM_MAX &&
	       (n = pread(fd, part, sizeof(part), at)) > 0) {
		BIO_write(bio, part, (int)n);
		at += n;
	}
	return bio;
}

static int fail(struct err *err, const char *what)
{
	char text[256];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return err_set(err, "TLS: %s: %s", what, text);
}

static int use_certificate(SSL_CTX *ctx, int fd, struct err *err)
{
	BIO *bio = read_bio(fd);
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	int ok = x ? SSL_CTX_use_certificate(ctx, x) : 0;

	X509_free(x);
	/* What follows in the file is the chain. */
	while (ok == 1 && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1)
			X509_free(x);
	BIO_free(bio);
	if (ok != 1)
		return fail(err, "server certificate");
	ERR_clear_error();
	return 0;
}

static int use_key(SSL_CTX *ctx, int fd, struct err *err)
{
	BIO *bio = read_bio(fd);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
			    : NULL;
	int ok = key ? SSL_CTX_use_PrivateKey(ctx, key) : 0;

	EVP_PKEY_free(key);
	BIO_free(bio);
	if (ok != 1 || SSL_CTX_check_private_key(ctx) != 1)
		return fail(err, "server key");
	return 0;
}

static int use_ca(SSL_CTX *ctx, int fd, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	BIO *bio = read_bio(fd);
	int count = 0;
	X509 *x;

	while (bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		count += X509_STORE_add_cert(store, x) == 1;
		SSL_CTX_add_client_CA(ctx, x);
		X509_free(x);
	}
	BIO_free(bio);
	ERR_clear_error();
	return count ? 0 : err_set(err, "TLS: no certificate in the CA file");
}

struct tls_server *tls_server_new(int cert, int key, int ca,
				  const char *ca_path, bool verify,
				  struct err *err)
{
	struct tls_server *t = xcalloc(1, sizeof(*t));
	int rc = 0;

	t->ctx = SSL_CTX_new(TLS_server_method());
	if (!t->ctx)
		rc = fail(err, "no context");
	if (rc == 0)
		rc = use_certificate(t->ctx, cert, err);
	if (rc == 0)
		rc = use_key(t->ctx, key, err);
	if (rc == 0 && ca >= 0)
		rc = use_ca(t->ctx, ca, err);
	if (rc == 0 && ca_path &&
	    SSL_CTX_load_verify_dir(t->ctx, ca_path) != 1)
		rc = fail(err, "CA directory");
	if (rc < 0) {
		tls_server_free(&t);
		return NULL;
	}
	if (verify)
		SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER |
				   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	/* A client that closes without saying so in TLS has still closed. */
	SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF |
			    SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_id_context(t->ctx, (const unsigned char *)"mekiki",
				       6);
	return t;
}

void tls_server_free(struct tls_server **t)
{
	struct tls_server *old = *t;

	*t = NULL;
	if (!old)
		return;
	SSL_CTX_free(old->ctx);
	xfree(old);
}

struct bufferevent *tls_accept(struct tls_server *t, struct event_base *base,
			       int fd)
{
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev;

	if (!ssl)
		return NULL;
	bev = bufferevent_openssl_socket_new(base, fd, ssl,
					     BUFFEREVENT_SSL_ACCEPTING,
					     BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void tls_describe(struct bufferevent *bev, char *out, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	snprintf(out, size, "%s/%s", SSL_get_version(ssl),
		 SSL_get_cipher_name(ssl));
}

void tls_end(struct bufferevent *bev)
{
	SSL_shutdown(bufferevent_openssl_get_ssl(bev));
	ERR_clear_error();
}

const char *front_tls_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
