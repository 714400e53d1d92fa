# wsio: builds, tests and checks. `make help` lists the targets; everything made goes into $(OUT).
#
#   make                     both binaries, into build/
#   make bench               the comparison
#   make deps test           what is missing, then every test
#   make interop             the same with the clients and servers that people use
#   make win test-win        the Windows programs, and every test of them under Wine
#
# Respected: CC, CFLAGS, CPPFLAGS, LDFLAGS, V=1 (show commands), WERROR=1 (warnings are errors),
# PORT (which system's port), OUT (where to build), PREFIX and DESTDIR (install).

# ---- What may be set from outside -------------------------------------------------------------

ifeq ($(origin CC),default)
CC      = gcc
endif
CFLAGS ?= -O2 -g
AR      = $(or $(patsubst %-gcc,%-ar,$(filter %-gcc,$(CC))),ar)
OUT    ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 20

# Windows says so itself, and so does the name of a compiler for it.
ON_WINDOWS = $(filter Windows_NT,$(OS))
PORT ?= $(if $(or $(ON_WINDOWS),$(findstring mingw32,$(CC))),win32,linux)

Q = $(if $(V),,@)
say = $(if $(V),,$(info $()  $1))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- The shell ----------------------------------------------------------------------------------

# mingw32-make takes cmd.exe where it finds no sh.exe (SHELL is then that bare name). All that is needed
# to build the two programs works in both; tests and checks want a POSIX shell.
ifneq ($(and $(ON_WINDOWS),$(filter sh.exe cmd cmd.exe %/cmd.exe %\cmd.exe,$(SHELL))),)
native = $(subst /,\,$(patsubst %/,%,$1))
MKDIR  = if not exist $(call native,$1) mkdir $(call native,$1)
RM     = if exist $(call native,$1) del /q $(call native,$1)
RMDIR  = if exist $(call native,$1) rmdir /s /q $(call native,$1)
TRUE   = rem
NULL   = NUL
else
native = $1
MKDIR  = mkdir -p $1
RM     = rm -f $1
RMDIR  = rm -rf $1
TRUE   = :
NULL   = /dev/null
endif

# ---- Flags --------------------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wvla $(if $(WERROR),-Werror)
INCLUDES = -Isrc -Iports
COMPILE  = $(CC) -std=c11 $(WARNINGS) $(INCLUDES) $(FLAGS_$(PORT)) $(CPPFLAGS) -fno-math-errno \
           -ffunction-sections $(CFLAGS)
LINK     = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,--gc-sections $(LINK_$(PORT))
LIBS     = -lm $(LIBS_$(PORT))

# Nothing unwinds through C; one segment for code and constants, and data right behind it, save pages:
# a small binary.
FLAGS_linux = -fno-asynchronous-unwind-tables -fdata-sections
LINK_linux  = -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,common-page-size=64

# The C library of Windows has another printf; its 64-bit ABI wants unwind tables of every function;
# and of sections by name that are all zero its linker would write out the zeros.
FLAGS_win32 = -D__USE_MINGW_ANSI_STDIO=1
LINK_win32  = -static
LIBS_win32  = -lws2_32 -lbcrypt -lpsapi
MAIN_win32  = -municode
EXE_win32   = .exe
EXE         = $(EXE_$(PORT))

# ---- Sources ------------------------------------------------------------------------------------

PORT_DIRS_linux = ports/posix ports/linux
PORT_DIRS_win32 = ports/win32
PORT_DIRS = $(PORT_DIRS_$(PORT))
ifeq ($(strip $(PORT_DIRS)),)
$(error PORT=$(PORT) is not known; there are: linux, win32)
endif

SHARED_DIRS = src/base src/codec src/conn src/loop src/measure src/measure/*
SERVER_DIRS = $(SHARED_DIRS) src/server
CLIENT_DIRS = $(SHARED_DIRS) src/report src/report/* src/client src/client/*
MAINS       = src/server/main.c src/client/main.c

sources = $(sort $(foreach dir,$1,$(wildcard $(dir)/*.c)))
objects = $(patsubst %.c,$(OUT)/obj/%.o,$1)

PORT_SRC   = $(call sources,$(PORT_DIRS))
SERVER_SRC = $(call sources,$(SERVER_DIRS))
CLIENT_SRC = $(call sources,$(CLIENT_DIRS))
LIB_SRC    = $(filter-out $(MAINS),$(sort $(SERVER_SRC) $(CLIENT_SRC)))

# Where bytes are looked at one by one: made fast, all others small.
HOT_SRC = $(addprefix src/,base/bytes.c base/utf8.c codec/json.c codec/json_string.c codec/ws.c \
          conn/websocket.c client/options/payload.c)

# $(call known,FLAGS): they, if the compiler has nothing to say against them (-Oz: gcc before 12).
known = $(if $(shell $(CC) -Werror $1 -fsyntax-only -Isrc src/measure/record/tally.c 2>&1),,$1)
# Besides: tables where they may lie, nothing moved out of a loop that runs once in a report, and no
# optimisations that pay in time alone.
SMALL := $(or $(call known,-Oz),-Os) $(call known,-malign-data=abi) \
         $(call known,-fno-move-loop-invariants -fno-tree-loop-im -fno-expensive-optimizations)

# Test programs: tests/DIR/test_X.c and the port contract; other .c files beside them are helpers.
UNIT_TESTS    = $(sort $(wildcard tests/unit/test_*.c))
LOOP_TESTS    = $(sort $(wildcard tests/loop/test_*.c))
PORT_TESTS    = $(filter-out $(if $(filter linux,$(PORT)),,$(ONLY_LINUX)), \
                $(sort $(wildcard tests/port/test_*.c tests/port/contract.c)))
ONLY_LINUX    = tests/port/test_facts.c # of /proc and /sys
SCRIPTED      = $(sort $(wildcard tests/port/scripted*.c))
TEST_HELPERS  = $(filter-out $(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS) $(ONLY_LINUX) $(SCRIPTED), \
                $(call sources,tests/unit tests/loop tests/port)) tests/system/$(PORT).c
TEST_SRC      = $(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS) $(SCRIPTED) $(TEST_HELPERS)
FUZZ_SRC      = $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRC     = $(sort $(wildcard tests/bench/*.c))
# The scripts start processes and send signals as POSIX knows them; from Linux they reach Wine, too.
SCRIPTS       = $(if $(ON_WINDOWS),,$(sort $(wildcard $(foreach kind,sh py js,tests/e2e/test_*.$(kind) \
                tests/interop/test_*.$(kind)))))

# $(call test,SOURCES): the programs that they become.
test  = $(patsubst %.c,$(OUT)/tests/%$(EXE),$(notdir $1))
TESTS = $(call test,$(UNIT_TESTS) $(PORT_TESTS) $(LOOP_TESTS) contract_scripted.c)

ALL_SRC  = $(sort $(LIB_SRC) $(wildcard $(MAINS)) $(PORT_SRC) $(TEST_SRC) $(FUZZ_SRC) $(BENCH_SRC))
C_FILES  = $(sort $(wildcard $(foreach top,src ports tests,$(top)/*.[ch] $(top)/*/*.[ch] $(top)/*/*/*.[ch])))
DIRS     = $(sort $(OUT)/obj/ $(OUT)/tests/ $(OUT)/fuzz/ $(dir $(call objects,$(ALL_SRC))))

# ---- Stamps: what is not a file but must cause a rebuild when it changes --------------------------

COMMIT   = $(or $(shell git describe --always --dirty 2>$(NULL)),unknown)
# The first line of the answer, whose lines make has joined: what stands before the next line's start.
COMPILER = $(call before,Copyright,$(call before,Target:,$(shell $(CC) --version)))
before   = $(subst ^, ,$(firstword $(subst ^$1, ,$(subst $(SPACE),^,$2))))
SPACE    = $() $()

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

SERVER = $(OUT)/wsio-server$(EXE)
CLIENT = $(OUT)/wsio-client$(EXE)

all: $(SERVER) $(CLIENT) ## both binaries (the default)

$(DIRS):
	$(Q)$(call MKDIR,$@)

$(OUT)/obj/%.o: %.c $(OUT)/obj/flags | $(DIRS)
	$(call say,CC      $<)
	$(Q)$(COMPILE) $(EXTRA) -MMD -MP -c -o $@ $<

$(OUT)/obj/src/measure/machine/environment.o: $(OUT)/obj/build.h
$(OUT)/obj/src/measure/machine/environment.o: EXTRA += -include $(OUT)/obj/build.h

$(call objects,$(filter-out $(HOT_SRC),$(LIB_SRC) $(MAINS) $(PORT_SRC))): \
    EXTRA += $(if $(filter -O2,$(CFLAGS)),$(SMALL))

$(SERVER): $(call objects,$(SERVER_SRC) $(PORT_SRC))
$(CLIENT): $(call objects,$(CLIENT_SRC) $(PORT_SRC))
$(SERVER) $(CLIENT): $(OUT)/obj/list
	$(call say,LINK    $@)
	$(Q)$(LINK) $(MAIN_$(PORT)) -o $@ $(filter %.o,$^) $(LIBS)

# The tests take what they need from archives, so a test of one module links that module only.
$(OUT)/obj/libwsio.a: $(call objects,$(LIB_SRC))
$(OUT)/obj/libport.a: $(call objects,$(PORT_SRC))
$(OUT)/obj/libscripted.a: $(call objects,$(SCRIPTED))
$(OUT)/obj/libhelpers.a: $(call objects,$(TEST_HELPERS))
$(OUT)/obj/lib%.a: $(OUT)/obj/list
	$(call say,AR      $@)
	$(Q)$(call RM,$@)
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(OUT)/tests/%$(EXE): $(OUT)/obj/libhelpers.a $(OUT)/obj/libwsio.a | $(OUT)/tests/
	$(call say,LINK    $@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
	    $(if $(CMOCKA),,-lcmocka) $(LIBS)

$(foreach src,$(UNIT_TESTS) $(LOOP_TESTS) $(PORT_TESTS),\
  $(eval $(call test,$(src)): $(call objects,$(src))))
$(call test,$(BENCH_SRC)): $(OUT)/tests/%$(EXE): $(OUT)/obj/tests/bench/%.o $(OUT)/obj/libport.a
$(call test,contract_scripted.c): $(call objects,tests/port/contract.c) $(OUT)/obj/libscripted.a
$(call test,$(LOOP_TESTS)): $(OUT)/obj/libscripted.a
$(call test,$(UNIT_TESTS) $(PORT_TESTS)): $(OUT)/obj/libport.a

# CMOCKA: a folder with its sources, where there is no library for the target.
ifneq ($(CMOCKA),)
$(TESTS): $(OUT)/obj/libcmocka.a
$(call objects,$(TEST_SRC)): EXTRA += -isystem $(CMOCKA)/include
$(OUT)/obj/libcmocka.a: $(OUT)/obj/cmocka.o
$(OUT)/obj/cmocka.o: $(CMOCKA)/src/cmocka.c $(OUT)/obj/flags | $(DIRS)
	$(call say,CC      $<)
	$(Q)$(CC) -w -I$(CMOCKA)/include $(CFLAGS) -c -o $@ $<
endif

-include $(patsubst %.c,$(OUT)/obj/%.d,$(ALL_SRC))

# The fuzz targets need their own build: `make fuzz` makes it and calls back with FUZZER set.
$(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(OUT)/obj/libhelpers.a $(OUT)/obj/libwsio.a | $(OUT)/fuzz/
	$(call say,LINK    $@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

objects: $(call objects,$(ALL_SRC))
programs: all $(TESTS)
all objects programs:
	@$(TRUE)

# ---- Running --------------------------------------------------------------------------------------

# The same Makefile, two jobs at a time unless -j was given; $(call build,DIR): on a tree of its own.
again = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) --no-print-directory
build = $(again) OUT=$(OUT)/$1

bench: all ## the comparison of raw TCP, WebSocket and Socket.IO on this machine
	$(Q)$(call native,$(CLIENT))

deps: ## install what tests and checks need (Debian; root or sudo)
	$(Q)sh tests/deps.sh

# Behind everything else that was asked for and may compile the same files.
test: $(filter deps all bench programs interop lint san,$(MAKECMDGOALS)) ## every test; the last line counts them
	$(Q)+$(again) programs $(OUT)/tests/statistics
	$(Q)WSIO_BIN=$(OUT) sh tests/run.sh $(TESTS) $(SCRIPTS)

INTEROP = $(sort $(wildcard $(foreach kind,py js,tests/interop/test_*.$(kind) \
          tests/interop/stock_*.$(kind))))
interop: all ## every test with stock peers, which it installs; and a table of them
	$(Q)sh tests/deps.sh peers
	$(Q)WSIO_BIN=$(OUT) TEST_TIMEOUT=240 TEST_SUMMARY=tests/interop/table.py \
	    sh tests/run.sh $(INTEROP)

# ---- Windows, from another system -----------------------------------------------------------------

# $(call cross,DIR,PROCESSOR): the same Makefile, for Windows.
cross = $(call build,$1) CC=$2-w64-mingw32-gcc PORT=win32 CMOCKA=build/cmocka

deps-win: ## install what the Windows build and its tests need (Debian)
	$(Q)sh tests/deps.sh win

win: ## both programs for Windows, into build/win64; the compiler is installed if there is none
	$(Q)sh tests/deps.sh mingw
	$(Q)+$(call cross,win64,x86_64) all

test-win: all ## every test of the Windows build, under Wine; what that needs is installed
	$(Q)sh tests/deps.sh win
	$(Q)+$(call cross,win32,i686) WERROR=1 all
	$(Q)+$(call cross,win64,x86_64) LINUX=$(OUT) run-win

run-win: programs
	$(Q)sh tests/imports.sh $(OUT)
	$(Q)sh tests/win.sh $(OUT) $(LINUX) $(TESTS)

# ---- Builds with more checks ----------------------------------------------------------------------

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
	$(Q)install -m 755 $(SERVER) $(CLIENT) "$(DESTDIR)$(PREFIX)/bin"

VERSION = $(shell sed -n 's/.*define WSIO_VERSION "\(.*\)"/\1/p' src/base/config.h)
dist: | $(OUT)/obj/ ## the committed sources as build/wsio-VERSION.tar.gz
	$(Q)git archive --format=tar.gz --prefix=wsio-$(VERSION)/ -o $(OUT)/wsio-$(VERSION).tar.gz HEAD
	@echo $(OUT)/wsio-$(VERSION).tar.gz

clean: ## remove everything made
	$(Q)$(call RMDIR,$(OUT))

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

.PHONY: all objects programs bench bench-speed deps test interop deps-win win test-win run-win san fuzz \
        run-fuzz lint $(LINT_BUILDS) \
        lint-promises lint-cppcheck lint-tidy run-tidy size format install dist clean help
