# Writes databases in MaxMind's format, as small as tests want them: a tree of
# IPv6 addresses with IPv4 below ::/96, records of 24 bits, and data that are
# texts, numbers below 2**32 and maps of these.
#
#   Mmdb::write($path, 'GeoLite2-Country', [ [ '198.18.0.0/24', { ... } ], ... ]);
package Mmdb;
use strict;
use warnings;
use Socket qw(inet_pton AF_INET AF_INET6);

# A type (1 to 15) and a size as the format's control octets.
sub control
{
	my ($type, $size) = @_;
	my $extended = $type > 7 ? chr($type - 7) : '';
	my $first = ($type > 7 ? 0 : $type) << 5;
	die "too large\n" if $size >= 285;
	return $size < 29 ? chr($first | $size) . $extended :
		chr($first | 29) . $extended . chr($size - 29);
}

sub text { control(2, length $_[0]) . $_[0] }

sub number
{
	my ($type, $n) = @_;
	my $bytes = pack 'N', $n;
	$bytes =~ s/^\0+//;
	return control($type, length $bytes) . $bytes;
}

sub value
{
	my ($v) = @_;
	if (ref $v eq 'HASH') {
		return control(7, scalar keys %$v) .
			join '', map { text($_) . value($v->{$_}) } sort keys %$v;
	}
	if (ref $v eq 'ARRAY') {
		return control(11, scalar @$v) . join '', map { value($_) } @$v;
	}
	return $v =~ /^\d+$/ ? number(6, $v) : text($v);
}

sub bits
{
	my ($net) = @_;
	my ($ip, $length) = split m{/}, $net;
	my $v4 = inet_pton(AF_INET, $ip);
	my $bits = unpack 'B*', $v4 ? "\0" x 12 . $v4 : inet_pton(AF_INET6, $ip);
	return substr $bits, 0, $v4 ? 96 + ($length // 32) : $length // 128;
}

sub write
{
	my ($path, $type, $rows) = @_;
	my @nodes = ([ undef, undef ]);
	my $data = '';
	for my $row (@$rows) {
		my @bits = split //, bits($row->[0]);
		my $last = pop @bits;
		my $at = 0;
		for my $bit (@bits) {
			if (!defined $nodes[$at][$bit]) {
				push @nodes, [ undef, undef ];
				$nodes[$at][$bit] = $#nodes;
			}
			$at = $nodes[$at][$bit];
			die "$row->[0] lies inside of another one\n" if ref $at;
		}
		$nodes[$at][$last] = \(my $offset = length $data);
		$data .= value($row->[1]);
	}
	open my $fh, '>:raw', $path or die "$path: $!\n";
	for my $node (@nodes) {
		for my $side (@$node) {
			my $n = !defined $side ? @nodes :
				ref $side ? @nodes + 16 + $$side : $side;
			print $fh substr pack('N', $n), 1;
		}
	}
	print $fh "\0" x 16, $data, "\xab\xcd\xefMaxMind.com";
	my @metadata = (
		binary_format_major_version => number(5, 2),
		binary_format_minor_version => number(5, 0),
		build_epoch => number(9, 1700000000),
		database_type => text($type),
		description => value({ en => 'for tests' }),
		ip_version => number(5, 6),
		languages => value([ 'en' ]),
		node_count => number(6, scalar @nodes),
		record_size => number(5, 24),
	);
	print $fh control(7, @metadata / 2);
	while (my ($key, $v) = splice @metadata, 0, 2) {
		print $fh text($key), $v;
	}
	close $fh or die "$path: $!\n";
}

1;
