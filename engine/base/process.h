/*
 * A child process of a program's that goes its own way.
 */
#ifndef MEKIKI_BASE_PROCESS_H
#define MEKIKI_BASE_PROCESS_H

/* In a child just forked: of the program's descriptors only fd and stderr stay
 * open (a pipe of the program's must not stay open because of us), standard
 * input and output are the null device, and its name is name. */
void process_keep_only(const char *name, int fd);

#endif
