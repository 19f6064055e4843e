#!/bin/sh
# RelayCountry and URILocalBL here and in the real SpamAssassin, over databases
# that this test writes: same rules, same score, same tags, for databases of
# cities, countries and providers, found by option, by folder and by the older
# directives; and what happens without one, or with one that is damaged.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C
failed=0
fail() { echo "$*"; failed=1; }

mkdir "$work/site" "$work/rules" "$work/db" "$work/lite" "$work/bad"
perl -Itests/parity - "$work" <<'PERL'
use strict;
use warnings;
use Mmdb;
my ($work) = @ARGV;
my $place = sub { { country => { iso_code => $_[0], names => { en => "Land $_[0]" } },
	continent => { code => $_[1] } } };
my @places = ([ '198.18.1.0/24', $place->('DE', 'EU') ], [ '198.18.2.0/24', $place->('US', 'NA') ],
	[ '198.19.0.0/16', $place->('JP', 'AS') ], [ '198.18.3.0/25', $place->('FR', 'EU') ],
	[ '198.18.3.128/25', { continent => { code => 'AF' } } ], [ '198.18.4.1/32', {} ],
	[ '2a00:db8::/32', $place->('SE', 'EU') ]);
Mmdb::write("$work/db/places.mmdb", 'GeoIP2-Country', \@places);
Mmdb::write("$work/lite/GeoLite2-Country.mmdb", 'GeoLite2-Country', \@places);
Mmdb::write("$work/db/city.mmdb", 'GeoIP2-City', [ [ '198.18.1.0/24', $place->('AT', 'EU') ],
	[ '198.18.2.0/24', { city => { names => { en => 'Town' } }, %{$place->('CA', 'NA')} } ] ]);
Mmdb::write("$work/db/isp.mmdb", 'GeoIP2-ISP', [
	[ '198.18.1.0/24', { isp => 'Example  Net', organization => 'Example', autonomous_system_number => 64500 } ],
	[ '198.19.0.0/16', { organization => 'no isp' } ], [ '198.18.2.0/24', { isp => 'Two' } ] ]);
open my $fh, '>', "$work/bad/GeoLite2-Country.mmdb" or die;
print $fh "not a database" x 1000;
close $fh;

my $n = 0;
my $mail = sub {
	my ($received, $body) = @_;
	open my $m, '>', sprintf("%s/%02d.eml", $work, ++$n) or die;
	print $m map { "$_\n" } @$received, 'From: a@example.com', 'To: b@example.com', "Subject: x $n",
		"Message-ID: <$n\@example.com>", 'Date: Tue, 24 Nov 2026 10:00:00 +0000', '', $body;
	close $m;
};
my $by = sub {
	my ($ip, $more) = @_;
	return "Received: from host.example.net (host.example.net [$ip])" . ($more // '') .
		" by mx.example.org (Postfix) with ESMTP id 1; Tue, 24 Nov 2026 10:00:00 +0000";
};
$mail->([ $by->('198.18.1.5') ], 'see http://198.18.2.7/x');
$mail->([ $by->('198.18.2.5'), $by->('198.19.1.1'), $by->('10.1.2.3') ], 'see http://198.18.1.7/ and http://198.19.3.3/');
$mail->([ $by->('2a00:db8::5') ], 'see http://198.18.3.200/ ');
$mail->([ $by->('198.18.100.1'), $by->('198.18.3.7'), $by->('198.18.4.1') ], 'see http://198.18.100.9/ http://www.example.com/');
$mail->([], 'see http://10.0.0.1/ and http://www.example.org/');
$mail->([ $by->('127.0.0.1'), $by->('198.18.2.9') ], 'see http://198.18.5.5/ and http://198.18.9.9/q');
$mail->([ "Received: from [198.18.1.9] (host.example.net [198.18.1.9]) (authenticated bits=0) by mx.example.org (8.14/8.14) with ESMTPA id x; Tue, 24 Nov 2026 10:00:00 +0000",
	$by->('198.18.2.9') ], 'nothing');
$mail->([ $by->('127.0.0.1'), $by->('127.0.0.1') ], '');
$mail->([ $by->('198.18.3.129'), 'Received: by x.example.net with SMTP id 7; Tue, 24 Nov 2026 10:00:00 +0000' ],
	join "\n", map { "http://198.18.1.$_/ http://198.18.2.$_/" } 1 .. 9);
PERL
find "$work" -name '*.eml' | sort >"$work/list"

cat >"$work/site/init.pre" <<'EOP'
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::RelayCountry
loadplugin Mail::SpamAssassin::Plugin::URILocalBL
EOP
cat >"$work/rules/rules.cf" <<'EOP'
clear_trusted_networks
trusted_networks 198.18.1.0/24 127.0.0.0/8
internal_networks 127.0.0.0/8
header RC_DE	X-Relay-Countries-All =~ /\bDE\b/
header RC_EXACT	X-Relay-Countries =~ /^US JP \*\*$/
header RC_XX	X-Relay-Countries =~ /XX/
header RC_AT	X-Relay-Countries-All =~ /^(?:AT|CA)/
header RC_NONE	X-Relay-Countries =~ /^$/
header RC_EXT	X-Relay-Countries-External =~ /[A-Z]{2}/
header RC_AUTH	X-Relay-Countries-Auth =~ /[A-Z]/
header RC_ALL	X-Relay-Countries-All =~ /^\*\* /
header RC_SE	X-Relay-Countries-External =~ /SE/
header RC_SET	exists:X-Relay-Countries-Auth
meta RC_META	RC_DE || UB_CC
uri_block_cc UB_CC us de
describe UB_CC a country
uri_block_cc UB_NCC !US !JP
uri_block_cc UB_XX xx
uri_block_cc UB_STAR de
uri_block_cont UB_CONT EU
uri_block_cont UB_NCONT !eu !na
uri_block_isp UB_ISP "EXAMPLE NET" other
uri_block_isp UB_ISP2 two
uri_block_cidr UB_CIDR 198.18.5.0/24 198.18.2.7
uri_block_cidr UB_CIDR 198.19.0.0/16
uri_block_cc UB_EX us de jp
uri_block_exclude UB_EX 198.18.2.7 Example.COM 198.19.3.3
uri_block_exclude UB_ONLYEX example.com
body UB_BARE eval:check_uri_local_bl()
add_header all Country U=_RELAYCOUNTRY_ E=_RELAYCOUNTRYEXT_ A=_RELAYCOUNTRYAUTH_ L=_RELAYCOUNTRYALL_
EOP

# What both make of each message, with the lines given as the site's own.
compare()
{
	printf '%s\n' "$2" >"$work/site/local.cf"
	perl tests/parity/sa_score.pl --no-cache --quiet -C "$work/rules" --siteconfigpath "$work/site" \
		"$work/list" >"$work/sa" 2>"$work/sa.log" || fail "$1: SpamAssassin failed"
	"$mekiki" masscheck -L --no-own-rules --subrules -C "$work/rules" --siteconfigpath "$work/site" \
		"$work/list" >"$work/ours" 2>"$work/log" || fail "$1: mekiki failed"
	[ "$(wc -l <"$work/sa")" = "$(wc -l <"$work/list")" ] || fail "$1: SpamAssassin has not answered"
	cmp -s "$work/sa" "$work/ours" || fail "$1: rules differ
$(diff "$work/sa" "$work/ours" | sed "s,$work/,,")"
	grep -o '[RU][CB]_[A-Z0-9]*' "$work/sa" | sort -u >>"$work/hit"
}

# The headers that both add to messages.
headers()
{
	for eml in "$work"/0[247].eml; do
		spamassassin -L -C "$work/rules" --siteconfigpath "$work/site" -p /dev/null \
			<"$eml" 2>/dev/null | sed -n '/^X-Spam-Country/,/^[^ \t]/p' | grep -v '^[^X \t]'
		echo
	done >"$work/sa.headers"
	for eml in "$work"/0[247].eml; do
		"$mekiki" check -L --rewrite --no-own-rules -C "$work/rules" --siteconfigpath "$work/site" \
			"$eml" 2>/dev/null | sed -n '/^X-Spam-Country/,/^[^ \t]/p' | grep -v '^[^X \t]'
		echo
	done >"$work/our.headers"
	grep -q "U=[A-Z]" "$work/sa.headers" || fail "$1: SpamAssassin's tags are empty"
	cmp -s "$work/sa.headers" "$work/our.headers" || fail "$1: headers differ
$(diff "$work/sa.headers" "$work/our.headers")"
}

# What is wrong with the databases is told where rules are checked.
said()
{
	"$mekiki" lint -L --no-own-rules -C "$work/rules" --siteconfigpath "$work/site" >"$work/log" 2>&1 || true
	grep -q "$1" "$work/log" || fail "nothing was said of: $1"
}

# Rules of one priority run in an order of SpamAssassin's own.
report_lines()
{
	sed -n '/^X-Spam-Found/,/^[^X \t*]/p' | sed 's/^X-Spam-Found: //; s/^[ \t]*//' | sort
}

# What a report shows under rules that one link hits.
report()
{
	spamassassin -L -C "$work/one" --siteconfigpath "$work/site" -p /dev/null <"$1" 2>/dev/null |
		report_lines >"$work/sa.report"
	"$mekiki" check -L --rewrite --no-own-rules -C "$work/one" --siteconfigpath "$work/site" "$1" 2>/dev/null |
		report_lines >"$work/our.report"
	[ "$(grep -c 'Host: 198.18.2.7 in ' "$work/sa.report")" = 4 ] || fail "SpamAssassin's report shows less"
	cmp -s "$work/sa.report" "$work/our.report" || fail "reports differ
$(diff "$work/sa.report" "$work/our.report")"
}

compare "countries and providers" "geodb_options country:$work/db/places.mmdb isp:$work/db/isp.mmdb"
headers "countries and providers"
compare "cities" "geodb_options city:$work/db/city.mmdb country:$work/db/places.mmdb"
compare "by folder" "geodb_search_path /nonexistent $work/lite"
compare "older names" "country_db_type GeoIP2
country_db_path $work/db/places.mmdb
uri_country_db_isp_path $work/db/isp.mmdb"
compare "providers alone" "geodb_options isp:$work/db/isp.mmdb
geodb_search_path /nonexistent"
compare "none" "geodb_search_path /nonexistent"
said "no database"
compare "reset" "geodb_options country:$work/db/places.mmdb
geodb_options reset
geodb_search_path /nonexistent"
compare "damaged" "geodb_search_path $work/bad"
said "cannot be read"
printf 'geodb_module IP::Country::Fast\n' >"$work/site/local.cf"
said "only files of MaxMind"

# Rules that no message hits in any of these test nothing.
never=$(grep -oE '^(header|meta|uri_block_[a-z]+) [A-Z_0-9]+' "$work/rules/rules.cf" | sed 's/.* //' |
	sort -u | grep -vxF -f "$work/hit" | tr '\n' ' ')
[ "$never" = "UB_ONLYEX " ] || fail "never hit: $never"

# Lines, and how many of them are wrong to lint.
mkdir "$work/one"
echo "geodb_options country:$work/db/places.mmdb isp:$work/db/isp.mmdb" >"$work/site/local.cf"
{
	for line in "cc UB_A us" "cont UB_B NA" "isp UB_C two" "cidr UB_D 198.18.2.0/24"; do
		echo "uri_block_$line"
	done
	echo "describe UB_A a place"
	echo "add_header all Found _SUMMARY_"
} >"$work/one/one.cf"
report "$work/01.eml"
cat >"$work/one/one.cf" <<'EOP'
header A Subject =~ /x/
uri_block_cc X1 us !de
uri_block_cc X2
uri_block_cc X3 u
uri_block_cc X4 a1
uri_block_cont X5 e1
uri_block_isp X6 ""
uri_block_cidr X7 198.18.0.0/1234
uri_block_cidr X8 198.18.0.0/16 2a00:db8::/32
uri_block_exclude X9
uri_block_exclude 9X a
geodb_options asn:/x
geodb_options
country_db_type x
geodb_module x
country_db_path
EOP
spamassassin -L --lint -C "$work/one" --siteconfigpath "$work/site" -p /dev/null >"$work/sa.lint" 2>&1 || true
"$mekiki" lint -L --no-own-rules -C "$work/one" --siteconfigpath "$work/site" >"$work/our.lint" 2>&1 || true
theirs=$(sed -n 's/.*lint: \([0-9]*\) issues.*/\1/p' "$work/sa.lint")
ours=$(sed -n 's/.*: \([0-9]*\) errors.*/\1/p' "$work/our.lint")
[ "$theirs" = "$ours" ] || fail "lint: $theirs faults for SpamAssassin, $ours here
$(cat "$work/sa.lint" "$work/our.lint")"
[ $failed = 0 ] && echo "databases of countries: fine"
exit $failed
