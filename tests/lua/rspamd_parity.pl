#!/usr/bin/perl
# Runs rspamd's own rule files (from where its package puts them) in the real
# rspamd and in mekiki, over the same messages, and compares which symbols hit.
#
#	tests/lua/rspamd_parity.pl [-b BUILD] [-n COUNT] [-e] [-v] LIST
#
# LIST has a path a line; COUNT of them, evenly chosen, are asked (1,000). The
# real rspamd runs with nothing but these rules, on a loopback port, in a
# folder of its own; its name server is a closed port, so that it asks nobody.
# Both are told the same envelope: what mekiki infers from a message's headers
# (SpamAssassin's way: sender and recipients) is given to rspamd as its client
# would. -e leaves that out, and the rules that look at the envelope differ. (Of
# a client's address rspamd makes a Received header of its own and counts it.)
# -v names the messages of
# each difference, -k FILE keeps rspamd's answers.
#
# Prints: symbols registered there, loaded here; hits of each symbol on either
# side, and how many agree. A hit is a (message, symbol) pair; the figure is
# agreeing hits / all hits of either side.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Getopt::Std;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(:sys_wait_h);

my %o = (b => 'build', n => 1000);
getopts('b:n:vek:', \%o) && @ARGV == 1
	or die "usage: $0 [-b BUILD] [-n COUNT] [-e] [-v] [-k FILE] LIST\n";
my $rules = '/usr/share/rspamd/rules';
my $dir = tempdir(CLEANUP => 1);
my $build = abs_path($o{b});
my $rspamd;
END { if ($rspamd) { my $s = $?; kill 'TERM', $rspamd; waitpid $rspamd, 0; $? = $s } }

sub slurp { my ($p) = @_; open my $f, '<:raw', $p or die "$p: $!"; local $/; <$f> }
sub spew { my ($p, $t) = @_; open my $f, '>:raw', $p or die "$p: $!"; print $f $t; close $f }

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die;
	return $s->sockport;
}

my @all = grep { length } split /\n/, slurp($ARGV[0]);
my $step = @all > $o{n} ? @all / $o{n} : 1;
my @list;
for (my $i = 0; $i < @all && @list < $o{n}; $i += $step) { push @list, $all[int $i] }
spew("$dir/list", join '', map { "$_\n" } @list);

# ---- the real one ----

my $port = free_port();
my $conf = <<"END";
options {
  filters = "regexp";
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.05s; retransmits = 1; }
  pidfile = "$dir/pid"; cache_file = "$dir/cache"; tempdir = "$dir";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  check_all_filters = true; disable_hyperscan = true; explicit_modules = [];
}
logging { type = "file"; filename = "$dir/log"; level = "warning"; }
worker "normal" { bind_socket = "127.0.0.1:$port"; count = 1; }
actions { reject = 100000; }
lua = "$rules/rspamd.lua";
END
spew("$dir/rspamd.conf", $conf);

sub registered {
	my $json = `rspamadm configdump -c $dir/rspamd.conf -d -j 2>/dev/null`;
	return decode_json($json)->{symbols};
}

sub start_rspamd {
	my @vars = map { ('--var', "$_=$dir") } qw(DBDIR RUNDIR LOGDIR);
	$rspamd = fork // die;
	if (!$rspamd) {
		open STDOUT, '>', "$dir/out";
		open STDERR, '>&', \*STDOUT;
		exec 'rspamd', '-c', "$dir/rspamd.conf", '-f', '-i', @vars,
			'--var', "LOCAL_CONFDIR=$dir/none";
		die;
	}
	for (1 .. 100) {
		return if IO::Socket::INET->new("127.0.0.1:$port");
		select undef, undef, undef, 0.1;
	}
	die "rspamd does not come up: " . slurp("$dir/out");
}

sub ask_rspamd {
	my ($path, $envelope) = @_;
	my $mail = slurp($path);
	my $s = IO::Socket::INET->new("127.0.0.1:$port") or die "rspamd is gone";
	print $s "POST /checkv2 HTTP/1.0\r\nContent-Length: ", length $mail, "\r\n",
		(map { "$_\r\n" } @$envelope), "\r\n", $mail;
	my $reply = do { local $/; <$s> };
	my ($body) = $reply =~ /\r\n\r\n(.*)/s or die "no answer for $path";
	my $r = eval { decode_json($body) };
	return undef unless $r && $r->{symbols};
	return { map { $_ => 1 } keys %{ $r->{symbols} } };
}

# ---- ours ----

# What mekiki takes for the envelope of each message: a list of header lines of
# a request by path.
sub envelopes {
	my %lines;
	mkdir "$dir/facts";
	spew("$dir/facts/facts.lua", <<'LUA');
local rspamd_logger = require 'rspamd_logger'
local function line(name, value)
  if value then rspamd_logger.warnx('FACT %s: %s', name, value) end
end
rspamd_config.FACTS = function(task)
  rspamd_logger.warnx('FACT Message')
  local from = task:get_from('smtp')
  line('From', from and '<' .. from[1].addr .. '>')
  for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do line('Rcpt', '<' .. rcpt.addr .. '>') end
end
LUA
	my $i = -1;
	for (split /\n/, `$build/mekiki masscheck -L --no-own-rules -C $dir/stock --siteconfigpath $dir/facts $dir/list 2>&1 >/dev/null`) {
		next unless /\bFACT (\w+)(?:: (.*?))?(?: \(message .*)?$/;
		if ($1 eq 'Message') { $i++ } else { push @{ $lines{$list[$i]} }, "$1: $2" }
	}
	die "facts of ", $i + 1, " messages for ", scalar @list unless $i == $#list;
	return \%lines;
}

sub our_hits {
	my ($lines) = @_;
	my %hits;
	mkdir "$dir/site";
	mkdir "$dir/stock";
	# The same files in the same order as rspamd.lua names them.
	my $text = slurp("$rules/rspamd.lua");
	my @files = $text =~ /dofile\(local_rules \.\. '([^']+)'\)/g;
	@files = grep { !m{/controller/} } @files;
	spew("$dir/site/rules.cf", join '', map { "lua_file $rules$_\n" } @files);
	my @opt = ('-L', '--no-own-rules', '-C', "$dir/stock", '--siteconfigpath', "$dir/site");
	my %names = map { $_ => 1 }
		map { /^(\S+)\s+lua\s/ ? $1 : () } split /\n/, `$build/mekiki rules @opt 2>/dev/null`;
	open my $p, '-|', "$build/mekiki masscheck @opt --subrules $dir/list 2>$dir/err" or die;
	while (<$p>) {
		chomp;
		my ($path, undef, $tests, $sub) = split /\t/, $_, -1;
		$hits{$path} = { map { $_ => 1 } grep { length } split /,/, "$tests,$sub" };
	}
	close $p;
	print "mekiki masscheck ended with $?\n" if $?;
	my @err = split /\n/, slurp("$dir/err");
	print "  $_\n" for @err[0 .. ($#err > 30 ? 30 : $#err)];
	return (\%names, \%hits);
}

my $symbols = registered();
my ($ours, $hits) = our_hits();
my @loaded = grep { $ours->{$_} } keys %$symbols;
printf "registered there: %d, loaded here: %d (%.1f %%)\n", scalar keys %$symbols,
	scalar @loaded, 100 * @loaded / keys %$symbols;
my @absent = sort grep { !$ours->{$_} } keys %$symbols;
print "  absent: @absent\n" if @absent;

my $kept = $o{k} && -e $o{k} ? decode_json(slurp($o{k})) : undef;
my $envelopes = $o{e} ? {} : envelopes();
start_rspamd() unless $kept;
my (%theirs, %count);
my ($agree, $total) = (0, 0);
for my $path (@list) {
	my $t = $kept ? $kept->{$path} : ask_rspamd($path, $envelopes->{$path} // []);
	next unless $t;
	$theirs{$path} = $t;
	my $h = $hits->{$path} // {};
	for my $s (keys %$symbols) {
		my ($a, $b) = ($t->{$s} ? 1 : 0, $h->{$s} ? 1 : 0);
		next unless $a || $b;
		$total++;
		$count{$s}[0] += $a;
		$count{$s}[1] += $b;
		if ($a && $b) { $agree++; next }
		$count{$s}[2]++;
		push @{ $count{$s}[3 + $b] }, $path;
	}
}
spew($o{k}, encode_json(\%theirs)) if $o{k} && !$kept;
printf "messages: %d; hits: %d, equal: %d (%.2f %%)\n", scalar keys %theirs, $total, $agree,
	100 * $agree / $total;
printf "%-34s %6s %6s %6s\n", qw(symbol there here differ);
for my $s (sort { ($count{$b}[2] // 0) <=> ($count{$a}[2] // 0) || $a cmp $b } keys %count) {
	printf "%-34s %6d %6d %6d\n", $s, $count{$s}[0], $count{$s}[1], $count{$s}[2] // 0;
	next unless $o{v} && $count{$s}[2];
	for my $side (0, 1) {
		my @p = @{ $count{$s}[3 + $side] // [] };
		print "    only ", ('there', 'here')[$side], ": $_\n" for @p[0 .. ($#p > 2 ? 2 : $#p)];
	}
}
