#!/bin/sh
# Rules in Lua that ask the store; see lua_redis.pl.
exec perl "$(dirname "$0")/lua_redis.pl"
