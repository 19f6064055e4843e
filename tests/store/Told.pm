# A whole daemon under a load of scans and TELLs, and what the store counted of
# them: for tests of what must not get lost. The load is tests/bench/load.c,
# whose TELLs are of messages that are told once; odd ones as spam, even ones as
# ham, each class with a sender, a link and a word of its own.
package Told;
use strict;
use warnings;
use Digest::SHA qw(sha1);
use Exporter 'import';
use FindBin;
use Time::HiRes qw(sleep time);
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Load;
use Wire;

our @EXPORT = qw(own_list told_daemon bench_start bench_end bench_run
	bench_records acknowledged counted counted_is figures_of store_lines
	markers percentile log_time);

my %classes = (
	spam => { domain => 'example.net', word => 'spamtelltale', kind => 's',
		  total => 'NSPAM' },
	ham => { domain => 'example.org', word => 'hamtelltale', kind => 'h',
		 total => 'NHAM' },
);

# ---- messages and daemons ----

# A list of some 200 messages of many kinds of words, senders and links; or
# $LIST.
sub own_list {
	return $ENV{LIST} if $ENV{LIST};
	my $dir = workdir() . '/mail';
	mkdir $dir;
	my @words = map { my $n = $_; join '', map {
		(qw(ba de fi go lu ma ne pi ro su))[($n * 7 + $_ * $n) % 10] }
		1 .. 2 + $n % 4 } 1 .. 900;
	my @paths;
	for my $i (1 .. 200) {
		my $text = '';
		$text .= $words[($i * 13 + $_ * $_) % @words] .
			($_ % 11 ? ' ' : "\n") for 1 .. 40 + $i % 7 * 90;
		my $site = 'site' . $i % 30 . '.example.com';
		my $html = $i % 3 ? '' : '<html><body><p>';
		push @paths, "$dir/$i";
		spit($paths[-1], join "\n",
			"Received: from mail.$site (mail.$site [198.18.1." .
			$i % 250 . '])', "\tby mx.example.com; " .
			'Mon, 1 Jun 2026 10:00:00 +0000',
			"From: Writer $i <writer$i\@$site>",
			'To: reader@example.com', "Subject: letter $i",
			'Date: Mon, 1 Jun 2026 10:00:00 +0000',
			"Message-ID: <letter-$i\@$site>", 'MIME-Version: 1.0',
			'Content-Type: text/' . ($html ? 'html' : 'plain'), '',
			"$html$text", "See http://$site/page$i", '');
	}
	my $list = workdir() . '/list';
	spit($list, join "\n", @paths, '');
	return $list;
}

# A daemon whose store is at url; more lines of settings may follow. Only what
# people say is learned, so that it can be counted.
sub told_daemon {
	my ($url, %o) = @_;
	my @lines = ("store $url", 'bayes_auto_learn 0',
		@{ $o{lines} || [] });
	my $d = start_mekikid(stock => 1, own_rules => 1,
		name => $o{name} || 'told', workers => $o{workers} || 2,
		args => [ '-l', map { ('--cf', $_) } @lines ]);
	$d->{url} = $url;
	$d->{list} = own_list();
	$d->{next} = 1;
	$d->{told} = { spam => 0, ham => 0 };
	$d->{unsure} = { spam => 0, ham => 0 };
	return $d;
}

# ---- the load ----

my $runs = 0;

# Options: c clients, t seconds or n requests, T: each so many-th is a TELL.
sub bench_start {
	my ($d, %o) = @_;
	my $b = { daemon => $d, record => workdir() . '/record' . ++$runs };
	my @args = map { ("-$_", $o{$_}) } grep { $o{$_} } qw(c t n T);
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDOUT, '>', "$b->{record}.out";
		open STDERR, '>&', \*STDOUT;
		exec 'setpriv', '--pdeathsig', 'KILL',
			build_dir() . '/bench-load', @args, '-w', 'SYMBOLS',
			'-a', '-f', $d->{next}, '-r', $b->{record}, '-p',
			$d->{port}, $d->{list};
		die "bench-load: $!";
	}
	$b->{pid} = $pid;
	return $b;
}

# Its requests so far: { began (seconds since 1970), took (seconds), word,
# number, result }.
sub bench_records {
	my ($b) = @_;
	return map {
		my @f = split ' ';
		@f == 5 ? { began => $f[0] / 1000, took => $f[1] / 1e6,
			word => $f[2], number => $f[3], result => $f[4] } : ()
	} split /\n/, slurp($b->{record}) =~ s/[^\n]*\z//r;
}

# Waits for its end; says what came of it, and adds what was told to the
# daemon's account.
sub bench_end {
	my ($b, $stop) = @_;
	my $d = $b->{daemon};
	kill 'TERM', $b->{pid} if $stop;
	waitpid $b->{pid}, 0;
	$b->{said} = slurp("$b->{record}.out");
	my @records = bench_records($b);
	$b->{bad} = [ grep { $_->{result} eq 'bad' } @records ];
	for my $r (grep { $_->{word} eq 'TELL' } @records) {
		my $class = $r->{number} % 2 ? 'spam' : 'ham';
		$b->{errors}{ $r->{result} }++
			if $r->{result} !~ /^(?:set|same|bad)$/;
		my $sure = $r->{result} =~ /^(?:set|same)$/;
		$d->{$sure ? 'told' : 'unsure'}{$class}++;
		$d->{next} = $r->{number} + 1 if $r->{number} >= $d->{next};
	}
	return \@records;
}

sub bench_run {
	my ($d, %o) = @_;
	my $b = bench_start($d, %o);
	bench_end($b);
	return $b;
}

sub percentile {
	my ($part, @v) = @_;
	@v = sort { $a <=> $b } @v;
	return @v ? $v[int($part * $#v + 0.5)] : 0;
}

# ---- what the store has ----

# Replies of the driver, a line each (names: a list of them).
sub store_lines {
	my ($d, $lines) = @_;
	return split /\n/, drive($d->{url}, $lines, '-t', 5);
}

sub markers {
	my ($d, $prefix) = @_;
	my %seen = map { $_ => 1 } grep { /./ }
		store_lines($d, "!names $prefix\n");
	return \%seen;
}

sub token_key {
	my ($d, $word) = @_;
	my $token = substr sha1($word), -5;
	my $tag = $d->{url} =~ /cluster/ ?
		sprintf '{%02x}', ord($token) & 0x3f : '';
	return '"w:' . $tag . join('', map { sprintf '\\x%02x', ord }
		split //, $token) . '"';
}

my @figures = qw(total token link sender markers);

# The figures of a class, each of which is to be how many were told.
sub counted {
	my ($d, $class) = @_;
	my $c = $classes{$class};
	my $v = $d->{url} =~ /cluster/ ? 'v:{v}:' : 'v:';
	my %n;
	@n{@figures} = map { /(-?\d+)/ ? $1 : 0 } store_lines($d,
		"GET $v$c->{total}\nHGET " . token_key($d, $c->{word}) .
		" $c->{kind}\n" .
		"HGET mekiki:url:$c->{domain} people_$class\n" .
		"HGET mekiki:from:$c->{domain} people_$class\n");
	$n{markers} = keys %{ markers($d,
		"mekiki:told:{mekiki:url:$c->{domain}}:") };
	return \%n;
}

# Which figures of a class a marker stands for; value: what is in it.
sub figures_of {
	my ($d, $class, $key, $value) = @_;
	my $c = $classes{$class};
	return ('link', 'markers')
		if $key =~ /^mekiki:told:\{mekiki:url:\Q$c->{domain}\E\}/;
	return 'sender'
		if $key =~ /^mekiki:told:\{mekiki:from:\Q$c->{domain}\E\}/;
	return () unless $key =~ /^s:/ && $value eq $c->{kind};
	return ('total', 'token') unless $d->{url} =~ /cluster/;
	return 'total' if $key =~ /^s:\{v\}/;
	my ($tag) = token_key($d, $c->{word}) =~ /(\{..\})/;
	return $key =~ /^s:\Q$tag\E/ ? 'token' : ();
}

# Checks all of them; lost->(class, figure) says how many are missing because
# Redis itself lost them.
sub counted_is {
	my ($d, $what, $lost) = @_;
	for my $class (qw(spam ham)) {
		my ($least, $most) = ($d->{told}{$class},
			$d->{told}{$class} + $d->{unsure}{$class});
		my $n = counted($d, $class);
		my %gone = map { $_ => $lost ? $lost->($class, $_) : 0 }
			@figures;
		my $shown = join ', ', map { "$_ $n->{$_}" . ($gone{$_} ?
			" and $gone{$_} lost by Redis itself" : '') } @figures;
		ok(!(grep { $n->{$_} + $gone{$_} < $least ||
			    $n->{$_} + $gone{$_} > $most } @figures),
			"$what: each $class counted once ($least told)",
			"$least to $most told: $shown");
		print "     $class: $shown\n" if grep { $_ } values %gone;
	}
}

# A time of a line of the daemon's log, in seconds of its day.
sub log_time {
	my ($text) = @_;
	return $text =~ /(\d\d):(\d\d):(\d\d\.\d+)/ ?
		$1 * 3600 + $2 * 60 + $3 : undef;
}

1;
