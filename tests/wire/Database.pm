# Database servers for tests: MariaDB and PostgreSQL in a folder of their own,
# on Unix sockets only, as a user who is not root, stopped by pid.
package Database;
use strict;
use warnings;
use Exporter 'import';
use DBI;
use Wire;
use Time::HiRes qw(sleep);

our @EXPORT = qw(start_sqlite start_mariadb start_postgres stop_database
	restart_database);

my %running;
my $n = 0;

# Runs a command as user, when root. Its output goes to the folder's log.
sub as_user {
	my ($user, $dir, @command) = @_;
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	return $pid if $pid;
	if ($> == 0) {
		my ($uid, $gid) = (getpwnam $user)[2, 3];
		die "no user $user\n" unless $uid;
		$( = $gid;
		$) = "$gid $gid";
		($<, $>) = ($uid, $uid);
	}
	chdir $dir;
	open STDIN, '<', '/dev/null';
	open STDOUT, '>>', "$dir/log" or die "$dir/log: $!";
	open STDERR, '>&', \*STDOUT;
	exec { $command[0] } @command;
	die "$command[0]: $!";
}

sub must_run {
	my ($user, $dir, @command) = @_;
	waitpid as_user($user, $dir, @command), 0;
	die "@command failed:\n" . slurp("$dir/log") if $?;
}

sub folder {
	my ($user) = @_;
	my $dir = workdir() . '/db' . ++$n;
	mkdir $dir;
	chmod 0755, $dir;
	chown((getpwnam $user)[2, 3], $dir) if $> == 0;
	return $dir;
}

sub serve {
	my ($db) = @_;
	$db->{pid} = as_user($db->{user}, $db->{dir}, @{ $db->{command} });
	$running{ $db->{pid} } = $db;
	wait_for(30, sub {
		die "$db->{command}[0] ended:\n" . slurp("$db->{dir}/log")
			if waitpid($db->{pid}, 1) == $db->{pid};
		return DBI->connect($db->{admin}, $db->{admin_user}, '',
			{ PrintError => 0 });
	}) or die "no database:\n" . slurp("$db->{dir}/log");
	return $db;
}

my $columns = 'username varchar(100) not null, preference varchar(50), ' .
	'value varchar(255)';

sub start_sqlite {
	my $dir = workdir() . '/db' . ++$n;
	mkdir $dir;
	my $db = { name => 'SQLite', dir => $dir, file => "$dir/prefs",
		   dsn => "dbi:SQLite:dbname=$dir/prefs" };
	my $dbh = DBI->connect($db->{dsn}, '', '', { RaiseError => 1 });
	$dbh->do("create table userpref ($columns)");
	chmod 0777, $dir;
	chmod 0666, $db->{file};
	$db->{dbh} = $dbh;
	return $db;
}

sub start_mariadb {
	my $dir = folder('mysql');
	my $db = { name => 'MariaDB', dir => $dir, user => 'mysql',
		   admin => "dbi:mysql:database=mysql;mysql_socket=$dir/socket",
		   admin_user => $> == 0 ? 'root' : scalar getpwuid $> };
	must_run('mysql', $dir, '/usr/bin/mariadb-install-db', '--no-defaults',
		"--datadir=$dir/data", '--skip-test-db', '--skip-name-resolve',
		'--auth-root-authentication-method=normal');
	$db->{admin_user} = 'root';
	$db->{command} = [ '/usr/sbin/mariadbd', '--no-defaults',
		"--datadir=$dir/data", "--socket=$dir/socket",
		'--skip-networking', "--pid-file=$dir/pid",
		'--innodb-buffer-pool-size=8M', '--innodb-flush-method=nosync' ];
	serve($db);
	my $dbh = DBI->connect($db->{admin}, 'root', '', { RaiseError => 1 });
	$dbh->do('create database spam');
	$dbh->do("create user 'sa'\@'localhost' identified by 'a secret'");
	$dbh->do("grant select on spam.* to 'sa'\@'localhost'");
	$dbh->do('use spam');
	$dbh->do("create table userpref ($columns)");
	$db->{dbh} = $dbh;
	$db->{dsn} = "DBI:mysql:spam:localhost;mysql_socket=$dir/socket";
	$db->{login} = [ 'sa', 'a secret' ];
	return $db;
}

sub start_postgres {
	my ($bin) = sort glob '/usr/lib/postgresql/*/bin';
	my $dir = folder('postgres');
	my $db = { name => 'PostgreSQL', dir => $dir, user => 'postgres',
		   admin => "dbi:Pg:dbname=postgres;host=$dir",
		   admin_user => 'boss' };
	must_run('postgres', $dir, "$bin/initdb", '-D', "$dir/data", '-U',
		'boss', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C');
	$db->{command} = [ "$bin/postgres", '-D', "$dir/data", '-k', $dir,
		'-h', '', '-F' ];
	serve($db);
	my $dbh = DBI->connect($db->{admin}, 'boss', '', { RaiseError => 1 });
	$dbh->do("create user sa password 'a secret'");
	$dbh->do('create database spam');
	$dbh = DBI->connect("dbi:Pg:dbname=spam;host=$dir", 'boss', '',
		{ RaiseError => 1 });
	$dbh->do("create table userpref ($columns)");
	$dbh->do('grant select on userpref to sa');
	$db->{dbh} = $dbh;
	$db->{dsn} = "DBI:Pg:dbname=spam;host=$dir";
	$db->{login} = [ 'sa', 'a secret' ];
	return $db;
}

sub stop_database {
	my ($db) = @_;
	return unless $db->{pid};
	kill 'CONT', $db->{pid};
	kill $db->{name} eq 'PostgreSQL' ? 'INT' : 'KILL', $db->{pid};
	my $until = time + 15;
	until (waitpid($db->{pid}, 1) == $db->{pid}) {
		kill 'KILL', $db->{pid} if time > $until;
		sleep 0.02;
	}
	delete $running{ $db->{pid} };
	$db->{pid} = 0;
}

sub restart_database {
	my ($db) = @_;
	stop_database($db);
	return serve($db);
}

END {
	my $status = $?;
	stop_database($_) for values %running;
	$? = $status;
}

1;
