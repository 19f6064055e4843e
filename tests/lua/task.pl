#!/usr/bin/perl
# The task on messages that are not as they should be: what its methods answer
# where the sample message has nothing to say. Each case is a mail, lines of a
# .cf file and the body of a callback, which must come to its end. What rspamd
# has an answer for is rspamd's answer (3.4 was asked).
use strict;
use warnings;
use File::Temp qw(tempdir);

my $build = shift // 'build';
my $dir = tempdir(CLEANUP => 1);
my ($passed, $failed) = (0, 0);

sub spew { my ($p, $t) = @_; open my $f, '>', $p or die "$p: $!"; print $f $t; close $f }

# An address header, and what the list shows of it: "raw name addr user domain
# flags" of each, joined.
my @addresses = (
	['bob@example.net', 'bob@example.net||bob@example.net|bob|example.net|valid'],
	['Bob <bob@example.net>, "C, D" <c@d.e>', '<bob@example.net>|Bob|bob@example.net|bob|example.net|valid braced; <c@d.e>|C, D|c@d.e|c|d.e|valid braced'],
	['bob', '<>|bob||||empty'],
	['<>', '<>|||||valid empty'],
	['Bob <bob>', '<bob>|Bob|bob|||'],
	['"a b"@example.com', '@example.com|a b|@example.com||example.com|'],
	['<"a b"@example.com>', '<"a b"@example.com>||a b@example.com|a b|example.com|valid quoted braced'],
	['undisclosed-recipients:;', '<>|undisclosed-recipients:;||||empty'],
	['x@y.z (comment)', 'x@y.z ||x@y.z|x|y.z|valid'],
	['a@b@c', 'a@b@c||a@b@c|a@b|c|'],
	['a@', 'a@||a@|||'],
	['<@r1,@r2:u@d.e>', '<@r1,@r2:u@d.e>||u@d.e|u|d.e|valid braced'],
	['=?UTF-8?Q?caf=C3=A9?= <c@d.e>', "<c\@d.e>|caf\xc3\xa9|c\@d.e|c|d.e|valid braced"],
	['<a@b.c', '<a@b.c||a@b.c|a|b.c|'],
	['a@[1.2.3.4]', 'a@[1.2.3.4]||a@[1.2.3.4]|a|1.2.3.4|valid ip'],
	['a@b..c', 'a@b..c||a@b..c|a|b..c|'],
	['a.@b.c', 'a.@b.c||a.@b.c|a.|b.c|'],
	['a@b_c.d', 'a@b_c.d||a@b_c.d|a|b_c.d|valid'],
	['a@-b.c', 'a@-b.c||a@-b.c|a|-b.c|'],
	['a@b.c.', 'a@b.c.||a@b.c|a|b.c|valid'],
	['Foo, Bar <a@b.c>', '<a@b.c>|Bar|a@b.c|a|b.c|valid braced'],
	['"Foo <a@b.c>', '<a@b.c>||a@b.c|a|b.c|valid braced'],
	['Foo <a@b.c> x@y.z', '<a@b.c>|Foo|a@b.c|a|b.c|valid braced; x@y.z||x@y.z|x|y.z|valid'],
	['<"a\\"b"@c.d>', '<"a\\"b"@c.d>||a"b@c.d|a"b|c.d|valid quoted braced backslash'],
	['mailto:a@b.c', 'mailto:a@b.c||mailto:a@b.c|mailto:a|b.c|'],
);

my $show = <<'L';
local function show(list)
  local out = {}
  for _, a in ipairs(list or {}) do
    local flags = {}
    for _, f in ipairs{"valid", "empty", "quoted", "braced", "ip", "backslash", "8bit"} do
      if a.flags[f] then flags[#flags + 1] = f end
    end
    out[#out + 1] = table.concat({a.raw, a.name, a.addr, a.user, a.domain,
      table.concat(flags, " ")}, "|")
  end
  return table.concat(out, "; ")
end
local function same(got, want)
  if got ~= want then error("got " .. tostring(got) .. ", expected " .. tostring(want), 2) end
end
L

my @cases = (
	['separators and folding', "X-T:\tfoo\nX-E:foo\nX-S:   foo  \nX-F:\n foo\nX-N:\n\nbody\n", '', <<'L'],
local function one(name) return task:get_header_full(name)[1] end
same(one("X-T").separator, "\t") same(one("X-T").tab_separated, true)
same(one("X-E").separator, "") same(one("X-E").empty_separator, true)
same(one("X-S").separator, "   ") same(one("X-S").value, "foo  ") same(one("X-S").decoded, "foo  ")
same(one("X-F").separator, nil) same(one("X-F").value, "foo") same(one("X-F").raw, "X-F:\n foo\n")
same(one("X-N").value, "") same(one("X-N").decoded, "") same(task:has_header("X-N"), true)
L
	['control characters and encoded line ends', "X-C: a\x01b\tc\nX-Q: =?utf-8?q?a=0AEvil:_x?=\nX-8: caf\xe9 \nSubject: =?utf-8?b?4pyT?= \n\nx\n", '', <<'L'],
same(task:get_header("X-C"), "a?b c")
same(task:get_header("X-Q"), "a Evil: x")
same(task:get_header("X-8"), "caf\u{fffd} ")
same(task:get_subject(), "✓")
L
	['comments of an identifier', "Message-ID: <1\@b.c> (by (x) y)\nX-C: <1\@b.c> (by x)\n\nx\n", '', <<'L'],
same(task:get_header("Message-ID"), "<1@b.c>") same(task:get_header_full("message-id")[1].decoded, "<1@b.c>")
same(task:get_header("X-C"), "<1@b.c> (by x)")
L
	['an empty To and none', "To: \nDelivered-To: mailing list x\@y.z\n\nx\n", '', <<'L'],
same(#task:get_recipients("mime"), 0) same(task:get_recipients("smtp"), nil) same(task:get_from("mime"), nil)
L
	['no header at all', "no headers here\n", '', <<'L'],
same(#task:get_raw_headers() + #task:get_rawbody(), task:get_size())
same(task:get_subject(), nil) same(task:get_message_id(), "undef")
same(task:get_from(), nil) same(task:get_recipients(), nil) same(task:get_reply_sender(), nil)
same(task:has_from(), false) same(task:has_recipients(), false)
same(task:get_date{format = "message"}, 0) same(#task:get_received_headers(), 0)
same(task:get_from_ip(), nil) same(task:get_helo(), nil) same(task:get_hostname(), nil)
same(task:get_principal_recipient(), nil) same(#task:get_relays(), 0)
same(task:get_relays("last_external"), nil) same(task:get_envelope_from(), nil)
same(#task:get_digest(), 32)
L
	['CRLF', "Subject: x\r\nX-A: b\r\n c\r\n\r\nfoo\r\n", '', <<'L'],
same(task:get_newlines_type(), "crlf") same(tostring(task:get_rawbody()), "\r\nfoo\r\n")
same(tostring(task:get_raw_headers()), "Subject: x\r\nX-A: b\r\n c\r\n")
same(task:get_header_full("X-A")[1].raw, "X-A: b\r\n c\r\n")
same(task:get_header_raw("X-A"), "b c")
L
	['message-ids', "Message-Id: <a b>\n\nx\n", '', 'same(task:get_message_id(), "a?b")'],
	['an empty one', "Message-Id: \n\nx\n", '', 'same(task:get_message_id(), "undef")'],
	['several of a kind', "From: a\@b.c, c\@d.e\nFrom: e\@f.g\nCc: x\@y.z\nBcc: z\@w.v\nTo: q\@q.q\nReply-To: r\@s.t, t\@u.v\n\nx\n", '', <<'L'],
same(#task:get_from("mime"), 3) same(#task:get_from{"mime", "orig"}, 3) same(#task:get_from(2), 3)
same(task:get_recipients("mime")[1].addr, "x@y.z") same(task:get_recipients("mime")[3].addr, "q@q.q")
same(task:get_reply_sender(), "r@s.t") same(select(2, task:has_recipients("mime")), 3)
same(task:get_recipients("smtp"), nil) same(#task:get_recipients(), 3)
L
	['a bounce', "Return-Path: <>\nDelivered-To: d\@e.f\nX-Original-To: d\@e.f\nTo: x\@y.z\n\nx\n", '', <<'L'],
same(task:get_from("smtp")[1].addr, "") same(task:get_from("smtp")[1].flags.empty, true)
same(task:has_from(), true) same(task:get_from("mime"), nil)
same(#task:get_recipients("smtp"), 1) same(task:get_principal_recipient(), "d@e.f")
L
	['own domains', "To: x\@y.z\nDelivered-To: a\@mail.example.net\n\nx\n", "own_domains example.org *.foo.test\nown_domains \@x.test\nown_domains_file list\n", <<'L', { list => "# ours\nexample.com # x\n\nB\xc3\xbc.test\n" }],
same(table.concat(task:get_own_domains(), " "), "example.org foo.test x.test example.com bü.test")
same(task:is_own_domain("a.b.EXAMPLE.org."), true) same(task:is_own_domain("foo.test"), true)
same(task:is_own_domain("anexample.org"), false) same(task:is_own_domain("org"), false)
same(task:is_own_domain(""), false) same(task:is_own_domain("mail.example.net"), false)
same(task:get_recipients_facts()[1].own, false)
L
	['own domains of the recipients', "To: x\@y.co.uk\nDelivered-To: a\@mail.example.co.uk\n\nx\n", "util_rb_tld uk\nutil_rb_2tld co.uk\n", <<'L'],
same(table.concat(task:get_own_domains(), " "), "example.co.uk")
same(task:is_own_domain("www.example.co.uk"), true) same(task:is_own_domain("co.uk"), false)
local r = task:get_recipients_facts()
same(#r, 2) same(r[1].own and r[1].smtp and not r[1].mime, true) same(r[2].own or r[2].smtp, false)
L
	['relays and trust', "Received: from a.example (b.example [192.0.2.7]) by mx.example.net (Postfix) with ESMTP id X1234; Tue, 24 Nov 2026 10:00:00 +0000\nReceived: from [10.0.0.1] (helo=x) by a.example with esmtpsa id 2; bad\nFrom: x\@y.z\n\nx\n", "trusted_networks 198.51.100.0/24\n", <<'L'],
same(tostring(task:get_from_ip()), "192.0.2.7") same(task:get_helo(), "a.example")
same(task:get_hostname(), "b.example") same(task:get_queue_id(), "X1234")
same(task:get_relays("last_external").ip, "192.0.2.7") same(#task:get_relays("trusted"), 0)
local r = task:get_received_headers()
same(r[1].real_hostname, "b.example") same(r[1].from_ip, "192.0.2.7") same(r[1].proto, "esmtp")
same(r[2].timestamp, -1) same(r[2].flags.authenticated, true) same(r[2].real_hostname, nil)
same(pcall(task.get_relays, task, "nonsense"), false)
L
	['variables keep their types', "A: b\n\nx\n", '', <<'L'],
local pool = task:get_mempool()
pool:set_variable("n", 1.5) same(pool:get_variable("n", "int"), 1) same(pool:get_variable("n", "string"), "1.5")
pool:set_variable("s", "42") same(pool:get_variable("s", "double"), 42) same(pool:get_variable("s"), "42")
pool:set_variable("b", false) same(pool:get_variable("b", "bool"), false)
same(pool:get_variable("s", "nonsense"), nil) same(pcall(pool.set_variable, pool, "t", {}), false)
pool:set_variable("none") same(pool:has_variable("none"), false)
same(select("#", pool:get_variable("s", "string,string")), 1)
L
	['a message cannot be made to hold too many', "A: b\n\nx\n", '', <<'L'],
local pool = task:get_mempool()
same(pcall(function() for i = 1, 2000 do pool:set_variable("v" .. i, i) end end), false)
L
	['forced verdicts', "A: b\n\nx\n", '', <<'L'],
same(task:has_pre_result(), false)
task:set_pre_result("soft reject", "first", "m", 0, 1)
task:set_pre_result("soft reject", "second", "m", 0, 1)
same(select(3, task:has_pre_result()), "first")
task:set_pre_result{action = "accept", message = "third", priority = 2}
same(select(2, task:has_pre_result()), "no action") same(select(3, task:has_pre_result()), "third")
same(task:get_metric_action(), "no action")
L
	['replies are checked as a whole', "A: b\n\nx\n", '', <<'L'],
local function refused(t) same(pcall(task.set_milter_reply, task, t), false) end
refused{nonsense = 1} refused{add_headers = "x"} refused{add_headers = {["A B"] = "x"}}
refused{add_headers = {A = "x\ny"}} refused{add_headers = {A = {}}} refused{remove_headers = {A = "x"}}
refused{reject = {}} refused{add_headers = {Good = "x", Bad = "a\0b"}}
same(task:get_milter_reply(), nil)
task:set_milter_reply{add_headers = {A = {"1", {value = "2", order = 1}}}, add_rcpt = {"a@b", "c@d"}}
task:set_milter_reply{add_headers = {A = "a\n folded"}, change_from = "x@y"}
local r = task:get_milter_reply()
same(#r.add_headers.A, 3) same(r.add_headers.A[2].order, 1) same(#r.add_rcpt, 2) same(r.change_from, "x@y")
L
	['options of results', "A: b\n\nx\n", '', <<'L'],
same(pcall(task.insert_result, task, "T", 1, {}, nil, {"a", "b"}), true)
same(pcall(task.insert_result, task, "T"), false)
same(pcall(task.insert_result, task, "T", nil), false)
same(pcall(task.insert_result, task, "T", 1, 5), false)
same(pcall(task.insert_result, task, "T", 1, print), false)
same(table.concat(task:get_symbol("T")[1].options, " "), "a b")
same(task:has_symbol({"NOPE", "T"}), true) same(task:get_symbol({"NOPE", "T"}).T[1].name, "T")
same(#task:get_hits() >= 1, true) same(task:get_rule("T").hit, true)
L
	['subrules and metas', "Subject: hello\n\nx\n", "header __SUB Subject =~ /hello/\npriority __SUB -100\nheader PLAIN Subject =~ /hello/\npriority PLAIN -100\nscore PLAIN 2\n", <<'L'],
same(task:has_rule("__SUB"), true) same(task:get_subrules()[1], "__SUB")
same(task:get_rule("PLAIN").score, 2) same(task:get_symbol("PLAIN")[1].score, 2)
same(task:get_metric_score()[1], 2) same(task:get_metric_result().npositive, 1)
L
	['methods want a task', "A: b\n\nx\n", '', <<'L'],
for _, name in ipairs{"get_header", "get_from", "insert_result", "get_relays", "set_tag", "cache_get"} do
  same(pcall(task[name]), false) same(pcall(task[name], {}), false) same(pcall(task[name], "x"), false)
end
L
);

for (@addresses) {
	my ($header, $want) = @$_;
	push @cases, ["address $header", "From: $header\n\nx\n", '',
		"same(show(task:get_from('mime')), [==[$want]==])"];
}
# Hostile: sizes that must not cost their square.
push @cases, ['a thousand and more addresses', 'To: ' . join(",\n ", map { "u$_\@example.net" } 1 .. 3000) . "\n\nx\n", "lua_time_limit 1\n",
	'local n = #task:get_recipients("mime") assert(n > 100 and n <= 1024, n)'];
push @cases, ['twenty thousand headers', join('', map { "X-A: $_\n" } 1 .. 20000) . "\nx\n", "lua_time_limit 2\n",
	'same(task:get_header_count("X-A"), 20000) same(task:get_header("X-A"), "1")'];
push @cases, ['brackets without end', 'From: ' . '(' x 7000 . "\nTo: " . '<' x 7000 . "\nReceived: from " . '(' x 7000 . "\n\nx\n", '',
	'task:get_from() task:get_recipients() task:get_received_headers()'];

mkdir "$dir/stock";
for (@cases) {
	my ($name, $mail, $cf, $lua, $files) = @$_;
	my $site = "$dir/site";
	system('rm', '-rf', $site);
	mkdir $site;
	spew("$dir/mail", $mail);
	spew("$site/a.cf", "ifplugin Mekiki\n$cf\nendif\n");
	spew("$site/$_", $files->{$_}) for keys %{ $files // {} };
	spew("$site/a.lua", $show . "rspamd_config:register_symbol{name = 'T', score = 0.1, callback = function(task)\n" .
		"$lua\nreturn true end}\n");
	my $out = `'$build/mekiki' check -L --no-own-rules --cf 'store none' -C '$dir/stock' --siteconfigpath '$site' '$dir/mail' 2>&1`;
	if ($out =~ /^Tests: .*\bT\b/m && $out !~ /rule T: /) {
		$passed++;
	} else {
		$failed++;
		print "$name:\n", map { "    $_\n" } split /\n/, substr($out, 0, 1500);
	}
}
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
