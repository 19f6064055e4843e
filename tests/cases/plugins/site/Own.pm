package House::Own;
# A plug-in that a site might have: two eval functions, a directive, a method that
# can() may ask for.
use strict;
use warnings;
use Mail::SpamAssassin::Plugin;
our @ISA = qw(Mail::SpamAssassin::Plugin);

sub new
{
	my ($class, $main) = @_;
	my $self = $class->SUPER::new($main);
	bless $self, ref($class) || $class;
	$self->register_eval_rule('check_own', $Mail::SpamAssassin::Conf::TYPE_BODY_EVALS);
	$self->register_eval_rule('check_own_header');
	$main->{conf}{parser}->register_commands([
		{ setting => 'own_words', type => $Mail::SpamAssassin::Conf::CONF_TYPE_STRING },
	]);
	return $self;
}

# The test is of what is around them: they never hit.
sub check_own { return 0 }
sub check_own_header { return 0 }
sub has_own_feature { return 1 }

1;
