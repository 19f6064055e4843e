#!/usr/bin/perl
# What SpamAssassin makes of Received lines and of dates: the other half of
# received_dump.c, which prints the same for ours.
#
#   sa_received.pl received < lines    one relay, "ignored", "fetched", or
#                                      "unparseable" a line
#   sa_received.pl date < lines        seconds since 1970, or "none"
#
# Lines are escaped: \n, \t, \r, \\ and \xNN.
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::Util qw(parse_rfc822_date);
use Mail::SpamAssassin::Message::Metadata;
use Mail::SpamAssassin::Message::Metadata::Received;

sub unescape {
  my ($s) = @_;
  my %c = (n => "\n", t => "\t", r => "\r", '\\' => '\\');
  $s =~ s{\\(?:x([0-9a-f]{2})|(.))}{defined $1 ? chr(hex $1) : $c{$2} // $2}ge;
  return $s;
}

sub escape {
  my ($s) = @_;
  $s =~ s/([^\x20-\x7e]|\\)/sprintf('\\x%02x', ord $1)/ge;
  return $s;
}

my $fetched;
{
  no warnings qw(redefine once);
  *Mail::SpamAssassin::Message::Metadata::found_pop_fetcher_sig =
    sub { $fetched = 1 };
}

sub received {
  my ($line) = @_;
  my $meta = bless {}, 'Mail::SpamAssassin::Message::Metadata';
  $fetched = 0;
  $line =~ s/\n[ \t]+/ /gs;
  my $relay = $meta->parse_received_line($line);
  return 'unparseable' unless defined $relay;
  return 'fetched' if $fetched;
  if (!$relay) {
    my $e = $meta->{qmail_scanner_env_from};
    return defined $e ? 'ignored ' . escape($e) : 'ignored';
  }
  return escape(sprintf('%s private=%d nordns=%d envfrom=%d',
    $relay->{as_string}, $relay->{ip_private} ? 1 : 0,
    $relay->{no_reverse_dns} ? 1 : 0, defined $relay->{envfrom} ? 1 : 0));
}

my $what = shift // '';
die "usage: $0 received|date < lines\n" unless $what =~ /^(received|date)$/;
while (my $line = <STDIN>) {
  chomp $line;
  $line = unescape($line);
  if ($what eq 'date') {
    my $t = parse_rfc822_date($line);
    print defined $t ? "$t\n" : "none\n";
  } else {
    print received($line), "\n";
  }
}
