#!/bin/sh
# ExtractText here and in the real SpamAssassin, with the same tools over the
# same messages: what body, uri and header rules see, the tags, what a tool that
# fails, hangs, writes too much or cannot be run amounts to.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=${KEEP:-$(mktemp -d)}
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C TMPDIR="$work/tmp"
failed=0
fail() { echo "$*"; failed=1; }
mkdir "$work/site" "$work/rules" "$work/tools" "$work/tmp" "$work/one"

tool() { printf '#!/bin/sh\n%s\n' "$2" >"$work/tools/$1"; chmod 755 "$work/tools/$1"; }
# shellcheck disable=SC2016 # these are the tools' own variables
{
	tool upper 'tr a-z A-Z <"$1"'
	tool three 'cat "$1"; exit 3'
	tool slow 'cat "$1"; sleep 30'
	tool blocks 'head -c 10000 /dev/zero | tr "\0" "b"; sleep 30'
	tool blank 'printf " \n\t\n"'
	tool huge 'head -c 3000000 /dev/zero | tr "\0" "y "; echo; echo endofhuge'
	tool killed 'cat "$1"; kill -9 $$'
	tool stray 'cat "$1"; (sleep 20; echo late) >/dev/null 2>&1 &'
	tool env 'echo "set to [$MARK] [$OTHER]"'
	tool noise 'echo "Syntax Error: May not be a PDF file" >&2; exit 1'
	tool stdin 'if read -r x; then echo "got $x"; else echo "stdin was empty"; fi'
}
cat >"$work/site/init.pre" <<'EOP'
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::ExtractText
EOP
cat >"$work/site/local.cf" <<EOP
extracttext_external cat /bin/cat {}
extracttext_use cat .txtx application/x-text.* "nothing"
extracttext_external Upper $work/tools/upper {}
extracttext_use UPPER .up application/x-(?:up|both)
extracttext_use cat application/x-both
extracttext_external three $work/tools/three {}
extracttext_use three .three
extracttext_external slow $work/tools/slow {}
extracttext_use slow .slow
extracttext_external blocks $work/tools/blocks {}
extracttext_use blocks .blocks
extracttext_external blank $work/tools/blank {}
extracttext_use blank .blank
extracttext_external huge $work/tools/huge {}
extracttext_use huge .huge
extracttext_external killed $work/tools/killed {}
extracttext_use killed .killed
extracttext_external stray $work/tools/stray {}
extracttext_use stray .stray
extracttext_external env {MARK=one} {OTHER=two} $work/tools/env {}
extracttext_use env .env
extracttext_external noise $work/tools/noise {}
extracttext_use noise .noise
extracttext_external stdin $work/tools/stdin {}
extracttext_use stdin .stdin
extracttext_external missing /nonexistent/tool {}
extracttext_use missing .missing
extracttext_external pdf /usr/bin/pdftotext -nopgbrk -layout -enc UTF-8 {} -
extracttext_use pdf .pdf application/pdf
extracttext_use nowhere .txtx
extracttext_timeout 2
util_rb_tld com
extracttext_maxparts 6
add_header all Extract C=_EXTRACTTEXTCHARS_ W=_EXTRACTTEXTWORDS_ T=_EXTRACTTEXTTOOLS_ Y=_EXTRACTTEXTTYPES_ E=_EXTRACTTEXTEXTENSIONS_ F=_EXTRACTTEXTFLAGS_ U=_EXTRACTTEXTURIS_.
EOP
cat >"$work/rules/rules.cf" <<'EOP'
body T_HELLO	/extracted hello/
body T_UPPER	/EXTRACTED HELLO/
body T_B	/b{1000}/
body T_ENDHUGE	/endofhuge/
body T_LATE	/late/
body T_ENV	/set to \[/
body T_ENV2	/\[\] \[two\]/
body T_EMPTY	/stdin was empty/
body T_PDF	/words of a document/
body T_CAFE	/caf\xc3\xa9/
body T_SEVEN	/seventh part/
uri T_URI	/links\.example\.com/
rawbody T_RAW	/extracted hello/
header T_NOTEXT	X-ExtractText-Flags =~ /NoText/
header T_ACTION	X-ExtractText-Flags =~ /ActionURI/
header T_QR	X-ExtractText-Uris =~ m{^https://qr\.example\.com/x$}
header T_TOOLS	X-ExtractText-Tools =~ /^cat upper$|^upper cat$/
header T_TYPES	X-ExtractText-Types =~ m{application/x-text application/x-both}
header T_EXT	X-ExtractText-Extensions =~ /\bTXTX\b/
header T_ANY	exists:X-ExtractText-Chars
header T_CHARS	X-ExtractText-Chars =~ /^8192$/
header T_MINUS	X-ExtractText-Words =~ /^-1$/
EOP
perl - "$work" <<'PERL'
use strict;
use warnings;
use MIME::Base64;
my $work = shift;
my $n = 0;
sub mail
{
	open my $m, '>:raw', sprintf("%s/%02d.eml", $work, ++$n) or die;
	print $m "From: a\@example.com\nTo: b\@example.com\nSubject: x $n\nMessage-ID: <$n\@example.com>\n",
		"Date: Tue, 24 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n",
		"--b\nContent-Type: text/plain\n\nfirst part\n";
	while (my ($type, $name, $data) = splice @_, 0, 3) {
		print $m "--b\nContent-Type: $type", ($name eq '' ? '' : "; name=\"$name\""),
			"\nContent-Transfer-Encoding: base64\n\n", encode_base64($data);
	}
	print $m "--b--\n";
	close $m;
}
my $o = 'application/octet-stream';
my $hello = "extracted hello there\nhttp://links.example.com/a\n";
my @objects = ('<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
	'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>');
my $stream = 'BT /F1 12 Tf 20 100 Td (words of a document, http://links.example.com/pdf) Tj ET';
push @objects, '<< /Length ' . length($stream) . " >>\nstream\n$stream\nendstream",
	'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
my ($pdf, @at) = "%PDF-1.4\n";
for my $i (0 .. $#objects) {
	push @at, length $pdf;
	$pdf .= ($i + 1) . " 0 obj\n$objects[$i]\nendobj\n";
}
my $xref = length $pdf;
$pdf .= "xref\n0 6\n0000000000 65535 f \n" . join('', map { sprintf "%010d 00000 n \n", $_ } @at) .
	"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n$xref\n%%EOF\n";
mail('application/x-text', '', $hello);
mail($o, 'a.TXTX', $hello, $o, 'b.up', $hello);
mail('application/x-text', '', "caf\xc3\xa9 <a class=\"x\" href=\"http://links.example.com/\">x</a>", 'application/x-both', 'c', $hello);
mail('application/x-both', 'nodots', "QR-Code:https://qr.example.com/x\nmore");
mail($o, 'a.three', $hello, $o, 'a.killed', $hello);
mail($o, 'a.slow', $hello);
mail($o, 'a.blocks', $hello);
mail($o, 'a.blank', $hello);
mail($o, 'a.huge', $hello);
mail($o, 'a.stray', $hello, $o, 'a.env', $hello, $o, 'a.stdin', $hello);
mail($o, 'a.noise', $hello, $o, 'a.missing', $hello);
mail('application/pdf', 'doc.pdf', $pdf, 'application/pdf', '', 'no pdf at all', $o, 'second.pdf', $pdf);
mail(map { ($o, "$_.txtx", $_ == 7 ? "seventh part" : "part $_ NoText") } 1 .. 8);
mail('application/x-text', '', "---\n");
mail('text/html', 'a.txtx', "<p>extracted hello</p>", 'text/x-vcard', 'b.txtx', $hello, 'message/rfc822', 'c.txtx', "Subject: y\n\nin it\n");
mail('application/x-text', 'x/y.z/w', '', 'application/x-textual', 'q.0', $hello);
mail($o, '', $hello, $o, "two words.txtx", $hello);
PERL
find "$work" -name '*.eml' | sort >"$work/list"

perl tests/parity/sa_score.pl --no-cache --quiet -C "$work/rules" --siteconfigpath "$work/site" \
	"$work/list" >"$work/sa" 2>"$work/sa.log" || fail "SpamAssassin failed"
"$mekiki" masscheck -L --no-own-rules --subrules -C "$work/rules" --siteconfigpath "$work/site" \
	"$work/list" >"$work/ours" 2>"$work/log" || fail "mekiki failed"
[ "$(wc -l <"$work/sa")" = "$(wc -l <"$work/list")" ] || fail "SpamAssassin has not answered"
cmp -s "$work/sa" "$work/ours" || fail "rules differ
$(diff "$work/sa" "$work/ours" | sed "s,$work/,,")"
never=$(sed -n 's/^[a-z]* \(T_[A-Z0-9]*\).*/\1/p' "$work/rules/rules.cf" | sort -u |
	while read -r rule; do grep -qw "$rule" "$work/sa" || printf '%s ' "$rule"; done)
[ "$never" = "T_ENDHUGE T_LATE T_SEVEN " ] || fail "never hit: $never"

for eml in 02 03 04 07 08 09 12 16; do
	for who in sa our; do
		if [ $who = sa ]; then
			spamassassin -L -C "$work/rules" --siteconfigpath "$work/site" -p /dev/null <"$work/$eml.eml"
		else
			"$mekiki" check -L --rewrite --no-own-rules -C "$work/rules" --siteconfigpath "$work/site" "$work/$eml.eml"
		fi 2>/dev/null | sed -n '/^X-Spam-Extract/,/^[^X \t]/p' | grep '^[X \t]' >>"$work/$who.tags"
	done
done
grep -q 'C=[1-9]' "$work/sa.tags" || fail "SpamAssassin has no tags"
cmp -s "$work/sa.tags" "$work/our.tags" || fail "tags differ
$(diff "$work/sa.tags" "$work/our.tags")"

# Nothing is left behind: no folder, no process of a tool.
[ -z "$(find "$work/tmp" -name 'mekiki-run*')" ] || fail "a folder is left: $(ls "$work/tmp")"

# How many of these lines are wrong?
cat >"$work/one/one.cf" <<'EOP'
header A Subject =~ /x/
extracttext_use pdf
extracttext_use pdf .pdf (
extracttext_use pdf \\.pdf
extracttext_use pdf2html .pdf
extracttext_use nowhere .foo .a|b
extracttext_external pdf
extracttext_external pdf /bin/cat
extracttext_external pdf /bin/cat {}
extracttext_external PDF /bin/cat {}
extracttext_external tohtml /bin/cat {}
extracttext_external x {A=1} /bin/cat
extracttext_timeout
extracttext_timeout x
extracttext_timeout 5 10 12
extracttext_timeout 5 10
extracttext_maxparts x
EOP
rm "$work/site/local.cf"
spamassassin -L --lint -C "$work/one" --siteconfigpath "$work/site" -p /dev/null >"$work/sa.lint" 2>&1 || true
"$mekiki" lint -L --no-own-rules -C "$work/one" --siteconfigpath "$work/site" >"$work/our.lint" 2>&1 || true
theirs=$(sed -n 's/.*lint: \([0-9]*\) issues.*/\1/p' "$work/sa.lint")
ours=$(sed -n 's/.*: \([0-9]*\) errors.*/\1/p' "$work/our.lint")
[ "$theirs" = "$ours" ] || fail "lint: $theirs faults for SpamAssassin, $ours here
$(cat "$work/sa.lint" "$work/our.lint")"
[ $failed = 0 ] && echo "$(wc -l <"$work/list") messages through ExtractText: fine"
exit $failed
