# A site with all of SpamAssassin's plug-ins and no rules but a fragment's, for
# lint_fragments.pl and sa_lint.pl.
package LintSite;
use strict;
use warnings;
use FindBin;
use File::Temp;
use Mail::SpamAssassin;

my $empty = File::Temp->newdir();

# What the fragment's file is read by: file undef for none.
sub new_sa {
	my ($file, %more) = @_;
	my $text = '';

	if (defined $file) {
		open my $fh, '<', $file or die "$file: $!\n";
		binmode $fh;
		local $/;
		$text = <$fh>;
	}
	return Mail::SpamAssassin->new({
		rules_filename => "$FindBin::Bin/lint/rules",
		site_rules_filename => "$FindBin::Bin/lint/site",
		userprefs_filename => '/dev/null',
		userstate_dir => "$empty",
		post_config_text => $text,
		local_tests_only => 1,
		dont_copy_prefs => 1,
		stop_at_threshold => 0,
		%more,
	});
}

# Everything that is registered: { setting, type, aliases, ... }.
sub directives {
	my $sa = new_sa();

	$sa->init(0);
	return sort { $a->{setting} cmp $b->{setting} }
		@{ $sa->{conf}{registered_commands} };
}

1;
