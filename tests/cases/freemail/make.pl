# Writes messages with each sender, reply address, envelope sender and body
# below into the folder that is named.
use strict;
use warnings;

my ($dir) = @ARGV;
my $n = 0;

sub message
{
	my ($header, $body, $type) = @_;
	my %h = (From => 'x@example.org', To => 'y@example.org', Subject => 'hello',
		'Content-Type' => $type // 'text/plain', %$header);
	open my $fh, '>', sprintf('%s/m%03d.eml', $dir, ++$n) or die $!;
	print $fh "$_: $h{$_}\n" for sort keys %h;
	print $fh "\n", $body // 'Nothing.', "\n";
	close $fh or die $!;
}

my @addrs = qw(
	a@freemail.example.com A@FreeMail.Example.COM a1@freemail.example.com a@x.freemail.example.com
	welcome@freemail.example.com a@wild.org a@wild.co.uk a@x.many.example.com a@x.y.many.example.com
	a@many.example.com a@dot.example.com a@d.t.example.com a@d.example.com abuse@freemail.example.com
	info@freemail.example.com informed@freemail.example.com postmaster@freemail.example.com
	undisclosed-recipients@freemail.example.com request-0123456789abcdef@freemail.example.com
	request-0123456789abcde@freemail.example.com bounce-@freemail.example.com bounce-x@freemail.example.com
	01234567.89abcdef@freemail.example.com 01234567-89ab-cdef-0123-456789abcdef@freemail.example.com
	01234567-89ab-cdef-0123-456789abcde@freemail.example.com a=b=c@freemail.example.com
	a=b@freemail.example.com ==a=@freemail.example.com
);
for my $addr (@addrs) {
	message({ From => $addr });
	message({ 'Reply-To' => "<$addr>" });
	message({ 'X-Other' => $addr });
	message({ From => 'z@other.example.com', 'Reply-To' => $addr });
	message({ From => 'z@other.example.com' }, "Write to $addr or not.");
}
my @envelopes = qw(
	a@example.org list-request@example.org list-bounces@example.org x-admin@example.org
	owner-x@example.org owner-@example.org sentto-1-2@example.org bounced-1@example.org
	grbounce-1@example.org postmaster@example.org xpostmaster@example.org double-bounce@example.org
	noreply@example.org no-reply@example.org do-not-reply@example.org donotreply@example.org
	xnoreply@example.org x-noreply@example.org noreplies@example.org no.reply@example.org
	noxreply@example.org do--noreply@example.org dono-reply@example.org a=b@example.org =b@example.org
	a=@example.org return-x@example.org reply@example.org
);
message({ From => 'a@freemail.example.com', 'Reply-To' => 'b@other.example.com', 'Return-Path' => "<$_>" })
	for @envelopes;
my $mine = { From => 'z@freemail.example.com' };
my $answer = { From => 'z@freemail.example.com', 'Reply-To' => 'z@freemail.example.com' };
my $elsewhere = { From => 'z@freemail.example.com', 'Reply-To' => 'z@example.org' };
for my $body (
	'b@other.example.com', 'z@freemail.example.com', '<a@freemail.example.com> is stripped, b@other.example.com not',
	'<b@other.example.com>', 'mailto:b@other.example.com>', '<mailto:x.b@other.example.com>',
	'a@freemail.example.com wrote: b@other.example.com fax: c@other.example.com  tel: x',
	"a\@freemail.example.com\nschrieb: x", 'a@freemail.example.com w: x', 'a@freemail.example.com abcdefghijkl: x',
	'http://x.example.org/?b@other.example.com', 'http://x.example.org/?b%40other.example.com y',
	'<http://x.example.org/ b@other.example.com', 'http://x.example.org/' . 'x' x 260 . '?b@other.example.com',
	'http://x.example.org/' . 'x' x 240 . '?b@other.example.com' . 'y' x 300,
	'.b@other.example.com', 'x..b@other.example.com', 'b.@other.example.com', 'x' x 64 . '@other.example.com',
	'x' x 65 . '@other.example.com', 'y.' . 'x' x 64 . '@other.example.com', 'b@other.example.com.', 'b@other.example.com-',
	'b@other.example.com_x', 'b@other.example.com.x', 'b@other.example.com.-', 'b@-other.example.com',
	'b@a.b.c.d.many.example.com', 'b@a.b.c.many.example.com', 'b@x.' . 'y' x 61 . '.com b@' . 'y' x 62 . '.com',
	"b'c\@other.example.com", '"b@other.example.com"', "\xe9b\@other.example.com", 'c@@other.example.com',
	'B@OTHER.example.com and b@other.example.com', join(' ', map { "u$_\@example.org" } 1 .. 4),
	join(' ', map { "u$_\@example.org" } 1 .. 5), join(' ', map { "u$_\@other.example.com" } 1 .. 2),
	join(' ', map { "u$_\@other.example.com" } 1 .. 3),
) {
	message($_, $body) for $mine, $answer, $elsewhere, {};
}
message($mine, $_, 'text/html') for
	'<a href="mailto:b@other.example.com">x</a>', '<a href="mailto:b@other.example.com?subject=y">x</a>',
	'<a href="mailto:b@other.example.com">b@other.example.com</a>', '<img src="mailto:b@other.example.com">',
	'<a href="MAILTO:b@other.example.com">x</a>', '<a href="mailto:%20b@other.example.com">x</a>',
	join('', map { "<a href=\"mailto:u$_\@example.org\">x</a>" } 1 .. 25);
