/*
 * Packets of the runner; see runner_wire.h.
 */
#include "net/runner_wire.h"

#include "base/arena.h"

#define TEXTS_MAX (RUNNER_OUTPUT_MAX + RUNNER_ERRORS_MAX + 64)

static const struct packet_form form = {
	.head = sizeof(struct runner_head),
	.max = TEXTS_MAX,
	.fd_type = RUNNER_RUN,
};

static const struct packet_form control_form = {
	.head = sizeof(struct runner_head),
	.max = 0,
	.fd_type = RUNNER_CLIENT,
};

int runner_wire_send(int sock, struct runner_head *h, struct str texts, int fd)
{
	return packets_send(sock, &form, &h->packet, texts, fd);
}

int runner_wire_recv(int sock, bool control, struct runner_head *h_r,
		     struct arena *a, struct str *texts_r, int *fd_r)
{
	return packets_recv(sock, control ? &control_form : &form,
			    &h_r->packet, a, texts_r, fd_r);
}

struct str runner_wire_pack(struct arena *a, const struct strs *params)
{
	struct buf b;

	buf_in(&b, a, TEXTS_MAX);
	for (size_t i = 0; i < params->n; i++)
		packets_put(&b, params->v[i]);
	return buf_str(&b);
}

bool runner_wire_unpack(struct arena *a, struct str texts,
			struct strs *params_r)
{
	struct str s;

	*params_r = (struct strs){ 0 };
	while (texts.n) {
		if (params_r->n == RUNNER_PARAMS ||
		    !packets_take(&texts, &s) || !s.p)
			return false;
		strs_add(a, params_r, s);
	}
	return true;
}

struct str runner_wire_pack_answer(struct arena *a,
				   const struct runner_answer *answer)
{
	struct buf b;

	buf_in(&b, a, TEXTS_MAX);
	packets_put(&b, answer->out.p ? answer->out : STR(""));
	packets_put(&b, answer->errors.p ? answer->errors : STR(""));
	return buf_str(&b);
}

bool runner_wire_unpack_answer(const struct runner_head *h, struct str texts,
			       struct runner_answer *answer_r)
{
	*answer_r = (struct runner_answer){
		.id = h->id,
		.status = (enum runner_status)h->word,
		.code = h->code,
		.total = h->size,
	};
	return h->word <= RUNNER_REFUSED &&
	       packets_take(&texts, &answer_r->out) && answer_r->out.p &&
	       packets_take(&texts, &answer_r->errors) &&
	       answer_r->errors.p && texts.n == 0;
}

bool runner_param_ok(struct str param)
{
	if (param.n > RUNNER_PARAM_MAX || (param.n && param.p[0] == '-'))
		return false;
	for (size_t i = 0; i < param.n; i++)
		if (param.p[i] == '\0' ||
		    (!is_alnum((unsigned char)param.p[i]) &&
		     !strchr(".:_@+=,/[]-", param.p[i])))
			return false;
	return true;
}
