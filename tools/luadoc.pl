#!/usr/bin/perl
# The reference for administrators, made from the program: reads the documents
# above the bindings in lua/*.c and above the functions of lua/lib/*.lua (their
# form is described in lua/vm.h) and writes docs/lua.md, behind the introduction
# docs/lua-intro.md.
#
#	tools/luadoc.pl                writes docs/lua.md, and the files that
#	                               docs/lua-cookbook.md shows into it
#	tools/luadoc.pl --check        says which functions have no document or
#	                               no example, and whether a page is old
#	tools/luadoc.pl --examples DIR writes the examples as Lua files, one for
#	                               each source, and DIR/expected: a line
#	                               "file TAB rule TAB place TAB signature" each
#
# In the files of examples, each stands on the line that it has in its source,
# so that a traceback names the right place. An example is the body of a rule
# that hits if it came to its end; examples about rspamd_config, and those
# that begin with a line "-- while loading", run while the file is loaded.
#
# In lua/lib a document is a block of "--" lines in the same form, directly
# above the function; a function that only the module itself uses (a local
# one, or one whose name begins with "_") needs none.
use strict;
use warnings;

# Sections of the page: key (what stands before the ":" or "." in signatures),
# title, a sentence. Those that are not listed come behind, by name.
my @sections = (
	[ 'rspamd_config', 'rspamd_config', 'Registers rules and reads settings, while files are loaded.' ],
	[ 'config', 'config', 'Rules that are expressions of regexes.' ],
	[ 'task', 'task', 'The message being scanned; every callback gets it.' ],
	[ 'text_part', 'text part', 'A text of the message: an element of task:get_text_parts().' ],
	[ 'textpart', 'text part', 'A text of the message: an element of task:get_text_parts().' ],
	[ 'mime_part', 'MIME part', 'A part of the message: an element of task:get_parts().' ],
	[ 'mimepart', 'MIME part', 'A part of the message: an element of task:get_parts().' ],
	[ 'part', 'part', 'A text of the message: an element of task:get_text_parts().' ],
	[ 'html', 'html', 'The HTML of a text part: part:get_html().' ],
	[ 'tag', 'html tag', 'An element of the HTML: what html:foreach_tag() gives.' ],
	[ 'url', 'url', 'A link: an element of task:get_urls().' ],
	[ 'rspamd_url', 'rspamd_url', 'Makes links from text.' ],
	[ 'ip', 'ip', 'An address: task:get_from_ip() and rspamd_ip.from_string().' ],
	[ 'rspamd_ip', 'rspamd_ip', 'Makes addresses from text.' ],
	[ 'text', 'text', 'A piece of the message that is not copied: task:get_content() and others.' ],
	[ 'rspamd_text', 'rspamd_text', 'Makes texts from strings.' ],
	[ 'archive', 'archive', 'An archive in the message: part:get_archive().' ],
	[ 'image', 'image', 'An image in the message: part:get_image().' ],
	[ 'map', 'map', 'A list that is reloaded when its file changes: rspamd_config:add_map().' ],
	[ 'pool', 'mempool', 'What rules leave for one another: task:get_mempool().' ],
	[ 'mempool', 'mempool', 'What rules leave for one another: task:get_mempool().' ],
	[ 'resolver', 'resolver', 'Questions to DNS: task:get_resolver().' ],
	[ 're', 're', 'A regex: rspamd_regexp.create().' ],
	[ 'rspamd_regexp', 'rspamd_regexp', 'Makes regexes.' ],
	[ 'rspamd_logger', 'rspamd_logger', 'Writes to the log.' ],
	[ 'rspamd_util', 'rspamd_util', 'Small functions of all kinds.' ],
	[ 'rspamd_http', 'rspamd_http', 'Asks a web server.' ],
	[ 'rspamd_dns', 'rspamd_dns', 'Asks DNS, which is not configured yet.' ],
	[ 'rspamd_resolver', 'rspamd_resolver', 'The same, outside of a task.' ],
	[ 'rspamd_tcp', 'rspamd_tcp', 'Connections, which there are none of yet.' ],
	[ 'ucl', 'ucl', 'Reads and writes UCL and JSON.' ],
	[ 'parser', 'parser', 'A parser of ucl.parser().' ],
	[ 'rspamd_cryptobox_hash', 'rspamd_cryptobox_hash', 'Makes digests.' ],
	[ 'hash', 'hash', 'A digest in the making.' ],
	[ 'rspamd_mempool', 'rspamd_mempool', 'Scratch memory for functions that want some.' ],
	[ 'rspamd_parsers', 'rspamd_parsers', 'Parsers of parts of messages.' ],
	[ 'lua_util', 'lua_util', 'Functions that rspamd has in Lua.' ],
	[ 'lua_maps', 'lua_maps', 'Maps from options.' ],
	[ 'rspamd_redis', 'rspamd_redis', 'Asks the store; see [Asking the store](#asking-the-store).' ],
	[ 'connection', 'connection', 'What rspamd_redis.connect_sync() and kin give.' ],
	[ 'lua_redis', 'lua_redis', 'Asks the store as rules for rspamd do.' ],
	[ 'fun', 'fun', 'Sequences: each, map, filter and so on.' ],
	[ 'bit', 'bit', 'Operations on the bits of numbers, as in LuaJIT.' ],
	[ 'string', 'string', 'Of Lua itself, with bounded patterns.' ],
	[ 'table', 'table', 'Of Lua itself, and what older scripts expect.' ],
	[ 'math', 'math', 'Of Lua itself, and what older scripts expect.' ],
	[ 'io', 'io', 'Reads files of the configuration, while it is loaded.' ],
	[ 'file', 'file', 'An open file: io.open().' ],
);

# ---- reading ----

# A document: { file, line, signature, text (paragraph lines), example
# ([line, text] ...), keys (names) }.
my @docs;
# A function that scripts can call: { file, line, name, fn, table }.
my @rows;
# Documents by the C function below them, of all files: the methods of a large
# object stand in several, their table in one.
my %by_function;
my @faults;

sub slurp {
	my ($file) = @_;
	open my $fh, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$fh>;
}

# Makes a document of the lines of a comment (number, text without its frame).
sub take_document {
	my ($file, @lines) = @_;
	return unless @lines;
	my ($line, $signature) = @{ shift @lines };
	# A signature may go on in the next lines while brackets are open.
	while (@lines && open_brackets($signature) > 0) {
		(my $more = (shift @lines)->[1]) =~ s/^\s+//;
		$signature .= " $more";
	}
	my (@text, @example);
	for (@lines) {
		my ($n, $t) = @$_;
		if ($t =~ /^>(?: (.*))?$/) {
			push @example, [ $n, $1 // '' ];
		} else {
			push @text, $t;
		}
	}
	return unless looks_like_signature($signature, scalar @example);
	my ($key, $sep, $name) = $signature =~ /^(\w+)([:.])(\w+)/;
	($name) = $signature =~ /^(\w+)/ unless defined $name;
	my $doc = { file => $file, line => $line, signature => $signature,
		    text => \@text, example => \@example,
		    key => $key // '', name => $name // '' };
	push @docs, $doc;
	return $doc;
}

sub open_brackets {
	my ($s) = @_;
	return ($s =~ tr/({//) - ($s =~ tr/)}//);
}

sub looks_like_signature {
	my ($s, $examples) = @_;
	return 1 if $s =~ /^\w+[:.]\w+\s*[({]/;
	return $examples && $s =~ /^(?:\w+\(|\w+\.[A-Z_]+\b|config\[|#\w|\w+ (?:==|\.\.) |\w+\.\w+$)/;
}

sub read_c {
	my ($file) = @_;
	my $text = slurp($file);
	my @lines = split /\n/, $text, -1;
	my %by_fn;
	for (my $i = 0; $i < @lines; $i++) {
		next unless $lines[$i] =~ m{^/\*\s?(.*)$};
		my @comment = [ $i + 1, $1 ];
		while ($lines[$i] !~ m{\*/} && $i < $#lines) {
			(my $t = $lines[++$i]) =~ s{^ \* ?}{};
			push @comment, [ $i + 1, $t ];
		}
		$_->[1] =~ s{\s*\*/\s*$}{} for @comment;
		$_->[1] =~ s{^\s*/$}{} for @comment;
		# A comment may open with an empty first line.
		shift @comment while @comment && $comment[0][1] eq '';
		pop @comment while @comment && $comment[-1][1] eq '';
		my $doc = take_document($file, @comment) or next;
		my ($fn) = ($lines[$i + 1] // '') =~ /(\w+)\s*\(/;
		push @{ $by_fn{$fn} }, $doc if $fn;
		push @{ $by_function{$fn} }, $doc if $fn;
	}
	while ($text =~ /struct lua_row (\w+)\[\]\s*=\s*\{(.*?)\n\};/sg) {
		my ($table, $body) = ($1, $2);
		my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
		$body =~ s{/\*.*?\*/}{}sg;
		while ($body =~ /\{\s*"([^"]+)"\s*,\s*(\w+)\s*\}/g) {
			push @rows, { file => $file, line => $line, name => $1,
				      fn => $2, table => $table,
				      docs => $by_fn{$2} // [] };
		}
		$body =~ s/\{[^{}]*\}//g;
		$body =~ s/[\s,]+//g;
		push @faults, "$file:$line: rows of $table that cannot be read: $body"
			if $body ne '';
	}
}

# The table that a Lua module returns, and the functions that are put in it.
sub read_lua {
	my ($file) = @_;
	my @lines = split /\n/, slurp($file), -1;
	my ($module) = $file =~ m{([^/]+)\.lua$};
	my ($returned) = map { /^return (?:setmetatable\()?(\w+)/ ? $1 : () } reverse @lines;
	my @comment;
	for my $i (0 .. $#lines) {
		if ($lines[$i] =~ /^-- ?(.*)$/) {
			push @comment, [ $i + 1, $1 ];
			next;
		}
		my $doc = take_document($file, @comment);
		@comment = ();
		next unless defined $returned;
		my ($name) = $lines[$i] =~ /^function \Q$returned\E[.:](\w+)/;
		($name) = $lines[$i] =~ /^\Q$returned\E\.(\w+)\s*=/ unless $name;
		next unless defined $name && $name !~ /^_/;
		# A table of the module, or another name of one.
		next if $lines[$i] =~ /=\s*(?:\{|\Q$returned\E\.(?:op|operator)\b)/;
		push @rows, { file => $file, line => $i + 1, name => $name,
			      fn => "$module.$name", table => $module,
			      docs => $doc ? [ $doc ] : [] };
	}
}

# ---- who is documented where ----

# The document of a row: the one above its function, else one in the same
# file, else one anywhere, whose signature has its name.
sub document_of {
	my ($row) = @_;
	my @above = @{ $row->{docs} };
	@above = @{ $by_function{$row->{fn}} // [] } unless @above;
	my ($doc) = grep { $_->{name} eq $row->{name} } @above;
	($doc) = grep { $_->{name} eq $row->{name} && $_->{file} eq $row->{file} } @docs
		unless $doc;
	$doc //= $above[0];
	return $doc;
}

sub connect_rows {
	for my $row (@rows) {
		my $doc = document_of($row);
		if (!$doc) {
			push @faults, "$row->{file}:$row->{line}: $row->{name} ($row->{table}) has no document"
				unless $row->{name} =~ /^__/;
			next;
		}
		$row->{doc} = $doc;
		$doc->{used} = 1;
		push @{ $doc->{aliases} }, $row->{name}
			if $row->{name} ne $doc->{name} && $row->{name} !~ /^__/ &&
			   $doc->{signature} !~ /\b\Q$row->{name}\E\b/;
	}
	for my $doc (@docs) {
		push @faults, "$doc->{file}:$doc->{line}: $doc->{signature}: no example"
			if $doc->{used} && !@{ $doc->{example} };
	}
}

# ---- the page ----

sub unique { my %seen; return grep { !$seen{$_}++ } @_ }

sub paragraph {
	my @out;
	for (@_) {
		push @out, $_;
	}
	shift @out while @out && $out[0] eq '';
	pop @out while @out && $out[-1] eq '';
	return @out ? join("\n", @out) . "\n\n" : '';
}

sub entry {
	my ($doc) = @_;
	my $out = "### `$doc->{signature}`\n\n";
	$out .= paragraph(@{ $doc->{text} });
	my @aliases = unique(@{ $doc->{aliases} // [] });
	$out .= 'Also called ' . join(', ', map { "`$_`" } @aliases) . ".\n\n"
		if @aliases;
	$out .= "```lua\n" . join('', map { "$_->[1]\n" } @{ $doc->{example} }) . "```\n\n"
		if @{ $doc->{example} };
	return $out;
}

# The section of a document: what its signature begins with; parts of both
# kinds are told apart by their file.
sub section_key {
	my ($doc) = @_;
	return 'config' if $doc->{signature} =~ /^config\b/;
	return 'text_part' if $doc->{key} eq 'part' && $doc->{file} =~ /text/;
	return 'mime_part' if $doc->{key} eq 'part' && $doc->{file} =~ /mime/;
	return $doc->{key} if $doc->{key} ne '';
	return $1 if $doc->{signature} =~ /^#(\w+)/;
	return 'globals';
}

sub page {
	my %by_key;
	push @{ $by_key{section_key($_)} }, $_ for @docs;
	my %listed = map { $_->[0] => 1 } @sections;
	my @order = grep { $by_key{$_->[0]} } @sections;
	push @order, map { [ $_, $_, '' ] }
		grep { !$listed{$_} && $_ ne 'globals' } sort keys %by_key;
	push @order, [ 'globals', 'globals', 'Functions that stand by themselves.' ]
		if $by_key{globals};
	my $out = slurp('docs/lua-intro.md');
	$out =~ s/<!-- settings -->/settings_table()/e;
	$out =~ s/\s*\z/\n\n/;
	$out .= "<!-- From here on made by tools/luadoc.pl from lua/*.c and lua/lib/*.lua. -->\n\n";
	$out .= "# Reference\n\n";
	for (@order) {
		(my $anchor = lc $_->[1]) =~ s/ /-/g;
		$out .= "* [$_->[1]](#$anchor)" . ($_->[2] ? ": $_->[2]" : '') . "\n";
	}
	$out .= "\n";
	for my $section (@order) {
		my ($key, $title, $what) = @$section;
		$out .= "## $title\n\n" . ($what ? "$what\n\n" : '');
		$out .= entry($_) for sort {
			lc $a->{name} cmp lc $b->{name} ||
			$a->{signature} cmp $b->{signature}
		} @{ $by_key{$key} };
	}
	$out =~ s/\n+\z/\n/;
	return $out;
}

# The settings of scripts, from the table of keywords.
sub settings_table {
	my $text = slurp('engine/conf/keywords_own.c');
	my $out = "| line | default | |\n| --- | --- | --- |\n";
	while ($text =~ /\{ "((?:lua|own_domains)\w*)",(.*?)\},\n/sg) {
		my ($name, $row) = ($1, $2);
		my ($def) = $row =~ /\.def = "([^"]*)"/;
		my ($doc) = $row =~ /\.doc = ((?:"[^"]*"\s*)+)/;
		$doc = join '', $doc =~ /"([^"]*)"/g;
		$out .= "| `$name` | " . (defined $def ? "`$def`" : '') . " | $doc |\n";
	}
	$out =~ s/\n\z//;
	return $out;
}

# The cookbook shows files: the block of code behind a line "<!-- file: PATH -->"
# is what the file holds.
sub cookbook {
	my $text = slurp('docs/lua-cookbook.md');
	$text =~ s{(<!-- file: (\S+) -->\n```(\w*)\n).*?(?=^```)}{$1 . slurp($2)}gmse;
	return $text;
}

# ---- examples ----

sub runs_while_loading {
	my ($doc) = @_;
	my $first = $doc->{example}[0][1];
	return 1 if $first =~ /^-- while loading/;
	return 0 if $first =~ /^-- in a callback/;
	return $doc->{signature} =~ /^(?:rspamd_config\b|config\b)/;
}

# A rule's name from its place.
sub rule_name {
	my ($doc) = @_;
	(my $name = uc "EX_$doc->{file}_$doc->{example}[0][0]") =~ s/[^A-Z0-9]+/_/g;
	return $name;
}

# The modules, for which examples need not say `require`.
my @modules = (map { m{([^/]+)\.lua$} } glob 'lua/lib/*.lua');
push @modules, slurp($_) =~ /struct lua_module \w+ = \{\s*(?:\.name = )?"(\w+)"/g
	for glob 'lua/*.c';

sub requires {
	my ($doc) = @_;
	my $code = join "\n", map { $_->[1] } @{ $doc->{example} };
	return join '', map { "local $_ = require \"$_\" " }
		grep { $code =~ /(?<![\w.:"])$_[.:]\w/ && $code !~ /\blocal $_\b/ }
		unique(sort @modules);
}

# One source's examples, each on its own lines. What surrounds an example
# stands before its first line and on the line behind its last.
sub example_file {
	my ($file, @with) = @_;
	my @out = ('', 'local function run(name, f) rspamd_config:register_symbol' .
		'{name = name, score = 0.01, callback = f} end');
	for my $doc (@with) {
		my @example = @{ $doc->{example} };
		my $name = rule_name($doc);
		my ($first, $last) = ($example[0][0], $example[-1][0]);
		$out[$_->[0]] = $_->[1] for @example;
		if (runs_while_loading($doc)) {
			$out[$first] = "do local ok, why = pcall(function() " .
				requires($doc) . $out[$first];
			$out[$last + 1] = "end) run('$name', function() if ok then return true end error(why, 0) end) end";
		} else {
			$out[$first] = "run('$name', function(task) (function() " .
				requires($doc) . $out[$first];
			$out[$last + 1] = "end)() return true end)";
		}
	}
	return join("\n", map { $_ // '' } @out[1 .. $#out]) . "\n";
}

sub write_examples {
	my ($dir) = @_;
	my %by_file;
	for (@docs) {
		push @{ $by_file{$_->{file}} }, $_ if @{ $_->{example} };
	}
	mkdir $dir;
	open my $expected, '>', "$dir/expected" or die "$dir/expected: $!\n";
	for my $file (sort keys %by_file) {
		(my $name = $file) =~ s{/}{_}g;
		$name .= '.lua' unless $name =~ /\.lua$/;
		open my $fh, '>', "$dir/$name" or die "$dir/$name: $!\n";
		print $fh example_file($file, @{ $by_file{$file} });
		close $fh or die "$dir/$name: $!\n";
		print $expected join("\t", $name, rule_name($_), "$_->{file}:$_->{line}",
				     $_->{signature}), "\n" for @{ $by_file{$file} };
	}
	close $expected or die "$dir/expected: $!\n";
}

# ---- main ----

read_c($_) for sort glob 'lua/*.c';
read_lua($_) for sort glob 'lua/lib/*.lua';
connect_rows();
my $what = $ARGV[0] // '';
if ($what eq '--examples' && defined $ARGV[1]) {
	write_examples($ARGV[1]);
	exit 0;
}
if ($what eq '--check') {
	push @faults, "docs/lua.md is older than its sources: run tools/luadoc.pl"
		unless -e 'docs/lua.md' && slurp('docs/lua.md') eq page();
	push @faults, "docs/lua-cookbook.md is older than the files it shows: run tools/luadoc.pl"
		unless slurp('docs/lua-cookbook.md') eq cookbook();
	print STDERR "$_\n" for @faults;
	printf "luadoc: %d functions, %d documents, %d faults\n",
		scalar @rows, scalar @docs, scalar @faults;
	exit(@faults ? 1 : 0);
}
die "Usage: tools/luadoc.pl [--check | --examples DIR]\n" if $what ne '';
sub spew {
	my ($file, $text) = @_;
	open my $fh, '>', $file or die "$file: $!\n";
	print $fh $text;
	close $fh or die "$file: $!\n";
}
spew('docs/lua.md', page());
spew('docs/lua-cookbook.md', cookbook());
