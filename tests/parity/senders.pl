#!/usr/bin/perl
# The same sequence of messages and lessons through SpamAssassin with its plug-in
# TxRep or AWL (in its DBM file) and through mekiki (in a Redis): equal scores and
# rules for each message, equal records at the end.
#
#   senders.pl txrep|awl
use strict;
use warnings;
use DB_File;
use Fcntl;
use FindBin;
use lib "$FindBin::Bin/../store";
use lib "$FindBin::Bin/../wire";
use Redis;
use Wire;
use Mail::SpamAssassin;

my $plugin = shift // '';
my $mekiki = build_dir() . '/mekiki';
my $faults = 0;

# Rules of all kinds that count for these plug-ins in their own way.
my $rules = <<'END';
body     WORD_A   /\balpha\b/
score    WORD_A   1.3
body     WORD_B   /\bbravo\b/
score    WORD_B   2.25
body     WORD_C   /\bcharlie\b/
score    WORD_C   4.017
body     WORD_D   /\bdelta\b/
score    WORD_D   -1.5
body     WORD_E   /\becho\b/
score    WORD_E   -3
header   SUBJ_F   Subject =~ /foxtrot/
score    SUBJ_F   1.111
body     UNTAUGHT /\bgolf\b/
score    UNTAUGHT 2.5
tflags   UNTAUGHT noautolearn
body     OWN_WISH /\bhotel\b/
score    OWN_WISH -2
tflags   OWN_WISH userconf
body     NOT_AWL  /\bindia\b/
score    NOT_AWL  1
tflags   NOT_AWL  noawl
header   TXREP    eval:check_senders_reputation()
describe TXREP    Score normalizing based on sender's reputation
tflags   TXREP    userconf noautolearn
priority TXREP    1000
header   AWL      eval:check_from_in_auto_welcomelist()
describe AWL      Adjusted score from AWL reputation of From: address
tflags   AWL      userconf noautolearn
priority AWL      1000
meta     WITH_REP (TXREP || AWL) && WORD_A
score    WITH_REP 0.5
priority WITH_REP 1100
END
$rules =~ s/^\S+\s+(?:TXREP)\b.*\n//mg if $plugin eq 'awl';
$rules =~ s/^\S+\s+(?:AWL)\b.*\n//mg if $plugin eq 'txrep';
$rules =~ s/\(TXREP \|\| AWL\)/uc $plugin/e;

my $common = <<'END';
required_score 5
report_safe 0
use_bayes 1
use_bayes_rules 0
trusted_networks 198.18.1.0/24 198.18.2.7 10.0.0.0/8
internal_networks 198.18.1.0/24 10.0.0.0/8
END

# Each with lines of settings; "learn" steps only where there is something to
# learn.
my %variants = (
	txrep => [
		[ 'as it comes', '' ],
		[ 'other numbers', <<'END' ],
txrep_factor 0.8
txrep_ipv4_mask_len 24
txrep_ipv6_mask_len 61
txrep_weight_helo 5
txrep_weight_ip 0
txrep_weight_domain 1.5
txrep_learn_penalty 7
txrep_learn_bonus 0
txrep_welcomelist_out 3.5
END
		[ 'messages are not tracked', <<'END' ],
txrep_track_messages 0
txrep_ipv4_mask_len 32
txrep_welcomelist_out 0
txrep_weight_email 0
END
		[ 'learns by itself', <<'END' ],
bayes_auto_learn 1
bayes_auto_learn_threshold_nonspam 0.1
bayes_auto_learn_threshold_spam 6.0
txrep_autolearn 1
txrep_ipv4_mask_len 19
END
	],
	awl => [
		[ 'as it comes', '' ],
		[ 'other numbers', <<'END' ],
auto_welcomelist_factor 0.3
auto_welcomelist_ipv4_mask_len 21
auto_welcomelist_ipv6_mask_len 128
END
		[ 'older names', <<'END' ],
auto_whitelist_factor 0.9
auto_whitelist_ipv4_mask_len 32
END
	],
);
$variants{$plugin} or die "usage: $0 txrep|awl\n";

# ---- messages ----

# The same ones each time.
my $seed = 20261124;
sub rnd {
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $n;
}
sub one { return $_[rnd(scalar @_)] }

my @from = ('alice@example.org', 'Alice@Example.ORG', 'bob@example.com',
	'carol@mail.example.net', "o'hara\@example.net", 'dave@example.org',
	'eve|x@example.com');
my @ips = ('198.18.7.9', '198.18.7.77', '198.18.200.3', '198.19.4.5',
	'IPv6:2001:db8:1:2::7', 'IPv6:2001:db8:1:ffff::8', '10.1.2.3',
	'198.18.2.7');
my @words = qw(alpha bravo charlie delta echo golf hotel india nothing);

sub received {
	my ($helo, $ip, $by) = @_;
	return "Received: from $helo ($helo [$ip])\n\tby $by (Postfix) with "
		. "ESMTP id AB12C;\n\tTue, 24 Nov 2026 10:00:00 +0000\n";
}

sub message {
	my ($i) = @_;
	my ($from, $ip) = (one(@from), one(@ips));
	my $helo = one('mx.example.org', 'example.org', 'pc7', 'WORKSTATION',
		"[" . $ip =~ s/IPv6://r . "]", 'mail.example.com');
	my $trace = '';
	for (rnd(10)) {
		# Nobody handed it over; from inside; over a trusted host; with
		# a past that the sender claims.
		last if $_ == 0;
		if ($_ <= 2) {
			$trace = received('desk', '10.0.0.' . (1 + rnd(9)),
				'mx.example.edu');
			last;
		}
		$trace .= received('relay.example.edu', '198.18.1.4',
			'mx.example.edu') if $_ == 3;
		$trace .= received('backup.example.edu', '198.18.2.7',
			'mx.example.edu') if $_ == 4;
		$trace .= received($helo, $ip, 'relay.example.edu');
		$trace .= received('past.example.com', '198.19.44.1',
			'mail.example.com') if $_ >= 7;
	}
	my @to = map { one('you@example.edu', 'bob@example.com',
		'alice@example.org', 'Stranger <new@example.info>') } 0 .. rnd(2);
	my $head = $trace . (rnd(12) ? "From: Some One <$from>\n" :
		"Return-Path: <bounce\@example.com>\n") .
		'To: ' . join(', ', @to) . "\n" .
		'Subject: ' . one('hello', 'foxtrot', 'news') . "\n" .
		sprintf("Date: Tue, 24 Nov 2026 10:%02d:00 +0000\n", $i % 60) .
		"Message-ID: <$i\@example.org>\n" .
		"Content-Type: text/plain; charset=us-ascii\n";
	return "$head\nThis is message $i.\n" .
		join(' ', map { one(@words) } 0 .. 1 + rnd(3)) . "\n";
}

# Steps: [what, number of a message]. Now and then an old one comes again.
sub steps {
	my ($learns) = @_;
	my ($made, @steps) = (0);

	for (1 .. 60) {
		if ($made > 3 && $learns && rnd(4) == 0) {
			push @steps, [ one('spam', 'ham', 'spam', 'ham',
				'forget'), rnd($made) ];
		} elsif ($made > 5 && rnd(8) == 0) {
			push @steps, [ 'scan', rnd($made) ];
		} else {
			push @steps, [ 'scan', $made++ ];
		}
	}
	return ($made, @steps);
}

# ---- SpamAssassin ----

my $dir = workdir();
my $module = $plugin eq 'awl' ? 'AWL' : 'TxRep';

sub prepare {
	my ($name, $settings) = @_;
	my $where = "$dir/$name";
	mkdir $where;
	mkdir "$where/$_" for qw(rules site state mail);
	spit("$where/rules/10_rules.cf", "util_rb_tld com org net edu info\n"
		. $rules);
	spit("$where/site/init.pre",
		"loadplugin Mail::SpamAssassin::Plugin::Check\n" .
		"loadplugin Mail::SpamAssassin::Plugin::AutoLearnThreshold\n" .
		"loadplugin Mail::SpamAssassin::Plugin::$module\n");
	spit("$where/site/local.cf", $common .
		($settings =~ /bayes_auto_learn / ? '' : "bayes_auto_learn 0\n") .
		($plugin eq 'txrep' ? "use_txrep 1\n" : '') . $settings);
	return $where;
}

sub judge {
	my ($where, $steps) = @_;
	my $sa = Mail::SpamAssassin->new({
		rules_filename => "$where/rules",
		site_rules_filename => "$where/site",
		userprefs_filename => '/dev/null',
		userstate_dir => "$where/state",
		home_dir_for_helpers => "$where/state",
		username => 'nobody',
		local_tests_only => 1,
		dont_copy_prefs => 1,
		require_rules => 1,
		post_config_text => "auto_welcomelist_path $where/state/store\n",
	});
	my @answers;
	$sa->init(0);
	for my $step (@$steps) {
		my ($what, $i) = @$step;
		my $mail = $sa->parse(slurp("$where/mail/$i"), 0);
		if ($what eq 'scan') {
			my $status = $sa->check($mail);
			push @answers, sprintf('%.3f', $status->get_score) . ' '
				. join(',', sort @{ $status->{test_names_hit} });
			$status->finish;
		} else {
			$sa->init_learner({ wait_for_lock => 1 });
			my $l = $sa->learn($mail, undef, $what eq 'spam' ? 1 : 0,
				$what eq 'forget' ? 1 : 0);
			$l->finish;
			$sa->finish_learner;
			push @answers, 'learned';
		}
		$mail->finish;
	}
	$sa->finish;
	tie my %db, 'DB_File', "$where/state/store", O_RDONLY, 0600
		or die "$where/state/store: $!";
	my %records = map { $_ => sprintf('%.9g %.6f', $db{$_},
		$db{"$_|totscore"} // 0) } grep { !/\|totscore$/ } keys %db;
	untie %db;
	return (\@answers, \%records);
}

# ---- mekiki ----

sub run {
	my (@command) = @_;
	open my $out, '-|', @command or die "$command[0]: $!";
	local $/;
	my $text = <$out>;
	close $out or die "@command: failed ($?)\n";
	return $text;
}

sub candidate {
	my ($where, $steps, $redis) = @_;
	my @options = ('-C', "$where/rules", '--siteconfigpath',
		"$where/site", '-L', '--no-own-rules',
		"--cf=store redis+unix://$redis->{socket}",
		"--state-dir=$where/state",
		'--cf=store_timeout 10', '--cf=store_learn_timeout 10');
	my @answers;
	for (my $at = 0; $at < @$steps;) {
		my ($what, $i) = @{ $steps->[$at] };
		if ($what ne 'scan') {
			run($mekiki, 'learn', "--$what", '-q', @options,
				"$where/mail/$i");
			push @answers, 'learned';
			$at++;
			next;
		}
		my $list = '';
		while ($at < @$steps && $steps->[$at][0] eq 'scan') {
			$list .= "$where/mail/$steps->[$at++][1]\n";
		}
		spit("$where/list", $list);
		for (split /\n/, run($mekiki, 'masscheck', '--remember',
				'--by-date', '-j', 1, @options,
				"$where/list")) {
			my (undef, $score, $hits) = split /\t/, $_, -1;
			push @answers, "$score $hits";
		}
	}
	my %records;
	for my $key (split /\n/, redis_cli($redis, '--raw', 'KEYS',
			"mekiki:$plugin:*")) {
		my %f = split /\n/, redis_cli($redis, '--raw', 'HGETALL', $key);
		my $id = $key =~ s/^mekiki:\w+://r =~
			s/%([0-9A-F]{2})/chr hex $1/ger;
		$records{$id} = { %f };
	}
	return (\@answers, plain(\%records));
}

# Records that a cleared address has outdated count no more.
sub plain {
	my ($records) = @_;
	my %plain;
	for my $id (keys %$records) {
		my $r = $records->{$id};
		my $loose = $records->{ $id =~ s/\|ip=.*/|ip=none/sr };
		next if ($loose->{epoch} // 0) > ($r->{epoch} // 0);
		next if $r->{count} == 0 && $r->{epoch};
		$plain{$id} = sprintf '%.9g %.6f', $r->{count}, $r->{total};
	}
	return \%plain;
}

# ---- both ----

sub fault {
	print "FAIL $_[0]\n";
	$faults++;
}

sub compare {
	my ($name, $steps, $sa, $ours, $sa_records, $our_records) = @_;
	my $moved = 0;
	for my $i (0 .. $#$steps) {
		$moved++ if $sa->[$i] =~ /\b(?:TXREP|AWL)\b/;
		next if $sa->[$i] eq ($ours->[$i] // '');
		fault("$name: step $i (@{ $steps->[$i] }): SpamAssassin says "
			. "$sa->[$i], mekiki " . ($ours->[$i] // 'nothing'));
	}
	my %all = (%$sa_records, %$our_records);
	for my $id (sort keys %all) {
		my ($theirs, $mine) = map { $_->{$id} // 'none' }
			$sa_records, $our_records;
		fault("$name: record $id: SpamAssassin has $theirs, "
			. "mekiki $mine") if $theirs ne $mine;
	}
	fault("$name: the rule hit only $moved times") if $moved < 12;
	print "$name: ", scalar @$steps, " steps, $moved times moved, ",
		scalar keys %$sa_records, " records\n";
}

my $n = 0;
for my $variant (@{ $variants{$plugin} }) {
	my ($name, $settings) = @$variant;
	my $where = prepare('v' . $n++, $settings);
	my ($made, @steps) = steps($plugin eq 'txrep');
	spit("$where/mail/$_", message($_)) for 0 .. $made - 1;
	my $redis = start_redis(unix => 1);
	my ($ours, $our_records) = candidate($where, \@steps, $redis);
	stop_redis($redis);
	my ($sa, $sa_records) = judge($where, \@steps);
	compare("$plugin, $name", \@steps, $sa, $ours, $sa_records,
		$our_records);
}
exit($faults ? 1 : 0);
