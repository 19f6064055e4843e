/*
 * Which keys a word of the command line means. A person types an address or a
 * domain as the log or a mail shows it; whatever may be kept of it is looked
 * at.
 */
#include "cli/reputation_int.h"

#include <arpa/inet.h>

#include "base/arena.h"
#include "mail/idn.h"
#include "mail/network.h"
#include "redis/same_text.h"

#define PREFIX STR("mekiki:")

void reputation_target_add(struct arena *a, struct targets *out,
			   const struct target *t)
{
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = *t;
}

static void add_evidence(struct arena *a, enum evidence_kind kind,
			 struct str name, bool guessed, struct targets *out)
{
	struct target t = { .who = { kind, name }, .guessed = guessed };

	t.key = reputation_store_key(a, &t.who);
	reputation_target_add(a, out, &t);
}

static bool is_message(struct str name)
{
	struct str key = str_from(name, STR("mekiki:message:").n);

	if (!str_starts(name, STR("mekiki:message:")) || key.n != 24)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (!is_xdigit((unsigned char)key.p[i]))
			return false;
	return true;
}

/* "ip:198.18.0.7", "text:...", "message:...". */
static bool add_named(struct arena *a, struct str word, struct targets *out)
{
	struct target t = { .key = str_starts(word, PREFIX) ? word :
					str_cat(a, PREFIX, word) };
	struct str digest;

	if (reputation_key_named(t.key, &t.who))
		t.type = TARGET_EVIDENCE;
	else if (same_text_key_named(t.key, &digest))
		t.type = TARGET_TEXT;
	else if (is_message(t.key))
		t.type = TARGET_MESSAGE;
	else
		return false;
	reputation_target_add(a, out, &t);
	return true;
}

static struct str network(struct arena *a, const struct ip_addr *ip, int bits)
{
	struct in6_addr net = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (ip->v4)
		return str_printf(a, "%d.%d.%d.0/24", ip->bytes[12],
				  ip->bytes[13], ip->bytes[14]);
	memcpy(&net, ip->bytes, (size_t)bits / 8);
	inet_ntop(AF_INET6, &net, text, sizeof(text));
	return str_printf(a, "%s/%d", text, bits);
}

/* An address, or a network as it is kept. */
static bool add_address(struct arena *a, struct str word, struct targets *out)
{
	ssize_t slash = str_chr(word, '/');
	struct str bits = slash < 0 ? STR_NONE :
			  str_from(word, (size_t)slash + 1);
	size_t before = out->n;
	struct ip_addr ip;

	if (!ip_parse(slash < 0 ? word : str_head(word, (size_t)slash), &ip))
		return false;
	if (slash < 0 || (!ip.v4 && str_eq(bits, STR("64"))))
		add_evidence(a, EVIDENCE_IP, ip.v4 ? word :
			     network(a, &ip, 64), false, out);
	if (slash < 0 || str_eq(bits, ip.v4 ? STR("24") : STR("48")))
		add_evidence(a, EVIDENCE_NET, network(a, &ip, 48),
			     slash < 0, out);
	if (slash < 0 && ip.v4)
		add_evidence(a, EVIDENCE_URL, word, true, out);
	return out->n > before;
}

bool reputation_targets(struct arena *a, struct str word, struct targets *out)
{
	static const enum evidence_kind kinds[] = {
		EVIDENCE_URL, EVIDENCE_FROM, EVIDENCE_ENVELOPE,
	};
	struct str name;

	if (add_address(a, word, out) || add_named(a, word, out))
		return true;
	if (str_chr(word, ':') >= 0 || str_chr(word, '.') < 0 ||
	    !idn_to_ascii(a, word, &name))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		add_evidence(a, kinds[i], name, true, out);
	return true;
}
