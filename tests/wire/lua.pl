#!/usr/bin/perl
# Rules in Lua inside of the daemon: a rule that loses its worker costs the
# message nothing but that rule, three times disable it until the rules are
# loaded again, statistics tell; rules ask a real HTTP server through the
# asker, which may die as well.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Wire;
use IPC::Open2;
use Time::HiRes qw(sleep time);

my ($run, $failed) = (0, 0);
sub ok ($$;$) {
	my ($good, $name, $more) = @_;
	$run++;
	print $good ? "ok   $name\n" : "FAIL $name\n" .
		(defined $more ? "     $more\n" : '');
	$failed++ unless $good;
	return $good;
}

# The hits of a mail with these headers, as SYMBOLS tells them.
sub request {
	my (@headers) = @_;
	my $mail = join "\n", 'From: a@example.com', 'Subject: hello', @headers,
		'', "cheap pills\n";
	return "SYMBOLS SPAMC/1.5\r\nContent-length: " . length($mail) .
		"\r\n\r\n$mail";
}
sub hits {
	my ($reply) = @_;
	return $reply =~ /\r\n\r\n(\S*)/ ? $1 : "no verdict: $reply";
}

sub start_lua {
	my ($name, $cf, $lua, @args) = @_;
	my $d = workdir() . "/mekikid-$name";
	mkdir $d;
	mkdir "$d/$_" for qw(rules site);
	spit("$d/rules/10_wire.cf", slurp(wire_dir() . '/rules/10_wire.cf'));
	spit("$d/site/init.pre", slurp(wire_dir() . '/site/init.pre'));
	spit("$d/site/50_lua.cf", $cf);
	spit("$d/site/rules.lua", $lua);
	return start_mekikid(name => "mekikid-$name", rules => "$d/rules",
		site => "$d/site", args => \@args);
}

# Starts a request and leaves it running.
sub begin {
	my ($d, $text) = @_;
	my $s = connect_to($d);
	syswrite $s, $text;
	return $s;
}

# Waits until `text` stands one time more in the log than before; then the pid
# of the worker that wrote it.
my %told;
sub told {
	my ($d, $text, $seconds) = @_;
	my $want = ++$told{$d}{$text};
	my @pids;
	return wait_for($seconds || 10, sub {
		@pids = log_of($d) =~ /\[(\d+)\][^\n]*\Q$text\E/g;
		return @pids >= $want;
	}) ? $pids[$want - 1] : 0;
}

my $busy = <<'L';
local logger = require 'rspamd_logger'
rspamd_config.L_GOOD = { score = 1, callback = function(task) return true end }
rspamd_config.L_BUSY = { score = 2, callback = function(task)
  if task:get_header('X-Busy') then
    logger.errx(task, 'it is busy')
    while true do end
  end
  return true
end }
rspamd_config.L_LATER = { score = 1, callback = function(task) return true end }
L
my $all = 'L_BUSY,L_GOOD,L_LATER,WIRE_META,WIRE_PILLS,WIRE_SUBJECT';
my $rest = 'L_GOOD,L_LATER,WIRE_META,WIRE_PILLS,WIRE_SUBJECT';

sub deaths {
	my $d = start_lua('deaths', "lua_time_limit 600\n" .
		"lua_instruction_limit 1000000000000000\n", $busy,
		'--hang-limit', '100');
	my $reply = talk($d, request());
	ok(hits($reply) eq $all, 'rules in Lua count', hits($reply));

	my $s = begin($d, request('X-Busy: 1'));
	my $w = told($d, 'it is busy');
	ok($w, 'a rule that does not end');
	ok(hits(talk($d, request())) eq $all, 'meanwhile others are served');
	kill 'SEGV', $w;
	$reply = hits(read_all($s, 20));
	ok($reply eq $rest, 'its worker dies: the verdict of all other rules',
		$reply);
	ok(log_of($d) =~ /worker\ $w\ (?:died\ of\ signal\ 11|exited\ with\ status)
			  .*rule\ L_BUSY/x, 'the log names the rule');

	# Nobody is blamed for one that is killed from outside, once.
	$s = begin($d, request('X-Busy: 2'));
	kill 'KILL', told($d, 'it is busy');
	ok($w = told($d, 'it is busy'), 'killed from outside: tried as it was');
	kill 'KILL', $w;
	$reply = hits(read_all($s, 20));
	ok($reply eq $rest, 'killed again in the same rule: left out', $reply);
	ok(log_of($d) !~ /is disabled/, 'two strikes disable nothing');

	$s = begin($d, request('X-Busy: 3'));
	kill 'SEGV', told($d, 'it is busy');
	$reply = hits(read_all($s, 20));
	ok($reply eq $rest, 'the third time', $reply);
	ok(wait_for(2, sub { log_of($d) =~
		m{rule L_BUSY \(\S+/rules\.lua:\d+\) is disabled} }),
		'three strikes disable the rule, with file and line');
	my $began = time;
	$reply = hits(talk($d, request('X-Busy: 4')));
	ok($reply eq $rest && time - $began < 5, 'it is not called any more',
		$reply);
	ok(hits(talk($d, request())) eq $rest, 'for no message');
	ok(!glob("$d->{dir}/state/poison/*.eml"), 'no message was poison');

	kill 'USR2', $d->{pid};
	my $statistics = qr/statistics:\ 7\ messages:\ 7\ spam,\ 0\ ham;\ 0\ errors;
		\ 4\ workers\ lost,\ 3\ of\ them\ in\ rules\ in\ Lua/x;
	ok(wait_for(3, sub { log_of($d) =~ $statistics }), 'statistics',
		log_of($d));
	ok(wait_for(3, sub { log_of($d) =~
		m{rule\ L_BUSY\ \(\S+/rules\.lua:\d+\):\ 6\ calls,\ 2\ hits,
		  \ 0\ errors,\ 3\ strikes,\ .*disabled}x }), 'of each rule',
		join "\n", grep { /statistics/ } split /\n/, log_of($d));
	ok(log_of($d) =~ m{rule L_GOOD \S+: 1\d calls, 1\d hits, 0 errors, } ||
	   log_of($d) =~ m{rule L_GOOD \S+: \d+ calls, \d+ hits, 0 errors, 0 strikes},
		'of innocent ones, too');

	my $at = length log_of($d);
	kill 'HUP', $d->{pid};
	wait_for(10, sub { substr(log_of($d), $at) =~ /rules: \d+ in \d+ ms/ });
	ok(wait_for(5, sub { hits(talk($d, request())) eq $all }),
		'after a reload it is called again');
	ok(stop_daemon($d) == 0, 'the end is orderly');
}

# One that stands still inside of a rule, which costs no CPU time.
sub stops {
	my $d = start_lua('stops', "lua_time_limit 0.2\n" .
		"lua_instruction_limit 1000000000000000\n", $busy);
	my $s = begin($d, request('X-Busy: 1'));
	my $w = told($d, 'it is busy');
	kill 'STOP', $w;
	my $reply = hits(read_all($s, 30));
	ok($reply eq $rest, 'a worker that stands still in a rule', $reply);
	ok(log_of($d) =~ /worker $w was killed \(it stood still in a rule in Lua\)/,
		'it was killed', log_of($d));
	# And what its budget ends by itself.
	$reply = hits(talk($d, request('X-Busy: 2'), seconds => 30));
	ok($reply eq $rest, 'a rule whose budget is spent', $reply);
	ok(log_of($d) !~ /it hung in a rule/, 'needs nobody to be killed');
	stop_daemon($d);
}

# A server of the tests' own; it ends with its standard input.
my (@servers, @inputs);
# A folder of rspamd's beside the site: its scripts, options of local.d, and a
# map that changes while the daemon runs. A map that is removed keeps what it
# had.
sub maps {
	my $dir = workdir() . '/etc-rspamd';
	mkdir $_ for $dir, map { "$dir/$_" } qw(lua.local.d local.d maps);
	chmod 0755, $dir, glob("$dir/*");
	spit("$dir/local.d/blocked.conf", qq{list = "$dir/maps/domains";\nword = "pills";\n});
	spit("$dir/maps/domains", "blocked.example\n");
	spit("$dir/lua.local.d/blocked.lua", <<'L');
local options = rspamd_config:get_all_opt('blocked')
local map = rspamd_config:add_map{ url = options.list, type = 'set', description = 'blocked' }
rspamd_config.L_BLOCKED = { score = 1, callback = function(task)
  return map:get_key(task:get_from('mime')[1].domain)
end }
rspamd_config.L_WORD = { score = 1, callback = function(task)
  return tostring(task:get_rawbody()):find(options.word, 1, true) ~= nil
end }
L
	my $d = start_lua('maps', "lua_local_d $dir/lua.local.d\n", '');
	my $rest = 'WIRE_META,WIRE_PILLS,WIRE_SUBJECT';
	my $reply = hits(talk($d, request()));
	ok($reply eq "L_WORD,$rest", 'options of local.d, a map that lacks it', $reply);
	spit("$dir/maps/domains", "blocked.example\nexample.com\n");
	ok(wait_for(10, sub { hits(talk($d, request())) eq "L_BLOCKED,L_WORD,$rest" }),
		'a changed map is read again', hits(talk($d, request())));
	unlink "$dir/maps/domains";
	sleep 2.5;
	$reply = hits(talk($d, request()));
	ok($reply eq "L_BLOCKED,L_WORD,$rest", 'a map that is gone keeps what it had', $reply);
	spit("$dir/maps/domains", "other.example\n");
	ok(wait_for(10, sub { hits(talk($d, request())) eq "L_WORD,$rest" }),
		'and is read when it is back', hits(talk($d, request())));
	ok(log_of($d) !~ /died of signal|panic/, 'nothing died of it');
	stop_daemon($d);
}

sub start_server {
	my $pid = open2(my $out, my $in, 'perl', wire_dir() . '/http_server.pl',
		@_);
	push @servers, $pid;
	push @inputs, $in;
	chomp(my $port = <$out>);
	return $port;
}
sub end_servers {
	close $_ for @inputs;
	waitpid $_, 0 for @servers;
}

# A certificate for localhost, and its key.
sub certificate {
	my ($cert, $key) = map { workdir() . "/$_.pem" } qw(cert key);
	system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 " .
		'-nodes -days 2 -subj /CN=localhost -addext ' .
		"subjectAltName=DNS:localhost -keyout $key -out $cert " .
		'2>/dev/null') == 0 or die 'no certificate';
	chmod 0644, $cert;
	return ($cert, $key);
}

sub asks {
	my $server_port = start_server();
	my $lua = <<"L";
local http = require 'rspamd_http'
local logger = require 'rspamd_logger'
local url = 'http://127.0.0.1:$server_port'
rspamd_config.L_CALLBACK = { score = 1, callback = function(task)
  http.request({ task = task, url = url .. '/echo', timeout = 5,
    callback = function(err, code, body, headers)
      if not err and code == 200 then task:insert_result('L_CALLBACK', 1) end
    end })
end }
-- The callback of an answer may ask again, and wait for that.
rspamd_config.L_CHAIN = { score = 1, callback = function(task)
  http.request({ task = task, url = url .. '/echo', timeout = 5,
    callback = function(err, code)
      local err2, second = http.request({ task = task, url = url .. '/echo', timeout = 5 })
      if not err and not err2 and second.code == 200 then task:insert_result('L_CHAIN', 1) end
    end })
end }
rspamd_config.L_WAITS = { score = 1, callback = function(task)
  local err, response = http.request({ task = task, timeout = 5,
    url = url .. '/' .. (task:get_header('X-Path') or 'echo') })
  if err then logger.errx(task, 'the world says: %s', err) return false end
  return response.code == 200
end }
L
	my $d = start_lua('asks', "lua_http_allow 127.0.0.0/8\n", $lua,
		'--nolocal');
	my $both = 'L_CALLBACK,L_CHAIN,L_WAITS,WIRE_META,WIRE_PILLS,WIRE_SUBJECT';
	my $reply = hits(talk($d, request()));
	ok($reply eq $both, 'rules ask a server', $reply);
	my @askers = processes_of($d, qr/^mekikid-asker/);
	ok(@askers == 1, 'one asker for all workers', "@askers");
	my @many = map { begin($d, request('X-Path: slow?0.2')) } 1 .. 20;
	my $good = grep { hits(read_all($_, 30)) eq $both } @many;
	ok($good == 20, '20 messages at once', $good);

	# The asker dies while a rule waits for it.
	my $began = time;
	my $s = begin($d, request('X-Path: slow?4'));
	sleep 0.5;
	kill 'KILL', @askers;
	$reply = hits(read_all($s, 20));
	ok($reply =~ /WIRE_META,WIRE_PILLS,WIRE_SUBJECT$/ &&
		$reply !~ /L_WAITS/ && time - $began < 3.5,
		'the asker dies: the verdict of all other rules, at once', $reply);
	my @new;
	ok(wait_for(5, sub {
		@new = processes_of($d, qr/^mekikid-asker/);
		@new == 1 && $new[0] != $askers[0] }), 'it is replaced');
	ok(wait_for(10, sub { hits(talk($d, request())) eq $both }),
		'and answers again');
	ok(stop_daemon($d) == 0, 'the end is orderly');
	ok(wait_for(3, sub { !kill 0, $new[0] }), 'the asker ends, too');

	# What is not allowed.
	$d = start_lua('refused', "score L_CALLBACK 0\n", $lua, '--nolocal');
	$reply = hits(talk($d, request()));
	ok($reply eq 'WIRE_META,WIRE_PILLS,WIRE_SUBJECT',
		'loopback is closed by default', $reply);
	ok(log_of($d) =~ /the world says:.*127\.0\.0\.1.*lua_http_allow/,
		'with a reason', log_of($d));
	stop_daemon($d);
}

# Names and TLS behind the asker's fences.
sub asks_with_tls {
	my $port = start_server(certificate());
	my $lua = <<"L";
local http = require 'rspamd_http'
local function rule(name, options)
  rspamd_config:register_symbol{ name = name, score = 1, callback = function(task)
    options.task, options.url, options.timeout = task, 'https://localhost:$port/echo', 5
    local err, response = http.request(options)
    return not err and response.code == 200
  end }
end
rule('L_VERIFIED', {})
rule('L_NOT_VERIFIED', { no_ssl_verify = true })
L
	my $others = 'WIRE_META,WIRE_PILLS,WIRE_SUBJECT';
	my $d = start_lua('tls', "lua_http_allow 127.0.0.1 ::1\n", $lua,
		'--nolocal');
	my $reply = hits(talk($d, request()));
	ok($reply eq "L_NOT_VERIFIED,$others", 'a certificate of nobody\'s',
		$reply);
	stop_daemon($d);
	my $etc = "lua_http_allow 127.0.0.1 ::1\nlua_http_ca_file " . workdir() .
		"/cert.pem\n";
	$d = start_lua('ca', $etc, $lua, '--nolocal');
	$reply = hits(talk($d, request()));
	ok($reply eq "L_NOT_VERIFIED,L_VERIFIED,$others", 'one of ours', $reply);
	stop_daemon($d);
	end_servers();
}

maps();
deaths();
stops();
asks();
asks_with_tls();
print "$run checks, $failed failed\n";
exit($failed || !$run ? 1 : 0);
