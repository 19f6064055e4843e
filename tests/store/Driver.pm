# A driver (tests/store/driver.c) that runs: batches of commands go in, replies
# come out as Perl data: ['text', '...'], ['int', 5], ['nil'], ['status', ...],
# ['error', ...], ['list', [...]]. What it prints is read back strictly.
package Driver;
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use lib abs_path(dirname(__FILE__)) . '/../wire';
use Wire ();

sub new {
	my ($class, @args) = @_;
	my $program = Wire::build_dir() . '/store/driver';
	my $self = bless { }, $class;
	$self->{pid} = open2($self->{out}, $self->{in}, $program, @args);
	binmode $self->{in};
	binmode $self->{out};
	return $self;
}

sub quote {
	my ($s) = @_;
	$s =~ s/([\\"]|[^ -~])/sprintf '\\x%02x', ord $1/ge;
	return "\"$s\"";
}

# Commands are lists of words. Undef if it died.
sub ask {
	my ($self, @commands) = @_;
	$self->tell_it(@commands);
	return $self->replies;
}

sub tell_it {
	my ($self, @commands) = @_;
	local $SIG{PIPE} = 'IGNORE';
	print { $self->{in} } map({ join(' ', map { quote($_) } @$_) . "\n" }
		@commands), "\n";
	$self->{in}->flush;
}

sub replies {
	my ($self) = @_;
	my @lines;
	my $out = $self->{out};
	while (defined(my $line = <$out>)) {
		chomp $line;
		return parse(@lines) if $line eq '';
		push @lines, $line;
	}
	return undef;
}

# A line such as "!tick"; its output's lines.
sub other {
	my ($self, $line) = @_;
	print { $self->{in} } "$line\n";
	$self->{in}->flush;
	my @lines;
	my $out = $self->{out};
	while (defined(my $got = <$out>)) {
		chomp $got;
		return @lines if $got eq '';
		push @lines, $got;
	}
	return;
}

sub unquote {
	my ($s) = @_;
	$s =~ s/^"(.*)"$/$1/s or die "no text: $s";
	my %c = (n => "\n", r => "\r", t => "\t", a => "\a", b => "\b");
	$s =~ s/\\(?:x([0-9a-f]{2})|(.))/defined $1 ? chr hex $1 :
		exists $c{$2} ? $c{$2} : $2/ge;
	return $s;
}

# A list's items begin at the column of its first one.
sub parse {
	my @lines = @_;
	my @replies;
	push @replies, value(\@lines, 0) while @lines;
	return \@replies;
}

sub value {
	my ($lines, $indent) = @_;
	my $line = shift @$lines;
	my $text = substr $line, $indent;
	return ['nil'] if $text eq '(nil)';
	return ['int', $1] if $text =~ /^\(integer\) (-?\d+)$/;
	return ['error', $1] if $text =~ /^\(error\) (.*)$/;
	return ['failed', $1, $2] if $text =~ /^\(([A-Z]+)\) (.*)$/;
	return ['text', unquote($text)] if $text =~ /^"/;
	return ['list', []] if $text eq '(empty array)';
	return ['status', $text] unless $text =~ /^( *1\) )/;
	my ($width, @items) = (length $1);
	my $n = 1;
	unshift @$lines, $line;
	while (@$lines && $lines->[0] =~ /^.{$indent} *$n\) /) {
		last if $n > 1 && substr($lines->[0], 0, $indent) =~ /\S/;
		push @items, value($lines, $indent + $width);
		$n++;
	}
	return ['list', \@items];
}

sub end {
	my ($self) = @_;
	return unless $self->{pid};
	close $self->{in};
	waitpid $self->{pid}, 0;
	$self->{pid} = 0;
	return $?;
}

sub kill_it {
	my ($self) = @_;
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	$self->{pid} = 0;
}

sub DESTROY {
	my ($self) = @_;
	local $?;
	$self->kill_it if $self->{pid};
}

1;
