#!/usr/bin/perl
# What `header` rules of the real SpamAssassin are asked about, selector by
# selector: the judge of match/selector.c and mail/address.c.
#
#   sa_selectors.pl --list
#	every selector of the stock rules, and each modifier on the headers where
#	it means something, one a line
#   sa_selectors.pl --get SELECTORS LIST
#	for each message named in LIST: `message PATH`, and then for each line of
#	SELECTORS, in its order
#	SELECTOR TAB text	as a rule sees it (values joined), escaped as in
#				sa_views.pl; without TAB and text if it is not
#				there
#
# selector_dump prints the same of mekiki:  selector_dump SELECTORS LIST
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Judge qw(spamassassin slurp escape);

Judge::settle($0, @ARGV);

my ($list, $get) = (0, undef);
GetOptions('list' => \$list, 'get=s' => \$get) && ($list || (defined $get && @ARGV == 1))
	or die "usage: $0 --list | --get SELECTORS LIST\n";

my $sa = spamassassin();
list() if $list;
get() if defined $get;

sub list
{
	my %all = map { $_ => 1 } values %{$sa->{conf}{test_opt_header}};
	my @heads = qw(From To Cc Reply-To Sender Return-Path Received Message-ID Subject
		ToCc MESSAGEID EnvelopeFrom X-Spam-Relays-External X-Spam-Relays-Untrusted
		References List-Unsubscribe Content-Type);
	my @mods = ('', qw(:raw :addr :name :name:raw :host :domain :ip :revip :first
		:last :first:addr :last:addr :addr:host :addr:domain :first:name
		:addr:raw :raw:host :host:first));
	for my $head (@heads) {
		$all{"$head$_"} = 1 for @mods;
	}
	$all{$_} = 1 for qw(ALL ALL:raw ALL-TRUSTED ALL-UNTRUSTED ALL-INTERNAL ALL-EXTERNAL
		ALL-TRUSTED:raw ALL-UNTRUSTED:raw all messageid envelopefrom tocc
		x-spam-relays-external X-Spam-Status X-AuthorDomain X-SenderDomain
		NoSuchHeader NoSuchHeader:addr);
	print "$_\n" for sort keys %all;
}

sub get
{
	chomp(my @selectors = split /^/, slurp($get));
	chomp(my @paths = split /^/, slurp($ARGV[0]));
	for my $path (@paths) {
		print 'message ', escape($path), "\n";
		my $msg = $sa->parse(slurp($path), 1);
		my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $msg);
		$msg->delete_header('X-Spam-.*');
		$pms->extract_message_metadata;
		for my $selector (@selectors) {
			my @values = $pms->get($selector);
			my $glue = @values && $values[0] =~ /\n\z/ ? '' : "\n";
			print $selector, (@values ? "\t" . escape(join $glue, @values) : ''),
				"\n";
		}
		$pms->finish;
		$msg->finish;
	}
}
