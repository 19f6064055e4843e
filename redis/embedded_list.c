/*
 * Commands of this kind; see README.md.
 */
#include "redis/embedded_int.h"

const struct command_row embedded_list_commands[] = {
	{ 0 },
};
