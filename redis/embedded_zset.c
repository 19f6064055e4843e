/*
 * Commands of this kind; see README.md.
 */
#include "redis/embedded_int.h"

const struct command_row embedded_zset_commands[] = {
	{ 0 },
};
