/*
 * TLS to a Redis server (rediss://): one context a store, which knows whose
 * certificates are believed. The server's certificate and its name (or
 * address) are always verified; there is no way to turn that off, because a
 * password is what is sent first.
 */
#ifndef MEKIKI_REDIS_TLS_H
#define MEKIKI_REDIS_TLS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct bufferevent;
struct event_base;
struct tls_client;

/* Reads ca_file (PEM; NULL: the system's certificates). NULL and err if it
 * cannot be read or holds no certificate. */
struct tls_client *tls_client_new(const char *ca_file, struct err *err);
void tls_client_free(struct tls_client **t);

/* A bufferevent, not connected yet, that speaks TLS with a server whose
 * certificate must be for name (a host's name or an address). It owns its
 * socket. NULL and err if name cannot be one. */
struct bufferevent *tls_client_bufferevent(struct tls_client *t,
					   struct event_base *base,
					   struct str name, struct err *err);

/* Why a handshake on it failed: "the server's certificate is not accepted:
 * ...". False if it was not for TLS's sake. */
bool tls_client_why(struct bufferevent *bev, struct err *err);

#endif
