# wsio: builds, tests and checks. `make help` lists the targets; everything made goes into $(OUT).
#
#   make                     both binaries, into build/
#   make bench               the comparison
#   make deps test           what is missing, then every test
#   make interop             the same with the clients and servers that people use
#
# Respected: CC, CFLAGS, CPPFLAGS, LDFLAGS, V=1 (show commands), WERROR=1 (warnings are errors),
# PORT (which system's port), OUT (where to build), PREFIX and DESTDIR (install).

# ---- What may be set from outside -------------------------------------------------------------

ifeq ($(origin CC),default)
CC      = gcc
endif
CFLAGS ?= -O2 -g
AR      = ar
PORT   ?= linux
OUT    ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 20

Q = $(if $(V),,@)
say = $(if $(V),,@echo "  $1")

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- Flags --------------------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wvla $(if $(WERROR),-Werror)
INCLUDES = -Isrc -Iports
# Nothing unwinds through C, and one segment for code and constants saves pages: a small binary.
COMPILE  = $(CC) -std=c11 $(WARNINGS) $(INCLUDES) $(CPPFLAGS) -fno-math-errno \
           -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections $(CFLAGS)
LINK     = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,--gc-sections -Wl,-z,noseparate-code
LIBS     = -lm

# ---- Sources ------------------------------------------------------------------------------------

PORT_DIRS_linux = ports/posix ports/linux
PORT_DIRS = $(PORT_DIRS_$(PORT))
ifeq ($(strip $(PORT_DIRS)),)
$(error PORT=$(PORT) is not known; there is: linux)
endif

SHARED_DIRS = src/base src/codec src/conn src/loop src/measure
SERVER_DIRS = $(SHARED_DIRS) src/server
CLIENT_DIRS = $(SHARED_DIRS) src/report src/client
MAINS       = src/server/main.c src/client/main.c

sources = $(sort $(foreach dir,$1,$(wildcard $(dir)/*.c)))
objects = $(patsubst %.c,$(OUT)/obj/%.o,$1)

PORT_SRC   = $(call sources,$(PORT_DIRS))
SERVER_SRC = $(call sources,$(SERVER_DIRS))
CLIENT_SRC = $(call sources,$(CLIENT_DIRS))
LIB_SRC    = $(filter-out $(MAINS),$(sort $(SERVER_SRC) $(CLIENT_SRC)))

# Where bytes are looked at one by one: made fast, all others small.
HOT_SRC = $(addprefix src/,base/bytes.c base/utf8.c codec/json.c codec/json_string.c codec/ws.c \
          conn/websocket.c client/payload.c)

# $(call known,FLAGS): they, if the compiler has nothing to say against them (-Oz: gcc before 12).
known = $(if $(shell $(CC) -Werror $1 -fsyntax-only -Isrc src/measure/tally.c 2>&1),,$1)
# Besides: tables where they may lie, nothing moved out of a loop that runs once in a report, and no
# optimisations that pay in time alone.
SMALL := $(or $(call known,-Oz),-Os) $(call known,-malign-data=abi) \
         $(call known,-fno-move-loop-invariants -fno-tree-loop-im -fno-expensive-optimizations)

# Test programs: tests/DIR/test_X.c and the port contract; other .c files beside them are helpers.
UNIT_TESTS    = $(sort $(wildcard tests/unit/test_*.c))
LOOP_TESTS    = $(sort $(wildcard tests/loop/test_*.c))
PORT_TESTS    = $(sort $(wildcard tests/port/test_*.c tests/port/contract.c))
SCRIPTED      = $(sort $(wildcard tests/port/scripted*.c))
TEST_HELPERS  = $(filter-out $(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS) $(SCRIPTED), \
                $(call sources,tests/unit tests/loop tests/port))
SCRIPTED_TESTS = $(if $(SCRIPTED),$(LOOP_TESTS) $(filter %/contract.c,$(PORT_TESTS)))
TEST_SRC      = $(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS) $(SCRIPTED) $(TEST_HELPERS)
FUZZ_SRC      = $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRC     = $(sort $(wildcard tests/bench/*.c))
SCRIPTS       = $(sort $(wildcard $(foreach kind,sh py js,tests/e2e/test_*.$(kind) \
                tests/interop/test_*.$(kind))))

TESTS = $(patsubst tests/unit/%.c,$(OUT)/tests/%,$(UNIT_TESTS)) \
        $(patsubst tests/port/%.c,$(OUT)/tests/%,$(PORT_TESTS)) \
        $(if $(SCRIPTED),$(patsubst tests/loop/%.c,$(OUT)/tests/%,$(LOOP_TESTS)) \
        $(if $(filter %/contract.c,$(PORT_TESTS)),$(OUT)/tests/contract_scripted))

ALL_SRC  = $(sort $(LIB_SRC) $(wildcard $(MAINS)) $(PORT_SRC) $(TEST_SRC) $(FUZZ_SRC) $(BENCH_SRC))
C_FILES  = $(sort $(wildcard $(foreach top,src ports tests,$(top)/*.[ch] $(top)/*/*.[ch])))
DIRS     = $(sort $(OUT)/obj/ $(OUT)/tests/ $(OUT)/fuzz/ $(dir $(call objects,$(ALL_SRC))))

# ---- Stamps: what is not a file but must cause a rebuild when it changes --------------------------

COMMIT   = $(or $(shell git describe --always --dirty 2>/dev/null),unknown)
COMPILER = $(shell $(CC) --version | head -n 1)

FLAGS_TEXT := $(COMPILE) | $(SMALL), but $(HOT_SRC) | $(LINK) $(LIBS) | $(COMPILER)
LIST_TEXT  := $(ALL_SRC)
# Read by src/measure/environment.c alone; a header, so that no shell has to quote it.
define BUILD_TEXT
#define WSIO_COMPILER "$(COMPILER)"
#define WSIO_FLAGS "$(subst ",\",$(subst \,\\,$(strip $(CFLAGS))))"
#define WSIO_COMMIT "$(COMMIT)"
endef
BUILD_TEXT := $(BUILD_TEXT)

# $(call stamp,FILE,VARIABLE): FILE holds the variable's text and is remade only when that changes.
define stamp
ifneq ($$(strip $$(file <$1)),$$(strip $$($2)))
.PHONY: $1
endif
$1: | $(OUT)/obj/
	$$(if $$(findstring n,$$(firstword -$$(MAKEFLAGS))),,$$(file >$1,$$($2)))
endef
$(eval $(call stamp,$(OUT)/obj/flags,FLAGS_TEXT))
$(eval $(call stamp,$(OUT)/obj/list,LIST_TEXT))
$(eval $(call stamp,$(OUT)/obj/build.h,BUILD_TEXT))

# `make -j deps all`: nothing is compiled before its tools are there.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(OUT)/obj/flags: | deps
endif

# ---- Compiling and linking ------------------------------------------------------------------------

all: $(OUT)/wsio-server $(OUT)/wsio-client ## both binaries (the default)

$(DIRS):
	$(Q)mkdir -p $@

$(OUT)/obj/%.o: %.c $(OUT)/obj/flags | $(DIRS)
	$(call say,CC      $<)
	$(Q)$(COMPILE) $(EXTRA) -MMD -MP -c -o $@ $<

$(OUT)/obj/src/measure/environment.o: $(OUT)/obj/build.h
$(OUT)/obj/src/measure/environment.o: EXTRA += -include $(OUT)/obj/build.h

$(call objects,$(filter-out $(HOT_SRC),$(LIB_SRC) $(MAINS) $(PORT_SRC))): \
    EXTRA += $(if $(filter -O2,$(CFLAGS)),$(SMALL))

$(OUT)/wsio-server: $(call objects,$(SERVER_SRC) $(PORT_SRC))
$(OUT)/wsio-client: $(call objects,$(CLIENT_SRC) $(PORT_SRC))
$(OUT)/wsio-server $(OUT)/wsio-client: $(OUT)/obj/list
	$(call say,LINK    $@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBS)

# The tests take what they need from archives, so a test of one module links that module only.
$(OUT)/obj/libwsio.a: $(call objects,$(LIB_SRC))
$(OUT)/obj/libport.a: $(call objects,$(PORT_SRC))
$(OUT)/obj/libscripted.a: $(call objects,$(SCRIPTED))
$(OUT)/obj/libhelpers.a: $(call objects,$(TEST_HELPERS))
$(OUT)/obj/lib%.a: $(OUT)/obj/list
	$(call say,AR      $@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(OUT)/tests/%: $(OUT)/obj/libhelpers.a $(OUT)/obj/libwsio.a | $(OUT)/tests/
	$(call say,LINK    $@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(LIBS)

$(foreach src,$(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS),\
  $(eval $(OUT)/tests/$(basename $(notdir $(src))): $(call objects,$(src))))
$(BENCH_SRC:tests/bench/%.c=$(OUT)/tests/%): $(OUT)/tests/%: $(OUT)/obj/tests/bench/%.o $(OUT)/obj/libport.a
$(OUT)/tests/contract_scripted: $(call objects,tests/port/contract.c) $(OUT)/obj/libscripted.a
$(patsubst tests/loop/%.c,$(OUT)/tests/%,$(LOOP_TESTS)): $(OUT)/obj/libscripted.a
$(patsubst tests/unit/%.c,$(OUT)/tests/%,$(UNIT_TESTS)) \
$(patsubst tests/port/%.c,$(OUT)/tests/%,$(PORT_TESTS)): $(OUT)/obj/libport.a

-include $(patsubst %.c,$(OUT)/obj/%.d,$(ALL_SRC))

# The fuzz targets need their own build: `make fuzz` makes it and calls back with FUZZER set.
$(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(OUT)/obj/libhelpers.a $(OUT)/obj/libwsio.a | $(OUT)/fuzz/
	$(call say,LINK    $@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

objects: $(call objects,$(ALL_SRC))
programs: all $(TESTS)
all objects programs:
	@:

# ---- Running --------------------------------------------------------------------------------------

# $(call build,DIR): the same Makefile on a tree of its own, two jobs at a time unless -j was given.
build = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) --no-print-directory OUT=$(OUT)/$1

bench: all ## the comparison of raw TCP, WebSocket and Socket.IO on this machine
	$(Q)$(OUT)/wsio-client

deps: ## install what tests and checks need (Debian; root or sudo)
	$(Q)sh tests/deps.sh

test: programs $(OUT)/tests/statistics ## every test; the last line counts them
	$(Q)WSIO_BIN=$(OUT) sh tests/run.sh $(TESTS) $(SCRIPTS)

INTEROP = $(sort $(wildcard $(foreach kind,py js,tests/interop/test_*.$(kind) \
          tests/interop/stock_*.$(kind))))
interop: all ## every test with stock peers, which it installs; and a table of them
	$(Q)sh tests/deps.sh peers
	$(Q)WSIO_BIN=$(OUT) TEST_TIMEOUT=240 TEST_SUMMARY=tests/interop/table.py \
	    sh tests/run.sh $(INTEROP)

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
san: ## every test with AddressSanitizer and UBSan
	$(Q)+$(call build,san) CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZE)" test

fuzz: ## each fuzz target for FUZZ_SECONDS (clang)
	$(Q)+$(call build,fuzzing) CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link $(SANITIZE)" run-fuzz

run-fuzz: $(FUZZ_SRC:tests/fuzz/%.c=$(OUT)/fuzz/%)
	$(Q)sh tests/fuzz.sh $(OUT)/fuzz $(FUZZ_SECONDS) $^

# ---- Checking -------------------------------------------------------------------------------------

LINT_BUILDS = lint-gcc lint-gcc-O0 lint-clang lint-clang-m32
LINTED      = $(filter src/% ports/%,$(ALL_SRC))

lint: $(LINT_BUILDS) lint-promises lint-cppcheck lint-tidy ## compilers, analysers, format, and the promises of the design

# Everything compiled in four ways, each warning an error.
lint-gcc:       ; $(Q)+$(call build,lint/gcc) CC=gcc CFLAGS="-O2 -g" WERROR=1 programs objects
lint-gcc-O0:    ; $(Q)+$(call build,lint/gcc-O0) CC=gcc CFLAGS=-O0 WERROR=1 objects
lint-clang:     ; $(Q)+$(call build,lint/clang) CC=clang CFLAGS=-O1 WERROR=1 objects
lint-clang-m32: ; $(Q)+$(call build,lint/clang-m32) CC=clang WERROR=1 objects \
	CFLAGS="-O1 -m32 -idirafter /usr/include/x86_64-linux-gnu"

lint-promises: lint-gcc
	$(Q)sh tests/lint.sh $(OUT)/lint/gcc/obj

# cppcheck 2.10 cannot parse a compound literal between ? and :, which it calls internalAstError.
lint-cppcheck: $(OUT)/obj/build.h
	$(Q)cppcheck -q -j2 --std=c11 --error-exitcode=1 --inline-suppr \
	    --enable=warning,performance,portability --suppress=missingIncludeSystem \
	    --suppress=internalAstError \
	    $(INCLUDES) --include=$(OUT)/obj/build.h $(LINTED)
	@echo "ok      cppcheck finds nothing"

lint-tidy:
	$(Q)+$(call build,lint/tidy) run-tidy
	@echo "ok      clang-tidy finds nothing"

# One stamp per file, so that only what changed is analysed again.
run-tidy: $(LINTED:%=$(OUT)/obj/%.tidy)
$(OUT)/obj/%.tidy: % $(filter %.h,$(C_FILES)) .clang-tidy $(OUT)/obj/build.h | $(DIRS)
	$(call say,TIDY    $<)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- -std=c11 $(INCLUDES) \
	    -include $(OUT)/obj/build.h 2>$@.err || { cat $@.err; exit 1; }
	$(Q)touch $@

bench-speed: $(OUT)/tests/record ## ns that keeping the figures costs
	$(Q)$(OUT)/tests/record

size: all ## bytes of each binary and of the codecs, against their limits
	$(Q)sh tests/size.sh $(OUT)
$(if $(filter tests/bench/sizes.c,$(BENCH_SRC)),$(eval size: $(OUT)/tests/sizes))

format: ## rewrite every C file as .clang-format says
	$(Q)clang-format -i $(C_FILES)

# ---- Handing over ---------------------------------------------------------------------------------

install: all ## into $(DESTDIR)$(PREFIX)/bin
	$(Q)install -d "$(DESTDIR)$(PREFIX)/bin"
	$(Q)install -m 755 $(OUT)/wsio-server $(OUT)/wsio-client "$(DESTDIR)$(PREFIX)/bin"

VERSION = $(shell sed -n 's/.*define WSIO_VERSION "\(.*\)"/\1/p' src/base/config.h)
dist: | $(OUT)/obj/ ## the committed sources as build/wsio-VERSION.tar.gz
	$(Q)git archive --format=tar.gz --prefix=wsio-$(VERSION)/ -o $(OUT)/wsio-$(VERSION).tar.gz HEAD
	@echo $(OUT)/wsio-$(VERSION).tar.gz

clean: ## remove everything made
	$(Q)rm -rf $(OUT)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

.PHONY: all objects programs bench bench-speed deps test interop san fuzz run-fuzz lint $(LINT_BUILDS) \
        lint-promises lint-cppcheck lint-tidy run-tidy size format install dist clean help
