#!/usr/bin/perl
# Writes damaged and altered versions of real messages, for comparing both
# readings of mail that nobody collected:
#
#   tests/parity/mutate.pl [-s SEED] [-n COUNT] LIST DIR
#
# LIST holds a path a line. COUNT messages are taken from it in turn; each gets
# one to three of the mutations below and is written to DIR as NUMBER-NAMES.eml.
# The same seed gives the same files. Then: make parity CORPUS=DIR
use strict;
use warnings;
use Getopt::Long qw(:config no_ignore_case);

my ($seed, $count) = (1, 1000);
GetOptions('s=i' => \$seed, 'n=i' => \$count) && @ARGV == 2
	or die "usage: mutate.pl [-s SEED] [-n COUNT] LIST DIR\n";
my ($list, $dir) = @ARGV;

# A generator of our own, so that a seed means the same everywhere.
my $state = $seed * 2654435761 % 4294967296 || 1;
sub rnd {
	my ($n) = @_;
	for my $by (13, -17, 5) {
		$state ^= $by > 0 ? $state << $by & 0xffffffff : $state >> -$by;
	}
	return $n > 0 ? $state % $n : 0;
}
sub pick { $_[rnd(scalar @_)] }

# A position in the text, or the index of a line of an array.
sub place { rnd(length($_[0]) + 1) }

my @charsets = qw(us-ascii iso-8859-1 utf-8 windows-1251 koi8-r iso-2022-jp
	shift_jis euc-jp gb2312 big5 utf-16 utf-7 windows-1252 x-unknown);
my @encodings = qw(7bit 8bit base64 quoted-printable x-uuencode binary);

# Splits off the header.
sub on_head {
	my ($text, $code) = @_;
	my ($head, $rest) = $text =~ /\A(.*?\n)(\r?\n.*)\z/s ? ($1, $2) : ($text, '');
	return $code->($head) . $rest;
}
sub on_lines {
	my ($text, $code) = @_;
	my @lines = split /^/m, $text;
	$code->(\@lines) if @lines;
	return join '', @lines;
}

my %mutations = (
	cut => sub { substr($_[0], 0, place($_[0])) },
	hole => sub { my $t = $_[0]; my $at = place($t);
		substr($t, $at, rnd(400)) = '' if $at < length $t; $t },
	noise => sub { my $t = $_[0];
		substr($t, rnd(length($t) || 1), 1) = chr rnd(256) for 1 .. 5; $t },
	highbits => sub { my $t = $_[0]; my $n = 0;
		$t =~ s/([a-z])(?=[a-z])/++$n % 97 ? $1 : chr(ord($1) | 0x80)/ge; $t },
	nul => sub { my $t = $_[0]; substr($t, place($t), 0) = "\0" x (1 + rnd(3)); $t },
	crlf => sub { my $t = $_[0]; $t =~ s/\r?\n/\r\n/g; $t },
	somecr => sub { my $t = $_[0]; my $n = 0;
		$t =~ s/\r?\n/++$n % 7 ? "\n" : "\r\n"/ge; $t },
	dropline => sub { on_lines($_[0], sub { splice @{$_[0]}, rnd(scalar @{$_[0]}), 1 }) },
	dupline => sub { on_lines($_[0], sub { my $i = rnd(scalar @{$_[0]});
		splice @{$_[0]}, $i, 0, $_[0][$i] }) },
	swaplines => sub { on_lines($_[0], sub { my $l = $_[0]; my $i = rnd(scalar @$l);
		@$l[$i, $i - 1] = @$l[$i - 1, $i] }) },
	noblank => sub { my $t = $_[0]; $t =~ s/\n\r?\n/\n/; $t },
	moreblank => sub { my $t = $_[0]; $t =~ s/\n\r?\n/"\n" x (3 + rnd(40))/e; $t },
	charset => sub { my $t = $_[0]; my $c = pick(@charsets);
		$t =~ s/charset="?[\w-]+"?/charset=$c/gi; $t },
	encoding => sub { my $t = $_[0]; my $e = pick(@encodings);
		$t =~ s/^(Content-Transfer-Encoding:)[^\n]*/$1 $e/mi; $t },
	type => sub { my $t = $_[0]; my $c = pick('text/plain', 'text/html', 'multipart/mixed',
		'message/rfc822', 'application/octet-stream', 'text', '/', '');
		$t =~ s/^(Content-Type:)\s*[^;\s]+/$1 $c/mi; $t },
	boundary => sub { my $t = $_[0];
		$t =~ s/(boundary=)"?([^"\s;]+)"?/$1 . pick("\"$2", $2, "\"$2\"; boundary=x", "$2=")/ei; $t },
	noend => sub { my $t = $_[0]; $t =~ s/^--(.+)--\s*$/--$1/mg; $t },
	badheader => sub { on_head($_[0], sub { on_lines($_[0], sub {
		splice @{$_[0]}, rnd(scalar @{$_[0]}), 0,
			pick("no colon here\n", ": empty\n", "X Y: z\n", "--x\n", "\t\n", "From x\n") }) }) },
	fold => sub { on_head($_[0], sub { my $h = $_[0]; $h =~ s/ (?=\S)/pick(' ', "\n\t", "\n ")/ge; $h }) },
	longheader => sub { on_head($_[0], sub { $_[0] . 'X-Long: ' . 'abc def ' x 1200 . "\n" }) },
	caseheader => sub { on_head($_[0], sub { my $h = $_[0];
		$h =~ s/^([\w-]+):/pick(uc $1, lc $1) . ':'/gme; $h }) },
	shuffle => sub { on_head($_[0], sub { my @f = $_[0] =~ /^(\S.*\n(?:[ \t].*\n)*)/mg;
		for (my $i = @f; --$i > 0;) { my $k = rnd($i + 1); @f[$i, $k] = @f[$k, $i] } join '', @f }) },
	subject => sub { my $t = $_[0]; my $s = pick('=?utf-8?B?44GC44GE?= =?utf-8?Q?=E3=81=86?= x',
		"=?iso-2022-jp?B?GyRCJCIbKEI=?=", "=?koi8-r?Q?=F0=D2=C9?=", "\xe9t\xe9", '=?x?Q?y?=',
		'=?utf-8?Q?broken', "FREE MONEY!!!", '');
		$t =~ s/^(Subject:).*/$1 $s/mi; $t },
	received => sub { "Received: from " . pick('a.example.com', '[198.18.0.9]', 'localhost', 'x') .
		" (" . pick('a.example.org [198.18.7.7]', 'HELO b', 'unknown [10.1.2.3]', '[2001:db8::7]') .
		")\n\tby mx.example.net with " . pick('ESMTP', 'ESMTPSA', 'SMTP', 'HTTP', 'LMTP') .
		" id A" . rnd(9999) . "; Tue, 3 Mar 2020 10:11:12 +0000\n" . $_[0] },
	html => sub { my $t = $_[0]; my $x = pick('<div style="display:none">', '<!-- ', '<a href="',
		'<table><tr><td bgcolor=#fff>', '&#x4e2d;&nbsp;&copy', '<font color=red size=1>', '<script>', '<p><br/>');
		$t =~ s/(<\w+[^>]*>)/rnd(6) ? $1 : $1 . $x/ge; $t },
	links => sub { my $t = $_[0]; my $x = pick('http://exa%6dple.com/%2e', 'www.example.co.uk', 'https://1.2.3.4:8080/',
		'http://user@example.net@evil.example.com/', 'mailto:a@example.org?x', 'example.info/path.', "hxxp://no.example");
		my $at = place($t); substr($t, $at, 0) = " $x "; $t },
);
my @names = sort keys %mutations;

open my $in, '<', $list or die "$list: $!\n";
chomp(my @paths = <$in>);
die "$list: empty\n" unless @paths;
mkdir $dir;
for my $n (1 .. $count) {
	my $path = $paths[rnd(scalar @paths)];
	open my $fh, '<:raw', $path or die "$path: $!\n";
	my $text = do { local $/; <$fh> };
	next if length $text > 200_000;
	my @used = map { pick(@names) } 0 .. rnd(3);
	$text = $mutations{$_}->($text) for @used;
	my $out = sprintf '%s/%05d-%s.eml', $dir, $n, join '-', @used;
	open my $to, '>:raw', $out or die "$out: $!\n";
	print $to $text;
	close $to or die "$out: $!\n";
}
