#!/usr/bin/perl
# Writes lua/lib/*.lua as one C file on standard output: the table
# lua_embedded[] of lua/vm.h. Arguments: the Lua files.
use strict;
use warnings;

print "/* Made by tools/embed.pl from lua/lib/ *.lua. */\n#include \"lua/vm.h\"\n\n";
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
print "const struct lua_embedded lua_embedded[] = {\n", @rows, "\t{ 0 },\n};\n";
