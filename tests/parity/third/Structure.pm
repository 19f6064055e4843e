# The shape of messages: multiparts in multiparts, and whatever can be wrong with
# boundaries, blank lines, line ends and transfer encodings.
package Structure;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Mail qw(mail leaf multipart coded top received);
use MIME::Base64 qw(encode_base64);

my @kinds = qw(mixed alternative related report signed digest parallel x-unknown appledouble form-data);
my @plain = map { "text/$_" } qw(plain plain plain enriched css x-vcard calendar rtf markdown csv);
my @other = ('application/octet-stream', 'application/pdf; name="a.pdf"', 'image/gif; name=a.gif', 'application/x-zip-compressed; name="b.zip"',
	'application/msword', 'audio/x-wav', 'video/mp4', 'application/ms-tnef; name=winmail.dat', 'message/disposition-notification', 'application/json');

sub text_leaf
{
	my $html = chance(35);
	my $text = $html ? "<html><body><p>" . sentence() . "</p>\n<div>" . sentence() . "</div></body></html>\n" : paragraph(1 + rnd(5)) . "\n";
	my $e = pick('7bit', '8bit', 'quoted-printable', 'base64', '', 'binary');
	return leaf(($html ? 'text/html' : pick(@plain)) . '; charset=' . pick('utf-8', 'us-ascii', 'iso-8859-1'), $e, $text,
		chance(20) ? 'Content-Disposition: ' . pick('inline', 'attachment', 'attachment; filename="c.txt"') : (),
		chance(10) ? 'Content-ID: <' . rnd(9999) . '@example.com>' : (), chance(5) ? 'Content-Description: ' . words(3) : ());
}
sub part
{
	my ($depth) = @_;
	return leaf('message/' . pick(qw(rfc822 rfc822 global)), '', mail(top(), part($depth + 1))) if chance(12);
	return multipart(pick(@kinds), map { part($depth + 1) } 1 .. 1 + rnd(4)) if $depth < 7 && chance(45 - 4 * $depth);
	return leaf(pick(@other), pick('base64', '7bit', 'quoted-printable'), paragraph(3)) if chance(20);
	return text_leaf();
}
sub nested { return mail(top(), multipart(pick(@kinds), map { part(1) } 1 .. 1 + rnd(4))) }

# One damage to a well-formed message.
my %damage = (
	'no-end' => sub { $_[0] =~ s/^--(\S.*)--\s*$/--$1/gmr },
	'no-last-end' => sub { $_[0] =~ s/\n--\S[^\n]*--\n*\z/\n/r },
	'boundary-space' => sub { $_[0] =~ s/^(--\S.*)$/$1  /gmr },
	'boundary-case' => sub { $_[0] =~ s/^(--\S.*)$/uc $1/gmer },
	'boundary-unquoted' => sub { $_[0] =~ s/boundary="([^"]*)"/boundary=$1/gr },
	'boundary-missing' => sub { $_[0] =~ s/;\s*boundary="[^"]*"//r },
	'boundary-other' => sub { $_[0] =~ s/boundary="([^"]*)"/boundary="x$1"/r },
	'boundary-empty' => sub { $_[0] =~ s/boundary="([^"]*)"/boundary=""/r },
	'boundary-twice' => sub { $_[0] =~ s/boundary="([^"]*)"/boundary="y"; boundary="$1"/r },
	'boundary-prefix' => sub { my ($b) = $_[0] =~ /boundary="([^"]*)"/; $b //= 'b'; $_[0] =~ s/\n\n(?=[A-Z])/\n\n--${b}more\n/r },
	'boundary-folded' => sub { $_[0] =~ s/boundary="(.)/boundary="$1\n\t/r },
	'boundary-2231' => sub { $_[0] =~ s/boundary="([^"]{3})([^"]*)"/boundary*0="$1"; boundary*1="$2"/r },
	'blank-missing' => sub { $_[0] =~ s/\n\n/\n/r },
	'part-blank-missing' => sub { $_[0] =~ s/^(--\S.*\n(?:[\w-]+:.*\n(?:[ \t].*\n)*)+)\n/$1/mr },
	'blank-space' => sub { $_[0] =~ s/\n\n/\n \n/gr },
	'blank-cr' => sub { $_[0] =~ s/\n\n/\n\r\n/gr },
	'many-blanks' => sub { $_[0] =~ s/\n\n/"\n" x 40/ger },
	'crlf' => sub { $_[0] =~ s/\n/\r\n/gr },
	'crlf-header' => sub { my ($h, $b) = split /\n\n/, $_[0], 2; ($h =~ s/\n/\r\n/gr) . "\r\n\r\n$b" },
	'crlf-body' => sub { my ($h, $b) = split /\n\n/, $_[0], 2; "$h\n\n" . ($b =~ s/\n/\r\n/gr) },
	'crlf-last' => sub { $_[0] =~ s/\n\z/\r\n/r },
	'bare-cr' => sub { $_[0] =~ s/\n/\r/gr },
	'some-cr' => sub { my $n = 0; $_[0] =~ s/\n/++$n % 5 ? "\n" : "\r"/ger },
	'lfcr' => sub { $_[0] =~ s/\n/\n\r/gr },
	'crcrlf' => sub { $_[0] =~ s/\n/\r\r\n/gr },
	'nul-header' => sub { $_[0] =~ s/^(Subject: \w+)/$1\0/mr },
	'nul-body' => sub { $_[0] =~ s/(\n\n.{5})/$1\0\0/gsr },
	'nul-type' => sub { $_[0] =~ s/text\//text\0\//r },
	'controls' => sub { $_[0] =~ s/ (?=[a-z])/chance(20) ? pick("\x01", "\x0b", "\x0c", "\x1f", "\x7f", ' ') : ' '/ger },
	'eight-bit-names' => sub { $_[0] =~ s/^Subject/S\xfcbject/mr },
	'type-twice' => sub { $_[0] =~ s/^(Content-Type:)/Content-Type: text\/html\n$1/mr },
	'type-after' => sub { $_[0] =~ s/^(Content-Type:.*\n(?:[ \t].*\n)*)/$1Content-Type: text\/plain; charset=koi8-r\n/mr },
	'type-empty' => sub { $_[0] =~ s/^Content-Type: [^;\n]*/Content-Type: /mr },
	'type-space' => sub { $_[0] =~ s/^Content-Type:/Content-Type :/mr },
	'type-junk' => sub { $_[0] =~ s/^(Content-Type: [^;\n]*)/$1 junk (comment) "quoted"; =; x; y=; "z"=1/mr },
	'cte-junk' => sub { $_[0] =~ s/^(Content-Transfer-Encoding: \S+)/$1 (comment)/gmr },
	'cte-wrong' => sub { $_[0] =~ s/^(Content-Transfer-Encoding:) \S+/$1 base64/gmr },
	'cte-wrong-qp' => sub { $_[0] =~ s/^(Content-Transfer-Encoding:) \S+/$1 quoted-printable/gmr },
	'cte-uu' => sub { $_[0] =~ s/^(Content-Transfer-Encoding:) \S+/$1 x-uuencode/gmr },
	'cte-twice' => sub { $_[0] =~ s/^(Content-Transfer-Encoding:) \S+/$1 8bit\n$&/gmr },
	'header-spaces' => sub { $_[0] =~ s/^([\w-]+):/$1 :/gmr },
	'header-nocolon' => sub { $_[0] =~ s/^(Date: )/this line has none\n$1/mr },
	'header-nocolons' => sub { $_[0] =~ s/^(Date: )/one\ntwo\nthree\nfour\nfive\n$1/mr },
	'header-first-fold' => sub { " folded first line\n$_[0]" },
	'header-blank-first' => sub { "\n$_[0]" },
	'mbox' => sub { "From a\@example.com Tue Mar  3 10:11:12 2020\n" . ($_[0] =~ s/^From /">From "/gmer) },
	'mbox-quoted' => sub { ">From a\@example.com Tue Mar  3 10:11:12 2020\n$_[0]" },
	'bom' => sub { "\xef\xbb\xbf$_[0]" },
	'header-only' => sub { (split /\n\n/, $_[0], 2)[0] . "\n" },
	'header-only-blank' => sub { (split /\n\n/, $_[0], 2)[0] . "\n\n" },
	'body-only' => sub { (split /\n\n/, $_[0], 2)[1] },
	'no-last-newline' => sub { $_[0] =~ s/\s+\z//r },
	'preamble-headers' => sub { $_[0] =~ s/\n\n/\n\nContent-Type: text\/html\nX-Preamble: yes\n\n/r },
	'epilogue' => sub { $_[0] . "\nan epilogue\nhttp://www.example.com/epilogue\n" },
	'long-lines' => sub { $_[0] =~ s/^(?=[A-Z][a-z]+ [a-z]+ )/'longword ' x 400/gmer },
	'base64-broken' => sub { $_[0] =~ s/^([A-Za-z0-9+\/]{20})([A-Za-z0-9+\/]{20,}={0,2})$/$1=*$2/gmr },
	'base64-short' => sub { $_[0] =~ s/^([A-Za-z0-9+\/]{41,})={0,2}$/substr $1, 0, -3/gmer },
	'qp-broken' => sub { $_[0] =~ s/=([0-9A-F]{2})/=\L$1/gr =~ s/(?<=[a-z]) (?=[a-z])/chance(5) ? '=' : ' '/ger },
	'dot-stuffed' => sub { $_[0] =~ s/\n(?=[a-z])/\n../gr },
	'tabs' => sub { $_[0] =~ s/^([\w-]+): /$1:\t/gmr },
);

sub deep { my $p = text_leaf(); $p = multipart(pick(@kinds), $p, chance(30) ? text_leaf() : ()) for 1 .. $_[0]; return mail(top(), $p) }
sub messages_in { my $p = text_leaf(); $p = leaf('message/rfc822', '', mail(top(), $p)) for 1 .. $_[0]; return mail(top(), $p) }

my %special = (
	'deep-10' => sub { deep(10) }, 'deep-19' => sub { deep(19) }, 'deep-20' => sub { deep(20) }, 'deep-30' => sub { deep(30) },
	'inside-8' => sub { messages_in(8) }, 'inside-25' => sub { messages_in(25) },
	'many-parts' => sub { mail(top(), multipart('mixed', map { "\n$_\n" } 1 .. 1100)) },
	'empty' => sub { '' }, 'newline' => sub { "\n" }, 'newlines' => sub { "\n\n\n" }, 'nul' => sub { "\0" }, 'word' => sub { 'word' },
	'only-from' => sub { "From a\@example.com Tue Mar  3 10:11:12 2020\n" }, 'spaces' => sub { "   \n  \n" },
	'huge-body' => sub { mail(top(), leaf('text/plain', '', paragraph(3000))) },
	'huge-line' => sub { mail(top(), leaf('text/plain', '', words(9000) . "\n")) },
	'huge-word' => sub { mail(top(), leaf('text/plain', '', ('x' x 70000) . " end\n")) },
	'huge-html' => sub { mail(top(), leaf('text/html', '', '<p>' . join('<p>', map { sentence() } 1 .. 2500))) },
	'huge-base64' => sub { mail(top(), leaf('text/plain', 'base64', paragraph(2000))) },
	'partial' => sub { mail(top(), "Content-Type: message/partial; number=2; total=3;\n\tid=\"a\@example.com\"\n\n" . paragraph(5) . "\n") },
	'external-body' => sub { mail(top(), "Content-Type: message/external-body; access-type=URL;\n\tURL=\"http://www.example.com/a\"\n\nContent-Type: image/gif\n\n") },
	'digest' => sub { mail(top(), multipart('digest', map { "\n" . mail(top(), leaf('text/plain', '', sentence() . "\n")) } 1 .. 4)) },
	'rfc822-base64' => sub { mail(top(), multipart('mixed', leaf('message/rfc822', 'base64', mail(top(), text_leaf())))) },
	'rfc822-qp' => sub { mail(top(), multipart('mixed', leaf('message/rfc822', 'quoted-printable', mail(top(), text_leaf())))) },
	'rfc822-empty' => sub { mail(top(), multipart('mixed', "Content-Type: message/rfc822\n\n", text_leaf())) },
	'rfc822-name' => sub { mail(top(), multipart('mixed', leaf('message/rfc822; name="a.html"', '', mail(top(), text_leaf())))) },
	'multipart-base64' => sub { my ($t, $b) = multipart('mixed', text_leaf()) =~ /\A(.*?\n)\n(.*)\z/s; mail(top(), "${t}Content-Transfer-Encoding: base64\n\n" . encode_base64($b)) },
	'no-type-html' => sub { mail(top(), "\n<html><body><b>" . sentence() . "</b></body></html>\n") },
	'flowed' => sub { mail(top(), leaf('text/plain; format=flowed; delsp=yes', '', join(" \n", map { sentence() } 1 .. 9) . "\n-- \nname\n")) },
	'quoted-mail' => sub { mail(top(), leaf('text/plain', '', "On Tuesday a wrote:\n" . (paragraph(6) =~ s/^/> /gmr) . "\n" . sentence() . "\n")) },
	'same-boundary' => sub { my $x = 'same'; mail(top(), "Content-Type: multipart/mixed; boundary=$x\n\n--$x\nContent-Type: multipart/alternative; boundary=$x\n\n--$x\n\none\n--$x\n\ntwo\n--$x--\n--$x\n\nthree\n--$x--\n") },
);

sub messages
{
	my @out = map { my $n = $_; ["nested-$n", \&nested] } 'a01' .. 'a45';
	for my $name (sort keys %damage) {
		push @out, ["$name-$_", sub { $damage{$name}->(chance(70) ? nested() : mail(top(), text_leaf())) }] for 1 .. 2;
	}
	return @out, map { [$_, $special{$_}] } sort keys %special;
}

1;
