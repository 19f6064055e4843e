/*
 * What is the same text: one text as a sender varies it for each recipient,
 * and texts that are not the same; and who got a message.
 */
#include "../conf/conf_load.h"

#include "learn/same_text.h"
#include "mail/message.h"

static struct arena *a;
static const struct ruleset *rules;

static const struct settings *settings(void)
{
	return rules->site;
}

#define HEAD(from, to) "From: " from "\nTo: " to "\n" \
	"Subject: something\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"
#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"

static struct str digest(const char *mail)
{
	struct message *m = message_parse(a, &settings()->mail,
					  str_cstr(mail));

	return same_text_digest(a, m, settings());
}

/* ---- variants of one text ---- */

/* What varies: name, number, domain of the recipient, link, sender. */
static struct str variant(const char *name, const char *local,
			  const char *domain, unsigned number,
			  const char *sender)
{
	return str_printf(a, HEAD("\"%s\" <%s%u@s%u.example>",
				  "\"%s\" <%s@%s>") PLAIN
		"Dear %s,\n\n"
		"your mailbox %s@%s at WWW.%s has reached %u of %u MB. The "
		"attached document no. %uX%u\nwas signed by %s. Please "
		"confirm your password within %u hours at\n"
		"https://login%u.example/%u?u=%s and all of your friendly "
		"letters stay with us.\n%s\n", sender, sender, number, number,
		name, local, domain, name, local, domain, domain, number,
		number + 7, number, number, sender, number % 48, number,
		number, local, sender);
}

static const struct {
	const char *name, *local, *domain;
} houses[] = {
	{ "John Smith", "john.smith", "house1.example" },
	{ "Mary", "mary", "mail.house2.example.net" },
	{ "J. Doe", "jdoe", "house-3.example.org" },
	{ "Contact", "contact", "example.com" },
	{ "Sales", "sales", "shop.example.com" },
	{ "\xE7\x94\xB0\xE4\xB8\xAD", "tanaka", "example.co.jp" },
	{ "M\xC3\xBCller", "mueller", "example.de" },
	{ "info", "info", "xn--mnchen-3ya.example" },
};
#define NHOUSES (sizeof(houses) / sizeof(*houses))

static void variants_are_the_same(void **state)
{
	static const char *const senders[] = { "Robert", "Agatha", "Wilbur" };
	struct str first = STR_NONE;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct str mail = variant(houses[i % NHOUSES].name,
					  houses[i % NHOUSES].local,
					  houses[i % NHOUSES].domain,
					  1 + i * 7919, senders[i % 3]);
		struct str got = digest(arena_strndup(a, mail.p, mail.n));

		if (!i)
			first = got;
		assert_int_equal(got.n, SAME_TEXT_DIGEST);
		if (!str_eq(got, first))
			fail_msg("variant %u:\n%.*s", i, STR_ARG(mail));
	}
}

/* ---- pairs ---- */

#define LONG "we have looked at the matter that you wrote about last week " \
	"and think that nothing speaks against it"
#define ME "Me <me@example.org>"
#define YOU "You <you@example.net>"

static const struct {
	const char *what, *one, *other;
	bool same;
} pairs[] = {
	{ "one word is another", HEAD(ME, YOU) PLAIN LONG " today.\n",
	  HEAD(ME, YOU) PLAIN LONG " tomorrow.\n", false },
	{ "words in another order", HEAD(ME, YOU) PLAIN LONG " red green.\n",
	  HEAD(ME, YOU) PLAIN LONG " green red.\n", false },
	{ "words that run together are others",
	  HEAD(ME, YOU) PLAIN LONG " red green.\n",
	  HEAD(ME, YOU) PLAIN LONG " redgreen.\n", false },
	{ "case, blanks, signs and line ends",
	  HEAD(ME, YOU) PLAIN LONG ", and that is all!\n",
	  HEAD(ME, YOU) PLAIN "\n\n  " LONG ";\r\nAND  THAT -- IS all\n",
	  true },
	{ "as HTML", HEAD(ME, YOU) PLAIN LONG ".\n",
	  HEAD(ME, YOU) HTML "<p>" LONG "<a href='http://a.example'>.</a>\n",
	  true },
	{ "what HTML hides does not count", HEAD(ME, YOU) PLAIN LONG ".\n",
	  HEAD(ME, YOU) HTML "<p>" LONG
	  "<font color='#ffffff' style='color:#fff'>hidden words</font>\n",
	  true },
	{ "capitals beyond ASCII",
	  HEAD(ME, YOU) PLAIN LONG " \xC3\x84rger \xD0\x91\xD1\x83\n",
	  HEAD(ME, YOU) PLAIN LONG " \xC3\xA4RGER \xD0\xB1\xD0\xA3\n", true },
	{ "other subjects", "Subject: 1\n" PLAIN LONG,
	  "Subject: Re: two\n" PLAIN LONG, true },
	{ "bare hosts and addresses", HEAD(ME, YOU) PLAIN LONG
	  " example.com/a?b, <x@example.com>.\n",
	  HEAD(ME, YOU) PLAIN LONG " other.example.org you@here.example\n",
	  true },
	{ "two sentences without a blank are no host", HEAD(ME, YOU) PLAIN
	  LONG ". Next week\n", HEAD(ME, YOU) PLAIN LONG ".\nNext week\n",
	  true },
	{ "a salutation in another language is another text",
	  HEAD(ME, YOU) PLAIN "Hallo Hans,\n" LONG,
	  HEAD(ME, YOU) PLAIN "Dear Sir or Madam,\n" LONG, true },
	{ "what only begins like one",
	  HEAD(ME, YOU) PLAIN "Dearest red friends, " LONG,
	  HEAD(ME, YOU) PLAIN "Dearest blue friends, " LONG, false },
	{ "Japanese, without blanks",
	  HEAD(ME, "\xE7\x94\xB0\xE4\xB8\xAD <t@example.jp>") PLAIN LONG
	  " \xE7\x94\xB0\xE4\xB8\xAD\xE6\xA7\x98\xE3\x80\x81"
	  "\xEF\xBC\x91\xEF\xBC\x92\xE6\x97\xA5\xE3\x80\x82\n",
	  HEAD(ME, "\xE9\x88\xB4\xE6\x9C\xA8 <s@example.jp>") PLAIN LONG
	  " \xE9\x88\xB4\xE6\x9C\xA8\xE6\xA7\x98\xE3\x80\x81"
	  "3\xE6\x97\xA5\xE3\x80\x82\n", true },
};

static void pairs_of_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct str one = digest(pairs[i].one);
		struct str other = digest(pairs[i].other);

		if (!one.n || !other.n ||
		    str_eq(one, other) != pairs[i].same)
			fail_msg("%s: %.*s, %.*s", pairs[i].what,
				 STR_ARG(one), STR_ARG(other));
	}
}

static void short_texts_mean_nothing(void **state)
{
	static const char *const texts[] = {
		"", "Thank you!\n", "Your code is 123456.\n",
		"http://example.com/ http://example.com/ 1234567890 1234567890 "
		"a@example.com b@example.com c@example.com d@example.com\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct str mail = str_printf(a, HEAD(ME, YOU) PLAIN "%s",
					     texts[i]);

		assert_int_equal(digest(arena_strndup(a, mail.p,
						      mail.n)).n, 0);
	}
}

/* Large and hostile texts are bounded and have a digest. */
static void hostile_texts(void **state)
{
	size_t size = 1 << 20;
	char *text = malloc(size + 300);
	static const char *const fills[] = {
		"x", "\xE7\x94\xB0", "a.", "@", ": ", "\n", "dear x ", "\xC2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		size_t n = strlen(fills[i]), at;

		at = (size_t)snprintf(text, 300, "%s",
				      HEAD(ME, "\xE7\x94\xB0\xE7\x94\xB0 "
					   "<x@example.com>") PLAIN);
		for (; at + n < size; at += n)
			memcpy(text + at, fills[i], n);
		text[at] = '\0';
		digest(text);
	}
	free(text);
}

/* ---- recipients ---- */

static const struct {
	const char *what, *mail, *expected;
} recipients[] = {
	{ "To and Cc", HEAD(ME, "A <a@a.example.com>, B@b.example.net")
	  "Cc: c@example.org\n\nx",
	  "a@a.example.com b@b.example.net c@example.org; "
	  "example.com example.net example.org" },
	{ "three of them are believed", HEAD(ME, "a@a.org, b@b.org, c@c.org, "
	  "d@d.org") "\nx", "a@a.org b@b.org c@c.org; a.org b.org c.org" },
	{ "the envelope, if it is told", "Delivered-To: me@example.jp\n"
	  HEAD(ME, "a@a.org") "\nx", "me@example.jp; example.jp" },
	{ "its last server's word", "Delivered-To: me@example.jp\n"
	  "Delivered-To: other@example.com\n" HEAD(ME, "a@a.org") "\nx",
	  "me@example.jp; example.jp" },
	{ "by another name", "Original-Recipient: rfc822;me@example.jp\n"
	  HEAD(ME, "a@a.org") "\nx", "me@example.jp; example.jp" },
	{ "each once", HEAD(ME, "a@a.org, A@a.org, b@x.a.org") "\nx",
	  "a@a.org b@x.a.org; a.org" },
	{ "nobody", HEAD(ME, "undisclosed-recipients:;") "\nx", "; " },
	{ "nonsense", HEAD(ME, "@, a@, @b, <>, a@b..c, a@[1.2.3.4]") "\nx",
	  "; " },
};

static void who_got_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recipients) / sizeof(*recipients); i++) {
		struct message *m = message_parse(a, &settings()->mail,
					str_cstr(recipients[i].mail));
		struct strs who, domains;
		struct str got;

		same_text_recipients(a, m, settings(), &who, &domains);
		got = str_printf(a, "%.*s; %.*s",
				 STR_ARG(strs_join(a, &who, STR(" "))),
				 STR_ARG(strs_join(a, &domains, STR(" "))));
		if (!str_eq(got, str_cstr(recipients[i].expected)))
			fail_msg("%s: %.*s", recipients[i].what, STR_ARG(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variants_are_the_same),
		cmocka_unit_test(pairs_of_texts),
		cmocka_unit_test(short_texts_mean_nothing),
		cmocka_unit_test(hostile_texts),
		cmocka_unit_test(who_got_it),
	};
	int failed;

	a = arena_new();
	rules = conf_load(a, "util_rb_tld com net org uk jp de\n");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&a);
	return failed;
}
