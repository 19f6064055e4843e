#!/usr/bin/perl
# Prints what the real SpamAssassin's Bayes learns of messages.
#
#   sa_tokens.pl [--cf LINE]... FILE...      or "-": names on stdin
#
# A message begins with `message PATH`.  [scan] and [learn] list the tokens of a
# message that is scored and of one that is learned by hand, sorted: the token's
# name in hexadecimal, TAB, its text (its first 200 octets; octets outside
# 0x20-0x7e and backslashes as \xNN).  [ids]: the names under which a message is
# remembered, in the order in which they are asked.  [ignored]: 1 if
# bayes_ignore_from or bayes_ignore_to names it.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Judge qw(compiled slurp escape in_child);

Judge::settle($0, @ARGV);
my @cf;
GetOptions('cf=s' => \@cf) && @ARGV or die "usage: $0 [--cf LINE]... FILE...\n";
$Judge::OVERRIDES .= "$_\n" for @cf;

# As with Redis and SQL: no token is mistaken for a record of the database.
package NoStore { sub get_magic_re { return undef } sub untie_db { } }

my $sa = compiled();
my ($bayes) = grep { ref($_) =~ /::Bayes$/ } @{$sa->{plugins}->{plugins}}
	or die "$0: there is no Bayes\n";
$bayes->{store} = bless {}, 'NoStore';
$| = 1;
my @names = map { $_ eq '-' ? map { s/\n//r } <STDIN> : $_ } @ARGV;
for my $path (@names) {
	print 'message ', $path, "\n";
	my $text = in_child(120, sub { tokens($path) });
	print defined $text ? $text : "!died\n";
}

sub tokens
{
	my ($path) = @_;
	my $msg = $sa->parse(slurp($path), 1);
	my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $msg);
	$sa->call_plugins('check_start', { permsgstatus => $pms });
	$msg->delete_header('X-Spam-.*');
	$pms->extract_message_metadata;
	my $out = section('scan', $bayes->tokenize($msg,
		$bayes->_get_msgdata_from_permsgstatus($pms)));
	my $ignored = $bayes->ignore_message($pms) ? 1 : 0;

	$msg = $sa->parse(slurp($path), 1);
	$out .= section('learn', $bayes->tokenize($msg,
		$bayes->get_body_from_msg($msg)));
	my @ids = grep { defined } $msg->generate_msgid, $msg->get_msgid;
	return $out . join('', "[ids]\n", map { escape($_) . "\n" } @ids)
		. "[ignored]\n$ignored\n";
}

sub section
{
	my ($name, $tokens) = @_;
	return join '', "[$name]\n", sort map {
		unpack('H*', $_) . "\t" . escape(substr $tokens->{$_}, 0, 200) . "\n"
	} keys %$tokens;
}
