/*
 * What Redis's errors mean, for whoever administers the mail server and not
 * Redis. The server's own words stay in the sentence, because they are what
 * one can search for; but not the arguments of a command, which Redis shows
 * in some errors (of AUTH, too, on servers that do not know it).
 */
#include "redis/store.h"

#include "base/arena.h"

/* How much of the server's words is shown. */
#define WORDS_MAX 200

static const struct {
	struct str begins;	/* the longer of two comes first */
	const char *means;
} table[] = {
	{ STR("NOAUTH"), "the server wants a password: write it into the line "
	  "`store` (redis://user:password@host, or redis://:password@host for "
	  "one without a user)" },
	{ STR("WRONGPASS"), "the server refuses this user and password: "
	  "compare the line `store` with the server's ACL LIST or requirepass; "
	  "@ : / % in them are written as %40 %3A %2F %25" },
	{ STR("ERR invalid password"), "the server refuses the password of "
	  "the line `store`" },
	{ STR("ERR AUTH <password> called without"), "the server has no "
	  "password, but the line `store` has one: take it out there, or set "
	  "requirepass on the server" },
	{ STR("ERR Client sent AUTH, but no password"), "the server has no "
	  "password, but the line `store` has one: take it out there, or set "
	  "requirepass on the server" },
	{ STR("NOPERM"), "the server's ACL forbids that to this user: allow "
	  "it (docs/store.md has the line ACL SETUSER that is needed), or name "
	  "another user in the line `store`" },
	{ STR("WRONGTYPE"), "a key of ours holds something else: another "
	  "program writes into the same database; name another one in the "
	  "line `store` (redis://host/1), or delete the key" },
	{ STR("READONLY"), "the server is a replica and takes no writes: name "
	  "the master in the line `store`, or let redis+sentinel:// find it" },
	{ STR("LOADING"), "the server has just started and is reading its "
	  "data: it will answer by itself" },
	{ STR("MASTERDOWN"), "the server is a replica whose master is gone "
	  "and that may not answer alone (replica-serve-stale-data no): bring "
	  "the master back, or use redis+sentinel://" },
	{ STR("MOVED"), "the server is part of a cluster: write "
	  "redis+cluster://host into the line `store`" },
	{ STR("ASK "), "the server is part of a cluster that is moving keys: "
	  "write redis+cluster://host into the line `store`" },
	{ STR("TRYAGAIN"), "the cluster is moving these keys just now: it "
	  "will answer by itself" },
	{ STR("CROSSSLOT"), "keys of one command lie in different slots of "
	  "the cluster: this is a fault in the program that named them" },
	{ STR("CLUSTERDOWN"), "the cluster does not serve all slots: look at "
	  "CLUSTER INFO and bring the lost nodes back" },
	{ STR("ERR This instance has cluster support disabled"), "the server "
	  "is no part of a cluster: write redis://host into the line `store`" },
	{ STR("OOM"), "the server's memory is full: raise its maxmemory, or "
	  "let it delete what expires first (maxmemory-policy volatile-ttl)" },
	{ STR("MISCONF"), "the server cannot save to its disk and so takes no "
	  "writes: see its log and its disk's free space" },
	{ STR("BUSY Redis is busy"), "a script that runs for too long keeps "
	  "the server busy: SCRIPT KILL ends it" },
	{ STR("BUSY"), "the server is busy" },
	{ STR("UNKILLABLE"), "a script that has written runs for too long and "
	  "keeps the server busy" },
	{ STR("NOSCRIPT"), "the server has lost a script of ours, although it "
	  "was just sent: does something call SCRIPT FLUSH all the time?" },
	{ STR("NOREPLICAS"), "the server has too few replicas to take writes "
	  "(min-replicas-to-write): bring them back or lower it" },
	{ STR("UNBLOCKED"), "the server changed its role during the command" },
	{ STR("NOTBUSY"), "no script was running" },
	{ STR("EXECABORT"), "a transaction was refused as a whole" },
	{ STR("DENIED Redis is running in protected mode"), "the server takes "
	  "connections from its own machine only: set a password and bind, or "
	  "protected-mode no, on the server" },
	{ STR("-DENIED Redis is running in protected mode"), "the server takes "
	  "connections from its own machine only: set a password and bind, or "
	  "protected-mode no, on the server" },
	{ STR("ERR max number of clients"), "the server has too many "
	  "connections: raise its maxclients, or find who holds them (CLIENT "
	  "LIST)" },
	{ STR("ERR DB index is out of range"), "the server has not so many "
	  "databases: lower the number at the end of the line `store`, or "
	  "raise the server's `databases`" },
	{ STR("ERR SELECT is not allowed in cluster mode"), "a cluster has "
	  "only database 0: write redis+cluster://host without a number into "
	  "the line `store`" },
	{ STR("ERR invalid DB index"), "the server has not so many databases: "
	  "lower the number at the end of the line `store`" },
	{ STR("ERR unknown command"), "the server does not know the command: "
	  "it is too old (5 is needed), has it renamed, or is no Redis" },
	{ STR("ERR No such master with that name"), "the Sentinels do not "
	  "know a master of that name: compare the line `store` with their "
	  "`sentinel monitor`" },
	{ STR("IDONTKNOW"), "the Sentinel does not know that" },
	{ STR("ERR Error running script"), "a script of ours failed on the "
	  "server: this is a fault in the program" },
	{ STR("ERR user_script"), "a script of ours failed on the server: "
	  "this is a fault in the program" },
	{ STR("ERR value is not"), "a value of ours is no number any more: "
	  "another program writes into the same database" },
	{ STR("ERR hash value is not"), "a value of ours is no number any "
	  "more: another program writes into the same database" },
};

static struct str shown(struct str error)
{
	ssize_t args = str_ifind(error, STR("with args beginning"));

	if (args >= 0)
		error = str_rtrim(str_head(error, (size_t)args));
	if (error.n > WORDS_MAX)
		return str_head(error, WORDS_MAX);
	return str_ends(error, STR(",")) ? str_head(error, error.n - 1)
					 : error;
}

struct str store_explain(struct arena *a, struct str error)
{
	struct str words = shown(error);

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (str_starts(error, table[i].begins))
			return str_printf(a, "%s (the server says: %.*s)",
					  table[i].means, STR_ARG(words));
	return str_printf(a, "the server says: %.*s", STR_ARG(words));
}
