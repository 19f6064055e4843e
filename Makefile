# mekiki's Makefile.
#
#   make            build the programs into build/
#   make run        install what is needed, build, score a real spam and a real
#                   ham through the real daemon with the real spamc
#   make check      install what is needed, build with warnings as errors, run all tests
#   make check T=html            only the tests whose names contain "html"
#   make check SAN=address,undefined   the same under sanitizers
#   make parity     compare with the real SpamAssassin over its public corpus
#   make parity CORPUS=DIR       the same over any folder of messages
#   make mutations-parity       the same over 20,000 damaged and altered messages
#   make third-parity  the same over mail that is made: every charset, shape, program
#   make report-parity  reports and rewritten mail beside the real SpamAssassin
#   make lint-parity  faults that lint finds, here and in the real SpamAssassin (3,400 fragments)
#   make bayes-scores-parity  all rules and scores where Bayes is trained
#   make bayes-parity  Bayes here and in the real SpamAssassin, on real mail
#   make bench      messages a second beside the real spamd
#   make bench-lua   what rules in Lua cost
#   make bench-memory  what remembering costs
#   make rspamd-parity  rspamd's own rules here and in the real rspamd
#   make hostile-figures  what hostile rules in Lua cost the others (slow)
#   make reputation-figures  what reputation is worth on the public corpus
#   make store-faults  what clients notice when Redis, Sentinel, Cluster fail (slow)
#   make store-kills  workers and the memory process killed while they learn (slow)
#   make user-canaries  does one user's scan see another's preferences? (slow)
#   make soak       reloads and killed workers under load (slow)
#   make fuzz       build the libFuzzer targets; FUZZ_SECONDS=600 make fuzz-run
#   make layers     check the direction of #includes
#   make install    to $(DESTDIR)$(PREFIX), usual directory variables
#   V=1             show the commands

PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
sbindir ?= $(PREFIX)/sbin
datadir ?= $(PREFIX)/share/mekiki
mandir ?= $(PREFIX)/share/man
sysconfdir ?= /etc
# Programs that nobody calls from a shell: links by SpamAssassin's names, and
# what sa-update runs.
libexecdir ?= $(PREFIX)/libexec
hooksdir ?= $(sysconfdir)/spamassassin/sa-update-hooks.d
unitdir ?= $(PREFIX)/lib/systemd/system

VERSION := 0.1.0
CC ?= gcc
PKGS := gmime-3.0 libpcre2-8 libpcre2-32 libevent libevent_openssl openssl \
	zlib libseccomp libsystemd lua5.4 libcurl libpsl icu-uc icu-i18n hiredis lmdb \
	sqlite3 libmariadb libpq libmaxminddb

# Sanitized objects live beside the plain ones, so that switching rebuilds nothing.
SAN ?=
comma := ,
O := build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
OPT ?= $(if $(SAN),-O1 -fno-omit-frame-pointer,-O2)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)

CFLAGS ?= -g
ALL_CFLAGS = -std=gnu11 $(OPT) $(CFLAGS) -Wall -Wextra -Werror -Wshadow \
	-Wmissing-prototypes -Wstrict-prototypes -D_GNU_SOURCE \
	-DMEKIKI_VERSION='"$(VERSION)"' -DMEKIKI_DATADIR='"$(datadir)"' \
	-DMEKIKI_SYSCONFDIR='"$(sysconfdir)"' -Iengine -I. \
	$(SANFLAGS) $(PKG_CFLAGS)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# Berkeley DB has no file of pkg-config's.
LIBS = $(PKG_LIBS) -ldb-5.3 -lm

LAYERS := base mail conf match eval net learn prefs scan serve
SRC := $(foreach l,$(LAYERS),$(wildcard engine/$(l)/*.c)) $(wildcard lua/*.c redis/*.c)
# What is written in Lua, as C files: modules, and scripts for the store.
LUA_LIB := $(wildcard lua/lib/*.lua)
STORE_SCRIPTS := $(wildcard redis/scripts/*.lua)
GEN := gen/lua_lib gen/store_scripts
OBJ := $(SRC:%.c=$(O)/obj/%.o) $(GEN:%=$(O)/obj/%.o)
LIB := $(O)/libmekiki.a
CLI_SRC := $(wildcard engine/cli/*.c)
CLI_MAINS := engine/cli/mekiki.c engine/cli/mekikid.c
CLI_OBJ := $(filter-out $(CLI_MAINS:%.c=$(O)/obj/%.o),$(CLI_SRC:%.c=$(O)/obj/%.o))
CLI_LIB := $(O)/libmekikicli.a
PROGRAMS := $(patsubst engine/cli/%.c,$(O)/%,$(wildcard $(CLI_MAINS)))
# The same programs by the names of SpamAssassin's.
NAMES_MEKIKI := spamassassin sa-learn sa-check_spamd
NAMES_MEKIKID := spamd
COMPAT := $(NAMES_MEKIKI:%=$(O)/compat/%) $(NAMES_MEKIKID:%=$(O)/compat/%)

UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(O)/unit/%)

Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1) $(patsubst $(O)/%,%,$@)")

.PHONY: all programs fuzz-build run check deps layers parity report-parity lint-parity mutations-parity third-parity bayes-parity bayes-scores-parity bench bench-lua rspamd-parity hostile-figures reputation-figures store-faults store-kills user-canaries soak fuzz fuzz-run install clean units help
.DELETE_ON_ERROR:
.SECONDARY:

all programs: $(PROGRAMS) $(COMPAT)

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

$(O)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(O)/gen/lua_lib.c build/fuzz/gen/lua_lib.c: tools/embed.pl $(LUA_LIB)
	@mkdir -p $(@D)
	$(Q)tools/embed.pl lua/vm.h lua_embedded $(LUA_LIB) > $@

$(O)/gen/store_scripts.c build/fuzz/gen/store_scripts.c: tools/embed.pl $(STORE_SCRIPTS)
	@mkdir -p $(@D)
	$(Q)tools/embed.pl redis/store.h store_scripts $(STORE_SCRIPTS) > $@

$(GEN:%=$(O)/obj/%.o): $(O)/obj/%.o: $(O)/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $(OBJ)

$(CLI_LIB): $(CLI_OBJ)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $(CLI_OBJ)

$(O)/mekiki $(O)/mekikid: $(O)/%: $(O)/obj/engine/cli/%.o $(CLI_LIB) $(LIB)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) -o $@ $< $(CLI_LIB) $(LIB) $(LIBS)

$(NAMES_MEKIKI:%=$(O)/compat/%): | $(O)/mekiki
	@mkdir -p $(@D)
	$(Q)ln -sf ../mekiki $@

$(NAMES_MEKIKID:%=$(O)/compat/%): | $(O)/mekikid
	@mkdir -p $(@D)
	$(Q)ln -sf ../mekikid $@

$(O)/unit/%: $(O)/obj/tests/unit/%.o $(CLI_LIB) $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) -o $@ $< $(CLI_LIB) $(LIB) $(LIBS) -lcmocka

$(O)/parity/%: $(O)/obj/tests/parity/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) -o $@ $< $(LIB) $(LIBS)

$(O)/store/%: $(O)/obj/tests/store/%.o $(LIB)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(SANFLAGS) -o $@ $< $(LIB) $(LIBS)

$(O)/bench-load: tests/bench/load.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -O2 $(CFLAGS) -Wall -Wextra -Werror -D_GNU_SOURCE -pthread -o $@ $<

units: $(UNIT) $(O)/bench-load $(O)/parity/match_regex $(O)/parity/conf_dump \
	$(O)/parity/tokens_dump $(O)/parity/bayes_dump $(O)/parity/unmark $(O)/store/driver $(O)/store/load

deps:
	$(Q)tools/deps.sh

# A second make, because what the first one lacked is there only now.
check: deps
	$(Q)$(MAKE) --no-print-directory programs units
	$(Q)tests/check.sh $(O) $(T)

run: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tools/run.sh $(O)

layers:
	$(Q)tools/layers.pl

# PARITY: options of tests/parity/compare.pl, such as "--top 100" or
# "--min-rules 97 --min-subrules 85"; EVERY=N asks each Nth message only.
parity: programs
	$(Q)tests/parity/run.sh $(CORPUS) $(if $(PARITY),-- $(PARITY))

# COUNT=N, SEED=N, LISTS="FILE ..." (a path a line; default: all of the public
# corpus); goes on where it was stopped, see the script.
MUTATED = $${MEKIKI_CACHE:-.cache}/corpus
mutations-parity: programs
	$(Q)$(if $(LISTS),,tools/fetch-corpus.sh $(MUTATED)/public && \
		find $(MUTATED)/public -type f ! -path '*/.*' | LC_ALL=C sort >$(MUTATED)/public.list)
	$(Q)tests/parity/mutations.sh $(if $(COUNT),-n $(COUNT)) $(if $(SEED),-s $(SEED)) \
		$(if $(LISTS),$(LISTS),$(MUTATED)/public.list)

# SEED=N: other chance.
THIRD = $${MEKIKI_CACHE:-.cache}/third
third-parity: programs
	$(Q)rm -rf $(THIRD) && mkdir -p $(THIRD)
	$(Q)perl tests/parity/third.pl $(if $(SEED),-s $(SEED)) $(THIRD)/mail
	$(Q)find $(THIRD)/mail -name '*.eml' | LC_ALL=C sort >$(THIRD)/list
	$(Q)tests/parity/mutations.sh -u -s third $(THIRD)/list

# LIST=FILE (a path a line): other messages than 500 of the public corpus; CONFIGS:
# "1-,5-" takes only these of tests/parity/templates.
report-parity: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/parity/unmark
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/parity/report_run.sh "$(LIST)" "$(CONFIGS)"

lint-parity: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tests/parity/lint_compare.sh $(O)

# CORPUS=DIR: other mail, with folders spam* and others.
BAYES_CORPUS = $(if $(CORPUS),$(CORPUS),$${MEKIKI_CACHE:-.cache}/corpus/public)
bayes-parity: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/parity/bayes_scores
	$(Q)$(if $(CORPUS),,tools/fetch-corpus.sh $(BAYES_CORPUS))
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/parity/bayes.pl $(BAYES_ARGS) $(BAYES_CORPUS)

# The same, and LISTS="FILE ..." (a path a line): further messages.
bayes-scores-parity: programs
	$(Q)$(if $(CORPUS),,tools/fetch-corpus.sh $(BAYES_CORPUS))
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/parity/bayes_rules.pl $(BAYES_ARGS) $(BAYES_CORPUS) $(LISTS)

# LIST=FILE (a path a line): other messages; SECONDS: a run's length.
bench: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/bench-load
	$(Q)tests/bench/run.sh $(O)

# LIST=FILE as above; ROUNDS of alternating runs.
bench-lua: deps
	$(Q)tools/deps.sh rspamd
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tests/bench/lua.sh $(O)

# LIST=FILE as above; ROUNDS of alternating runs.
bench-memory: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/bench-load
	$(Q)tests/bench/memory.sh $(O)

# LIST=FILE as above; COUNT messages of it.
rspamd-parity: deps
	$(Q)tools/deps.sh rspamd
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tests/lua/rspamd_parity.sh $(O)

# NAMES="loop pattern": only these files; MESSAGES=N: how many for the p99.
hostile-figures: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/lua/hostile_figures.pl $(NAMES)

# LIST=FILE as above; STORE=URL: not the embedded store; CF="line;line".
reputation-figures: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)tests/store/reputation_corpus.pl $(O)

# Fuzz targets have objects of their own: clang's coverage goes everywhere.
FUZZ_CC ?= clang-14
FUZZ_SECONDS ?= 600
FUZZ_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -O1 \
	-fno-omit-frame-pointer
FUZZ := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

build/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,FUZZCC)
	$(Q)$(FUZZ_CC) $(filter-out $(OPT) -Werror,$(ALL_CFLAGS)) $(FUZZ_FLAGS) \
		-fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(GEN:%=build/fuzz/obj/%.o): build/fuzz/obj/%.o: build/fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(filter-out $(OPT) -Werror,$(ALL_CFLAGS)) $(FUZZ_FLAGS) -c $< -o $@

build/fuzz/libmekiki.a: $(SRC:%.c=build/fuzz/obj/%.o) $(GEN:%=build/fuzz/obj/%.o)
	$(Q)rm -f $@ && ar rcs $@ $^

build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o build/fuzz/libmekiki.a
	$(call say,LD)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

fuzz:
	$(Q)tools/deps.sh clang-14 libclang-rt-14-dev
	$(Q)$(MAKE) --no-print-directory fuzz-build

fuzz-build: $(FUZZ)

# T=name: only the targets whose names contain it.
fuzz-run: fuzz
	$(Q)tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS) $(T)

# HOMES: "redis sentinel cluster", or with faults, "redis:killed,paused"; REPEAT
# each fault; LIST=FILE other mail.
store-faults: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/bench-load $(O)/store/driver
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) LIST=$(LIST) tests/store/faults.pl \
		--repeat $(or $(REPEAT),3) $(HOMES)

# KILLS of workers (1000).
store-kills: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/bench-load $(O)/store/driver
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) KILLS=$(or $(KILLS),1000) \
		tests/store/worker_kills.pl

# CANARIES: options of tests/wire/canaries.pl.
CANARIES ?= --users 200 --scans 50000 --clients 16
user-canaries: deps
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/wire/canaries.pl $(CANARIES)
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/wire/canaries.pl $(CANARIES) --sql

soak: deps
	$(Q)$(MAKE) --no-print-directory programs $(O)/bench-load
	$(Q)MEKIKI_BUILD=$(CURDIR)/$(O) tests/wire/soak.pl

install: programs
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(sbindir) $(DESTDIR)$(datadir)/rules \
		$(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(sysconfdir)/mekiki \
		$(DESTDIR)$(unitdir)
	install -m 755 $(O)/mekiki $(DESTDIR)$(bindir)/mekiki
	install -m 755 $(O)/mekikid $(DESTDIR)$(sbindir)/mekikid
	install -m 644 rules/*.cf rules/*.lua $(DESTDIR)$(datadir)/rules/
	install -m 644 docs/man/mekiki.1 $(DESTDIR)$(mandir)/man1/mekiki.1
	install -m 644 docs/man/mekikid.8 $(DESTDIR)$(mandir)/man8/mekikid.8
	sed "s|@sbindir@|$(sbindir)|" tools/systemd/mekikid.service > $(DESTDIR)$(unitdir)/mekikid.service
	install -m 644 tools/systemd/mekikid.socket $(DESTDIR)$(unitdir)/mekikid.socket
	install -d $(DESTDIR)$(libexecdir)/mekiki/bin $(DESTDIR)$(hooksdir)
	for name in $(NAMES_MEKIKI); do \
		ln -sf $(bindir)/mekiki $(DESTDIR)$(libexecdir)/mekiki/bin/$$name || exit 1; done
	for name in $(NAMES_MEKIKID); do \
		ln -sf $(sbindir)/mekikid $(DESTDIR)$(libexecdir)/mekiki/bin/$$name || exit 1; done
	install -m 755 tools/sa-update/hook $(DESTDIR)$(libexecdir)/mekiki/sa-update-hook
	ln -sf $(libexecdir)/mekiki/sa-update-hook $(DESTDIR)$(hooksdir)/mekiki

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
