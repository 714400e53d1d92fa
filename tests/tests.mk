# Test programs: tests/unit, tests/loop and tests/port; what they link; how all tests are run.

UNIT_TESTS = $(sort $(wildcard tests/unit/test_*.c))
LOOP_TESTS = $(sort $(wildcard tests/loop/test_*.c))
PORT_TESTS = $(filter-out $(if $(filter linux,$(PORT)),,$(ONLY_LINUX)),$(EVERY_PORT))
EVERY_PORT = $(sort $(wildcard tests/port/test_*.c tests/port/contract.c))
ONLY_LINUX = tests/port/test_facts.c # it lays out a /proc and a /sys
SCRIPTED   = $(sort $(wildcard tests/port/scripted*.c))
BENCH_SRC  = $(sort $(wildcard tests/bench/*.c))
FUZZ_SRC   = $(sort $(wildcard tests/fuzz/fuzz_*.c))

# The other .c files beside the tests help them.
HELPERS = $(filter-out $(UNIT_TESTS) $(LOOP_TESTS) $(EVERY_PORT) $(SCRIPTED), \
          $(sort $(wildcard tests/unit/*.c tests/loop/*.c tests/port/*.c))) tests/system/$(PORT).c

# $(call test,SOURCES): the programs that they become.
test      = $(patsubst %.c,$(OUT)/tests/%$(EXE),$(notdir $1))
CONTRACT2 = $(call test,contract_scripted.c)
TESTS     = $(call test,$(UNIT_TESTS) $(PORT_TESTS) $(LOOP_TESTS)) $(CONTRACT2)

# Scripts start processes and send signals as POSIX knows them; from Linux they reach Wine, too.
SCRIPTS = $(if $(ON_WINDOWS),,$(sort $(wildcard $(foreach kind,sh py js, \
          tests/e2e/test_*.$(kind) tests/interop/test_*.$(kind)))))
INTEROP = $(sort $(wildcard $(foreach kind,py js, \
          tests/interop/test_*.$(kind) tests/interop/stock_*.$(kind))))

# ---- Building -------------------------------------------------------------------------------------

$(OUT)/obj/libscripted.a: $(call objects,$(SCRIPTED))
$(OUT)/obj/libhelpers.a: $(call objects,$(HELPERS))

# A test takes what it needs from archives. Those in tests/loop run over a scripted network instead of
# the port, and the scripted one has to keep the contract of the port as well.
WSIO     = $(OUT)/obj/libhelpers.a $(OUT)/obj/libwsio.a
REAL     = $(WSIO) $(OUT)/obj/libport.a
PRETENDS = $(WSIO) $(OUT)/obj/libscripted.a

$(TESTS): EXTRA_LIBS = $(if $(CMOCKA),,-lcmocka)
$(TESTS): $(if $(CMOCKA),$(OUT)/obj/libcmocka.a)
$(TESTS) $(call test,$(BENCH_SRC)): | $(OUT)/tests/

$(call test,$(UNIT_TESTS)): $(OUT)/tests/%$(EXE): $(OUT)/obj/tests/unit/%.o $(REAL)
	$(link)
$(call test,$(PORT_TESTS)): $(OUT)/tests/%$(EXE): $(OUT)/obj/tests/port/%.o $(REAL)
	$(link)
$(call test,$(BENCH_SRC)): $(OUT)/tests/%$(EXE): $(OUT)/obj/tests/bench/%.o $(REAL)
	$(link)
$(call test,$(LOOP_TESTS)): $(OUT)/tests/%$(EXE): $(OUT)/obj/tests/loop/%.o $(PRETENDS)
	$(link)
$(CONTRACT2): $(OUT)/obj/tests/port/contract.o $(PRETENDS)
	$(link)

# CMOCKA: a folder with its sources, where there is no library for the target.
ifneq ($(CMOCKA),)
$(call objects,$(TEST_SRC)): EXTRA += -isystem $(CMOCKA)/include
$(OUT)/obj/libcmocka.a: $(OUT)/obj/cmocka.o
$(OUT)/obj/cmocka.o: $(CMOCKA)/src/cmocka.c $(OUT)/obj/flags | $(DIRS)
	$(call say,CC      $<)
	$(Q)$(CC) -w -I$(CMOCKA)/include $(CODE) -c -o $@ $<
$(CMOCKA)/src/cmocka.c:
	$(Q)sh tests/deps.sh win
endif

programs: all $(TESTS)
all programs:
	@$(TRUE)

# ---- Running ---------------------------------------------------------------------------------------

deps: ## install what tests and checks need (Debian; root or sudo)
	$(Q)sh tests/deps.sh

# `make -j deps all`: nothing is compiled before its tools are there.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(OUT)/obj/flags: | deps
endif

# After all other goals that may compile the same files.
BEFORE = $(filter deps all bench programs interop lint san,$(MAKECMDGOALS))
test: $(BEFORE) ## every test; the last line counts them
	$(Q)+$(again) programs $(call test,statistics.c power.c)
	$(Q)WSIO_BIN=$(OUT) sh tests/run.sh $(TESTS) $(SCRIPTS)

interop: all ## every test with stock peers, which it installs; and a table of them
	$(Q)sh tests/deps.sh peers
	$(Q)WSIO_BIN=$(OUT) TEST_TIMEOUT=240 TEST_SUMMARY=tests/interop/table.py \
	    sh tests/run.sh $(INTEROP)

.PHONY: programs deps test interop
