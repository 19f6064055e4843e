/*
 * Channels: packets keep their borders and bring their descriptors; an end
 * that is gone is noticed; a full queue is no error.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "serve/chan.h"

static char packet[CHAN_MAX];

static void test_packets(void **state)
{
	int ends[2], fd = memfd_create("x", 0);
	struct packet p;
	char text[4] = "";

	(void)state;
	assert_int_equal(chan_pair(ends, NULL), 0);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(chan_send(ends[0], 7, "body", 4, "text", 4, &fd, 1),
			 1);
	assert_int_equal(chan_send(ends[0], 8, NULL, 0, NULL, 0, NULL, 0), 1);
	close(fd);
	assert_int_equal(chan_recv(ends[1], packet, &p), 1);
	assert_int_equal(p.type, 7);
	assert_true(str_eq(str_make(p.data, p.n), STR("bodytext")));
	assert_int_equal(p.nfds, 1);
	assert_int_equal(pread(p.fds[0], text, 3, 0), 3);
	assert_string_equal(text, "abc");
	assert_null(packet_body(&p, 9));
	assert_non_null(packet_body(&p, 8));
	packet_close(&p);
	assert_int_equal(chan_recv(ends[1], packet, &p), 1);
	assert_int_equal(p.type, 8);
	assert_int_equal(p.n, 0);
	assert_int_equal(chan_wait(ends[1], packet, &p, 1), 0);
	close(ends[0]);
	assert_int_equal(chan_recv(ends[1], packet, &p), -1);
	assert_int_equal(chan_send(ends[1], 1, NULL, 0, NULL, 0, NULL, 0), -1);
	close(ends[1]);
}

static void test_full(void **state)
{
	static char big[CHAN_MAX - 4];
	int ends[2], rc, sent = 0;
	struct packet p;

	(void)state;
	assert_int_equal(chan_pair(ends, NULL), 0);
	fd_nonblock(ends[0]);
	while ((rc = chan_send(ends[0], 1, big, sizeof(big), NULL, 0, NULL,
			       0)) == 1)
		sent++;
	assert_int_equal(rc, 0);
	assert_true(sent > 0);
	for (; sent; sent--) {
		assert_int_equal(chan_recv(ends[1], packet, &p), 1);
		assert_int_equal(p.n, sizeof(big));
	}
	fd_nonblock(ends[1]);
	assert_int_equal(chan_recv(ends[1], packet, &p), 0);
	fd_close(&ends[0]);
	fd_close(&ends[0]);
	fd_close(&ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
