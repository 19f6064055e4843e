/*
 * Messages from files, for the commands.
 */
#ifndef MEKIKI_CLI_INPUT_H
#define MEKIKI_CLI_INPUT_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the whole file ("-": standard input) to out. 0, or -1 and err. */
int input_read(const char *path, struct buf *out, struct err *err);

#endif
