/*
 * What AWL and TxRep share: which of the two it is, how a sender becomes the
 * name of a record, and what a person can list by hand; see senders.h.
 *
 * A name is what the plug-ins write into their files: the identity in lower
 * case, "|ip=", and the network it was seen in or "none". Everything in it but
 * the address is what a stranger wrote, so a name that is long out of measure
 * is cut, with a digest of the whole behind it.
 */
#include "learn/senders_int.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/codec.h"
#include "base/digest.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "mail/network.h"

#define NAME_MAX_OCTETS 300	/* an address may have 254 */
#define NETWORK_MAX 39		/* octets, as the plug-ins' SQL tables have */

static bool has_plugin(const struct settings *s, struct str full_name)
{
	return s->rules && map_has(&s->rules->plugins, full_name);
}

enum senders_plugin senders_plugin(const struct settings *s)
{
	if (has_plugin(s, STR("Mail::SpamAssassin::Plugin::AWL")) &&
	    settings_bool(s, STR("use_auto_welcomelist")))
		return SENDERS_AWL;
	if (has_plugin(s, STR("Mail::SpamAssassin::Plugin::TxRep")) &&
	    settings_bool(s, STR("use_txrep")))
		return SENDERS_TXREP;
	return SENDERS_NONE;
}

const char *senders_word(enum senders_plugin plugin)
{
	static const char *const words[] = { "", "awl", "txrep" };

	return words[plugin];
}

struct str senders_rule(enum senders_plugin plugin)
{
	return plugin == SENDERS_AWL ? STR("AWL") : STR("TXREP");
}

/* ---- names ---- */

static void mask(struct in6_addr *net, const uint8_t *bytes, size_t n,
		 int bits)
{
	for (size_t i = 0; i < n; i++) {
		int keep = bits - (int)i * 8;

		net->s6_addr[i] = keep >= 8 ? bytes[i] :
				  keep <= 0 ? 0 :
				  (uint8_t)(bytes[i] & (0xff << (8 - keep)));
	}
}

/* Zeros at the end go, but for the first number. */
static struct str network4(struct arena *a, struct str ip,
			   const uint8_t *bytes, int bits)
{
	struct in6_addr net = { 0 };
	const uint8_t *b = net.s6_addr;
	struct str text;

	if (bits == 32)
		return ip;
	mask(&net, bytes, 4, bits);
	if (bits == 16)
		return str_printf(a, "%d.%d", b[0], b[1]);
	text = str_printf(a, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
	for (int i = 0; i < 3 && str_ends(text, STR(".0")); i++)
		text.n -= 2;
	return text;
}

/* All digits, letters in capitals, and "::" for the zeros at the end. */
static struct str network6(struct arena *a, const uint8_t *bytes, int bits)
{
	struct in6_addr net = { 0 };
	const uint8_t *b = net.s6_addr;
	struct str text = STR("");
	int zeros = 0;

	mask(&net, bytes, 16, bits);
	for (int i = 0; i < 16; i += 2)
		text = str_printf(a, "%.*s%s%02X%02X", STR_ARG(text),
				  i ? ":" : "", b[i], b[i + 1]);
	while (zeros < 7 && str_ends(text, STR(":0000"))) {
		text.n -= 5;
		zeros++;
	}
	return zeros ? str_cat(a, text, STR("::")) : text;
}

struct str sender_network(struct arena *a, struct str ip, int bits4, int bits6)
{
	struct ip_addr addr;

	if (!ip.n || !ip_parse(ip, &addr))
		return STR_NONE;
	if (addr.v4 && str_chr(ip, ':') < 0)
		return network4(a, ip, addr.bytes + 12, bits4);
	return str_head(network6(a, addr.bytes, bits6), NETWORK_MAX);
}

/* The characters that would confuse the plug-ins' databases. */
static struct str harmless(struct arena *a, struct str id)
{
	struct str low = str_lower(a, id);
	char *p = arena_alloc(a, low.n + 1);

	for (size_t i = 0; i < low.n; i++)
		p[i] = low.p[i] == '\0' || strchr(";'\"!|", low.p[i]) ?
			'_' : low.p[i];
	return str_make(p, low.n);
}

static struct str short_name(struct arena *a, struct str id)
{
	uint8_t sum[DIGEST_MAX];
	char hex[2 * DIGEST_MAX];
	struct digest d;
	size_t n;

	if (id.n <= NAME_MAX_OCTETS)
		return id;
	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, id);
	n = digest_end(&d, sum);
	n = hex_encode(str_make((char *)sum, n), hex);
	return str_printf(a, "%.*s#%.*s", NAME_MAX_OCTETS - (int)n - 1, id.p,
			  (int)n, hex);
}

struct str sender_key(struct arena *a, struct str id, struct str network)
{
	id = short_name(a, harmless(a, id));
	return str_printf(a, "%.*s|ip=%.*s", STR_ARG(id),
			  STR_ARG(network.p ? network : STR("none")));
}

/* ---- records ---- */

struct score_record sender_record(const struct score_record *records, size_t n,
				  struct str key)
{
	struct score_record r = { .key = key };

	for (size_t i = 0; i < n; i++)
		if (str_eq(records[i].key, key))
			r = records[i];
	/* Whatever a hand or a broken disk left there counts as nothing. */
	if (!isfinite(r.count) || !isfinite(r.total) || r.count < 0)
		r.count = r.total = 0;
	return r;
}

void sender_change(struct arena *a, struct score_changes *out, struct str key,
		   enum score_step step, double value)
{
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = (struct score_change){
		.key = key, .step = step, .value = value, .count = 1,
	};
}

double sender_rounded(double v)
{
	char text[400];

	snprintf(text, sizeof(text), "%.3f", v);
	return strtod(text, NULL);
}

void sender_tag(struct arena *a, struct senders_answer *out, struct str name,
		double value)
{
	strs_add(a, &out->tags, name);
	strs_add(a, &out->values, str_printf(a, "%2.1f", value));
}

/* ---- which plug-in ---- */

size_t senders_keys(struct arena *a, struct message *m,
		    const struct settings *s, enum senders_plugin plugin,
		    const struct senders_proof *proof,
		    struct score_record **out_r)
{
	struct score_record *v = arena_alloc(a, SENDERS_KEYS * sizeof(*v));
	size_t n = 0, kept = 0;

	if (plugin == SENDERS_AWL)
		n = awl_keys(a, m, s, v);
	else if (plugin == SENDERS_TXREP)
		n = txrep_keys(a, m, s, proof, v);
	must(n <= SENDERS_KEYS);
	for (size_t i = 0; i < n; i++) {
		bool had = false;

		for (size_t k = 0; k < kept; k++)
			had |= str_eq(v[k].key, v[i].key);
		if (!had)
			v[kept++] = v[i];
	}
	*out_r = v;
	return kept;
}

void senders_judge(struct arena *a, struct message *m,
		   const struct settings *s, const struct senders_ask *ask,
		   struct senders_answer *out_r)
{
	*out_r = (struct senders_answer){ 0 };
	if (ask->plugin == SENDERS_AWL)
		awl_judge(a, m, s, ask, out_r);
	else if (ask->plugin == SENDERS_TXREP)
		txrep_judge(a, m, s, ask, out_r);
}

void senders_learn(struct arena *a, struct message *m,
		   const struct settings *s, const struct senders_ask *ask,
		   enum senders_lesson lesson, struct score_changes *out)
{
	if (ask->plugin == SENDERS_TXREP)
		txrep_learn(a, m, s, ask, lesson, out);
}

/* ---- what a person lists ---- */

static bool is_address_like(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!is_digit(id.p[i]) && !(id.p[i] >= 'a' && id.p[i] <= 'f') &&
		    id.p[i] != '.' && id.p[i] != ':')
			return false;
	return id.n > 0;
}

/* One record of several speaks for the whole sender, so it must outweigh the
 * others. */
static double outweigh(const struct settings *s, struct str id)
{
	double email = settings_number(s, STR("txrep_weight_email"));
	double domain = settings_number(s, STR("txrep_weight_domain"));
	double ip = settings_number(s, STR("txrep_weight_ip"));
	double helo = settings_number(s, STR("txrep_weight_helo"));
	double sum = email + domain + ip + helo +
		     settings_number(s, STR("txrep_weight_email_ip"));
	bool at = str_chr(id, '@') >= 0;

	if (str_chr(id, '.') < 0 && helo > 0)
		return sum / helo;
	if (is_address_like(id) && ip > 0)
		return sum / ip;
	if (at && email > 0)
		return sum / email;
	if (!at && domain > 0)
		return sum / domain;
	return 1;
}

struct str senders_list(struct arena *a, const struct settings *s,
			enum senders_plugin plugin, struct str id,
			double score, struct score_changes *out)
{
	ssize_t comma = str_chr(id, ',');
	struct str key;

	/* "friend@example.org,example.org": bound to a signature, which is
	 * no part of a name. */
	if (plugin == SENDERS_TXREP && comma >= 0)
		id = str_head(id, (size_t)comma);
	key = sender_key(a, id, STR_NONE);
	if (!isnan(score))
		sender_change(a, out, key, SCORE_SET,
			      plugin == SENDERS_TXREP ?
				      score * outweigh(s, id) : score);
	return str_head(key, key.n - (sizeof("ip=none") - 1));
}
