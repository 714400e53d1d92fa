# wsio: what is built, from which sources, with which flags. `make help` lists every target.
#
#   make                     both programs, into build/
#   make bench               the comparison on this machine
#   make deps test           installs what the tests need, then runs every test
#   make interop             tests with the clients and servers that people use
#   make win test-win        the Windows programs, and every test of them under Wine
#
# It respects CC, CFLAGS, CPPFLAGS, LDFLAGS, V=1 (show commands), WERROR=1 (a warning is an error),
# PORT (linux or win32), OUT (where to build), PREFIX and DESTDIR (where to install).

ifeq ($(origin CC),default)
CC      = gcc
endif
CFLAGS ?= -O2 -g
AR      = $(or $(patsubst %-gcc,%-ar,$(filter %-gcc,$(CC))),ar)
OUT    ?= build
PREFIX ?= /usr/local

# Windows sets OS, and a cross compiler for Windows has mingw32 in its name.
ON_WINDOWS = $(filter Windows_NT,$(OS))
PORT ?= $(if $(or $(ON_WINDOWS),$(findstring mingw32,$(CC))),win32,linux)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

Q   = $(if $(V),,@)
say = $(if $(V),,$(info $()  $1))

# MKDIR, RM, RMDIR, TRUE and NULL in the words of the shell that make runs, sh or cmd.exe.
include ports/win32/shell.mk

# ---- Sources ------------------------------------------------------------------------------------

PORT_DIRS_linux = ports/posix ports/linux
PORT_DIRS_win32 = ports/win32
EXE_win32       = .exe
EXE             = $(EXE_$(PORT))
ifeq ($(PORT_DIRS_$(PORT)),)
$(error PORT=$(PORT) is not known; there are: linux, win32)
endif

# A program is its main and what that needs of the library and the port. Tests link the same two.
MAINS    = src/server/main.c src/client/main.c
LIB_SRC  = $(filter-out $(MAINS),$(sort $(wildcard src/*/*.c src/*/*/*.c)))
PORT_SRC = $(sort $(wildcard $(PORT_DIRS_$(PORT):%=%/*.c)))
TEST_SRC = $(sort $(wildcard tests/*/*.c))

SERVER = $(OUT)/wsio-server$(EXE)
CLIENT = $(OUT)/wsio-client$(EXE)

objects = $(patsubst %.c,$(OUT)/obj/%.o,$1)
DIRS    = $(sort $(OUT)/obj/ $(OUT)/tests/ $(OUT)/fuzz/ \
          $(dir $(call objects,$(MAINS) $(LIB_SRC) $(PORT_SRC) $(TEST_SRC))))

# ---- Flags: one set for every unit ----------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wvla $(if $(WERROR),-Werror)
INCLUDES = -Isrc -Iports

# Both programs parse bytes from strangers. `make lint` proves each of these from the binaries.
#   -fPIE -pie                    the program lies at a random address
#   -fstack-protector-strong      an overflowed array is found before its function returns
#   -fstack-clash-protection      no frame steps over the page that guards the stack
#   -fcf-protection               x86: an indirect call can only reach the start of a function
#   -z relro -z now               the table of library functions is read-only before main starts
#   -z noexecstack, separate-code only code can be executed
# Windows: --dynamicbase and --high-entropy-va (64 bit) are random addresses, --nxcompat says that only code
# can be executed. Its ABI touches each page of a large frame without a flag.
WANTED_linux = -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection
LINKED_linux = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
WANTED_win32 = -fstack-protector-strong
LINKED_win32 = -fstack-protector-strong -Wl,--dynamicbase,--nxcompat \
               $(if $(filter x86_64-% aarch64-%,$(shell $(CC) -dumpmachine)),-Xlinker --high-entropy-va)

# $(call known,FLAGS): the flags, if this compiler takes them for this processor without a warning. One
# call asks for all; only a compiler that lacks one is asked for each.
known   = $(if $(shell $(PROBE) $1 2>$(NULL) && echo yes),$1)
PROBE   = $(CC) $(CFLAGS) -Werror -fsyntax-only -x c src/base/status.h
HARDEN := $(or $(call known,$(WANTED_$(PORT))),$(foreach flag,$(WANTED_$(PORT)),$(call known,$(flag))))

#   _FORTIFY_SOURCE               a copy that would overflow its array ends the program
# It needs the optimiser, and would hide errors from a sanitizer. Level 3 also knows computed sizes, and
# needs gcc 12. A level in CFLAGS or CPPFLAGS stays.
OPTIMISED  = $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))
FORTIFY_AT = $(if $(filter 4 5 6 7 8 9 10 11,$(firstword $(subst ., ,$(shell $(CC) -dumpversion)))),2,3)
ifeq ($(findstring -fsanitize,$(CFLAGS))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),)
HARDEN += $(if $(OPTIMISED),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY_AT))
endif

# MinGW has two families of printf; this is the one that knows C99's formats. -static: a program needs
# no DLL of the compiler. -municode: the start hands over arguments in UTF-16.
SYSTEM_win32 = -D__USE_MINGW_ANSI_STDIO=1
STATIC_win32 = -static
LIBS_win32   = -lws2_32 -lbcrypt -lpsapi
MAIN_win32   = -municode

CODE    := -std=c11 $(SYSTEM_$(PORT)) $(HARDEN) $(CPPFLAGS) $(CFLAGS)
COMPILE  = $(CC) $(CODE) $(WARNINGS) $(INCLUDES)
LINK    := $(CC) $(CFLAGS) $(LINKED_$(PORT)) $(STATIC_$(PORT)) $(LDFLAGS)
LIBS     = -lm $(LIBS_$(PORT))

# ---- Stamps: texts that cause a rebuild when they change -------------------------------------------

COMMIT   = $(or $(shell git describe --always --dirty 2>$(NULL)),unknown)
# The first line of what --version prints. Make joins the lines; the second one starts with one of these.
COMPILER = $(call before,Copyright,$(call before,Target:,$(shell $(CC) --version)))
before   = $(subst ^, ,$(firstword $(subst ^$1, ,$(subst $(SPACE),^,$2))))
SPACE    = $() $()

# measure/machine/environment.c includes this, so that the report names its build. No shell quotes it.
define BUILD_TEXT
#define WSIO_COMPILER "$(strip $(COMPILER))"
#define WSIO_FLAGS "$(subst ",\",$(subst \,\\,$(strip $(CODE))))"
#define WSIO_COMMIT "$(COMMIT)"
endef
TEXT_flags   := $(COMPILE) | $(LINK) $(LIBS) | $(COMPILER)
TEXT_sources := $(LIB_SRC) $(PORT_SRC) $(TEST_SRC)
TEXT_build.h := $(BUILD_TEXT)

STAMPS = $(OUT)/obj/flags $(OUT)/obj/sources $(OUT)/obj/build.h
same   = $(and $(findstring [$(strip $1)],[$(strip $2)]),$(findstring [$(strip $2)],[$(strip $1)]))
holds  = $(call same,$(file <$1),$(TEXT_$(notdir $1)))
.PHONY: $(foreach stamp,$(STAMPS),$(if $(call holds,$(stamp)),,$(stamp)))
# Make expands $(file) under -n, too.
$(STAMPS): | $(OUT)/obj/
	$(if $(findstring n,$(firstword -$(MAKEFLAGS))),,$(file >$@,$(TEXT_$(@F))))

# ---- Compiling and linking --------------------------------------------------------------------------

all: $(SERVER) $(CLIENT) ## both programs (the default)

$(DIRS):
	$(Q)$(call MKDIR,$@)

$(OUT)/obj/%.o: %.c $(OUT)/obj/flags | $(DIRS)
	$(call say,CC      $<)
	$(Q)$(COMPILE) $(EXTRA) -MMD -MP -c -o $@ $<

ENVIRONMENT = $(OUT)/obj/src/measure/machine/environment.o
$(ENVIRONMENT): $(OUT)/obj/build.h
$(ENVIRONMENT): EXTRA = -include $(OUT)/obj/build.h

$(OUT)/obj/libwsio.a: $(call objects,$(LIB_SRC))
$(OUT)/obj/libport.a: $(call objects,$(PORT_SRC))
$(OUT)/obj/lib%.a: $(OUT)/obj/sources
	$(call say,AR      $@)
	$(Q)$(call RM,$@)
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

# The objects and archives that the target asks for; EXTRA and EXTRA_LIBS are its own.
define link
	$(call say,LINK    $@)
	$(Q)$(LINK) $(EXTRA) -o $@ $(filter %.o,$^) \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(EXTRA_LIBS) $(LIBS)
endef

$(SERVER) $(CLIENT): private EXTRA = $(MAIN_$(PORT))
$(SERVER) $(CLIENT): $(OUT)/wsio-%$(EXE): $(OUT)/obj/src/%/main.o \
    $(OUT)/obj/libwsio.a $(OUT)/obj/libport.a
	$(link)

-include $(wildcard $(DIRS:%=%*.d))

# ---- Running and handing over -------------------------------------------------------------------------

bench: all ## the comparison of raw TCP, WebSocket and Socket.IO on this machine
	$(Q)$(call native,$(CLIENT))

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
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(filter %Makefile %.mk,$(MAKEFILE_LIST)) | \
	    expand -t 16

.PHONY: all bench install dist clean help

# ---- In files of their own ------------------------------------------------------------------------

# This Makefile once more, two jobs at a time unless -j was given; $(call build,DIR): in $(OUT)/DIR.
again = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) --no-print-directory
build = $(again) OUT=$(OUT)/$1

# Building and running tests; lint, sanitizers, fuzzing, sizes; Windows from another system.
include tests/tests.mk tests/checks.mk ports/win32/cross.mk
