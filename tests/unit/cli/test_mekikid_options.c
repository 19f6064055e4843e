/*
 * The daemon's command line, read as spamd reads it; and the man page, which
 * must name each option and say what its row says.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/mekikid_options.h"

#define MAX_WORDS 16

static enum daemon_parse parse(const char *line, struct daemon_options *o)
{
	static char copy[512];
	char *argv[MAX_WORDS + 1] = { (char *)(uintptr_t)"mekikid" };
	int argc = 1;
	struct err err = { "" };
	char *p;

	snprintf(copy, sizeof(copy), "%s", line);
	for (p = copy; *p && argc < MAX_WORDS;) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	return daemon_options_parse(argc, argv, o, &err);
}

static void test_values(void **state)
{
	struct daemon_options o;

	(void)state;
	/* What Debian starts spamd with. */
	assert_int_equal(parse("--pidfile=/run/spamd.pid --create-prefs "
			       "--max-children 5 --helper-home-dir", &o),
			 DAEMON_RUN);
	assert_string_equal(o.pidfile, "/run/spamd.pid");
	assert_int_equal(o.max_children, 5);
	assert_int_equal(o.notes.n, 1);
	assert_true(o.create_prefs);
	assert_int_equal(o.allowed.n, 2);

	assert_int_equal(parse("-xlLm3 -p 7783 -A 10.,[::1]/64 -A 1.2.3.4 -i "
			       "-i 127.0.0.1 -d", &o), DAEMON_RUN);
	assert_true(o.no_user_config && o.allow_tell && o.local_only &&
		    o.daemonize);
	assert_int_equal(o.max_children, 3);
	assert_string_equal(o.port, "7783");
	assert_int_equal(o.allowed.n, 3);
	assert_string_equal(o.allowed.v[1], "[::1]/64");
	assert_int_equal(o.listen.n, 2);
	assert_string_equal(o.listen.v[0], "");

	/* Shortened names, negations, values in either form. */
	assert_int_equal(parse("--dae --nodaemonize --loc --timeout-c=7 "
			       "--timeout-tcp 9 -D -T4", &o), DAEMON_RUN);
	assert_false(o.daemonize);
	assert_true(o.local_only);
	assert_int_equal(o.timeout_child, 7);
	assert_int_equal(o.timeout_tcp, 4);
	assert_string_equal(o.debug, "");

	assert_int_equal(parse("-D rules,uri -4 -6 --user-config", &o),
			 DAEMON_RUN);
	assert_string_equal(o.debug, "rules,uri");
	assert_true(o.ipv6_only && !o.ipv4_only);

	/* Impossible numbers mean the default. */
	assert_int_equal(parse("-m 0 -t -1 -T 0", &o), DAEMON_RUN);
	assert_true(o.max_children >= 2);
	assert_int_equal(o.timeout_child, 300);
	assert_int_equal(o.timeout_tcp, 0);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *line;
		enum daemon_parse want;
	} cases[] = {
		{ "--help", DAEMON_HELP },
		{ "-h", DAEMON_HELP },
		{ "--version", DAEMON_VERSION },
		{ "-V", DAEMON_VERSION },
		{ "-F 1", DAEMON_RETIRED },
		{ "--add-from", DAEMON_RETIRED },
		{ "--frobnicate", DAEMON_ERROR },
		{ "-Z", DAEMON_ERROR },
		{ "--ssl-", DAEMON_ERROR },	/* ambiguous */
		{ "-m many", DAEMON_ERROR },
		{ "-p", DAEMON_ERROR },
		{ "--virtual-config-dir=/v/%u -x", DAEMON_ERROR },
		{ "-q -x", DAEMON_ERROR },
		{ "-q -x -u nobody", DAEMON_RUN },
		{ "-Q -x", DAEMON_RUN },
		{ "--ssl-ca-file=/no/such/file", DAEMON_ERROR },
		{ "-- --frobnicate", DAEMON_RUN },
		{ "word", DAEMON_RUN },
	};
	struct daemon_options o;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(parse(cases[i].line, &o), cases[i].want);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

/* mdoc wants each dash of an option escaped. */
static void escape(struct str s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '-' && (i == 0 || s.p[i - 1] != ' '))
			out[n++] = '\\';
		out[n++] = s.p[i];
	}
	out[n] = '\0';
}

static void test_man_page(void **state)
{
	char *man = read_file("docs/man/mekikid.8");

	(void)state;
	for (const struct daemon_option_row *r = daemon_option_rows();
	     r->names; r++) {
		struct str names = str_cstr(r->names), one;
		char flag[256], item[300];

		while (str_next_word(&names, &one)) {
			escape(one, flag);
			snprintf(item, sizeof(item), "Fl %s%s",
				 one.n > 1 ? "\\-" : "", flag);
			if (!strstr(man, item))
				fail_msg("the man page lacks %s", item);
		}
		assert_true(strlen(r->help) > 10);
		assert_true(r->kind != DOPT_IGNORED || r->note != NULL);
	}
	free(man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_man_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
