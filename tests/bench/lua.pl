#!/usr/bin/perl
# What rules in Lua cost: messages a second of one process over a list, without
# and with about fifty ordinary rules (the cookbook's and some of rspamd's own
# files, from where its package puts them), and with all of rspamd's. The runs
# alternate, so that a noisy machine is noisy for all.
#
#	tests/bench/lua.pl BUILD LIST [ROUNDS]
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use POSIX ();

my ($build, $list, $rounds) = @ARGV;
die "usage: $0 BUILD LIST [ROUNDS]\n" unless $list;
$rounds ||= 12;
my $dir = tempdir(CLEANUP => 1);
my $rules = '/usr/share/rspamd/rules';
my $cookbook = abs_path('tests/lua/cookbook');

sub site {
	my ($name, @files) = @_;
	mkdir "$dir/$name";
	# The site's plug-ins, so that the stock rules are those of everyday.
	system 'cp', glob('/etc/spamassassin/*.pre'), "$dir/$name/";
	open my $f, '>', "$dir/$name/lua.cf" or die;
	print $f map { "lua_file $_\n" } @files;
	close $f;
	return $name;
}

my @some = map { "$rules/$_.lua" } qw(html subject_checks misc mid);
my @all = map { "$rules/$_.lua" } qw(regexp/headers regexp/misc regexp/upstream_spam_filters
	regexp/compromised_hosts html headers_checks subject_checks misc forwarding mid bitcoin bounce content);
my @sites = (site('none'), site('fifty', glob("$cookbook/*.lua"), @some), site('rspamd', @all));

my %cpu;
my $n = () = do { open my $f, '<', $list or die; <$f> };
sub cpu { my @t = POSIX::times(); return ($t[3] + $t[4]) / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }

for my $site (@sites) {
	my $count = grep { /\slua\s/ } `$build/mekiki rules -L --no-own-rules --siteconfigpath $dir/$site 2>/dev/null`;
	print "$site: $count symbols\n";
}
# An empty list tells what loading costs; it is not a message's.
open my $e, '>', "$dir/empty"; close $e;
for my $round (1 .. $rounds) {
	for my $site (@sites) {
		my $before = cpu();
		system "$build/mekiki masscheck -L --no-own-rules --siteconfigpath $dir/$site $dir/empty >/dev/null 2>&1";
		my $load = cpu() - $before;
		$before = cpu();
		system "$build/mekiki masscheck -L --no-own-rules --siteconfigpath $dir/$site $list >/dev/null 2>&1";
		push @{ $cpu{$site} }, cpu() - $before - $load;
	}
}
# The least disturbed run of each is what is compared.
my ($base) = sort { $a <=> $b } @{ $cpu{none} };
for my $site (@sites) {
	my ($least) = sort { $a <=> $b } @{ $cpu{$site} };
	printf "%-8s %7.3f ms CPU a message, %5.1f %% of the throughput without\n", $site,
		1000 * $least / $n, 100 * $base / $least;
}
