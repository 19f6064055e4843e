# A plain client of one real Redis server: a batch goes out pipelined, replies
# come as Driver.pm's.
package Resp;
use strict;
use warnings;
use IO::Socket::INET;

sub new {
	my ($class, $port) = @_;
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port",
		Timeout => 10) or die "port $port: $!";
	binmode $s;
	return bless { socket => $s }, $class;
}

sub ask {
	my ($self, @commands) = @_;
	my $s = $self->{socket};
	print $s map { my $c = $_; '*' . @$c . "\r\n",
		map { '$' . length($_) . "\r\n$_\r\n" } @$c } @commands;
	$s->flush;
	return [map { $self->reply } @commands];
}

sub reply {
	my ($self) = @_;
	my $s = $self->{socket};
	my $line = <$s>;
	die "the server hung up" unless defined $line;
	$line =~ s/\r\n$//;
	my ($kind, $rest) = $line =~ /^(.)(.*)$/s;
	return ['status', $rest] if $kind eq '+';
	return ['error', $rest] if $kind eq '-';
	return ['int', $rest] if $kind eq ':';
	return ['nil'] if $rest < 0;
	return ['list', [map { $self->reply } 1 .. $rest]] if $kind eq '*';
	read $s, my $text, $rest + 2;
	return ['text', substr $text, 0, $rest];
}

1;
