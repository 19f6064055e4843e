/*
 * Packets of the asker; see wire.h.
 */
#include "net/wire.h"

#include "base/arena.h"
#include "base/buf.h"

static const struct packet_form form = {
	.head = sizeof(struct wire_head),
	.max = WIRE_MAX,
	.fd_type = WIRE_CLIENT,
};

int wire_send(int sock, struct wire_head *h, struct str texts, int fd)
{
	return packets_send(sock, &form, &h->packet, texts, fd);
}

int wire_recv(int sock, struct wire_head *h_r, struct arena *a,
	      struct str *texts_r, int *fd_r)
{
	return packets_recv(sock, &form, &h_r->packet, a, texts_r, fd_r);
}

static void put_all(struct buf *b, const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		packets_put(b, list->v[i]);
}

static bool take_all(struct arena *a, struct str rest, struct strs *list)
{
	struct str s;

	while (rest.n) {
		if (!packets_take(&rest, &s))
			return false;
		strs_add(a, list, s.p ? s : STR(""));
	}
	return true;
}

struct str wire_pack_ask(struct arena *a, const struct ask *ask)
{
	struct buf b;

	buf_in(&b, a, WIRE_MAX + 1);
	packets_put(&b, ask->url);
	packets_put(&b, ask->method);
	packets_put(&b, ask->body);
	put_all(&b, &ask->headers);
	return buf_str(&b);
}

bool wire_unpack_ask(struct arena *a, const struct wire_head *h,
		     struct str texts, struct ask *ask_r)
{
	*ask_r = (struct ask){
		.id = h->id,
		.kind = (enum ask_kind)h->word,
		.timeout = h->timeout,
		.no_ssl_verify = h->no_ssl_verify != 0,
		.max_size = h->max_size,
		.redirects = h->redirects,
	};
	return packets_take(&texts, &ask_r->url) && packets_take(&texts, &ask_r->method) &&
	       packets_take(&texts, &ask_r->body) &&
	       take_all(a, texts, &ask_r->headers);
}

struct str wire_pack_answer(struct arena *a, const struct ask_answer *answer)
{
	struct buf b;

	buf_in(&b, a, WIRE_MAX + 1);
	packets_put(&b, answer->error);
	packets_put(&b, answer->body);
	put_all(&b, &answer->headers);
	return buf_str(&b);
}

bool wire_unpack_answer(struct arena *a, const struct wire_head *h,
			struct str texts, struct ask_answer *answer_r)
{
	*answer_r = (struct ask_answer){
		.id = h->id,
		.status = (enum ask_status)h->word,
		.code = h->code,
	};
	return h->word <= ASK_REFUSED && packets_take(&texts, &answer_r->error) &&
	       packets_take(&texts, &answer_r->body) &&
	       take_all(a, texts, &answer_r->headers);
}
