/*
 * The guard; see guard.h. It looks at the address that a socket is about to
 * be connected to, not at names or at how a number was written: decimal,
 * octal and IPv4 inside IPv6 are all the same here.
 */
#include "net/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "mail/network.h"
#include "net/asker.h"

struct guard {
	const struct asker_settings *s;
	struct netset *closed;		/* by default */
};

/* The first network that holds an address decides; "!" opens. IANA's special
 * purpose registries, and everything in IPv6 that is not global unicast. */
static const char *const special[] = {
	"0.0.0.0/8",		/* this network */
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",	/* private */
	"100.64.0.0/10",	/* carriers' NAT */
	"127.0.0.0/8",		/* loopback */
	"169.254.0.0/16",	/* link-local; clouds' metadata */
	"192.0.0.0/24",		/* protocol assignments */
	"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",	/* examples */
	"192.88.99.0/24",	/* 6to4 relays */
	"198.18.0.0/15",	/* benchmarks */
	"224.0.0.0/3",		/* multicast, reserved, broadcast */
	"!0.0.0.0/0",
	"2001::/23",		/* protocol assignments, Teredo */
	"2001:db8::/32", "3fff::/20",	/* examples */
	"2002::/16",		/* 6to4: an IPv4 address inside */
	"!2000::/3",
	"::/0",
};

void asker_settings_read(struct arena *a, const struct settings *s,
			 struct asker_settings *out_r)
{
	static const char *const lists[] = { "lua_http_allow",
					     "lua_http_deny" };
	struct netset *sets[2];
	struct str ca = settings_option(s, STR("lua_http_ca_file"));

	*out_r = (struct asker_settings){
		.http = settings_bool(s, STR("lua_http")),
		.why_not = "lua_http is 0",
		.timeout = settings_number(s, STR("lua_http_timeout")),
		.ca_file = ca.n ? arena_strndup(a, ca.p, ca.n) : NULL,
	};
	if (out_r->timeout > ASKER_TIMEOUT_MAX)
		out_r->timeout = ASKER_TIMEOUT_MAX;
	if (s->rules && s->rules->local_only) {
		out_r->http = false;
		out_r->why_not = "only local tests are run (-L)";
	}
	for (int i = 0; i < 2; i++) {
		const struct strs *words = settings_list(s, str_cstr(lists[i]));

		sets[i] = netset_new(a);
		for (size_t j = 0; words && j < words->n; j++)
			if (str_eq(words->v[j], STR("any")))
				out_r->allow_any = true;
			else
				netset_add(sets[i], words->v[j], NULL);
	}
	out_r->allow = sets[0];
	out_r->deny = sets[1];
}

struct guard *guard_new(struct arena *a, const struct asker_settings *s)
{
	struct guard *g = arena_alloc(a, sizeof(*g));
	struct err err;

	g->s = s;
	g->closed = netset_new(a);
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		must(netset_add(g->closed, str_cstr(special[i]), &err) == 0);
	return g;
}

static bool address_text(const struct sockaddr *sa, char *out, size_t size)
{
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;

	if (sa->sa_family == AF_INET)
		return inet_ntop(AF_INET, &v4->sin_addr, out,
				 (socklen_t)size) != NULL;
	if (sa->sa_family == AF_INET6)
		return inet_ntop(AF_INET6, &v6->sin6_addr, out,
				 (socklen_t)size) != NULL;
	return false;
}

bool guard_allows(const struct guard *g, const struct sockaddr *sa,
		  struct err *err)
{
	char text[INET6_ADDRSTRLEN];
	struct str ip;

	if (!address_text(sa, text, sizeof(text))) {
		err_set(err, "only IPv4 and IPv6 may be used");
		return false;
	}
	ip = str_cstr(text);
	if (netset_has(g->s->deny, ip)) {
		err_set(err, "%s is closed by lua_http_deny", text);
		return false;
	}
	if (g->s->allow_any || netset_has(g->s->allow, ip) ||
	    !netset_has(g->closed, ip))
		return true;
	err_set(err, "%s is a local, private or reserved address, which "
		"lua_http_allow does not open", text);
	return false;
}
