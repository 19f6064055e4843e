#!/usr/bin/perl
# Some of the messages of the case ole, for other settings.
use strict;
use warnings;
use File::Basename qw(dirname);

my $dir = shift or die "usage: make.pl FOLDER\n";
exec 'perl', dirname($0) . '/../ole/make.pl', $dir,
	'^(?:zip|text|upper|doc-c|docm|sixth|skip|two|limit|none|download|rel|others|random[1-4]|odd-d)';
