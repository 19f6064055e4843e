#!/usr/bin/perl
# What Mail::SpamAssassin::HTML makes of HTML, in the form of html_print.h, to
# be compared with diff.
#
#   sa_html.pl FILE...      each FILE is octets (Latin-1 characters)
#   sa_html.pl -u FILE...   each FILE is UTF-8 that is decoded first
#   sa_html.pl -8 FILE...   each FILE is not decoded, as normalize_charset 0 has it
#   ... -                   names of files are read from stdin, one a line
#   sa_html.pl -t <TABLE    answers a table of snippets: copies its lines
#                           "html ..." (octets), "utf8 ..." (decoded) and
#                           "octs ..." (not decoded) with the answers, in their
#                           brief form, behind each
#   sa_html.pl -x OUT MAIL...  no answers: writes the HTML parts of mails, as
#                           SpamAssassin decodes them, to the folder OUT, named
#                           *.u if they are decoded text, else *.o
use strict;
use warnings;
use Encode ();
use Mail::SpamAssassin::HTML;
use Mail::SpamAssassin::Message;

binmode STDOUT;

sub octets {
  my ($s) = @_;
  utf8::encode($s) if utf8::is_utf8($s);
  $s =~ s/([^\x21-\x5b\x5d-\x7e ])/sprintf("\\x%02x", ord $1)/ge;
  return $s;
}

# What Perl prints: Latin-1 if that will do.
sub printed { my ($s) = @_; utf8::downgrade($s, 1); return octets($s) }

sub text { return (utf8::is_utf8($_[0]) ? "wide " : "octets ") . octets($_[0]) }

# The results that are one number; in the brief form only with a value other
# than this. undef: always then, '': never.
my @numbers = (backhair_count => undef, bad_tag_ratio => 0,
  closed_extra_ratio => 0, embeds => undef, font_face_bad => undef,
  font_invalid_color => undef, font_low_contrast => undef,
  form_action_mailto => undef, html => 1, html_length => '', image_area => 0,
  length => '', max_size => 3, min_size => 3, non_element_ratio => 0,
  non_space_len => '', obfuscation_ratio => undef, ratio => '');

sub print_numbers {
  my ($r, $brief) = @_;
  for (my $i = 0; $i < @numbers; $i += 2) {
    my ($key, $usual) = @numbers[$i, $i + 1];
    next if !defined $r->{$key};
    next if $brief && defined $usual && ($usual eq '' || $r->{$key} == $usual);
    printf "%s %.9g\n", $key, $r->{$key};
  }
}

sub print_lists {
  my ($r) = @_;
  my $inside = $r->{inside} || {};
  my @inside = sort map { octets($_) . "=" . $inside->{$_} } keys %$inside;
  print "inside @inside\n" if @inside;
  for my $list (qw(comment title script anchor)) {
    print "$list ", printed($_), "\n" for @{ $r->{$list} || [] };
  }
  my $uris = $r->{uri_detail} || {};
  for my $uri (sort { octets($a) cmp octets($b) } keys %$uris) {
    my $u = $uris->{$uri};
    print "uri ", octets($uri), " ",
      join(",", sort keys %{ $u->{types} || {} }), "\n";
    print "  text ", printed($_), "\n" for @{ $u->{anchor_text} || [] };
  }
}

sub answer {
  my ($text, $input, $brief) = @_;
  my $octets = length $text;
  $text = Encode::decode('UTF-8', $text) if $input eq 'utf8';

  my $html = Mail::SpamAssassin::HTML->new($input ne 'octs', 1);
  $html->parse($text);
  my $r = $html->get_results() || {};
  my $all = $html->get_rendered_text();
  my $visible = $html->get_rendered_text(invisible => 0);
  my $invisible = $html->get_rendered_text(invisible => 1);
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

  print "text ", text($all), "\n";
  print "visible ", text($visible), "\n"
    unless $brief && octets($visible) eq octets($all);
  print "invisible ", text($invisible), "\n"
    unless $brief && $invisible eq '';
  print_numbers($r, $brief);
  print "uri_truncated\n" if $r->{uri_truncated};
  print_lists($r);
}

sub slurp {
  my ($name) = @_;
  open(my $fh, '<:raw', $name) or die "$name: $!\n";
  local $/;
  my $text = <$fh>;
  return defined $text ? $text : '';
}

sub answer_table {
  while (my $line = <STDIN>) {
    next unless $line =~ /^(html|utf8|octs) (.*)/;
    my ($kind, $html) = ($1, $2);
    print "$kind $html\n";
    $html =~ s/\\x([0-9a-f]{2})/chr hex $1/ge;
    answer($html, $kind, 1);
    print "\n";
  }
}

sub extract {
  my ($out, @mails) = @_;
  my $n = 0;
  mkdir $out;
  for my $mail (@mails) {
    my $m = Mail::SpamAssassin::Message->new(
      { message => slurp($mail), normalize => 1 });
    for my $p ($m->find_parts(qr/./, 1)) {
      next if $p->effective_type ne 'text/html' || $p->decode eq '';
      my $charset = defined $p->{charset} ? $p->{charset} : 'us-ascii';
      my $text = Mail::SpamAssassin::Message::Node::_normalize(
        $p->decode, $charset, 1);
      my $kind = utf8::is_utf8($text) ? 'u' : 'o';
      utf8::encode($text) if $kind eq 'u';
      (my $name = $mail) =~ s{.*/}{};
      open(my $fh, '>:raw', "$out/$name." . $n++ . ".$kind") or die "$out: $!\n";
      print $fh $text;
      close $fh;
    }
    $m->finish;
  }
}

my $input = 'html';
while (@ARGV) {
  my $arg = shift @ARGV;
  if ($arg eq '-u') { $input = 'utf8'; next }
  if ($arg eq '-8') { $input = 'octs'; next }
  if ($arg eq '-t') { answer_table(); next }
  if ($arg eq '-x') { extract(@ARGV); last }
  my @names = $arg eq '-' ? map { chomp; $_ } <STDIN> : ($arg);
  for my $name (@names) {
    print "FILE $name\n";
    answer(slurp($name), $input, 0);
  }
}
