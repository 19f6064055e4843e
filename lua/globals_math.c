/*
 * math, bit, os. Most of math and os is Lua's own; what LuaJIT has besides is
 * added: math.pow, ldexp, frexp, log10, ...; bit with its signed 32-bit
 * numbers. math.random is seeded once a process and no script can seed it: a
 * rule must not know what another one draws.
 */
#include "lua/sandbox.h"

#include <lualib.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"

/* ---- math ---- */

#define ONE(name, expr) \
	static int name(lua_State *L) \
	{ \
		double x = luaL_checknumber(L, 1); \
		lua_pushnumber(L, expr); \
		return 1; \
	}

ONE(math_log10, log10(x))
ONE(math_sinh, sinh(x))
ONE(math_cosh, cosh(x))
ONE(math_tanh, tanh(x))

static int math_pow(lua_State *L)
{
	lua_pushnumber(L, pow(luaL_checknumber(L, 1),
			      luaL_checknumber(L, 2)));
	return 1;
}

static int math_atan2(lua_State *L)
{
	lua_pushnumber(L, atan2(luaL_checknumber(L, 1),
				luaL_checknumber(L, 2)));
	return 1;
}

static int math_ldexp(lua_State *L)
{
	double e = luaL_checknumber(L, 2);

	e = e > 5000 ? 5000 : e < -5000 ? -5000 : e == e ? e : 0;
	lua_pushnumber(L, ldexp(luaL_checknumber(L, 1), (int)e));
	return 1;
}

static int math_frexp(lua_State *L)
{
	int e = 0;

	lua_pushnumber(L, frexp(luaL_checknumber(L, 1), &e));
	lua_pushinteger(L, e);
	return 2;
}

/* 64 bits of xorshift*, the state in the upvalue. */
static uint64_t next_random(lua_State *L)
{
	uint64_t *state = lua_touserdata(L, lua_upvalueindex(1));

	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

/* math.random([[m,] n]) */
static int math_random(lua_State *L)
{
	double r = (double)(next_random(L) >> 11) * 0x1p-53;
	double low = 1, high;

	if (lua_gettop(L) == 0) {
		lua_pushnumber(L, r);
		return 1;
	}
	if (lua_gettop(L) > 1)
		low = ceil(luaL_checknumber(L, 1));
	high = floor(luaL_checknumber(L, lua_gettop(L) > 1 ? 2 : 1));
	luaL_argcheck(L, low <= high && fabs(low) < 0x1p53 &&
			 fabs(high) < 0x1p53, 1, "interval is empty");
	lua_pushinteger(L, (lua_Integer)(low + floor(r * (high - low + 1))));
	return 1;
}

static int math_randomseed(lua_State *L)
{
	(void)L;
	return 0;
}

void lua_open_math(lua_State *L)
{
	static const char *const own[] = {
		"abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp",
		"floor", "fmod", "huge", "log", "max", "maxinteger", "min",
		"mininteger", "modf", "pi", "rad", "sin", "sqrt", "tan",
		"tointeger", "type", "ult", NULL,
	};
	static const struct luaL_Reg rows[] = {
		{ "log10", math_log10 }, { "sinh", math_sinh },
		{ "cosh", math_cosh }, { "tanh", math_tanh },
		{ "pow", math_pow }, { "atan2", math_atan2 },
		{ "ldexp", math_ldexp }, { "frexp", math_frexp },
		{ "randomseed", math_randomseed }, { NULL, NULL },
	};
	uint64_t *state;

	lua_newtable(L);
	lua_take_paid(L, luaopen_math, own);
	luaL_setfuncs(L, rows, 0);
	lua_getfield(L, -1, "fmod");
	lua_setfield(L, -2, "mod");
	state = lua_newuserdatauv(L, sizeof(*state), 0);
	*state = (uint64_t)clock_mono_us() ^ ((uint64_t)clock_now() << 32) ^
		(uint64_t)(uintptr_t)state;
	*state |= 1;
	lua_pushcclosure(L, math_random, 1);
	lua_setfield(L, -2, "random");
}

/* ---- bit ---- */

/* A number as LuaJIT's bit library takes it: modulo 2^32. */
static uint32_t bits_arg(lua_State *L, int idx)
{
	double v;

	if (lua_isinteger(L, idx))
		return (uint32_t)lua_tointeger(L, idx);
	v = luaL_checknumber(L, idx);
	if (!(fabs(v) < 0x1p53))
		return 0;
	return (uint32_t)(int64_t)nearbyint(v);
}

static int push_bits(lua_State *L, uint32_t v)
{
	lua_pushinteger(L, (int32_t)v);
	return 1;
}

static int bit_tobit(lua_State *L)
{
	return push_bits(L, bits_arg(L, 1));
}

static int bit_not(lua_State *L)
{
	return push_bits(L, ~bits_arg(L, 1));
}

static int bit_and(lua_State *L)
{
	uint32_t v = bits_arg(L, 1);

	for (int i = lua_gettop(L); i > 1; i--)
		v &= bits_arg(L, i);
	return push_bits(L, v);
}

static int bit_or(lua_State *L)
{
	uint32_t v = bits_arg(L, 1);

	for (int i = lua_gettop(L); i > 1; i--)
		v |= bits_arg(L, i);
	return push_bits(L, v);
}

static int bit_xor(lua_State *L)
{
	uint32_t v = bits_arg(L, 1);

	for (int i = lua_gettop(L); i > 1; i--)
		v ^= bits_arg(L, i);
	return push_bits(L, v);
}

static int bit_lshift(lua_State *L)
{
	return push_bits(L, bits_arg(L, 1) << (bits_arg(L, 2) & 31));
}

static int bit_rshift(lua_State *L)
{
	return push_bits(L, bits_arg(L, 1) >> (bits_arg(L, 2) & 31));
}

static int bit_arshift(lua_State *L)
{
	return push_bits(L, (uint32_t)((int32_t)bits_arg(L, 1) >>
				       (bits_arg(L, 2) & 31)));
}

static uint32_t rotated(uint32_t v, unsigned n)
{
	n &= 31;
	return n ? v << n | v >> (32 - n) : v;
}

static int bit_rol(lua_State *L)
{
	return push_bits(L, rotated(bits_arg(L, 1), bits_arg(L, 2)));
}

static int bit_ror(lua_State *L)
{
	return push_bits(L, rotated(bits_arg(L, 1), -bits_arg(L, 2)));
}

static int bit_bswap(lua_State *L)
{
	return push_bits(L, __builtin_bswap32(bits_arg(L, 1)));
}

/* bit.tohex(x [, digits]): a negative number of digits gives capitals. */
static int bit_tohex(lua_State *L)
{
	int digits = lua_isnoneornil(L, 2) ? 8 : (int)bits_arg(L, 2);
	bool upper = digits < 0;
	char text[16];

	if (upper)
		digits = digits < -8 ? 8 : -digits;
	if (digits > 8)
		digits = 8;
	snprintf(text, sizeof(text), upper ? "%08X" : "%08x",
		 bits_arg(L, 1));
	lua_pushlstring(L, text + 8 - digits, (size_t)digits);
	return 1;
}

void lua_open_bit(lua_State *L)
{
	static const struct luaL_Reg rows[] = {
		{ "tobit", bit_tobit }, { "bnot", bit_not },
		{ "band", bit_and }, { "bor", bit_or }, { "bxor", bit_xor },
		{ "lshift", bit_lshift }, { "rshift", bit_rshift },
		{ "arshift", bit_arshift }, { "rol", bit_rol },
		{ "ror", bit_ror }, { "bswap", bit_bswap },
		{ "tohex", bit_tohex }, { NULL, NULL },
	};

	lua_newtable(L);
	luaL_setfuncs(L, rows, 0);
}

/* ---- os ---- */

void lua_open_os(lua_State *L)
{
	static const char *const own[] = { "time", "clock", "date",
					   "difftime", NULL };

	lua_newtable(L);
	lua_take_paid(L, luaopen_os, own);
}
