#!/usr/bin/perl
# The embedded store while its users die. Workers that learn (TELL) are killed
# with SIGKILL at any moment, KILLS times, then the memory process, KILLS / 10
# times: whatever was acknowledged is counted, once, and the file is sound. Then
# a store that is full, by its size and by its disk: a TELL gets an error that
# says so, scans go on, and with room again all works again.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Load;
use Time::HiRes qw(sleep time);
use Told;
use Wire;

my $KILLS = $ENV{KILLS} || 30;
srand 7;

# A worker that dies takes its request along only if it had the last chance;
# else another one gets it. Whatever has no answer may be counted or not.
sub kills {
	my ($d, $what, $name, $n) = @_;
	my $b = bench_start($d, c => 6, t => 600, T => 2);
	sleep 0.3;
	my ($killed, $began) = (0, time);
	while ($killed < $n && time - $began < 20 + $n) {
		my @pids = processes_of($d, $name);
		if (@pids && kill 'KILL', $pids[rand @pids]) {
			$killed++;
		}
		sleep 0.01 + rand 0.05;
	}
	my $took = time - $began;
	sleep 0.3;
	my @r = @{ bench_end($b, 1) };
	my %n;
	$n{"$_->{word} $_->{result}"}++ for @r;
	printf "     %d %s killed in %.0f s: %s\n", $killed, $what, $took,
		join ', ', map { "$_ $n{$_}" } sort keys %n;
	ok($killed == $n, "$n $what were killed", $killed);
	ok($n{'TELL set'}, 'TELLs went on');
	counted_is($d, "$what killed");
	sound($d);
	return \%n;
}

# Every key can be read with a command of its type.
sub sound {
	my ($d) = @_;
	my @names = grep { length } store_lines($d, "!names \"\"\n");
	my @types = store_lines($d, join '', map { "TYPE $_\n" } @names);
	my %read = (string => 'GET %s', hash => 'HGETALL %s',
		zset => 'ZRANGE %s 0 -1', list => 'LRANGE %s 0 -1',
		set => 'SMEMBERS %s', none => 'TYPE %s');
	my @lines = map { ($types[$_] || '') =~ /(\w+)/;
		sprintf "$read{$1}\n", $names[$_] } 0 .. $#names;
	my $text = drive($d->{url}, join '', @lines);
	ok(@names > 20 && $text !~ /^\((?:error|FAILED|UNREACHABLE|LOST)/m,
		'each of ' . @names . ' keys can be read', substr $text, -300);
}

# ---- full ----

sub tell_reply {
	my ($d, $n) = @_;
	my $mail = "From: a\@example.com\r\nMessage-ID: <full-$n\@example.com>" .
		"\r\nSubject: $n\r\n\r\n" . join(' ', map { "w${n}x$_" }
		1 .. 400) . "\r\nhttp://full$n.example/\r\n";
	return talk($d, "TELL SPAMC/1.5\r\nMessage-class: spam\r\n" .
		"Set: local\r\nContent-length: " . length($mail) .
		"\r\n\r\n$mail", half_close => 1);
}

sub scan_reply {
	my ($d) = @_;
	my $mail = "From: a\@example.com\r\nSubject: x\r\n\r\nhello\r\n";
	return talk($d, "SYMBOLS SPAMC/1.5\r\nContent-length: " .
		length($mail) . "\r\n\r\n$mail", half_close => 1);
}

# TELLs until one is refused; how many were taken.
sub fill {
	my ($d, $words, $what) = @_;
	for my $n (1 .. 3000) {
		my $reply = tell_reply($d, $n);
		next if $reply =~ /^SPAMD\/1.1 0 EX_OK\r\nDidSet/;
		ok($reply =~ /^SPAMD\/1.0 75 $words/, "$what: a TELL is refused " .
			"with the reason", $reply);
		print '     ', $reply =~ /^([^\r]*)/, "\n";
		ok($n > 3, "$what: after some were taken", $n);
		return $n - 1;
	}
	ok(0, "$what: it gets full");
	return 0;
}

# Leaves about 3 MB of it.
sub fill_disk {
	my ($disk) = @_;
	my ($free) = `df --output=avail -k $disk` =~ /(\d+)\s*\z/;
	spit("$disk/fill", 'x' x (1024 * ($free - 3000)));
}

sub full {
	my ($what, $words, $url, $make_room, @lines) = @_;
	my $d = told_daemon($url, name => "full-$what",
		lines => ['bayes_token_ttl 30d', @lines]);
	fill_disk($1) if $url =~ m{^lmdb:(.*/disk)/};
	my $n = fill($d, $words, $what);
	my $reply = scan_reply($d);
	ok($reply =~ /^SPAMD\/1.1 0 EX_OK/ && $reply !~ /NO_MEMORY/,
		"$what: scans go on, with memory", $reply);
	$make_room->($d, $n);
	my $last = '';
	ok(wait_for(10, sub { ($last = tell_reply($d, 5000)) =~ /DidSet|EX_OK/
		}), "$what: with room again a TELL is taken", $last);
	my ($known) = store_lines($d, "GET v:NSPAM\n");
	ok($known =~ /\d/, "$what: and the store is sound", $known);
	sound($d);
	return $d;
}

sub store_dir {
	my ($name) = @_;
	my $dir = workdir() . "/$name";
	mkdir $dir;
	chmod 0777, $dir;
	return $dir;
}

my $dir = store_dir('kills');
my $d = told_daemon("lmdb:$dir", workers => 4);
kills($d, 'workers', qr/worker/, $KILLS);
stop_daemon($d);

# A daemon that loses its memory process often waits longer and longer with the
# next one: so another daemon has its turn.
for (my $left = int($KILLS / 10) || 1; $left > 0; $left -= 5) {
	my $next = told_daemon("lmdb:$dir", workers => 4);
	$next->{$_} = $d->{$_} for qw(told unsure next);
	$d = $next;
	kills($d, 'memory processes', qr/memory/, $left < 5 ? $left : 5);
	stop_daemon($d);
}

# What was told of the first messages is taken out by hand.
sub remove_some {
	my ($full) = @_;
	my @names = grep { /^"?w:/ } store_lines($full, "!names w:\n");
	drive($full->{url}, join '', map { "DEL $_\n" }
		@names[0 .. @names / 2]);
}

stop_daemon(full('size', '.*full', 'lmdb:' . store_dir('small'),
	\&remove_some, 'store_max_size 2m'));

# A disk that others fill, and then make room on.
my $disk = store_dir('disk');
if ($> == 0 && system('mount', '-t', 'tmpfs', '-o', 'size=8m,mode=0777',
		      'tmpfs', $disk) == 0) {
	mkdir "$disk/db";
	chmod 0777, "$disk/db";
	my $d = eval { full('disk', '.*no space left', "lmdb:$disk/db",
		sub { unlink "$disk/fill" }, 'store_max_size 64m') };
	print $@;
	ok($d, 'the disk was full and is not any more');
	stop_daemon($d) if $d;
	system 'umount', '-l', $disk;
}
finish();
