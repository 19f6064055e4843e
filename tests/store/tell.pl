#!/usr/bin/perl
# TELL and autolearn beside the real spamd: each daemon with a Redis database
# of its own gets the same requests; replies are equal byte for byte, the words
# for autolearn too, and in the end both databases hold the same.
use strict;
use warnings;
use Bayes;
use Redis;
use Wire;

my ($checks, $failed) = (0, 0);
sub ok {
	my ($good, $name, @more) = @_;
	$checks++;
	$failed++ unless $good;
	print $good ? 'ok   ' : 'FAIL ', "$name\n";
	print map { "     $_\n" } map { split /\n/ } @more unless $good;
}

my $redis = start_redis();
my ($rules, $site) = (workdir() . '/site/rules', workdir() . '/site/site');
bayes_site(workdir() . '/site');
spit("$rules/20.cf", join '', map { "$_\n" }
	'header HAM_H Subject =~ /meeting|agenda/', 'score HAM_H -1',
	'header SPAM_H1 Subject =~ /pills|casino/', 'score SPAM_H1 7',
	'body SPAM_B1 /miracle|guarantee/', 'score SPAM_B1 7');
spit("$site/b.pre", "loadplugin Mail::SpamAssassin::Plugin::AutoLearnThreshold\n");
spit("$site/b.cf", join '', map { "$_\n" } 'bayes_auto_learn 1',
	'add_header all Auto autolearn=_AUTOLEARN_',
	'add_header all Counts _BAYESTC_ _BAYESTCLEARNED_ _BAYESTCSPAMMY_ ' .
		'_BAYESTCHAMMY_',
	'add_header all Summary _TOKENSUMMARY_');

my %daemon;
my %start = (spamd => \&start_spamd, mekikid => \&start_mekikid);
my %db = (spamd => 1, mekikid => 2);
for my $who (qw(spamd mekikid)) {
	my @cf = split /\n/, judge_lines($redis, $db{$who});
	push @cf, 'store_timeout 20', 'store_learn_timeout 20', 'store none'
		if $who eq 'mekikid';
	$daemon{$who} = $start{$who}->(rules => $rules, site => $site,
		args => [ '-l', map { ('--cf', $_) } @cf ]);
}

sub both {
	my ($name, $request, $pick) = @_;
	my %reply = map { my $r = talk($daemon{$_}, $request);
		($_ => $pick ? join("\n", $r =~ /$pick/g) : $r) } keys %daemon;
	ok($reply{spamd} eq $reply{mekikid} && $reply{spamd} ne '', $name,
		"spamd:   $reply{spamd}", "mekikid: $reply{mekikid}");
	return $reply{mekikid};
}

sub request {
	my ($word, $mail, @headers) = @_;
	$mail =~ s/\n/\r\n/g;
	return join "\r\n", "$word SPAMC/1.5", @headers,
		'Content-length: ' . length $mail, '', $mail;
}

sub said { request('TELL', @_) }

my @spam = ('Message-class: spam', 'Set: local');
my @ham = ('Message-class: ham', 'Set: local');
my @forget = ('Remove: local');
my ($one, $two) = (generated_mail(1, 1), generated_mail(2, 0));
my $marked = "X-Spam-Checker-Version: SpamAssassin 4.0.1\n" .
	"X-Spam-Status: Yes, score=9\n" . generated_mail(3, 1);

my $reply = both('a spam is learned', said($one, @spam));
ok($reply =~ /DidSet: local/, 'and it says so', $reply);
$reply = both('again: nothing', said($one, @spam));
ok($reply !~ /Did/, 'and it says so', $reply);
both('as ham: it is turned round', said($one, @ham));
both('forgotten', said($one, @forget));
$reply = both('forgotten twice', said($one, @forget));
ok($reply !~ /Did/, 'is nothing', $reply);
both('a ham', said($two, @ham));
both('another class is ham', said(generated_mail(4, 0),
	'Message-class: other', 'Set: local'));
both('no class is ham', said(generated_mail(5, 0), 'Set: local'));
both('with markup: as without', said($marked, @spam));
both('the original is known', said(generated_mail(3, 1), @spam));
both('without a Message-ID', said(generated_mail(6, 1, no_id => 1), @spam));
both('again', said(generated_mail(6, 1, no_id => 1), @spam));
both('of a user', said(generated_mail(7, 1), 'User: joe', @spam));
both('set and remove at once', said($one, 'Set: local', 'Remove: local'));
both('nothing asked', said($one));
both("message $_", said(generated_mail($_, $_ % 2), $_ % 2 ? @spam : @ham))
	for 10 .. 24;

# Now both are trained: BAYES rules, and the words for autolearn.
my %words;
for my $n (30 .. 59) {
	my $mail = generated_mail($n, $n % 2);
	my $text = both("scan of message $n", request('PROCESS', $mail),
		qr/^(X-Spam-(?:Auto|Bayes|Tests|Counts|Summary):.*)/m);
	$words{$1}++ if $text =~ /autolearn=(\w+)/;
}
ok($words{ham} && $words{spam} && $words{no},
	'some are learned as ham, some as spam, some not',
	join ' ', map { "$_ $words{$_}" } keys %words);
both('scanned again: learned already', request('PROCESS', generated_mail(31, 1)),
	qr/(autolearn=\w+)/);

my $same = same_database(map { database(connect_redis($redis, $db{$_})) }
	qw(spamd mekikid));
ok($same eq '', 'both databases hold the same', $same);
stop_daemon($_) for values %daemon;
print "$checks checks, $failed failed\n";
exit($failed ? 1 : 0);
