#!/usr/bin/perl
# Rules in Lua that ask the store, inside of the daemon: with a real Redis, a
# cluster and the embedded store. What they get, what they are refused, what
# facts they are given, and what they are told when the store stands still or
# is gone. And the rules of the cookbook that need a store.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep time);
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Redis;
use Wire;

# Each rule tells what it saw in a tag, which the report shows.
our $rules = <<'L';
local rspamd_redis = require 'rspamd_redis'
local lua_redis = require 'lua_redis'
local params = lua_redis.parse_redis_server('test')
local function show(v)
  if type(v) ~= 'table' then
    return type(v) == 'userdata' and 'nothing' or tostring(v)
  end
  local all = {}
  for i, x in ipairs(v) do all[i] = show(x) end
  return '{' .. table.concat(all, ' ') .. '}'
end
-- name: when the header X-Test has that word the rule runs.
local function rule(name, fn, kind)
  rspamd_config:register_symbol{ name = name, score = 0.1, type = kind,
    callback = function(task)
      if task:get_header('X-Test') == name then return fn(task) end
    end }
end
local function tell(task, name, ...)
  local all = {}
  for i = 1, select('#', ...) do all[i] = show((select(i, ...))) end
  task:insert_result(name, 1)
  task:set_tag('TOLD', table.concat(all, ','))
end

rule('COUNT', function(task)
  local key = 'lua:from:' .. task:get_from('mime')[1].addr
  lua_redis.redis_make_request(task, params, key, true, function(err, n)
    lua_redis.redis_make_request(task, params, key, true, function(err2, set)
      tell(task, 'COUNT', err, n, err2, set)
    end, 'EXPIRE', { key, 86400 })
  end, 'INCR', { key })
end)

rule('VALUES', function(task)
  local ok, conn = rspamd_redis.connect_sync{ task = task }
  conn:add_cmd('HSET', { 'lua:h', 'name', 'value', 'n', 17.0 })
  conn:add_cmd('HGET', { 'lua:h', 'n' })
  conn:add_cmd('HMGET', { 'lua:h', 'name', 'other' })
  conn:add_cmd('GET', { 'lua:h' })
  conn:add_cmd('HLEN', { 'lua:h' })
  tell(task, 'VALUES', conn:exec())
end)

rule('WAITS', function(task)
  local ok, data = lua_redis.request(params, { task = task }, { 'HGETALL', 'lua:partners' })
  local ok2, none = rspamd_redis.make_request_sync{ task = task, cmd = 'GET', args = { 'lua:none' } }
  tell(task, 'WAITS', ok, #data, ok2, none)
end)

local script = lua_redis.add_redis_script([[
local n = redis.call('INCRBY', KEYS[1], ARGV[1])
local ours = redis.pcall('GET', 'mekiki:cap')
return { n, type(_G) == 'nil' or _G.redis == redis, ours.err ~= nil and 'refused' or 'read',
  redis.pcall('FLUSHALL').err ~= nil and 'refused' or 'gone' }]], params)
local faulty = lua_redis.add_redis_script("return redis.call('DEL', 'mekiki:cap')", params)
rule('SCRIPT', function(task)
  lua_redis.exec_redis_script(script, { task = task }, function(err, data)
    lua_redis.exec_redis_script(faulty, { task = task }, function(err2)
      tell(task, 'SCRIPT', err, data, err2:match("the key '.*allows"))
    end, {})
  end, { 'lua:script' }, { 5 })
end)

rule('REFUSED', function(task)
  local wrong = {}
  for _, c in ipairs{ { 'FLUSHALL' }, { 'KEYS', '*' }, { 'CONFIG', 'GET', '*' }, { 'SCAN', 0 },
      { 'MULTI' }, { 'SUBSCRIBE', 'lua:a' }, { 'BLPOP', 'lua:a', 1 }, { 'SORT', 'lua:a' },
      { 'SCRIPT', 'FLUSH' }, { 'PING' }, { 'nonsense' }, { 'GET', 'mekiki:cap' }, { 'GET', 'other' },
      { 'MGET', 'lua:a', 'v:x' }, { 'MSET', 'lua:a', 1, 'v:b', 2 }, { 'SMOVE', 'lua:a', 'v:b', 'x' },
      { 'ZUNIONSTORE', 'lua:a', 1, 'v:b' }, { 'ZINTER', 1, 'v:b' }, { 'EVAL', 'return 1', 1, 'v:b' },
      { 'EVAL', 'return 1', 'x' }, { 'EVAL', 'return 1', 9, 'lua:a' }, { 'EVALSHA', 'abc', 0 } } do
    local ok, err = lua_redis.request(params, { task = task }, c)
    if ok or not tostring(err):match('not one of those') and not err:match('not a command for rules')
        and not err:match('number of keys') and not err:match('^NOSCRIPT') then
      wrong[#wrong + 1] = c[1] .. ': ' .. tostring(err)
    end
  end
  tell(task, 'REFUSED', #wrong, table.concat(wrong, '; '))
end)

rule('ALLOWED', function(task)
  local ok, a = lua_redis.request(params, { task = task }, { 'INCR', 'site_count' })
  local ok2, b = lua_redis.request(params, { task = task }, { 'GET', 'lua:a' })
  tell(task, 'ALLOWED', ok, a, ok2)
end)

rule('BUDGET', function(task)
  for i = 1, 20 do
    rspamd_redis.make_request{ task = task, cmd = 'GET', args = { 'lua:' .. i },
      callback = function() end }
  end
  return true
end)

rule('SLOTS', function(task)
  local ok, data = lua_redis.request(params, { task = task }, { 'MGET', 'lua:{1}', 'lua:{2}' })
  local ok2, data2 = lua_redis.request(params, { task = task }, { 'MGET', 'lua:{1}a', 'lua:{1}b' })
  tell(task, 'SLOTS', ok, ok or data:match('^CROSSSLOT'), ok2, data2)
end)

rule('REPLY', function(task)
  lua_redis.request(params, { task = task }, { 'EVAL',
    "redis.call('SET', KEYS[1], string.rep('x', 3000001)) return 1", 1, 'lua:huge' })
  local ok, data = lua_redis.request(params, { task = task }, { 'GET', 'lua:huge' })
  local ok2, err = lua_redis.request(params, { task = task }, { 'EVAL',
    "return {string.rep('x', 9000000), string.rep('x', 9000000)}", 1, 'lua:huge' })
  tell(task, 'REPLY', ok, ok and #data or data, ok2, type(err))
end)

rule('LARGE', function(task)
  local ok, err = pcall(rspamd_redis.make_request_sync, { task = task, cmd = 'SET',
    args = { 'lua:large', ('x'):rep(1100000) } })
  tell(task, 'LARGE', ok, err:match('too large'))
end)

rule('DEEP', function(task)
  local ok, data = lua_redis.request(params, { task = task }, { 'EVAL',
    'local t = {} for i = 1, 40 do t = {t} end return t', 0 })
  tell(task, 'DEEP', type(data))
end)

rule('LATE', function(task)
  rspamd_redis.make_request{ task = task, cmd = 'INCR', args = { 'lua:late' } }
  rspamd_redis.make_request_sync{ task = task, cmd = 'RPUSH',
    args = { 'lua:verdicts', task:get_metric_action() } }
end, 'idempotent')

rule('BOTH', function(task)
  rspamd_redis.make_request{ task = task, cmd = 'GET', args = { 'lua:a' }, callback =
    function(err, data) tell(task, 'BOTH', err and 'error' or 'fine', data) end }
end)

rule('FACTS', function(task)
  local from = task:get_reputation('from')[1]
  local ip = task:get_reputation('ip')[1]
  local same = task:get_same_text()
  tell(task, 'FACTS', task:is_memory_known(), #task:get_reputation() > 0,
    from and from.name, from and from.known, from and from.seen, ip and ip.name,
    same and same.domains, same and same.messages, task:get_bayes())
end)

local done, outside = lua_redis.redis_make_request_taskless(rspamadm_ev_base, rspamd_config,
  params, 'lua:x', false, function(err) error_of_load = err end, 'GET', { 'lua:x' })
rule('OUTSIDE', function(task) tell(task, 'OUTSIDE', error_of_load, params ~= nil) end)
L

my ($daemon, $store);

sub start_with {
	my ($name, $url, $lines) = @_;
	my $d = workdir() . "/$name";
	mkdir $d;
	mkdir "$d/$_" for qw(rules site);
	spit("$d/rules/10_test.cf", "report _TESTS_\nreport told <_TOLD_>\n" .
		"util_rb_tld com net org\n");
	spit("$d/site/init.pre", slurp(wire_dir() . '/site/init.pre'));
	spit("$d/site/50_store.cf", "store $url\nstore_timeout 3\n" .
		"lua_lookup_limit 30\n" . ($lines || ''));
	spit("$d/site/rules.lua", $rules);
	$daemon = start_mekikid(name => $name, rules => "$d/rules",
		site => "$d/site");
}

my $number = 0;
sub mail {
	my ($test, %o) = @_;
	my $n = ++$number;
	my $from = $o{from} || '<a@example.com>';
	my $to = $o{to} || 'user@example.net';
	my $envelope = $o{envelope} ? "X-Envelope-From: $o{envelope}\n" : '';
	my $text = $o{text} || <<'T';
The agenda of our next meeting, which takes place on Monday in the large room
of the second floor; please read the minutes of the last one before, and bring
your questions and a pencil with you. Coffee is served from nine o'clock on.
T
	return $envelope . <<"M";
Received: from out.example.org (out.example.org [198.18.7.1])
	by mx.example.net (Postfix) with ESMTP id A$n;
	Tue, 24 Nov 2026 10:00:00 +0000
From: $from
To: $to
Subject: hello
Message-ID: <$n.lua\@example.com>
X-Test: $test

$text
M
}

# What the rule told, as its options in the report.
sub told {
	my ($test, %o) = @_;
	my $mail = mail($test, %o);
	my $reply = talk($daemon, "REPORT SPAMC/1.5\r\nContent-length: " .
		length($mail) . "\r\n\r\n$mail", half_close => 1);
	return "no verdict: $reply" unless $reply =~ /^Spam: (?:True|False) /m;
	return 'no hit' unless $reply =~ /\b$test\b/;
	return $reply =~ /^told <(?!_TOLD_)(.*)>$/m ? $1 : 'nothing';
}

sub scenes {
	my ($name) = @_;
	is(told('COUNT'), 'nil,1,nil,1', "$name: counts");
	is(told('COUNT'), 'nil,2,nil,1', "$name: and remembers");
	is(told('COUNT', from => '<b@example.com>'), 'nil,1,nil,1',
	   "$name: each sender");
	is(told('VALUES'), 'true,2,true,17,true,{value nothing},false,' .
		'WRONGTYPE Operation against a key holding the wrong kind of ' .
		'value,true,2', "$name: values of a pipeline");
	is(told('WAITS'), 'true,0,true,nothing', "$name: waits");
	is(told('SCRIPT'), "nil,{5 1 refused refused},the key 'mekiki:cap' is " .
		'not one of those that lua_redis_keys allows',
		"$name: a script, and what it may not");
	is(told('REFUSED'), '0,', "$name: refusals");
	is(told('ALLOWED'), 'false,the key \'site_count\' is not one of those ' .
		'that lua_redis_keys allows,true', "$name: a key of the site's");
	is(told('REPLY'), 'true,3000001,false,string',
	   "$name: large answers");
	is(told('WAITS'), 'true,0,true,nothing', "$name: go on");
	is(told('LARGE'), 'false,too large', "$name: too large a command");
	like(told('DEEP'), qr/^(?:string|table)$/, "$name: deep lists");
	is(told('LATE'), 'no hit', "$name: after the verdict");
	is(told('LATE'), 'no hit', "$name: again");
	is(told('BUDGET'), 'nothing', "$name: within the budget");
	is(told('OUTSIDE'), 'rules ask the store only while a message is ' .
		'scanned,true', "$name: outside of a message");
	like(told('FACTS'), qr/^true,true,example\.com,(?:true|false),\d+,198\.18\.7\.1,1,\d+$/,
	   "$name: facts");
}

sub with_redis {
	my $r = start_redis();
	start_with('redis', redis_url($r));
	scenes('redis');
	is(redis_cli($r, 'GET', 'lua:from:a@example.com'), 2, 'in Redis');
	like(redis_cli($r, 'TTL', 'lua:from:a@example.com'), qr/^8\d{4}$/,
	     'with its lifetime');
	is(redis_cli($r, 'GET', 'lua:late'), 2, 'sent after the verdict');
	is(redis_cli($r, 'LRANGE', 'lua:verdicts', 0, -1),
	   "no action\nno action", 'that one knew');

	# It stands still: an error within the time-out, and the verdict.
	pause_redis($r);
	my $began = time;
	my $got = told('BOTH');
	ok(time - $began < 15, 'paused: not for ever');
	is($got, 'error,nil', 'paused: an error');
	continue_redis($r);
	ok(wait_for(20, sub { told('BOTH') eq 'fine,nothing' }), 'and back');
	stop_redis($r);
	is(told('BOTH'), 'error,nil', 'gone: an error');
	my ($pid) = processes_of($daemon, qr/^mekikid-memory/);
	restart_redis($r);
	ok(wait_for(20, sub { told('BOTH') eq 'fine,nothing' }), 'and back');

	# The process that carries the questions dies.
	kill 'KILL', $pid;
	ok(wait_for(20, sub { told('BOTH') eq 'fine,nothing' }),
	   'the memory process is replaced');
	is(stop_daemon($daemon), 0, 'a clean end');
	stop_redis($r);
}

sub with_cluster {
	my $set = start_cluster(replicas => 0);
	start_with('cluster', redis_url($set));
	scenes('cluster');
	is(told('SLOTS'), 'false,CROSSSLOT,true,{nothing nothing}',
	   'cluster: keys of two slots');
	is(stop_daemon($daemon), 0, 'a clean end');
	stop_redis(@{ $set->{nodes} });
}

sub with_embedded {
	start_with('lmdb', 'lmdb:' . workdir() . '/lmdb/state/store');
	scenes('lmdb');
	is(stop_daemon($daemon), 0, 'a clean end');
}

# Other keys; a budget of few look-ups; no store at all.
sub with_settings {
	start_with('keys', 'memory:', "lua_redis_keys site_ other:*\n" .
		"lua_lookup_limit 5\n");
	is(told('ALLOWED'), 'true,1,false', 'keys that the site allows, only');
	is(told('BUDGET'), 'no hit', 'more look-ups than the limit: no hit');
	like(log_of($daemon), qr/rule BUDGET: its budget of look-?ups is spent/,
	     'which the log says');
	is(stop_daemon($daemon), 0, 'a clean end');
	start_with('none', 'none');
	is(told('BOTH'), 'error,nil', 'no store: an error');
	is(told('FACTS'), 'false,false,nil,nil,nil,nil,nil,nil',
	   'no store: nothing is known');
	is(told('OUTSIDE'), 'rules ask the store only while a message is ' .
		'scanned,false', 'no store: no parameters');
	is(stop_daemon($daemon), 0, 'a clean end');
}

# What the cookbook's rules do once something is remembered, with smaller
# limits.
sub with_cookbook {
	my @files = glob "$here/../lua/cookbook/1[456]-*.lua";
	my $lua = join "\n", map { "do\n" . slurp($_) . "\nend" } @files;
	$lua =~ s/(domains_at_least|most) = \d+/$1 = 3/g;
	is(scalar(@files), 3, 'three rules');
	local $rules = $lua;
	start_with('cookbook', 'memory:', "own_domains example.net\n");
	my @in_our_name = (from => '"Example.net Support" <help@example.com>',
		text => 'Click here to recover your mailbox.');
	isnt(told('NEW_SENDER_IN_OUR_NAME', @in_our_name), 'no hit',
	     'a new sender in our name');
	is(told('NEW_SENDER_IN_OUR_NAME', from => '"Example.net" <b@example.net>',
		text => 'Click here to recover your mailbox.'), 'no hit',
	   'it is us');
	is(told('NEW_SENDER_IN_OUR_NAME', @in_our_name, text => 'Hello.'),
	   'no hit', 'no click');
	is(told('SAME_TEXT_MANY_DOMAINS', to => "user\@d$_.org"), 'no hit',
	   "the same text to $_") for 1 .. 2;
	sleep 1.3;
	isnt(told('SAME_TEXT_MANY_DOMAINS', to => 'user@d3.org'), 'no hit',
	     'the same text to 3');
	is(told('NEW_SENDER_IN_OUR_NAME', @in_our_name), 'no hit',
	   'and is no longer new');
	is(told('BUSY_SENDER', envelope => 'b@d1.org'), 'no hit', "message $_")
		for 1 .. 3;
	isnt(told('BUSY_SENDER', envelope => 'b@d1.org'), 'no hit', 'message 4');
	is(told('BUSY_SENDER', envelope => 'b@d2.org'), 'no hit', 'another one');
	is(stop_daemon($daemon), 0, 'a clean end');
}

with_redis();
with_cluster();
with_cookbook();
with_embedded();
with_settings();
done_testing();
