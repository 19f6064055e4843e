/*
 * Mail that killed its workers, kept for whoever will look for the cause.
 */
#ifndef MEKIKI_SERVE_POISON_H
#define MEKIKI_SERVE_POISON_H

#include <stdint.h>

#include "base/err.h"

/* Copies size bytes of fd into a new file under state_dir/poison, which is
 * made if need be; the oldest file goes when there would be too many. 0, or -1
 * and err. path_r (PATH_MAX bytes) is the file's name. */
int poison_keep(const char *state_dir, int fd, uint64_t size, char *path_r,
		struct err *err);

#endif
