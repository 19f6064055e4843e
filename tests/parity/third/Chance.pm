# Chance that a seed repeats everywhere, and the texts that messages are filled with.
package Chance;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(seed rnd pick chance words sentence paragraph);

my $state = 1;
sub seed { $state = ($_[0] * 2654435761) % 4294967296 || 1 }
sub rnd
{
	my ($n) = @_;
	$state ^= $state << 13 & 0xffffffff;
	$state ^= $state >> 17;
	$state ^= $state << 5 & 0xffffffff;
	return $n > 0 ? $state % $n : 0;
}
sub pick { return $_[rnd(scalar @_)] }
sub chance { return rnd(100) < $_[0] }

my @words = qw(please find the minutes of our meeting attached there was some trouble with
	printers on Tuesday so we moved everybody to second floor until repairs are done lunch is
	served at noon harbour garden bridge invoice number order shipped yesterday by train
	thanks for your patience and help regards kitchen window report quarter river village
	schedule next week review draft comments welcome library street winter summer music);
sub words { return join ' ', map { pick(@words) } 1 .. $_[0] }
sub sentence { return ucfirst(words(4 + rnd(10))) . pick('.', '.', '.', '?', '!') }
sub paragraph { return join "\n", map { sentence() } 1 .. $_[0] }

1;
