#!/usr/bin/perl
# sa-check_spamd by our name beside the real one: both look at the real spamd,
# at mekikid, and at what is neither.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::INET;
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Twins;
use Wire;

my $spamd = start_spamd();
my $mekikid = start_mekikid();
my $dead = free_port();
# One that accepts and says nothing, and one that says something else.
my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1',
	LocalPort => 0) or die;
my $other = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1',
	LocalPort => 0) or die;
my $parrot = fork;
die "fork: $!" if !defined $parrot;
if (!$parrot) {
	while (my $c = $other->accept) {
		my $request = <$c>;
		print $c "SPAMD/1.5 76 Bad header line: who are you\r\n";
		close $c;
	}
	exit 0;
}
my @at = ('-H', '127.0.0.1', '-p');
my $times = sub { $_[0] =~ s/\d+\.\d{3}/SECONDS/gr };
my $usage = sub { $_[0] =~ /^sa-check_spamd version/ ? 'usage' : $_[0] };
my $perl = sub { $_[0] =~ s/^Use of uninitialized .*\n//gmr };
# What the Perl client says of itself, and of a connection that failed.
my $words = sub { $times->($_[0] =~ s/^loaded .*\n//gmr) };

eval {
	twins('sa-check_spamd', [],
		map({ { args => $_, out => $words } }
			[@at, $spamd->{port}], [@at, $mekikid->{port}],
			['--hostname=127.0.0.1', '--port', $mekikid->{port},
			 '--timeout', '20'],
			[@at, $mekikid->{port}, '-w', '10', '-c', '20'],
			[@at, $mekikid->{port}, '-w', '0.0'],
			[@at, $mekikid->{port}, '-w0', '-c', '0.'],
			[@at, $spamd->{port}, '-c', '0.0'],
			[@at, $mekikid->{port}, '--host', 'localhost'],
			[@at, $mekikid->{port}, '--verbose'],
			[@at, $other->sockport],
			[@at, $silent->sockport, '-t', '1'],
			[@at, $silent->sockport, '-t1', '-c', '0.5', '-w.5']),
		map({ { args => $_, out => $words, err => 'ignored' } }
			[@at, $dead], ['--socketpath', '/none/such'],
			[@at, $dead, '-v']),
		map({ { args => $_, out => $usage, err => $perl } } ['-h'], ['--help'],
			['-?'], ['--bogus'], ['-t'], ['-Z', '--more']),
		# It does not know its own version.
		map({ { args => [$_], err => $perl, out => sub {
			$_[0] =~ s/^sa-check_spamd version \K\S*//r } } }
			'-V', '--version'),
		map({ { args => $_ } }
			['-c', 'x'], ['-c', ''], ['-w', '1s'], ['-w', '-1'],
			['-H', 'a b'], ['-H', ''], ['-p', 'spamd'],
			['-t', '0.5'], ['-t', 'soon'], ['-c', '1', '-w', '2'],
			['-c', '50'], ['-w', '46'], ['-c', '3', '-t', '2'],
			['--socketpath', '/none', '-H', 'localhost'],
			['--socketpath', '/none', '-p', '783']));
	1;
} or fail("died: $@");
kill 'TERM', $parrot;
waitpid $parrot, 0;
stop_daemon($_) for $spamd, $mekikid;
done_testing();
