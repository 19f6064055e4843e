# Comparing what is given back of a message: masks what cannot be equal (host,
# version, time, boundary) and sorts rows of reports, which SpamAssassin orders as
# Perl orders a hash.
package Reports;
use strict;
use warnings;
use Exporter 'import';
use Judge qw(escape);
use Mail::SpamAssassin::Util ();
use MIME::Base64 qw(decode_base64);

our @EXPORT_OK = qw(first_difference canonical);

# The start of a row, as _SUMMARY_ and _REPORT_ have it.
my $row = qr/(?:\*[ ]+)?[ ]*-?[0-9]+(?:\.[0-9])?[ ]+[A-Za-z][A-Za-z0-9_]+(?=[ \r\n])/;
# What belongs to the row before it.
my $more = qr/(?:\t?\*[ ]{5,}|[ ]{20,}|\t(?!\t*$row))/;

my $host;

sub mask
{
	my ($text) = @_;
	$host //= Mail::SpamAssassin::Util::fq_hostname();
	$text =~ s/\b\Q$host\E\b/HOST/g;
	$text =~ s/\b2024-03-2[0-9]\b|\bmekiki [0-9]+\.[0-9]+\.[0-9]+\b/SUBVERSION/g;
	$text =~ s/----------=_[0-9A-F]{8}\.[0-9A-F]{8}/BOUNDARY/g;
	# The time of a scan, in the one header that has it.
	$text =~ s/^(Received: from localhost by .*?;\r?\n\t)[^\r\n]*/$1DATE/ms;
	return $text;
}

# Rows that follow each other, sorted; a header may begin with one.
sub canonical
{
	my ($text) = @_;
	my (@out, @rows);
	$text = mask($text);
	# A report in one line, and one that begins on the header's own line, where
	# folding leaves a blank in front of the first row only.
	$text =~ s/^(X-Spam-[^\n]*)/in_lines($1)/gme;
	for my $line (split /(?<=\n)/, $text) {
		if ($line =~ /\A\t*$row/) {
			push @rows, $line;
		} elsif (@rows && $line =~ /\A$more/) {
			$rows[-1] .= $line;
		} else {
			push @out, sort(@rows), $line;
			@rows = ();
		}
	}
	return join '', @out, sort @rows;
}

sub in_lines
{
	my ($header) = @_;
	my $plain = $header;
	# Which words are encoded, and how, depends on the order of the rows.
	$plain =~ s/=\?UTF-8\?([QB])\?([^?]*)\?=/word($1, $2)/ge;
	my $rows = $plain =~ s/(?<=\S)(?<!\*)[ ]+
		(?=(?:\*[ ]+)?-?[0-9]+(?:\.[0-9])?[ ][A-Z][A-Z0-9_]{2,}[ ])/\n\t/gx;
	return $header unless $rows;
	$plain =~ s/[ ]*(\r?)\z/\n(end)$1/ if $rows > 1;
	return $plain;
}

sub word
{
	my ($how, $text) = @_;
	return decode_base64($text) if $how eq 'B';
	$text =~ tr/_/ /;
	$text =~ s/=([0-9A-F]{2})/chr hex $1/ge;
	return $text;
}

# Undef, or the first lines that differ.
sub first_difference
{
	my ($sa, $us) = @_;
	return undef if $sa eq $us;
	my ($x, $y) = map { [split /(?<=\n)/, canonical($_)] } $sa, $us;
	for my $i (0 .. ($#$x > $#$y ? $#$x : $#$y)) {
		my ($p, $q) = ($x->[$i], $y->[$i]);
		next if defined $p && defined $q && $p eq $q;
		return join '', map {
			"    $_->[0]: " . (defined $_->[1] ? substr(escape($_->[1]), 0, 600) : '(no line)')
			. "\n"
		} ['SA', $p], ['us', $q];
	}
	return undef;
}

1;
