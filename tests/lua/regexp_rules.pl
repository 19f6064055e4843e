#!/usr/bin/perl
# Rules of config['regexp'] on a few messages: for each message which of the
# expressions must hold (and all others must not), sites with .cf files beside
# them, and the faults that lint tells with file and line.
use strict;
use warnings;
use File::Temp qw(tempdir);

my $build = shift // 'build';
my $dir = tempdir(CLEANUP => 1);
my ($passed, $failed) = (0, 0);
mkdir "$dir/stock";

sub spew { my ($p, $t) = @_; open my $f, '>', $p or die "$p: $!"; print $f $t; close $f }
sub check { my ($ok, $name, $got) = @_; $ok ? $passed++ : ($failed++, print "not ok $name\n", $got ? "  $got\n" : ()); }

# The tests and subtests that a site hits on a message.
sub hits {
	my ($site, @mails) = @_;
	spew("$dir/list", join '', map { "$_\n" } @mails);
	my @lines = split /\n/, `$build/mekiki masscheck -L --no-own-rules -C $dir/stock --siteconfigpath $site $dir/list 2>$dir/err`;
	return map { (split /\t/, "$_\t\t\t")[2] } @lines;
}

my %mail = (
	plain => <<'M', multi => <<'M', html => <<'M', bare => <<'M', many => <<'M', eight => "Subject: caf\xe9\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nun caf\xe9 noir\n");
Return-Path: <www-data@shop.example.com>
From: "Alice" <alice@example.com>
To: bob@example.net
Subject: =?UTF-8?Q?caf=C3=A9_=E2=82=AC?=
 folded
X-One: first
X-One: second
X-Spam-Flag: YES
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"; format=flowed
Content-Transfer-Encoding: quoted-printable

Caf=C3=A9 is here, click now

and SOME more. Write to a@example.org or b@example.org
http://www.example.com/path?q=1
M
From: a@example.com
To: b@example.net
Subject: two parts
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain
Content-Transfer-Encoding: base64

aGVsbG8gd29ybGQK
--b
Content-Type: application/pdf; name="x.pdf"
Content-Disposition: attachment; filename="x.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
M
From: a@example.com
Subject: html
Content-Type: text/html

<html><body><p>Dear <b>you</b></p><a href="http://login.example.net/x">here</a></div></body></html>
M
From: a@example.com

M
From: a@example.com
To: ann1@example.com, ann2@example.com, ann3@example.com, ann4@example.com
Cc: ann5@example.com, ann6@example.com, ann7@example.com
Subject: many
Content-Type: text/html

no tags at all
M
spew("$dir/$_", $mail{$_}) for keys %mail;

# expression => the messages on which it holds
my @rules = (
	# Headers: each by itself, decoded and trimmed, or as it is.
	['X-One=/^second$/H', 'plain'],
	['X-One=/first.second/sH', ''],
	['Subject=/^caf\xc3\xa9 \xe2\x82\xac ?folded$/H', 'plain'],
	['Subject=/^caf. . ?folded$/uH', 'plain'],
	['Subject=/\p{Sc}/Hu', 'plain'],
	['Subject=/\p{Sc}/H', ''],
	['Subject=/^=\?UTF-8\?Q\?caf=C3=A9_=E2=82=AC\?= folded\z/X', 'plain'],
	['Subject=/\xe9/X', 'eight'],
	['Subject=/caf\xef\xbf\xbd\z/H', 'eight'],
	['subject=/caf/H', 'eight plain'],
	['subject=/caf/SH', ''],
	['Subject=/caf/SH', 'eight plain'],
	['X-Spam-Flag=/^yes/Hi', 'plain'],
	['X-None=/^$/H', ''],
	['/^X-One: second$/m{all_header}', 'plain'],
	# Headers of parts.
	['Content-Type=/pdf/B', 'multi'],
	['Content-Type=/pdf/H', ''],
	['Content-Type=/mixed/H', 'multi'],
	# The body in its forms.
	['/^caf/i{sa_body}', 'eight plain'],
	['/caf\xc3\xa9 is/i{mime}', 'plain'],
	['/caf\xc3\xa9 noir/P', 'eight'],
	['/C3=A9/{raw_mime}', 'plain'],
	['/hello world/P', 'multi'],
	['/aGVsbG8/Q', 'multi'],
	['/hello/D', 'multi'],
	['/<b>you/D', 'html'],
	['/<b>you/P', ''],
	['/Dear you/P', 'html'],
	['/^JVBERi/mM', 'multi'],
	['/here, click now\n\nand/P', 'plain'],
	['/^click$/{words}', 'plain'],
	['/^some$/{words}', 'plain'],
	['/^some$/{raw_words}', ''],
	['/^SOME$/{raw_words}', 'plain'],
	['/www\.example\.com\/path\?q=1/U', 'plain'],
	['/login\.example\.net/{url}', 'html'],
	['/^b@example\.org$/{email}', 'plain'],
	# Operators.
	['X-One=/x/H + Subject=/html/H + /dear/iP >= 2', 'html'],
	['!(X-One=/./H | Subject=/./H)', 'bare'],
	['/example\.org/AC >= 2', 'plain'],
	['/example\.org/C >= 2', ''],
	# Functions.
	['header_exists(x-one)', 'plain'], ["raw_header_exists('Subject')", 'eight html many multi plain'],
	['content_type_is_type(text)', 'bare eight html many multi plain'],
	['content_type_is_type(application)', 'multi'],
	['content_type_is_subtype(/.?html/)', 'html many'],
	['content_type_has_param(charset)', 'eight plain'],
	['content_type_has_param(format)', 'plain'],
	['content_type_compare_param(charset, UTF-8)', 'plain'],
	['content_type_compare_param(charset, /^ISO-/i)', 'eight'],
	['content_type_compare_param(boundary, b)', 'multi'],
	['has_only_html_part()', 'html many'],
	['has_html_tag(p)', 'html'], ['has_html_tag(table)', ''],
	['is_html_balanced()', 'bare eight many multi plain'],
	['has_fake_html()', 'many'],
	["check_smtp_data('from', /^www-data@/)", 'plain'],
	["check_smtp_data(from, www-data\@shop.example.com)", 'plain'],
	['compare_transfer_encoding(base64)', 'multi'],
	['compare_transfer_encoding(8bit)', 'eight'],
	['compare_transfer_encoding(7bit)', 'bare html many'],
	['compare_encoding(x)', 'bare eight html many multi plain'],
	['compare_recipients_distance(0.65)', 'many'],
	['is_recipients_sorted()', 'many'],
	['is_empty_body()', 'bare'],
	['has_content_part(application, pdf)', 'multi'],
	['has_content_part(/^app/)', 'multi'],
	['has_content_part_len(application, pdf, 5, 20)', 'multi'],
	['has_content_part_len(application, pdf, 50)', ''],
	['compare_parts_distance(50)', ''],
	['has_flag(no_such_flag)', ''],
	['has_symbol(R000)', 'plain'],
);

mkdir "$dir/all";
my $lua = "local c = config['regexp']\n";
for my $i (0 .. $#rules) {
	$lua .= sprintf "c['R%03d'] = { re = [==[%s]==], score = 0.01 }\n", $i, $rules[$i][0];
}
spew("$dir/all/a.lua", $lua);
my @names = sort keys %mail;
my @got = hits("$dir/all", map { "$dir/$_" } @names);
for my $i (0 .. $#rules) {
	my $rule = sprintf 'R%03d', $i;
	my $on = join ' ', map { $names[$_] } grep { ",$got[$_]," =~ /,$rule,/ } 0 .. $#names;
	check($on eq $rules[$i][1], $rules[$i][0], "want '$rules[$i][1]', got '$on'");
}

# Sites: what the tables say, .cf rules beside them, functions of scripts.
my @sites = (
	['a table assigned anew, an alias, plain strings', { 'a.lua' => <<'L' }, 'ONE,TWO'],
config['regexp'] = {}
local cnf = config['regexp']
cnf['ONE'] = { re = 'X-One=/first/H', score = 1 }
cnf.TWO = 'X-One=/second/H'
rspamd_config:set_metric_symbol{ name = 'TWO', score = 1 }
L
	['a meta of .cf asks them; .cf scores win', { 'a.lua' => <<'L', 'a.cf' => <<'C' }, 'BOTH,TWO'],
config.regexp.ONE = { re = 'X-One=/first/H', score = 1 }
config.regexp.TWO = { re = 'X-One=/second/H' }
L
score ONE 0
score TWO 2
body __HERE /click/
meta BOTH TWO && __HERE
C
	['conditions and functions', { 'a.lua' => <<'L' }, 'FN,NUM,YES'],
config.regexp.YES = { re = 'X-One=/first/H', score = 1, condition = function(task) return task:get_header('X-One') == 'first' end }
config.regexp.NO = { re = 'X-One=/first/H', score = 1, condition = function() return false end }
config.regexp.FN = { re = 'lua:one & !lua:none', score = 1, functions = { one = function(task) return task:has_header('X-One') end, none = function() end } }
config.regexp.NUM = { re = 'lua:three > 2', score = 1, functions = { three = function() return 3 end } }
L
	['conditions of regexes see each match', { 'a.lua' => <<'L' }, 'ALL,SECOND'],
local re = '/\\w@example\\.org/A{sa_body}'
local function at(letter) return { [re] = function(task, txt, s, e) return tostring(txt:sub(s + 1, s + 1)) == letter and e - s == 13 end } end
config.regexp.SECOND = { re = '(' .. re .. ') > 0', score = 1, re_conditions = at('b') }
config.regexp.NEVER = { re = re, score = 1, re_conditions = at('c') }
config.regexp.ALL = { re = re .. ' = 2', score = 1, re_conditions = { [re] = function() return true end } }
L
	['an error in a function is an error of its rule only', { 'a.lua' => <<'L' }, 'GOOD'],
config.regexp.BAD = { re = 'lua:f', score = 1, functions = { f = function() error('no') end } }
config.regexp.GOOD = { re = 'X-One=/first/H', score = 1 }
L
	['a symbol registered later, asked by has_symbol', { 'a.lua' => <<'L' }, 'A,Z'],
config.regexp.A = { re = 'has_symbol(Z)', score = 1 }
config.regexp.Z = { re = 'X-One=/first/H', score = 1 }
L
	['a priority of .cf does not run it before its regexes', { 'a.lua' => <<'L', 'a.cf' => "priority EARLY -900\n" }, 'EARLY'],
config.regexp.EARLY = { re = 'X-One=/first/H & /click/C', score = 1 }
L
	['a hostile regex gives up', { 'a.lua' => <<'L' }, 'GOOD'],
config.regexp.EVIL = { re = '/^(\\w+\\s?)+$/{sa_body} & /(.*)*(.*)*(.*)*zzz/P', score = 1 }
config.regexp.GOOD = { re = 'X-One=/first/H', score = 1 }
L
);
for my $s (@sites) {
	my ($name, $files, $want) = @$s;
	my $site = tempdir(DIR => $dir);
	spew("$site/$_", $files->{$_}) for keys %$files;
	my @h = hits($site, ("$dir/plain") x 2);
	check(@h == 2 && !(grep { $_ ne $want } @h), $name, "want $want, got @h");
}

# What lint says, and where.
mkdir "$dir/bad";
spew("$dir/bad/a.lua", <<'L');
local c = config['regexp']
c.B2 = { re = 'Subject=/(/H', score = 1 }
c.B3 = { re = 'has_html_tagg(body) & header_exist(X)', score = 1 }
c.B4 = { re = 'Subject=/x/H &', score = 1 }
c.B5 = { re = 'lua:none', score = 1 }
c.B6 = { score = 1 }
c.B7 = { re = 'header_exists()', score = 1 }
c.B8 = { re = "check_smtp_data(from, /(/)", score = 1 }
c['B 9'] = { re = 'X=/x/H', score = 1 }
L
my $said = `$build/mekiki lint --no-own-rules -C $dir/stock --siteconfigpath $dir/bad 2>&1`;
for my $want ('a.lua:2: error: .*B2.*parenthes', 'a.lua:3: error: .*has_html_tagg.*has_html_tag\(\)', 'a.lua:3: error: .*header_exist\(\).*header_exists\(\)',
	      'a.lua:4: error: .*B4.*operand', 'a.lua:5: error: .*lua:none', 'a.lua:6: error: .*B6.*expected an expression',
	      'a.lua:7: error: .*1 to 1 arguments', 'a.lua:8: error: .*B8.*check_smtp_data', 'a.lua:9: error: .*B 9') {
	check($said =~ /$want/, "lint: $want", $said);
}

print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
