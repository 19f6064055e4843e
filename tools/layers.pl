#!/usr/bin/perl
# Checks that #includes point one way: base <- mail <- conf <- match <-
# eval/net/learn/lua/redis/prefs <- scan <- serve <- cli, and that each third-party
# library is included only where it may be. Run from the top of the tree.
use strict;
use warnings;

my %level = (
	base => 0, mail => 1, conf => 2, match => 3,
	eval => 4, net => 4, learn => 4, lua => 4, redis => 4, prefs => 4,
	scan => 5, serve => 6, cli => 7,
);

# header pattern => where it may be included
my @fences = (
	[ qr{^gmime/}, qr{^engine/mail/} ],
	[ qr{^pcre2}, qr{^engine/match/} ],
	[ qr{^event2?/}, qr{^(?:engine/serve|redis)/} ],
	[ qr{^openssl/}, qr{^(?:engine/(?:serve/|base/digest\.)|redis/tls\.)} ],
	[ qr{^zlib\.h}, qr{^engine/(?:serve/|eval/ole_zip\.)} ],
	[ qr{^seccomp\.h}, qr{^engine/serve/} ],
	[ qr{^systemd/}, qr{^engine/(?:serve|cli)/} ],
	[ qr{^lua|^lauxlib|^lualib}, qr{^(?:lua/|redis/embedded_lua[._])} ],
	[ qr{^curl/}, qr{^engine/net/} ],
	[ qr{^libpsl}, qr{^engine/mail/} ],
	[ qr{^unicode/}, qr{^engine/mail/} ],
	[ qr{^hiredis}, qr{^redis/resp\.} ],
	[ qr{^lmdb}, qr{^redis/} ],
	[ qr{^maxminddb}, qr{^engine/eval/geodb\.} ],
	[ qr{^db\.h}, qr{^engine/eval/access_db_read\.} ],
	[ qr{^sqlite3}, qr{^engine/prefs/driver_sqlite\.} ],
	[ qr{^(?:mysql|mariadb|errmsg)}, qr{^engine/prefs/driver_mysql\.} ],
	[ qr{^(?:libpq|postgresql)}, qr{^engine/prefs/driver_pg\.} ],
);

my $faults = 0;
sub fault { print STDERR "$_[0]\n"; $faults++ }

for my $file (glob('engine/*/*.[ch] lua/*.[ch] redis/*.[ch]')) {
	my ($layer) = $file =~ m{^(?:engine/)?(\w+)/};
	my $own = $level{$layer};
	open my $fh, '<', $file or die "$file: $!";
	while (<$fh>) {
		if (/^\s*#\s*include\s+"(\w+)\/[^"]+"/) {
			my $to = $level{$1};
			fault("$file:$.: unknown layer '$1'"), next
				unless defined $to;
			fault("$file:$.: $layer/ may not include $1/")
				if $to > $own ||
				   ($to == $own && $1 ne $layer);
		} elsif (/^\s*#\s*include\s+<([^>]+)>/) {
			my $header = $1;
			for my $f (@fences) {
				fault("$file:$.: <$header> may only be included in $f->[1]")
					if $header =~ $f->[0] && $file !~ $f->[1];
			}
		}
	}
	close $fh;
}
print "layers: ", ($faults ? "$faults faults" : "fine"), "\n";
exit($faults ? 1 : 0);
