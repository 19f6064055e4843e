/*
 * The log of the programs that go by SpamAssassin's names, in the form of its
 * lines on standard error: "Nov 24 10:00:00.123 [4711] warn: text".
 */
#ifndef MEKIKI_CLI_SA_LOG_H
#define MEKIKI_CLI_SA_LOG_H

enum sa_log_form {
	SA_LOG_STAMPED,		/* all lines */
	SA_LOG_PLAIN,		/* warnings as they are, errors with "ERROR: "
				 * before them: as from sa-learn */
};

/* From now on lines are written so: warnings and errors, and with debug areas
 * (NULL: none; "" is "all") what they name and all information, too. */
void sa_log_begin(const char *areas, enum sa_log_form form);

#endif
