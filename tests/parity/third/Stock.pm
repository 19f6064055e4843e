# Messages that are meant to hit rules: for each live rule of the installed rule
# files, whatever they are, the pieces of a message that its pattern matches.
#
# A pattern's piece is made by Sampler.pm and put where the rule looks.  A meta is
# read as an expression, and one way to fulfil it is chosen: a branch of each `||`,
# both sides of `&&`, as many addends as a comparison asks for; what is negated is
# left to luck.  Tests written in Perl (eval:) have pieces in %evals, where one
# needs more than other messages have anyway.  That some messages miss their rule
# is no harm: both sides are asked what they hit, not told.
package Stock;

use strict;
use warnings;
no warnings 'recursion';
use Chance qw(rnd pick chance words sentence);
use Sampler;
use Judge ();
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

my ($conf, $tests, %kind, %expression);

sub load
{
	(my $sa, $tests) = Judge::parsed();
	$conf = $sa->{conf};
	for my $name (sort keys %{$conf->{test_types}}) {
		$kind{$name} = Judge::rule_kind($conf, $name);
		next if $kind{$name} ne 'meta';
		$expression{$name} = $tests->{$name};
	}
	return;
}

# [name, code that makes it]...: a message for each scored meta, and one for several of the others.
sub messages
{
	load() unless $conf;
	my (@metas, @scored, @sub);
	for my $name (sort keys %kind) {
		next if $kind{$name} =~ /rbl|askdns|empty/ || ($conf->{tflags}{$name} // '') =~ /\bnet\b/;
		next if !$conf->{scoreset}[0]{$name} && $name !~ /^__/;
		if ($kind{$name} eq 'meta' && $name !~ /^__/) { push @metas, $name }
		elsif ($name =~ /^__/) { push @sub, $name }
		else { push @scored, $name }
	}
	my @out = map { my $name = $_; [$name, sub { message($name) }] } @metas;
	push @out, group('scored', 3, @scored), group('sub', 10, @sub);
	return @out;
}

sub group
{
	my ($label, $size, @names) = @_;
	# Rules of one kind lie together by name; spread them.
	my $step = int((@names + $size - 1) / $size);
	return map { my $i = $_; my @some = grep { defined } map { $names[$i + $_ * $step] } 0 .. $size - 1;
		[sprintf('%s-%03d', $label, $i), sub { message(@some) }] } 0 .. $step - 1;
}

# ---- what a rule wants ----

sub message
{
	my @names = @_;
	my %m = (body => [], raw => [], uri => [], header => [], part => [], relay => [], seen => {});
	want(\%m, $_, 0) for @names;
	return assemble(\%m);
}

sub want
{
	my ($m, $name, $depth) = @_;
	return if $m->{seen}{$name}++ > 1 || $depth > 12;
	my $k = $kind{$name} // return;
	if ($k eq 'meta') {
		my $tree = expression($expression{$name} // '') or return;
		fulfil($m, $tree, 1, $depth + 1);
	} elsif ($k =~ /eval/) {
		eval_piece($m, $name);
	} elsif ($k eq 'body') {
		my $s = piece($name) // return;
		push @{$m->{body}}, $s;
	} elsif ($k eq 'rawbody' || $k eq 'full') {
		my $s = piece($name) // return;
		push @{$m->{raw}}, $s;
	} elsif ($k eq 'uri') {
		my $s = piece($name) // return;
		$s = "http://www.example.com/$s" unless $s =~ m{^[a-z]+:}i;
		push @{$m->{uri}}, $s;
	} elsif ($k eq 'uri_detail') {
		push @{$m->{uri}}, 'http://www.example.com/' . words(1);
	} elsif ($k eq 'mimeheader') {
		mime_piece($m, $name);
	} elsif ($k eq 'header') {
		header_piece($m, $name);
	}
}

sub piece
{
	my ($name, $re) = @_;
	$re //= $conf->{test_qrs}{$name} // return undef;
	my ($pattern, $mods) = Judge::regex_parts($re);
	return Sampler::sample($re, $pattern, $mods);
}

sub mime_piece
{
	my ($m, $name) = @_;
	my $rule = $conf->{mimeheader_tests}{$name};
	return if $rule->{negated};
	my $s = piece($name, $rule->{pattern} // $conf->{test_qrs}{$name}) // return;
	my $header = $rule->{hdr};
	$header =~ s/:.*//;
	push @{$m->{part}}, $header eq 'ALL' ? $s : "$header: " . ($s =~ s/\n(?![ \t])/\n /gr);
}

sub header_piece
{
	my ($m, $name) = @_;
	my $selector = $conf->{test_opt_header}{$name} // return;
	if ($conf->{test_opt_exists}{$name}) {
		push @{$m->{header}}, [$selector =~ s/:.*//r, words(2)];
		return;
	}
	return if $conf->{test_opt_neg}{$name};
	my $s = piece($name) // return;
	return if $s eq '' || $s eq ($conf->{test_opt_unset}{$name} // "\0");
	if ($selector =~ /^X-Spam-Relays/i) {
		push @{$m->{relay}}, relay($s);
	} elsif ($selector =~ /^ALL/) {
		push @{$m->{header}}, [undef, $s];
	} else {
		my ($header, $what) = $selector =~ /^([^:]+)(.*)/;
		$header = { MESSAGEID => 'Message-Id', ToCc => 'To', EnvelopeFrom => 'Return-Path' }->{$header} // $header;
		$s = $what =~ /:name/ ? "\"$s\" <" . words(1) . '@example.com>' : $what =~ /:addr/ ? "<$s>" : $s;
		push @{$m->{header}}, [$header, $s];
	}
}

# A Received line from a fragment of the pseudo-header.
sub relay
{
	my ($text) = @_;
	my %f = (ip => '198.18.' . rnd(250) . '.' . (1 + rnd(250)), rdns => '', helo => 'mail' . rnd(99) . '.example.org',
		by => 'mx.example.net', ident => '', envfrom => '', id => 'A' . rnd(99999), auth => '');
	while ($text =~ /\b(ip|rdns|helo|by|ident|envfrom|id|auth)=(\S*)/g) {
		$f{$1} = $2 if length $2;
	}
	my $from = $f{rdns} ? "$f{rdns} [$f{ip}]" : "unknown [$f{ip}]";
	my $ident = $f{ident} ? "$f{ident}@" : '';
	my $with = $f{auth} ? 'ESMTPSA' : 'ESMTP';
	return "from $f{helo} ($ident$from)\n\tby $f{by} with $with id $f{id}" .
		($f{envfrom} ? "\n\t(envelope-from <$f{envfrom}>)" : '') . ";\n\tTue, 3 Mar 2020 10:11:12 +0000";
}

my %evals = (
	check_for_faraway_charset => sub { push @{$_[0]{body}}, "\x{c0}\x{c1}\x{c2} \x{d0}\x{d1}" x 20 },
	html_tag_exists => sub { my ($m, $tag) = @_; $m->{html} = 1; push @{$m->{raw}}, "<$tag>" . words(3) . "</$tag>" },
	html_test => sub { $_[0]{html} = 1 },
	html_range => sub { my ($m) = @_; $m->{html} = 1; push @{$m->{raw}}, pick("<x><y><z><q1></b></i></u>", "<font size=7>big</font>",
		'a<x>b<y>c<z>d' x 9, '<img src="http://www.example.com/a.gif" width=600 height=400>') },
	html_image_only => sub { my ($m) = @_; $m->{html} = 1; $m->{quiet} = 1;
		push @{$m->{raw}}, '<img src="http://www.example.com/a.gif" width=600 height=400>' },
	html_image_ratio => sub { my ($m) = @_; $m->{html} = 1; $m->{quiet} = 1;
		push @{$m->{raw}}, '<img src="cid:x" width=600 height=400>' . words(20) },
	html_title_subject_ratio => sub { my ($m) = @_; $m->{html} = 1; push @{$m->{raw}}, '<title>' . words(30) . '</title>' },
	html_eval => sub { my ($m) = @_; $m->{html} = 1; push @{$m->{raw}}, '<img src="http://www.example.com/a.gif" height=10>' },
	check_for_spam_reply_to => sub { push @{$_[0]{header}}, ['Reply-To', 'x@example.info'] },
	gtube => sub { push @{$_[0]{body}}, join '', 'XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X' },
	check_for_uppercase => sub { push @{$_[0]{body}}, uc sentence() for 1 .. 30 },
	check_stock_info => sub { push @{$_[0]{body}}, 'Symbol: ABCD price: $1.20 target: $3.00 5-day high' },
	check_for_mime_excessive_qp => sub { push @{$_[0]{raw}}, '=41' x 200 },
	check_freemail_from => sub { push @{$_[0]{header}}, ['From', words(1) . rnd(99) . '@gmail.com'] },
	check_freemail_replyto => sub { push @{$_[0]{header}}, ['From', 'a1@gmail.com'], ['Reply-To', 'b2@yahoo.com'] },
	check_freemail_body => sub { push @{$_[0]{body}}, 'write to somebody12@hotmail.com' },
	check_freemail_header => sub { push @{$_[0]{header}}, ['Reply-To', 'b2@yahoo.com'] },
	check_uri_host_listed => sub { push @{$_[0]{uri}}, 'http://' . pick(uri_list($_[1])) . '/' . words(1) },
	check_from_in_list => sub { push @{$_[0]{header}}, ['From', pick(address_list($_[1]))] },
	check_for_shifted_date => sub { push @{$_[0]{header}}, ['Date', pick('Sun, 1 Mar 2020 10:11:12 +0000', 'Tue, 3 Mar 2020 23:59:12 +0000',
		'Tue, 3 Mar 2000 23:59:12 +0000', 'Fri, 6 Mar 2020 10:11:12 +0000', 'Tue, 3 Mar 2020 03:11:12 +0000')] },
	check_for_missing_to_header => sub { push @{$_[0]{header}}, ['To', undef] },
	check_for_to_in_subject => sub { push @{$_[0]{header}}, ['To', 'zoe@example.net'], ['Subject', 'zoe, ' . words(3)] },
	subject_is_all_caps => sub { push @{$_[0]{header}}, ['Subject', uc words(6)] },
	check_illegal_chars => sub { my ($m, $h) = @_; push @{$m->{header}}, [$h && $h ne 'ALL' ? $h : 'Subject', "\xe4\xf6\xfc" x 9] },
	check_for_forged_hotmail_received_headers => sub { push @{$_[0]{header}}, ['From', 'a@hotmail.com'] },
	check_for_forged_yahoo_received_headers => sub { push @{$_[0]{header}}, ['From', 'a@yahoo.com'] },
	check_for_forged_eudoramail_received_headers => sub { push @{$_[0]{header}}, ['From', 'a@eudoramail.com'] },
	check_for_unique_subject_id => sub { push @{$_[0]{header}}, ['Subject', words(3) . '        a1b2c3d4'] },
	check_for_num_yahoo => sub { 1 },
	sorted_recipients => sub { push @{$_[0]{header}}, ['To', join ', ', map { "$_\@example.net" } 'aa' .. 'az'] },
	similar_recipients => sub { push @{$_[0]{header}}, ['To', join ', ', map { "user$_\@example.net" } 1 .. 12] },
	check_outlook_message_id => sub { push @{$_[0]{header}}, ['Message-ID', '<000001c0$12345678$01020304@x>'] },
	multipart_alternative_difference => sub { $_[0]{alternative} = 1 },
	check_attachment => sub { push @{$_[0]{part}}, 'Content-Type: application/octet-stream; name="a.exe"' },
	check_msg_parse_flags => sub { $_[0]{broken} = 1 },
);

sub eval_piece
{
	my ($m, $name) = @_;
	my ($call) = grep { defined } map { my $k = $_; map { $_->{$name} } values %{$conf->{$k} || {}} }
		qw(body_evals head_evals rawbody_evals full_evals);
	return unless $call && $evals{$call->[0]};
	$evals{$call->[0]}->($m, @{$call->[1] || []});
}

sub uri_list
{
	my ($list) = @_;
	my @all = sort keys %{$conf->{uri_host_lists}{$list // ''} || {}};
	return @all ? @all : 'www.example.com';
}
sub address_list
{
	my ($list) = @_;
	my @all = map { s/\*/news/gr =~ s/\?/x/gr } sort keys %{$conf->{$list // ''} || {}};
	return @all ? @all : 'a@example.com';
}

# ---- metas ----

my %power = ('||' => 1, '&&' => 2, '==' => 3, '!=' => 3, '<' => 4, '>' => 4, '<=' => 4, '>=' => 4, '+' => 5, '-' => 5, '*' => 6, '/' => 6);
sub expression
{
	my @tokens = $_[0] =~ /([A-Za-z_]\w*|\d+(?:\.\d+)?|\|\||&&|[=!<>]=|[-+*\/()!<>])/g;
	return eval { climb(\@tokens, 1) };
}
sub climb
{
	my ($t, $least) = @_;
	my $left = unary($t);
	while (@$t && ($power{$t->[0]} // 0) >= $least) {
		my $op = shift @$t;
		$left = [$op, $left, climb($t, $power{$op} + 1)];
	}
	return $left;
}
sub unary
{
	my ($t) = @_;
	my $x = shift @$t // die "an operand is missing\n";
	if ($x eq '(') {
		my $e = climb($t, 1);
		shift @$t;
		return $e;
	}
	return ['!', unary($t)] if $x eq '!' || $x eq '-';
	return $x =~ /^\d/ ? ['number', $x] : ['name', $x];
}

sub fulfil
{
	my ($m, $e, $value, $depth) = @_;
	my ($op, @args) = @$e;
	if ($op eq 'name') {
		want($m, $args[0], $depth) for 1 .. ($value > 1 && ($conf->{tflags}{$args[0]} // '') =~ /multiple/ ? $value : 1);
	} elsif ($op eq '&&' || $op eq '*') {
		fulfil($m, $_, 1, $depth) for @args;
	} elsif ($op eq '||') {
		my @can = grep { $_->[0] ne '!' } alternatives($e);
		fulfil($m, pick(@can), 1, $depth) if @can;
	} elsif ($op eq '+') {
		my @can = addends($e);
		my $n = @can == 1 ? 1 : $value > @can ? @can : $value;
		for (1 .. $n) {
			fulfil($m, splice(@can, rnd(scalar @can), 1), $value > $n ? $value : 1, $depth);
		}
	} elsif ($op =~ /[<>=]/ && $args[1][0] eq 'number') {
		return if $op =~ /</;
		fulfil($m, $args[0], int($args[1][1]) + ($op eq '>' ? 1 : 0) || 1, $depth);
	} elsif ($op =~ /[<>=]/) {
		fulfil($m, $args[$op =~ /</ ? 1 : 0], 1, $depth);
	}
}
sub alternatives { my ($e) = @_; return $e->[0] eq '||' ? map { alternatives($_) } @$e[1, 2] : $e }
sub addends { my ($e) = @_; return $e->[0] eq '+' ? map { addends($_) } @$e[1, 2] : $e }

# ---- the message ----

sub assemble
{
	my ($m) = @_;
	my (%have, $head);
	$head = '';
	for my $h (@{$m->{header}}) {
		my ($name, $value) = @$h;
		if (!defined $name) {
			$head .= $value =~ s/\n(?!\s|[\w-]+:|\z)/\n /gr;
			$head .= "\n" unless $head =~ /\n\z/;
			next;
		}
		$have{lc $name}++;
		next unless defined $value;
		$head .= "$name:" . ($value =~ /^[\s]/ ? '' : ' ') . ($value =~ s/\n(?![ \t])/\n /gr) . "\n";
	}
	my %usual = (From => words(1) . ' <' . words(1) . '@example.com>', To => 'user@mx.example.net', Subject => words(4),
		Date => 'Tue, 3 Mar 2020 10:11:10 +0000', 'Message-ID' => '<' . rnd(1e9) . '@example.com>');
	my $top = join '', map { "Received: $_\n" } @{$m->{relay}} ? @{$m->{relay}} : relay('');
	for my $name (sort keys %usual) {
		$head .= "$name: $usual{$name}\n" unless $have{lc $name} || $head =~ /^\Q$name\E:/mi;
	}
	my ($mime, $text) = content($m);
	$text = "$text\n" unless $text =~ /\n\z/;
	$mime = '' if $have{'content-type'} && $mime !~ /multipart/;
	return $top . $head . ($have{'mime-version'} ? '' : "MIME-Version: 1.0\n") . $mime . ($m->{broken} && chance(50) ? '' : "\n") . $text;
}

sub content
{
	my ($m) = @_;
	my $html = $m->{html} || (@{$m->{raw}} && grep { /<\w/ } @{$m->{raw}}) || chance(35);
	my @leaves;
	my $plain = join "\n\n", shuffled(($m->{quiet} ? () : sentence()), @{$m->{body}}, ($html ? () : (@{$m->{raw}}, @{$m->{uri}})));
	if (!$html || $m->{alternative} || chance(30)) {
		push @leaves, leaf('text/plain', "$plain\n");
	}
	if ($html) {
		my $t = join "\n", '<html><body>', shuffled((map { '<p>' . entities($_) . '</p>' } @{$m->{body}}), @{$m->{raw}},
			(map { '<a href="' . ($_ =~ s/"/%22/gr) . '">' . pick(words(2), entities($_)) . '</a>' } @{$m->{uri}}),
			($m->{quiet} ? () : '<p>' . sentence() . '</p>')), '</body></html>';
		push @leaves, leaf('text/html', "$t\n");
	}
	for my $h (@{$m->{part}}) {
		my $type = $h =~ /^Content-Type:/mi ? '' : "Content-Type: application/octet-stream\n";
		push @leaves, "$type$h\n\n" . sentence() . "\n";
	}
	return $leaves[0] =~ /\A(.*?\n)\n(.*)\z/s if @leaves == 1;
	my $b = 'b' . rnd(1e6);
	return ('Content-Type: multipart/' . (@{$m->{part}} ? 'mixed' : 'alternative') . "; boundary=\"$b\"\n",
		join('', map { "--$b\n$_\n" } @leaves) . "--$b--\n");
}

sub leaf
{
	my ($type, $text) = @_;
	my $e = pick('8bit', '8bit', '7bit', 'quoted-printable', 'base64');
	$text = encode_base64($text) if $e eq 'base64';
	$text = encode_qp($text) if $e eq 'quoted-printable';
	return "Content-Type: $type; charset=" . pick('utf-8', 'utf-8', 'us-ascii', 'iso-8859-1', 'windows-1252') .
		"\nContent-Transfer-Encoding: $e\n\n$text";
}
sub entities { return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr }
sub shuffled
{
	my @l = @_;
	for (my $i = @l; --$i > 0;) { my $k = rnd($i + 1); @l[$i, $k] = @l[$k, $i] }
	return @l;
}

1;
