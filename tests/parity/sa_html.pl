#!/usr/bin/perl
# What Mail::SpamAssassin::HTML makes of HTML, in the form of html_dump.c, to
# be compared with diff.
#
#   sa_html.pl FILE...      each FILE is octets (Latin-1 characters)
#   sa_html.pl -u FILE...   each FILE is UTF-8 that is decoded first
#   ... -                   names of files are read from stdin, one a line
use strict;
use warnings;
use Encode ();
use Mail::SpamAssassin::HTML;

binmode STDOUT;

sub octets {
  my ($s) = @_;
  utf8::encode($s) if utf8::is_utf8($s);
  $s =~ s/([^\x21-\x5b\x5d-\x7e ])/sprintf("\\x%02x", ord $1)/ge;
  return $s;
}

sub kind { return utf8::is_utf8($_[0]) ? "wide" : "octets" }

sub number { my $n = sprintf("%.9g", $_[0]); return $n }

# The results that are one number.
my @numbers = qw(backhair_count bad_tag_ratio closed_extra_ratio embeds
  font_face_bad font_invalid_color font_low_contrast form_action_mailto html
  html_length image_area length max_size min_size non_element_ratio
  non_space_len obfuscation_ratio ratio);

sub dump_lists {
  my ($r) = @_;
  for my $list (qw(comment title script anchor)) {
    print "$list ", octets($_), "\n" for @{ $r->{$list} || [] };
  }
  for my $uri (sort { octets($a) cmp octets($b) } keys %{ $r->{uri_detail} || {} }) {
    my $u = $r->{uri_detail}{$uri};
    print "uri ", octets($uri), " ", join(",", sort keys %{ $u->{types} || {} }),
      "\n";
    print "  text ", octets($_), "\n" for @{ $u->{anchor_text} || [] };
  }
}

sub dump_file {
  my ($name, $utf8) = @_;
  open(my $fh, '<:raw', $name) or die "$name: $!\n";
  my $text = do { local $/; <$fh> };
  $text = '' unless defined $text;
  my $octets = length $text;
  $text = Encode::decode('UTF-8', $text) if $utf8;

  my $html = Mail::SpamAssassin::HTML->new(1, 1);
  $html->parse($text);
  my $r = $html->get_results() || {};
  my $all = $html->get_rendered_text();
  my $space;
  if (utf8::is_utf8($all)) {
    (my $copy = $all) =~ s/\S+//g;
    $space = length $copy;
  } else {
    $space = $all =~ tr/ \t\n\r\x0b//;
  }
  $r->{html_length} = length $all;
  $r->{non_space_len} = length($all) - $space;
  $r->{ratio} = ($octets - length $all) / $octets if $octets;

  print "FILE $name\n";
  print "text ", kind($all), " ", octets($all), "\n";
  for my $inv (0, 1) {
    my $t = $html->get_rendered_text(invisible => $inv);
    print $inv ? "invisible " : "visible ", kind($t), " ", octets($t), "\n";
  }
  for my $key (@numbers) {
    print "$key ", number($r->{$key}), "\n" if defined $r->{$key};
  }
  print "uri_truncated\n" if $r->{uri_truncated};
  for my $tag (sort { octets($a) cmp octets($b) } keys %{ $r->{inside} || {} }) {
    print "inside ", octets($tag), " ", $r->{inside}{$tag}, "\n";
  }
  dump_lists($r);
}

my $utf8 = 0;
for my $arg (@ARGV) {
  if ($arg eq '-u') { $utf8 = 1; next }
  if ($arg ne '-') { dump_file($arg, $utf8); next }
  while (my $name = <STDIN>) { chomp $name; dump_file($name, $utf8) }
}
