# Checks beyond the tests: sanitizers, fuzzing, lint, sizes, the format of the sources.

FUZZ_SECONDS ?= 20

# Every object of this port.
OTHER_PORTS = $(filter-out tests/system/$(PORT).c,$(wildcard tests/system/*.c))
objects: $(call objects,$(MAINS) $(LIB_SRC) $(PORT_SRC) $(filter-out $(OTHER_PORTS),$(TEST_SRC)))
	@$(TRUE)

# ---- Builds that find errors while they run ----------------------------------------------------------

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
san: ## every test with AddressSanitizer and UBSan
	$(Q)+$(call build,san) CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZE)" test

fuzz: ## each fuzz target for FUZZ_SECONDS (clang)
	$(Q)+$(call build,fuzzing) CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link $(SANITIZE)" run-fuzz

FUZZERS = $(FUZZ_SRC:tests/fuzz/%.c=$(OUT)/fuzz/%)
$(FUZZERS): private EXTRA = -fsanitize=fuzzer
$(FUZZERS): $(OUT)/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(WSIO) | $(OUT)/fuzz/
	$(link)

run-fuzz: $(FUZZERS)
	$(Q)sh tests/fuzz.sh $(OUT)/fuzz $(FUZZ_SECONDS) $^

# ---- Attacks ---------------------------------------------------------------------------------------

ATTACK = WSIO_BIN=$(OUT) python3 tests/attack/attack.py
RUNS  ?= 5
attack: all ## every attack beside good clients, RUNS times (5: two hours), from one address and from two
	$(Q)code=0; $(ATTACK) --runs $(RUNS) || code=1; \
	    $(ATTACK) --runs $(RUNS) --two-addresses || code=1; exit $$code

attack-quick: all ## the attacks once, for a second each
	$(Q)$(ATTACK) --quick

# ---- Lint ------------------------------------------------------------------------------------------

LINTS = lint-gcc-O0 lint-clang-m32 lint-promises lint-hardening lint-cppcheck lint-tidy
lint: $(LINTS) ## compilers, analysers, format, hardening, and the promises of the design

# Everything compiled in four ways for Linux, and the programs for Windows. Each warning is an error.
lint-gcc:       ; $(Q)+$(call build,lint/gcc) CC=gcc CFLAGS="-O2 -g" WERROR=1 programs objects
lint-gcc-O0:    ; $(Q)+$(call build,lint/gcc-O0) CC=gcc CFLAGS=-O0 WERROR=1 objects
lint-clang:     ; $(Q)+$(call build,lint/clang) CC=clang CFLAGS="-O2 -g" WERROR=1 all objects
lint-clang-m32: ; $(Q)+$(call build,lint/clang-m32) CC=clang WERROR=1 objects \
	CFLAGS="-O1 -m32 -idirafter /usr/include/x86_64-linux-gnu"
lint-win: $(filter win,$(MAKECMDGOALS))
	$(Q)sh tests/deps.sh mingw
	$(Q)+$(call cross,win64,x86_64) WERROR=1 all
	$(Q)+$(call cross,win32,i686) WERROR=1 all

lint-promises: lint-gcc
	$(Q)sh tests/lint.sh $(OUT)/lint/gcc/obj

lint-hardening: lint-gcc lint-clang lint-win
	$(Q)sh tests/hardening.sh $(OUT)/lint/gcc $(OUT)/lint/clang $(OUT)/win64 $(OUT)/win32

# cppcheck 2.10 cannot parse a compound literal between ? and :, which it calls internalAstError.
LINTED = $(MAINS) $(LIB_SRC) $(PORT_SRC)
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
C_FILES = $(sort $(wildcard $(foreach top,src ports tests, \
          $(top)/*.[ch] $(top)/*/*.[ch] $(top)/*/*/*.[ch])))
run-tidy: $(LINTED:%=$(OUT)/obj/%.tidy)
$(OUT)/obj/%.tidy: % $(filter %.h,$(C_FILES)) .clang-tidy $(OUT)/obj/build.h | $(DIRS)
	$(call say,TIDY    $<)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- -std=c11 $(INCLUDES) \
	    -include $(OUT)/obj/build.h 2>$@.err || { cat $@.err; exit 1; }
	$(Q)touch $@

# ---- To look at ------------------------------------------------------------------------------------

bench-speed: $(call test,record.c) ## ns that keeping the figures costs
	$(Q)$<

bench-power: $(call test,power.c) ## how often verdicts are right, by drawing runs
	$(Q)$<

# tests/bench/sizes.c, where there is one, prints the sizes of structs.
SIZES = $(call test,$(filter %/sizes.c,$(BENCH_SRC)))
size: all $(SIZES) ## bytes of each program's sections, of the codecs, and of structs
	$(Q)size $(SERVER) $(CLIENT)
	$(Q)size -A -d $(SERVER) $(CLIENT) | grep -v '^\.debug'
	$(Q)size -t $(call objects,$(filter src/codec/%,$(LIB_SRC)))
	$(Q)$(or $(SIZES),$(TRUE))

format: ## rewrite every C file as .clang-format says
	$(Q)clang-format -i $(C_FILES)

.PHONY: attack attack-quick objects san fuzz run-fuzz lint $(LINTS) lint-gcc lint-clang lint-win run-tidy \
        bench-speed bench-power size format
