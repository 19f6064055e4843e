#!/usr/bin/perl
# The stock regexes as Perl has them after SpamAssassin's own parsing and
# ReplaceTags, and what they match: the judge of our match layer.
#
#   sa_regex.pl --dump
#	NAME TAB KIND TAB modifiers TAB pattern TAB tflags TAB operator
#	for every regex, sorted by name; KIND is header, body, rawbody, full, uri,
#	mimeheader or redirector (their NAME is redirector:0, :1...); modifiers are
#	letters of "imsxn", always to be read with Perl's /aa on octets; operator is
#	=~ or !~ (what it means for `--match` is left to the reader: that prints
#	where the pattern matches)
#   sa_regex.pl --match STRINGS [--rules NAME[,NAME...]] [--all] [-j N]
#	NAME TAB NUMBER TAB START TAB END
#	for the first match of every regex in every string it matches, by string
#	and then by name.  STRINGS has one string a line, escaped; NUMBER counts
#	them from 0; offsets are octets.  --all asks each string again behind each
#	match, as `tflags multiple` does, up to 100 times and
#	not beyond an empty match.
#   sa_regex.pl --sample N LIST
#	N strings for --match, taken from the views of the messages of LIST: body
#	lines, rawbody chunks, header values and URIs, each string once
#
# Escapes are those of sa_views.pl.  A regex with a capture template (%{NAME}) is
# dumped and not matched.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(:config bundling);
use Judge qw(spamassassin slurp escape unescape in_child rule_kind regex_parts);

Judge::settle($0, @ARGV);

my ($dump, $strings, $rules, $all, $sample, $jobs) = (0, undef, '', 0, undef, 2);
GetOptions('dump' => \$dump, 'match=s' => \$strings, 'rules=s' => \$rules, 'all' => \$all,
	   'sample=i' => \$sample, 'j=i' => \$jobs)
	&& 1 == grep { $_ } $dump, defined $strings, defined $sample
	or die "usage: $0 --dump | --match STRINGS [--rules NAMES] [--all] [-j N] | "
		. "--sample N LIST\n";

my $sa = spamassassin();
my $conf = $sa->{conf};
my %regex = regexes();
$| = 1;
dump_all() if $dump;
match_all() if defined $strings;
sample($sample, $ARGV[0]) if defined $sample;

sub regexes
{
	my %regex;
	for my $name (keys %{$conf->{test_qrs}}) {
		$regex{$name} = { re => $conf->{test_qrs}{$name}, kind => rule_kind($conf, $name),
				  op => $conf->{test_opt_neg}{$name} ? '!~' : '=~' };
	}
	for my $name (keys %{$conf->{mimeheader_tests}}) {
		my $test = $conf->{mimeheader_tests}{$name};
		$regex{$name} = { re => $test->{pattern}, kind => 'mimeheader',
				  op => $test->{negated} ? '!~' : '=~' };
	}
	my $n = 0;
	for my $re (@{$conf->{redirector_patterns} || []}) {
		$regex{'redirector:' . $n++} = { re => $re, kind => 'redirector', op => '=~' };
	}
	return %regex;
}

sub dump_all
{
	for my $name (sort keys %regex) {
		my ($pattern, $mods) = regex_parts($regex{$name}{re});
		print join("\t", $name, $regex{$name}{kind}, $mods, escape($pattern),
			   $conf->{tflags}{$name} // '', $regex{$name}{op}), "\n";
	}
}

# Each child takes every Nth string; the parent prints their answers in order.
sub match_all
{
	open my $fh, '<', $strings or die "$0: $strings: $!\n";
	chomp(my @strings = <$fh>);
	my %wanted = map { $_ => 1 } split /,/, $rules;
	my @names = grep { !%wanted || $wanted{$_} } sort keys %regex;
	@names = grep { !$conf->{capture_template_rules}{$_} } @names;
	my @readers;
	for my $k (0 .. $jobs - 1) {
		my $pid = open my $in, '-|';
		die "$0: fork: $!\n" unless defined $pid;
		if ($pid) {
			push @readers, $in;
			next;
		}
		for (my $i = $k; $i < @strings; $i += $jobs) {
			print matches($i, unescape($strings[$i]), @names), ".\n";
		}
		exit 0;
	}
	for my $i (0 .. $#strings) {
		my $in = $readers[$i % $jobs];
		while (defined(my $line = <$in>)) {
			last if $line eq ".\n";
			print $line;
		}
	}
}

sub matches
{
	my ($i, $text, @names) = @_;
	my $out = '';
	for my $name (@names) {
		my $re = $regex{$name}{re};
		my $left = $all ? 100 : 1;
		while ($left-- && $text =~ /$re/g) {
			$out .= "$name\t$i\t$-[0]\t$+[0]\n";
			last if $-[0] == $+[0];
		}
		pos $text = undef;
	}
	return $out;
}

# An even share for each message and each kind of view; what repeats is taken
# once.  No chance is involved: the same list gives the same strings.
sub sample
{
	my ($n, $list) = @_;
	open my $fh, '<', $list or die "$0: $list: $!\n";
	chomp(my @paths = <$fh>);
	my (%seen, $found);
	$found = 0;
	my $share = int($n / (@paths || 1)) + 1;
	for my $path (@paths) {
		my $text = in_child(120, sub { join "\n", map { escape($_) } views($path) });
		my @fresh = grep { !$seen{$_}++ } split /\n/, $text // '';
		my $step = @fresh / $share < 1 ? 1 : @fresh / $share;
		for (my $at = 0; $at < @fresh && $found < $n; $at += $step) {
			print $fresh[int $at], "\n";
			$found++;
		}
	}
}

sub views
{
	my ($path) = @_;
	my $msg = $sa->parse(slurp($path), 1);
	my $pms = Mail::SpamAssassin::PerMsgStatus->new($sa, $msg);
	$msg->delete_header('X-Spam-.*');
	$pms->extract_message_metadata;
	my @headers = map { join '', $msg->get_header($_) } sort keys %{$msg->{headers}};
	return (@{$pms->get_decoded_stripped_body_text_array},
		@{$pms->get_decoded_body_text_array}, sort($pms->get_uri_list), @headers);
}
