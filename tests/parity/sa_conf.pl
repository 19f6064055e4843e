#!/usr/bin/perl
# Prints the configuration as the real SpamAssassin holds it after parsing the
# stock and the site's files, as lines to compare with `mekiki rules` and kin.
#
#   sa_conf.pl [--only SECTION[,SECTION...]]
#
# Fields are parted by a TAB and escaped as in sa_views.pl; lines are sorted by
# their name unless said otherwise.
#
# [counts]	KIND TAB rules TAB __subrules TAB T_rules, and a line "total"
# [rules]	NAME TAB KIND TAB score in set 0 TAB 1 TAB 2 TAB 3 TAB priority TAB
#		tflags.  KIND: header, header eval, body, ..., rbl eval, mimeheader,
#		uri_detail, askdns, meta, empty.  Scores as %.6g, empty if there is
#		none.  The priority is the one the rule runs at, what metas pull and
#		-100 of net rules included.
# [tests]	NAME TAB definition, as far as SpamAssassin keeps it as text
# [headers]	NAME TAB selector TAB =~ or !~ or exists TAB if-unset text, for header
#		and mimeheader rules
# [evals]	NAME TAB function TAB argument TAB argument...
# [metas]	NAME TAB names it depends on, each once, sorted, by commas
# [describe]	NAME TAB description (language: en)
# [captures]	NAME TAB capture, or NAME TAB template TAB the template used
# [settings]	NAME TAB value, of all that is one value
# [lists]	NAME TAB key [TAB key...] TAB value, of all that is a list: entries of
#		an array have their index, from 0, as key; a regex is written as Perl
#		writes it; sets of networks have one network a line
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Judge qw(escape parsed rule_kind);
use Scalar::Util qw(reftype blessed);

Judge::settle($0, @ARGV);

my @sections = (
	[counts => \&counts], [rules => \&rules], [tests => \&tests],
	[headers => \&headers], [evals => \&evals], [metas => \&metas],
	[describe => \&describe], [captures => \&captures], [settings => \&settings],
	[lists => \&lists],
);
my $only = '';
GetOptions('only=s' => \$only) && !@ARGV
	or die "usage: $0 [--only SECTION[,SECTION...]]\n";
my %only = map { $_ => 1 } split /,/, $only;

my ($sa, $tests, $priority) = parsed();
my $conf = $sa->{conf};
my @rules = sort keys %{$conf->{test_types}};

# What belongs to the rules and is printed with them, or is SpamAssassin's own
# bookkeeping.
my %internal = map { $_ => 1 } qw(
	body_evals body_tests capture_rules capture_template_rules descriptions errors
	eval_plugins eval_plugins_types eval_to_rule found_any_rules full_evals full_tests
	generate_body_one_line_sub head_evals head_tests meta_dependencies meta_deprules
	meta_nodeps meta_tests mimeheader_tests need_one_line_sub parser priorities
	rawbody_evals rawbody_tests rbl_evals registered_commands regression_tests scores
	scoreset scoreset_current sed_path_cache skip_body_rules source_file test_opt_exists
	test_opt_header test_opt_neg test_opt_unset test_qrs test_types tflags uri_evals
	uri_tests user_defined_rules want_rebuild_for_type zoom_ruletypes_available
	dns_available_ports_bitset dns_available_portscount main
);

for my $section (@sections) {
	my ($name, $code) = @$section;
	next if %only && !$only{$name};
	print "[$name]\n";
	$code->();
}

sub line
{
	print join("\t", map { escape($_) } @_), "\n";
}

sub counts
{
	my %count;
	for my $name (@rules) {
		for my $kind (rule_kind($conf, $name), 'total') {
			$count{$kind}[0]++;
			$count{$kind}[1]++ if $name =~ /^__/;
			$count{$kind}[2]++ if $name =~ /^T_/;
		}
	}
	line($_, map { $_ || 0 } @{$count{$_}}[0 .. 2])
		for sort { ($a eq 'total') <=> ($b eq 'total') || $a cmp $b } keys %count;
}

sub rules
{
	for my $name (@rules) {
		my @scores = map { $conf->{scoreset}[$_]{$name} } 0 .. 3;
		my $tflags = $conf->{tflags}{$name} // '';
		my $runs = $priority->{$name} || ($tflags =~ /\bnet\b/ ? -100 : 0);
		line($name, rule_kind($conf, $name),
		     (map { defined $_ ? sprintf '%.6g', $_ : '' } @scores), $runs, $tflags);
	}
}

sub tests
{
	line($_, $tests->{$_}) for grep { defined $tests->{$_} } @rules;
}

sub headers
{
	for my $name (@rules) {
		if (my $mime = $conf->{mimeheader_tests}{$name}) {
			line($name, $mime->{hdr}, $mime->{negated} ? '!~' : '=~', $mime->{if_unset});
		} elsif (defined(my $selector = $conf->{test_opt_header}{$name})) {
			line($name, $selector, $conf->{test_opt_exists}{$name} ? 'exists'
			     : $conf->{test_opt_neg}{$name} ? '!~' : '=~',
			     $conf->{test_opt_unset}{$name});
		}
	}
}

sub evals
{
	my %call = %{$conf->{rbl_evals}};
	for my $family (qw(body_evals head_evals rawbody_evals full_evals)) {
		%call = (%call, %$_) for values %{$conf->{$family} || {}};
	}
	for my $name (sort keys %call) {
		next if rule_kind($conf, $name) !~ /eval/;
		line($name, $call{$name}[0], @{$call{$name}[1]});
	}
}

sub metas
{
	for my $name (grep { rule_kind($conf, $_) eq 'meta' } @rules) {
		my %dep = map { $_ => 1 } @{$conf->{meta_dependencies}{$name} || []};
		line($name, join ',', sort keys %dep);
	}
}

sub describe
{
	line($_, $conf->{descriptions}{$_}) for sort keys %{$conf->{descriptions}};
}

sub captures
{
	line($_, 'capture') for sort keys %{$conf->{capture_rules} || {}};
	my $used = $conf->{capture_template_rules} || {};
	for my $name (sort keys %$used) {
		line($name, 'template', $_) for sort keys %{$used->{$name}};
	}
}

sub settings
{
	for my $name (sort keys %$conf) {
		line($name, $conf->{$name}) unless $internal{$name} || ref $conf->{$name};
	}
}

sub lists
{
	for my $name (sort keys %$conf) {
		entries($conf->{$name}, $name) unless $internal{$name} || !ref $conf->{$name};
	}
}

sub entries
{
	my ($value, @keys) = @_;
	return if @keys > 6;
	my $type = reftype($value) // '';
	if (blessed($value) && $value->isa('Mail::SpamAssassin::NetSet')) {
		line(@keys, $_->{as_string}) for @{$value->{nets} || []};
	} elsif ($type eq 'HASH') {
		entries($value->{$_}, @keys, $_) for sort keys %$value;
	} elsif ($type eq 'ARRAY') {
		entries($value->[$_], @keys, $_) for 0 .. $#$value;
	} elsif ($type eq 'CODE') {
		line(@keys, '(code)');
	} else {
		line(@keys, defined $value ? "$value" : undef);
	}
}
