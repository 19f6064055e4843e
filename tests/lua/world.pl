#!/usr/bin/perl
# Symbols of scripts as rules of the configuration: what callbacks return, who
# may overrule whom, metas in both directions, stages, dependencies. Each case
# is a site of its own (rule files and scripts) and what one message must hit
# there, with its score.
use strict;
use warnings;
use File::Temp qw(tempdir);

my $build = shift // 'build';
my $dir = tempdir(CLEANUP => 1);
my ($passed, $failed) = (0, 0);

sub spew { my ($p, $t) = @_; open my $f, '>', $p or die "$p: $!"; print $f $t; close $f }

spew("$dir/mail", "From: a\@example.com\nTo: b\@example.net\nSubject: hello\nX-One: 1\n\nbody text\n");
spew("$dir/list", "$dir/mail\n");
mkdir "$dir/stock";

# name => { file name => text }, score, tests, subtests (sorted, with commas)
my @cases = (
	['a function and a table', { 'a.lua' => <<'L' }, 3, 'TABLE', 'FUNC'],
rspamd_config.FUNC = function(task) return true end
rspamd_config.TABLE = { callback = function(task) return true end, score = 3, description = 'x' }
L
	['what a callback returns', { 'a.lua' => <<'L' }, 4.5, 'R_BOTH,R_NUMBER,R_STRINGS,R_TRUE,R_WEIGHT', ''],
local function rule(name, fn) rspamd_config:register_symbol{ name = name, callback = fn, score = 1 } end
rule('R_NOTHING', function() end)
rule('R_NIL', function() return nil end)
rule('R_FALSE', function() return false end)
rule('R_ZERO', function() return 0 end)
rule('R_HALF', function() return 0.5 end)
rule('R_TRUE', function() return true end)
rule('R_NUMBER', function() return 1 end)
rule('R_WEIGHT', function() return true, 0.5 end)
rule('R_BOTH', function() return true, 1.0, 'an option' end)
rule('R_STRINGS', function() return true, 'one', { 'two', 'three' } end)
L
	['a .cf score wins wherever it stands', { 'a.lua' => <<'L', '0.cf' => "score EARLY 2\n", 'z.cf' => <<'C' }, 5.5, 'EARLY,LATE', ''],
rspamd_config.EARLY = { callback = function() return true end, score = 7 }
rspamd_config.LATE = { callback = function() return true end, score = 7 }
rspamd_config.OFF = { callback = function() return true end, score = 7 }
L
score LATE 3.5
score OFF 0
C
	['a score of 0 by the script counts nothing and is listed', { 'a.lua' => <<'L' }, 0, '', 'INFO'],
rspamd_config.INFO = { callback = function() return true end, score = 0.0 }
L
	['virtual symbols', { 'a.lua' => <<'L' }, 3, 'V_ONE,V_TWO', 'CB'],
local id = rspamd_config:register_symbol{ name = 'CB', type = 'callback',
  callback = function(task)
    task:insert_result('V_ONE', 1.0)
    task:insert_result('V_TWO', 0.5, 'opt')
    return true
  end }
rspamd_config:register_symbol{ name = 'V_ONE', type = 'virtual', parent = id, score = 2 }
rspamd_config:register_symbol{ name = 'V_TWO', type = 'virtual', parent = id, score = 2 }
rspamd_config:register_symbol{ name = 'V_NOT', type = 'virtual', parent = id, score = 2 }
L
	['metas use symbols, callbacks ask for rules', { 'a.lua' => <<'L', 'a.cf' => <<'C' }, 7.1, 'BODY,L_AFTER,M_BOTH,M_NOT,M_VIRT,ONE', 'L_ONE'],
rspamd_config.L_ONE = function() return true end
rspamd_config:register_symbol{ name = 'L_AFTER', score = 1, depends_on = { 'M_BOTH' },
  callback = function(task) return task:has_rule('M_BOTH') and task:has_rule('BODY') end }
local id = rspamd_config:register_symbol{ name = 'CB', callback = function(task) task:insert_result('ONE', 1) end }
rspamd_config:register_symbol{ name = 'ONE', type = 'virtual', parent = id, score = 0.1 }
L
body BODY /body text/
score BODY 1
meta M_BOTH L_ONE && BODY
score M_BOTH 2
meta M_VIRT ONE && !NOBODY
score M_VIRT 2
meta M_NOT L_ONE && !L_NONE
score M_NOT 1
C
	['stages', { 'a.lua' => <<'L', 'a.cf' => "meta M_POST POST && PRE\nscore M_POST 4\n" }, 6, 'FILTER,M_POST,POST', 'PRE'],
local order = {}
rspamd_config:register_symbol{ name = 'POST', type = 'postfilter', score = 1,
  callback = function(task) return order[1] == 'pre' and order[2] == 'filter' end }
rspamd_config:register_symbol{ name = 'FILTER', score = 1,
  callback = function(task) order[#order + 1] = 'filter'; return true end }
rspamd_config:register_symbol{ name = 'PRE', type = 'prefilter',
  callback = function(task) order[#order + 1] = 'pre'; return true end }
rspamd_config:register_symbol{ name = 'IDEM', type = 'idempotent', score = 5,
  callback = function(task) return true end }
L
	['conditions', { 'a.lua' => <<'L' }, 1, 'C_YES', ''],
rspamd_config.C_YES = { callback = function() return true end, score = 1, condition = function() return true end }
rspamd_config.C_NO = { callback = function() return true end, score = 1 }
rspamd_config:add_condition('C_NO', function(task) return false end)
L
	['repeated results', { 'a.lua' => <<'L' }, 5, 'AGAIN,ONCE,SAME', 'CB'],
local id = rspamd_config:register_symbol{ name = 'CB', callback = function(task)
  for i = 1, 3 do task:insert_result('AGAIN', 1, tostring(i)) end
  for i = 1, 3 do task:insert_result('ONCE', 1, tostring(i)) end
  for i = 1, 3 do task:insert_result('SAME', 1, 'x') end
  return true
end }
rspamd_config:register_symbol{ name = 'AGAIN', type = 'virtual', parent = id, score = 1 }
rspamd_config:register_symbol{ name = 'ONCE', type = 'virtual', parent = id, score = 1, one_shot = true }
rspamd_config:register_symbol{ name = 'SAME', type = 'virtual', parent = id, score = 1 }
L
	['dependencies registered before', { 'a.lua' => <<'L', 'b.lua' => <<'M' }, 2, 'FIRST,SECOND', ''],
rspamd_config:register_dependency('SECOND', 'FIRST')
rspamd_config.SECOND = { callback = function(task) return task:has_symbol('FIRST') end, score = 1 }
L
rspamd_config.FIRST = { callback = function() return true end, score = 1 }
M
	['a circle of dependencies ends', { 'a.lua' => <<'L' }, 2, 'A,B', ''],
rspamd_config:register_symbol{ name = 'A', score = 1, depends_on = { 'B' }, callback = function() return true end }
rspamd_config:register_symbol{ name = 'B', score = 1, depends_on = { 'A' }, callback = function() return true end }
L
	['set_metric_symbol and fields set later', { 'a.lua' => <<'L' }, 6, 'ONE,TWO', ''],
rspamd_config.ONE = function() return true end
rspamd_config.TWO = function() return true end
rspamd_config:set_metric_symbol{ name = 'ONE', score = 2, description = 'd' }
rspamd_config.TWO.score = 4
L
	['files are read in order, one lua_file more', { 'a.lua' => "X = 'a'\n", 'b.lua' => <<'L', 'z.cf' => "lua_file sub/c.lua\n", 'sub/c.lua' => "rspamd_config.C = { callback = function() return Y end, score = 2 }\n" }, 3, 'B,C', ''],
rspamd_config.B = { callback = function() return X == 'a' end, score = 1 }
Y = true
L
	['globals of a message are gone with it, and no other rule sees them', { 'a.lua' => <<'L' }, 1, 'CLEAN', 'SET'],
rspamd_config.SET = function(task) leaked = (leaked or 0) + 1; return leaked == 1 end
rspamd_config:register_symbol{ name = 'CLEAN', score = 1, depends_on = { 'SET' }, callback = function() return leaked == nil end }
L
	['tflags nice, descriptions and priorities of .cf', { 'a.lua' => <<'L', 'a.cf' => "priority LAST 900\ndescribe LAST later\n" }, 1, 'FIRST,LAST', ''],
local n = 0
rspamd_config.LAST = { callback = function() n = n + 1; return n == 2 end, score = 2 }
rspamd_config.FIRST = { callback = function() n = n + 1; return n == 1 end, score = -1, flags = 'nice' }
L
);

for my $c (@cases) {
	my ($name, $files, $score, $tests, $subtests) = @$c;
	my $site = tempdir(DIR => $dir);
	for my $f (keys %$files) {
		mkdir "$site/$1" if $f =~ m{^(.*)/};
		spew("$site/$f", $files->{$f});
	}
	# Twice the same message: what the first leaves behind would show.
	spew("$site/list", "$dir/mail\n" x 2);
	my @lines = split /\n/, `$build/mekiki masscheck -L --no-own-rules -C $dir/stock --siteconfigpath $site --subrules $site/list 2>$dir/err`;
	@lines = ('') unless @lines;
	my $want = join "\t", "$dir/mail", sprintf('%.3f', $score), $tests, $subtests;
	my @bad = grep { $_ ne $want } $name =~ /^stages|priorities/ ? $lines[0] : @lines;
	if (@bad) {
		$failed++;
		print "not ok $name\n  want $want\n  got  $bad[0]\n";
		system 'cat', "$dir/err";
	} else {
		$passed++;
	}
}
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
