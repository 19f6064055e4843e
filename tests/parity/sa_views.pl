#!/usr/bin/perl
# Prints what the real SpamAssassin makes of a message before any rule looks at
# it, as lines that can be compared one by one with those of `mekiki views`.
#
#   sa_views.pl [--only SECTION[,SECTION...]] [-C DIR] [--siteconfigpath DIR] FILE...
#
# The format.  A message begins with `message PATH`; sections follow in the
# order below, each begun by its name in brackets.  Fields of a line are parted
# by one TAB.  Every field is octets, of which a backslash and all outside
# 0x20-0x7e are written \xNN (two lower-case hex digits): a text's own newlines
# and TABs too, so that a value is always one field of one line.  A text that is
# characters to Perl stands as its UTF-8.  "Sorted" is by octets.  Numbers that
# are not whole have 6 significant digits (%.6g).  A value that is not defined is
# an empty field.  A section with nothing in it is its name alone.
#
# [headers]	every header name in order of first appearance, lower case, without
#		x-spam-*; two lines each:
#		NAME TAB all values, decoded, each with its newline, joined
#		NAME:raw TAB all values, undecoded, joined
# [all]		SELECTOR TAB its values joined, for ALL, ALL:raw, and ALL-TRUSTED,
#		ALL-UNTRUSTED, ALL-INTERNAL, ALL-EXTERNAL, these also with :raw
# [flags]	NAME TAB 0 or 1, the six names of check_msg_parse_flags and
#		mimepart_limit_exceeded, and crlf (1: lines end in CRLF)
# [tree]	one line a node, parents before children, in the order of the
#		children:  DEPTH TAB type TAB effective type TAB charset (in lower case) TAB name TAB
#		boundary TAB decoded TAB rendered type TAB rendered
#		`decoded` and `rendered` are LENGTH/CRC32 (zlib's, 8 hex digits) of
#		a leaf's octets after transfer decoding, and of its rendered text; a
#		`u` is appended to the latter if it is characters to Perl.  For what
#		is no leaf, or is not rendered, they are empty.
# [body]	one line an element of the body view
# [rawbody]	one line a chunk of the rawbody view
# [visible]	one line an element of the visible text (Subject first)
# [invisible]	one line an element of the invisible text
# [html N]	for each rendered text/html part, N from 0:
#		value TAB KEY TAB number or text	sorted by key
#		inside TAB TAG TAB count		sorted by tag
#		anchor TAB text, comment TAB text, title TAB text, script TAB text:
#		each kind in its order, the kinds in this order
#		uri TAB URI TAB types, comma separated, sorted; followed by
#		uri_anchor TAB URI TAB text (in order); URIs sorted
# [uris]	list TAB URI				what `uri` rules see, sorted
#		raw TAB RAW TAB types			for each RAW, sorted; then
#		cleaned TAB RAW TAB URI			sorted
#		anchor TAB RAW TAB text			in order
#		host TAB RAW TAB HOST TAB DOMAIN	sorted
#		truncated TAB 0 or 1
# [relays]	trusted, untrusted, internal, external TAB the pseudo-header's text
#		num_trusted, num_untrusted, num_internal, num_external,
#		num_unparseable TAB count; last_trusted, last_internal TAB index
# [envelope]	EnvelopeFrom TAB value
# [addrs]	SELECTOR TAB line, for each line of the text that a rule sees, for the
#		selectors below; all_from TAB address (sorted), all_from_domains TAB
#		(sorted), all_to TAB address (in order), in lower case, as all who
#		look at them take them
# [dates]	header TAB seconds (or empty), received TAB seconds (one line each,
#		in order), fetchmail TAB seconds, diff TAB seconds, chosen TAB seconds
#
# A message that SpamAssassin dies on is `message PATH` and `!died`.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Compress::Raw::Zlib ();
use Getopt::Long;
use Judge qw(compiled slurp escape in_child);
use Scalar::Util qw(looks_like_number);

Judge::settle($0, @ARGV);

my @sections = (
	[headers => \&headers], [all => \&all], [flags => \&flags], [tree => \&tree],
	[body => \&body], [rawbody => \&rawbody], [visible => \&visible],
	[invisible => \&invisible], [html => \&html], [uris => \&uris],
	[relays => \&relays], [envelope => \&envelope], [addrs => \&addrs],
	[dates => \&dates],
);
my @selectors = qw(
	From:addr From:name From:name:raw From:first:addr From:last:addr From:addr:host
	From:addr:domain From:domain To:addr To:name To:first:addr To:addr:host
	Cc:addr Cc:name ToCc ToCc:raw ToCc:addr ToCc:name Reply-To:addr Reply-To:name
	Reply-To:first:addr Sender:addr Sender:name Return-Path:addr Resent-From:addr
	Delivered-To:addr Errors-To:addr Disposition-Notification-To:addr
	Message-ID:host Message-ID:domain Message-ID:addr MESSAGEID MESSAGEID:raw
	Received:host Received:domain Received:ip Received:revip Received:last
	Subject:first Subject:last X-Originating-IP:ip X-Spam-Relays-External:ip
	List-Id:domain List-Unsubscribe:host EnvelopeFrom EnvelopeFrom:addr
	EnvelopeFrom:first:addr:host EnvelopeFrom:addr:domain X-SenderDomain
	X-AuthorDomain
);

my $only = '';
GetOptions('only=s' => \$only, Judge::folder_options()) && @ARGV
	or die "usage: $0 [--only SECTION[,SECTION...]] [-C DIR] [--siteconfigpath DIR] FILE...\n";
my %only = map { $_ => 1 } split /,/, $only;
for my $name (keys %only) {
	die "$0: no section $name\n" unless grep { $_->[0] eq $name } @sections;
}

$| = 1;
my $sa = compiled();
for my $path (@ARGV) {
	print 'message ', escape($path), "\n";
	my $views = in_child(120, sub { views($path) });
	print defined $views ? $views : "!died\n";
}

# As a scan does it, in its order, up to where the rules would begin.
sub views
{
	my ($path) = @_;
	my $msg = $sa->parse(slurp($path), 1);
	my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $msg);
	$sa->call_plugins('check_start', { permsgstatus => $pms });
	$msg->delete_header('X-Spam-.*');
	$pms->extract_message_metadata;
	my $out = '';
	for my $section (@sections) {
		my ($name, $code) = @$section;
		next if %only && !$only{$name};
		$out .= "[$name]\n" unless $name eq 'html';
		$out .= eval { $code->($pms, $msg) } // '!died ' . escape($@) . "\n";
	}
	return $out;
}

sub line
{
	return join("\t", map { escape($_) } @_) . "\n";
}

sub number
{
	my ($n) = @_;
	return $n if !looks_like_number($n) || $n =~ /\A-?[0-9]+\z/;
	return sprintf '%.6g', $n;
}

sub sum
{
	my ($text) = @_;
	my $chars = utf8::is_utf8($text);
	utf8::encode($text) if $chars;
	return sprintf '%d/%08x%s', length $text, Compress::Raw::Zlib::crc32($text),
		$chars ? 'u' : '';
}

sub headers
{
	my ($pms, $msg) = @_;
	my ($out, %seen) = ('');
	for my $name (map { lc } @{$msg->{header_order} || []}) {
		next if $seen{$name}++ || !exists $msg->{headers}{$name};
		$out .= line($name, join '', $msg->get_header($name));
		$out .= line("$name:raw", join '', $msg->raw_header($name));
	}
	return $out;
}

sub all
{
	my ($pms) = @_;
	return join '', map { line($_, join '', $pms->get($_)) } map { ($_, "$_:raw") }
		qw(ALL ALL-TRUSTED ALL-UNTRUSTED ALL-INTERNAL ALL-EXTERNAL);
}

sub flags
{
	my ($pms, $msg) = @_;
	my $out = join '', map { line($_, $msg->{$_} ? 1 : 0) }
		qw(missing_head_body_separator truncated_header
		   missing_mime_head_body_separator missing_mime_headers
		   mime_epilogue_exists mimepart_limit_exceeded);
	return $out . line('crlf', $msg->{line_ending} eq "\r\n" ? 1 : 0);
}

sub tree
{
	my ($pms, $msg) = @_;
	my $out = '';
	my @todo = ([$msg, 0]);
	while (my $item = shift @todo) {
		my ($part, $depth) = @$item;
		my @children = @{$part->{body_parts} || []};
		unshift @todo, map { [$_, $depth + 1] } @children;
		my ($decoded, $type, $text) = ('');
		if (!@children) {
			$decoded = sum($part->decode // '');
			($type, $text) = $part->rendered;
		}
		$out .= line($depth, $part->{type}, $part->effective_type,
			     lc($part->{charset} // ''),
			     $part->{name}, $part->{boundary}, $decoded, $type,
			     defined $text ? sum($text) : '');
	}
	return $out;
}

sub body
{
	my ($pms) = @_;
	return join '', map { line($_) } @{$pms->get_decoded_stripped_body_text_array};
}

sub rawbody
{
	my ($pms) = @_;
	return join '', map { line($_) } @{$pms->get_decoded_body_text_array};
}

sub visible
{
	my ($pms, $msg) = @_;
	return join '', map { line($_) } @{$msg->get_visible_rendered_body_text_array};
}

sub invisible
{
	my ($pms, $msg) = @_;
	return join '', map { line($_) } @{$msg->get_invisible_rendered_body_text_array};
}

sub html
{
	my ($pms) = @_;
	my ($n, $out) = (0, '');
	for my $html (@{$pms->{html_all} || []}) {
		$out .= '[html ' . $n++ . "]\n" . html_values($html);
		for my $list (qw(anchor comment title script)) {
			$out .= line($list, $_) for @{$html->{$list} || []};
		}
		my $uris = $html->{uri_detail} || {};
		for my $uri (sort keys %$uris) {
			$out .= line('uri', $uri, join ',', sort keys %{$uris->{$uri}{types} || {}});
			$out .= line('uri_anchor', $uri, $_)
				for @{$uris->{$uri}{anchor_text} || []};
		}
	}
	return $out;
}

sub html_values
{
	my ($html) = @_;
	my $out = '';
	for my $key (sort grep { defined $html->{$_} && !ref $html->{$_} } keys %$html) {
		$out .= line('value', $key, number($html->{$key}));
	}
	my $inside = $html->{inside} || {};
	return $out . join '', map { line('inside', $_, $inside->{$_}) } sort keys %$inside;
}

sub uris
{
	my ($pms) = @_;
	my $detail = $pms->get_uri_detail_list;
	my $out = join '', map { line('list', $_) } sort $pms->get_uri_list;
	for my $raw (sort keys %$detail) {
		my $info = $detail->{$raw};
		my $hosts = $info->{hosts} || {};
		$out .= line('raw', $raw, join ',', sort keys %{$info->{types} || {}});
		$out .= line('cleaned', $raw, $_) for sort @{$info->{cleaned} || []};
		$out .= line('anchor', $raw, $_) for @{$info->{anchor_text} || []};
		$out .= line('host', $raw, $_, $hosts->{$_}) for sort keys %$hosts;
	}
	return $out . line('truncated', $pms->{uri_truncated} ? 1 : 0);
}

sub relays
{
	my ($pms) = @_;
	my $out = '';
	my @sides = qw(trusted untrusted internal external);
	$out .= line($_, $pms->{"relays_${_}_str"}) for @sides;
	$out .= line("num_$_", $pms->{"num_relays_$_"}) for @sides, 'unparseable';
	$out .= line("last_$_", $pms->{"last_${_}_relay_index"}) for qw(trusted internal);
	return $out;
}

sub envelope
{
	my ($pms) = @_;
	return line('EnvelopeFrom', scalar $pms->get('EnvelopeFrom', undef));
}

sub addrs
{
	my ($pms) = @_;
	my $out = '';
	my $piece = qr/:(?:addr|name|host|domain|ip|revip)|\AEnvelopeFrom\z/;
	for my $selector (@selectors) {
		my @values = $pms->get($selector) or next;
		my $text = join $values[0] =~ /\n\z/ ? '' : "\n", @values;
		for my $one ($text =~ /[^\n]*\n|[^\n]+\z/g) {
			chomp $one if $selector =~ $piece;
			$out .= line($selector, $one);
		}
	}
	$out .= line('all_from', $_) for sort map { lc } $pms->all_from_addrs;
	$out .= line('all_from_domains', $_) for sort $pms->all_from_addrs_domains;
	$out .= line('all_to', $_) for map { lc } $pms->all_to_addrs;
	return $out;
}

sub dates
{
	my ($pms) = @_;
	my ($evals) = grep { ref =~ /::HeaderEval$/ } $sa->{plugins}->get_loaded_plugins_list;
	return '' unless $evals;
	$evals->_check_date_received($pms);
	$evals->_check_date_diff($pms);
	my $out = line('header', $pms->{date_header_time});
	$out .= line('received', $_) for @{$pms->{received_header_times} || []};
	return $out . line('fetchmail', $pms->{received_fetchmail_time})
		. line('diff', $pms->{date_diff}) . line('chosen', $pms->{date_received});
}
