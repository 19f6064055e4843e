/*
 * Rules in Lua inside of a scan: when each is called, what it may ask of the
 * scan, and the one place where the scan waits for the world.
 */
#ifndef MEKIKI_SCAN_SCRIPTS_H
#define MEKIKI_SCAN_SCRIPTS_H

#include "scan/scan_int.h"

/* Opens the run; nothing in an engine without scripts, as everywhere here. */
void scripts_begin(struct scan *s);

/* Callbacks that come before every other rule. */
void scripts_prefilter(struct scan *s);

/* Those of one tier, behind its other rules, and those of earlier tiers that
 * waited for a rule which is answered now. */
void scripts_tier(struct scan *s, const struct tier *t);

/* After the last tier: the answers of the world, until the deadline, then
 * whoever waited for them or for rules that nobody answered. */
void scripts_wait(struct scan *s);

/* Callbacks that see all results. */
void scripts_postfilter(struct scan *s);

/* After the verdict: callbacks that only look. Closes the run. */
void scripts_end(struct scan *s);

/* A verdict that a script forced. */
void scripts_force(struct scan *s);

#endif
