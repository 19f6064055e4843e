#!/usr/bin/perl
# Checks what the compiler does not: banned functions, files over 600 lines,
# functions over 80 lines, headers that do not compile alone, essays at the
# top of files. Run from the top of the tree.
use strict;
use warnings;

my $banned = qr/(?<![\w>.])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca)\s*\(/;
my $heap = qr/\b(?:malloc|calloc|realloc|strdup|strndup)\s*\(/;
my $faults = 0;
sub fault { print STDERR "$_[0]\n"; $faults++ }

for my $file (glob('engine/*/*.[ch] lua/*.[ch] redis/*.[ch] tests/unit/*/*.c tests/fuzz/*.c')) {
	open my $fh, '<', $file or die "$file: $!";
	my @lines = <$fh>;
	close $fh;
	my $product = $file =~ m{^(?:engine|lua|redis)/};
	fault("$file: has no essay at its top") unless $lines[0] =~ m{^/\*};
	fault("$file: " . @lines . " lines (600 at most)")
		if $product && @lines > 600;
	my $start = 0;
	for my $i (0 .. $#lines) {
		my $n = $i + 1;
		fault("$file:$n: $1 is banned") if $lines[$i] =~ $banned;
		fault("$file:$n: heap memory comes from base/mem.h")
			if $product && $file !~ m{^engine/base/} &&
			   $lines[$i] =~ $heap;
		$start = $n if $lines[$i] =~ /^\{/;
		if ($lines[$i] =~ /^\}/ && $start) {
			my $len = $n - $start;
			fault("$file:$start: a function of $len lines (80 at most)")
				if $product && $len > 80;
			$start = 0;
		}
	}
}
my $flags = `pkg-config --cflags lua5.4`;
chomp $flags;
my @headers = glob('engine/*/*.h lua/*.h redis/*.h');
my $cc = $ENV{CC} || 'gcc';
for my $part (0, 1) {
	next if fork;
	$faults = 0;
	for my $h (@headers[grep { $_ % 2 == $part } 0 .. $#headers]) {
		(my $name = $h) =~ s{^engine/}{};
		system("echo '#include \"$name\"' | $cc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Iengine -I. $flags -fsyntax-only -x c -") == 0
			or fault("$h: does not compile alone");
	}
	exit($faults ? 1 : 0);
}
while (wait > 0) {
	$faults++ if $?;
}
print "style: ", ($faults ? "$faults faults" : "fine"), "\n";
exit($faults ? 1 : 0);
