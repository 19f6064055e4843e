#!/usr/bin/perl
# Scores the messages that tools/torture.pl wrote into DIR and checks what may be
# expected of each: a line with a score, in a time that is in proportion to that
# of plain text of the same size.
#
#   tests/cli/torture.pl [--ratio N] DIR COMMAND...
#
# COMMAND is `mekiki masscheck` with its options. Times are the processor's, as
# the scoring process reports it when the line comes, so that a busy machine does
# not matter; messages of less than 256 KB are compared with text of 256 KB.
use strict;
use warnings;
use Getopt::Long qw(:config require_order);

my ($ratio, $show) = (200, 0);
GetOptions('ratio=f' => \$ratio, 'show' => \$show) && @ARGV > 1
	or die "usage: $0 [--ratio N] [--show] DIR COMMAND...\n";
my ($dir, @command) = @ARGV;
my @paths = sort glob "$dir/*.eml";
my $list = "$dir/list";
open my $fh, '>', $list or die "$list: $!\n";
print $fh map { "$_\n" } @paths;
close $fh;

my (%seconds, $faults);
my $pid = open my $lines, '-|', @command, $list or die "$command[0]: $!\n";
my $before = 0;
for my $path (@paths) {
	my $line = <$lines> // '';
	my $now = cpu($pid);
	my ($name) = $path =~ m{([^/]+)\.eml$};
	$seconds{$name} = $now < $before ? $now : $now - $before;
	$before = $now;
	fault("$name: no score: $line") unless $line =~ /\A\Q$path\E\t-?[0-9]+\.[0-9]{3}\t/;
}
fault("more lines than messages") if defined <$lines>;
close $lines;
fault("exit status " . ($? >> 8) . ", signal " . ($? & 127)) if $?;

for my $path (@paths) {
	my ($name) = $path =~ m{([^/]+)\.eml$};
	next if $name =~ /^plain-/;
	my $size = 262_144;
	$size *= 2 while $size < -s $path;
	my $plain = $seconds{"plain-$size"} // die "no plain text of $size bytes\n";
	my $times = $seconds{$name} / ($plain || 0.01);
	printf "%-28s %8.2f s, %7.1f times plain text\n", $name, $seconds{$name}, $times if $show;
	fault(sprintf '%s: %.2f s, %.0f times as long as plain text of %d bytes', $name,
	      $seconds{$name}, $times, $size) if $times > $ratio;
}
exit($faults ? 1 : 0);

sub fault
{
	print "$_[0]\n";
	$faults++;
}

# Seconds that the processes which score have used.
sub cpu
{
	my ($parent) = @_;
	my $ticks = 0;
	open my $children, '<', "/proc/$parent/task/$parent/children" or return $before;
	for my $child (split ' ', <$children> // '') {
		open my $stat, '<', "/proc/$child/stat" or next;
		my @field = split ' ', (<$stat> // '') =~ s/\A.*\) //r;
		$ticks += $field[11] + $field[12] if @field > 12;
	}
	return $ticks ? $ticks / 100 : $before;
}
