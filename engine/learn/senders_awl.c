/*
 * SpamAssassin's AWL: the mean of all scores that a sender had from a network,
 * and a message's score moved half-way there; see senders.h, docs/txrep.md.
 *
 * A sender who was listed by hand, or wrote without a network, has a record
 * "|ip=none". The first message from a network takes that record over, and
 * then SpamAssassin drops every record that the address has from elsewhere.
 * Records lie in keys of their own here, so they are not dropped but outdated:
 * the record "|ip=none" notes an epoch, and one of an older epoch is void.
 */
#include "learn/senders_int.h"

#include "base/arena.h"
#include "conf/settings.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "match/selector.h"

/* The address that is farthest from us and not a private one. */
static struct str origin(const struct relays *rs)
{
	const struct relay_list *sides[] = { &rs->untrusted, &rs->trusted };

	for (int side = 0; side < 2; side++)
		for (size_t i = sides[side]->n; i > 0; i--) {
			const struct relay *r = sides[side]->v[i - 1];

			if (!r->ip_private && r->ip.n)
				return r->ip;
		}
	return STR_NONE;
}

struct awl_names {
	bool any;
	struct str bound, loose;	/* with and without a network */
};

static struct awl_names names_of(struct arena *a, struct message *m,
				 const struct settings *s)
{
	struct str from = selector_get_text(m, STR("From:addr"));
	struct str ip = origin(message_relays(m));
	int bits4 = (int)settings_number(
		s, STR("auto_welcomelist_ipv4_mask_len"));
	int bits6 = (int)settings_number(
		s, STR("auto_welcomelist_ipv6_mask_len"));
	struct awl_names names = { .any = str_trim(from).n > 0 };

	if (!names.any)
		return names;
	names.loose = sender_key(a, from, STR_NONE);
	names.bound = ip.n ? sender_key(a, from, sender_network(a, ip, bits4,
								bits6)) :
			     names.loose;
	return names;
}

size_t awl_keys(struct arena *a, struct message *m, const struct settings *s,
		struct score_record *out)
{
	struct awl_names names = names_of(a, m, s);

	if (!names.any)
		return 0;
	out[0] = (struct score_record){ .key = names.bound };
	out[1] = (struct score_record){ .key = names.loose };
	return 2;
}

/* The record that counts for this message, and the first of its changes. */
static struct score_record take_record(struct arena *a,
				       const struct awl_names *names,
				       const struct senders_ask *ask,
				       struct score_changes *changes)
{
	struct score_record r = sender_record(ask->records, ask->n,
					      names->bound);
	struct score_record loose = sender_record(ask->records, ask->n,
						  names->loose);
	bool bound = !str_eq(names->bound, names->loose);
	int64_t epoch = loose.epoch;

	if (!bound)
		return r;
	if (r.epoch < epoch)
		r.count = r.total = 0;
	r.epoch = epoch;
	if (r.count > 0 || !(loose.count > 0))
		return r;
	r.epoch = ask->now_ms > epoch ? ask->now_ms : epoch + 1;
	r.count = loose.count;
	r.total = loose.total;
	sender_change(a, changes, names->loose, SCORE_CLEAR, 0);
	changes->v[changes->n - 1].epoch = r.epoch;
	sender_change(a, changes, names->bound, SCORE_SET, r.total);
	changes->v[changes->n - 1].epoch = r.epoch;
	changes->v[changes->n - 1].count = r.count;
	return r;
}

void awl_judge(struct arena *a, struct message *m, const struct settings *s,
	       const struct senders_ask *ask, struct senders_answer *out)
{
	struct awl_names names = names_of(a, m, s);
	double points = sender_rounded(ask->points), mean, delta;
	struct score_record r;

	if (!names.any)
		return;
	r = take_record(a, &names, ask, &out->changes);
	sender_change(a, &out->changes, names.bound, SCORE_ADD, points);
	out->changes.v[out->changes.n - 1].epoch = r.epoch;
	if (!ask->teach)
		out->changes.n = 0;
	if (!(r.count > 0))
		return;
	mean = r.total / r.count;
	delta = (mean - points) *
		settings_number(s, STR("auto_welcomelist_factor"));
	sender_tag(a, out, STR("AWL"), delta);
	sender_tag(a, out, STR("AWLMEAN"), mean);
	/* SpamAssassin notes the count before it counts this message. */
	sender_tag(a, out, STR("AWLCOUNT"), r.count);
	sender_tag(a, out, STR("AWLPRESCORE"), ask->score_so_far);
	out->hits = delta != 0;
	out->delta = sender_rounded(delta);
}
