#!/usr/bin/perl
# Messages that are long for what they say: nesting and numbers around the limits.
use strict;
use warnings;

sub put
{
	my ($name, $text) = @_;
	open my $fh, '>:raw', "$ARGV[0]/$name.eml" or die "$name: $!\n";
	print $fh "From: a\@example.com\nSubject: x\n$text";
}

sub nested
{
	my ($depth, $type) = @_;
	my $text = '';
	for my $i (0 .. $depth) {
		$text .= "Content-Type: multipart/mixed; boundary=\"b$i\"\n\n--b$i\n"
			. "Content-Type: text/plain\n\ndeep $i\n--b$i\n" if $type eq 'multipart';
		$text .= "Content-Type: message/rfc822\n\nSubject: deep $i\n" if $type eq 'message';
	}
	return $text . "Content-Type: text/plain\n\none\n";
}

put('deep', nested(30, 'multipart'));
put('deepmessage', nested(30, 'message'));
put('deepedge', nested(18, 'multipart'));
for my $parts (999, 1000, 1001, 1005) {
	put("parts$parts", "Content-Type: multipart/mixed; boundary=b\n\n"
	    . join('', map { "--b\nContent-Type: text/plain\n\npart $_\n" } 1 .. $parts)
	    . "--b--\n");
}
put('partsnested', "Content-Type: multipart/mixed; boundary=b\n\n"
    . join('', map { my $i = $_; "--b\nContent-Type: multipart/mixed; boundary=c$i\n\n"
	. join('', map { "--c$i\n\npart " . ($i * 100 + $_) . "\n" } 1 .. 100) . "--c$i--\n" } 1 .. 12)
    . "--b--\n");
put('longvalue', 'X-Long: ' . 'x' x 9000 . "\n\none\n");
put('longname', 'X' x 300 . ": y\n\none\n");
put('longfolded', "X-Long: x\n" . " folded line\n" x 1000 . "\none\n");
put('longline', "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" . 'one ' x 1500
    . "\n--b\nContent-Transfer-Encoding: quoted-printable\n\n" . '=41' x 1500
    . "\n--b\nContent-Transfer-Encoding: base64\n\n" . 'b25l' x 1500 . "\n--b--\n");
put('longlineplain', "\n" . 'one ' x 1500 . "\n");
put('blanks', "\none" . "\n" x 60 . "two\n");
put('blankspaces', "\none" . " \t\n" x 60 . "two\n");
put('allheaders', join('', map { "X-H$_: " . 'y' x 3000 . "\n" } 1 .. 30) . "\none\n");
