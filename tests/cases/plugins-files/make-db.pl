# Writes access.db: perl make-db.pl access.db
use strict;
use warnings;
use DB_File;
use Fcntl;

my ($file) = @ARGV;
unlink $file;
tie my %access, 'DB_File', $file, O_RDWR | O_CREAT, 0644, $DB_HASH or die "$file: $!";
%access = (
	'bad@example.org' => 'REJECT', 'From:frombad@example.org' => '550 go away', 'user@' => 'Discard',
	'From:ok@' => 'OK', 'bad.example.com' => 'ERROR:5.7.1:550 no', 'good.bad.example.com' => 'skip',
	'example.net' => 'RELAY', 'odd.test' => ' REJECT', 'zero.test' => '0', "nul.test\0" => "REJECT\0",
	'198.19.1' => 'REJECT', 'From:198.19.2.2' => '421', 'rdns.test' => 'REJECT', 'fine.rdns.test' => 'OK',
	'200181' => 'REJECT', 'com' => '55x', 'both.test' => 'OK', 'From:both.test' => 'REJECT', '@at.test' => 'REJECT',
	'empty.test' => '', 'under.test' => 'REJECT_it', '0@zero.example' => 'REJECT', 'late.test' => 'REJECT',
);
untie %access;
