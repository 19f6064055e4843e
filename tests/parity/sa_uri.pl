#!/usr/bin/perl
# Asks the installed SpamAssassin what it makes of links, for comparing.
#
#   sa_uri.pl canon < lines     every line is a URI: its canonical forms,
#                               sorted, and host=domain of each
#   sa_uri.pl find < lines      every line is a text (a paragraph of a body):
#                               the URIs its text finder makes of it
#   sa_uri.pl mbody FILE...     the lines of the body view of messages
#   sa_uri.pl murihtml FILE...  the URIs that the HTML parser pushed
#
# Bytes outside 0x21..0x7e are written (and read) as \xNN, "\\" as \x5c. An
# answer is one line: fields with a tab between them.
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;
use Mail::SpamAssassin::Util;

sub esc { my $s = shift; utf8::encode($s) if utf8::is_utf8($s); $s =~ s/([^\x21-\x5b\x5d-\x7e])/sprintf "\\x%02x", ord $1/ge; $s }
sub unesc { my $s = shift; $s =~ s/\\x([0-9a-f]{2})/chr hex $1/ge; $s }

my $sa = Mail::SpamAssassin->new({ local_tests_only => 1, dont_copy_prefs => 1,
	rules_filename => '/usr/share/spamassassin',
	site_rules_filename => '/etc/spamassassin',
	userprefs_filename => '/dev/null' });
$sa->init(0);
my $rb = $sa->{registryboundaries};
my $mode = shift @ARGV;

sub pms_of {
	my $file = shift;
	open my $fh, '<', $file or die "$file: $!";
	my @lines = <$fh>;
	my $mail = $sa->parse(\@lines, 1);
	my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $mail);
	$pms->extract_message_metadata();
	return ($pms, $mail);
}

# $| lets a caller talk to us line by line.
$| = 1;
if ($mode eq 'canon') {
	while (my $line = <STDIN>) {
		chomp $line;
		my $u = unesc($line);
		my @c = sort(Mail::SpamAssassin::Util::uri_list_canonicalize(
			$sa->{conf}->{redirector_patterns}, [$u], $rb));
		my @out;
		for my $c (@c) {
			my ($d, $h) = $rb->uri_to_domain($c);
			push @out, esc($c) . (defined $d ? " " . esc($h) . "=" . esc($d) : "");
		}
		print join("\t", @out), "\n";
	}
} elsif ($mode eq 'find') {
	my $mail = $sa->parse(["Subject: x\n", "\n", "x\n"], 1);
	while (my $line = <STDIN>) {
		chomp $line;
		my $t = unesc($line);
		my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $mail);
		my @got;
		no warnings 'redefine';
		local *Mail::SpamAssassin::PerMsgStatus::get_decoded_stripped_body_text_array = sub { [$t] };
		local *Mail::SpamAssassin::PerMsgStatus::add_uri_detail_list = sub {
			my ($self, $uri, $types) = @_;
			push @got, esc($uri) . " " . join(",", sort keys %$types);
		};
		$pms->_process_text_uri_list();
		print join("\t", @got), "\n";
	}
} elsif ($mode eq 'mbody') {
	for my $file (@ARGV) {
		my ($pms, $mail) = pms_of($file);
		print esc($_), "\n" for @{$pms->get_decoded_stripped_body_text_array()};
		$pms->finish; $mail->finish;
	}
} elsif ($mode eq 'murihtml') {
	for my $file (@ARGV) {
		my ($pms, $mail) = pms_of($file);
		$pms->get_decoded_stripped_body_text_array();
		for my $h (@{$mail->{metadata}->{html_all} || []}) {
			print esc($_), "\n" for sort keys %{$h->{uri_detail} || {}};
		}
		$pms->finish; $mail->finish;
	}
} else {
	die "usage: sa_uri.pl canon|find|mbody|murihtml\n";
}
