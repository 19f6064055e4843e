# Strings that a Perl pattern matches.
#
# A pattern is read into a tree, and a string is made by a walk through it: one
# branch of each alternative, a few turns of each loop, one octet of each class.
# What looks around is not solved but hoped for: a string is an answer only if the
# pattern itself matches it, and many are tried.
package Sampler;

use strict;
use warnings;
use Chance qw(rnd pick chance);

my %read;

# A string that $re (compiled, beginning and end as the pattern asks) matches, or undef.
sub sample
{
	my ($re, $pattern, $mods, $tries) = @_;
	my ($self, $tree) = @{$read{"$mods $pattern"} ||= [tree($pattern, $mods)]};
	return undef unless $tree;
	for (1 .. $tries || 60) {
		$self->{said} = {};
		my $s = $self->say($tree);
		return $s if length $s < 4000 && $s =~ $re;
	}
	return undef;
}

# ---- reading ----

# Some patterns are 60,000 characters long.
sub tree
{
	my ($pattern, $mods) = @_;
	my $self = bless { p => $pattern, x => scalar($mods =~ /x/), groups => 0 }, __PACKAGE__;
	return ($self, scalar eval { $self->alternatives });
}

sub take { my ($self, $re) = @_; return $self->{p} =~ /\G$re/gc ? [$&, $1, $2] : undef }

sub alternatives
{
	my ($self) = @_;
	my @branches = ($self->sequence);
	push @branches, $self->sequence while $self->take(qr/\|/);
	return @branches == 1 ? $branches[0] : ['alt', @branches];
}

sub sequence
{
	my ($self) = @_;
	my @nodes;
	for (;;) {
		if ($self->{x}) { 1 while $self->take(qr/\s+|#[^\n]*\n?/) }
		last if $self->{p} =~ /\G(?=[|)]|\z)/gc;
		my $node = $self->atom;
		if (my $q = $self->take(qr/([*+?]|\{\d*,?\d*\})[?+]?/)) {
			my ($min, $max) = $q->[1] eq '*' ? (0, 2) : $q->[1] eq '+' ? (1, 3) :
				$q->[1] eq '?' ? (0, 1) : $q->[1] =~ /\{(\d*),(\d*)\}/ ?
				($1 || 0, length $2 ? $2 : ($1 || 0) + 2) : $q->[1] =~ /(\d+)/ ? ($1, $1) : (1, 1);
			$node = ['loop', $node, $min, $max > $min + 3 ? $min + 3 : $max];
		}
		push @nodes, $node;
	}
	return ['seq', @nodes];
}

sub atom
{
	my ($self) = @_;
	return $self->group if $self->take(qr/\(/);
	return ['class', @{$self->class}] if $self->take(qr/\[/);
	return ['none'] if $self->take(qr/[\^\$]/);
	return ['class', split //, 'abcxyz '] if $self->take(qr/\./);
	return $self->escape if $self->take(qr/\\/);
	my $c = $self->take(qr/(.)/s) or die;
	return ['text', $c->[0]];
}

sub group
{
	my ($self) = @_;
	my $number;
	my $kind = '';
	if (my $q = $self->take(qr/\?(#[^)]*\)|[a-z^-]*:|[a-z^-]+\)|<?[=!]|>|\||P?<(\w+)>|'(\w+)'|\(\d+\))/)) {
		return ['none'] if $q->[1] =~ /\)\z/ && $q->[1] !~ /\A\(/;
		$kind = $q->[1];
	} elsif ($self->take(qr/\*[A-Z_]+(?::[^)]*)?\)/)) {
		return ['none'];
	}
	$number = ++$self->{groups} if $kind eq '' || $kind =~ /\A(?:P?<\w|')/;
	my $name = $kind =~ /(\w+)/ ? $1 : '';
	my $inner = $self->alternatives;
	$self->take(qr/\)/) or die;
	return ['none'] if $kind =~ /!/;
	return ['maybe', $inner] if $kind =~ /\A<?=/;
	return defined $number ? ['group', $inner, $number, $name] : $inner;
}

my %sets = (d => ['0' .. '9'], w => ['a' .. 'z', '0' .. '9', '_'], s => [' '], h => [' '], S => ['a' .. 'z', '.'],
	W => [' ', '-', '.', '!'], D => ['a' .. 'z', ' '], H => ['a'], v => ["\n"], R => ["\n"], N => ['a' .. 'z'], X => ['a']);
my %chars = (n => "\n", t => "\t", r => "\r", f => "\f", e => "\e", a => "\a", 0 => "\0");

sub escape
{
	my ($self) = @_;
	if (my $c = $self->take(qr/x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{0,2})/)) {
		my $n = hex($c->[1] // $c->[2]);
		my $s = chr $n;
		utf8::encode($s) if $n > 255;
		return ['text', $s];
	}
	return ['ref', $1 // $2] if $self->{p} =~ /\G(?:([1-9])|[gk][{<](-?\w+)[}>])/gc;
	return ['text', quotemeta_off($1)] if $self->{p} =~ /\GQ(.*?)(?:\\E|\z)/gcs;
	my $c = $self->take(qr/(.)/s) or die;
	return ['none'] if $c->[0] =~ /[bBAzZGKE]/;
	return ['class', @{$sets{$c->[0]}}] if $sets{$c->[0]};
	return ['text', $chars{$c->[0]} // $c->[0]];
}
sub quotemeta_off { return $_[0] }

my %posix = (alpha => ['a' .. 'z'], digit => ['0' .. '9'], alnum => ['a' .. 'z', '0' .. '9'], upper => ['A' .. 'Z'],
	lower => ['a' .. 'z'], space => [' '], punct => ['.', '!', ','], xdigit => ['0' .. '9', 'a' .. 'f'],
	print => ['a' .. 'z', ' '], word => ['a' .. 'z'], cntrl => ["\x01"], blank => [' '], graph => ['a' .. 'z'], ascii => ['a' .. 'z']);

sub class
{
	my ($self) = @_;
	my $not = $self->take(qr/\^/);
	my (@in, $range);
	for (my $first = 1;; $first = 0) {
		last if !$first && $self->take(qr/\]/);
		my @c;
		if (my $p = $self->take(qr/\[:(\^?)(\w+):\]/)) {
			@c = @{$posix{$p->[2]} || []};
		} elsif ($self->take(qr/\\/)) {
			my $node = $self->{p} =~ /\Gb/gc ? ['text', "\b"] : $self->escape;
			@c = $node->[0] eq 'class' ? @$node[1 .. $#$node] : defined $node->[1] ? $node->[1] : ();
		} else {
			my $c = $self->take(qr/(.)/s) or die;
			@c = ($c->[0]);
		}
		if ($range && @c == 1 && @in) {
			my ($from, $to) = (ord $in[-1], ord $c[0]);
			push @in, map { chr } $from + 1 .. ($to > 255 ? 255 : $to);
			$range = 0;
		} else {
			push @in, @c;
			$range = $self->{p} =~ /\G-(?!\])/gc;
		}
	}
	return [grep { defined } @in] unless $not;
	my %not = map { $_ => 1 } @in;
	my @out = grep { !$not{$_} } 'a' .. 'z', 'A' .. 'Z', '0' .. '9', ' ', '-', '.', '_', '/', '<', '"', "\x80", "\x81", "\x82";
	return @out ? \@out : ["\x7f"];
}

# ---- walking ----

sub say
{
	my ($self, $node) = @_;
	my ($kind, @rest) = @$node;
	return '' if $kind eq 'none';
	return $rest[0] if $kind eq 'text';
	return @rest ? pick(@rest) : '' if $kind eq 'class';
	return join '', map { $self->say($_) } @rest if $kind eq 'seq';
	return $self->say(pick(@rest)) if $kind eq 'alt';
	return chance(15) ? $self->say($rest[0]) : '' if $kind eq 'maybe';
	if ($kind eq 'group') {
		my $s = $self->say($rest[0]);
		$self->{said}{$rest[1]} = $s;
		$self->{said}{$rest[2]} = $s if length $rest[2];
		return $s;
	}
	return $self->{said}{$rest[0]} // '' if $kind eq 'ref';
	my ($inner, $min, $max) = @rest;
	my $n = $min + rnd($max - $min + 1);
	my $s = '';
	$s .= $self->say($inner) while $n-- > 0 && length $s < 4000;
	return $s;
}

1;
