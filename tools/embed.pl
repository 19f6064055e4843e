#!/usr/bin/perl
# Writes Lua files as one C file on standard output: a table of their names and
# texts. Arguments: the header that declares it, its name (which is that of the
# struct, but for an "s" at its end), the Lua files.
use strict;
use warnings;

my ($header, $table) = splice @ARGV, 0, 2;
(my $struct = $table) =~ s/s$//;
print "/* Made by tools/embed.pl. */\n#include \"$header\"\n\n";
my @rows;
for my $file (@ARGV) {
	my ($name) = $file =~ m{([^/]+)\.lua$} or die "$file: no Lua file";
	open my $fh, '<:raw', $file or die "$file: $!";
	my $text = do { local $/; <$fh> };
	close $fh;
	(my $id = "text_$name") =~ s/\W/_/g;
	print "static const char ${id}[] =\n";
	for my $line (split /^/, $text) {
		$line =~ s/([\\"?])/\\$1/g;
		$line =~ s/\n/\\n/g;
		$line =~ s/\t/\\t/g;
		$line =~ s/([^ -~])/sprintf '\\%03o', ord $1/ge;
		print "\t\"$line\"\n";
	}
	print "\t\"\";\n\n";
	push @rows, "\t{ \"$name\", $id, sizeof($id) - 1 },\n";
}
print "const struct $struct $table\[] = {\n", @rows, "\t{ 0 },\n};\n";
