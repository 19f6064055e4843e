#!/usr/bin/perl
# What a user's file costs a message: the same messages for somebody without a
# file, and for users with 50 and 2,000 lines whose files lie there unchanged
# (kept by the workers) or were changed a moment ago (read each time); and for
# one with rules. CPU time of the workers, with the stock rules, alternating.
# Usage: users.pl [ROUNDS] [FILE...]
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../wire";
use Time::HiRes qw(time);
use Wire;

my $rounds = @ARGV && $ARGV[0] =~ /^\d+$/ ? shift : 200;
my @mails = @ARGV ? map { slurp($_) } @ARGV :
	slurp('/usr/share/doc/spamassassin/examples/sample-nonspam.txt');
my $users = workdir() . '/users';
mkdir $users;

sub lines {
	my ($n) = @_;
	return join '', map { $_ % 5 == 0 ? "score RULE_$_ 1\n" : $_ % 5 == 1 ?
		"welcomelist_from a$_\@example.org\n" : $_ % 5 == 2 ?
		"blocklist_from b$_\@example.org\n" : $_ % 5 == 3 ?
		"score MISSING_SUBJECT $_\n" : "# a comment\n" } 1 .. $n;
}

my %text = (none => undef, few => lines(50), many => lines(2000),
	rules => lines(50) . join('', map { "body USERS_$_ /some text $_/\n" }
		1 .. 20));
for my $name (keys %text) {
	for my $kind (qw(kept read)) {
		next unless defined $text{$name};
		mkdir "$users/$name-$kind";
		spit("$users/$name-$kind/user_prefs", $text{$name});
		utime 1000000000, 1000000000, "$users/$name-$kind/user_prefs";
	}
}
my $d = start_mekikid(stock => 1, user => 1, own_rules => 1, workers => 1,
	args => [ '--virtual-config-dir', "$users/%u", '--cf',
		'allow_user_rules 1', '--cf', 'store none' ]);
my $worker;

sub cpu {
	my @f = split ' ', slurp("/proc/$worker/schedstat");
	return $f[0] / 1e6;
}

sub ask {
	my ($user) = @_;
	for my $mail (@mails) {
		if ($user =~ /read/) {
			my $file = "$users/$user/user_prefs";
			utime undef, undef, $file;
		}
		talk($d, "CHECK SPAMC/1.5\r\nUser: $user\r\nContent-length: " .
			length($mail) . "\r\n\r\n$mail");
	}
}

# Files that were made just now are read each time for a moment.
sleep 4;
my @who = ('none', map { ("$_-kept", "$_-read") } qw(few many rules));
ask($_) for @who;
($worker) = processes_of($d, qr/^mekikid-worker/);
my %ms;
for my $round (1 .. $rounds) {
	for my $user (@who) {
		my $before = cpu();
		ask($user);
		push @{ $ms{$user} }, (cpu() - $before) / @mails;
	}
}
for my $user (@who) {
	my @sorted = sort { $a <=> $b } @{ $ms{$user} };
	printf "%-12s %7.3f ms of CPU a message (%.3f the lower quarter)\n",
		$user, $sorted[ @sorted / 2 ], $sorted[ @sorted / 4 ];
}
stop_daemon($d);
